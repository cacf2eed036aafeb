// Who could know what. It is computed, not told: from the bytes that machines received and sent, the times at which they did,
// the keys they hold, the keys they find inside what they open, and the public registry. Nothing is read from the trace, and no
// state of a machine but its keys; so whatever stands here, somebody with these bytes and keys can find out, too.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "sim/opening.h"
#include "sim/recorder.h"

namespace session::sim {

/// Machines that tell one another everything.
struct Coalition {
  std::vector<MachineIndex> members;      ///< their bytes, times and keys: nodes, the seed, people
  std::vector<MachineIndex> stolen_keys;  ///< of nodes of which it has nothing else
  bool watches_links = false;             ///< sees of every packet between whom, when and how large; inside is TLS
};

/// One step of why something is known. Packets by their numbers.
struct Step {
  enum class How : std::uint8_t {
    Saw,          ///< the packet came to a member, left one, or was watched
    Opened,       ///< a layer, with the key of `whose`; the packet is where the layer was seen, or what it lay in
    OpenedFound,  ///< a layer, with a key that was found inside another
    SameBytes,    ///< the packet is, byte for byte, what lay in a layer or was seen elsewhere
    SameAnswer,   ///< the packet and `other` are the same sealed answer
    SameKey,      ///< the packet and `other` have the same ephemeral key
  } how = How::Saw;
  std::uint64_t packet = 0;
  std::uint64_t other = 0;
  std::optional<MachineIndex> whose = std::nullopt;
  friend bool operator==(const Step&, const Step&) = default;
};
using Why = std::vector<Step>;

/// This machine, which is no node, asked: its address is known.
struct AddressKnown {
  MachineIndex who;
  friend auto operator<=>(const AddressKnown&, const AddressKnown&) = default;
};
/// The request is for this account.
struct AccountKnown {
  Account account;
  std::string method;
  bool is_forwarded = false;  ///< read in what one member of its swarm told another
  friend auto operator<=>(const AccountKnown&, const AccountKnown&) = default;
};
/// It goes on to this node.
struct HopKnown {
  NodeId next;
  friend auto operator<=>(const HopKnown&, const HopKnown&) = default;
};
/// It passed from one to the other.
struct PassageKnown {
  MachineIndex from, to;
  friend auto operator<=>(const PassageKnown&, const PassageKnown&) = default;
};
struct SizeClassKnown {
  std::size_t bytes = 0;
  friend auto operator<=>(const SizeClassKnown&, const SizeClassKnown&) = default;
};
/// It names this message of a mailbox.
struct MessageKnown {
  MessageHash hash;
  friend auto operator<=>(const MessageKnown&, const MessageKnown&) = default;
};
using What = std::variant<AddressKnown, AccountKnown, HopKnown, PassageKnown, SizeClassKnown, MessageKnown>;

struct Fact {
  What what;
  Instant at;
  Why why;
};

/// What is known to be one request of somebody, and everything about it.
struct SeenRequest {
  std::vector<Fact> facts;
  Instant begin;               ///< the first that was seen of it
  std::optional<Instant> end;  ///< the last of its answer
  std::size_t size_class = 0;  ///< 0: not known
  Why joined;                  ///< why its parts are one
  /// The first fact of a kind; null when there is none.
  template <class Kind>
  [[nodiscard]] const Kind* first() const {
    for (const Fact& fact : facts)
      if (const auto* kind = std::get_if<Kind>(&fact.what)) return kind;
    return nullptr;
  }
};

/// Both ends of one request, joined by bytes.
struct Link {
  std::size_t request = 0;  ///< in Knowledge::requests
  MachineIndex address;
  AccountKnown account;
  Why why;
};

/// A request whose account is known, and all whose address is known that it could be by their times and sizes: no knowledge,
/// and the fewer there are, the less doubt.
struct Suspicion {
  std::size_t request = 0;
  std::vector<std::size_t> candidates;
  std::size_t addresses = 0;  ///< different ones among them
};

struct Knowledge {
  std::vector<SeenRequest> requests;  ///< of clients, by time
  std::vector<Link> links;
  std::vector<Suspicion> suspicions;
  std::set<Account> mailboxes;  ///< named in what members of a swarm exchange when they compare what they keep
  std::uint64_t packets = 0;    ///< that it saw
  std::uint64_t forgotten = 0;  ///< packets that the recorder, not the coalition, no longer had
};

/// The closure: everything that follows, at the moment to which `recorder` has come. `world` gives the keys of the coalition
/// and the registry.
[[nodiscard]] Knowledge know(const Recorder& recorder, const World& world, const Coalition& coalition);

}  // namespace session::sim

// The one stream of facts. Machines note what happened; log lines, pictures, metrics, recorders and test oracles read it.
// A fact is a plain struct with a name and its fields, so that every reader (text, JSON, digest) is written once.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"

namespace session::trace {

/// A machine in a world or a process: its place in the driver's table of machines.
struct MachineIndex {
  std::uint32_t value = 0;
  friend auto operator<=>(MachineIndex, MachineIndex) = default;
};

// What each fact is: its struct, its name, and `fields`, which names its members in order for all readers.
// NOLINTBEGIN(bugprone-macro-parentheses): the macro makes declarations
#define SESSION_FACT(Name, ...)               \
  static constexpr const char* kName = #Name; \
  [[nodiscard]] auto fields() const { return std::tie(__VA_ARGS__); }
// NOLINTEND(bugprone-macro-parentheses)

// --- facts of a service node ---------------------------------------------------------------------------------------------

/// A message is in this node's store, committed before any answer says so.
struct Stored {
  Account account;
  MessageHash hash;
  Namespace ns = 0;
  Instant expiry;
  std::uint32_t size = 0;  ///< bytes of data
  bool already = false;    ///< it was there before
  bool from_peer = false;  ///< a member of the swarm forwarded it
  SESSION_FACT(Stored, account, hash, ns, expiry, size, already, from_peer)
};
/// A member of the swarm answered the forwarded request.
struct PeerAnswered {
  NodeId peer;
  std::uint16_t status = 0;  ///< HTTP status; 0 when there was no answer in time
  SESSION_FACT(PeerAnswered, peer, status)
};
/// A mailbox was read.
struct Retrieved {
  Account account;
  Namespace ns = 0;
  std::uint32_t count = 0;
  SESSION_FACT(Retrieved, account, ns, count)
};
/// A message reached its expiry and was removed.
struct Expired {
  std::uint32_t count = 0;
  SESSION_FACT(Expired, count)
};
/// A request was refused; nothing changed.
struct Refused {
  std::uint16_t status = 0;
  std::string reason;
  SESSION_FACT(Refused, status, reason)
};
/// A mailbox was changed otherwise than by storing: messages deleted, expiries changed, subaccounts revoked.
struct Changed {
  Account account;
  std::string method;
  std::uint32_t count = 0;
  SESSION_FACT(Changed, account, method, count)
};
/// Something was handed to a listener, and not kept.
struct Relayed {
  Account account;
  std::uint32_t listeners = 0;
  std::uint32_t size = 0;
  SESSION_FACT(Relayed, account, listeners, size)
};
/// An onion layer was taken off here, and what lay inside goes on to `next` (or ends here when it is this node).
struct LayerPeeled {
  NodeId next;
  std::uint32_t size_in = 0;
  std::uint32_t size_out = 0;
  bool final_hop = false;
  SESSION_FACT(LayerPeeled, next, size_in, size_out, final_hop)
};
/// This node now belongs to another swarm, or for the first time to one.
struct SwarmChanged {
  SwarmId from;
  SwarmId to;
  std::uint64_t height = 0;
  std::uint32_t members = 0;
  SESSION_FACT(SwarmChanged, from, to, height, members)
};

// --- facts of a client ---------------------------------------------------------------------------------------------------

/// An outgoing message moved from one named state to another (client::Delivery).
struct DeliveryMoved {
  std::uint64_t message = 0;  ///< the outbox row
  SessionId to;
  std::string from_state;
  std::string to_state;
  std::string reason;  ///< why, when it moved back or failed
  SESSION_FACT(DeliveryMoved, message, to, from_state, to_state, reason)
};
/// A contact moved from one named state to another (client::Contact).
struct ContactMoved {
  SessionId contact;
  std::string from_state;
  std::string to_state;
  SESSION_FACT(ContactMoved, contact, from_state, to_state)
};
/// A stamp was found.
struct StampFound {
  std::uint64_t message = 0;
  std::uint64_t trials = 0;
  std::int64_t micros = 0;
  SESSION_FACT(StampFound, message, trials, micros)
};
/// A request left in onion layers over a path.
struct OnionSent {
  CallId call;
  NodeId guard;
  NodeId middle;
  NodeId last;
  NodeId destination;
  std::uint32_t size = 0;
  std::string method;
  SESSION_FACT(OnionSent, call, guard, middle, last, destination, size, method)
};
/// Its answer came back through the same path, or a relay's refusal.
struct OnionAnswered {
  CallId call;
  std::uint16_t status = 0;  ///< out of all seals; 0 when they do not open
  std::uint32_t size = 0;
  SESSION_FACT(OnionAnswered, call, status, size)
};
/// A path was built or given up.
struct PathBuilt {
  NodeId guard;
  NodeId middle;
  NodeId last;
  SESSION_FACT(PathBuilt, guard, middle, last)
};
struct PathFailed {
  NodeId guard;
  NodeId culprit;  ///< all zero when it can't be told
  std::string reason;
  SESSION_FACT(PathFailed, guard, culprit, reason)
};
/// The swarm keeps a message: `kept_by` members of `of` said so under their signatures.
struct Kept {
  std::uint64_t message = 0;
  MessageHash hash;
  std::uint32_t kept_by = 0;
  std::uint32_t of = 0;
  SESSION_FACT(Kept, message, hash, kept_by, of)
};
/// An envelope was fetched and journalled, not yet opened.
struct Journalled {
  MessageHash hash;
  Namespace ns = 0;
  SESSION_FACT(Journalled, hash, ns)
};
/// An envelope was opened and its result saved; it is shown once.
struct Opened {
  SessionId from;
  std::string kind;
  std::int64_t sent_at = 0;
  SESSION_FACT(Opened, from, kind, sent_at)
};
/// An envelope could not be opened, or was a repetition; it is counted and left out.
struct NotOpened {
  MessageHash hash;
  std::string reason;
  SESSION_FACT(NotOpened, hash, reason)
};
/// The client's prekey bundle is in its outbox, or another's was read.
struct BundlePublished {
  std::uint32_t slot = 0;
  std::uint32_t one_time_keys = 0;
  SESSION_FACT(BundlePublished, slot, one_time_keys)
};
struct BundleRead {
  SessionId owner;
  bool found = false;
  SESSION_FACT(BundleRead, owner, found)
};

/// The time that the network's nodes tell is another than this machine's clock says; from now on it is reckoned with.
struct ClockCorrected {
  std::int64_t offset_ms = 0;  ///< to be added to the clock
  SESSION_FACT(ClockCorrected, offset_ms)
};
/// A node of the own swarm waits for what comes, or no longer does.
struct ListenBegan {
  NodeId node;
  SESSION_FACT(ListenBegan, node)
};
/// What a node that waited handed over.
struct ListenEnded {
  NodeId node;
  std::uint32_t messages = 0;
  std::uint32_t relayed = 0;
  SESSION_FACT(ListenEnded, node, messages, relayed)
};
/// Something was offered to who listens for the recipient.
struct RelayOffered {
  std::uint64_t message = 0;
  SessionId to;
  bool online = false;
  SESSION_FACT(RelayOffered, message, to, online)
};

// --- facts of the network and the registry, noted by drivers ----------------------------------------------------------------

/// A request or an answer left one machine for another.
struct PacketSent {
  MachineIndex from;
  MachineIndex to;
  std::uint64_t packet = 0;
  std::uint32_t size = 0;
  bool is_answer = false;
  SESSION_FACT(PacketSent, from, to, packet, size, is_answer)
};
struct PacketDelivered {
  std::uint64_t packet = 0;
  SESSION_FACT(PacketDelivered, packet)
};
struct PacketLost {
  std::uint64_t packet = 0;
  std::string reason;
  SESSION_FACT(PacketLost, packet, reason)
};
/// A machine went down or came back; a fault began or ended.
struct FaultBegan {
  MachineIndex machine;
  std::string kind;
  SESSION_FACT(FaultBegan, machine, kind)
};
struct FaultEnded {
  MachineIndex machine;
  std::string kind;
  SESSION_FACT(FaultEnded, machine, kind)
};
/// The registry has a new block.
struct Block {
  std::uint64_t height = 0;
  std::uint32_t nodes = 0;
  std::uint32_t swarms = 0;
  SESSION_FACT(Block, height, nodes, swarms)
};
/// A seed counted a validator's vote on a node.
struct Voted {
  NodeId voter, subject;
  std::uint64_t height = 0;  ///< of the block whose quorum the voter is in
  bool passed = false;
  SESSION_FACT(Voted, voter, subject, height, passed)
};
/// A block carried out what a quorum, or (height 0) a decree said of a node.
struct Ruled {
  NodeId node;
  std::string ruling;
  std::uint64_t height = 0;
  std::uint32_t votes = 0;
  SESSION_FACT(Ruled, node, ruling, height, votes)
};
/// The newest blocks are no more; `height` is the newest now.
struct Undone {
  std::uint64_t height = 0;
  std::uint32_t blocks = 0;
  SESSION_FACT(Undone, height, blocks)
};
/// A scenario's step was carried out.
struct Step {
  std::string text;
  SESSION_FACT(Step, text)
};

// --- later facts of a service node: at the end of the list, so that the numbers of the others stay ---------------------------

/// This node and a member of its swarm compared what they keep, and exchanged what differed.
struct Repaired {
  NodeId peer;
  std::uint32_t taken = 0;  ///< messages and tombstones that this node lacked
  std::uint32_t given = 0;  ///< that the peer lacked
  SESSION_FACT(Repaired, peer, taken, given)
};
/// Messages that belong to another swarm now: so many of its members have them that this node no longer keeps them.
struct Moved {
  Account account;
  SwarmId to;
  std::uint32_t messages = 0;
  std::uint32_t acknowledged = 0;  ///< by so many members
  SESSION_FACT(Moved, account, to, messages, acknowledged)
};
/// A client drew a one-time key from another's prekey bundle, and began a session with it.
struct SessionBegun {
  SessionId with;
  std::uint32_t one_time_key = 0;  ///< 0: the bundle had none
  SESSION_FACT(SessionBegun, with, one_time_key)
};

/// What a node said, or who claims to be one, cannot be true: its signature is another's, its keys are not whose it says, or it
/// is not what its name says. Nothing of it counts.
struct Disbelieved {
  NodeId node;
  std::string reason;
  SESSION_FACT(Disbelieved, node, reason)
};

using Fact = std::variant<Stored, PeerAnswered, Retrieved, Expired, Refused, LayerPeeled, SwarmChanged, DeliveryMoved,
                          ContactMoved, StampFound, OnionSent, OnionAnswered, PathBuilt, PathFailed, Kept, Journalled, Opened,
                          NotOpened, BundlePublished, BundleRead, PacketSent, PacketDelivered, PacketLost, FaultBegan,
                          FaultEnded, Block, Step, Changed, Relayed, ClockCorrected, ListenBegan, ListenEnded, RelayOffered,
                          Repaired, Moved, Voted, Ruled, Undone, SessionBegun, Disbelieved>;

/// A fact with its time and the machine that noted it.
struct Record {
  Instant at;
  MachineIndex who;
  Fact fact;
};

/// "Stored".
[[nodiscard]] const char* name_of(const Fact& fact);
/// Canonical bytes: the fact's number in the list and its fields in order, integers as 8 bytes little-endian, texts with their
/// length before them. What the digest of a run is made of.
void append_canonical(Bytes& to, const Record& record);
/// One line for people: the name and the fields in order, `PeerAnswered 1f0a93c2 200`. Keys are cut to their first 8 digits,
/// accounts to 10.
[[nodiscard]] std::string to_text(const Fact& fact);

}  // namespace session::trace

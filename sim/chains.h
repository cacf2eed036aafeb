// Requests on their way, each layer opened with the key of the one node that it is for: what every node alone contributes to
// joining a client's address with the account that it asks for. From this follows for any set of nodes, without opening
// anything again, whether it joins them; sim/knowledge.h does the same for one set, and says why.
#pragma once

#include <map>
#include <vector>

#include "sim/opening.h"
#include "sim/world.h"

namespace session::sim {

/// A layer between two machines, and its answer.
struct Passage {
  std::uint64_t exchange = 0;
  MachineIndex from, to;
  bool is_of_client = false;  ///< so `to` sees the address
  Print layer{};
  ByteArray<32> ephemeral{};
  std::vector<Print> inside;          ///< layers that `to` finds in it
  std::optional<NamedRequest> named;  ///< what `to` reads in it
  std::optional<Print> answer;        ///< when it is sealed
};
/// One request: passages whose layers lie in one another, the outermost first.
struct Chain {
  std::vector<Passage> passages;
  Instant begin;
  [[nodiscard]] const Passage* of_client() const;
  [[nodiscard]] const Passage* to_destination() const;
  [[nodiscard]] bool has_both_ends() const { return of_client() != nullptr && to_destination() != nullptr; }
};

/// Whether those for whom `has` is set, by MachineIndex, know from bytes and keys that the client's address and the account
/// belong together: by layers that lie in one another, and by an answer that passes two hops as it is.
[[nodiscard]] bool joins(const Chain& chain, const std::vector<bool>& has);

class Chains {
 public:
  explicit Chains(const World& world) : world_(world) {}
  /// Packets in the order in which they were sent.
  void add(const PacketOnLink& packet, Instant now);
  /// Those whose client has its answer; they are forgotten here.
  [[nodiscard]] std::vector<Chain> take_answered();
  /// Those that began before this; they are forgotten here.
  [[nodiscard]] std::vector<Chain> take_begun_before(Instant time);

 private:
  [[nodiscard]] Passage open(const PacketOnLink& packet, const onion::Outer& outer);
  [[nodiscard]] Chain take(std::uint64_t chain);

  const World& world_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Chain> chains_;
  std::map<std::uint64_t, std::uint64_t> of_exchange_;
  std::map<Print, std::uint64_t> of_layer_;  ///< that was found in another, or seen
  std::vector<std::uint64_t> answered_;
  std::map<std::uint32_t, crypto::X25519Pair> keys_;
};

}  // namespace session::sim

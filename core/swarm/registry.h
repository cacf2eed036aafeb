// What everybody knows of the service nodes at one block: an immutable snapshot, shared by whoever needs it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/ids.h"
#include "core/crypto/keys.h"
#include "core/pow/policy.h"
#include "core/wire/answers.h"
#include "core/wire/registry.h"

namespace session::swarm {

class Registry {
 public:
  /// Nodes may come in any order; ids are distinct.
  Registry(std::uint64_t height, const ByteArray<32>& block_hash, pow::NetworkParameters network,
           std::vector<wire::RegistryEntry> nodes);

  [[nodiscard]] std::uint64_t height() const { return height_; }
  [[nodiscard]] const ByteArray<32>& block_hash() const { return block_hash_; }
  [[nodiscard]] const pow::NetworkParameters& network() const { return network_; }
  /// In ascending order of their ids.
  [[nodiscard]] const std::vector<wire::RegistryEntry>& nodes() const { return nodes_; }
  /// Null when it is not listed.
  [[nodiscard]] const wire::RegistryEntry* find(const NodeId& id) const;
  /// Ascending, only swarms that have active members.
  [[nodiscard]] std::span<const SwarmId> swarm_ids() const { return ids_; }
  /// The swarm that keeps this account's messages; kNoSwarm in an empty network.
  [[nodiscard]] SwarmId swarm_of(const Account& account) const;
  /// Active members in ascending order; empty for an unknown swarm.
  [[nodiscard]] std::span<const NodeId> members(SwarmId swarm) const;
  /// The rest follows from these.
  friend bool operator==(const Registry& a, const Registry& b) {
    return a.height_ == b.height_ && a.block_hash_ == b.block_hash_ && a.network_ == b.network_ && a.nodes_ == b.nodes_;
  }

 private:
  std::uint64_t height_;
  ByteArray<32> block_hash_;
  pow::NetworkParameters network_;
  std::vector<wire::RegistryEntry> nodes_;
  std::vector<SwarmId> ids_;
  std::map<SwarmId, std::vector<NodeId>> swarms_;
};
using RegistrySnapshot = std::shared_ptr<const Registry>;

/// One snapshot for all on this thread who know the same: the one that somebody has already, or this. The list is long, and a
/// program may run many machines. Nothing is kept that nobody holds.
[[nodiscard]] RegistrySnapshot shared(Registry registry);
/// Errors: Malformed for an answer that only says "unchanged".
[[nodiscard]] Result<RegistrySnapshot> from_wire(const wire::RegistryAnswer& answer);
/// What is wrong with a list, by what it says alone.
using Doubt = std::function<Result<void>(const Registry&)>;
/// An answer to get_service_nodes as it came, of somebody who may lie. What somebody on this thread has read and still holds is
/// not read again. The keys of the nodes are looked at last, where there is no doubt, and only of those that `known`, if it is
/// not null, does not list with the same key: each costs about 50 µs, and a stranger's list may have 20 000. Errors: as
/// wire::parse_registry_answer, Malformed for "unchanged", the doubt's, and Unauthentic for a key that is not its node's.
[[nodiscard]] Result<RegistrySnapshot> read_registry(BytesView answer, const Registry* known = nullptr,
                                                     const Doubt& doubt = {});
[[nodiscard]] wire::RegistryAnswer to_wire(const Registry& registry);
/// The swarm as get_swarm and a 421 show it.
[[nodiscard]] wire::SwarmAnswer swarm_answer(const Registry& registry, SwarmId swarm, wire::AnswerHead head);

}  // namespace session::swarm

// Who tests whom at a block, and what follows from the votes. Times that the network states in hours are so many blocks of 120
// s and shrink with a network's block time. Source: service-node.md 1.4 and 1.5, profile.md 5.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/time.h"
#include "core/swarm/registry.h"

namespace session::swarm {

inline constexpr std::size_t kValidators = 10;
inline constexpr std::size_t kVotesToAct = 7;
inline constexpr std::size_t kTestedAtLeast = 50;
inline constexpr std::size_t kTestedPercent = 1;
inline constexpr std::int64_t kInitialCredit = 60;  ///< blocks of downtime; also what a decommission needs
inline constexpr std::int64_t kMaxCredit = 1440;
inline constexpr std::uint64_t kBlocksPerCredit = 30;  ///< 24 a day of 720 blocks
inline constexpr std::uint64_t kVoteLifetime = 60;     ///< blocks
inline constexpr std::uint64_t kReorgBuffer = 11;      ///< blocks that may be undone

/// So many half blocks of this network.
[[nodiscard]] constexpr Millis half_blocks(std::int64_t count, Millis block_time) { return {count * block_time.count / 2}; }
/// Between two proofs of a node: 1 h; the second is refused within 30 min; one is good for 2 h 5 min.
[[nodiscard]] constexpr Millis proof_period(Millis block_time) { return half_blocks(60, block_time); }
[[nodiscard]] constexpr Millis proof_gap(Millis block_time) { return half_blocks(30, block_time); }
[[nodiscard]] constexpr Millis proof_validity(Millis block_time) { return half_blocks(125, block_time); }
/// A node that has failed its peers' tests for so long is voted out: 1 h 5 min (service-node.md 5.4, modern).
[[nodiscard]] constexpr Millis failing_time(Millis block_time) { return half_blocks(65, block_time); }

/// The validators of one block and the nodes that they judge. Empty where the network has not enough active nodes for a whole
/// quorum and one to be tested: in so small a network nobody is decommissioned for anything.
struct Quorum {
  std::uint64_t height = 0;
  ByteArray<32> block_hash{};
  std::vector<NodeId> validators;  ///< none or 10
  std::vector<NodeId> tested;      ///< the decommissioned among them
  [[nodiscard]] bool has_validator(const NodeId& node) const;
  [[nodiscard]] bool has_tested(const NodeId& node) const;
};
/// Drawn from the block's hash, of the nodes in ascending order of their ids.
[[nodiscard]] Quorum quorum_of(const Registry& registry);

/// How long a node may be away, in blocks: grows with good service, shrinks while it is decommissioned.
struct Credit {
  std::int64_t blocks = kInitialCredit;  ///< at `since`
  std::uint64_t since = 0;               ///< height
  bool is_active = true;
  /// Negative when it is used up. In steps that lie at the same heights for everybody, so that whoever begins in the middle
  /// counts alike.
  [[nodiscard]] std::int64_t at(std::uint64_t height) const;
  friend bool operator==(const Credit&, const Credit&) = default;
};

/// What seven votes do to a node.
enum class Ruling : std::uint8_t { None, Decommission, Deregister, Recommission };
[[nodiscard]] const char* name_of(Ruling ruling);
/// By its state: failing nodes with credit are decommissioned, without they are deregistered; who passes again comes back.
[[nodiscard]] Ruling ruling_for(bool passed, bool is_active, std::int64_t credit);

}  // namespace session::swarm

// Who is in which swarm: the rule by which everybody computes the same swarms from the same list of nodes and the same block.
// Source: service-node.md 2.1 to 2.4, with (size, id) as the order of swarms and the guard inside the dissolve loop.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "core/base/ids.h"

namespace session::swarm {

inline constexpr std::size_t kMinimumSize = 5;  ///< fewer are starving
inline constexpr std::size_t kIdealMargin = 2;
inline constexpr std::size_t kNewSwarmSize = 7;
inline constexpr std::size_t kFillPercentile = 25;
inline constexpr std::size_t kDissolvePercentile = 0;
inline constexpr std::size_t kStealPercentile = 75;

/// Swarms by id, their members in the order in which they came. Nodes without a swarm stand under kNoSwarm.
using SwarmMap = std::map<SwarmId, std::vector<NodeId>>;

/// Uniform draws as the network makes them: the top of the range is refused, and one draw is consumed even for n = 1.
/// Source: 2.3.
class SwarmDice {
 public:
  explicit SwarmDice(std::uint64_t seed) : twister_(seed) {}
  /// In [0, n), n > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t n);

 private:
  std::mt19937_64 twister_;
};

/// The first 8 bytes of a block's hash, little-endian.
[[nodiscard]] std::uint64_t seed_of(const ByteArray<32>& block_hash);

/// Places the nodes under kNoSwarm, fills starving swarms by theft, creates swarms from the excess and dissolves what still
/// starves. Afterwards nobody is under kNoSwarm, and no swarm has fewer than 5 members unless it is the only one.
void assign_swarms(SwarmMap& map, std::uint64_t seed);

}  // namespace session::swarm

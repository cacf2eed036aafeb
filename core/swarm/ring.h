// The 64-bit ring on which swarms and accounts have their places. Source: service-node.md 2.5, 2.7 and 2.8 (the modern rule).
#pragma once

#include <cstdint>
#include <span>

#include "core/base/ids.h"

namespace session::swarm {

/// The largest id a swarm can have; the value above it means "none".
inline constexpr std::uint64_t kMaxSwarmId = ~std::uint64_t{0} - 1;

/// An account's place: the four big-endian u64 of its key, xor-ed. No hashing; the prefix takes no part. Source: 2.7.
[[nodiscard]] std::uint64_t ring_point(const Account& account);

/// The swarm that keeps what lies at `point`: the nearer of the two neighbours around the ring, the left one of equals.
/// `ids` ascend; kNoSwarm when there are none. Source: 2.8, modern.
[[nodiscard]] SwarmId swarm_at(std::span<const SwarmId> ids, std::uint64_t point);

/// Where the next swarm goes: the middle of the widest gap. `ids` ascend. Source: 2.5.
[[nodiscard]] SwarmId new_swarm_id(std::span<const SwarmId> ids);

}  // namespace session::swarm

#include "core/swarm/ring.h"

#include <algorithm>

#include "core/base/mutant.h"

namespace session::swarm {

std::uint64_t ring_point(const Account& account) {
  std::uint64_t point = 0;
  for (std::size_t i = 0; i < 4; ++i) point ^= load_big<std::uint64_t>(account.key().data() + 8 * i);
  return point;
}

SwarmId swarm_at(std::span<const SwarmId> ids, std::uint64_t point) {
  if (ids.empty()) return kNoSwarm;
  if (ids.size() == 1) return ids[0];
  auto right = std::lower_bound(ids.begin(), ids.end(), SwarmId{point});
  if (right == ids.end()) right = ids.begin();
  const auto left = right == ids.begin() ? std::prev(ids.end()) : std::prev(right);
  // Unsigned differences are distances around the ring.
  std::uint64_t to_right = right->value - point, to_left = point - left->value;
  if (mutant::is_on(Mutant::S2) && right < left) --(right->value < point ? to_right : to_left);
  return to_right < to_left ? *right : *left;
}

SwarmId new_swarm_id(std::span<const SwarmId> ids) {
  if (ids.empty()) return SwarmId{0};
  std::uint64_t gap = 0, left = 0;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    const std::uint64_t width = ids[i].value - ids[i - 1].value;
    if (width > gap) gap = width, left = ids[i - 1].value;
  }
  const std::uint64_t wrap = kMaxSwarmId - ids.back().value + ids.front().value + 1;
  if (wrap > gap) gap = wrap, left = ids.back().value;
  const std::uint64_t half = gap / 2, room = kMaxSwarmId - left;
  return SwarmId{half > room ? half - room - 1 : left + half};
}

}  // namespace session::swarm

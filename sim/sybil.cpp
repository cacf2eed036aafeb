#include "sim/sybil.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "core/swarm/assignment.h"

namespace session::sim {

SybilPrice sybil_price(const swarm::Registry& honest, std::uint64_t percent) {
  assert(percent >= 1 && percent <= 99);
  const auto active = static_cast<std::uint64_t>(
      std::ranges::count_if(honest.nodes(), [](const wire::RegistryEntry& node) { return node.active; }));
  SybilPrice price;
  price.nodes = (active * percent + (100 - percent) - 1) / (100 - percent);
  price.stake = price.nodes * honest.network().staking_requirement;
  price.fraction = static_cast<double>(price.nodes) / static_cast<double>(std::max<std::uint64_t>(1, active + price.nodes));
  const double honest_share = 1 - price.fraction;
  price.has_swarm_member = 1 - std::pow(honest_share, swarm::kNewSwarmSize);
  price.sees_both_ends = (1 - std::pow(honest_share, honest.network().guards)) * price.has_swarm_member;
  return price;
}

}  // namespace session::sim

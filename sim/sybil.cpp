#include "sim/sybil.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "core/swarm/assignment.h"

namespace session::sim {

namespace {

/// That more than a half of so many draws succeed, each with this chance.
double chance_of_most(double each, std::size_t draws) {
  double ways = 1, sum = 0;  // of choosing k of the draws
  for (std::size_t k = 0; k <= draws; ++k) {
    if (2 * k > draws) sum += ways * std::pow(each, k) * std::pow(1 - each, draws - k);
    ways = ways * static_cast<double>(draws - k) / static_cast<double>(k + 1);
  }
  return sum;
}

}  // namespace

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
  price.has_swarm_majority = chance_of_most(price.fraction, swarm::kNewSwarmSize);
  price.sees_both_ends = (1 - std::pow(honest_share, honest.network().guards)) * price.has_swarm_member;
  return price;
}

}  // namespace session::sim

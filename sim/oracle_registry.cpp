// What the nodes believe of one another.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/oracles.h"

namespace session::sim {
namespace {

constexpr std::size_t kFewestMembers = 5;

class RegistryOracle final : public Oracle {
 public:
  void check(Court& court) override {
    std::map<std::uint64_t, swarm::RegistrySnapshot>& heights = seen_;
    look_at(court.world().registry(), "seed", heights, court);
    for (std::size_t i = 0; i < court.world().nodes(); ++i) {
      const MachineIndex node = court.world().node(i);
      look_at(court.world().service_node(node).registry(), court.name(node), heights, court);
    }
  }

 private:
  static void look_at(const swarm::RegistrySnapshot& registry, const std::string& whose,
                      std::map<std::uint64_t, swarm::RegistrySnapshot>& heights, Court& court) {
    if (!registry) return;
    court.look("N1");
    const auto [at, is_new] = heights.emplace(registry->height(), registry);
    if (!are_same(*at->second, *registry))
      court.violate("N1", fmt::format("at height {} {} knows another network than others", registry->height(), whose));
    if (!is_new) return;
    court.look("S1");
    if (const auto wrong = wrong_with_swarms(*registry))
      court.violate("S1", fmt::format("at height {}: {}", registry->height(), *wrong));
  }

  std::map<std::uint64_t, swarm::RegistrySnapshot> seen_;
};

}  // namespace

bool are_same(const swarm::Registry& a, const swarm::Registry& b) {
  return &a == &b || (a.height() == b.height() && a.block_hash() == b.block_hash() && a.nodes() == b.nodes() &&
                      a.network() == b.network() &&
                      std::equal(a.swarm_ids().begin(), a.swarm_ids().end(), b.swarm_ids().begin(), b.swarm_ids().end()));
}

std::optional<std::string> wrong_with_swarms(const swarm::Registry& registry) {
  std::set<NodeId> members;
  for (const SwarmId id : registry.swarm_ids()) {
    const auto swarm = registry.members(id);
    if (registry.swarm_ids().size() > 1 && swarm.size() < kFewestMembers)
      return fmt::format("a swarm of {} nodes among {}", swarm.size(), registry.swarm_ids().size());
    for (const NodeId& node : swarm)
      if (!members.insert(node).second) return fmt::format("node {} is in two swarms", node.hex().substr(0, 8));
  }
  for (const wire::RegistryEntry& node : registry.nodes())
    if (node.active != members.contains(node.id))
      return fmt::format("node {} is in no swarm, or inactive in one", node.id.hex().substr(0, 8));
  return std::nullopt;
}

std::unique_ptr<Oracle> registry_oracle() { return std::make_unique<RegistryOracle>(); }

}  // namespace session::sim

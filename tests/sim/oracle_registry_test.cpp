#include "tests/sim/court.h"

namespace session::sim {
namespace {

swarm::Registry snapshot(const std::vector<std::size_t>& sizes, std::uint64_t height = 7) {
  std::vector<wire::RegistryEntry> nodes;
  for (std::size_t swarm = 0; swarm < sizes.size(); ++swarm)
    for (std::size_t i = 0; i < sizes[swarm]; ++i) {
      wire::RegistryEntry entry;
      entry.id.key[0] = static_cast<std::byte>(swarm);
      entry.id.key[1] = static_cast<std::byte>(i);
      entry.swarm = SwarmId{swarm};
      nodes.push_back(entry);
    }
  return {height, {}, {}, nodes};
}

TEST(RegistryOracle, FindsNodesThatKnowAnotherNetworkAtTheSameHeight) {  // N1
  EXPECT_TRUE(are_same(snapshot({7, 7}), snapshot({7, 7})));
  EXPECT_FALSE(are_same(snapshot({7, 7}), snapshot({7, 8})));
  auto nodes = snapshot({7, 7}).nodes();
  nodes[3].swarm = SwarmId{1};
  EXPECT_FALSE(are_same(snapshot({7, 7}), swarm::Registry(7, {}, {}, nodes)));
}

TEST(RegistryOracle, FindsSwarmsThatAreTooSmallAndNodesInNone) {  // S1
  EXPECT_FALSE(wrong_with_swarms(snapshot({3})));                 // all there is
  EXPECT_FALSE(wrong_with_swarms(snapshot({5, 10})));
  EXPECT_TRUE(wrong_with_swarms(snapshot({4, 10})));
  auto nodes = snapshot({7, 7}).nodes();
  nodes[0].swarm = kNoSwarm;
  EXPECT_TRUE(wrong_with_swarms(swarm::Registry(7, {}, {}, nodes)));
  nodes[0].active = false;
  EXPECT_FALSE(wrong_with_swarms(swarm::Registry(7, {}, {}, nodes)));
}

}  // namespace
}  // namespace session::sim

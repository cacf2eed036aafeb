// A registry that rules on its nodes, in a world whose blocks come every five seconds.
#include <gtest/gtest.h>

#include "sim/oracles.h"

namespace session::sim {
namespace {

class Obligations : public testing::Test {
 protected:
  World world = [] {
    WorldConfig c;
    c.seed = 4;
    c.nodes = 14;
    c.people = {"Alice"};
    c.network = *pow::preset("today");
    c.network.block_time = seconds(5);
    return World(c);
  }();
  Oracles oracles{world};

  void pass(Millis span) {
    const Instant until = world.now() + span;
    while (world.now() < until) {
      world.run_until(std::min(until, world.now() + seconds(30)), &oracles);
      oracles.check();
    }
    ASSERT_TRUE(oracles.violations().empty()) << oracles.violations()[0].oracle << ' ' << oracles.violations()[0].what;
  }
  [[nodiscard]] const wire::RegistryEntry* entry(MachineIndex node) const {
    return world.registry()->find(world.service_node(node).id());
  }
};

TEST_F(Obligations, WhoIsDownLongEnoughIsDecommissionedAndRecommissionedWhenItIsBack) {
  pass(minutes(6));  // validators vote after two hours of a network with blocks of two minutes
  for (const auto& node : world.registry()->nodes()) EXPECT_TRUE(node.active);
  const MachineIndex away = world.node(7);
  world.set_down(away, true, &oracles);
  pass(minutes(5));
  ASSERT_NE(entry(away), nullptr);
  EXPECT_FALSE(entry(away)->active);
  EXPECT_EQ(entry(away)->decommission_count, 1u);
  world.set_down(away, false, &oracles);
  pass(minutes(3));
  ASSERT_NE(entry(away), nullptr);
  EXPECT_TRUE(entry(away)->active);
  EXPECT_TRUE(world.service_node(away).is_ready());
  EXPECT_GT(oracles.cases().at("N2"), 20u);
}

TEST_F(Obligations, WhoStaysAwayIsDroppedAndItsStakeStaysLocked) {
  pass(minutes(6));
  const MachineIndex away = world.node(2);
  const NodeId id = world.service_node(away).id();
  world.set_down(away, true, &oracles);
  pass(minutes(12));
  EXPECT_EQ(world.registry()->find(id), nullptr);
  const swarm::Purse* purse = world.chain().stakes().find(id);
  ASSERT_NE(purse, nullptr);
  EXPECT_EQ(purse->staked, 0u);
  EXPECT_EQ(purse->locked.at(0).amount, world.config().network.staking_requirement);
  EXPECT_TRUE(world.was_dropped(away));
  EXPECT_FALSE(world.was_dropped(world.node(3)));
}

}  // namespace
}  // namespace session::sim

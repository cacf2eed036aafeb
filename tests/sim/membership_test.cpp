#include <gtest/gtest.h>

#include "core/client/event.h"
#include "sim/world.h"

namespace session::sim {
namespace {

WorldConfig config() {
  WorldConfig c;
  c.seed = 5;
  c.nodes = 14;
  c.people = {"Alice", "Bob"};
  c.network = *pow::preset("today");
  return c;
}
/// Past the next block, and until everybody has heard of it.
void pass_block(World& world) { world.run_until(world.now() + world.config().network.block_time + seconds(15), nullptr); }

TEST(Membership, NamesOfNodesAndTheirNumbersGoBothWays) {
  for (const std::size_t i : {0u, 7u, 99u, 100u, 12'345u}) EXPECT_EQ(node_number(node_name(i)), i);
  for (const char* name : {"", "node-", "node-7", "node-007", "node-1x", "seed", "Node-07", "node-99999999999"})
    EXPECT_FALSE(node_number(name)) << name;
}

TEST(Membership, ANodeThatJoinsIsAMemberFromTheNextBlockOn) {
  World world(config());
  const MachineIndex alice = *world.person("Alice");
  const MachineIndex late = world.add_node(nullptr);
  EXPECT_EQ(world.names()[late.value], "node-14");
  EXPECT_EQ(world.node(14), late);
  EXPECT_EQ(world.nodes(), 15u);
  EXPECT_TRUE(world.is_node(late));
  EXPECT_FALSE(world.is_person(late));
  EXPECT_TRUE(world.is_person(alice));
  EXPECT_EQ(world.person("Alice"), alice);
  EXPECT_EQ(world.people().size(), 2u);
  const NodeId id = world.service_node(late).id();
  EXPECT_EQ(world.registry()->find(id), nullptr);
  pass_block(world);
  ASSERT_NE(world.registry()->find(id), nullptr);
  EXPECT_TRUE(world.service_node(late).is_ready());
  EXPECT_EQ(world.machine_of(id), late);
  // The others know it too, and somebody who comes now gets the next index.
  EXPECT_NE(world.service_node(world.node(0)).registry()->find(id), nullptr);
  const auto carol = world.add_person("Carol", std::nullopt, nullptr);
  ASSERT_TRUE(carol);
  EXPECT_EQ(carol->value, late.value + 1);
  EXPECT_EQ(world.people().back(), *carol);
  EXPECT_EQ(world.client(*carol).name(), "Carol");
}

TEST(Membership, WhoLeavesIsNoMemberAndMayComeAgain) {
  World world(config());
  const MachineIndex node = world.node(3);
  const NodeId id = world.service_node(node).id();
  world.leave_node(node);
  EXPECT_TRUE(world.has_left(node));
  EXPECT_EQ(world.members().size(), 13u);
  pass_block(world);
  EXPECT_EQ(world.registry()->find(id), nullptr);
  EXPECT_FALSE(world.service_node(node).is_ready());
  EXPECT_FALSE(world.is_down(node));
  EXPECT_EQ(world.node(3), node);
  world.set_down(node, true, nullptr);
  world.rejoin_node(node, nullptr);
  EXPECT_FALSE(world.is_down(node));
  pass_block(world);
  EXPECT_TRUE(world.service_node(node).is_ready());
  EXPECT_EQ(world.members().size(), 14u);
}

TEST(Membership, ACopyRunsOnAlikeAndTheOriginalDoesNotSeeIt) {
  World world(config());
  world.run_until(world.now() + seconds(30), nullptr);
  World copy = world;
  Digest one, two;
  copy.add_node(&two);
  copy.leave_node(copy.node(1));
  copy.run_until(copy.now() + minutes(5), &two);
  EXPECT_EQ(world.nodes(), 14u);
  world.add_node(&one);
  world.leave_node(world.node(1));
  world.run_until(world.now() + minutes(5), &one);
  EXPECT_EQ(one.hex(), two.hex());
  EXPECT_EQ(copy.nodes(), 15u);
  EXPECT_EQ(copy.names()[17], "node-14");
}

TEST(Membership, MessagesPassThroughNodesThatCameLater) {
  World world(config());
  for (int i = 0; i < 8; ++i) world.add_node(nullptr);
  pass_block(world);
  for (std::size_t i = 0; i < 10; ++i) world.leave_node(world.node(i));
  pass_block(world);
  const MachineIndex alice = *world.person("Alice"), bob = *world.person("Bob");
  for (const auto who : {alice, bob}) static_cast<void>(world.command(who, client::GoOnline{}, nullptr));
  world.run_until(world.now() + minutes(2), nullptr);
  ASSERT_FALSE(world.command(alice, client::Ask{world.client(bob).id(), "hello"}, nullptr)->refused);
  // Both know the list of before, and learn from nodes that others are gone.
  world.run_until(world.now() + minutes(3), nullptr);
  ASSERT_EQ(world.account(bob).events().value().size(), 1u);
}

}  // namespace
}  // namespace session::sim

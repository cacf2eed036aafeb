#include "tests/sim/friends.h"

namespace session::sim {
namespace {

class Faults : public Friends {
 protected:
  void SetUp() override { befriend("hello"); }
  [[nodiscard]] MachineIndex member_of_bob() const {
    const auto& registry = *world.registry();
    return *world.machine_of(registry.members(registry.swarm_of(id(bob).account))[0]);
  }
  /// Bob is away, Alice writes; by how many it is kept.
  std::size_t kept_by() {
    world.set_down(bob, true, reader);
    const auto outcome = run(alice, client::Send{id(bob), "words for later", {}});
    pass(minutes(2));
    return world.account(alice).outbox(outcome.delivery).value().value().kept_by;
  }
};

TEST_F(Faults, AFullDiskKeepsNothingNewAndIsStillRead) {
  const MachineIndex node = member_of_bob();
  const auto count = world.mail(node).count();
  EXPECT_GT(count, 0u);
  world.set_disk_fault(node, World::DiskFault::Full, reader);
  const std::size_t members = world.registry()->members(world.registry()->swarm_of(id(bob).account)).size();
  EXPECT_EQ(kept_by(), members - 1);
  EXPECT_EQ(world.mail(node).count(), count);
  EXPECT_EQ(world.disk_fault(node), World::DiskFault::Full);
  EXPECT_TRUE(world.service_node(node).is_ready());
}

TEST_F(Faults, ADiskThatFailsAnswersAgainWhenItWorks) {
  const MachineIndex node = member_of_bob();
  world.set_disk_fault(node, World::DiskFault::Error, reader);
  const std::size_t members = world.registry()->members(world.registry()->swarm_of(id(bob).account)).size();
  EXPECT_EQ(kept_by(), members - 1);
  world.set_disk_fault(node, World::DiskFault::None, reader);
  pass();
  EXPECT_TRUE(world.service_node(node).is_ready());
  world.set_down(bob, false, reader);
  run(bob, client::GoOnline{});
  pass(minutes(2));
  EXPECT_EQ(last(bob).body, last(alice).body);
  run(alice, client::Send{id(bob), "and more", {}});
  pass(minutes(1));
  world.check_invariants();
}

TEST_F(Faults, WhoIsLateHearsOfNoBlockUntilItIsCurrentAgain) {
  const MachineIndex node = world.node(3);
  world.set_late(node, true, reader);
  EXPECT_TRUE(world.is_late(node));
  const auto height = world.service_node(node).registry()->height();
  pass(minutes(5));
  EXPECT_EQ(world.service_node(node).registry()->height(), height);
  EXPECT_GE(world.service_node(world.node(4)).registry()->height(), height + 2);
  world.set_late(node, false, reader);
  pass();
  EXPECT_EQ(world.service_node(node).registry()->height(), world.registry()->height());
}

TEST_F(Faults, AfterAForkEverybodyEndsOnTheLongerBranch) {
  pass(minutes(10));
  const auto old = world.registry();
  EXPECT_EQ(world.fork(3, reader), 3u);
  EXPECT_EQ(world.registry()->height(), old->height() + 1);
  pass();
  for (std::size_t i = 0; i < world.nodes(); ++i)
    EXPECT_EQ(world.service_node(world.node(i)).registry()->block_hash(), world.registry()->block_hash());
}

TEST_F(Faults, ADriftingClockIsWrongByMoreAndMore) {
  world.set_clock_drift(alice, 500);
  pass(seconds(2'000));
  EXPECT_EQ(world.clock_error(alice), seconds(1));
  EXPECT_EQ(world.clock(alice).drift(), 500);
  world.set_clock_error(alice, {});
  world.set_clock_drift(alice, 0);
  EXPECT_TRUE(world.clock(alice).is_true(world.now()));
}

}  // namespace
}  // namespace session::sim

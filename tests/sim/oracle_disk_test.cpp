#include "tests/sim/court.h"

namespace session::sim {
namespace {

class DiskOracle : public Judged {
 protected:
  const MachineIndex node = member(bob);
  [[nodiscard]] trace::Stored stored(bool already) const {
    return {id(bob).account, {std::string(43, 'A')}, 0, world.now() + days(1), 10, already, false};
  }
  void says_no_room() { note(trace::PeerAnswered{world.service_node(node).id(), 507}, member(bob, 1)); }
};

TEST_F(DiskOracle, FindsWhatAFullDiskSaysItTook) {  // C4
  world.set_disk_fault(node, World::DiskFault::Full, reader);
  note(stored(true), node);
  EXPECT_EQ(found(), "");
  note(stored(false), node);
  EXPECT_EQ(found(), "C4");
}

TEST_F(DiskOracle, FindsARefusalForWantOfRoomThatIsThere) {  // C4
  world.set_disk_fault(node, World::DiskFault::Full, reader);
  says_no_room();
  world.set_disk_fault(node, World::DiskFault::None, reader);
  says_no_room();
  EXPECT_EQ(found(), "") << "it may still be under way";
  pass(minutes(1));
  says_no_room();
  EXPECT_EQ(found(), "C4");
}

TEST_F(DiskOracle, FindsWhatIsSaidBeforeItIsCommitted) {  // C2
  ASSERT_TRUE(world.disk(node).begin());
  note(stored(true), node);
  world.disk(node).rollback();
  EXPECT_EQ(found(), "C2");
}

TEST_F(DiskOracle, FindsPacketsThatLeaveBeforeTheCommit) {  // C2
  ASSERT_TRUE(world.disk(node).begin());
  const Bytes body;
  oracles.on_link({1, world.now(), body, node, alice, true, true});
  EXPECT_EQ(found(), "") << "a copy is the network's";
  oracles.on_link({1, world.now(), body, node, alice, true, false});
  world.disk(node).rollback();
  EXPECT_TRUE(found().starts_with("C2")) << found();
}

}  // namespace
}  // namespace session::sim

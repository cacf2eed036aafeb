#include "core/base/mutant.h"
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

TEST_F(DiskOracle, FindsAFullDiskThatCannotBeRead) {  // C4
  world.set_disk_fault(node, World::DiskFault::Full, reader);
  std::vector<NodeId> relays;
  for (std::size_t i = 0; relays.size() < 3; ++i)
    if (world.node(i) != node) relays.push_back(world.service_node(world.node(i)).id());
  const auto reads = [&](std::uint16_t status) {
    note(trace::OnionSent{{1}, relays[0], relays[1], relays[2], world.service_node(node).id(), 700, "retrieve"}, bob);
    note(trace::OnionAnswered{{1}, status, 900}, bob);
    return found();
  };
  EXPECT_EQ(reads(200), "");
  EXPECT_EQ(reads(401), "");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(reads(507), "") << "a write beside it failed";
  EXPECT_EQ(reads(200), "");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(reads(i % 2 == 0 ? 507 : 500), "");
  EXPECT_EQ(reads(507), "C4");
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

/// The power of most of Bob's swarm fails while it keeps a message for him.
TEST_F(DiskOracle, FindsWhatAPowerCutTakesFromANodeThatSpeaksTooEarly) {  // D1
  const auto cut = [&] {
    world.set_down(bob, true, reader);
    for (std::size_t i = 0; i < 5; ++i) world.set_power_failing(member(bob, i), true);
    run(alice, client::Send{id(bob), "kept, they say"});
    pass(minutes(1));
    for (std::size_t i = 0; i < 5; ++i) world.set_down(member(bob, i), false, reader);
    pass();
  };
  cut();
  EXPECT_EQ(found(), "");
  if (!mutant::kAreBuilt) return;
  const mutant::Scope scope(Mutant::C2);
  cut();
  EXPECT_NE(found().find("D1"), std::string::npos) << found();
}

}  // namespace
}  // namespace session::sim

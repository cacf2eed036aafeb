#include <algorithm>

#include "core/client/delivery.h"
#include "sim/marks.h"
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
  Marks marks;
  reader = &marks;
  world.set_disk_fault(node, World::DiskFault::Full, reader);
  const std::size_t members = world.registry()->members(world.registry()->swarm_of(id(bob).account)).size();
  EXPECT_EQ(kept_by(), members - 1);
  EXPECT_GT(marks.seen()[static_cast<std::size_t>(Mark::DiskFull)], 0u);
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

// --- disks, each in its way ------------------------------------------------------------------------------------------------

TEST_F(Faults, WhoLooksAtAFailingDiskSeesWhatItHolds) {
  const MachineIndex node = member_of_bob();
  const auto count = world.mail(node).count();
  ASSERT_GT(count, 0u);
  for (const auto fault : {World::DiskFault::Error, World::DiskFault::Flaky, World::DiskFault::Damaged}) {
    world.set_disk_fault(node, fault, reader, 1'000'000);
    pass(seconds(5));
    EXPECT_EQ(world.mail(node).count(), count);
    EXPECT_EQ(world.disk_fault(node), fault);
  }
}

TEST_F(Faults, AFlakyDiskFailsAsOftenAsItIsSaidTo) {
  const MachineIndex node = member_of_bob();
  const std::size_t members = world.registry()->members(world.registry()->swarm_of(id(bob).account)).size();
  world.set_disk_fault(node, World::DiskFault::Flaky, reader, 1'000'000);
  EXPECT_EQ(kept_by(), members - 1);
  world.set_disk_fault(node, World::DiskFault::None, reader);
  pass();
  world.set_disk_fault(node, World::DiskFault::Flaky, reader, 10);
  EXPECT_EQ(kept_by(), members);
  EXPECT_TRUE(world.service_node(node).is_ready());
  // More of the same is another fault.
  world.set_disk_fault(node, World::DiskFault::Flaky, reader, 1'000'000);
  EXPECT_EQ(kept_by(), members - 1);
}

TEST_F(Faults, WhatASyncThatFailedLeavesIsAllOrNothingAndNeverSaid) {
  const MachineIndex node = member_of_bob();
  const std::size_t members = world.registry()->members(world.registry()->swarm_of(id(bob).account)).size();
  world.set_disk_fault(node, World::DiskFault::Sync, reader);
  int left = 0, nothing = 0;
  for (int i = 0; i < 8; ++i) {
    const auto before = world.mail(node).count();
    EXPECT_EQ(kept_by(), members - 1);
    (world.mail(node).count() > before ? left : nothing) += 1;
  }
  EXPECT_GT(left, 0);
  EXPECT_GT(nothing, 0);
  EXPECT_FALSE(world.mail(node).in_transaction());
}

TEST_F(Faults, WhoeverNeedsADamagedPageFailsAndNobodyElse) {
  const MachineIndex node = member_of_bob();
  const std::size_t members = world.registry()->members(world.registry()->swarm_of(id(bob).account)).size();
  int failed = 0, passed = 0;
  for (int round = 0; round < 12; ++round) {  // each draws another page
    world.set_disk_fault(node, World::DiskFault::Damaged, reader);
    const std::size_t kept = kept_by();
    EXPECT_GE(kept, members - 1) << "another node failed";
    (kept < members ? failed : passed) += 1;
  }
  EXPECT_GT(failed, 0);
  EXPECT_GT(passed, 0);
  EXPECT_FALSE(world.mail(node).in_transaction());
  world.set_disk_fault(node, World::DiskFault::None, reader);
  pass(minutes(2));
  EXPECT_TRUE(world.service_node(node).is_ready());
  world.set_down(bob, false, reader);
  run(bob, client::GoOnline{});
  pass(minutes(2));
  EXPECT_EQ(last(bob).body, last(alice).body);
}

/// Facts of one kind.
class Facts final : public TraceReader {
 public:
  void on(const trace::Record& record) override {
    if (const auto* stored = std::get_if<trace::Stored>(&record.fact)) stores.emplace_back(record.who, stored->hash);
    if (const auto* fault = std::get_if<trace::FaultBegan>(&record.fact)) faults.push_back(fault->kind);
  }
  std::vector<std::pair<MachineIndex, MessageHash>> stores;
  std::vector<std::string> faults;
};

TEST_F(Faults, APowerCutLeavesTheLastWriteWholeOrAbsentAndSaysNothingOfIt) {
  const MachineIndex node = member_of_bob();
  world.set_down(bob, true, nullptr);
  int left = 0, nothing = 0;
  for (int i = 0; i < 6; ++i) {
    Facts facts;
    reader = &facts;
    const auto before = world.mail(node).count();
    world.set_power_failing(node, true);
    EXPECT_TRUE(world.is_power_failing(node));
    run(alice, client::Send{id(bob), "words for later", {}});
    pass(seconds(40));
    ASSERT_TRUE(world.is_down(node));
    EXPECT_EQ(std::ranges::count(facts.faults, "the power fails"), 1);
    EXPECT_FALSE(world.is_power_failing(node)) << "once";
    EXPECT_FALSE(world.mail(node).in_transaction());
    (world.mail(node).count() > before ? left : nothing) += 1;
    EXPECT_TRUE(std::ranges::none_of(facts.stores, [&](const auto& each) { return each.first == node; }));
    world.set_down(node, false, reader);
    pass(minutes(3));
    EXPECT_GT(world.mail(node).count(), before) << "it has the message of its peers by now";
  }
  EXPECT_GT(left, 0);
  EXPECT_GT(nothing, 0);
}

TEST_F(Faults, ADiskIsSparedWhileASoundOneHasAllThatIsOnIt) {
  const MachineIndex node = member_of_bob();
  const auto members = world.registry()->members(world.registry()->swarm_of(id(bob).account));
  ASSERT_GT(world.mail(node).count(), 0u);
  EXPECT_TRUE(world.is_spared(node));
  Malice malice;
  malice.add(Hostile::Withhold);
  for (std::size_t i = 1; i < members.size(); ++i) world.set_hostile(*world.machine_of(members[i]), malice, reader);
  EXPECT_FALSE(world.is_spared(node)) << "nobody honest has it";
  world.set_hostile(*world.machine_of(members[1]), {}, reader);
  EXPECT_TRUE(world.is_spared(node));
  world.set_disk_fault(*world.machine_of(members[1]), World::DiskFault::Damaged, reader);
  EXPECT_FALSE(world.is_spared(node));
}

// --- others ----------------------------------------------------------------------------------------------------------------

TEST_F(Faults, AHalfOpenConnectionLosesAnswersAlone) {
  const Side all = *world.network().side("all"), hers = *world.network().side("Alice");
  world.network().cut(all, hers, Stops::Answers);
  run(alice, client::Send{id(bob), "heard of by nobody but you", {}});
  pass(minutes(2));
  EXPECT_EQ(last(bob).body, "heard of by nobody but you");
  EXPECT_NE(last(alice).state, static_cast<std::int32_t>(client::State::Fetched)) << "no answer says so";
  world.network().mend_all();
  pass(minutes(3));
  EXPECT_EQ(last(alice).state, static_cast<std::int32_t>(client::State::Fetched));
  EXPECT_EQ(messages(bob).size(), 2u) << "and once";
}

TEST_F(Faults, ALinkThatStandsStillGivesEverythingAtOnceInItsOrder) {
  class Arrivals final : public TraceReader {
   public:
    void on(const trace::Record&) override {}
    void on_link(const PacketOnLink& packet) override { due.push_back(packet.due); }
    std::vector<Instant> due;
  } arrivals;
  const Instant until = world.now() + seconds(10);
  const Side all = *world.network().side("all");
  world.network().clog(all, all, until);
  reader = &arrivals;
  run(alice, client::Send{id(bob), "held up", {}});
  pass(seconds(9));
  ASSERT_FALSE(arrivals.due.empty());
  for (const Instant due : arrivals.due) EXPECT_EQ(due, until);
  EXPECT_NE(last(bob).body, "held up");
  pass(seconds(15));
  EXPECT_EQ(last(bob).body, "held up");
}

TEST_F(Faults, MessagesReachWhoseSwarmIsOfAnOlderVersion) {
  for (std::size_t i = 0; i < world.nodes(); ++i) world.set_version(world.node(i), Version::Today, reader);
  pass(minutes(1));
  EXPECT_EQ(world.client(bob).listening(), 0u);
  run(alice, client::Send{id(bob), "by the clock", {}});
  pass(seconds(40));
  EXPECT_EQ(last(bob).body, "by the clock");
  EXPECT_EQ(last(bob).way, static_cast<std::int32_t>(client::Way::Swarm));
}

TEST_F(Faults, OneNodeOfAnOlderVersionKeepsNobodyFromListening) {
  const auto members = world.registry()->members(world.registry()->swarm_of(id(bob).account));
  for (std::size_t i = 2; i < members.size(); ++i) world.set_version(*world.machine_of(members[i]), Version::Today, reader);
  pass(minutes(1));
  EXPECT_EQ(world.client(bob).listening(), 2u);
}

TEST_F(Faults, AClockThatStandsStillStopsNoTimer) {
  world.set_clock_stopped(bob, true);
  pass(minutes(10));
  EXPECT_EQ(world.clock_error(bob), Millis{} - minutes(10));
  run(alice, client::Send{id(bob), "what time is it?", {}});
  pass(minutes(3));
  EXPECT_EQ(last(bob).body, "what time is it?");
  world.set_clock_stopped(bob, false);
  world.set_clock_error(bob, {});
  run(bob, client::Send{id(alice), "half past", {}});
  pass(minutes(1));
  EXPECT_EQ(last(alice).body, "half past");
}

}  // namespace
}  // namespace session::sim

// Disks of people: what fails, is full, is damaged, loses its power or is put back from a backup, before the judges.
#include <algorithm>

#include "core/base/mutant.h"
#include "core/client/delivery.h"
#include "sim/explore.h"
#include "tests/sim/court.h"

namespace session::sim {
namespace {

using Fault = World::DiskFault;

class PeopleDisks : public Judged {
 protected:
  /// Whether the command was taken.
  bool gives(MachineIndex who, const client::Command& command) { return world.command(who, command, reader).has_value(); }
  bool writes(MachineIndex who, const std::string& words) {
    return gives(who, client::Send{id(who == alice ? bob : alice), words, {}});
  }
  void back_online(MachineIndex who) {
    world.set_down(who, false, reader);
    gives(who, client::GoOnline{});
  }
  /// Messages with these words.
  std::ptrdiff_t has(MachineIndex who, const std::string& words) {
    const auto rows = messages(who);
    return std::ranges::count_if(rows, [&](const auto& row) { return row.body == words; });
  }
  std::uint64_t cases(const std::string& oracle) { return oracles.cases()[oracle]; }
};

TEST_F(PeopleDisks, AFullOneCanBeReadIsToldAndGoesOnWhenThereIsRoom) {  // C4
  world.set_disk_fault(alice, Fault::Full, reader);
  const auto before = messages(alice).size();
  const auto refused = world.command(alice, client::Send{id(bob), "no room for it", {}}, reader);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Full);
  EXPECT_EQ(world.failure(alice)->code, ErrorCode::Full);
  EXPECT_TRUE(writes(bob, "for when there is room"));
  pass(minutes(3));
  EXPECT_EQ(messages(alice).size(), before);
  EXPECT_EQ(world.account(alice).contacts().value().size(), 1u);
  world.set_disk_fault(alice, Fault::None, reader);
  pass(minutes(2));
  EXPECT_FALSE(world.failure(alice));
  EXPECT_EQ(has(alice, "for when there is room"), 1);
  EXPECT_TRUE(writes(alice, "there is room"));
  pass();
  EXPECT_EQ(has(bob, "there is room"), 1);
  EXPECT_EQ(has(bob, "no room for it"), 0);
  EXPECT_GT(cases("C4"), 0u);
  EXPECT_EQ(found(), "");
}

TEST_F(PeopleDisks, OneThatFailsInAnyWayLosesAndDoublesNothing) {  // D1 to D5, R1
  int round = 0;
  for (const Fault fault : {Fault::Error, Fault::Flaky, Fault::Sync, Fault::Full}) {
    for (const MachineIndex who : {alice, bob}) world.set_disk_fault(who, fault, reader, 10'000);
    for (int i = 0; i < 3; ++i, pass(seconds(20))) {
      writes(alice, "there " + std::to_string(++round));
      writes(bob, "and back " + std::to_string(round));
    }
    for (const MachineIndex who : {alice, bob}) world.set_disk_fault(who, Fault::None, reader);
    pass(minutes(2));
    EXPECT_TRUE(writes(alice, "sound again")) << round;
  }
  pass(minutes(10));
  oracles.judge(minutes(10));
  EXPECT_EQ(found(), "");
  EXPECT_EQ(messages(alice).size(), messages(bob).size());
  EXPECT_EQ(has(bob, "sound again"), 4);
}

TEST_F(PeopleDisks, APowerCutLeavesAMessageWholeOrNotAtAll) {
  int whole = 0, nothing = 0;
  for (int i = 0; i < 10; ++i) {
    const std::string words = "before the cut " + std::to_string(i);
    world.set_power_failing(alice, true);
    EXPECT_FALSE(writes(alice, words));
    EXPECT_TRUE(world.is_down(alice));
    EXPECT_FALSE(world.is_power_failing(alice));
    (has(alice, words) == 1 ? whole : nothing) += 1;
    back_online(alice);
    pass(minutes(1));
    EXPECT_EQ(has(bob, words), has(alice, words));
    // And while something arrives.
    world.set_power_failing(alice, true);
    writes(bob, "into the cut " + std::to_string(i));
    pass();
    EXPECT_TRUE(world.is_down(alice));
    back_online(alice);
    pass(minutes(1));
    EXPECT_EQ(has(alice, "into the cut " + std::to_string(i)), 1);
  }
  EXPECT_GT(whole, 0);
  EXPECT_GT(nothing, 0);
  pass(minutes(5));
  oracles.judge(minutes(5));
  EXPECT_EQ(found(), "");
}

TEST_F(PeopleDisks, ADamagedPageIsSaidAndWhatIsElsewhereIsLeftAlone) {
  int said = 0;
  for (int i = 0; i < 8; ++i) {  // each draws another page
    world.set_disk_fault(alice, Fault::Damaged, reader);
    writes(alice, "over a damaged page");
    pass(seconds(30));
    if (const auto& failure = world.failure(alice)) {
      ++said;
      EXPECT_EQ(failure->code, ErrorCode::Damaged);
      EXPECT_TRUE(client::words_for_failure(*failure).starts_with("The account's store is damaged"));
    }
    world.set_disk_fault(alice, Fault::None, reader);
    pass(minutes(2));
  }
  EXPECT_GT(said, 0);
  EXPECT_LT(said, 8);
  EXPECT_FALSE(world.failure(alice));
  EXPECT_EQ(found(), "");
}

/// Yesterday's file is put back, though the program was never started in between.
TEST_F(PeopleDisks, AnOldCopyGoesOnAsANewDeviceAndSealsNothingTwice) {  // R1
  const auto device = world.account(alice).account().value()->device;
  world.back_up(alice);
  for (int i = 0; i < 3; ++i) writes(alice, "after the backup " + std::to_string(i)), pass();
  world.set_down(alice, true, reader);
  world.change_disk(alice, World::Disk::Old, reader);
  EXPECT_TRUE(world.was_put_back(alice));
  EXPECT_EQ(has(alice, "after the backup 0"), 0);
  back_online(alice);
  EXPECT_NE(world.account(alice).account().value()->device, device);
  pass(minutes(1));
  const auto seen = cases("R1"), told = cases("D2"), opened = cases("R2");
  for (int i = 0; i < 3; ++i) writes(alice, "of the new device " + std::to_string(i)), pass();
  pass(minutes(1));
  writes(bob, "to the new device");
  pass(minutes(1));
  for (int i = 0; i < 3; ++i) writes(bob, "and back " + std::to_string(i)), pass();
  EXPECT_GT(cases("R1"), seen);
  EXPECT_GT(cases("D2"), told) << "what is told now is judged";
  EXPECT_GT(cases("R2"), opened);
  EXPECT_EQ(has(bob, "of the new device 2"), 1);
  EXPECT_EQ(has(alice, "to the new device"), 1);
  EXPECT_EQ(found(), "");
}

TEST_F(PeopleDisks, AnOldCopyThatMissedNothingStaysWhatItWas) {
  world.set_down(alice, true, reader);
  world.change_disk(alice, World::Disk::Old, reader);
  EXPECT_FALSE(world.was_put_back(alice)) << "there is no backup";
  const auto device = world.account(alice).account().value()->device;
  back_online(alice);
  EXPECT_EQ(world.account(alice).account().value()->device, device);
}

// --- the judges --------------------------------------------------------------------------------------------------------------

TEST_F(PeopleDisks, WhatAFullOneDidAllTheSameIsFound) {  // C4
  if (!mutant::kAreBuilt) GTEST_SKIP();
  const mutant::Scope scope(Mutant::C4);
  world.set_disk_fault(alice, Fault::Full, reader);
  writes(alice, "kept nowhere, it says");
  pass();
  EXPECT_EQ(found(), "C4");
}

TEST_F(PeopleDisks, WhatLeavesBeforeItsCommitIsFound) {  // C2
  if (!mutant::kAreBuilt) GTEST_SKIP();
  const mutant::Scope scope(Mutant::C2People);
  writes(alice, "too early");
  pass();
  EXPECT_TRUE(found().starts_with("C2")) << found();
}

TEST(PeopleDisksInScenarios, AreSpoiltAndHealedBySteps) {
  const auto scenario = parse_scenario(R"({"name": "t", "description": "t", "network": {"preset": "today", "nodes": 12},
    "people": ["Alice", "Bob"], "end": "50m", "steps": [
      {"at": "20s", "do": "ask", "who": "Alice", "to": "Bob", "text": "hi"},
      {"at": "40s", "do": "accept", "who": "Bob", "from": "Alice"},
      {"at": "60s", "do": "disk-fault", "who": "Bob", "fault": "full"},
      {"at": "70s", "do": "send", "who": "Alice", "to": "Bob", "text": "one"},
      {"at": "100s", "do": "disk-fault", "who": "Bob", "fault": "none"},
      {"at": "120s", "do": "power-cut", "who": "Alice"},
      {"at": "121s", "do": "send", "who": "Bob", "to": "Alice", "text": "two"},
      {"at": "150s", "do": "online", "who": "Alice"},
      {"at": "160s", "do": "node-backup", "who": "Alice"},
      {"at": "170s", "do": "send", "who": "Alice", "to": "Bob", "text": "three"},
      {"at": "180s", "do": "disk-fault", "who": "Bob", "fault": "flaky", "share_percent": 2},
      {"at": "200s", "do": "offline", "who": "Alice"},
      {"at": "201s", "do": "online", "who": "Alice", "disk": "old"},
      {"at": "300s", "do": "calm"}], "expect": []})",
                                       "disks");
  ASSERT_TRUE(scenario) << scenario.error().message;
  const auto again = parse_scenario(write_scenario(*scenario), "again");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(write_scenario(*again), write_scenario(*scenario));
  const auto played = explore(*scenario, 4);
  EXPECT_TRUE(played.is_judged);
  for (const Violation& violation : played.violations) ADD_FAILURE() << violation.oracle << ": " << violation.what;
  Scenario stormy = *scenario;
  stormy.end = minutes(5);
  EXPECT_FALSE(wrong_with_repetition(stormy, 4));
}

}  // namespace
}  // namespace session::sim

#include "sim/storm.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace session::sim {
namespace {

Scenario scenario() {
  Scenario s;
  s.world.nodes = 14;
  s.world.people = {"Alice", "Bob"};
  s.end = minutes(10);
  return s;
}

TEST(Storm, TheSameDiceDrawTheSameStorm) {
  const auto drawn = [](std::uint64_t seed) {
    SeededRng dice(seed);
    Scenario s = scenario();
    s.steps = draw_storm(s, minutes(1), minutes(5), dice);
    return write_scenario(s);
  };
  EXPECT_EQ(drawn(1), drawn(1));
  std::set<std::string> all;
  for (std::uint64_t seed = 0; seed < 50; ++seed) all.insert(drawn(seed));
  EXPECT_GT(all.size(), 45u);
}

TEST(Storm, EveryFaultOfTheMenuIsDrawnAndNoneAlways) {
  std::map<ScenarioStep::Kind, int> drawn;
  constexpr int kStorms = 200;
  for (std::uint64_t seed = 0; seed < kStorms; ++seed) {
    SeededRng dice(seed);
    std::set<ScenarioStep::Kind> kinds;
    for (const auto& step : draw_storm(scenario(), minutes(1), minutes(5), dice)) kinds.insert(step.kind);
    for (const auto kind : kinds) ++drawn[kind];
  }
  using Kind = ScenarioStep::Kind;
  for (const Kind kind : {Kind::Link, Kind::Part, Kind::Mend, Kind::NodeDown, Kind::NodeUp, Kind::NodePause, Kind::NodeResume,
                          Kind::Slow, Kind::Clock, Kind::Offline, Kind::Online, Kind::RegistryLate, Kind::RegistryCurrent,
                          Kind::Fork, Kind::DiskFault, Kind::NodeBackup, Kind::PowerCut, Kind::Clog, Kind::Version}) {
    EXPECT_GT(drawn[kind], kStorms / 4) << static_cast<int>(kind);
    EXPECT_LT(drawn[kind], kStorms * 19 / 20) << static_cast<int>(kind);
  }
}

TEST(Storm, DisksFailInEveryWayAndAreLostOnlyWhereOthersHaveWhatWasOnThem) {
  std::set<World::DiskFault> faults;
  std::map<World::Disk, int> disks;
  std::map<Stops, int> stops;
  bool stopped = false;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SeededRng dice(seed);
    for (const auto& step : draw_storm(scenario(), minutes(1), minutes(5), dice)) {
      if (step.kind == ScenarioStep::Kind::DiskFault) faults.insert(step.fault);
      if (step.kind == ScenarioStep::Kind::NodeUp) {
        ++disks[step.disk];
        EXPECT_TRUE(step.disk == World::Disk::Kept || step.if_spared);
      }
      if (step.kind == ScenarioStep::Kind::Part) ++stops[step.stops];
      stopped = stopped || step.stopped;
    }
  }
  EXPECT_EQ(faults.size(), 6u);
  EXPECT_EQ(disks.size(), 3u);
  EXPECT_EQ(stops.size(), 3u);
  EXPECT_TRUE(stopped);
}

TEST(Storm, MostClocksAreALittleWrongAndSomeByUpToADay) {
  int little = 0, hour = 0, day = 0;
  std::set<bool> whose;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SeededRng dice(seed);
    for (const auto& step : draw_storm(scenario(), minutes(1), minutes(5), dice)) {
      if (step.kind != ScenarioStep::Kind::Clock || step.amount == Millis{}) continue;
      const Millis size = step.amount < Millis{} ? Millis{} - step.amount : step.amount;
      ++(size <= minutes(10) ? little : size <= hours(1) ? hour : day);
      EXPECT_LE(size, days(1));
      if (size > hours(1)) whose.insert(step.who.empty());
    }
  }
  EXPECT_GT(little, 2 * (hour + day));
  EXPECT_GT(hour, 20);
  EXPECT_GT(day, 20);
  EXPECT_EQ(whose.size(), 2u) << "people's, and nodes'";
}

TEST(Storm, MachinesAreSlowByATimeOrManyTimesOrBoth) {
  int by = 0, times = 0, both = 0, ended = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SeededRng dice(seed);
    for (const auto& step : draw_storm(scenario(), minutes(1), minutes(5), dice)) {
      if (step.kind != ScenarioStep::Kind::Slow) continue;
      const bool is_by = step.amount != Millis{}, is_times = step.number > 0;
      ++(is_by && is_times ? both : is_by ? by : is_times ? times : ended);
      EXPECT_TRUE(step.number == 0 || (step.number >= 2 && step.number <= World::kSlowest));
    }
  }
  EXPECT_GT(by, 10);
  EXPECT_GT(times, 10);
  EXPECT_GT(both, 10);
  EXPECT_EQ(ended, by + times + both);
}

TEST(Storm, PeopleRestoreAndMisspellAndChangeTheirMinds) {
  Scenario s = scenario();
  s.name = s.description = "drawn";
  s.world.network = *pow::preset("today");
  s.end = minutes(6);
  for (int i = 0; i < 20; ++i) {
    ScenarioStep step;
    step.kind = ScenarioStep::Kind::Send;
    step.at = minutes(1) + seconds(5 * i);
    step.who = s.world.people[0];
    step.to = s.world.people[1];
    step.text = "words";
    s.steps.push_back(step);
  }
  std::map<ScenarioStep::Kind, int> drawn;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SeededRng dice(seed);
    Scenario with = s;
    std::set<ScenarioStep::Kind> kinds;
    for (const auto& step : draw_people(s, minutes(1), minutes(5), dice)) {
      EXPECT_GE(step.at, minutes(1));
      EXPECT_LE(step.at, minutes(5));
      kinds.insert(step.kind);
      with.steps.push_back(step);
    }
    for (const auto kind : kinds) ++drawn[kind];
    const auto back = parse_scenario(write_scenario(with), "drawn");
    ASSERT_TRUE(back) << back.error().message;
  }
  using Kind = ScenarioStep::Kind;
  for (const Kind kind : {Kind::Restore, Kind::Ask, Kind::Cancel, Kind::Unsend}) {
    EXPECT_GT(drawn[kind], 25) << static_cast<int>(kind);
    EXPECT_LT(drawn[kind], 90) << static_cast<int>(kind);
  }
}

/// A page that is damaged is lost for good, which nobody survives whose ratchet lay on it.
TEST(Storm, PeoplesDisksFailInEveryWayButOneAndComeBackOld) {
  std::set<World::DiskFault> faults;
  int cuts = 0, old = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SeededRng dice(seed), follies(seed);
    for (const auto& step : draw_storm(scenario(), minutes(1), minutes(5), dice)) {
      if (step.kind == ScenarioStep::Kind::DiskFault && !step.who.empty()) faults.insert(step.fault);
      cuts += step.kind == ScenarioStep::Kind::PowerCut && !step.who.empty() ? 1 : 0;
    }
    for (const auto& step : draw_people(scenario(), minutes(1), minutes(5), follies))
      old += step.kind == ScenarioStep::Kind::Online && step.disk == World::Disk::Old ? 1 : 0;
  }
  using enum World::DiskFault;
  EXPECT_EQ(faults, (std::set{None, Error, Full, Flaky, Sync}));
  EXPECT_GT(cuts, 25);
  EXPECT_GT(old, 10);
  EXPECT_LT(old, 50);
}

TEST(Storm, WhatBeginsInItEndsInIt) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SeededRng dice(seed);
    int down = 0, still = 0, away = 0;
    for (const auto& step : draw_storm(scenario(), minutes(1), minutes(5), dice)) {
      using Kind = ScenarioStep::Kind;
      EXPECT_GE(step.at, minutes(1));
      EXPECT_LE(step.at, minutes(5));
      const bool is_cut = step.kind == Kind::PowerCut;
      down += step.kind == Kind::NodeDown || (is_cut && step.who.empty()) ? 1 : step.kind == Kind::NodeUp ? -1 : 0;
      if (step.kind == Kind::Clog) {
        EXPECT_LE(*step.until, minutes(5));
      }
      still += step.kind == Kind::NodePause ? 1 : step.kind == Kind::NodeResume ? -1 : 0;
      away += step.kind == Kind::Offline || (is_cut && !step.who.empty()) ? 1 : step.kind == Kind::Online ? -1 : 0;
    }
    EXPECT_EQ(down, 0);
    EXPECT_EQ(still, 0);
    EXPECT_EQ(away, 0);
  }
}

std::vector<ScenarioStep> adversaries(std::uint64_t seed, bool is_survivable) {
  SeededRng dice(seed);
  return draw_adversaries(scenario(), minutes(1), minutes(5), is_survivable, dice);
}

TEST(Storm, SurvivableAdversariesAreBoundAndBeyondOnesAreNot) {
  std::set<std::size_t> ways;
  int hostile = 0, spam = 0, misleading = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Scenario s = scenario();
    s.steps = adversaries(seed, true);
    EXPECT_TRUE(is_survivable(s));
    for (const ScenarioStep& step : s.steps) {
      hostile += step.kind == ScenarioStep::Kind::Hostile ? 1 : 0;
      spam += step.kind == ScenarioStep::Kind::Spam ? 1 : 0;
      misleading += step.malice.has(Hostile::Mislead) ? 1 : 0;
      EXPECT_LE(step.at, minutes(5));
      if (step.kind == ScenarioStep::Kind::Spam) {
        EXPECT_LE(*step.until, minutes(5));
      }
      for (std::size_t i = 0; i < kHostiles; ++i)
        if (step.malice.has(static_cast<Hostile>(i))) ways.insert(i);
    }
    s.steps = adversaries(seed, false);
    EXPECT_FALSE(is_survivable(s)) << seed;
  }
  EXPECT_EQ(ways.size(), kHostiles);
  EXPECT_GT(misleading, 10);
  EXPECT_GT(hostile, 150);
  EXPECT_GT(spam, 20);
}

TEST(Storm, OneMayMisleadAndTwoAreBeyondWhatIsPromised) {
  Scenario s = scenario();
  ScenarioStep step;
  step.kind = ScenarioStep::Kind::Hostile;
  step.malice.add(Hostile::Mislead);
  step.most_in_swarm = kMostTraitors;
  s.steps = {step};
  EXPECT_TRUE(is_survivable(s));
  step.node = 3;
  s.steps.push_back(step);
  EXPECT_FALSE(is_survivable(s));
  s.steps.pop_back();
  s.steps[0].number = 1;  // a share of all may be several
  EXPECT_FALSE(is_survivable(s));
}

TEST(Storm, ChurnHasEveryKindAndNeverEmptiesTheNetwork) {
  std::map<ScenarioStep::Kind, int> drawn;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SeededRng dice(seed);
    for (const ScenarioStep& step : draw_churn(scenario(), minutes(1), minutes(5), dice)) {
      ++drawn[step.kind];
      if (step.kind == ScenarioStep::Kind::NodesLeave) {
        EXPECT_EQ(step.number, 50u);
      }
    }
  }
  using Kind = ScenarioStep::Kind;
  for (const Kind kind : {Kind::NodeJoin, Kind::NodeLeave, Kind::Decommission, Kind::Recommission, Kind::NodesLeave})
    EXPECT_GT(drawn[kind], 5) << static_cast<int>(kind);
  EXPECT_EQ(drawn[Kind::Decommission], drawn[Kind::Recommission]);
  EXPECT_LT(drawn[Kind::NodeLeave], 200 * 3);
}

TEST(Storm, AdversariesAndChurnAreFilesThatReadBack) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SeededRng dice(seed);
    Scenario s = scenario();
    s.name = s.description = "drawn";
    s.world.network = *pow::preset("today");
    s.steps = adversaries(seed, seed % 2 == 0);
    for (const ScenarioStep& step : draw_churn(s, minutes(1), minutes(5), dice)) s.steps.push_back(step);
    const std::string text = write_scenario(s);
    const auto back = parse_scenario(text, "drawn");
    ASSERT_TRUE(back) << back.error().message << '\n' << text;
    EXPECT_EQ(is_survivable(*back), seed % 2 == 0);
    EXPECT_EQ(write_scenario(*back).size(), text.size());
  }
}

TEST(Storm, ADrawnStormIsAFileThatReadsBack) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SeededRng dice(seed);
    Scenario s = scenario();
    s.name = s.description = "drawn";
    s.world.network = *pow::preset("today");
    s.steps = draw_storm(s, minutes(1), minutes(5), dice);
    const std::string text = write_scenario(s);
    const auto back = parse_scenario(text, "drawn");
    ASSERT_TRUE(back) << back.error().message << '\n' << text;
    EXPECT_EQ(write_scenario(*back), text);
  }
}

}  // namespace
}  // namespace session::sim

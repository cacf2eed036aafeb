#include "sim/month.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/explore.h"

namespace session::sim {
namespace {

using Kind = ScenarioStep::Kind;

/// How long each person is away at the longest.
std::map<std::string, Millis> absences(const Scenario& month) {
  std::map<std::string, Millis> gone, longest;
  for (const ScenarioStep& step : month.steps) {
    if (step.kind == Kind::Offline) gone.try_emplace(step.who, step.at);
    if (step.kind != Kind::Online || !gone.contains(step.who)) continue;
    longest[step.who] = std::max(longest[step.who], step.at - gone[step.who]);
    gone.erase(step.who);
  }
  return longest;
}

TEST(Month, SomebodyIsAwayUntilAllOfItHasExpiredAndTheOthersComeNowAndThen) {
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    SCOPED_TRACE(seed);
    const Scenario month = draw_month(seed);
    EXPECT_GE(month.world.nodes, 8u);
    EXPECT_LE(month.world.nodes, 14u);
    EXPECT_GE(month.end, days(30));
    EXPECT_LE(month.end, days(46));
    std::vector<Millis> longest;
    for (const auto& [who, span] : absences(month)) longest.push_back(span);
    std::ranges::sort(longest);
    ASSERT_EQ(longest.size(), month.world.people.size());
    EXPECT_GE(longest.back(), days(29));
    EXPECT_LE(longest.back(), days(36));
    EXPECT_LT(longest[longest.size() - 2], days(4)) << "the others";
    EXPECT_TRUE(std::ranges::is_sorted(month.steps, {}, &ScenarioStep::at));
    EXPECT_TRUE(is_survivable(month));
    const std::string text = write_scenario(month);
    const auto back = parse_scenario(text, "month");
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(write_scenario(*back), text);
    EXPECT_EQ(write_scenario(draw_month(seed)), text);
  }
}

TEST(Month, APartOfOneIsSound) {
  Scenario part = draw_month(3, {.least = hours(8), .most = hours(10), .away_least = hours(4), .away_most = hours(5)});
  part.world.fidelity = Fidelity::Modelled;
  const Exploration found = explore(part, 3);
  EXPECT_TRUE(found.is_judged);
  for (const Violation& violation : found.violations) ADD_FAILURE() << violation.oracle << ": " << violation.what;
}

TEST(Month, NodesAreDownForHoursAndDaysAndLinksPartedForSecondsAndDays) {
  Millis shortest_cut = days(99), longest_cut, shortest_outage = days(99), longest_outage;
  std::set<Kind> kinds;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Scenario month = draw_month(seed);
    std::map<std::size_t, Millis> down;
    std::map<std::pair<std::string, std::string>, Millis> cut;
    for (const ScenarioStep& step : month.steps) {
      kinds.insert(step.kind);
      const std::pair sides{step.from_side, step.to_side};
      if (step.kind == Kind::NodeDown && step.swarm_of.empty()) down.try_emplace(step.node, step.at);
      if (step.kind == Kind::Part) cut.try_emplace(sides, step.at);
      if (step.kind == Kind::NodeUp && down.contains(step.node)) {
        longest_outage = std::max(longest_outage, step.at - down[step.node]);
        shortest_outage = std::min(shortest_outage, step.at - down[step.node]);
        down.erase(step.node);
      }
      if (step.kind == Kind::Mend && cut.contains(sides)) {
        longest_cut = std::max(longest_cut, step.at - cut[sides]);
        shortest_cut = std::min(shortest_cut, step.at - cut[sides]);
        cut.erase(sides);
      }
    }
  }
  EXPECT_LT(shortest_cut, minutes(10));
  EXPECT_GT(longest_cut, days(1));
  EXPECT_LE(longest_cut, days(3));
  EXPECT_LT(shortest_outage, hours(2));
  EXPECT_GT(longest_outage, days(2));
  for (const Kind kind : {Kind::Hostile, Kind::Clock, Kind::RegistryLate, Kind::NodeJoin, Kind::Link, Kind::Slow, Kind::Clog})
    EXPECT_TRUE(kinds.contains(kind)) << static_cast<int>(kind);
}

}  // namespace
}  // namespace session::sim

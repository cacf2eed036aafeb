// Fault sites of the product, in worlds.
#include <gtest/gtest.h>

#include <bit>

#include "sim/explore.h"

namespace session::sim {
namespace {

constexpr std::string_view kFile = R"({"name": "n", "description": "d", "network": {"nodes": 12}, "people": ["Alice", "Bob"],
  "steps": [], "end": "1m", "expect": [],
  "sites": )";

std::string said_of(std::string_view sites) {
  const auto parsed = parse_scenario(std::string(kFile) + std::string(sites) + "}", "file");
  return parsed ? "" : parsed.error().message;
}

TEST(Sites, AreReadAndWrittenByTheirNames) {
  if (!site::kAreBuilt) {
    EXPECT_NE(said_of(R"(["busy-node"])").find("file:3: sites[0]: this build has no fault sites"), std::string::npos);
    return;
  }
  const auto parsed = parse_scenario(std::string(kFile) + R"(["page-short", "busy-node"]})", "file");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(std::popcount(parsed->world.sites), 2);
  const auto again = parse_scenario(write_scenario(*parsed), "file");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->world.sites, parsed->world.sites);
  EXPECT_NE(said_of(R"(["busy"])").find("file:3: sites[0]: 'busy' is none of busy-node, "), std::string::npos);
  EXPECT_NE(said_of(R"(["busy-node", "busy-node"])").find("sites[1]: 'busy-node' twice"), std::string::npos);
  EXPECT_NE(said_of("[1]").find("file:3: sites[0]: expected a text"), std::string::npos);
  EXPECT_NE(said_of("true").find("sites"), std::string::npos);
}

TEST(Sites, AQuarterOfThemIsLiveInADrawnWorld) {
  if (!site::kAreBuilt) GTEST_SKIP() << "this build has none";
  std::uint32_t all = 0;
  int live = 0;
  constexpr int kWorlds = 200;
  for (std::uint64_t seed = 0; seed < kWorlds; ++seed) {
    const std::uint32_t sites = draw_world(seed).world.sites;
    all |= sites;
    live += std::popcount(sites);
  }
  EXPECT_EQ(all, (1u << site::kAll.size()) - 1);
  EXPECT_GT(live, kWorlds * static_cast<int>(site::kAll.size()) / 5);
  EXPECT_LT(live, kWorlds * static_cast<int>(site::kAll.size()) / 3);
}

/// Two people who meet and write to one another in a quiet world, with these sites.
Scenario talk(std::uint32_t sites) {
  Scenario scenario = *parse_scenario(R"({"name": "n", "description": "d", "fidelity": "modelled",
    "network": {"preset": "today", "nodes": 12}, "people": ["Alice", "Bob"],
    "steps": [{"at": "0s", "do": "online", "who": "Alice"}, {"at": "0s", "do": "online", "who": "Bob"},
      {"at": "5s", "do": "ask", "who": "Alice", "to": "Bob", "text": "hello"},
      {"at": "90s", "do": "accept", "who": "Bob", "from": "Alice"},
      {"at": "150s", "do": "offline", "who": "Bob"},
      {"at": "155s", "do": "send", "who": "Alice", "to": "Bob", "text": "one"},
      {"at": "156s", "do": "send", "who": "Alice", "to": "Bob", "text": "two"},
      {"at": "157s", "do": "send", "who": "Alice", "to": "Bob", "text": "three"},
      {"at": "200s", "do": "online", "who": "Bob"},
      {"at": "210s", "do": "send", "who": "Bob", "to": "Alice", "text": "four"},
      {"at": "211s", "do": "send", "who": "Alice", "to": "Bob", "text": "five"},
      {"at": "1200s", "do": "calm"}],
    "end": "66m", "expect": []})",
                                      "file");
  scenario.world.sites = sites;
  std::vector<ScenarioStep> naps;
  for (int i = 0; i < 30; ++i)  // what happens at the beginning of a visit needs visits
    for (const auto kind : {ScenarioStep::Kind::Offline, ScenarioStep::Kind::Online}) {
      ScenarioStep step;
      step.kind = kind;
      step.who = "Alice";
      step.at = seconds(400 + 20 * i + (kind == ScenarioStep::Kind::Online ? 5 : 0));
      naps.push_back(step);
    }
  scenario.steps.insert(scenario.steps.end() - 1, naps.begin(), naps.end());
  return scenario;
}

TEST(Sites, WhenAllOfThemFireNoPromiseIsBroken) {
  if (!site::kAreBuilt) GTEST_SKIP() << "this build has none";
  const Exploration found = explore(talk((1u << site::kAll.size()) - 1), 1);
  EXPECT_TRUE(found.is_judged);
  for (const Violation& v : found.violations) ADD_FAILURE() << v.oracle << ": " << v.what;
  for (std::size_t i = 0; i < site::kAll.size(); ++i)
    EXPECT_NE(found.sites >> i & 1, 0u) << site::kAll[i].name << " never fired";
}

TEST(Sites, AreQuietInTheCalm) {
  if (!site::kAreBuilt) GTEST_SKIP() << "this build has none";
  Scenario scenario = talk((1u << site::kAll.size()) - 1);
  EXPECT_FALSE(ScenarioRun(scenario, 1).calm_since());
  scenario.steps = {scenario.steps.back()};
  scenario.steps.front().at = Millis{};
  ScenarioRun run(scenario, 1);
  run.advance(run.end(), nullptr);
  EXPECT_EQ(run.world().sites_fired(), 0u);
}

}  // namespace
}  // namespace session::sim

#include "sim/explore.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace session::sim {
namespace {

using Kind = ScenarioStep::Kind;

std::size_t count(const Scenario& scenario, Kind kind) {
  return static_cast<std::size_t>(
      std::count_if(scenario.steps.begin(), scenario.steps.end(), [&](const auto& step) { return step.kind == kind; }));
}

/// Two people, and a message that a saboteur takes away from its reader.
Scenario small() {
  const auto parsed = parse_scenario(R"({"name": "t", "description": "t", "network": {"preset": "today", "nodes": 10},
    "people": ["Alice", "Bob", "Carol"], "end": "2m", "steps": [
      {"at": "10s", "do": "ask", "who": "Alice", "to": "Bob", "text": "hi"},
      {"at": "11s", "do": "ask", "who": "Carol", "to": "Bob", "text": "hi"},
      {"at": "30s", "do": "accept", "who": "Bob", "from": "Alice"},
      {"at": "50s", "do": "send", "who": "Alice", "to": "Bob", "text": "the words that matter"},
      {"at": "51s", "do": "slow", "node": 3, "by": "100ms"},
      {"at": "52s", "do": "send", "who": "Bob", "to": "Alice", "text": "others"}], "expect": []})",
                                     "small");
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *parsed;
}
void take_away(World& world) {
  const auto alice = world.person("Alice"), bob = world.person("Bob");
  if (!alice || !bob) return;
  const auto rows = world.account(*bob).messages(world.client(*alice).id());
  for (const auto& row : *rows)
    if (row.body == "the words that matter") static_cast<void>(world.account(*bob).remove_message(row.id));
}

TEST(Explore, EachSeedIsAWorldOfItsOwnThatReadsBack) {
  std::string first;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Scenario drawn = draw_world(seed);
    const std::string text = write_scenario(drawn);
    EXPECT_EQ(write_scenario(draw_world(seed)), text);
    const auto back = parse_scenario(text, "drawn");
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(write_scenario(*back), text);
    EXPECT_EQ(count(drawn, Kind::Storm), 0u) << "something is left to be drawn";
    EXPECT_EQ(count(drawn, Kind::Calm), 1u);
    EXPECT_GE(count(drawn, Kind::Send), 4u);
    EXPECT_NE(text, first);
    first = text;
  }
}

TEST(Explore, FindsWhatASaboteurDoesAndTheSameEachTime) {
  const Exploration sound = explore(small(), 1);
  EXPECT_TRUE(sound.violations.empty()) << sound.violations[0].what;
  EXPECT_GT(sound.events, 100u);
  EXPECT_EQ(sound.digest, explore(small(), 1).digest);
  EXPECT_NE(sound.digest, explore(small(), 2).digest);
  const Exploration found = explore(small(), 1, take_away);
  ASSERT_EQ(found.violations.size(), 1u);
  EXPECT_EQ(found.violations[0].oracle, "D4");
  EXPECT_LT(found.simulated, seconds(95)) << "it goes on after the violation";
}

TEST(Explore, NoticesWhenACanaryDies) {
  bool died = false;
  const Exploration found = explore(small(), 1, canary(died));
  EXPECT_TRUE(died);
  ASSERT_FALSE(found.violations.empty());
  EXPECT_EQ(found.violations[0].oracle, "D4");
}

TEST(Explore, ShrinksToWhatIsNeeded) {
  const Scenario shrunk = shrink(small(), 1, "D4", 40, take_away);
  EXPECT_EQ(shrunk.world.people, (std::vector<std::string>{"Alice", "Bob"}));
  EXPECT_EQ(count(shrunk, Kind::Slow), 0u);
  EXPECT_EQ(count(shrunk, Kind::Ask), 1u);
  EXPECT_EQ(count(shrunk, Kind::Accept), 1u);
  ASSERT_EQ(count(shrunk, Kind::Send), 1u);
  EXPECT_EQ(explore(shrunk, 1, take_away).violations.at(0).oracle, "D4");
  EXPECT_EQ(write_scenario(shrink(small(), 1, "D4", 0, take_away)), write_scenario(small()));
}

TEST(Explore, ARunIsRepeatedAndACopyOfItToo) { EXPECT_FALSE(wrong_with_repetition(small(), 5)); }

// reliability.md 4: what failed once is played on every change. A file is a scenario of `explore --keep`, oracle-seed.json.
TEST(Explore, SeedsThatFailedOnceFailNoMore) {
  for (const auto& file : std::filesystem::directory_iterator(SESSION_SOURCE_DIR "/tests/seeds")) {
    if (file.path().extension() != ".json") continue;
    SCOPED_TRACE(file.path().filename().string());
    std::ifstream in(file.path());
    std::stringstream text;
    text << in.rdbuf();
    const auto scenario = parse_scenario(text.str(), file.path().filename().string());
    ASSERT_TRUE(scenario) << scenario.error().message;
    const std::string stem = file.path().stem().string();
    const auto seed = std::stoull(stem.substr(stem.find_last_of('-') + 1));
    for (const Violation& violation : explore(*scenario, seed).violations)
      ADD_FAILURE() << violation.oracle << ": " << violation.what;
  }
}

TEST(Explore, AFewDrawnWorldsAreSound) {
  const char* wanted = std::getenv("SESSION_SEEDS");
  const std::uint64_t seeds = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 2;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    for (const Violation& violation : explore(draw_world(seed), seed).violations)
      ADD_FAILURE() << violation.oracle << ": " << violation.what;
  }
}

TEST(Explore, ATownIsWhatAWorldYearCounts) {
  const Scenario town = draw_town(3);
  EXPECT_EQ(town.world.nodes, 60u);
  EXPECT_EQ(town.world.people.size(), 40u);
  EXPECT_EQ(town.habits->messages_a_day, 200u);
  EXPECT_LE(town.habits->until + kCalmTime, town.end);
  const std::string written = write_scenario(town);
  const auto back = parse_scenario(written, "town");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(write_scenario(*back), written);
  EXPECT_EQ(back->habits, town.habits);
}

TEST(Explore, TownsHaveAdversariesAndComingsAndGoings) {
  std::map<Kind, int> towns;
  int survivable = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Scenario town = draw_town(seed);
    std::set<Kind> kinds;
    for (const ScenarioStep& step : town.steps) kinds.insert(step.kind);
    for (const Kind kind : kinds) ++towns[kind];
    survivable += is_survivable(town) ? 1 : 0;
    EXPECT_TRUE(std::ranges::is_sorted(town.steps, {}, &ScenarioStep::at));
    const auto back = parse_scenario(write_scenario(town), "town");
    EXPECT_TRUE(back) << back.error().message;
  }
  for (const Kind kind : {Kind::Hostile, Kind::Honest, Kind::Spam, Kind::NodeJoin, Kind::Decommission, Kind::NodeDown})
    EXPECT_GT(towns[kind], 5) << static_cast<int>(kind);
  EXPECT_GT(survivable, 40);
  EXPECT_LT(survivable, 60);
}

}  // namespace
}  // namespace session::sim

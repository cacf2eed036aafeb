#include "sim/seeds.h"

#include <gtest/gtest.h>

#include "core/client/witnesses.h"
#include "core/node/listing.h"
#include "sim/explore.h"
#include "sim/scenario.h"

namespace session::sim {
namespace {

Scenario of(const std::string& seeds, const std::string& steps) {
  auto read =
      parse_scenario(R"({"name": "n", "description": "d", "network": {"preset": "today", "nodes": 24, "block_time": "20s",
      "seeds": )" + seeds +
                         R"(}, "fidelity": "modelled", "people": ["Alice", "Bob"], "steps": [)" + steps +
                         R"(], "end": "1h", "expect": []})",
                     "file");
  EXPECT_TRUE(read) << read.error().message;
  return read.value();
}
const swarm::Registry* list_of(const ScenarioRun& run, const char* name) {
  return run.world().client(*run.world().person(name)).courier().registry();
}

/// But for what changes with every proof of uptime.
bool knows_the_truth(const ScenarioRun& run, const char* name) {
  return client::says_the_same(*list_of(run, name), *run.world().registry());
}

TEST(Seeds, FollowTheOneChain) {
  ScenarioRun run(of("3", R"({"at": "1m", "do": "registry-late", "node": 1})"), 1);
  run.advance(run.begin() + minutes(5), nullptr);
  EXPECT_EQ(run.world().seeds(), 3u);
  EXPECT_EQ(run.world().names().back(), "seed-3");
  ASSERT_NE(list_of(run, "Alice"), nullptr);
  EXPECT_TRUE(knows_the_truth(run, "Alice"));
}

TEST(Seeds, OneOfTwoThatLiesKeepsNewcomersOutAndMisleadsNobody) {
  for (const auto& [word, lie] : kSeedLies) {
    ScenarioRun run(of("2", R"({"at": "0s", "do": "seed-lies", "seed": 2, "shows": ")" + std::string(word) +
                                R"("}, {"at": "1m", "do": "restore", "who": "Bob-2", "of": "Bob"},
                                {"at": "1m", "do": "difficulty", "difficulty": 20},
                                {"at": "20m", "do": "seed-honest", "seed": 2})"),
                    1);
    run.advance(run.begin() + minutes(15), nullptr);
    const auto* known = list_of(run, "Bob-2");
    if (lie != SeedLie::OldList) {
      EXPECT_EQ(known, nullptr) << word;
    }
    EXPECT_TRUE(run.world().are_seeds_trustworthy());
    run.advance(run.begin() + minutes(25), nullptr);
    ASSERT_NE(list_of(run, "Bob-2"), nullptr) << word;
    EXPECT_TRUE(knows_the_truth(run, "Bob-2")) << word;
  }
}

TEST(Seeds, TheOnlyOneThatLiesMisleadsAndIsSeen) {
  const Scenario scenario = of("1", R"({"at": "0s", "do": "seed-lies", "seed": 1, "shows": "other-swarms", "against": "Bob"})");
  EXPECT_FALSE(is_survivable(scenario));
  ScenarioRun run(scenario, 1);
  run.advance(run.begin() + minutes(2), nullptr);
  EXPECT_FALSE(run.world().are_seeds_trustworthy());
  ASSERT_NE(list_of(run, "Bob"), nullptr);
  EXPECT_FALSE(knows_the_truth(run, "Bob"));
  EXPECT_TRUE(knows_the_truth(run, "Alice"));
}

TEST(Seeds, ThatLieAreSeenByTheJudgesOfNodes) {
  ScenarioRun run(of("2", R"({"at": "10s", "do": "seed-lies", "seed": 2, "shows": "fewer-nodes"})"), 1);
  Oracles oracles(run.world());
  run.advance(run.begin() + seconds(30), &oracles);
  EXPECT_TRUE(oracles.violations().empty());
}

TEST(Seeds, OneLiarAtATimeIsSurvivable) {
  const std::string second = R"({"at": "1m", "do": "seed-lies", "seed": 2, "shows": "old-list"})",
                    third = R"(, {"at": "3m", "do": "seed-lies", "seed": 3, "shows": "fewer-nodes"})";
  EXPECT_TRUE(is_survivable(of("3", second)));
  EXPECT_FALSE(is_survivable(of("3", second + third)));
  EXPECT_TRUE(is_survivable(of("3", second + R"(, {"at": "2m", "do": "seed-honest", "seed": 2})" + third)));
  EXPECT_TRUE(is_survivable(of("3", second + R"(, {"at": "2m", "do": "calm"})" + third)));
}

TEST(Seeds, EachLieIsAnother) {
  ScenarioRun run(of("1", ""), 1);
  const swarm::Registry& truth = *run.world().registry();
  for (const auto& [word, lie] : kSeedLies) {
    const auto told = lie_about(truth, lie);
    EXPECT_EQ(client::says_the_same(*told, truth), lie == SeedLie::OldList) << word;
    const auto read = swarm::read_registry(wire::to_json(swarm::to_wire(*told)));
    EXPECT_TRUE(read) << word << " is refused for its form: " << read.error().message;
  }
}

TEST(Seeds, AThirdOfDrawnWorldsHasSeveral) {
  std::size_t several = 0, lying = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Scenario drawn = draw_world(seed);
    several += drawn.world.seeds > 1 ? 1 : 0;
    for (const ScenarioStep& step : drawn.steps) lying += step.kind == ScenarioStep::Kind::SeedLies ? 1 : 0;
  }
  EXPECT_GT(several, 70u);
  EXPECT_LT(several, 130u);
  EXPECT_EQ(lying, several);
}

}  // namespace
}  // namespace session::sim

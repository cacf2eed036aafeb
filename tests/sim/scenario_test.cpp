#include "sim/scenario.h"

#include <gtest/gtest.h>

namespace session::sim {
namespace {

Scenario scenario(const std::string& steps, const std::string& expect) {
  const auto parsed = parse_scenario(R"({"name": "t", "description": "t", "network": {"preset": "today", "nodes": 14},
    "people": ["Alice", "Bob"], "end": "2m", "steps": [)" +
                                         steps + R"(], "expect": [)" + expect + "]}",
                                     "test");
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *parsed;
}

const std::string kAsk = R"({"at": "10s", "do": "ask", "who": "Alice", "to": "Bob", "text": "hi"})";
const std::string kTold = R"({"who": "Bob", "event": "request", "from": "Alice", "text": "hi"})";

TEST(ScenarioRun, DoesWhatTheScenarioSays) {
  ScenarioRun run(scenario(kAsk, kTold), 1);
  run.advance(run.end(), nullptr);
  EXPECT_TRUE(run.is_over());
  EXPECT_TRUE(run.problems().empty());
}

TEST(ScenarioRun, TellsWhatIsNotAsTheScenarioSays) {
  ScenarioRun run(scenario(kAsk, R"({"who": "Bob", "event": "message"})"), 1);
  run.advance(run.end(), nullptr);
  ASSERT_EQ(run.problems().size(), 1u);
  EXPECT_NE(run.problems()[0].find("message"), std::string::npos);
}

TEST(ScenarioRun, TellsOfACommandThatWasRefused) {
  ScenarioRun run(scenario(R"({"at": "10s", "do": "send", "who": "Alice", "to": "Bob", "text": "hi"})", ""), 1);
  run.advance(run.end(), nullptr);
  ASSERT_EQ(run.problems().size(), 1u);
  EXPECT_NE(run.problems()[0].find("request first"), std::string::npos) << run.problems()[0];
}

TEST(ScenarioRun, InManyPartsIsTheSameAsInOne) {
  Digest whole, parts;
  ScenarioRun one(scenario(kAsk, kTold), 7), other(scenario(kAsk, kTold), 7);
  one.advance(one.end(), &whole);
  for (Instant at = other.begin(); at < other.end(); at = at + Millis{777}) other.advance(at, &parts);
  other.advance(other.end(), &parts);
  EXPECT_EQ(whole.hex(), parts.hex());
}

TEST(ScenarioRun, ACopyInTheMiddleEndsAlike) {
  Digest ignored, one, two;
  ScenarioRun run(scenario(kAsk, kTold), 3);
  run.advance(run.begin() + seconds(11), &ignored);
  ScenarioRun fork = run;
  run.advance(run.end(), &one);
  fork.advance(fork.end(), &two);
  EXPECT_EQ(one.hex(), two.hex());
}

const std::string kDrawn = R"({"at": "12s", "do": "storm", "drawn": true, "until": "60s"})";

TEST(ScenarioRun, ADrawnStormIsTheSameForTheSameSeedAndIsCalmAtItsEnd) {
  const auto digest_of = [](std::uint64_t seed) {
    Digest digest;
    ScenarioRun run(scenario(kAsk + "," + kDrawn, ""), seed);
    EXPECT_EQ(run.calm_since(), run.begin());
    run.advance(run.begin() + seconds(59), &digest);
    run.advance(run.end(), &digest);
    EXPECT_EQ(run.calm_since(), run.begin() + seconds(60));
    for (std::size_t i = 0; i < run.world().nodes(); ++i) {
      const auto node = run.world().node(i);
      EXPECT_FALSE(run.world().is_down(node) || run.world().is_paused(node));
      EXPECT_FALSE(run.world().is_slow(node));
      EXPECT_EQ(run.world().clock_error(node), Millis{});
    }
    EXPECT_EQ(run.world().link(), LinkModel{});
    return digest.hex();
  };
  EXPECT_EQ(digest_of(1), digest_of(1));
  EXPECT_NE(digest_of(1), digest_of(2));
}

TEST(ScenarioRun, NothingPassesWhereTheNetworkIsParted) {
  ScenarioRun run(scenario(R"({"at": "9s", "do": "part", "from": "Bob", "to": "all"},)" + kAsk +
                               R"(, {"at": "60s", "do": "mend", "from": "Bob", "to": "all"})",
                           kTold),
                  5);
  run.advance(run.begin() + seconds(59), nullptr);
  EXPECT_EQ(run.problems().size(), 1u);
  EXPECT_FALSE(run.calm_since());
  run.advance(run.end(), nullptr);
  EXPECT_TRUE(run.problems().empty());
}

TEST(ScenarioRun, ANodeComesBackWithTheDiskThatTheStepSays) {
  for (const char* disk : {"kept", "lost", "old"}) {
    ScenarioRun run(
        scenario(
            R"({"at": "5s", "do": "offline", "who": "Bob"}, {"at": "8s", "do": "node-backup", "swarm_of": "Bob", "node": 2},)" +
                kAsk + R"(, {"at": "60s", "do": "node-down", "swarm_of": "Bob", "node": 2},
                                 {"at": "61s", "do": "node-up", "swarm_of": "Bob", "node": 2, "disk": ")" +
                disk + R"("})",
            ""),
        1);
    run.advance(run.begin() + seconds(59), nullptr);
    const auto& id = run.world().client(*run.world().person("Bob")).id();
    const auto members = run.world().registry()->members(run.world().registry()->swarm_of(id.account));
    const auto node = *run.world().machine_of(members[2]);
    const auto mine = [&] {
      std::size_t count = 0;
      const auto visited = run.world().mail(node).visit_account(id.account, [&](const auto& head) {
        count += head.ns == 0 ? 1 : 0;
        return true;
      });
      EXPECT_TRUE(visited);
      return count;
    };
    EXPECT_EQ(mine(), 1u);
    run.advance(run.begin() + seconds(62), nullptr);
    EXPECT_EQ(mine(), std::string_view(disk) == "kept" ? 1u : 0u) << disk;
    if (std::string_view(disk) != "lost") {
      EXPECT_GT(run.world().mail(node).count(), 0u);  // bundles of before
    }
  }
}

TEST(ScenarioRun, NodesComeAndGoByItsSteps) {
  const auto parsed = parse_scenario(R"({"name": "t", "description": "t", "network": {"preset": "today", "nodes": 14},
    "people": ["Alice"], "end": "10m", "expect": [], "steps": [
      {"at": "1s", "do": "node-join", "count": 6},
      {"at": "2s", "do": "decommission", "node": 1},
      {"at": "130s", "do": "recommission", "node": 1},
      {"at": "131s", "do": "node-leave", "node": 15},
      {"at": "132s", "do": "nodes-leave", "share_percent": 25},
      {"at": "250s", "do": "node-join", "node": 15},
      {"at": "260s", "do": "calm"}]})",
                                     "test");
  ASSERT_TRUE(parsed) << parsed.error().message;
  ScenarioRun run(*parsed, 1);
  const auto counts = [&](Millis at) {
    run.advance(run.begin() + at, nullptr);
    std::size_t active = 0;
    for (const auto& node : run.world().registry()->nodes()) active += node.active ? 1 : 0;
    return std::pair(run.world().registry()->nodes().size(), active);
  };
  EXPECT_EQ(counts(seconds(119)), std::pair(std::size_t{14}, std::size_t{14}));
  EXPECT_EQ(counts(seconds(121)), std::pair(std::size_t{20}, std::size_t{19}));
  EXPECT_EQ(counts(seconds(241)), std::pair(std::size_t{15}, std::size_t{15}));  // one of twenty, then a quarter of 19
  EXPECT_EQ(counts(seconds(361)), std::pair(std::size_t{16}, std::size_t{16}));
  EXPECT_TRUE(run.problems().empty());
}

TEST(ScenarioRun, TheCalmHealsTheRegistryTheDisksAndTheClocks) {
  ScenarioRun run(scenario(R"({"at": "1s", "do": "registry-late", "node": 1}, {"at": "1s", "do": "registry-late", "who": "Bob"},
      {"at": "2s", "do": "disk-fault", "node": 2, "fault": "error"}, {"at": "3s", "do": "clock", "node": 3, "fast_ppm": 500},
      {"at": "4s", "do": "fork", "blocks": 11}, {"at": "100s", "do": "calm"})",
                           ""),
                  1);
  run.advance(run.begin() + seconds(50), nullptr);
  World& world = run.world();
  EXPECT_TRUE(world.is_late(world.node(1)) && world.is_late(*world.person("Bob")));
  EXPECT_EQ(world.disk_fault(world.node(2)), World::DiskFault::Error);
  EXPECT_EQ(world.clock(world.node(3)).drift(), 500);
  EXPECT_FALSE(run.calm_since());
  run.advance(run.end(), nullptr);
  EXPECT_FALSE(world.is_late(world.node(1)) || world.is_late(*world.person("Bob")));
  EXPECT_EQ(world.disk_fault(world.node(2)), World::DiskFault::None);
  EXPECT_TRUE(world.clock(world.node(3)).is_true(world.now()));
  EXPECT_TRUE(run.calm_since());
  EXPECT_TRUE(run.problems().empty());
}

TEST(ScenarioRun, AStepForANodeThatHasNotComeIsTold) {
  Scenario early = scenario(R"({"at": "1s", "do": "node-join"}, {"at": "2s", "do": "node-down", "node": 14})", "");
  early.steps[1].at = Millis{0};
  std::swap(early.steps[0], early.steps[1]);
  ScenarioRun run(early, 1);
  run.advance(run.end(), nullptr);
  ASSERT_EQ(run.problems().size(), 1u);
  EXPECT_EQ(run.problems()[0], "node 14 goes down: it has not joined yet");
}

}  // namespace
}  // namespace session::sim

#include "sim/scenario_steps.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/sim/scenario_errors.h"

namespace session::sim {
namespace {

const std::string kFile = R"({
  "name": "Steps",
  "description": "What may befall machines and people.",
  "network": {"nodes": 14, "groups": [{"name": "north", "nodes": [1]}]},
  "people": ["Alice", "Bob"],
  "steps": [
    {"at": "1s", "do": "part", "from": "node-03", "to": "all", "only": "answers", "both_ways": false},
    {"at": "2s", "do": "mend", "from": "node-03", "to": "all", "only": "answers", "both_ways": false},
    {"at": "3s", "do": "clog", "from": "Alice", "to": "north", "until": "9s"},
    {"at": "4s", "do": "power-cut", "node": 2, "swarm_of": "Bob"},
    {"at": "5s", "do": "node-up", "node": 2, "swarm_of": "Bob", "disk": "lost", "if_spared": true},
    {"at": "6s", "do": "disk-fault", "node": 1, "fault": "flaky", "share_percent": 7},
    {"at": "7s", "do": "disk-fault", "node": 2, "fault": "sync"},
    {"at": "8s", "do": "disk-fault", "node": 3, "fault": "damaged"},
    {"at": "9s", "do": "version", "node": 4, "speaks": "today"},
    {"at": "10s", "do": "clock", "node": 5, "stopped": true},
    {"at": "11s", "do": "restore", "who": "Alice-2", "of": "Alice"},
    {"at": "12s", "do": "restore", "who": "Bob misspelt", "of": "Bob", "wrong_phrase": true},
    {"at": "13s", "do": "send", "who": "Alice-2", "to": "Bob", "text": "hi"},
    {"at": "14s", "do": "cancel", "who": "Alice-2", "to": "Bob"},
    {"at": "15s", "do": "unsend", "who": "Bob", "to": "Alice"}
  ],
  "end": "1m",
  "expect": [{"who": "Alice-2", "event": "message", "from": "Bob", "count": 0}]
})";

TEST(ScenarioSteps, ReadsWhatMayBefallMachinesAndPeopleAndWritesItBack) {
  const auto scenario = parse_scenario(kFile, "file.json");
  ASSERT_TRUE(scenario) << scenario.error().message;
  const auto& steps = scenario->steps;
  EXPECT_EQ(steps[0].stops, Stops::Answers);
  EXPECT_FALSE(steps[0].both_ways);
  EXPECT_EQ(steps[1].stops, Stops::Answers);
  EXPECT_EQ(steps[2].until, seconds(9));
  EXPECT_EQ(steps[3].swarm_of, "Bob");
  EXPECT_TRUE(steps[4].if_spared);
  EXPECT_EQ(steps[5].fault, World::DiskFault::Flaky);
  EXPECT_EQ(steps[5].number, 7u);
  EXPECT_EQ(steps[6].fault, World::DiskFault::Sync);
  EXPECT_EQ(steps[7].fault, World::DiskFault::Damaged);
  EXPECT_EQ(steps[8].version, Version::Today);
  EXPECT_TRUE(steps[9].stopped);
  EXPECT_EQ(steps[10].who, "Alice-2");
  EXPECT_EQ(steps[10].to, "Alice");
  EXPECT_TRUE(steps[11].wrong_phrase);
  EXPECT_EQ(steps[14].to, "Alice");
  EXPECT_EQ(scenario->world.people.size(), 2u) << "a device comes when it is restored";
  const std::string written = write_scenario(*scenario);
  const auto back = parse_scenario(written, "written");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(write_scenario(*back), written);
}

TEST(ScenarioSteps, AWrongOneIsNamedWithItsLineAndField) {
  const auto error = [](const std::string& from, const std::string& to) { return error_of(kFile, from, to); };
  EXPECT_EQ(error(R"("only": "answers")", R"("only": "words")"),
            "file.json:7: steps[0].only: 'words' is none of requests, answers");
  EXPECT_EQ(error(R"("until": "9s")", R"("until": "3s")"), "file.json:9: steps[2].until: not after its beginning");
  EXPECT_EQ(error(R"("until": "9s")", R"("until": "2m")"), "file.json:9: steps[2].until: after the end");
  EXPECT_EQ(error(R"(, "until": "9s")", ""), "file.json:9: steps[2].until: missing");
  EXPECT_EQ(error(R"("if_spared": true)", R"("if_spared": 1)"), "file.json:11: steps[4].if_spared: expected true or false");
  EXPECT_EQ(error(R"("share_percent": 7)", R"("share_percent": 0)"),
            "file.json:12: steps[5].share_percent: expected a whole number from 1 to 100");
  EXPECT_EQ(error(R"("fault": "sync")", R"("fault": "rust")"),
            "file.json:13: steps[6].fault: 'rust' is none of none, error, full, flaky, sync, damaged");
  EXPECT_EQ(error(R"("fault": "sync")", R"("fault": "sync", "share_percent": 3)"),
            "file.json:13: steps[6].share_percent: unknown field");
  EXPECT_EQ(error(R"("speaks": "today")", R"("speaks": "latin")"),
            "file.json:15: steps[8].speaks: 'latin' is none of current, today");
  EXPECT_EQ(error(R"("stopped": true)", R"("stopped": "yes")"), "file.json:16: steps[9].stopped: expected true or false");
}

TEST(ScenarioSteps, AMachineIsAPersonsOrANode) {
  EXPECT_EQ(error_of(kFile, R"("node": 5, "stopped")", R"("node": 5, "who": "Bob", "stopped")"),
            "file.json:16: steps[9].node: who or node, not both");
}

constexpr const char* kSides = R"({
  "name": "n", "description": "d", "people": ["Alice", "Bob"],
  "network": {"nodes": 8, "seeds": 3, "links": [{"from": "seed-2", "to": "Bob", "latency": "1s"}]},
  "steps": [
    {"at": "1s", "do": "restore", "who": "Alice-2", "of": "Alice"},
    {"at": "2s", "do": "part", "from": "seed-3", "to": "Alice-2"},
    {"at": "3s", "do": "link", "from": "Alice-2", "to": "seed", "loss_percent": 5},
    {"at": "4s", "do": "clog", "from": "seed-2", "to": "Alice-2", "until": "5s"},
    {"at": "6s", "do": "mend", "from": "seed-3", "to": "Alice-2"}
  ],
  "end": "10s", "expect": []
})";

TEST(ScenarioSteps, SidesAreSeedsAndRestoredDevicesToo) {
  const auto scenario = parse_scenario(kSides, "file.json");
  ASSERT_TRUE(scenario) << scenario.error().message;
  const std::string written = write_scenario(*scenario);
  const auto back = parse_scenario(written, "written");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(write_scenario(*back), written);
  ScenarioRun run(*scenario, 1);
  const auto is_cut = [&] { return run.world().network().is_cut(run.world().seed(2), *run.world().person("Alice-2"), true); };
  run.advance(run.begin() + seconds(5), nullptr);
  EXPECT_TRUE(is_cut());
  EXPECT_EQ(run.world().network().special_links().size(), 4u);
  run.advance(run.end(), nullptr);
  EXPECT_FALSE(is_cut());
  EXPECT_TRUE(run.problems().empty());
}

TEST(ScenarioSteps, ASideThatIsNotThereIsNamed) {
  const auto error = [](const std::string& from, const std::string& to) { return error_of(kSides, from, to); };
  EXPECT_EQ(error(R"("at": "1s")", R"("at": "3s")"), "file.json:6: steps[1].to: Alice-2 was not restored by then");
  EXPECT_EQ(error(R"("seeds": 3)", R"("seeds": 2)"), "file.json:6: steps[1].from: 'seed-3' is no group, person, node or seed");
  EXPECT_EQ(error(R"("to": "Bob", "latency")", R"("to": "Alice-2", "latency")"),
            "file.json:3: network.links[0].to: 'Alice-2' is no group, person, node or seed");
}

TEST(ScenarioSteps, WhatAStepDoesToADiskInUseIsToldAndNotDone) {
  const auto read = parse_scenario(R"({"name": "n", "description": "d", "people": ["Alice"], "network": {"nodes": 8},
    "steps": [{"at": "1s", "do": "node-backup", "who": "Alice"}, {"at": "2s", "do": "online", "who": "Alice", "disk": "old"}],
    "end": "3s", "expect": []})",
                                   "file.json");
  ASSERT_TRUE(read) << read.error().message;
  ScenarioRun run(*read, 1);
  run.advance(run.end(), nullptr);
  EXPECT_EQ(run.refusals(),
            std::vector<std::string>{"Alice comes online with an old disk: they are online, and their disk stays"});
}

TEST(ScenarioSteps, NobodyActsOnADeviceThatIsNotRestored) {
  const auto error = [](const std::string& from, const std::string& to) { return error_of(kFile, from, to); };
  EXPECT_EQ(error(R"("at": "13s")", R"("at": "10s")"), "file.json:19: steps[12].who: Alice-2 was not restored by then");
  EXPECT_EQ(error(R"("unsend", "who": "Bob")", R"("unsend", "who": "Bob misspelt")"),
            "file.json:21: steps[14].who: 'Bob misspelt' is not one of the people");
  EXPECT_EQ(error(R"("of": "Alice"})", R"("of": "Alice-2"})"), "file.json:17: steps[10].of: Alice-2 was not restored by then");
  EXPECT_EQ(error(R"("of": "Alice"})", R"("of": "Eve"})"), "file.json:17: steps[10].of: 'Eve' is not one of the people");
  EXPECT_EQ(error(R"("who": "Alice-2", "of")", R"("who": "Bob", "of")").substr(0, 44),
            "file.json:19: steps[12].who: 'Alice-2' is no");
  EXPECT_EQ(error(R"("who": "Bob misspelt")", R"("who": "Bob")"), "file.json:18: steps[11].who: 'Bob' is there already");
  EXPECT_EQ(error(R"("who": "Bob misspelt")", R"("who": "north")"), "file.json:18: steps[11].who: 'north' is there already");
  EXPECT_EQ(
      error(R"("do": "send", "who": "Alice-2", "to": "Bob", "text": "hi")",
            R"("do": "restore", "who": "Bob misspelt", "of": "Bob")"),
      "file.json:19: steps[12].who: a wrong phrase was tried under 'Bob misspelt' before, and one in twelve opens an account");
  EXPECT_EQ(error(R"("who": "Bob misspelt")", R"("who": "node-03")"),
            "file.json:18: steps[11].who: 'node-03' means something else here");
  EXPECT_EQ(error(R"("from": "Alice", "to": "north")", R"("from": "Alice-2", "to": "north")"),
            "file.json:9: steps[2].from: Alice-2 was not restored by then");
}

TEST(ScenarioSteps, KnowsEverySeedByItsName) {
  const std::string text = R"({
  "name": "Seeds",
  "description": "One of three is out of reach.",
  "network": {"nodes": 14, "seeds": 3, "links": [{"from": "seed-3", "to": "people", "latency": "1s"}]},
  "people": ["Alice", "Bob"],
  "steps": [{"at": "1s", "do": "part", "from": "people", "to": "seed-2"}],
  "end": "1m",
  "expect": [{"who": "Alice", "event": "message", "from": "Bob", "count": 0}]
})";
  const auto scenario = parse_scenario(text, "file.json");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->steps[0].to_side, "seed-2");
  const std::string written = write_scenario(*scenario);
  const auto back = parse_scenario(written, "written");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(write_scenario(*back), written);
  EXPECT_EQ(error_of(text, R"("seeds": 3)", R"("seeds": 2)"),
            "file.json:4: network.links[0].from: 'seed-3' is no group, person, node or seed");
  for (const char* none : {"seed-1", "seed-02", "seed-4", "seed-"})
    EXPECT_EQ(error_of(text, "\"seed-2\"", '"' + std::string(none) + '"'),
              "file.json:6: steps[0].to: '" + std::string(none) + "' is no group, person, node or seed");

  ScenarioRun run(*scenario, 1);
  run.advance(run.begin() + seconds(2), nullptr);
  const World& world = run.world();
  EXPECT_TRUE(world.network().is_cut(*world.person("Alice"), world.seed(1)));
  EXPECT_FALSE(world.network().is_cut(*world.person("Alice"), world.seed(0)));
  EXPECT_EQ(world.network().link_between(world.seed(2), *world.person("Bob")).base, seconds(1));
}

TEST(ScenarioSteps, NoGroupTakesTheNameOfAMachine) {
  for (const char* name : {"node-03", "seed-2"})
    EXPECT_EQ(error_of(kFile, R"("name": "north")", fmt::format(R"("name": "{}")", name)),
              fmt::format("file.json:4: network.groups[0].name: '{}' is no new name", name));
}

}  // namespace
}  // namespace session::sim

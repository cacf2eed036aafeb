#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/scenario.h"
#include "tests/sim/scenario_errors.h"

namespace session::sim {
namespace {

const std::string kGood = R"({
  "name": "Test",
  "description": "Two people.",
  "network": {"nodes": 14},
  "people": ["Alice", "Bob"],
  "steps": [
    {"at": "10s", "do": "ask", "who": "Alice", "to": "Bob", "text": "hi"},
    {"at": "500ms", "do": "fetch", "who": "Bob"}
  ],
  "end": "1m",
  "expect": []
})";

TEST(ScenarioFile, ReadsStepsInTheOrderOfTime) {
  const auto scenario = parse_scenario(kGood, "file.json");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->world.nodes, 14u);
  ASSERT_EQ(scenario->steps.size(), 2u);
  EXPECT_EQ(scenario->steps[0].at, Millis{500});
  EXPECT_EQ(scenario->steps[1].text, "hi");
}

TEST(ScenarioFile, AnErrorNamesFileLineAndField) {
  EXPECT_EQ(error_of(kGood, R"("who": "Bob"})", R"("who": "Bob", "colour": 1})"),
            "file.json:8: steps[1].colour: unknown field");
  EXPECT_EQ(error_of(kGood, R"("nodes": 14)", R"("nodes": 3)"),
            "file.json:4: network.nodes: expected a whole number from 8 to 100000");
  EXPECT_EQ(error_of(kGood, R"("to": "Bob", )", R"("to": "Bib", )"),
            "file.json:7: steps[0].to: 'Bib' is not one of the people");
  EXPECT_EQ(error_of(kGood, R"("do": "ask")", R"("do": "shout")"), "file.json:7: steps[0].do: unknown step 'shout'");
  EXPECT_EQ(error_of(kGood, R"(, "text": "hi")", ""), "file.json:7: steps[0].text: missing");
  EXPECT_EQ(error_of(kGood, R"("expect": [])", R"("expect": [{"who": "Bob", "event": "massage"}])"),
            "file.json:11: expect[0].event: unknown event 'massage'");
  EXPECT_EQ(error_of(kGood, R"("expect": [])", R"("expect": [{"who": "Bob", "delivery": "lost"}])"),
            "file.json:11: expect[0].delivery: unknown state 'lost'");
  EXPECT_NE(error_of(kGood, R"("1m")", R"("1 minute")").find("file.json:10: end: expected a time"), std::string::npos);
  EXPECT_NE(error_of(kGood, R"("10s")", R"("2m")").find("file.json:7: steps[0].at: after the end"), std::string::npos);
  EXPECT_NE(error_of(kGood, R"("Bob"],)", R"("Alice"],)").find("file.json:5: people[1]: 'Alice' twice"), std::string::npos);
  EXPECT_NE(error_of(kGood, R"("end": "1m",)", R"("end" "1m",)").find("file.json:10: not JSON"), std::string::npos);
}

TEST(ScenarioFile, ReadsWhoDoesTheArithmeticAndWritesItBack) {
  const auto real = parse_scenario(kGood, "file.json").value();
  EXPECT_EQ(real.world.fidelity, Fidelity::Real);
  EXPECT_EQ(write_scenario(real).find("fidelity"), std::string::npos);
  std::string text = kGood;
  text.insert(text.find("\"people\""), R"("fidelity": "modelled", )");
  const auto modelled = parse_scenario(text, "file.json").value();
  EXPECT_EQ(modelled.world.fidelity, Fidelity::Modelled);
  EXPECT_EQ(parse_scenario(write_scenario(modelled), "written")->world.fidelity, Fidelity::Modelled);
  EXPECT_EQ(error_of(kGood, R"("people")", R"("fidelity": "toy", "people")"),
            "file.json:5: fidelity: 'toy' is neither real nor modelled");
}

const std::string kFaults = R"({
  "name": "Faults",
  "description": "Two regions.",
  "network": {
    "nodes": 14,
    "latency": "40ms",
    "groups": [{"name": "north", "nodes": [0, 1, 2], "people": ["Alice"]}, {"name": "south", "nodes": [3, 4]}],
    "links": [{"from": "north", "to": "south", "loss_percent": 5, "both_ways": false}]
  },
  "people": ["Alice", "Bob"],
  "steps": [
    {"at": "1s", "do": "part", "from": "north", "to": "south"},
    {"at": "2s", "do": "mend"},
    {"at": "3s", "do": "node-backup", "node": 3},
    {"at": "4s", "do": "node-down", "node": 3},
    {"at": "5s", "do": "node-up", "node": 3, "disk": "old"},
    {"at": "6s", "do": "slow", "node": 1, "swarm_of": "Bob", "by": "700ms", "times": 30},
    {"at": "7s", "do": "clock", "who": "Bob", "slow_by": "2m"},
    {"at": "8s", "do": "link", "from": "Alice", "to": "all", "replay_percent": 7, "reorder_percent": 8, "damage_percent": 9},
    {"at": "9s", "do": "storm", "drawn": true, "until": "30s"}
  ],
  "end": "1m",
  "expect": []
})";

TEST(ScenarioFile, ReadsFaultsAndWritesThemBack) {
  const auto scenario = parse_scenario(kFaults, "file.json");
  ASSERT_TRUE(scenario) << scenario.error().message;
  ASSERT_EQ(scenario->world.groups.size(), 2u);
  EXPECT_EQ(scenario->world.groups[0].people, std::vector<std::string>{"Alice"});
  ASSERT_EQ(scenario->world.links.size(), 1u);
  EXPECT_EQ(scenario->world.links[0].link.base, Millis{40});
  EXPECT_EQ(scenario->world.links[0].link.loss_ppm, 50'000u);
  EXPECT_EQ(scenario->steps[4].disk, World::Disk::Old);
  EXPECT_EQ(scenario->steps[6].amount, Millis{} - minutes(2));
  EXPECT_EQ(scenario->steps[7].link.replay_ppm, 70'000u);
  EXPECT_EQ(scenario->steps[7].link.damage_ppm, 90'000u);
  EXPECT_EQ(scenario->steps[8].until, seconds(30));
  const std::string written = write_scenario(*scenario);
  const auto back = parse_scenario(written, "written");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(write_scenario(*back), written);
}

TEST(ScenarioFile, AWrongFaultIsNamedWithItsLineAndField) {
  const auto error = [](const std::string& from, const std::string& to) { return error_of(kFaults, from, to); };
  EXPECT_EQ(error(R"("from": "north", "to": "south"},
    {"at": "2s")",
                  R"("from": "west", "to": "south"},
    {"at": "2s")"),
            "file.json:12: steps[0].from: 'west' is no group, person, node or seed");
  EXPECT_EQ(error(R"("disk": "old")", R"("disk": "new")"), "file.json:16: steps[4].disk: 'new' is none of kept, lost, old");
  EXPECT_EQ(error(R"("until": "30s")", R"("until": "9s")"), "file.json:20: steps[8].until: not after its beginning");
  EXPECT_EQ(error(R"("until": "30s")", R"("until": "2m")"), "file.json:20: steps[8].until: after the end");
  EXPECT_EQ(error("[0, 1, 2]", "[0, 14]"), "file.json:7: network.groups[0].nodes[1]: expected a node's number, at most 13");
  EXPECT_EQ(error(R"(["Alice"]})", R"(["Dave"]})"),
            "file.json:7: network.groups[0].people[0]: 'Dave' is not one of the people");
  EXPECT_EQ(error(R"("name": "south")", R"("name": "Bob")"), "file.json:7: network.groups[1].name: 'Bob' is no new name");
  EXPECT_EQ(error(R"("both_ways": false)", R"("both_ways": 0)"),
            "file.json:8: network.links[0].both_ways: expected true or false");
  EXPECT_EQ(error(R"("replay_percent": 7)", R"("replay_percent": 101)"),
            "file.json:19: steps[7].replay_percent: expected a whole number from 0 to 100");
  EXPECT_EQ(error(R"("node": 3, "disk")", R"("disk")"), "file.json:16: steps[4].node: missing");
  EXPECT_EQ(error_of(kGood, R"("people": ["Alice", "Bob"])", R"("people": ["all", "Bob"])"),
            "file.json:5: people[0]: 'all' means something else here");
}

const std::string kChurn = R"({
  "name": "Churn",
  "description": "Nodes come and go.",
  "network": {"nodes": 14, "block_time": "5s", "staking_requirement": 7},
  "people": ["Alice"],
  "steps": [
    {"at": "10s", "do": "node-join", "count": 3},
    {"at": "20s", "do": "node-down", "node": 16},
    {"at": "30s", "do": "part", "from": "node-15", "to": "all"},
    {"at": "40s", "do": "node-leave", "node": 2, "swarm_of": "Alice"},
    {"at": "50s", "do": "nodes-leave", "share_percent": 20},
    {"at": "51s", "do": "node-join", "node": 3},
    {"at": "52s", "do": "decommission", "node": 4},
    {"at": "53s", "do": "recommission", "node": 4},
    {"at": "54s", "do": "registry-late", "who": "Alice"},
    {"at": "55s", "do": "registry-current", "who": "Alice"},
    {"at": "56s", "do": "fork", "blocks": 3},
    {"at": "57s", "do": "disk-fault", "node": 1, "fault": "full"},
    {"at": "58s", "do": "clock", "node": 1, "slow_ppm": 200}
  ],
  "end": "1m",
  "expect": []
})";

TEST(ScenarioFile, ReadsWhoJoinsAndLeavesAndWritesItBack) {
  const auto scenario = parse_scenario(kChurn, "file.json");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->steps[0].number, 3u);
  EXPECT_EQ(scenario->steps[1].node, 16u);
  EXPECT_EQ(scenario->steps[4].number, 20u);
  EXPECT_EQ(scenario->steps[5].number, 0u);
  EXPECT_EQ(scenario->world.network.block_time, seconds(5));
  EXPECT_EQ(scenario->world.network.staking_requirement, 7u);
  EXPECT_EQ(scenario->steps[8].who, "Alice");
  EXPECT_EQ(scenario->steps[10].number, 3u);
  EXPECT_EQ(scenario->steps[11].fault, World::DiskFault::Full);
  EXPECT_EQ(scenario->steps[12].drift, -200);
  const std::string written = write_scenario(*scenario);
  const auto back = parse_scenario(written, "written");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(write_scenario(*back), written);
}

TEST(ScenarioFile, NobodyActsBeforeItHasJoined) {
  const auto error = [](const std::string& from, const std::string& to) { return error_of(kChurn, from, to); };
  EXPECT_EQ(error(R"("at": "20s")", R"("at": "9s")"), "file.json:8: steps[1].node: node-16 has not joined by then");
  EXPECT_EQ(error(R"("at": "30s")", R"("at": "9s")"), "file.json:9: steps[2].from: node-15 has not joined by then");
  EXPECT_EQ(error(R"("node": 16)", R"("node": 17)"), "file.json:8: steps[1].node: expected a whole number from 0 to 16");
  EXPECT_EQ(error(R"("node-15")", R"("node-17")"), "file.json:9: steps[2].from: 'node-17' is no group, person, node or seed");
  EXPECT_EQ(error(R"("count": 3)", R"("count": 0)"), "file.json:7: steps[0].count: expected a whole number from 1 to 100000");
  EXPECT_EQ(error(R"("count": 3)", R"("count": 99999)"), "file.json:6: steps: 100013 nodes in the end, at most 100000");
  EXPECT_EQ(error(R"("share_percent": 20)", R"("share_percent": 101)"),
            "file.json:11: steps[4].share_percent: expected a whole number from 1 to 100");
  EXPECT_EQ(error(R"("blocks": 3)", R"("blocks": 12)"), "file.json:17: steps[10].blocks: expected a whole number from 1 to 11");
  EXPECT_EQ(error(R"("fault": "full")", R"("fault": "slow")"),
            "file.json:18: steps[11].fault: 'slow' is none of none, error, full, flaky, sync, damaged");
  EXPECT_EQ(error(R"("slow_ppm": 200)", R"("slow_ppm": 501)"),
            "file.json:19: steps[12].slow_ppm: expected a whole number from 0 to 500");
  EXPECT_EQ(error(R"("slow_ppm": 200)", R"("slow_ppm": 200, "fast_ppm": 1)"),
            "file.json:19: steps[12].slow_ppm: it cannot be fast and slow");
  EXPECT_EQ(error(R"(, "slow_ppm": 200)", ""), "file.json:19: steps[12].fast_by: missing");
  EXPECT_EQ(error(R"("block_time": "5s")", R"("block_time": "0s")"), "file.json:4: network.block_time: expected 1 s to 1 d");
}

TEST(ScenarioFile, ReadsRegionsAndLinesAndWritesThemBack) {
  std::string text = kGood;
  text.replace(text.find(R"({"nodes": 14})"), 13, R"({"nodes": 14, "regions": true,
    "bandwidth": {"nodes": {"up": 5000000, "down": 6000000}, "people": {"down": 1000}},
    "groups": [{"name": "cloud", "nodes": [1, 2], "region": "europe"}],
    "links": [{"from": "oceania", "to": "cloud", "latency": "9ms"}]})");
  const auto scenario = parse_scenario(text, "file.json");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_TRUE(scenario->world.regions);
  EXPECT_EQ(scenario->world.node_bandwidth, (Bandwidth{5'000'000, 6'000'000}));
  EXPECT_EQ(scenario->world.person_bandwidth, (Bandwidth{0, 1'000}));
  EXPECT_EQ(scenario->world.groups[0].region, "europe");
  const std::string written = write_scenario(*scenario);
  const auto back = parse_scenario(written, "written");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(write_scenario(*back), written);
  EXPECT_EQ(back->world.person_bandwidth, scenario->world.person_bandwidth);
  const auto error = [&](const std::string& from, const std::string& to) { return error_of(text, from, to); };
  EXPECT_EQ(error(R"("regions": true)", R"("regions": 1)"), "file.json:4: network.regions: expected true or false");
  EXPECT_EQ(error(R"("regions": true)", R"("regions": false)"),
            "file.json:7: network.links[0].from: 'oceania' is no group, person, node or seed");
  EXPECT_EQ(error(R"("region": "europe")", R"("region": "atlantis")").substr(0, 68),
            "file.json:6: network.groups[0].region: unknown region 'atlantis'; th");
  EXPECT_EQ(error(R"("name": "cloud")", R"("name": "europe")"), "file.json:6: network.groups[0].name: 'europe' is no new name");
  EXPECT_EQ(error(R"("down": 1000)", R"("down": 999)"),
            "file.json:5: network.bandwidth.people.down: expected a whole number from 1000 to 1000000000000");
  EXPECT_EQ(error(R"("people": {)", R"("cats": {)"), "file.json:5: network.bandwidth.cats: unknown field");
}

TEST(ScenarioFile, ReadsWhatMachinesAreLikeInsideAndWritesItBack) {
  std::string text = kGood;
  text.replace(text.find(R"({"nodes": 14})"), 13, R"({"nodes": 14, "cpu": {"nodes": "server", "people": "drawn"},
    "groups": [{"name": "cellar", "nodes": [1, 2], "cpu": "laptop"}]})");
  const auto scenario = parse_scenario(text, "file.json");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->world.node_cpu, (CpuConfig{CpuClass::Server, false}));
  EXPECT_EQ(scenario->world.person_cpu, (CpuConfig{CpuClass::Unpriced, true}));
  EXPECT_EQ(scenario->world.groups[0].cpu, CpuClass::Laptop);
  const std::string written = write_scenario(*scenario);
  const auto back = parse_scenario(written, "written");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(write_scenario(*back), written);
  EXPECT_EQ(back->world.person_cpu, scenario->world.person_cpu);
  const World world(back->world);
  EXPECT_EQ(world.cpu(world.node(0)), CpuClass::Server);
  EXPECT_EQ(world.cpu(world.node(1)), CpuClass::Laptop);
  const auto error = [&](const std::string& from, const std::string& to) { return error_of(text, from, to); };
  EXPECT_EQ(error(R"("server")", R"("drawn")"),
            "file.json:4: network.cpu.nodes: unknown class 'drawn'; there are phone, laptop, server");
  EXPECT_EQ(error(R"("laptop")", R"("mainframe")"),
            "file.json:5: network.groups[0].cpu: unknown class 'mainframe'; there are phone, laptop, server");
  EXPECT_EQ(error(R"("people": "drawn"})", R"("cats": "drawn"})"), "file.json:4: network.cpu.cats: unknown field");
  EXPECT_EQ(error(R"("people": "drawn"})", R"("people": 3})"), "file.json:4: network.cpu.people: expected a text");
}

TEST(ScenarioFile, NamesAndTimesAreThoseThatAWorldCanHave) {
  const auto error = [](const std::string& from, const std::string& to) { return error_of(kGood, from, to); };
  const std::string people = R"("people": ["Alice", )";
  for (const char* name : {"node-03", "spammer-00", "links", "europe"})
    EXPECT_NE(error(people, R"("people": [")" + std::string(name) + R"(", "Alice", )").find("means something else here"),
              std::string::npos)
        << name;
  EXPECT_NE(error(people, R"("people": [" ", "Alice", )").find("people[0]: empty"), std::string::npos);
  EXPECT_NE(error(people, R"("people": ["A,B", "Alice", )").find("people[0]: a comma"), std::string::npos);
  EXPECT_NE(error(people, R"("people": [")" + std::string(200, 'x') + R"(", "Alice", )").find("people[0]: 200 bytes"),
            std::string::npos);
  EXPECT_NE(error(people, R"("people": ["\u001b[2J", "Alice", )").find("people[0]: holds a character"), std::string::npos);
  EXPECT_NE(error(R"("end": "1m")", R"("end": "999999999d")").find("longer than 3660d"), std::string::npos);
}

TEST(ScenarioFile, ReadsHabitsAndWritesThemBack) {
  std::string text = kGood;
  text.replace(text.find(R"("steps")"), 7, R"("habits": {"people": {"count": 3}, "messages_a_day": 200, "clock": "19h"},
  "steps")");
  const auto scenario = parse_scenario(text, "file.json");
  ASSERT_TRUE(scenario) << scenario.error().message;
  ASSERT_TRUE(scenario->habits);
  EXPECT_EQ(scenario->world.people.size(), 5u);
  EXPECT_EQ(scenario->habits->people, (std::vector<std::string>{"person-0001", "person-0002", "person-0003"}));
  EXPECT_EQ(scenario->habits->online_percent, 25u);
  EXPECT_EQ(scenario->habits->messages_a_day, 200u);
  const auto back = parse_scenario(write_scenario(*scenario), "written");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->habits, scenario->habits);
  EXPECT_EQ(back->world.people, scenario->world.people);
  const auto error = [&](const std::string& from, const std::string& to) { return error_of(text, from, to); };
  EXPECT_EQ(error(R"({"count": 3})", R"(["Alice", "Bob"])"), "no error");
  EXPECT_EQ(error(R"({"count": 3})", R"(["Alice", "Eve"])"), "file.json:6: habits.people[1]: 'Eve' is not one of the people");
  EXPECT_EQ(error(R"({"count": 3})", R"(["Alice", "Alice"])"), "file.json:6: habits.people[1]: 'Alice' twice");
  EXPECT_EQ(error(R"({"count": 3})", R"(["Alice"])"),
            "file.json:6: habits.people: expected two people at least: nobody talks alone");
  EXPECT_EQ(error(R"("count": 3)", R"("count": 1)"),
            "file.json:6: habits.people.count: expected a whole number from 2 to 9998");
  EXPECT_EQ(error(R"("19h")", R"("25h")"), "file.json:6: habits.clock: expected a time of the day, less than 24h");
  EXPECT_EQ(error(R"("messages_a_day")", R"("letters_a_day")"), "file.json:6: habits.letters_a_day: unknown field");
}

TEST(ScenarioFile, HostileFilesAreRefused) {
  EXPECT_FALSE(parse_scenario("", "f"));
  EXPECT_FALSE(parse_scenario("[]", "f"));
  EXPECT_FALSE(parse_scenario(std::string(10'000, '['), "f"));
  EXPECT_FALSE(parse_scenario(std::string(5 * 1024 * 1024, ' '), "f"));
}

TEST(ScenarioFile, AllThatShipAreRead) {
  int count = 0;
  for (const auto& file : std::filesystem::directory_iterator(SESSION_SOURCE_DIR "/assets/scenarios")) {
    if (file.path().filename() == "scenario.schema.json") continue;
    std::ifstream in(file.path());
    std::stringstream text;
    text << in.rdbuf();
    const auto scenario = parse_scenario(text.str(), file.path().filename().string());
    EXPECT_TRUE(scenario) << scenario.error().message;
    ++count;
  }
  EXPECT_GE(count, 12);
}

}  // namespace
}  // namespace session::sim

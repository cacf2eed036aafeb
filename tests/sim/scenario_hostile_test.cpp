#include "sim/scenario_hostile.h"

#include <gtest/gtest.h>

#include "tests/sim/scenario_errors.h"

namespace session::sim {
namespace {

const std::string kHostile = R"({
  "name": "Hostile",
  "description": "Traitors and a flood.",
  "network": {"nodes": 14},
  "people": ["Alice", "Bob"],
  "steps": [
    {"at": "10s", "do": "hostile", "node": 1, "swarm_of": "Bob", "how": ["lie", "steer"], "against": "Bob", "most_in_swarm": 2},
    {"at": "20s", "do": "hostile", "share_percent": 40, "how": ["steer"]},
    {"at": "30s", "do": "honest", "node": 1, "swarm_of": "Bob"},
    {"at": "31s", "do": "honest"},
    {"at": "32s", "do": "spam", "to": "Bob", "every": "100ms", "bytes": 3000, "lifetime": "1d", "pays": true, "until": "50s"},
    {"at": "33s", "do": "spam", "to": "Bob", "what": "relays", "until": "50s"}
  ],
  "end": "1m",
  "expect": []
})";

TEST(ScenarioHostile, ReadsWhoIsHostileAndWritesItBack) {
  const auto scenario = parse_scenario(kHostile, "file.json");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->steps[0].malice, Malice({Hostile::Lie, Hostile::Steer}));
  EXPECT_EQ(scenario->steps[0].to, "Bob");
  EXPECT_EQ(scenario->steps[0].most_in_swarm, 2u);
  EXPECT_EQ(scenario->steps[1].number, 40u);
  EXPECT_EQ(scenario->steps[3].number, 1u);
  EXPECT_EQ(scenario->steps[4].spam.every, Millis{100});
  EXPECT_TRUE(scenario->steps[4].spam.pays);
  EXPECT_EQ(scenario->steps[5].spam.what, SpamConfig::What::Relays);
  EXPECT_FALSE(is_survivable(*scenario)) << "a share of 40 % without a bound";
  EXPECT_EQ(describe(scenario->steps[0]), "member 1 of Bob's swarm turns hostile to Bob: lie, steer");
  EXPECT_EQ(describe(scenario->steps[1]), "40 % of the nodes turn hostile: steer");
  EXPECT_EQ(describe(scenario->steps[3]), "every node is honest again");
  EXPECT_EQ(describe(scenario->steps[4]), "a stranger floods Bob with stores of 3000 bytes, one in 100 ms, and works for them");
  const std::string written = write_scenario(*scenario);
  const auto back = parse_scenario(written, "written");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(write_scenario(*back), written);
}

TEST(ScenarioHostile, AWrongAdversaryIsNamedWithItsLineAndField) {
  EXPECT_EQ(
      error_of(kHostile, R"("lie", "steer"])", R"("lie", "sulk"])"),
      "file.json:7: steps[0].how[1]: 'sulk' is no way to be hostile; there are lie, withhold, stale, equivocate, isolate, "
      "refuse, drop-onions, steer, false-online, inflate, frame, mislead, forge");
  EXPECT_EQ(error_of(kHostile, R"("share_percent": 40, )", ""),
            "file.json:8: steps[1].node: missing: give a node, with or without swarm_of, or share_percent");
  EXPECT_EQ(error_of(kHostile, R"(["steer"])", "[]"), "file.json:8: steps[1].how: expected one way to be hostile at least");
  EXPECT_EQ(error_of(kHostile, R"(, "how": ["steer"])", ""), "file.json:8: steps[1].how: missing");
  EXPECT_EQ(error_of(kHostile, R"("against": "Bob")", R"("against": "Dave")"),
            "file.json:7: steps[0].against: 'Dave' is not one of the people");
  EXPECT_EQ(error_of(kHostile, R"("share_percent": 40)", R"("share_percent": 0)"),
            "file.json:8: steps[1].share_percent: expected a whole number from 1 to 100");
  EXPECT_EQ(error_of(kHostile, R"("most_in_swarm": 2)", R"("most_in_swarm": 0)"),
            "file.json:7: steps[0].most_in_swarm: expected a whole number from 1 to 100000");
  EXPECT_EQ(error_of(kHostile, R"("what": "relays")", R"("what": "letters")"),
            "file.json:12: steps[5].what: 'letters' is neither stores nor relays");
  EXPECT_EQ(error_of(kHostile, R"("every": "100ms")", R"("every": "0ms")"),
            "file.json:11: steps[4].every: expected 1 ms at least");
  EXPECT_EQ(error_of(kHostile, R"("bytes": 3000)", R"("bytes": 76801)"),
            "file.json:11: steps[4].bytes: expected a whole number from 1 to 76800");
  EXPECT_EQ(error_of(kHostile, R"("what": "relays", "until": "50s")", R"("what": "relays", "until": "5s")"),
            "file.json:12: steps[5].until: not after its beginning");
  EXPECT_EQ(error_of(kHostile, R"("what": "relays",)", R"("what": "relays", "pays": true,)"),
            "file.json:12: steps[5].pays: unknown field");
}

}  // namespace
}  // namespace session::sim

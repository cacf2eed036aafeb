#include "sim/narrator.h"

#include <gtest/gtest.h>

#include "sim/scenario.h"

namespace session::sim {
namespace {

TEST(Narrator, TellsAMessagesWholeWay) {
  const auto scenario =
      parse_scenario(R"({"name": "t", "description": "t", "network": {"nodes": 14}, "people": ["Alice", "Bob"],
    "end": "40s", "steps": [{"at": "10s", "do": "ask", "who": "Alice", "to": "Bob", "text": "hi"}], "expect": []})",
                     "test");
  ASSERT_TRUE(scenario);
  ScenarioRun run(*scenario, 1);
  std::string all;
  Narrator narrator(run.world(), [&](const std::string& line) { all += line + "\n"; });
  run.advance(run.end(), &narrator);
  for (const char* part :
       {"> Alice asks Bob: hi", "addressing", "found its stamp", "sends ", "takes off a layer", "takes off the last layer",
        "a copy from its peer", "kept, by 7 of 7", "Bob      is told: request from Alice"})
    EXPECT_NE(all.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace session::sim

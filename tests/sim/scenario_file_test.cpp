#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/scenario.h"

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

std::string error_of(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, text.npos);
  text.replace(at, from.size(), to);
  const auto parsed = parse_scenario(text, "file.json");
  return parsed ? "no error" : parsed.error().message;
}

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
  EXPECT_NE(error_of(kGood, R"("1m")", R"("1 minute")").find("file.json:10: end: expected a time"), std::string::npos);
  EXPECT_NE(error_of(kGood, R"("10s")", R"("2m")").find("file.json:7: steps[0].at: after the end"), std::string::npos);
  EXPECT_NE(error_of(kGood, R"("Bob"],)", R"("Alice"],)").find("file.json:5: people[1]: 'Alice' twice"), std::string::npos);
  EXPECT_NE(error_of(kGood, R"("end": "1m",)", R"("end" "1m",)").find("file.json:10: not JSON"), std::string::npos);
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
  EXPECT_GE(count, 3);
}

}  // namespace
}  // namespace session::sim

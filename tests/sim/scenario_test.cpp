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

}  // namespace
}  // namespace session::sim

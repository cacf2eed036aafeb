#include <gtest/gtest.h>

#include "sim/scenario.h"

namespace session::sim {
namespace {

TEST(PeopleInScenarios, DoAgainWhatTheirStoreDidNotKeepAndNothingElse) {
  for (const char* fault : {"error", "full", "sync"}) {
    const auto scenario = parse_scenario(R"({"name": "t", "description": "t", "network": {"preset": "today", "nodes": 12},
      "fidelity": "modelled", "people": ["Alice", "Bob"], "steps": [
        {"at": "10s", "do": "ask", "who": "Alice", "to": "Bob", "text": "hello"},
        {"at": "30s", "do": "accept", "who": "Bob", "from": "Alice"},
        {"at": "60s", "do": "disk-fault", "who": "Alice", "fault": ")" +
                                             std::string(fault) +
                                             R"("},
        {"at": "61s", "do": "send", "who": "Alice", "to": "Bob", "text": "one"},
        {"at": "62s", "do": "send", "who": "Alice", "to": "Bob", "text": "two"},
        {"at": "75s", "do": "calm"}],
      "end": "4m", "expect": [
        {"who": "Bob", "event": "message", "from": "Alice", "count": 2},
        {"who": "Bob", "event": "message", "from": "Alice", "text": "one"},
        {"who": "Bob", "event": "message", "from": "Alice", "text": "two"}]})",
                                         "file");
    ASSERT_TRUE(scenario) << scenario.error().message;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      ScenarioRun run(*scenario, seed);
      run.advance(run.end(), nullptr);
      for (const std::string& problem : run.problems()) ADD_FAILURE() << fault << ", seed " << seed << ": " << problem;
    }
  }
}

}  // namespace
}  // namespace session::sim

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/scenario_words.h"

namespace session::sim {
namespace {

TEST(ScenarioWrite, WhatShipsReadsBackAsItWasWrittenAndRunsAlike) {
  for (const auto& file : std::filesystem::directory_iterator(SESSION_SOURCE_DIR "/assets/scenarios")) {
    if (file.path().filename() == "scenario.schema.json") continue;
    std::ifstream in(file.path());
    std::stringstream text;
    text << in.rdbuf();
    const auto scenario = parse_scenario(text.str(), file.path().string());
    ASSERT_TRUE(scenario) << scenario.error().message;
    const std::string written = write_scenario(*scenario);
    const auto back = parse_scenario(written, "written");
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(write_scenario(*back), written);
    EXPECT_EQ(back->world.network, scenario->world.network);
    EXPECT_EQ(back->steps.size(), scenario->steps.size());
    Digest one, two;
    ScenarioRun first(*scenario, 1), second(*back, 1);
    first.advance(first.begin() + seconds(15), &one);
    second.advance(second.begin() + seconds(15), &two);
    EXPECT_EQ(one.hex(), two.hex());
  }
}

TEST(ScenarioWrite, EveryStepHasAWordOfItsOwn) {
  for (const char* word : {"ask", "node-pause", "link", "part", "mend", "difficulty", "nodes-leave"})
    EXPECT_EQ(word_of(*step_of(word)), word);
  EXPECT_FALSE(step_of(""));
  EXPECT_FALSE(step_of("Ask"));
}

}  // namespace
}  // namespace session::sim

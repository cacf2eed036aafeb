#include "sim/shipped.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "sim/scenario.h"

namespace session::sim {
namespace {

TEST(Shipped, EveryScenarioOfTheFolderIsInTheTableAndIsRead) {
  std::set<std::string> files, table;
  for (const auto& file : std::filesystem::directory_iterator(SESSION_SOURCE_DIR "/assets/scenarios"))
    if (file.path().filename() != "scenario.schema.json") files.insert(file.path().stem().string());
  std::set<std::string> names;
  for (const auto& [name, text] : shipped_scenarios()) {
    table.emplace(name);
    const auto scenario = parse_scenario(text, name);
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_TRUE(names.insert(scenario->name).second) << scenario->name << " twice";
    EXPECT_FALSE(scenario->expect.empty()) << name << " expects nothing";
  }
  EXPECT_EQ(files, table);
}

}  // namespace
}  // namespace session::sim

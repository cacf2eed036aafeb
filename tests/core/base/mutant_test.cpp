#include "core/base/mutant.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>

namespace session::mutant {
namespace {

TEST(Mutants, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  std::set<Mutant> all;
  for (const Named& each : kAll) {
    EXPECT_TRUE(names.insert(each.name).second) << each.name;
    EXPECT_TRUE(all.insert(each.mutant).second) << each.name;
    EXPECT_FALSE(each.what.empty()) << each.name;
    EXPECT_EQ(find(each.name), each.mutant);
  }
  EXPECT_FALSE(all.contains(Mutant::None));
  EXPECT_FALSE(find("D9"));
  EXPECT_FALSE(find(""));
}

TEST(Mutants, AreOnInTheirScopeOnTheirThreadOnly) {
  if (!kAreBuilt) GTEST_SKIP() << "this build has none";
  EXPECT_FALSE(is_on(Mutant::D1));
  {
    const Scope outer(Mutant::D1);
    EXPECT_TRUE(is_on(Mutant::D1));
    EXPECT_FALSE(is_on(Mutant::D2));
    {
      const Scope inner(Mutant::None);
      EXPECT_FALSE(is_on(Mutant::D1));
    }
    bool elsewhere = true;
    std::thread([&] { elsewhere = is_on(Mutant::D1); }).join();
    EXPECT_FALSE(elsewhere);
    EXPECT_TRUE(is_on(Mutant::D1));
  }
  EXPECT_FALSE(is_on(Mutant::D1));
}

/// What the presets file says of one preset, as text.
std::string preset(const std::string& name) {
  std::stringstream text;
  text << std::ifstream(std::string(SESSION_SOURCE_DIR) + "/CMakePresets.json").rdbuf();
  const std::string all = text.str();
  const auto from = all.find("{\"name\": \"" + name + "\", \"inherits\"");
  return from == std::string::npos ? "" : all.substr(from, all.find("{\"name\":", from + 1) - from);
}

TEST(Mutants, AreInNoReleaseAndInEveryBuildThatLooksForThem) {
  for (const char* name : {"dev", "asan", "tsan", "clang"})
    EXPECT_NE(preset(name).find("\"SESSION_MUTANTS\": \"ON\""), std::string::npos) << name;
  EXPECT_NE(preset("release").find("\"SESSION_MUTANTS\": \"OFF\""), std::string::npos);
  if (std::string(SESSION_BUILD_NAME) == "release") {
    EXPECT_FALSE(kAreBuilt);
  }
  if (!kAreBuilt) {
    for (const Named& each : kAll) {
      const Scope scope(each.mutant);
      EXPECT_FALSE(is_on(each.mutant)) << each.name;
    }
  }
}
#if !SESSION_MUTANTS
static_assert(!is_on(Mutant::D1), "nothing of them is left when compiling");
#endif

}  // namespace
}  // namespace session::mutant

#include "core/pow/policy.h"

#include <gtest/gtest.h>

namespace session::pow {
namespace {

TEST(Policy, ReadmeAsksForWorkBeyondTheFreeSizeOrTime) {  // profile.md 1
  const auto readme = preset("readme").value();
  EXPECT_FALSE(is_due(readme, 2048, days(4)));
  EXPECT_TRUE(is_due(readme, 2049, days(4)));
  EXPECT_TRUE(is_due(readme, 1, days(4) + Millis{1}));
}

TEST(Policy, OtherPresetsAskAlwaysOrNever) {
  EXPECT_TRUE(is_due(preset("loki-2020").value(), 0, seconds(10)));
  EXPECT_FALSE(is_due(preset("today").value(), 76'800, days(14)));
  EXPECT_FALSE(preset("tomorrow"));
  for (const auto& name : preset_names()) EXPECT_EQ(preset(name)->name, name);
}

TEST(Difficulty, AnyValueOfTheLastQuarterOfAnHourIsAccepted) {
  DifficultyHistory history(10);
  const Instant start = Instant::from_unix_millis(1'000'000'000);
  history.change(100, start);
  EXPECT_EQ(history.current(), 100u);
  EXPECT_EQ(history.lowest_since(start + minutes(14) - kDifficultyGrace), 10u);
  EXPECT_EQ(history.lowest_since(start + minutes(15) - kDifficultyGrace), 100u);
  history.change(5, start + minutes(20));
  EXPECT_EQ(history.lowest_since(start + minutes(10)), 5u);
}

TEST(Difficulty, RepetitionsAndZeroChangeNothing) {
  DifficultyHistory history(10);
  history.change(10, Instant{5});
  history.change(0, Instant{6});
  EXPECT_EQ(history.current(), 10u);
  EXPECT_EQ(history.lowest_since(Instant{}), 10u);
}

}  // namespace
}  // namespace session::pow

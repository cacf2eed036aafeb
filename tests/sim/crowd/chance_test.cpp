#include "sim/crowd/chance.h"

#include <gtest/gtest.h>

#include <cmath>

namespace session::sim {
namespace {

TEST(Chance, LogarithmsAreRightToTheirLastBits) {
  for (const std::uint64_t x : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{12'345'678'901'234'567},
                                std::uint64_t{1} << 63, ~std::uint64_t{0}})
    EXPECT_NEAR(static_cast<double>(minus_log2(x)) / 4294967296.0, 64 - std::log2(static_cast<double>(x)), 1e-6) << x;
  EXPECT_EQ(minus_log2(0), minus_log2(1));
}

TEST(Chance, ExponentialNumbersHaveTheirMeanAndTail) {
  SmallDice dice(3);
  constexpr int kDraws = 200'000;
  double sum = 0;
  int beyond_twice = 0;
  for (int i = 0; i < kDraws; ++i) {
    const std::int64_t drawn = exponential(1'000'000, dice);
    ASSERT_GE(drawn, 0);
    sum += static_cast<double>(drawn);
    beyond_twice += drawn > 2'000'000;
  }
  EXPECT_NEAR(sum / kDraws, 1e6, 1e4);
  EXPECT_NEAR(static_cast<double>(beyond_twice) / kDraws, std::exp(-2), 0.005);
}

TEST(Chance, TrialsAreAtLeastOneAndAsManyAsExpected) {
  SmallDice dice(4);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t trials = trials_until_found(50'000, dice);
    ASSERT_GE(trials, 1u);
    sum += static_cast<double>(trials);
  }
  EXPECT_NEAR(sum / 1e5, 50'000, 700);
}

TEST(Chance, SmallDiceAreEven) {
  SmallDice dice(5);
  std::array<int, 7> seen{};
  for (int i = 0; i < 70'000; ++i) ++seen[dice.below(7)];
  for (const int each : seen) EXPECT_NEAR(each, 10'000, 400);
}

}  // namespace
}  // namespace session::sim

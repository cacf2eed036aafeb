#include "sim/crowd/histogram.h"

#include <gtest/gtest.h>

namespace session::sim {
namespace {

TEST(Histogram, IsExactForSmallValuesAndNearForLargeOnes) {
  for (const std::int64_t value : {0L, 1L, 63L, 64L, 65L, 127L, 128L, 1'000L, 123'456L, 86'400'000L, 9'000'000'000'000L}) {
    Histogram h;
    h.add(value);
    h.add(value * 2 + 1);
    const auto low = static_cast<std::int64_t>(h.quantile(500));
    EXPECT_GE(low, value);
    EXPECT_LE(low, value + value / 32 + (value < 64 ? 0 : 1));
    EXPECT_EQ(h.quantile(1000), static_cast<std::uint64_t>(value * 2 + 1));
  }
}

TEST(Histogram, KnowsItsQuantilesItsMeanAndItsMost) {
  Histogram h;
  EXPECT_EQ(h.quantile(500), 0u);
  for (int i = 1; i <= 1'000; ++i) h.add(i);
  EXPECT_EQ(h.count(), 1'000u);
  EXPECT_EQ(h.mean(), 500u);
  EXPECT_EQ(h.most(), 1'000u);
  EXPECT_NEAR(static_cast<double>(h.quantile(500)), 500, 16);
  EXPECT_NEAR(static_cast<double>(h.quantile(990)), 990, 31);
  std::uint64_t all = 0, before = 0;
  h.visit([&](std::uint64_t end, std::uint64_t count) {
    EXPECT_GE(end, before);
    before = end;
    all += count;
  });
  EXPECT_EQ(all, 1'000u);
  h.add(-5);
  EXPECT_EQ(h.quantile(0), 0u);
}

}  // namespace
}  // namespace session::sim

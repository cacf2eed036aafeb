#include "sim/distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/base/rng.h"

namespace session::sim {
namespace {

TEST(Distribution, SmallValuesAreExact) {
  Distribution h;
  for (std::uint64_t v = 1; v <= 200; ++v) h.add(v);
  EXPECT_EQ(h.quantile(500'000), 100u);
  EXPECT_EQ(h.quantile(900'000), 180u);
  EXPECT_EQ(h.quantile(990'000), 198u);
  EXPECT_EQ(h.quantile(1'000'000), 200u);
  EXPECT_EQ(h.quantile(0), 1u);
  EXPECT_EQ(h.sum(), 20'100u);
}

TEST(Distribution, QuantilesAreThoseOfTheSortedValuesToOnePercent) {
  SeededRng dice(5);
  for (int round = 0; round < 20; ++round) {
    Distribution h;
    std::vector<std::uint64_t> all;
    for (std::uint64_t i = 0, n = 1 + dice.below(2'000); i < n; ++i) {
      all.push_back(dice.next() >> dice.below(64));
      h.add(all.back());
    }
    std::sort(all.begin(), all.end());
    for (const std::uint64_t ppm : {1u, 10'000u, 500'000u, 900'000u, 990'000u, 1'000'000u}) {
      const std::uint64_t exact = all[(all.size() * ppm + 999'999) / 1'000'000 - 1], found = h.quantile(ppm);
      EXPECT_GE(found, exact);
      EXPECT_LE(found - exact, exact / 100) << "round " << round << ", ppm " << ppm;
    }
    EXPECT_EQ(h.max(), all.back());
    EXPECT_EQ(h.min(), all.front());
  }
}

TEST(Distribution, EveryValueIsInOneBucketAndBucketsComeInOrder) {
  Distribution h;
  for (const std::uint64_t v :
       {std::uint64_t{0}, std::uint64_t{255}, std::uint64_t{256}, std::uint64_t{1} << 40, ~std::uint64_t{0}})
    h.add(v);
  std::uint64_t count = 0, last = 0;
  h.visit([&](std::uint64_t upper, std::uint64_t n) {
    EXPECT_TRUE(count == 0 || upper > last);
    last = upper;
    count += n;
  });
  EXPECT_EQ(count, h.count());
  EXPECT_EQ(last, ~std::uint64_t{0});
  EXPECT_EQ(h.sum(), ~std::uint64_t{0}) << "a sum that leaves 64 bits stays at the end";
}

TEST(Distribution, NothingHasNoQuantile) {
  const Distribution h;
  EXPECT_EQ(h.quantile(500'000), 0u);
  EXPECT_EQ(h.min() + h.max() + h.sum() + h.count(), 0u);
}

}  // namespace
}  // namespace session::sim

#include "core/base/time.h"

#include <gtest/gtest.h>

#include <limits>

namespace session {
namespace {

TEST(Millis, UnitsBuildOnEachOther) {
  EXPECT_EQ(seconds(1).count, 1'000);
  EXPECT_EQ(minutes(1), seconds(60));
  EXPECT_EQ(hours(1), minutes(60));
  EXPECT_EQ(days(14).count, 1'209'600'000);
  EXPECT_EQ(seconds(3) - seconds(5), seconds(-2));
  EXPECT_EQ(seconds(3) * 4 + seconds(1), seconds(13));
  EXPECT_LT(minutes(1), seconds(61));
}

TEST(Instant, ComesBackFromUnixMilliseconds) {
  for (const std::int64_t ms :
       {std::int64_t{0}, std::int64_t{1'581'900'000'000}, std::int64_t{-1}, std::int64_t{9'007'199'254'740'991 / 1000}})
    EXPECT_EQ(Instant::from_unix_millis(ms).unix_millis(), ms);
}

TEST(Instant, WhatStrangersSendCannotLeave64Bits) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max(), kLeast = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(Instant::from_unix_millis(kMost).micros, kMost);
  EXPECT_EQ(Instant::from_unix_millis(kLeast).micros, kLeast);
  EXPECT_EQ((Instant{kMost} + Millis{1}).micros, kMost);
  EXPECT_EQ((Instant{kLeast} - Millis{1}).micros, kLeast);
  EXPECT_EQ((Instant{5} - Millis{kMost}).micros, kLeast);
  EXPECT_EQ((Instant{kMost} - Instant{kLeast}).count, kMost / 1000);
  EXPECT_EQ((Instant{kLeast} - Instant{kMost}).count, kLeast / 1000);
}

TEST(Instant, SpansBetweenPointsAddUp) {
  const Instant start = Instant::from_unix_millis(1'581'900'000'000);
  EXPECT_EQ((start + days(2)) - start, days(2));
  EXPECT_EQ(start - (start + days(2)), days(-2));
  EXPECT_EQ(start + seconds(1) - seconds(1), start);
  EXPECT_LT(start, start + Millis{1});
}

TEST(Instant, SpansAreRoundedTowardsZero) {
  EXPECT_EQ(Instant{1'999} - Instant{0}, Millis{1});
  EXPECT_EQ(Instant{0} - Instant{1'999}, Millis{-1});
  EXPECT_EQ(Instant{1'999}.unix_millis(), 1);
}

}  // namespace
}  // namespace session

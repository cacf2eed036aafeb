#include "sim/clock.h"

#include <gtest/gtest.h>

namespace session::sim {
namespace {

const Instant kBegin = Instant::from_unix_millis(1'577'836'800'000);

TEST(MachineClock, ATrueOneShowsTheTime) {
  const MachineClock clock;
  EXPECT_EQ(clock.at(kBegin), kBegin);
  EXPECT_EQ(clock.when(kBegin, kBegin), kBegin);
  EXPECT_TRUE(clock.is_true(kBegin));
}

TEST(MachineClock, AnErrorStaysAndADriftGrows) {
  MachineClock clock;
  clock.set_error(Millis{} - seconds(3), kBegin);
  EXPECT_EQ(clock.at(kBegin + days(1)), kBegin + days(1) - seconds(3));
  clock.set_drift(500, kBegin);
  EXPECT_EQ(clock.at(kBegin), kBegin - seconds(3));
  EXPECT_EQ(clock.at(kBegin + seconds(2'000)), kBegin + seconds(2'000) - seconds(2));
  clock.set_drift(0, kBegin + seconds(2'000));
  EXPECT_EQ(clock.at(kBegin + days(9)), kBegin + days(9) - seconds(2));
  EXPECT_FALSE(clock.is_true(kBegin));
  clock.set_error({}, kBegin + days(9));
  EXPECT_TRUE(clock.is_true(kBegin + days(10)));
}

TEST(MachineClock, WhenIsTheFirstMomentAtWhichItShowsAtLeastThat) {
  for (const std::int64_t ppm : {-500, -499, -1, 0, 1, 333, 500})
    for (const std::int64_t later : {0LL, 1LL, 999'999LL, 1'000'001LL, 86'400'000'000LL, 31'536'000'000'017LL}) {
      MachineClock clock;
      clock.set_error(Millis{1'234}, kBegin);
      clock.set_drift(ppm, kBegin);
      const Instant shown{kBegin.micros + 1'234'000 + later};
      const Instant when = clock.when(shown, kBegin);
      EXPECT_GE(clock.at(when), shown) << ppm << ' ' << later;
      EXPECT_LE(clock.at({when.micros - 2}), shown) << ppm << ' ' << later;
    }
}

TEST(MachineClock, OneThatStandsStillFallsBehindAndRingsAllTheSame) {
  MachineClock clock;
  clock.set_error(seconds(5), kBegin);
  clock.set_stopped(true, kBegin + seconds(60));
  const Instant shown = kBegin + seconds(65);
  for (const Millis later : {seconds(60), seconds(61), hours(3)}) {
    EXPECT_EQ(clock.at(kBegin + later), shown);
    EXPECT_EQ(clock.when(shown + seconds(7), kBegin + later), kBegin + later + seconds(7));
  }
  EXPECT_FALSE(clock.is_true(kBegin + seconds(65))) << "it shows the right time once, and stands";
  clock.set_stopped(false, kBegin + seconds(100));
  EXPECT_EQ(clock.at(kBegin + seconds(110)), shown + seconds(10));
  clock.set_error({}, kBegin + seconds(110));
  EXPECT_TRUE(clock.is_true(kBegin + hours(1)));
}

}  // namespace
}  // namespace session::sim

#include "core/client/auto_lock.h"

#include <gtest/gtest.h>

namespace session::client {
namespace {

const Instant kNow = Instant::from_unix_millis(1'700'000'000'000);

TEST(AutoLock, IsDueAfterItsTimeWithoutATouch) {
  const AutoLock lock(seconds(60), kNow);
  EXPECT_FALSE(lock.is_due(kNow + seconds(60) - Millis{1}));
  EXPECT_TRUE(lock.is_due(kNow + seconds(60)));
}

TEST(AutoLock, ATouchPutsItOff) {
  AutoLock lock(seconds(60), kNow);
  lock.touch(kNow + seconds(59));
  EXPECT_FALSE(lock.is_due(kNow + seconds(118)));
  EXPECT_TRUE(lock.is_due(kNow + seconds(119)));
}

TEST(AutoLock, AClockThatGoesBackDoesNotPutItOff) {
  AutoLock lock(seconds(60), kNow);
  lock.touch(kNow - hours(1));
  EXPECT_EQ(lock.due(), kNow + seconds(60));
}

TEST(AutoLock, WhoWaitsForItsRestFindsItDue) {
  const AutoLock lock(seconds(60), kNow);
  const Instant early{kNow.micros + 1};
  EXPECT_TRUE(lock.is_due(early + lock.rest(early)));
  EXPECT_EQ(lock.rest(kNow + seconds(60)), Millis{});
}

}  // namespace
}  // namespace session::client

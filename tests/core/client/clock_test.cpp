#include "core/client/clock.h"

#include <gtest/gtest.h>

namespace session::client {
namespace {

const Instant kNow = Instant::from_unix_millis(1'700'000'000'000);

NodeId node(int n) {
  NodeId id;
  id.key[0] = static_cast<std::byte>(n);
  return id;
}
/// `n` shows a time that is `ahead` of ours, at once.
bool tell(Clock& clock, int n, Millis ahead) { return clock.sample(node(n), kNow + ahead, kNow, kNow); }

TEST(Clock, BelievesTheMedianOfThreeNodesAndNotOne) {
  Clock clock;
  EXPECT_FALSE(tell(clock, 1, hours(24)));
  EXPECT_FALSE(tell(clock, 1, hours(24)));  // the same node again is still one
  EXPECT_FALSE(tell(clock, 2, seconds(0)));
  EXPECT_EQ(clock.offset(), Millis{});
  EXPECT_FALSE(tell(clock, 3, seconds(0)));
  EXPECT_EQ(clock.offset(), Millis{});
}

TEST(Clock, CorrectsAndSaysByHowMuch) {
  Clock clock;
  for (int n : {1, 2, 3}) tell(clock, n, hours(3));
  EXPECT_EQ(clock.offset(), hours(3));
  EXPECT_TRUE(clock.is_wrong());
  EXPECT_EQ(clock.words(), "this device's clock is 3 hours slow");
  Clock fast;
  for (int n : {1, 2, 3}) tell(fast, n, Millis{} - seconds(45));
  EXPECT_EQ(fast.words(), "this device's clock is 45 seconds fast");
}

TEST(Clock, MoreThanADayTakesFiveNodes) {
  Clock clock;
  for (int n : {1, 2, 3, 4}) EXPECT_FALSE(tell(clock, n, days(40)));
  EXPECT_EQ(clock.offset(), Millis{});
  EXPECT_TRUE(tell(clock, 5, days(40)));
  EXPECT_EQ(clock.offset(), days(40));
}

TEST(Clock, AMinorityOfLiarsMovesNothing) {
  Clock clock;
  for (int n : {1, 2, 3, 4}) tell(clock, n, Millis{200});
  for (int n : {5, 6, 7}) tell(clock, n, days(400));
  EXPECT_EQ(clock.offset(), Millis{});
}

TEST(Clock, TakesHalfTheRoundTripOff) {
  Clock clock;
  for (int n : {1, 2, 3}) clock.sample(node(n), kNow + minutes(1), kNow, kNow + seconds(8));
  EXPECT_EQ(clock.offset(), seconds(56));
}

TEST(Clock, LittleIsToleratedAndJitterDoesNotMoveACorrection) {
  Clock clock;
  for (int n : {1, 2, 3}) EXPECT_FALSE(tell(clock, n, Clock::kTolerated - Millis{1}));
  EXPECT_EQ(clock.offset(), Millis{});
  for (int n : {1, 2, 3}) tell(clock, n, minutes(2));
  ASSERT_EQ(clock.offset(), minutes(2));
  for (int n : {1, 2, 3}) EXPECT_FALSE(tell(clock, n, minutes(2) + Millis{700}));
  EXPECT_EQ(clock.offset(), minutes(2));
  for (int n : {1, 2, 3}) tell(clock, n, Millis{});  // it was set right
  EXPECT_EQ(clock.offset(), Millis{});
}

TEST(Clock, ForgetsOldNodesAndAllWhenAsked) {
  Clock clock;
  for (int n = 1; n <= 20; ++n) tell(clock, n, hours(1));
  EXPECT_EQ(clock.samples(), Clock::kMaxSamples);
  clock.forget();
  EXPECT_EQ(clock.samples(), 0u);
  EXPECT_EQ(clock.words(), "");
}

}  // namespace
}  // namespace session::client

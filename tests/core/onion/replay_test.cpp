#include "core/onion/replay.h"

#include <gtest/gtest.h>

#include <deque>

#include "core/base/rng.h"
#include "core/crypto/hash.h"

namespace session::onion {
namespace {

Print print(std::uint64_t n) { return crypto::blake2b_128({big(n)}); }

TEST(ReplayCache, RefusesAKeyForTenMinutes) {  // profile.md 10.3
  ReplayCache cache;
  const Instant start{1};
  EXPECT_TRUE(cache.is_fresh(print(1), start));
  EXPECT_FALSE(cache.is_fresh(print(1), start + seconds(1)));
  EXPECT_FALSE(cache.is_fresh(print(1), start + minutes(10) - Millis{1}));
  EXPECT_TRUE(cache.is_fresh(print(1), start + minutes(10)));
}

TEST(ReplayCache, StaysUnderItsCapAndForgetsTheOldest) {
  ReplayCache cache(100);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    EXPECT_TRUE(cache.is_fresh(print(i), Instant{static_cast<std::int64_t>(i)}));
    EXPECT_LE(cache.size(), 100u);
  }
  for (std::uint64_t i = 900; i < 1000; ++i) EXPECT_FALSE(cache.is_fresh(print(i), Instant{1000})) << i;
  EXPECT_TRUE(cache.is_fresh(print(899), Instant{1001}));
}

TEST(ReplayCache, RemembersWhatAListDoes) {
  SeededRng rng(5);
  ReplayCache cache(300, seconds(60));
  std::deque<std::pair<std::uint64_t, Instant>> list;
  Instant now = Instant::from_unix_millis(1);
  std::size_t most = 0;
  for (int step = 0; step < 20'000; ++step) {
    // Whole seconds: within one, the cache may remember a little longer than it must.
    now = now + seconds(static_cast<std::int64_t>(rng.below(step % 2'000 < 1'000 ? 1 : 3)));
    while (!list.empty() && list.front().second + seconds(60) <= now) list.pop_front();
    const std::uint64_t n = rng.below(600);
    const bool is_known = std::ranges::find(list, n, [](const auto& each) { return each.first; }) != list.end();
    ASSERT_EQ(cache.is_fresh(print(n), now), !is_known) << step;
    if (is_known) continue;
    if (list.size() == 300) list.pop_front();
    list.emplace_back(n, now);
    ASSERT_EQ(cache.size(), list.size());
    most = std::max(most, list.size());
  }
  EXPECT_EQ(most, 300u);
}

TEST(ReplayCache, HoldsMoreThanAMillion) {  // profile.md 10.9: 2^24 keys
  ReplayCache cache;
  // Made by a step and not by a hash: this is about how many there is room for.
  const auto cheap = [](std::uint64_t n) { return to_array<16>(big(n * 0x9e3779b97f4a7c15ULL)); };
  constexpr std::uint64_t kMany = (1 << 20) + 2;
  std::uint64_t fresh = 0;
  for (std::uint64_t i = 0; i < kMany; ++i) fresh += cache.is_fresh(cheap(i), Instant{1}) ? 1 : 0;
  EXPECT_EQ(fresh, kMany);
  EXPECT_FALSE(cache.is_fresh(cheap(0), Instant{2}));
  EXPECT_EQ(cache.size(), kMany);
}

TEST(ReplayCache, AClockThatIsSetBackForgetsNothingEarlyAndKeepsNothingLong) {
  ReplayCache cache(100, seconds(60));
  const Instant now = Instant::from_unix_millis(1'700'000'000'000);
  EXPECT_TRUE(cache.is_fresh(print(1), now + hours(1)));
  EXPECT_FALSE(cache.is_fresh(print(1), now));
  EXPECT_FALSE(cache.is_fresh(print(1), now + seconds(59)));
  EXPECT_TRUE(cache.is_fresh(print(1), now + seconds(60)));
}

}  // namespace
}  // namespace session::onion

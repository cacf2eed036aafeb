#include "core/onion/replay.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"

namespace session::onion {
namespace {

crypto::X25519Public key(std::uint64_t n) {
  crypto::X25519Public out;
  const auto bytes = big(n);
  std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  return out;
}

TEST(ReplayCache, RefusesAKeyForTenMinutes) {  // profile.md 10.3
  ReplayCache cache;
  const Instant start{1};
  EXPECT_TRUE(cache.is_fresh(key(1), start));
  EXPECT_FALSE(cache.is_fresh(key(1), start + seconds(1)));
  EXPECT_FALSE(cache.is_fresh(key(1), start + minutes(10) - Millis{1}));
  EXPECT_TRUE(cache.is_fresh(key(1), start + minutes(10)));
}

TEST(ReplayCache, StaysUnderItsCapAndForgetsTheOldest) {
  ReplayCache cache(100);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    EXPECT_TRUE(cache.is_fresh(key(i), Instant{static_cast<std::int64_t>(i)}));
    EXPECT_LE(cache.size(), 100u);
  }
  EXPECT_FALSE(cache.is_fresh(key(999), Instant{1000}));
  EXPECT_TRUE(cache.is_fresh(key(0), Instant{1001}));
}

}  // namespace
}  // namespace session::onion

#include "core/pow/search.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"

namespace session::pow {
namespace {

Puzzle puzzle(Rng& rng, std::uint64_t expected) {
  Puzzle p;
  rng.fill(p.inner);
  p.target = ~std::uint64_t{0} / expected;
  return p;
}

TEST(Search, FindsTheSameNonceWithAnyNumberOfThreads) {
  SeededRng rng(1);
  for (int i = 0; i < 12; ++i) {
    const Puzzle p = puzzle(rng, 20'000);
    const auto alone = search(p, 0, ~std::uint64_t{0});
    ASSERT_TRUE(alone.nonce);
    EXPECT_TRUE(is_met(p, *alone.nonce));
    for (const unsigned threads : {1u, 2u, 3u, 5u}) EXPECT_EQ(search_parallel(p, threads).nonce, alone.nonce);
  }
}

TEST(Search, KernelAgreesWithTheDefinition) {
  SeededRng rng(2);
  const Puzzle p = puzzle(rng, 50);
  const auto found = search(p, 0, 100'000);
  ASSERT_TRUE(found.nonce);
  for (std::uint64_t n = 0; n + 1 < found.trials; ++n) ASSERT_FALSE(is_met(p, big(n)));
  EXPECT_TRUE(is_met(p, *found.nonce));
}

TEST(Search, ATargetOfZeroIsAnsweredAtOnce) {
  SeededRng rng(3);
  Puzzle p = puzzle(rng, 1);
  p.target = 0;
  EXPECT_FALSE(search(p, 0, ~std::uint64_t{0}).nonce);
  EXPECT_FALSE(search_parallel(p, 2).nonce);
}

TEST(Search, StopsWhenAsked) {
  SeededRng rng(4);
  Puzzle p = puzzle(rng, 1);
  p.target = 1;  // practically never met
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(search(p, 0, ~std::uint64_t{0}, stop.get_token()).nonce);
  EXPECT_FALSE(search_parallel(p, 2, stop.get_token()).nonce);
}

TEST(Search, TellsItsProgressAndItsRate) {
  SeededRng rng(7);
  const Puzzle p = puzzle(rng, 50'000);
  std::atomic<std::uint64_t> progress{0};
  const auto found = search_parallel(p, 2, {}, &progress);
  EXPECT_EQ(progress.load(), found.trials);
  EXPECT_GT(trials_per_second(), 1'000u);
}

TEST(Search, StaysInItsRange) {
  SeededRng rng(5);
  Puzzle p = puzzle(rng, 1);
  p.target = 1;
  EXPECT_EQ(search(p, 10, 500).trials, 500u);
  EXPECT_EQ(search(p, ~std::uint64_t{0} - 3, 500).trials, 3u);
}

}  // namespace
}  // namespace session::pow

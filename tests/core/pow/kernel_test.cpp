#include "core/pow/kernel.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "core/pow/search.h"

namespace session::pow {
namespace {

Puzzle puzzle(Rng& rng, std::uint64_t expected) {
  Puzzle p;
  rng.fill(p.inner);
  p.target = ~std::uint64_t{0} / expected;
  return p;
}

TEST(Kernel, ThereIsAtLeastOneAndEachHasAName) {
  ASSERT_FALSE(kernels().empty());
  for (const Kernel& kernel : kernels()) EXPECT_STRNE(kernel.name, "");
}

TEST(Kernel, EveryOneFindsWhatThePlainSearchFinds) {
  for (const Kernel& kernel : kernels()) {
    SCOPED_TRACE(kernel.name);
    SeededRng rng(1);
    for (int i = 0; i < 200; ++i) {
      const Puzzle p = puzzle(rng, 1 + rng.below(300));
      const std::uint64_t from = i % 2 == 0 ? rng.next() >> 1 : rng.below(1000);
      const std::uint64_t count = rng.below(700);
      const auto plain = search_plain(p, from, count), found = search(p, from, count, {}, kernel);
      ASSERT_EQ(found.nonce, plain.nonce) << "from " << from << " count " << count;
      ASSERT_EQ(found.trials, plain.trials);
    }
  }
}

TEST(Kernel, OfSeveralHitsInOneVectorTheFirstCounts) {
  for (const Kernel& kernel : kernels()) {
    SCOPED_TRACE(kernel.name);
    SeededRng rng(2);
    for (int i = 0; i < 300; ++i) {
      const Puzzle p = puzzle(rng, 3);  // every third nonce fits
      const auto plain = search_plain(p, 0, 64), found = search(p, 0, 64, {}, kernel);
      ASSERT_EQ(found.nonce, plain.nonce);
      ASSERT_EQ(found.trials, plain.trials);
    }
  }
}

TEST(Kernel, AHitBehindTheRangeIsNone) {
  for (const Kernel& kernel : kernels()) {
    SCOPED_TRACE(kernel.name);
    SeededRng rng(3);
    for (int i = 0; i < 100; ++i) {
      const Puzzle p = puzzle(rng, 40);
      const auto hit = search_plain(p, 0, 10'000);
      ASSERT_TRUE(hit.nonce);
      const auto before = search(p, 0, hit.trials - 1, {}, kernel);
      EXPECT_FALSE(before.nonce);
      EXPECT_EQ(before.trials, hit.trials - 1);
      EXPECT_EQ(search(p, 0, hit.trials, {}, kernel).nonce, hit.nonce);
    }
  }
}

TEST(Kernel, AtTheEndOfAllNonces) {
  for (const Kernel& kernel : kernels()) {
    SCOPED_TRACE(kernel.name);
    SeededRng rng(4);
    for (int i = 0; i < 50; ++i) {
      const Puzzle p = puzzle(rng, 8);
      const std::uint64_t from = ~std::uint64_t{0} - rng.below(40);
      const auto plain = search_plain(p, from, 1'000), found = search(p, from, 1'000, {}, kernel);
      ASSERT_EQ(found.nonce, plain.nonce);
      ASSERT_EQ(found.trials, plain.trials);
    }
  }
}

TEST(Kernel, TheTargetItselfDoesNotFit) {  // strictly below (service-node.md 4.1)
  SeededRng rng(5);
  Puzzle p = puzzle(rng, 1);
  for (std::uint64_t n = 0; n < 40; ++n) {
    p.target = trial(p, big(n));
    for (const Kernel& kernel : kernels()) {
      EXPECT_EQ(kernel.first_hit(prepare(p), n, 1), 1u) << kernel.name;
      Puzzle above = p;
      ++above.target;
      EXPECT_EQ(kernel.first_hit(prepare(above), n, 1), 0u) << kernel.name;
    }
  }
}

TEST(Kernel, TargetsWithTheHighestBitAreNumbersWithoutSign) {
  SeededRng rng(6);
  Puzzle p = puzzle(rng, 1);
  p.target = (std::uint64_t{1} << 63) + 5;
  for (const Kernel& kernel : kernels()) EXPECT_EQ(search(p, 0, 100, {}, kernel).nonce, search_plain(p, 0, 100).nonce);
}

}  // namespace
}  // namespace session::pow

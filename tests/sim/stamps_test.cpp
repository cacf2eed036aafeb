#include "sim/stamps.h"

#include <gtest/gtest.h>

#include <cmath>

namespace session::sim {
namespace {

/// Draws the same word again and again.
class Same final : public Rng {
 public:
  explicit Same(std::uint64_t word) : word_(word) {}
  [[nodiscard]] std::uint64_t next() override { return word_; }

 private:
  std::uint64_t word_;
};

TEST(Stamps, TrialsFollowTheExponentialDistribution) {
  constexpr std::uint64_t kMean = 1'000'000;
  constexpr std::uint64_t kTarget = ~std::uint64_t{0} / kMean;
  for (const double u : {0.9, 0.5, 0.25, 0.1, 0.001}) {
    Same dice(static_cast<std::uint64_t>(std::ldexp(u, 64)));
    EXPECT_NEAR(static_cast<double>(drawn_trials(kTarget, dice)), 1 - std::log(u) * kMean, 2) << u;
  }
  SeededRng dice(7);
  double sum = 0;
  constexpr int kDraws = 20'000;
  for (int i = 0; i < kDraws; ++i) sum += static_cast<double>(drawn_trials(kTarget, dice));
  EXPECT_NEAR(sum / kDraws / kMean, 1, 0.03);  // four deviations of the mean
}

TEST(Stamps, TheEasiestTakesOneTrialAndTheHardestAnswersStill) {
  SeededRng dice(1);
  Same lowest(0), highest(~std::uint64_t{0});
  EXPECT_EQ(drawn_trials(~std::uint64_t{0}, highest), 1u);
  EXPECT_GE(drawn_trials(~std::uint64_t{0}, lowest), 44u);  // ln 2^64
  EXPECT_LE(drawn_trials(1, lowest), (std::uint64_t{1} << 62U) + 1);
  for (int i = 0; i < 1000; ++i) EXPECT_GE(drawn_trials(dice.next() | 1U, dice), 1u);
}

}  // namespace
}  // namespace session::sim

// Random times and choices without floating point, so that every compiler draws the same: an exponential law in fixed point,
// and streams of dice so small that a million people can have one each.
#pragma once

#include <cstdint>

#include "core/base/time.h"

namespace session::sim {

/// splitmix64: eight bytes a stream. A value.
class SmallDice {
 public:
  explicit SmallDice(std::uint64_t seed = 0) : state_(seed) {}
  [[nodiscard]] std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// In [0, n), n > 0. The bias is below n / 2^64.
  [[nodiscard]] std::uint64_t below(std::uint64_t n) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * n) >> 64);
  }
  [[nodiscard]] bool chance(std::uint32_t parts_per_million) {
    return parts_per_million != 0 && below(1'000'000) < parts_per_million;
  }

 private:
  std::uint64_t state_;
};

/// -log2(x / 2^64) as a fixed-point number with 32 bits behind the point; x = 0 counts as 1.
[[nodiscard]] std::uint64_t minus_log2(std::uint64_t x);
/// An exponentially distributed number with this mean, at least 0.
[[nodiscard]] std::int64_t exponential(std::int64_t mean, SmallDice& dice);
/// Trials until the first success when one succeeds with probability 1 / expected: at least 1.
[[nodiscard]] std::uint64_t trials_until_found(std::uint64_t expected, SmallDice& dice);

}  // namespace session::sim

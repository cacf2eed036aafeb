#include "sim/crowd/chance.h"

#include <algorithm>
#include <bit>

namespace session::sim {
namespace {

/// ln 2 with 32 bits behind the point.
constexpr std::uint64_t kLn2 = 2'977'044'471;

/// -ln of a uniform number in (0, 1], 32 bits behind the point.
std::uint64_t minus_ln(SmallDice& dice) {
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(minus_log2(dice.next())) * kLn2) >> 32);
}

}  // namespace

std::uint64_t minus_log2(std::uint64_t x) {
  x = std::max<std::uint64_t>(x, 1);
  const auto zeros = static_cast<std::uint64_t>(std::countl_zero(x));
  // The mantissa in [1, 2) with 63 bits behind the point; squaring it gives the logarithm's bits one after another.
  std::uint64_t m = x << zeros;
  std::uint64_t fraction = 0;
  for (int bit = 31; bit >= 8; --bit) {
    const auto square = static_cast<unsigned __int128>(m) * m;
    if ((square >> 127) != 0) {
      fraction |= std::uint64_t{1} << bit;
      m = static_cast<std::uint64_t>(square >> 64);
    } else {
      m = static_cast<std::uint64_t>(square >> 63);
    }
  }
  // x = m * 2^(63 - zeros), so x / 2^64 = m / 2^(1 + zeros).
  return ((zeros + 1) << 32) - fraction;
}

std::int64_t exponential(std::int64_t mean, SmallDice& dice) {
  return static_cast<std::int64_t>((static_cast<unsigned __int128>(minus_ln(dice)) * static_cast<std::uint64_t>(mean)) >> 32);
}

/// The geometric law's tail at these sizes is the exponential's: 1 - 1/n differs from exp(-1/n) by 1/2n².
std::uint64_t trials_until_found(std::uint64_t expected, SmallDice& dice) {
  return 1 + static_cast<std::uint64_t>((static_cast<unsigned __int128>(minus_ln(dice)) * expected) >> 32);
}

}  // namespace session::sim

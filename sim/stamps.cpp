#include "sim/stamps.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace session::sim {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr unsigned kFraction = 32;
constexpr std::uint64_t kLn2 = 0xb17217f8;  // in 2^-32

/// -ln(u / 2^64) in 2^-32, for u > 0: the binary logarithm bit by bit, by squaring.
std::uint64_t minus_ln(std::uint64_t u) {
  const auto zeros = static_cast<unsigned>(std::countl_zero(u));
  std::uint64_t m = u << zeros;  // in [1, 2), in 2^-63
  std::uint64_t log2 = 0;
  for (unsigned i = 0; i < kFraction; ++i) {
    const Wide square = static_cast<Wide>(m) * m;  // in [1, 4), in 2^-126
    const bool is_two = (square >> 127U) != 0;
    m = static_cast<std::uint64_t>(square >> (is_two ? 64U : 63U));
    log2 = log2 << 1U | (is_two ? 1U : 0U);
  }
  const std::uint64_t below_one = (static_cast<std::uint64_t>(zeros + 1) << kFraction) - log2;
  return static_cast<std::uint64_t>(static_cast<Wide>(below_one) * kLn2 >> kFraction);
}

}  // namespace

std::uint64_t drawn_trials(std::uint64_t target, Rng& dice) {
  assert(target > 0);
  const std::uint64_t mean = ~std::uint64_t{0} / target;
  const Wide trials = static_cast<Wide>(minus_ln(std::max<std::uint64_t>(1, dice.next()))) * mean >> kFraction;
  return 1 + static_cast<std::uint64_t>(std::min<Wide>(trials, std::uint64_t{1} << 62U));
}

}  // namespace session::sim

// The inner loop of the search, for each kind of vector that this program was built with and this processor has.
#pragma once

#include <cstdint>
#include <vector>

#include "core/pow/stamp.h"

namespace session::pow {

/// Whether word t of the message schedule is the same for every nonce: the first word is the nonce, and it spreads from there.
[[nodiscard]] constexpr bool is_fixed(int t) {
  if (t < 16) return t != 0;
  return t < 32 && is_fixed(t - 2) && is_fixed(t - 7) && is_fixed(t - 15) && is_fixed(t - 16);
}

/// What is the same for every nonce of a puzzle.
struct Prepared {
  std::uint64_t schedule[32] = {};    ///< fixed words, and of the others the part that does not depend on the nonce
  std::uint64_t added[80] = {};       ///< round constants, with the fixed words added
  std::uint64_t constants[80] = {};   ///< the round constants alone
  std::uint64_t begin[8] = {};        ///< working variables before round 0
  std::uint64_t after_first[8] = {};  ///< working variables after round 0, but for the nonce
  std::uint64_t start = 0;            ///< what is added to the first word in the end
  std::uint64_t target = 0;
};
[[nodiscard]] Prepared prepare(const Puzzle& puzzle);

struct Kernel {
  const char* name;  ///< Highway's name of the kind of vector: "AVX2", "AVX3", "SSE4", "NEON", ...
  /// How many nonces of from, from + 1, ... do not fit before the first that does; `count` when the first `count` do not.
  std::uint64_t (*first_hit)(const Prepared& puzzle, std::uint64_t from, std::uint64_t count);
};
/// Widest first; never empty.
[[nodiscard]] const std::vector<Kernel>& kernels();

}  // namespace session::pow

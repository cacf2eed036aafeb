// Where random numbers come from: an argument of whoever needs them, never a global. The distributions are our own, since the
// standard library's differ between compilers.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "core/base/bytes.h"

namespace session {

/// A stream of random bits. `crypto::SystemRng` is the one of real programs; `SeededRng` the one of simulations and tests.
class Rng {
 public:
  virtual ~Rng() = default;
  [[nodiscard]] virtual std::uint64_t next() = 0;
  virtual void fill(std::span<std::byte> out);

  /// Uniform in [0, n), n > 0, without bias.
  [[nodiscard]] std::uint64_t below(std::uint64_t n);
  /// Uniform in [low, high], both ends included.
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high);
  /// True once in `times` draws on average; `one_in(0)` is never true and draws nothing.
  [[nodiscard]] bool one_in(std::uint64_t times) { return times != 0 && below(times) == 0; }
  /// True with a probability of `parts` in a million.
  [[nodiscard]] bool chance(std::uint32_t parts_per_million) { return below(1'000'000) < parts_per_million; }

  template <std::size_t N>
  [[nodiscard]] ByteArray<N> bytes() {
    ByteArray<N> out;
    fill(out);
    return out;
  }
  /// Fisher and Yates, from the back.
  template <class Range>
  void shuffle(Range& range) {
    for (std::size_t i = range.size(); i > 1; --i) std::swap(range[i - 1], range[below(i)]);
  }
  /// A uniformly drawn element of a range that is not empty.
  template <class Range>
  [[nodiscard]] auto& pick(Range& range) {
    return range[below(range.size())];
  }
};

/// xoshiro256++ seeded through splitmix64: a value, so a world that holds it can be copied. Not for secrets of real people.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed);
  /// The stream of one machine: depends on the world's seed and on its name alone, so that adding a machine does not shift the
  /// dice of the others.
  SeededRng(std::uint64_t seed, std::string_view name);
  [[nodiscard]] std::uint64_t next() override;
  friend bool operator==(const SeededRng& a, const SeededRng& b) { return a.state_ == b.state_; }

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace session

// Time as the machines know it: integers only, handed in as an argument, never asked of the system.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace session {

/// A span of time in whole milliseconds.
struct Millis {
  std::int64_t count = 0;
  friend constexpr auto operator<=>(Millis, Millis) = default;
  friend constexpr Millis operator+(Millis a, Millis b) { return {a.count + b.count}; }
  friend constexpr Millis operator-(Millis a, Millis b) { return {a.count - b.count}; }
  friend constexpr Millis operator*(Millis a, std::int64_t n) { return {a.count * n}; }
};

[[nodiscard]] constexpr Millis seconds(std::int64_t n) { return {n * 1000}; }
[[nodiscard]] constexpr Millis minutes(std::int64_t n) { return seconds(n * 60); }
[[nodiscard]] constexpr Millis hours(std::int64_t n) { return minutes(n * 60); }
[[nodiscard]] constexpr Millis days(std::int64_t n) { return hours(n * 24); }

/// A point in time: microseconds since 1970-01-01 UTC. Sums that leave 64 bits stop at the first or the last moment there is,
/// since times come from strangers too.
struct Instant {
  std::int64_t micros = 0;
  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant t, Millis d) {
    std::int64_t span = 0, sum = 0;
    if (!__builtin_mul_overflow(d.count, std::int64_t{1000}, &span) && !__builtin_add_overflow(t.micros, span, &sum))
      return {sum};
    return {d.count < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max()};
  }
  friend constexpr Instant operator-(Instant t, Millis d) {
    std::int64_t span = 0, rest = 0;
    if (!__builtin_mul_overflow(d.count, std::int64_t{1000}, &span) && !__builtin_sub_overflow(t.micros, span, &rest))
      return {rest};
    return {d.count < 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min()};
  }
  /// The span from b to a, rounded towards zero to milliseconds.
  friend constexpr Millis operator-(Instant a, Instant b) {
    std::int64_t span = 0;
    if (!__builtin_sub_overflow(a.micros, b.micros, &span)) return {span / 1000};
    return {(a < b ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max()) / 1000};
  }
  /// Unix time in milliseconds, as the wire wants it.
  [[nodiscard]] constexpr std::int64_t unix_millis() const { return micros / 1000; }
  [[nodiscard]] static constexpr Instant from_unix_millis(std::int64_t ms) { return Instant{} + Millis{ms}; }
};

}  // namespace session

// Time as the machines know it: integers only, handed in as an argument, never asked of the system.
#pragma once

#include <compare>
#include <cstdint>

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

/// A point in time: microseconds since 1970-01-01 UTC.
struct Instant {
  std::int64_t micros = 0;
  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant t, Millis d) { return {t.micros + d.count * 1000}; }
  friend constexpr Instant operator-(Instant t, Millis d) { return {t.micros - d.count * 1000}; }
  /// The span from b to a, rounded towards zero to milliseconds.
  friend constexpr Millis operator-(Instant a, Instant b) { return {(a.micros - b.micros) / 1000}; }
  /// Unix time in milliseconds, as the wire wants it.
  [[nodiscard]] constexpr std::int64_t unix_millis() const { return micros / 1000; }
  [[nodiscard]] static constexpr Instant from_unix_millis(std::int64_t ms) { return {ms * 1000}; }
};

}  // namespace session

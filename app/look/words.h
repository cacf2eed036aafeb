// Text that comes from elsewhere, made fit to be shown; and numbers in words.
#pragma once

#include <string>
#include <string_view>

#include "core/base/time.h"

namespace session::app {

/// `printable`, of at most `most` code points, the rest an ellipsis. Line feeds stay only when `lines`.
[[nodiscard]] std::string fit_to_show(std::string_view text, std::size_t most, bool lines = false);
/// `8f3a…c1`.
[[nodiscard]] std::string short_key(std::string_view hex);
/// `512 B`, `3.1 KB`, `1.8 MB`.
[[nodiscard]] std::string size_in_words(std::uint64_t bytes);
/// `0.2 ms`, `24 ms`, `0.38 s`, `3 min 12 s`.
[[nodiscard]] std::string span_in_words(std::int64_t micros);
/// 41 208.
[[nodiscard]] std::string grouped(std::uint64_t number);
/// `12:03`, of the day in UTC.
[[nodiscard]] std::string time_of_day(Instant at);
/// Days since 1970-01-01.
[[nodiscard]] std::int64_t day_of(Instant at);
/// 0 Sunday … 6 Saturday; day 1…31; month 1…12.
struct Date {
  int year = 0, month = 0, day = 0, weekday = 0;
};
[[nodiscard]] Date date_of(Instant at);

}  // namespace session::app

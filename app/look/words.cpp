#include "app/look/words.h"

#include <fmt/format.h>

#include <chrono>

#include "core/base/text.h"

namespace session::app {
std::string fit_to_show(std::string_view text, std::size_t most, bool lines) {
  std::size_t size = 0;
  for (std::size_t count = 0; size < text.size() && count < most; ++count) {
    const auto c = first_code_point(text.substr(size));
    size += c ? c->size : 1;
  }
  return printable(text.substr(0, size), lines ? "\n" : " ") + (size < text.size() ? "…" : "");
}

std::string short_key(std::string_view hex) {
  if (hex.size() <= 8) return std::string(hex);
  return std::string(hex.substr(0, 4)) + "…" + std::string(hex.substr(hex.size() - 2));
}

std::string size_in_words(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (bytes < 1'000'000) return fmt::format("{:.1f} KB", static_cast<double>(bytes) / 1000);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::string span_in_words(std::int64_t micros) {
  const auto value = static_cast<double>(micros);
  if (micros < 10'000) return fmt::format("{:.1f} ms", value / 1000);
  if (micros < 100'000) return fmt::format("{:.0f} ms", value / 1000);
  if (micros < 10'000'000) return fmt::format("{:.2f} s", value / 1e6);
  const std::int64_t s = micros / 1'000'000;
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return s % 60 == 0 ? fmt::format("{} min", s / 60) : fmt::format("{} min {} s", s / 60, s % 60);
  if (s < 86400) return s / 60 % 60 == 0 ? fmt::format("{} h", s / 3600) : fmt::format("{} h {} min", s / 3600, s / 60 % 60);
  return s / 3600 % 24 == 0 ? fmt::format("{} d", s / 86400) : fmt::format("{} d {} h", s / 86400, s / 3600 % 24);
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, " ");
  return digits;
}

std::int64_t day_of(Instant at) {
  const std::int64_t seconds = at.unix_millis() / 1000;
  return seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400;
}

std::string time_of_day(Instant at) {
  const std::int64_t second = at.unix_millis() / 1000 - day_of(at) * 86400;
  return fmt::format("{:02}:{:02}", second / 3600, second / 60 % 60);
}

Date date_of(Instant at) {
  const std::chrono::sys_days day{std::chrono::days(day_of(at))};
  const std::chrono::year_month_day ymd(day);
  return {static_cast<int>(ymd.year()), static_cast<int>(static_cast<unsigned>(ymd.month())),
          static_cast<int>(static_cast<unsigned>(ymd.day())), static_cast<int>(std::chrono::weekday(day).c_encoding())};
}

}  // namespace session::app

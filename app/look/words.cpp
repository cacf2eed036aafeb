#include "app/look/words.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>

namespace session::app {
namespace {

constexpr const char* kSubstitute = "\xEF\xBF\xBD";

/// The code point at `at` and its length; a length of 1 and the value 0xfffd for what is no UTF-8.
std::pair<char32_t, std::size_t> decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (size == 0 || lead > 0xf4 || at + size > text.size()) return {0xfffd, 1};
  char32_t value = lead & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return {0xfffd, 1};
    value = value << 6 | (byte(at + i) & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {0xfffd, 1};
  return {value, size};
}

bool is_harmful(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
         (c >= 0x200b && c <= 0x200f) || c == 0x2028 || c == 0x2029 || c == 0x061c || c == 0xfeff ||
         (c >= 0xe0000 && c <= 0xe0fff);
}

}  // namespace

std::string fit_to_show(std::string_view text, std::size_t most, bool lines) {
  std::string out;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto [c, size] = decode(text, at);
    if (count++ == most) return out + "…";
    if (c == '\t')
      out += ' ';
    else if (c == '\n')
      out += lines ? "\n" : " ";
    else if (c == 0xfffd || is_harmful(c))
      out += kSubstitute;
    else
      out += text.substr(at, size);
    at += size;
  }
  return out;
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

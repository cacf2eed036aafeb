// How the parts of a scenario file are read: an object's members one by one, each refusal with the path of the field.
#pragma once

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace session::sim {

/// What is wrong, and where: "steps[3].text". Caught by parse_scenario, which knows the line.
struct FieldError {
  std::string path;
  std::string why;
};

/// No time of a scenario is longer: ten years and some days.
inline constexpr Millis kLongestTime = days(3'660);

/// "500ms", "2s", "5m", "3h", "1d".
[[nodiscard]] inline std::optional<Millis> duration(std::string_view text) {
  const auto digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits == text.npos || digits > 9) return std::nullopt;
  const auto number = static_cast<std::int64_t>(std::stoul(std::string(text.substr(0, digits))));
  const std::string_view unit = text.substr(digits);
  if (unit == "ms") return Millis{number};
  if (unit == "s") return seconds(number);
  if (unit == "m") return minutes(number);
  if (unit == "h") return hours(number);
  if (unit == "d") return days(number);
  return std::nullopt;
}

/// The text of a list's entry at this path.
[[nodiscard]] inline std::string text_entry(const nlohmann::json& entry, const std::string& path) {
  if (!entry.is_string()) throw FieldError{path, "expected a text"};
  return entry.get<std::string>();
}

/// Reads an object's members and refuses those that nobody asked for.
class FieldReader {
 public:
  FieldReader(const nlohmann::json& json, std::string path) : json_(json), path_(std::move(path)) {
    if (!json.is_object()) throw FieldError{path_, "expected an object"};
  }
  [[nodiscard]] std::string at(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  }
  [[nodiscard]] bool has(const char* name) {
    known_.push_back(name);
    return json_.contains(name);
  }
  std::string text(const char* name, std::optional<std::string> absent = {}) {
    if (!has(name)) return absent ? *absent : throw FieldError{at(name), "missing"};
    if (!json_[name].is_string()) throw FieldError{at(name), "expected a text"};
    return json_[name].get<std::string>();
  }
  std::uint64_t number(const char* name, std::uint64_t low, std::uint64_t high, std::optional<std::uint64_t> absent = {}) {
    if (!has(name)) return absent ? *absent : throw FieldError{at(name), "missing"};
    const nlohmann::json& v = json_[name];
    if (!v.is_number_unsigned() || v.get<std::uint64_t>() < low || v.get<std::uint64_t>() > high)
      throw FieldError{at(name), fmt::format("expected a whole number from {} to {}", low, high)};
    return v.get<std::uint64_t>();
  }
  bool truth(const char* name, bool absent) {
    if (!has(name)) return absent;
    if (!json_[name].is_boolean()) throw FieldError{at(name), "expected true or false"};
    return json_[name].get<bool>();
  }
  /// A share, in parts in a million; absent as given.
  std::uint32_t percent(const char* name, std::uint32_t absent_ppm) {
    return static_cast<std::uint32_t>(number(name, 0, 100, absent_ppm / 10'000)) * 10'000;
  }
  Millis time(const char* name, std::optional<Millis> absent = {}) {
    if (!has(name)) return absent ? *absent : throw FieldError{at(name), "missing"};
    const auto d = json_[name].is_string() ? duration(json_[name].get<std::string>()) : std::nullopt;
    if (!d) throw FieldError{at(name), "expected a time such as \"500ms\", \"2s\", \"5m\", \"3h\" or \"1d\""};
    if (*d > kLongestTime) throw FieldError{at(name), "longer than 3660d"};
    return *d;
  }
  const nlohmann::json& list(const char* name, std::size_t most) {
    if (!has(name)) throw FieldError{at(name), "missing"};
    if (!json_[name].is_array()) throw FieldError{at(name), "expected a list"};
    if (json_[name].size() > most) throw FieldError{at(name), fmt::format("{} entries, at most {}", json_[name].size(), most)};
    return json_[name];
  }
  const nlohmann::json& member(const char* name) {
    if (!has(name)) throw FieldError{at(name), "missing"};
    return json_[name];
  }
  /// To be called when everything known was read.
  void finish() const {
    for (const auto& [name, value] : json_.items())
      if (std::find(known_.begin(), known_.end(), name) == known_.end()) throw FieldError{at(name), "unknown field"};
  }

 private:
  const nlohmann::json& json_;
  std::string path_;
  std::vector<std::string> known_;
};

}  // namespace session::sim

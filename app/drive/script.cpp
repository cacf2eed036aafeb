#include "app/drive/script.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace session::app {
namespace {

using Kind = ScriptStep::Kind;
constexpr std::array<std::pair<const char*, Kind>, 9> kKinds = {{{"click", Kind::Click},
                                                                 {"type", Kind::Type},
                                                                 {"key", Kind::Key},
                                                                 {"wait", Kind::Wait},
                                                                 {"expect", Kind::Expect},
                                                                 {"absent", Kind::Absent},
                                                                 {"screenshot", Kind::Screenshot},
                                                                 {"size", Kind::Size},
                                                                 {"do", Kind::Do}}};

Result<ScriptStep> parse_line(std::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return fail(ErrorCode::Malformed, "is no JSON object");
  ScriptStep step;
  int kinds = 0;
  for (const auto& [name, value] : json.items()) {
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& each) { return name == each.first; });
    if (kind != kKinds.end()) {
      if (!value.is_string() || value.get<std::string>().empty())
        return fail(ErrorCode::Malformed, fmt::format("{}: must be a text", name));
      step.kind = kind->second;
      step.text = value.get<std::string>();
      ++kinds;
    } else if (name == "seconds") {
      if (!value.is_number() || value.get<double>() <= 0 || value.get<double>() > 600)
        return fail(ErrorCode::Malformed, "seconds: must be a number above 0 and at most 600");
      step.limit = Millis{static_cast<std::int64_t>(value.get<double>() * 1000)};
    } else if (name == "times") {
      if (!value.is_number_integer() || value.get<int>() < 1 || value.get<int>() > 3)
        return fail(ErrorCode::Malformed, "times: must be 1, 2 or 3");
      step.times = value.get<int>();
    } else {
      return fail(ErrorCode::Malformed, fmt::format("{}: is nothing that a script can do", name.substr(0, 40)));
    }
  }
  if (kinds != 1)
    return fail(ErrorCode::Malformed,
                "each line does one thing: click, type, key, wait, expect, absent, screenshot, size or do");
  if (step.kind == Kind::Key)
    if (const auto chord = parse_chord(step.text); !chord) return fail(chord);
  return step;
}

}  // namespace

Result<std::vector<ScriptStep>> parse_script(std::string_view text, std::string_view file) {
  std::vector<ScriptStep> out;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#') continue;
    auto step = parse_line(line);
    if (!step) return fail(ErrorCode::Malformed, fmt::format("{}:{}: {}", file, number, step.error().message));
    step->line = number;
    out.push_back(std::move(*step));
  }
  return out;
}

Result<Chord> parse_chord(std::string_view text) {
  static const std::set<std::string, std::less<>> kKeys = {
      "Enter", "Escape", "Tab",      "Space", "Backspace", "Delete", "Up", "Down", "Left", "Right", "Home",
      "End",   "PageUp", "PageDown", "Plus",  "Minus",     "Comma",  "F1", "F2",   "F3",   "F5",    "F11"};
  Chord out;
  const std::string whole(text);
  for (std::size_t plus = text.find('+'); plus != std::string_view::npos && plus + 1 < text.size(); plus = text.find('+')) {
    const std::string_view part = text.substr(0, plus);
    if (part == "Ctrl")
      out.modifiers |= 1;
    else if (part == "Shift")
      out.modifiers |= 2;
    else if (part == "Alt")
      out.modifiers |= 4;
    else
      return fail(ErrorCode::Malformed, fmt::format("key: \"{}\": {} is no modifier; Ctrl, Shift and Alt are", whole, part));
    text.remove_prefix(plus + 1);
  }
  const bool is_sign = text.size() == 1 && ((text[0] >= 'A' && text[0] <= 'Z') || (text[0] >= '0' && text[0] <= '9'));
  if (!is_sign && !kKeys.contains(text))
    return fail(ErrorCode::Malformed, fmt::format("key: \"{}\": there is no key {}", whole, text));
  out.key = text;
  return out;
}

}  // namespace session::app

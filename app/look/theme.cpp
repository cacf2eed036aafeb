#include "app/look/theme.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace session::assets {
extern const std::string_view k_theme_dark;
extern const std::string_view k_theme_light;
extern const std::string_view k_theme_contrast;
}  // namespace session::assets

namespace session::app {
namespace {

double linear(std::uint8_t value) {
  const double v = value / 255.0;
  return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}
double luminance(Colour c) { return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b); }

}  // namespace

Result<Colour> parse_colour(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  if ((text.size() != 7 && text.size() != 9) || text[0] != '#')
    return fail(ErrorCode::Malformed, fmt::format("\"{}\" is no colour; write #RRGGBB or #RRGGBBAA", text.substr(0, 20)));
  std::array<std::uint8_t, 4> parts{0, 0, 0, 255};
  for (std::size_t i = 1; i + 1 < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0)
      return fail(ErrorCode::Malformed, fmt::format("\"{}\" is no colour: digits are 0-9 and A-F", text));
    parts[i / 2] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return Colour{parts[0], parts[1], parts[2], parts[3]};
}

Colour mix(Colour under, Colour over, float part) {
  const auto blend = [part](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(
        std::lround(static_cast<float>(a) + (static_cast<float>(b) - static_cast<float>(a)) * part));
  };
  return {blend(under.r, over.r), blend(under.g, over.g), blend(under.b, over.b), under.a};
}

double contrast(Colour a, Colour b) {
  const double one = luminance(a), two = luminance(b);
  return (std::max(one, two) + 0.05) / (std::min(one, two) + 0.05);
}

Result<Theme> parse_theme(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  if (parsed.is_discarded() || !parsed.is_object()) return fail(ErrorCode::Malformed, "theme: is no JSON object");
  Theme theme;
  const std::map<std::string, Colour*> colours = {{"ground", &theme.ground},
                                                  {"panel", &theme.panel},
                                                  {"raised", &theme.raised},
                                                  {"hover", &theme.hover},
                                                  {"line", &theme.line},
                                                  {"text", &theme.text},
                                                  {"muted", &theme.muted},
                                                  {"accent", &theme.accent},
                                                  {"on_accent", &theme.on_accent},
                                                  {"bubble_in", &theme.bubble_in},
                                                  {"bubble_out", &theme.bubble_out},
                                                  {"on_bubble_out", &theme.on_bubble_out},
                                                  {"warn", &theme.warn},
                                                  {"danger", &theme.danger},
                                                  {"shadow", &theme.shadow}};
  for (const auto& [name, colour] : colours) {
    if (!parsed.contains(name)) return fail(ErrorCode::Malformed, fmt::format("theme: {}: missing", name));
    if (!parsed[name].is_string()) return fail(ErrorCode::Malformed, fmt::format("theme: {}: is no text", name));
    const auto read = parse_colour(parsed[name].get<std::string>());
    if (!read) return fail(ErrorCode::Malformed, fmt::format("theme: {}: {}", name, read.error().message));
    *colour = *read;
  }
  for (const auto& [name, value] : parsed.items())
    if (!colours.contains(name) && name != "name" && name != "is_dark")
      return fail(ErrorCode::Malformed, fmt::format("theme: {}: is no colour of a theme", name.substr(0, 40)));
  if (!parsed.contains("name") || !parsed["name"].is_string())
    return fail(ErrorCode::Malformed, "theme: name: missing or no text");
  if (!parsed.contains("is_dark") || !parsed["is_dark"].is_boolean())
    return fail(ErrorCode::Malformed, "theme: is_dark: missing or not true or false");
  theme.name = parsed["name"].get<std::string>();
  theme.is_dark = parsed["is_dark"].get<bool>();
  return theme;
}

std::vector<std::string> built_in_themes() { return {"dark", "light", "contrast"}; }

const Theme* built_in_theme(std::string_view name) {
  static const std::map<std::string, Theme, std::less<>> themes = {{"dark", parse_theme(assets::k_theme_dark).value()},
                                                                   {"light", parse_theme(assets::k_theme_light).value()},
                                                                   {"contrast", parse_theme(assets::k_theme_contrast).value()}};
  const auto found = themes.find(name);
  return found == themes.end() ? nullptr : &found->second;
}

}  // namespace session::app

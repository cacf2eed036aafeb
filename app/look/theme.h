// Colours by their meaning. A theme is a JSON file; contrast is a number that a test looks at.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace session::app {

/// sRGB with alpha, 0…255.
struct Colour {
  std::uint8_t r = 0, g = 0, b = 0, a = 255;
  friend bool operator==(const Colour&, const Colour&) = default;
  [[nodiscard]] constexpr Colour with_alpha(float alpha) const {
    return {r, g, b, static_cast<std::uint8_t>(static_cast<float>(a) * alpha)};
  }
};
/// `#RRGGBB` or `#RRGGBBAA`. Errors: Malformed.
[[nodiscard]] Result<Colour> parse_colour(std::string_view text);
/// `part` of `over` on `under`.
[[nodiscard]] Colour mix(Colour under, Colour over, float part);
/// Contrast of two opaque colours, 1…21. Source: WCAG 2.1, "contrast ratio".
[[nodiscard]] double contrast(Colour a, Colour b);

struct Theme {
  std::string name;
  bool is_dark = true;
  Colour ground, panel, raised, hover, line, text, muted, accent, on_accent;
  Colour bubble_in, bubble_out, on_bubble_out, warn, danger, shadow;
};
/// Errors: Malformed, naming the field.
[[nodiscard]] Result<Theme> parse_theme(std::string_view json);
/// `dark`, `light` or `contrast`; nothing for another name.
[[nodiscard]] const Theme* built_in_theme(std::string_view name);
[[nodiscard]] std::vector<std::string> built_in_themes();

/// Colours that people with any colour vision tell apart. Source: Okabe and Ito, Color Universal Design (2008), without black.
inline constexpr std::array<Colour, 8> kSwarmColours = {{{0, 114, 178},
                                                         {230, 159, 0},
                                                         {86, 180, 233},
                                                         {0, 158, 115},
                                                         {240, 228, 66},
                                                         {213, 94, 0},
                                                         {204, 121, 167},
                                                         {153, 163, 173}}};
[[nodiscard]] constexpr Colour swarm_colour(std::uint32_t index) { return kSwarmColours[index % kSwarmColours.size()]; }

}  // namespace session::app

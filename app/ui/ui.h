// Our own thin layer above Dear ImGui: what the program is drawn with. Every control has a label that scripts and, one day,
// screen readers find; every text that is drawn is told to the screen's list.
#pragma once

#include <imgui.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "app/look/catalogue.h"
#include "app/look/face.h"
#include "app/look/theme.h"

namespace session::app {

enum class Font { Text, Strong, Mono, Icons };

// Font Awesome 4.7, by what we use them for.
namespace icon {
inline constexpr const char* kChats = "\uf0e6";
inline constexpr const char* kNetwork = "\uf0e8";
inline constexpr const char* kSettings = "\uf013";
inline constexpr const char* kSearch = "\uf002";
inline constexpr const char* kPlus = "\uf067";
inline constexpr const char* kMinus = "\uf068";
inline constexpr const char* kPlay = "\uf04b";
inline constexpr const char* kPause = "\uf04c";
inline constexpr const char* kStep = "\uf051";
inline constexpr const char* kMap = "\uf279";
inline constexpr const char* kCopy = "\uf0c5";
inline constexpr const char* kFit = "\uf0b2";
inline constexpr const char* kClose = "\uf00d";
inline constexpr const char* kRetry = "\uf021";
inline constexpr const char* kClock = "\uf017";
inline constexpr const char* kCheck = "\uf00c";
inline constexpr const char* kWarn = "\uf071";
inline constexpr const char* kHelp = "\uf059";
inline constexpr const char* kPower = "\uf011";
}  // namespace icon

struct Fonts {
  ImFont* text = nullptr;
  ImFont* strong = nullptr;
  ImFont* mono = nullptr;
  ImFont* icons = nullptr;
};

/// A part of the window, in pixels.
struct Rect {
  float x = 0, y = 0, w = 0, h = 0;
  [[nodiscard]] float right() const { return x + w; }
  [[nodiscard]] float bottom() const { return y + h; }
  [[nodiscard]] bool holds(ImVec2 p) const { return p.x >= x && p.y >= y && p.x < x + w && p.y < y + h; }
  [[nodiscard]] Rect inset(float by) const { return {x + by, y + by, w - 2 * by, h - 2 * by}; }
};

enum class Weight { Quiet, Plain, Primary, Danger };

class Ui {
 public:
  /// Reads the fonts. Errors: NotFound, naming the file.
  [[nodiscard]] Result<void> load_fonts(const std::filesystem::path& folder);
  /// A frame with this look begins.
  void set(const Theme& theme, const Catalogue& words, float scale, bool reduce_motion);

  [[nodiscard]] const Theme& theme() const { return *theme_; }
  [[nodiscard]] const Catalogue& words() const { return *words_; }
  [[nodiscard]] const char* operator()(std::string_view key) const { return (*words_)(key); }
  [[nodiscard]] float px(float at_scale_one) const { return at_scale_one * scale_; }
  [[nodiscard]] float scale() const { return scale_; }
  [[nodiscard]] bool reduce_motion() const { return reduce_motion_; }
  [[nodiscard]] static ImU32 u32(Colour c) { return IM_COL32(c.r, c.g, c.b, c.a); }
  [[nodiscard]] ImFont* font(Font face) const;
  [[nodiscard]] static ImDrawList& list() { return *ImGui::GetWindowDrawList(); }

  // --- drawing; sizes of type are at scale 1
  /// In pixels, of a line of this face whose em is `size`.
  [[nodiscard]] float line_height(float size, Font face) const;
  [[nodiscard]] ImVec2 measure(std::string_view text, float size, Font face = Font::Text, float wrap = 0) const;
  /// What `text` would draw, in a colour and wider by two pixels on all sides, so that the text stays readable on any drawing.
  void halo(float x, float y, std::string_view text, float size, Colour colour, Font face = Font::Text);
  /// Draws at the upper left corner; gives the size.
  ImVec2 text(float x, float y, std::string_view text, float size, Colour colour, Font face = Font::Text, float wrap = 0);
  /// In one line of at most `width`, cut with an ellipsis; `align` 0 left, 0.5 middle, 1 right.
  void line(Rect in, std::string_view text, float size, Colour colour, Font face = Font::Text, float align = 0);
  void glyph(Rect in, const char* icon, float size, Colour colour);
  void fill(Rect in, Colour colour, float radius = 0) const;
  void frame(Rect in, Colour colour, float radius = 0, float thickness = 1) const;
  void face(Rect in, const SessionId& person, bool is_dim = false) const;
  void dot(float x, float y, float radius, Colour colour) const;
  void shadow(Rect in, float radius) const;

  // --- controls; true when they were used
  bool button(Rect in, const std::string& label, Weight weight = Weight::Plain, const char* icon = nullptr,
              bool enabled = true);
  bool icon_button(Rect in, const char* icon, const std::string& label, bool is_on = false, bool enabled = true,
                   float size = 16);
  /// A part of the window that can be clicked; `label` is what it is called. Draws nothing but the mark of the keyboard's
  /// focus.
  bool area(Rect in, const std::string& label, bool* is_hovered = nullptr);
  /// One line; true on Enter.
  bool field(Rect in, const std::string& label, std::string& value, const char* hint, bool focus = false, bool is_mono = false,
             float size = 15);
  bool text_area(Rect in, const std::string& label, std::string& value, const char* hint, bool focus = false);
  bool choice(Rect in, const std::string& label, bool is_chosen);
  void tooltip(const std::string& text);

 private:
  Fonts fonts_;
  const Theme* theme_ = nullptr;
  const Catalogue* words_ = nullptr;
  float scale_ = 1;
  bool reduce_motion_ = false;
};

}  // namespace session::app

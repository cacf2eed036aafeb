#include "app/ui/ui.h"

#include <fmt/format.h>
#include <imgui_freetype.h>

#include <algorithm>
#include <cmath>

#include "app/drive/hooks.h"

namespace session::app {
namespace {

int resize(ImGuiInputTextCallbackData* data) {
  if (data->EventFlag != ImGuiInputTextFlags_CallbackResize) return 0;
  auto& text = *static_cast<std::string*>(data->UserData);
  text.resize(static_cast<std::size_t>(data->BufTextLen));
  data->Buf = text.data();
  return 0;
}

ImVec4 vec(Colour c) {
  return {static_cast<float>(c.r) / 255, static_cast<float>(c.g) / 255, static_cast<float>(c.b) / 255,
          static_cast<float>(c.a) / 255};
}

constexpr std::size_t kMostTyped = 200'000;

/// Dear ImGui sizes a font by its line, a designer by its em: what a line of this face has of its em.
float line_of_em(Font face) {
  switch (face) {
    case Font::Text:
    case Font::Strong: return 1.21F;
    case Font::Mono: return 1.32F;
    case Font::Icons: return 1;
  }
  return 1;
}

}  // namespace

Result<void> Ui::load_fonts(const std::filesystem::path& folder) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.FontLoaderFlags = ImGuiFreeTypeLoaderFlags_LightHinting;
  const auto load = [&](const char* file, ImFont*& font) -> Result<void> {
    const std::filesystem::path path = folder / file;
    std::error_code error;
    if (!std::filesystem::exists(path, error))
      return fail(ErrorCode::NotFound, fmt::format("{}: the font is not beside the program; build it anew", path.string()));
    font = atlas.AddFontFromFileTTF(path.c_str(), 15);
    if (font == nullptr) return fail(ErrorCode::Malformed, fmt::format("{}: is no font", path.string()));
    return {};
  };
  for (const auto& [file, font] :
       {std::pair{"Inter-Regular.otf", &fonts_.text}, std::pair{"Inter-SemiBold.otf", &fonts_.strong},
        std::pair{"JetBrainsMono-Regular.ttf", &fonts_.mono}, std::pair{"fontawesome-webfont.ttf", &fonts_.icons}})
    if (auto done = load(file, *font); !done) return done;
  ImGui::GetIO().FontDefault = fonts_.text;
  return {};
}

void Ui::set(const Theme& theme, const Catalogue& words, float scale, bool reduce_motion) {
  theme_ = &theme;
  words_ = &words;
  scale_ = scale;
  reduce_motion_ = reduce_motion;
  ImGuiStyle style;  // a fresh one: scaling accumulates
  style.WindowPadding = style.FramePadding = style.ItemSpacing = {0, 0};
  style.WindowBorderSize = style.ChildBorderSize = 0;
  style.WindowRounding = style.ChildRounding = 0;
  style.ScrollbarSize = px(8);
  style.ScrollbarRounding = px(4);
  style.FontSizeBase = 15;
  style.FontScaleMain = scale;
  style.MouseCursorScale = scale;
  auto& colours = style.Colors;
  colours[ImGuiCol_Text] = vec(theme.text);
  colours[ImGuiCol_TextDisabled] = vec(theme.muted);
  colours[ImGuiCol_WindowBg] = colours[ImGuiCol_ChildBg] = colours[ImGuiCol_FrameBg] = {0, 0, 0, 0};
  colours[ImGuiCol_FrameBgHovered] = colours[ImGuiCol_FrameBgActive] = {0, 0, 0, 0};
  colours[ImGuiCol_ScrollbarBg] = {0, 0, 0, 0};
  colours[ImGuiCol_ScrollbarGrab] = vec(theme.line);
  colours[ImGuiCol_ScrollbarGrabHovered] = colours[ImGuiCol_ScrollbarGrabActive] = vec(theme.muted);
  colours[ImGuiCol_NavCursor] = vec(theme.accent);
  colours[ImGuiCol_TextSelectedBg] = vec(theme.accent.with_alpha(0.35F));
  colours[ImGuiCol_InputTextCursor] = vec(theme.accent);
  colours[ImGuiCol_PopupBg] = vec(theme.raised);
  ImGui::GetStyle() = style;
}

ImFont* Ui::font(Font face) const {
  switch (face) {
    case Font::Text: return fonts_.text;
    case Font::Strong: return fonts_.strong;
    case Font::Mono: return fonts_.mono;
    case Font::Icons: return fonts_.icons;
  }
  return fonts_.text;
}

float Ui::line_height(float size, Font face) const { return std::round(px(size) * line_of_em(face)); }

ImVec2 Ui::measure(std::string_view words, float size, Font face, float wrap) const {
  return font(face)->CalcTextSizeA(line_height(size, face), 1e6F, wrap, words.data(), words.data() + words.size());
}

ImVec2 Ui::text(float x, float y, std::string_view words, float size, Colour colour, Font face, float wrap) {
  const ImVec2 at(std::round(x), std::round(y));
  list().AddText(font(face), line_height(size, face), at, u32(colour), words.data(), words.data() + words.size(), wrap);
  if (face != Font::Icons) Screen::get().say(words);
  return measure(words, size, face, wrap);
}

void Ui::halo(float x, float y, std::string_view words, float size, Colour colour, Font face) {
  constexpr std::array<std::pair<float, float>, 8> kAround = {
      {{2, 0}, {-2, 0}, {0, 2}, {0, -2}, {1.5F, 1.5F}, {-1.5F, 1.5F}, {1.5F, -1.5F}, {-1.5F, -1.5F}}};
  const float high = line_height(size, face);
  for (const auto& [right, down] : kAround)
    list().AddText(font(face), high, {std::round(x) + px(right), std::round(y) + px(down)}, u32(colour), words.data(),
                   words.data() + words.size());
}

void Ui::line(Rect in, std::string_view words, float size, Colour colour, Font face, float align) {
  ImVec2 wide = measure(words, size, face);
  if (face != Font::Icons) Screen::get().say(words);
  std::string cut;
  if (wide.x > in.w + 0.5F) {
    cut.assign(words);
    const float dots = measure("…", size, face).x;
    // Bisection over bytes, then back to the beginning of a character.
    std::size_t low = 0, high = cut.size();
    while (low < high) {
      const std::size_t middle = (low + high + 1) / 2;
      if (measure(words.substr(0, middle), size, face).x + dots <= in.w)
        low = middle;
      else
        high = middle - 1;
    }
    while (low > 0 && low < words.size() && (static_cast<unsigned char>(words[low]) & 0xc0) == 0x80) --low;
    cut.resize(low);
    cut += "…";
    words = cut;
    wide = measure(words, size, face);
  }
  const ImVec2 at(std::round(in.x + std::max(0.0F, in.w - wide.x) * align), std::round(in.y + (in.h - wide.y) / 2));
  list().AddText(font(face), line_height(size, face), at, u32(colour), words.data(), words.data() + words.size());
}

void Ui::glyph(Rect in, const char* icon, float size, Colour colour) {
  const ImVec2 wide = measure(icon, size, Font::Icons);
  list().AddText(fonts_.icons, line_height(size, Font::Icons),
                 {std::round(in.x + (in.w - wide.x) / 2), std::round(in.y + (in.h - wide.y) / 2)}, u32(colour), icon);
}

void Ui::fill(Rect in, Colour colour, float radius) const {
  list().AddRectFilled({in.x, in.y}, {in.right(), in.bottom()}, u32(colour), px(radius));
}
void Ui::frame(Rect in, Colour colour, float radius, float thickness) const {
  list().AddRect({in.x + 0.5F, in.y + 0.5F}, {in.right() - 0.5F, in.bottom() - 0.5F}, u32(colour), px(radius), 0,
                 std::max(1.0F, std::round(px(thickness))));
}
void Ui::dot(float x, float y, float radius, Colour colour) const { list().AddCircleFilled({x, y}, px(radius), u32(colour)); }

void Ui::shadow(Rect in, float radius) const {
  for (int i = 6; i > 0; --i) {
    const float by = px(static_cast<float>(i) * 3);
    list().AddRectFilled({in.x - by, in.y - by + px(4)}, {in.right() + by, in.bottom() + by + px(4)},
                         u32(theme_->shadow.with_alpha(0.16F)), px(radius) + by);
  }
}

void Ui::face(Rect in, const SessionId& person, bool is_dim) const {
  const Face look = face_of(person);
  const Colour colour = is_dim ? mix(theme_->panel, look.colour, 0.55F) : look.colour;
  list().AddCircleFilled({in.x + in.w / 2, in.y + in.h / 2}, in.w / 2, u32(mix(theme_->panel, colour, 0.22F)), 48);
  const float side = in.w * 0.62F, cell = side / 5;
  const float left = in.x + (in.w - side) / 2, top = in.y + (in.h - side) / 2;
  for (std::size_t row = 0; row < 5; ++row)
    for (std::size_t column = 0; column < 5; ++column)
      if (look.cells[row][column])
        list().AddRectFilled(
            {left + static_cast<float>(column) * cell, top + static_cast<float>(row) * cell},
            {left + static_cast<float>(column + 1) * cell + 0.3F, top + static_cast<float>(row + 1) * cell + 0.3F},
            u32(colour));
}

bool Ui::area(Rect in, const std::string& label, bool* is_hovered) {
  ImGui::SetCursorScreenPos({in.x, in.y});
  const bool used =
      ImGui::InvisibleButton(label.c_str(), {std::max(in.w, 1.0F), std::max(in.h, 1.0F)}, ImGuiButtonFlags_EnableNav);
  if (is_hovered != nullptr) *is_hovered = ImGui::IsItemHovered();
  return used;
}

bool Ui::button(Rect in, const std::string& label, Weight weight, const char* icon, bool enabled) {
  bool hovered = false;
  ImGui::BeginDisabled(!enabled);
  const bool used = area(in, label, &hovered);
  ImGui::EndDisabled();
  Colour back = weight == Weight::Primary ? theme_->accent : theme_->raised;
  Colour front = weight == Weight::Primary ? theme_->on_accent : weight == Weight::Danger ? theme_->danger : theme_->text;
  if (hovered && enabled) back = weight == Weight::Primary ? mix(back, theme_->text, 0.15F) : theme_->hover;
  if (!enabled) {
    back = theme_->raised;
    front = theme_->muted;
  }
  if (weight != Weight::Quiet || hovered) fill(in, back, 8);
  if (weight == Weight::Plain || weight == Weight::Danger) frame(in, theme_->line, 8);
  const std::string words = label.substr(0, label.find("##"));
  const Font face = weight == Weight::Primary ? Font::Strong : Font::Text;
  const float wide = measure(words, 14, face).x, mark = icon != nullptr ? measure(icon, 14, Font::Icons).x + px(8) : 0;
  float x = in.x + std::max(px(6), (in.w - wide - mark) / 2);
  if (icon != nullptr) {
    glyph({x, in.y, mark - px(8), in.h}, icon, 14, front);
    x += mark;
  }
  line({x, in.y, in.right() - x - px(4), in.h}, words, 14, front, face);
  return used && enabled;
}

bool Ui::icon_button(Rect in, const char* icon, const std::string& label, bool is_on, bool enabled, float size) {
  bool hovered = false;
  ImGui::BeginDisabled(!enabled);
  const bool used = area(in, label, &hovered);
  ImGui::EndDisabled();
  if ((hovered && enabled) || is_on) fill(in, is_on ? theme_->raised : theme_->hover, size < 16 ? 4.0F : 8.0F);
  glyph(in, icon, size, !enabled ? theme_->line : is_on ? theme_->accent : hovered ? theme_->text : theme_->muted);
  if (hovered) tooltip(label.substr(0, label.find("##")));
  return used && enabled;
}

bool Ui::choice(Rect in, const std::string& label, bool is_chosen) {
  bool hovered = false;
  const bool used = area(in, label, &hovered);
  if (is_chosen || hovered) fill(in, is_chosen ? theme_->panel : theme_->hover, 6);
  line(in, label.substr(0, label.find("##")), 13, is_chosen ? theme_->text : theme_->muted, Font::Text, 0.5F);
  return used;
}

void Ui::tooltip(const std::string& words) {
  if (!ImGui::IsItemHovered(ImGuiHoveredFlags_DelayShort)) return;
  const ImVec2 size = measure(words, 13), mouse = ImGui::GetMousePos();
  const ImVec2 window = ImGui::GetIO().DisplaySize;
  Rect box{mouse.x + px(12), mouse.y + px(16), size.x + px(16), size.y + px(10)};
  box.x = std::min(box.x, window.x - box.w - px(4));
  if (box.bottom() > window.y) box.y = mouse.y - box.h - px(4);
  ImDrawList& above = *ImGui::GetForegroundDrawList();
  above.AddRectFilled({box.x, box.y}, {box.right(), box.bottom()}, u32(theme_->raised), px(6));
  above.AddRect({box.x, box.y}, {box.right(), box.bottom()}, u32(theme_->line), px(6));
  above.AddText(fonts_.text, line_height(13, Font::Text), {box.x + px(8), box.y + px(5)}, u32(theme_->text), words.c_str());
}

bool Ui::field(Rect in, const std::string& label, std::string& value, const char* hint, bool focus, bool is_mono, float size) {
  const Font face = is_mono ? Font::Mono : Font::Text;
  ImGui::PushFont(font(face), size * line_of_em(face));
  const float high = ImGui::GetFontSize();
  fill(in, theme_->ground, 8);
  ImGui::SetCursorScreenPos({in.x + px(12), in.y + (in.h - high) / 2});
  ImGui::SetNextItemWidth(in.w - px(20));
  if (focus) ImGui::SetKeyboardFocusHere();
  const bool entered =
      ImGui::InputTextWithHint(("##" + label).c_str(), hint, value.data(), value.capacity() + 1,
                               ImGuiInputTextFlags_CallbackResize | ImGuiInputTextFlags_EnterReturnsTrue, resize, &value);
  frame(in, ImGui::IsItemActive() ? theme_->accent : theme_->line, 8);
  ImGui::PopFont();
  if (value.size() > kMostTyped) value.resize(kMostTyped);
  if (!label.starts_with("phrase")) Screen::get().say(value);  // a secret is not told to scripts
  return entered;
}

bool Ui::text_area(Rect in, const std::string& label, std::string& value, const char* hint, bool focus) {
  ImGui::PushFont(font(Font::Text), 15 * line_of_em(Font::Text));
  ImGui::SetCursorScreenPos({in.x, in.y});
  if (focus) ImGui::SetKeyboardFocusHere();
  const bool entered =
      ImGui::InputTextMultiline(("##" + label).c_str(), value.data(), value.capacity() + 1, {in.w, in.h},
                                ImGuiInputTextFlags_CallbackResize | ImGuiInputTextFlags_EnterReturnsTrue |
                                    ImGuiInputTextFlags_CtrlEnterForNewLine | ImGuiInputTextFlags_NoHorizontalScroll,
                                resize, &value);
  ImGui::PopFont();
  if (value.size() > kMostTyped) value.resize(kMostTyped);
  if (value.empty()) {
    line({in.x, in.y, in.w, px(20)}, hint, 15, theme_->muted);
  } else {
    Screen::get().say(value);
  }
  return entered;
}

}  // namespace session::app

// What lies above the frame for a moment: the palette, the shortcuts, the settings.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "app/look/words.h"
#include "app/ui/app.h"

namespace session::app {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// All of `wish`'s characters in order; the fewer in between the better. Nothing when one is missing.
std::optional<int> match(const std::string& wish, const std::string& text) {
  std::size_t at = 0;
  int cost = 0;
  for (const char c : wish) {
    const auto found = text.find(c, at);
    if (found == std::string::npos) return std::nullopt;
    cost += static_cast<int>(found - at);
    at = found + 1;
  }
  return cost;
}

}  // namespace

/// A card in the middle; what lies behind it is dim. Its inner part is returned.
Rect App::card(Rect window, float width, float height, const char* title, bool& is_open) {
  ui_.fill(window, Colour{0, 0, 0, 255}.with_alpha(theme_->is_dark ? 0.55F : 0.3F));
  const float wide = std::min(ui_.px(width), window.w - ui_.px(24)), high = std::min(ui_.px(height), window.h - ui_.px(24));
  const Rect box{(window.w - wide) / 2, (window.h - high) / 2, wide, high};
  ui_.shadow(box, 12);
  ui_.fill(box, theme_->panel, 12);
  ui_.frame(box, theme_->line, 12);
  ui_.line({box.x + ui_.px(24), box.y + ui_.px(14), wide - ui_.px(80), ui_.px(36)}, title, 19, theme_->text, Font::Strong);
  if (ui_.icon_button({box.right() - ui_.px(46), box.y + ui_.px(15), ui_.px(32), ui_.px(32)}, icon::kClose, ui_("close")))
    is_open = false;
  return {box.x + ui_.px(24), box.y + ui_.px(62), wide - ui_.px(48), high - ui_.px(82)};
}

std::vector<App::Entry> App::entries() {
  std::vector<Entry> out;
  const auto add = [&](std::string name, std::string detail, std::function<void()> act) {
    out.push_back({std::move(name), std::move(detail), std::move(act)});
  };
  if (now_->has_account) {
    add(ui_("chats.title"), "Ctrl+1", [this] { workspace_ = Workspace::Chats; });
    add(ui_("network.title"), "Ctrl+2", [this] { workspace_ = Workspace::Network; });
    add(ui_("chats.new"), "Ctrl+N", [this] { new_open_ = focus_ = true; });
    for (const auto& chat : *now_->conversations)
      add(name_of(chat->id), ui_("palette.chat"), [this, id = chat->id] { open_chat(id); });
    if (now_->clock.is_simulated) {
      add(now_->clock.is_playing ? ui_("time.pause") : ui_("time.play"), "Space",
          [this] { post(Play{!now_->clock.is_playing}); });
      add(ui_("time.step"), ".", [this] { post(Step{}); });
      for (const PersonShown& person : now_->network->people)
        if (!person.is_me)
          add(words_.say(person.is_online ? "palette.close_laptop" : "palette.open_laptop", fit_to_show(person.name, 40)),
              ui_("palette.simulated"), [this, machine = person.machine, up = !person.is_online] { post(SetUp{machine, up}); });
      add(ui_("network.restart"), ui_("palette.simulated"), [this] { post(Restart{1}); });
    }
    add(ui_("network.fit"), "F", [this] {
      workspace_ = Workspace::Network;
      camera_is_own_ = false;
    });
    if (lower(palette_text_).size() >= 3)
      for (std::size_t i = 0; i < now_->network->nodes.size(); ++i) {
        const std::string hex = now_->network->nodes[i].id.hex();
        if (hex.find(lower(palette_text_)) == std::string::npos) continue;
        add(short_key(hex), ui_("palette.node"), [this, i] {
          workspace_ = Workspace::Network;
          select(Picked{Picked::What::Node, i});
        });
        if (out.size() > 60) break;
      }
  }
  for (const std::string& name : built_in_themes())
    add(words_.say("palette.theme", ui_("theme." + name)), ui_("settings.title"), [this, name] { settings_.theme = name; });
  add(ui_("settings.title"), "Ctrl+,", [this] { settings_open_ = true; });
  add(ui_("help.title"), "F1", [this] { help_open_ = true; });
  add(ui_("quit"), "Ctrl+Q", [this] { ends_ = true; });
  return out;
}

void App::palette(Rect window) {
  ui_.fill(window, Colour{0, 0, 0, 255}.with_alpha(theme_->is_dark ? 0.5F : 0.25F));
  const float wide = std::min(ui_.px(560), window.w - ui_.px(24));
  std::vector<std::pair<int, Entry>> found;
  const std::string wish = lower(palette_text_);
  for (Entry& each : entries())
    if (const auto cost = match(wish, lower(each.name))) found.emplace_back(*cost, std::move(each));
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto shown = std::min<std::size_t>(
      found.size(), static_cast<std::size_t>(std::max(1.0F, (window.h * 0.7F - ui_.px(60)) / ui_.px(40))));
  const Rect box{(window.w - wide) / 2, window.h * 0.12F, wide,
                 ui_.px(64) + ui_.px(40) * static_cast<float>(std::max<std::size_t>(shown, 1))};
  ui_.shadow(box, 12);
  ui_.fill(box, theme_->panel, 12);
  ui_.frame(box, theme_->line, 12);
  const bool entered = ui_.field({box.x + ui_.px(12), box.y + ui_.px(10), wide - ui_.px(24), ui_.px(40)}, "palette",
                                 palette_text_, ui_("palette.hint"), focus_);
  focus_ = false;
  if (ImGui::IsKeyPressed(ImGuiKey_DownArrow)) ++palette_at_;
  if (ImGui::IsKeyPressed(ImGuiKey_UpArrow) && palette_at_ > 0) --palette_at_;
  palette_at_ = std::min(palette_at_, shown == 0 ? 0 : shown - 1);
  float y = box.y + ui_.px(56);
  if (shown == 0) ui_.line({box.x, y, box.w, ui_.px(36)}, ui_("palette.nothing"), 14, theme_->muted, Font::Text, 0.5F);
  std::optional<std::size_t> chosen;
  for (std::size_t i = 0; i < shown; ++i, y += ui_.px(40)) {
    const Rect row{box.x + ui_.px(8), y, wide - ui_.px(16), ui_.px(38)};
    bool hovered = false;
    if (ui_.area(row, fmt::format("{}##palette{}", found[i].second.name, i), &hovered)) chosen = i;
    if (hovered && (ImGui::GetIO().MouseDelta.x != 0 || ImGui::GetIO().MouseDelta.y != 0)) palette_at_ = i;
    if (i == palette_at_) ui_.fill(row, theme_->raised, 8);
    ui_.line({row.x + ui_.px(12), row.y, row.w - ui_.px(160), row.h}, found[i].second.name, 14, theme_->text);
    ui_.line({row.right() - ui_.px(150), row.y, ui_.px(138), row.h}, found[i].second.detail, 12, theme_->muted, Font::Text, 1);
  }
  if (entered && shown > 0) chosen = palette_at_;
  if (!chosen) return;
  palette_open_ = false;
  found[*chosen].second.act();
}

void App::help(Rect window) {
  const Rect in = card(window, 560, 520, ui_("help.title"), help_open_);
  constexpr std::array<std::pair<const char*, const char*>, 15> kKeys = {{{"Ctrl+K", "help.palette"},
                                                                          {"Ctrl+1 / Ctrl+2", "help.workspaces"},
                                                                          {"Ctrl+N", "help.new"},
                                                                          {"Alt+Up / Alt+Down", "help.chats"},
                                                                          {"Enter", "help.send"},
                                                                          {"Ctrl+Enter", "help.newline"},
                                                                          {"Tab", "help.tab"},
                                                                          {"Esc", "help.escape"},
                                                                          {"Space", "help.space"},
                                                                          {".", "help.step"},
                                                                          {"F", "help.fit"},
                                                                          {"Arrows", "help.map"},
                                                                          {"Ctrl+I", "help.inspector"},
                                                                          {"Ctrl+Plus / Ctrl+Minus", "help.scale"},
                                                                          {"F11 / Ctrl+Q", "help.window"}}};
  float y = in.y;
  const float step = std::min(ui_.px(31), in.h / static_cast<float>(kKeys.size()));
  for (const auto& [key, what] : kKeys) {
    ui_.line({in.x, y, ui_.px(200), step}, key, 13, theme_->text, Font::Mono);
    ui_.line({in.x + ui_.px(206), y, in.w - ui_.px(206), step}, ui_(what), 14, theme_->muted);
    y += step;
  }
}

void App::settings_page(Rect window) {
  const Rect in = card(window, 520, 400, ui_("settings.title"), settings_open_);
  float y = in.y;
  const float high = ui_.px(34);
  const auto heading = [&](const char* words) {
    ui_.line({in.x, y, ui_.px(150), high}, words, 14, theme_->muted);
    return in.x + ui_.px(156);
  };
  const auto choices = [&](const char* title, const std::vector<std::pair<std::string, std::string>>& all, std::string& value) {
    float x = heading(title);
    const float each = (in.right() - x) / static_cast<float>(all.size());
    ui_.fill({x, y, in.right() - x, high}, theme_->raised, 8);
    for (const auto& [name, label] : all) {
      if (ui_.choice(Rect{x, y, each, high}.inset(ui_.px(3)), label, value == name)) value = name;
      x += each;
    }
    y += ui_.px(48);
  };
  choices(ui_("settings.theme"),
          {{"dark", ui_("theme.dark")}, {"light", ui_("theme.light")}, {"contrast", ui_("theme.contrast")}}, settings_.theme);
  choices(ui_("settings.language"), {{"en", "English"}, {"de", "Deutsch"}}, settings_.locale);
  {
    const float x = heading(ui_("settings.scale"));
    if (ui_.button({x, y, ui_.px(44), high}, "-##scale")) settings_.scale = std::max(0.8, settings_.scale - 0.1);
    ui_.line({x + ui_.px(48), y, ui_.px(80), high}, fmt::format("{:.0f} %", settings_.scale * 100), 14, theme_->text,
             Font::Text, 0.5F);
    if (ui_.button({x + ui_.px(132), y, ui_.px(44), high}, "+##scale")) settings_.scale = std::min(4.0, settings_.scale + 0.1);
    y += ui_.px(48);
  }
  std::string motion = settings_.reduce_motion ? "off" : "on";
  choices(ui_("settings.motion"), {{"on", ui_("settings.motion_on")}, {"off", ui_("settings.motion_off")}}, motion);
  settings_.reduce_motion = motion == "off";
  if (now_->has_account) {
    ui_.line({in.x, y, in.w, ui_.px(22)}, ui_("me.id"), 13, theme_->muted);
    ui_.text(in.x, y + ui_.px(24), now_->me.hex(), 12, theme_->text, Font::Mono, in.w - ui_.px(50));
    if (ui_.icon_button({in.right() - ui_.px(36), y + ui_.px(22), ui_.px(32), ui_.px(32)}, icon::kCopy, ui_("me.copy_id"))) {
      ImGui::SetClipboardText(now_->me.hex().c_str());
      told_.push_back({0, ui_("me.copied")});
    }
  }
}

}  // namespace session::app

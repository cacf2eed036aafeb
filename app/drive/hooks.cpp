#include "app/drive/hooks.h"

#include <fmt/format.h>
#include <imgui.h>
#include <imgui_internal.h>

#include <unordered_map>

namespace session::app {
namespace {

/// Places of this frame's items by their ids: the label is told after the place.
std::unordered_map<ImGuiID, ImRect>& places() {
  static std::unordered_map<ImGuiID, ImRect> all;
  return all;
}

}  // namespace

Screen& Screen::get() {
  static Screen screen;
  return screen;
}

void Screen::begin_frame() {
  items_.clear();
  texts_.clear();
  values_.clear();
  places().clear();
}

void Screen::add(ScreenItem item) {
  if (is_listening_) items_.push_back(std::move(item));
}
void Screen::say(std::string_view text) {
  if (is_listening_) texts_.emplace_back(text);
}
void Screen::set(std::string_view name, std::string value) {
  if (is_listening_) values_.insert_or_assign(std::string(name), std::move(value));
}

std::optional<ScreenItem> Screen::find(std::string_view label) const {
  for (auto item = items_.rbegin(); item != items_.rend(); ++item)
    if (item->label == label && !item->is_disabled) return *item;
  return std::nullopt;
}

bool Screen::shows(std::string_view text) const {
  if (const auto equals = text.find('='); equals != std::string_view::npos) {
    const auto value = values_.find(text.substr(0, equals));
    if (value != values_.end()) return value->second == text.substr(equals + 1);
  }
  for (const std::string& each : texts_)
    if (each.find(text) != std::string::npos) return true;
  for (const ScreenItem& each : items_)
    if (each.label == text) return true;
  return false;
}

std::string Screen::describe() const {
  std::string out = "texts:";
  for (const std::string& each : texts_) out += " \"" + each + "\"";
  out += "\ncontrols:";
  for (const ScreenItem& each : items_) out += " \"" + each.label + (each.is_disabled ? "\" (off)" : "\"");
  out += "\nvalues:";
  for (const auto& [name, value] : values_) out += fmt::format(" {}={}", name, value);
  return out;
}

}  // namespace session::app

// NOLINTBEGIN(readability-identifier-naming): Dear ImGui's names
void ImGuiTestEngineHook_ItemAdd(ImGuiContext* /*context*/, ImGuiID id, const ImRect& place,
                                 const ImGuiLastItemData* /*data*/) {
  if (session::app::Screen::get().is_listening() && id != 0) session::app::places()[id] = place;
}
void ImGuiTestEngineHook_ItemInfo(ImGuiContext* /*context*/, ImGuiID id, const char* label, ImGuiItemStatusFlags /*flags*/) {
  auto& screen = session::app::Screen::get();
  if (!screen.is_listening() || label == nullptr) return;
  const auto found = session::app::places().find(id);
  if (found == session::app::places().end()) return;
  std::string name(label);
  if (const auto mark = name.find("##"); mark != std::string::npos) name = mark == 0 ? name.substr(2) : name.substr(0, mark);
  screen.add({name, found->second.Min.x, found->second.Min.y, found->second.GetWidth(), found->second.GetHeight(), false});
}
void ImGuiTestEngineHook_Log(ImGuiContext* /*context*/, const char* /*format*/, ...) {}
const char* ImGuiTestEngine_FindItemDebugLabel(ImGuiContext* /*context*/, ImGuiID /*id*/) { return nullptr; }
// NOLINTEND(readability-identifier-naming)

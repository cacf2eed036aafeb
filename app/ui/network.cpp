// The map with its controls and the timeline below it.
#include <fmt/format.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "app/drive/hooks.h"
#include "app/look/words.h"
#include "app/ui/app.h"

namespace session::app {

void App::select(std::optional<Picked> what) {
  selected_ = what;
  selected_flight_.reset();
  Follow wish{follow_.delivery, 0, kNoMachine};
  if (what) {
    if (what->what == Picked::What::Packet) {
      wish.packet = what->index;
      for (const Flight& flight : *now_->flights)
        if (flight.packet == what->index) {
          selected_flight_ = flight;
          if (flight.delivery != 0) wish.delivery = flight.delivery;
        }
    }
    if (what->what == Picked::What::Node && what->index < now_->network->nodes.size())
      wish.machine = now_->network->nodes[what->index].machine;
    if (what->what == Picked::What::Person && what->index < now_->network->people.size())
      wish.machine = now_->network->people[what->index].machine;
    if (settings_.inspector_width <= 0) settings_.inspector_width = 340;
  }
  follow(wish);
}

/// Of the node or person that is selected, in the map's units.
Point App::place_of_picked() const {
  if (!selected_) return {};
  if (selected_->what == Picked::What::Node && selected_->index < layout_.nodes.size()) return layout_.nodes[selected_->index];
  if (selected_->what == Picked::What::Person && selected_->index < layout_.people.size())
    return layout_.people[selected_->index];
  return {};
}

void App::network(Rect in) {
  const float strip = in.h > ui_.px(520) ? ui_.px(136) : in.h > ui_.px(380) ? ui_.px(84) : 0;
  const Rect map{in.x, in.y, in.w, in.h - strip};
  // The newest own message is followed until another is chosen.
  if (follow_.delivery == 0 && lens_message_) {
    std::uint64_t newest = 0;
    for (const auto& chat : *now_->conversations)
      for (const Message& message : chat->messages) newest = std::max(newest, message.delivery);
    if (newest != 0) follow({newest, follow_.packet, follow_.machine});
  }
  if (laid_network_ != now_->network) {
    const bool is_same = laid_network_ && laid_network_->nodes.size() == now_->network->nodes.size() &&
                         laid_network_->height == now_->network->height &&
                         laid_network_->people.size() == now_->network->people.size();
    laid_network_ = now_->network;
    if (!is_same) layout_ = ring_layout(*laid_network_);
  }
  if (!camera_is_own_) camera_ = fit(map.w, map.h, ui_.px(34));
  camera_.middle = {map.x + map.w / 2, map.y + map.h / 2 + ui_.px(camera_is_own_ ? 0 : 14)};
  map_part_ = map;
  map_input(map);

  SceneWish wish;
  wish.snapshot = now_.get();
  wish.layout = &layout_;
  wish.theme = theme_;
  wish.camera = camera_;
  wish.scale = ui_.scale();
  wish.selected = selected_;
  wish.hovered = hovered_;
  wish.follow_message = lens_message_;
  wish.registry_traffic = registry_traffic_;
  wish.corner = {map.x, map.y};
  wish.size = {map.w, map.h};
  wish.waiting = ui_("network.waiting");
  wish.offline = ui_("network.offline");
  wish.layers = ui_("network.layers");
  build_scene(wish, scene_);

  ui_.list().PushClipRect({map.x, map.y}, {map.right(), map.bottom()}, true);
  const float face = person_radius(camera_, ui_.scale()) * 0.86F;
  for (const std::size_t i : scene_.faces) {
    const Point at = camera_.to_screen(layout_.people[i]);
    ui_.face({at.x - face, at.y - face, 2 * face, 2 * face}, now_->network->people[i].id, !now_->network->people[i].is_online);
  }
  for (const Label& label : scene_.labels) {
    const Font font = label.is_mono ? Font::Mono : label.is_strong ? Font::Strong : Font::Text;
    const float em = camera_.zoom < ui_.px(160) ? 10.5F : 12;
    const ImVec2 size = ui_.measure(label.text, em, font);
    ui_.halo(label.at.x - size.x * label.anchor, label.at.y - size.y / 2, label.text, em, theme_->ground, font);
    ui_.text(label.at.x - size.x * label.anchor, label.at.y - size.y / 2, label.text, em, label.colour, font);
    if (label.below.empty()) continue;
    const ImVec2 under = ui_.measure(label.below, em - 1);
    ui_.halo(label.at.x - under.x * label.anchor, label.at.y + size.y / 2, label.below, em - 1, theme_->ground);
    ui_.text(label.at.x - under.x * label.anchor, label.at.y + size.y / 2, label.below, em - 1, theme_->muted);
  }
  ui_.list().PopClipRect();
  map_controls(map);
  if (strip > 0) timeline({in.x, map.bottom(), in.w, strip});
}

void App::map_input(Rect map) {
  ImGui::SetCursorScreenPos({map.x, map.y});
  ImGui::SetNextItemAllowOverlap();
  ImGui::InvisibleButton("map", {std::max(map.w, 1.0F), std::max(map.h, 1.0F)}, ImGuiButtonFlags_EnableNav);
  ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelY);
  const ImGuiIO& io = ImGui::GetIO();
  hovered_.reset();
  const bool is_over = ImGui::IsItemHovered();
  if (is_over) {
    hovered_ =
        pick(layout_, *now_->network, *now_->flights, now_->clock.now, camera_, {io.MousePos.x, io.MousePos.y}, ui_.px(10));
    if (io.MouseWheel != 0) {
      camera_.zoom_at({io.MousePos.x, io.MousePos.y}, std::pow(1.18F, io.MouseWheel));
      camera_is_own_ = true;
    }
    if (ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left) && !hovered_) camera_is_own_ = false;
    if (hovered_) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  }
  if (ImGui::IsItemActive() && ImGui::IsMouseDragging(ImGuiMouseButton_Left, 4)) {
    camera_.centre = camera_.centre - Point{io.MouseDelta.x, io.MouseDelta.y} * (1 / camera_.zoom);
    camera_is_own_ = true;
  }
  if (ImGui::IsItemDeactivated() && is_over && io.MouseDragMaxDistanceSqr[0] < 16) select(hovered_);
  if (focus_map_) ImGui::FocusItem();
  focus_map_ = false;
  // By keyboard, while the map has the focus: arrows choose, plus and minus zoom.
  if (!ImGui::IsItemFocused() || palette_open_) return;
  for (const auto& [key, toward] : {std::pair{ImGuiKey_LeftArrow, Toward::Left}, std::pair{ImGuiKey_RightArrow, Toward::Right},
                                    std::pair{ImGuiKey_UpArrow, Toward::Up}, std::pair{ImGuiKey_DownArrow, Toward::Down}}) {
    ImGui::SetKeyOwner(key, ImGui::GetItemID());  // else they would lead away from the map
    if (!ImGui::IsKeyPressed(key) || io.KeyAlt || io.KeyCtrl) continue;
    select(next_toward(layout_, *now_->network, selected_, toward));
    const Point at = camera_.to_screen(place_of_picked());
    if (at.x < map.x || at.x > map.right() || at.y < map.y || at.y > map.bottom()) camera_.centre = place_of_picked();
  }
  const Point middle = camera_.middle;
  const auto pressed = [](ImGuiKey key) { return ImGui::IsKeyPressed(key) && !ImGui::GetIO().KeyCtrl; };
  if (pressed(ImGuiKey_Equal) || pressed(ImGuiKey_KeypadAdd)) camera_.zoom_at(middle, 1.25F), camera_is_own_ = true;
  if (pressed(ImGuiKey_Minus) || pressed(ImGuiKey_KeypadSubtract)) camera_.zoom_at(middle, 0.8F), camera_is_own_ = true;
}

void App::map_controls(Rect map) {
  const float high = ui_.px(32), y = map.y + ui_.px(12);
  const auto toggle = [&](float x, const char* icon, const std::string& label, bool& is_on) {
    const float wide = ui_.measure(label, 14).x + ui_.px(48);
    const Rect box{x, y, wide, high};
    bool hovered = false;
    if (ui_.area(box, label, &hovered)) is_on = !is_on;
    ui_.fill(box, hovered ? theme_->hover : is_on ? mix(theme_->panel, theme_->accent, 0.12F) : theme_->panel, 8);
    ui_.frame(box, is_on ? theme_->accent : theme_->line, 8);
    ui_.glyph({box.x + ui_.px(8), box.y, ui_.px(22), high}, icon, 13, is_on ? theme_->accent : theme_->text);
    ui_.line({box.x + ui_.px(36), box.y, wide, high}, label, 14, is_on ? theme_->accent : theme_->text);
    return wide + ui_.px(8);
  };
  float x = map.x + ui_.px(14);
  x += toggle(x, icon::kMap, ui_("network.where"), lens_message_);
  if (map.w > ui_.px(480)) toggle(x, icon::kClock, ui_("network.registry_traffic"), registry_traffic_);
  const float side = ui_.px(34), left = map.right() - side - ui_.px(14);
  float below = map.bottom() - 3 * (side + ui_.px(6)) - ui_.px(8);
  const auto tool = [&](const char* icon, const std::string& label) {
    const Rect box{left, below, side, side};
    below += side + ui_.px(6);
    ui_.fill(box, theme_->panel, 8);
    const bool used = ui_.icon_button(box, icon, label);
    ui_.frame(box, theme_->line, 8);
    return used;
  };
  if (tool(icon::kPlus, ui_("network.zoom_in"))) camera_.zoom_at(camera_.middle, 1.4F), camera_is_own_ = true;
  if (tool(icon::kMinus, ui_("network.zoom_out"))) camera_.zoom_at(camera_.middle, 1 / 1.4F), camera_is_own_ = true;
  if (tool(icon::kFit, ui_("network.fit"))) camera_is_own_ = false;
}

void App::timeline(Rect in) {
  ui_.fill(in, theme_->panel);
  ui_.fill({in.x, in.y, in.w, 1}, theme_->line);
  const Timeline& line = *now_->timeline;
  constexpr std::array<const char*, kLanes> kNames = {"lane.stored", "lane.hops", "lane.fetched", "lane.work", "lane.faults"};
  const std::array<Colour, kLanes> colours = {kSwarmColours[3], kSwarmColours[2], kSwarmColours[1], kSwarmColours[4],
                                              theme_->danger};
  const float left = in.x + ui_.px(88), right = in.right() - ui_.px(18), top = in.y + ui_.px(10);
  const float lane = (in.h - ui_.px(18)) / kLanes;
  // The track is as long as a round span of which three fifths or more have passed, so that bars keep their width for a while.
  const auto passed = static_cast<double>((now_->clock.now - line.begin).count) / static_cast<double>(line.slice.count);
  double slices = 150;
  while (slices < passed) slices *= 1.6;
  const float each = (right - left) / static_cast<float>(slices);
  const float now = left + each * static_cast<float>(passed);
  const float pitch = std::max(ui_.px(4), each);  // several slices share a bar where they are too narrow for one each
  const auto in_bar = std::max<std::size_t>(1, static_cast<std::size_t>(std::round(pitch / each)));
  for (std::size_t k = 0; k < kLanes; ++k) {
    const float bottom = top + lane * static_cast<float>(k + 1) - ui_.px(3);
    ui_.line({in.x + ui_.px(14), bottom - lane, ui_.px(70), lane}, ui_(kNames[k]), 12, theme_->muted);
    ui_.fill({left, bottom, right - left, 1}, theme_->line);
    const auto& counts = line.counts[k];
    const auto sum = [&](std::size_t from) {
      std::uint32_t all = 0;
      for (std::size_t i = from; i < std::min(from + in_bar, counts.size()); ++i) all += counts[i];
      return all;
    };
    std::uint32_t most = 1;
    for (std::size_t i = 0; i < counts.size(); i += in_bar) most = std::max(most, sum(i));
    for (std::size_t i = 0; i < counts.size(); i += in_bar) {
      const std::uint32_t count = sum(i);
      if (count == 0) continue;
      const float part = std::sqrt(static_cast<float>(count) / static_cast<float>(most));
      const float x = std::round(left + each * static_cast<float>(i)), high = std::max(2.0F, part * (lane - ui_.px(6)));
      const float wide = std::clamp(each * static_cast<float>(in_bar) - 1, 1.0F, ui_.px(5));
      ui_.list().AddRectFilled({x, bottom - high}, {std::max(x + 1, std::min(x + wide, now)), bottom}, Ui::u32(colours[k]));
    }
  }
  ui_.fill({now, top - ui_.px(2), 2, in.h - ui_.px(12)}, theme_->accent);
  ui_.dot(now + 1, top - ui_.px(2), 4, theme_->accent);
}

}  // namespace session::app

#include "app/map/scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "app/look/words.h"

namespace session::app {
namespace {

constexpr std::uint32_t kMostLabels = 60;
constexpr float kGap = 2;  // between a line's end and the rim it leads to

class Builder {
 public:
  Builder(const SceneWish& wish, Scene& out)
      : wish_(wish),
        out_(out),
        snapshot_(*wish.snapshot),
        network_(*wish.snapshot->network),
        layout_(*wish.layout),
        theme_(*wish.theme) {
    const Journey* journey = snapshot_.journey.get();
    if (!wish.follow_message || journey == nullptr || journey->path[0] == kNoMachine) return;
    is_following_ = true;
    for (const Machine hop : journey->path) touched_.insert(hop);
    for (const Leg& leg : journey->legs) {
      touched_.insert(leg.from);
      touched_.insert(leg.to);
    }
    for (const PersonShown& person : network_.people)
      if (person.id == journey->to || person.is_me) touched_.insert(person.machine);
  }

  void build() {
    ring();
    swarms();
    nodes();
    journey();
    people();
    packets();
  }

 private:
  [[nodiscard]] Point screen(Point world) const { return wish_.camera.to_screen(world); }
  [[nodiscard]] bool is_seen(Point at, float reach) const {
    return at.x + reach > wish_.corner.x && at.y + reach > wish_.corner.y && at.x - reach < wish_.corner.x + wish_.size.x &&
           at.y - reach < wish_.corner.y + wish_.size.y;
  }
  [[nodiscard]] Colour colour_of(Machine machine) const {
    const NodeShown* node = network_.node(machine);
    return node == nullptr ? theme_.muted : swarm_colour(node->swarm);
  }
  void disc(Point at, float radius, Colour fill, Colour edge = {0, 0, 0, 0}, float rim = 0, float glow = 0, float dashes = 0) {
    if (is_seen(at, radius + glow + rim)) out_.discs.push_back({at.x, at.y, radius, rim, fill, edge, glow, dashes});
  }
  void below(Point at, float radius, Colour fill, Colour edge, float rim) {
    if (is_seen(at, radius + rim)) out_.ground.push_back({at.x, at.y, radius, rim, fill, edge, 0, 0});
  }
  [[nodiscard]] float node_radius() const {
    return std::max(layout_.node_radius * wish_.camera.zoom, detail_of(layout_, wish_.camera) == Detail::Density ? 1.1F : 2.2F);
  }
  /// Between the rims of two machines, not their middles.
  void route(Machine from, Machine to, Colour colour, float width, float dash = 0) {
    const Point a = screen(place_of(layout_, network_, from)), b = screen(place_of(layout_, network_, to));
    const float whole = distance(a, b);
    const auto rim = [&](Machine machine) {
      const bool is_node = network_.node(machine) != nullptr;
      return (is_node ? node_radius() : person_radius(wish_.camera, wish_.scale)) + kGap * wish_.scale;
    };
    if (whole <= rim(from) + rim(to)) return;
    const Point along = (b - a) * (1 / whole);
    line(a + along * rim(from), b - along * rim(to), colour, width, dash);
  }
  void line(Point a, Point b, Colour colour, float width, float dash = 0) {
    out_.lines.push_back({a.x, a.y, b.x, b.y, width * wish_.scale, dash * wish_.scale, colour});
  }

  void ring() {
    below(screen({}), wish_.camera.zoom, {0, 0, 0, 0}, theme_.line, 1.4F * wish_.scale);
    for (int i = 0; i < 64; ++i) {
      const float angle = static_cast<float>(i) * 0.0981748F;
      const Point out{std::cos(angle), std::sin(angle)};
      const auto covers = [&](Point swarm) { return distance(swarm, out) < layout_.swarm_radius + 0.03F; };
      if (layout_.swarm_radius > 0 && std::ranges::any_of(layout_.swarms, covers)) continue;
      const float reach = i % 4 == 0 ? 0.022F : 0.011F;
      line(screen(out * (1 - reach)), screen(out * (1 + reach)), theme_.line, 1);
    }
  }

  void swarms() {
    const PersonShown* recipient = nullptr;
    if (is_following_)
      for (const PersonShown& person : network_.people)
        if (person.id == snapshot_.journey->to) recipient = &person;
    std::uint32_t labels = 0;
    for (std::uint32_t s = 0; s < network_.swarms.size(); ++s) {
      const Point at = screen(layout_.swarms[s]);
      const float radius = layout_.swarm_radius * wish_.camera.zoom;
      const Colour colour = swarm_colour(s);
      const bool is_target = recipient != nullptr && recipient->swarm == s;
      const bool is_lit = wish_.selected == Picked{Picked::What::Swarm, s} || wish_.hovered == Picked{Picked::What::Swarm, s};
      if (radius > 0) {
        below(at, radius, mix(theme_.ground, colour, theme_.is_dark ? 0.13F : 0.17F), colour.with_alpha(is_lit ? 1.0F : 0.5F),
              (is_lit ? 2.0F : 1.0F) * wish_.scale);
        if (is_target) below(at, radius + 6 * wish_.scale, {0, 0, 0, 0}, colour, 2 * wish_.scale);
      }
      const Point label = screen(layout_.labels[s]);
      if (!is_seen(label, 40) || (network_.swarms.size() > kMostLabels && !is_lit && !is_target)) continue;
      if (++labels > kMostLabels) continue;
      Label text;
      const float outward = (label.x - at.x) / std::max(distance(label, at), 1.0F);
      text.at = {label.x + (is_target ? 6 * wish_.scale * outward : 0), label.y};
      text.anchor = 0.5F - 0.5F * outward;
      if (is_target && recipient != nullptr) {
        text.text = fmt::format("{}", fit_to_show(recipient->name, 24));
        text.is_strong = true;
        text.colour = theme_.text;
        text.below = fmt::format(fmt::runtime(wish_.waiting), recipient->waiting);
      } else {
        text.text = fmt::format("{:016x}", network_.swarms[s].id.value).substr(0, 4) + "…";
        text.is_mono = true;
        text.colour = theme_.muted;
      }
      out_.labels.push_back(std::move(text));
    }
  }

  void nodes() {
    const Detail detail = detail_of(layout_, wish_.camera);
    const float radius = node_radius();
    for (std::uint32_t i = 0; i < network_.nodes.size(); ++i) {
      const NodeShown& node = network_.nodes[i];
      const Point at = screen(layout_.nodes[i]);
      if (!is_seen(at, radius + 12)) continue;
      const Colour colour = swarm_colour(node.swarm);
      const bool is_lit = wish_.selected == Picked{Picked::What::Node, i} || wish_.hovered == Picked{Picked::What::Node, i};
      const bool is_touched = is_following_ && touched_.contains(node.machine);
      if (detail == Detail::Density) {
        disc(at, is_lit || is_touched ? radius * 3 : radius, colour.with_alpha(node.is_up ? 0.75F : 0.2F));
        continue;
      }
      const float grown = is_lit ? radius * 1.15F : radius;
      if (!node.is_up)
        disc(at, grown, theme_.ground, colour, 1.6F * wish_.scale);
      else
        disc(at, grown, is_following_ && !is_touched ? mix(theme_.ground, colour, 0.78F) : colour,
             is_lit || is_touched ? theme_.text : Colour{0, 0, 0, 0}, is_lit || is_touched ? 1.8F * wish_.scale : 0);
      if (detail == Detail::Labels && out_.labels.size() < 300)
        out_.labels.push_back({at, short_key(node.id.hex()), "", true, false, mix(colour, theme_.ground, 0.75F)});
    }
  }

  void journey() {
    if (!is_following_) return;
    const Journey& journey = *snapshot_.journey;
    Machine me = kNoMachine;
    for (const PersonShown& person : network_.people)
      if (person.is_me) me = person.machine;
    Machine from = me;
    for (const Machine hop : journey.path) {  // the way that was chosen
      if (hop == kNoMachine) return;
      route(from, hop, theme_.accent.with_alpha(0.4F), 1.6F, 5);
      from = hop;
    }
    for (const Leg& leg : journey.legs) {  // what was travelled
      if (leg.kind != FlightKind::Onion && leg.kind != FlightKind::Copy) continue;
      const bool is_copy = leg.kind == FlightKind::Copy;
      route(leg.from, leg.to, is_copy ? colour_of(leg.to).with_alpha(0.7F) : theme_.accent, is_copy ? 1.2F : 2.2F);
    }
  }

  void people() {
    const float radius = person_radius(wish_.camera, wish_.scale);
    for (std::size_t i = 0; i < network_.people.size(); ++i) {
      const PersonShown& person = network_.people[i];
      const Point at = screen(layout_.people[i]);
      if (!is_seen(at, radius + 30)) continue;
      const bool is_lit = wish_.selected == Picked{Picked::What::Person, i} || wish_.hovered == Picked{Picked::What::Person, i};
      if (!person.is_online)
        line(at, screen(layout_.swarms.empty() ? Point{} : layout_.swarms[person.swarm % layout_.swarms.size()]), theme_.line,
             1.2F, 3);
      disc(at, radius, theme_.panel, person.is_online ? theme_.accent : theme_.muted, (is_lit ? 3.0F : 1.8F) * wish_.scale, 0,
           person.is_online ? 0.0F : 16.0F);
      out_.faces.push_back(i);
      Label label;
      label.at = {at.x, at.y + radius + 12 * wish_.scale};
      const std::string name = fit_to_show(person.name, 24);
      label.text = person.is_online ? name : fmt::format(fmt::runtime(wish_.offline), name);
      label.colour = person.is_online ? theme_.text : theme_.muted;
      if (person.waiting > 0 && !person.is_online) label.below = fmt::format(fmt::runtime(wish_.waiting), person.waiting);
      out_.labels.push_back(std::move(label));
    }
  }

  void packets() {
    for (const Flight& flight : *snapshot_.flights) {
      if (flight.kind == FlightKind::Registry && !wish_.registry_traffic) continue;
      const Point at = screen(place_of(flight, layout_, network_, snapshot_.clock.now));
      const bool is_mine = snapshot_.journey && flight.delivery == snapshot_.journey->delivery && flight.delivery != 0;
      const bool is_selected = wish_.selected == Picked{Picked::What::Packet, flight.packet};
      PacketInstance packet;
      packet.x = at.x;
      packet.y = at.y;
      const float size = (is_mine || is_selected ? 1.0F : flight.kind == FlightKind::Registry ? 0.35F : 0.62F) * wish_.scale;
      packet.core = (flight.kind == FlightKind::Onion ? 5.0F : 4.0F) * size;
      packet.ring = 3.6F * size;
      packet.fill = flight.kind == FlightKind::Onion      ? theme_.text
                    : flight.kind == FlightKind::Copy     ? colour_of(flight.to)
                    : flight.kind == FlightKind::Registry ? theme_.muted
                                                          : mix(theme_.ground, theme_.text, 0.55F);
      packet.glow = is_mine || is_selected ? theme_.accent.with_alpha(0.5F) : Colour{0, 0, 0, 0};
      packet.count = static_cast<float>(std::min<int>(flight.layers, 4));
      for (int i = 0; i < flight.layers && i < 4; ++i)  // the outermost is peeled first
        packet.rings[static_cast<std::size_t>(flight.layers - 1 - i)] = colour_of(flight.peelers[static_cast<std::size_t>(i)]);
      if (is_following_ && !is_mine && !is_selected) {  // background: there, but not in the way of what is followed
        packet.core = 2 * wish_.scale;
        packet.fill = packet.fill.with_alpha(0.4F);
        packet.count = 0;
      }
      if (flight.is_lost) packet.lost = 1, packet.fill = theme_.danger, packet.count = 0;
      out_.packets.push_back(packet);
      out_.packet_numbers.push_back(flight.packet);
      if (is_mine && flight.kind == FlightKind::Onion && !flight.is_lost)
        out_.labels.push_back({beside(at), fmt::format(fmt::runtime(wish_.layers), flight.layers), size_in_words(flight.size),
                               false, true, theme_.text, 0});
      if (flight.is_lost)
        out_.labels.push_back({{at.x, at.y - person_radius(wish_.camera, wish_.scale) - 14 * wish_.scale},
                               flight.reason,
                               "",
                               false,
                               false,
                               theme_.danger});
    }
  }

  /// Where a packet's caption covers no node: to its right, and beyond the circle of a swarm that it is in.
  [[nodiscard]] Point beside(Point at) const {
    for (const Point swarm : layout_.swarms) {
      const Point middle = screen(swarm);
      const float radius = layout_.swarm_radius * wish_.camera.zoom;
      if (distance(middle, at) < radius + 10 * wish_.scale)
        return {middle.x + radius + 16 * wish_.scale, at.y - 8 * wish_.scale};
    }
    return {at.x + 24 * wish_.scale, at.y - 8 * wish_.scale};
  }

  const SceneWish& wish_;
  Scene& out_;
  const Snapshot& snapshot_;
  const Network& network_;
  const Layout& layout_;
  const Theme& theme_;
  bool is_following_ = false;
  std::set<Machine> touched_;
};

}  // namespace

float person_radius(const Camera& camera, float scale) {
  return std::max(std::clamp(0.072F * camera.zoom, 9.5F * scale, 18 * scale), 0.045F * camera.zoom);
}

void build_scene(const SceneWish& wish, Scene& out) {
  out.ground.clear();
  out.discs.clear();
  out.lines.clear();
  out.packets.clear();
  out.packet_numbers.clear();
  out.labels.clear();
  out.faces.clear();
  Builder(wish, out).build();
}

}  // namespace session::app

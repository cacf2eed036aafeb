#include "app/map/layout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace session::app {
namespace {

constexpr float kTau = 2 * std::numbers::pi_v<float>;
constexpr float kLabelDistance = 1.32F;

Point on_circle(float turn, float radius) {
  const float angle = turn * kTau - kTau / 4;
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

float turn_of(SwarmId id) { return static_cast<float>(static_cast<double>(id.value) / 18446744073709551616.0); }

/// Turns in ascending order, moved as little as a few passes need for neighbours to be `apart`.
void push_apart(std::vector<float>& turns, float apart) {
  const std::size_t n = turns.size();
  if (n < 2) return;
  apart = std::min(apart, 1.0F / static_cast<float>(n));
  for (int pass = 0; pass < 200; ++pass) {
    bool moved = false;
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t j = (i + 1) % n;
      float gap = turns[j] - turns[i];
      if (j == 0) gap += 1;
      if (gap >= apart - 1e-5F) continue;
      const float push = (apart - gap) / 2;
      turns[i] -= push;
      turns[j] += push;
      moved = true;
    }
    if (!moved) return;
  }
}

}  // namespace

float distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }

Layout ring_layout(const Network& network) {
  Layout out;
  const std::size_t swarms = network.swarms.size();
  const bool circles = swarms <= kMostCircles;
  std::vector<float> turns;
  for (const SwarmShown& swarm : network.swarms) turns.push_back(turn_of(swarm.id));
  if (circles) {
    const float room = kTau / static_cast<float>(std::max<std::size_t>(swarms, 1));
    out.swarm_radius = std::clamp(room * 0.42F, 0.05F, 0.19F);
    push_apart(turns, 2.25F * out.swarm_radius / kTau);
  } else {
    out.swarm_radius = 0;
  }
  out.nodes.resize(network.nodes.size());
  for (std::size_t s = 0; s < swarms; ++s) {
    const SwarmShown& swarm = network.swarms[s];
    out.swarms.push_back(on_circle(turns[s], 1));
    out.labels.push_back(on_circle(turns[s], circles ? 1 + out.swarm_radius + 0.06F : 1.1F));
    for (std::uint32_t i = 0; i < swarm.count; ++i) {
      if (circles) {
        const float share = (static_cast<float>(i) + 0.5F) / static_cast<float>(std::max(swarm.count, 1U));
        const float radius = swarm.count == 1 ? 0 : out.swarm_radius * 0.62F;
        out.nodes[swarm.first + i] = out.swarms[s] + on_circle(share, radius);
      } else {
        const float along = 0.7F + 0.3F * (static_cast<float>(i) + 0.5F) / static_cast<float>(std::max(swarm.count, 1U));
        out.nodes[swarm.first + i] = on_circle(turns[s], along);
      }
    }
  }
  std::uint32_t most = 1;
  for (const SwarmShown& swarm : network.swarms) most = std::max(most, swarm.count);
  if (circles)
    out.node_radius = std::min(0.032F, out.swarm_radius * 0.62F * kTau / static_cast<float>(most) * 0.36F);
  else
    out.node_radius =
        std::min(0.012F, 0.36F * std::min(kTau * 0.85F / static_cast<float>(swarms), 0.3F / static_cast<float>(most)));

  // People stand inside the ring, each before their swarm, and not on one another.
  std::vector<std::size_t> order(network.people.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto wanted = [&](std::size_t person) {
    const std::uint32_t swarm = network.people[person].swarm;
    return swarm < turns.size() ? turns[swarm] : 0;
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return wanted(a) < wanted(b); });
  std::vector<float> places;
  for (const std::size_t person : order) places.push_back(wanted(person));
  push_apart(places, 0.13F);
  out.people.resize(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    out.people[order[i]] = on_circle(places[i], order.size() > 12 ? (i % 2 == 0 ? 0.52F : 0.34F) : 0.45F);
  return out;
}

Point place_of(const Layout& layout, const Network& network, Machine machine) {
  if (machine < network.node_of.size() && network.node_of[machine] < layout.nodes.size())
    return layout.nodes[network.node_of[machine]];
  for (std::size_t i = 0; i < network.people.size() && i < layout.people.size(); ++i)
    if (network.people[i].machine == machine) return layout.people[i];
  return {};
}

Point place_of(const Flight& flight, const Layout& layout, const Network& network, Instant now) {
  const Point from = place_of(layout, network, flight.from), to = place_of(layout, network, flight.to);
  if (flight.is_lost && flight.due == flight.sent)
    return from + (to - from) * 0.4F;  // on the link; others get to a closed door
  const std::int64_t span = flight.due.micros - flight.sent.micros;
  const float part = span <= 0 ? 1.0F : static_cast<float>(now.micros - flight.sent.micros) / static_cast<float>(span);
  return from + (to - from) * std::clamp(part, 0.0F, 1.0F);
}

void Camera::zoom_at(Point screen, float factor) {
  const Point held = to_world(screen);
  zoom = std::clamp(zoom * factor, 40.0F, 40'000.0F);
  centre = held - (screen - middle) * (1 / zoom);
}

Camera fit(float width, float height, float margin) {
  Camera camera;
  const float room = std::max(std::min(width, height) - 2 * margin, 80.0F);
  camera.zoom = room / (2 * kLabelDistance);
  camera.middle = {width / 2, height / 2};
  return camera;
}

std::optional<Picked> pick(const Layout& layout, const Network& network, const std::vector<Flight>& flights, Instant now,
                           const Camera& camera, Point screen, float slack) {
  const auto hits = [&](Point world, float radius) {
    return distance(camera.to_screen(world), screen) <= std::max(radius * camera.zoom, slack);
  };
  for (auto flight = flights.rbegin(); flight != flights.rend(); ++flight)
    if (flight->kind != FlightKind::Registry && hits(place_of(*flight, layout, network, now), 0))
      return Picked{Picked::What::Packet, flight->packet};
  for (std::size_t i = 0; i < layout.people.size(); ++i)
    if (hits(layout.people[i], 0.055F)) return Picked{Picked::What::Person, i};
  std::optional<Picked> nearest;
  float best = std::max(layout.node_radius * camera.zoom, std::min(slack, 8.0F));
  for (std::size_t i = 0; i < layout.nodes.size(); ++i) {
    const float away = distance(camera.to_screen(layout.nodes[i]), screen);
    if (away <= best) best = away, nearest = Picked{Picked::What::Node, i};
  }
  if (nearest) return nearest;
  for (std::size_t i = 0; i < layout.swarms.size(); ++i)
    if (layout.swarm_radius > 0 && distance(camera.to_screen(layout.swarms[i]), screen) <= layout.swarm_radius * camera.zoom)
      return Picked{Picked::What::Swarm, i};
  return std::nullopt;
}

std::optional<Picked> next_toward(const Layout& layout, const Network& network, std::optional<Picked> from, Toward toward) {
  Point begin;
  if (from && from->what == Picked::What::Node && from->index < layout.nodes.size()) begin = layout.nodes[from->index];
  if (from && from->what == Picked::What::Person && from->index < layout.people.size()) begin = layout.people[from->index];
  if (from && from->what == Picked::What::Swarm && from->index < layout.swarms.size()) begin = layout.swarms[from->index];
  std::optional<Picked> best = from;
  float least = std::numeric_limits<float>::max();
  const auto look = [&](Picked::What what, std::size_t index, Point at) {
    const Point way = at - begin;
    const float along = toward == Toward::Left    ? -way.x
                        : toward == Toward::Right ? way.x
                        : toward == Toward::Up    ? -way.y
                                                  : way.y;
    const float aside = std::abs(toward == Toward::Left || toward == Toward::Right ? way.y : way.x);
    // Within a right angle around the direction, so that every way has exactly one arrow.
    const float cost = along * along + aside * aside;
    if ((from && (along <= 1e-4F || aside > along)) || cost >= least) return;
    least = cost;
    best = Picked{what, index};
  };
  for (std::size_t i = 0; i < network.people.size(); ++i) look(Picked::What::Person, i, layout.people[i]);
  for (std::size_t i = 0; i < network.nodes.size(); ++i) look(Picked::What::Node, i, layout.nodes[i]);
  return best;
}

Detail detail_of(const Layout& layout, const Camera& camera) {
  const float radius = layout.node_radius * camera.zoom;
  if (radius < 2.2F) return Detail::Density;
  return radius < 16 ? Detail::Discs : Detail::Labels;
}

}  // namespace session::app

// Where things stand on the map, and what lies under a point: plain functions of the network and the camera.
#pragma once

#include <optional>
#include <vector>

#include "app/model/snapshot.h"

namespace session::app {

/// World units: the ring of swarm ids has radius 1 around the origin, y downwards.
struct Point {
  float x = 0, y = 0;
  friend bool operator==(const Point&, const Point&) = default;
  friend Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
  friend Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
  friend Point operator*(Point a, float k) { return {a.x * k, a.y * k}; }
};
[[nodiscard]] float distance(Point a, Point b);

/// Above so many swarms, circles of nodes would be too small: the members stand on a spoke at their swarm's place instead.
inline constexpr std::size_t kMostCircles = 36;

struct Layout {
  std::vector<Point> nodes;    ///< as Network::nodes
  std::vector<Point> swarms;   ///< centres, as Network::swarms
  std::vector<Point> people;   ///< as Network::people
  std::vector<Point> labels;   ///< where a swarm's name stands
  float swarm_radius = 0.17F;  ///< of a circle of nodes; 0 for spokes
  float node_radius = 0.025F;
};
/// The swarm space as a circle: id 0 at the top, clockwise. Swarms whose ids lie closer than their circles are wide are pushed
/// apart, in the order of their ids.
[[nodiscard]] Layout ring_layout(const Network& network);
/// The place of a machine; the registry stands in the middle.
[[nodiscard]] Point place_of(const Layout& layout, const Network& network, Machine machine);

/// Where a packet is at `now`: it leaves at `sent` and arrives at `due`.
[[nodiscard]] Point place_of(const Flight& flight, const Layout& layout, const Network& network, Instant now);

/// What part of the world the window shows.
struct Camera {
  Point centre;      ///< in world units
  float zoom = 300;  ///< pixels for one world unit
  Point middle;      ///< of the window's part, in pixels

  [[nodiscard]] Point to_screen(Point world) const { return (world - centre) * zoom + middle; }
  [[nodiscard]] Point to_world(Point screen) const { return (screen - middle) * (1 / zoom) + centre; }
  /// Bigger by `factor`; what is under `screen` stays under it.
  void zoom_at(Point screen, float factor);
};
/// The whole ring with its labels in a part of the window of this size.
[[nodiscard]] Camera fit(float width, float height, float margin);

struct Picked {
  enum class What { Node, Swarm, Person, Packet } what = What::Node;
  std::uint64_t index = 0;  ///< of the node, swarm or person; the packet's number
  friend bool operator==(const Picked&, const Picked&) = default;
};
/// What lies under `screen`, packets before people before nodes before swarms; small things can be hit within `slack` pixels.
[[nodiscard]] std::optional<Picked> pick(const Layout& layout, const Network& network, const std::vector<Flight>& flights,
                                         Instant now, const Camera& camera, Point screen, float slack);

enum class Toward { Left, Right, Up, Down };
/// The node or person that is nearest to what is picked in this direction, for the arrow keys; nearest to the middle of the
/// ring when nothing is picked, and what was picked when nothing lies there.
[[nodiscard]] std::optional<Picked> next_toward(const Layout& layout, const Network& network, std::optional<Picked> from,
                                                Toward toward);

/// How much is drawn: far away the nodes are specks of light, nearer they are discs, and nearest they have names.
enum class Detail { Density, Discs, Labels };
[[nodiscard]] Detail detail_of(const Layout& layout, const Camera& camera);

}  // namespace session::app

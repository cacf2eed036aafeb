// What the map draws at one moment, as instances for the shaders and labels for the text above them.
#pragma once

#include <string>
#include <vector>

#include "app/look/theme.h"
#include "app/map/layout.h"

namespace session::app {

/// In pixels of the window. Rings: up to four, the outermost first.
struct DiscInstance {
  float x = 0, y = 0, radius = 0, rim = 0;
  Colour fill, edge;
  float glow = 0;  ///< how far light reaches beyond the disc, in pixels
  float dashes = 0;
  friend bool operator==(const DiscInstance&, const DiscInstance&) = default;
};
struct LineInstance {
  float ax = 0, ay = 0, bx = 0, by = 0, width = 1, dash = 0;
  Colour colour;
};
struct PacketInstance {
  float x = 0, y = 0, core = 0, ring = 0;  ///< radius of the core, width of a ring with its gap
  Colour fill, glow;
  std::array<Colour, 4> rings{};  ///< innermost first
  float count = 0;
  float lost = 0;
};
struct Label {
  Point at;
  std::string text, below;
  bool is_mono = false, is_strong = false;
  Colour colour;
  float anchor = 0.5F;  ///< what of its width lies left of `at`
};
struct Scene {
  std::vector<DiscInstance> ground;  ///< the ring and the swarms, below everything
  std::vector<LineInstance> lines;
  std::vector<DiscInstance> discs;  ///< nodes and people, above the lines; drawn in order
  std::vector<PacketInstance> packets;
  std::vector<std::uint64_t> packet_numbers;  ///< whose packets they are, in the same order
  std::vector<Label> labels;
  std::vector<std::size_t> faces;  ///< people whose faces are drawn, as Network::people
};

/// Of a person's circle, in pixels: readable on a map that fills a window, and still apart on a small one.
[[nodiscard]] float person_radius(const Camera& camera, float scale);

struct SceneWish {
  const Snapshot* snapshot = nullptr;
  const Layout* layout = nullptr;
  const Theme* theme = nullptr;
  Camera camera;
  float scale = 1;
  std::optional<Picked> selected, hovered;
  bool follow_message = true;  ///< the lens: what the followed message does not touch is dim
  bool registry_traffic = false;
  Point corner, size;                    ///< of the part of the window, in pixels
  std::string waiting, offline, layers;  ///< "{} wait", "{} · offline", "{} layers left"
};
/// Every packet in it is a flight of the snapshot, and every flight is a packet of it, but for registry traffic when that is
/// off.
void build_scene(const SceneWish& wish, Scene& out);

}  // namespace session::app

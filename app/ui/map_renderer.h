// Draws a scene with our own shaders: one instanced call for discs, one for lines, one for packets.
#pragma once

#include <array>
#include <cstdint>

#include "app/map/scene.h"

namespace session::app {

class MapRenderer {
 public:
  /// Needs a current OpenGL 3.3 context. Errors: Internal, with the driver's own words.
  [[nodiscard]] Result<void> start();
  void stop();
  /// Into the part at `corner` of `size` of a window of `height`; `density` pixels of the frame buffer are one of the window's.
  void draw(const Scene& scene, Point corner, Point size, int height, float density);

 private:
  struct Pass {
    unsigned program = 0, array = 0, buffer = 0;
    int viewport = -1;
  };
  template <class Instance>
  void draw_pass(const Pass& pass, const std::vector<Instance>& instances, const float* viewport);
  Pass discs_, lines_, packets_;
};

}  // namespace session::app

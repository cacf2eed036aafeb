// A face for a key: a symmetric pattern and a colour, the same wherever the key is shown.
#pragma once

#include <array>

#include "app/look/theme.h"
#include "core/base/ids.h"

namespace session::app {

struct Face {
  std::array<std::array<bool, 5>, 5> cells{};  ///< [row][column], mirrored left to right
  Colour colour;
};
/// From the hash of the key, so that alike keys have unlike faces.
[[nodiscard]] Face face_of(const SessionId& person);

}  // namespace session::app

#include "app/look/face.h"

#include "core/crypto/hash.h"

namespace session::app {

Face face_of(const SessionId& person) {
  const auto hash = crypto::blake2b_256({person.account.bytes});
  Face face;
  // Six colours that can be seen on dark and on light; the seventh and eighth of the palette are too close to the frame's grey.
  constexpr std::array<std::size_t, 6> kColours = {0, 1, 3, 5, 6, 2};
  face.colour = kSwarmColours[kColours[std::to_integer<std::size_t>(hash[0]) % kColours.size()]];
  int filled = 0;
  for (std::size_t row = 0; row < 5; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      const bool on = (std::to_integer<unsigned>(hash[1 + row * 3 + column]) & 1) != 0;
      face.cells[row][column] = face.cells[row][4 - column] = on;
      filled += on ? 1 : 0;
    }
  }
  if (filled < 4)  // almost nothing would be seen
    for (auto& row : face.cells)
      for (bool& cell : row) cell = !cell;
  return face;
}

}  // namespace session::app

// How figures grow with the size of what they measure, as a plot: those whose names say a size, such as "queue.1e4", at two
// sizes or more.
#pragma once

#include <string>
#include <vector>

namespace session::bench {

struct Measurement {
  std::string name;
  double value = 0;
  std::string unit;
};
/// An SVG document; empty when nothing was measured at two sizes.
[[nodiscard]] std::string growth_plot(const std::vector<Measurement>& figures);

}  // namespace session::bench

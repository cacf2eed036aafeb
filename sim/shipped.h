// What comes with the programs: the scenarios of assets/scenarios, in a table that sim/CMakeLists.txt makes, and the page
// docs/simulator-limits.md, which says what the model is.
#pragma once

#include <string_view>
#include <vector>

namespace session::assets {
extern const std::string_view k_simulator_limits;
}

namespace session::sim {

struct ShippedScenario {
  std::string_view name;  ///< of its file, without the ending
  std::string_view text;
};

/// By name.
[[nodiscard]] std::vector<ShippedScenario> shipped_scenarios();

}  // namespace session::sim

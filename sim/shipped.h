// The scenarios that come with the programs: those of assets/scenarios. The table is made by sim/CMakeLists.txt.
#pragma once

#include <string_view>
#include <vector>

namespace session::sim {

struct ShippedScenario {
  std::string_view name;  ///< of its file, without the ending
  std::string_view text;
};

/// By name.
[[nodiscard]] std::vector<ShippedScenario> shipped_scenarios();

}  // namespace session::sim

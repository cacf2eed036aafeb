// The words of a scenario file that its reader and its writer share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/scenario.h"

namespace session::sim {

/// "node-down" and the like; nothing for a word that is no step's.
[[nodiscard]] std::optional<ScenarioStep::Kind> step_of(std::string_view word);
[[nodiscard]] std::string_view word_of(ScenarioStep::Kind kind);

/// "real" and "modelled".
[[nodiscard]] constexpr std::string_view word_of(Fidelity fidelity) { return fidelity == Fidelity::Real ? "real" : "modelled"; }
[[nodiscard]] constexpr std::optional<Fidelity> fidelity_of(std::string_view word) {
  for (const Fidelity fidelity : {Fidelity::Real, Fidelity::Modelled})
    if (word == word_of(fidelity)) return fidelity;
  return std::nullopt;
}

/// A side that every network has: all, nodes, people, seed.
[[nodiscard]] inline bool is_built_in(std::string_view side) {
  return side == "all" || side == "nodes" || side == "people" || side == "seed";
}

}  // namespace session::sim

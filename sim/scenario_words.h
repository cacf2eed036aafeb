// The words of a scenario file that its reader and its writer share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

inline constexpr std::pair<std::string_view, World::Disk> kDisks[] = {
    {"kept", World::Disk::Kept}, {"lost", World::Disk::Lost}, {"old", World::Disk::Old}};
inline constexpr std::pair<std::string_view, World::DiskFault> kDiskFaults[] = {
    {"none", World::DiskFault::None},   {"error", World::DiskFault::Error}, {"full", World::DiskFault::Full},
    {"flaky", World::DiskFault::Flaky}, {"sync", World::DiskFault::Sync},   {"damaged", World::DiskFault::Damaged}};
inline constexpr std::pair<std::string_view, Stops> kStops[] = {{"requests", Stops::Requests}, {"answers", Stops::Answers}};
inline constexpr std::pair<std::string_view, Version> kVersions[] = {{"current", Version::Current}, {"today", Version::Today}};

/// "seed" is the first, "seed-2" the second, and so on, as a world calls them; nothing for what names none of `seeds`.
[[nodiscard]] inline std::optional<std::size_t> seed_number(std::string_view name, std::size_t seeds) {
  if (name == "seed") return 1;
  for (std::size_t i = 2; i <= seeds; ++i)
    if (name == "seed-" + std::to_string(i)) return i;
  return std::nullopt;
}

/// A side that every network has: all, nodes, people, seed.
[[nodiscard]] inline bool is_built_in(std::string_view side) {
  return side == "all" || side == "nodes" || side == "people" || side == "seed";
}

}  // namespace session::sim

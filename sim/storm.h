// Storms drawn from a seed. Swarm testing: a storm has each kind of fault of the menu with a chance of a half, at a strength
// that is drawn too, since faults that always come together hide each other's consequences.
#pragma once

#include <vector>

#include "sim/scenario.h"

namespace session::sim {

/// The faults between two times, as steps by time. Each ends before `until`, but for those of links, which the calm heals. They
/// are survivable: no disk is lost, and nobody stays away.
[[nodiscard]] std::vector<ScenarioStep> draw_storm(const Scenario& scenario, Millis from, Millis until, Rng& dice);

}  // namespace session::sim

// Storms drawn from a seed. Swarm testing: a storm has each kind of fault of the menu with a chance of a half, at a strength
// that is drawn too, since faults that always come together hide each other's consequences.
#pragma once

#include <vector>

#include "sim/scenario.h"

namespace session::sim {

/// The faults between two times, as steps by time. Each ends before `until`, but for those of links, which the calm heals. They
/// are survivable: a disk is lost only if others have what was on it, and nobody stays away.
[[nodiscard]] std::vector<ScenarioStep> draw_storm(const Scenario& scenario, Millis from, Millis until, Rng& dice);
/// Hostile nodes, who are honest again at the end of the storm or in the calm after it, and floods, which end in it.
/// Survivable: no swarm has more than kMostTraitors of them. Beyond: 1 to 40 % of all nodes, in any way there is.
[[nodiscard]] std::vector<ScenarioStep> draw_adversaries(const Scenario& scenario, Millis from, Millis until,
                                                         bool is_survivable, Rng& dice);
/// Where there are several seeds, one that lies for a while.
[[nodiscard]] std::vector<ScenarioStep> draw_seeds(const Scenario& scenario, Millis from, Millis until, Rng& dice);
/// Nodes that join, leave, come again and are decommissioned for a while: up to 20 % of them each, as in a day, and now and
/// then a half at once.
[[nodiscard]] std::vector<ScenarioStep> draw_churn(const Scenario& scenario, Millis from, Millis until, Rng& dice);

/// What people do to themselves: they restore their phrase on a second device while the first goes on, and write from it; spell
/// it wrong; give up what is on its way, and take back what they wrote. `scenario` has their messages.
[[nodiscard]] std::vector<ScenarioStep> draw_people(const Scenario& scenario, Millis from, Millis until, Rng& dice);

}  // namespace session::sim

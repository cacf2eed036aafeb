// A month, and more, of a small network: who is away that long, and what nodes and links do in days.
#pragma once

#include "sim/scenario.h"

namespace session::sim {

/// How long a month lasts, for tests of a part of it.
struct MonthShape {
  Millis least = days(30), most = days(45);            ///< of it all, but for the calm
  Millis away_least = days(29), away_most = days(35);  ///< somebody, who comes back before the end
};
/// The month of a seed: 8 to 14 nodes, three or four people who come online for minutes every few days, and one of them who is
/// away until nothing is left of what was written at first, since no network keeps a message for longer than 14 days. Nodes are
/// down for hours and days, links are parted for seconds up to three days, and on some visits there is a storm with all of the
/// menu. A block takes half an hour, so that penalties that count blocks come after days.
[[nodiscard]] Scenario draw_month(std::uint64_t seed, const MonthShape& shape = {});

}  // namespace session::sim

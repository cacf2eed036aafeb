// How long the search for a stamp takes where nobody searches.
#pragma once

#include "core/base/rng.h"

namespace session::sim {

/// Trials until the first that is below `target`, which is not 0: each is so by itself, with a chance of target / 2^64. So the
/// number is distributed geometrically, drawn here as the exponential distribution's whole part, in integers alone.
[[nodiscard]] std::uint64_t drawn_trials(std::uint64_t target, Rng& dice);

}  // namespace session::sim

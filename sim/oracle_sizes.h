// The judge of sizes: what a packet's length tells.
#pragma once

#include "sim/oracles.h"

namespace session::sim {

/// O3 requests and answers have, at each hop, the sizes of padding classes and no others.
[[nodiscard]] std::unique_ptr<Oracle> sizes_oracle();

}  // namespace session::sim

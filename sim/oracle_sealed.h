// The judge of what clients seal and stamp, read where nodes pass it on.
#pragma once

#include "sim/oracles.h"

namespace session::sim {

/// R1 one text for one counter of a chain; R2 and R3 what thieves open (oracle_theft.h); R5 nothing without a ratchet to whose
/// bundle was seen; W1 what a node takes is paid for; W2 nobody works for more than the registry ever asked.
[[nodiscard]] std::unique_ptr<Oracle> sealed_oracle();

}  // namespace session::sim

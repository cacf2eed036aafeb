// The judge of what nodes can know.
#pragma once

#include "sim/oracles.h"

namespace session::sim {

/// O1 no node alone, and no two, can join a client's address with the account that it asks for, by bytes and keys; but for a
/// guard and the destination, whom the answer passes as the same bytes.
[[nodiscard]] std::unique_ptr<Oracle> knowledge_oracle();

}  // namespace session::sim

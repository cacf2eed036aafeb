// Figures of messages from one person to another over a network on loopback.
#pragma once

#include "tools/session-bench/node.h"

namespace session::bench {

/// Twelve nodes, two people, a thousand messages each way of going: kept by the swarm and fetched, and to who is online. Takes
/// about a minute.
void delivery_figures(const Report& report);

}  // namespace session::bench

// Figures of a client's store, at 10^4, 10^5 and 10^6 messages.
#pragma once

#include "tools/session-bench/node.h"

namespace session::bench {

/// Unlock, open a conversation, search, index, memory, and the price of encryption. Takes some minutes and 2 GB of disk.
void client_store_figures(const Report& report);

}  // namespace session::bench

// What every program does with an account's store before anything else.
#pragma once

#include "core/base/rng.h"
#include "core/store/store_epoch.h"

namespace session::client {

/// Counts this start (store_epoch.h). A store that is behind its counter becomes a new device first: its ratchets may have
/// moved on elsewhere. True when it did. Not inside a transaction; nothing is sealed before it succeeded. Where there is no
/// room it is not counted, which does no harm: what is sealed later is. Errors: the store's, and the counter's.
[[nodiscard]] Result<bool> count_start(store::ClientStore& store, store::EpochCounter& counter, Instant now, Rng& rng);

}  // namespace session::client

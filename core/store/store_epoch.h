// Noticing that a store is a copy from an earlier day. A ratchet that goes back would encrypt twice with one key, so such a
// store becomes a new device (profile.md 10.6). Each start counts one further, in the store and in a counter beside it that no
// backup of the store takes along. The counter belongs into the keyring of the system; as long as no keyring is used it is a
// file in the profile's folder, which tells a store that was put back, and not a whole folder that was.
#pragma once

#include <filesystem>

#include "core/store/client_store.h"

namespace session::store {

/// Whether the counter is ahead of the store. No counter yet: not. Errors: Malformed (the counter's file), Unavailable.
[[nodiscard]] Result<bool> is_old_copy(const ClientStore& store, const std::filesystem::path& counter);

/// Counts one further than both, first in the store and then beside it: a store ahead of its counter is what a crash leaves,
/// and not an old copy. Not inside a transaction, since it must be kept when the counter is written. Errors: Malformed (the
/// counter's file), Internal (a transaction is open), Full, Unavailable.
[[nodiscard]] Result<std::uint64_t> advance_epoch(ClientStore& store, const std::filesystem::path& counter);

}  // namespace session::store

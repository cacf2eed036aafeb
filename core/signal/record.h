// The sessions that are kept with one device, in one record of the library's: the one in use, with which we write, and earlier
// ones, with which late messages still open. The library puts whichever session opened a message last in use; after a reset
// that must not be an old one. Source: client.md 2.7 (the base-key rule), 14.10.
#pragma once

#include <span>
#include <vector>

#include "core/signal/ratchet.h"

namespace session::signal {

/// The one in use first, then the others, newest first; empty when there is none. Errors: Malformed (a broken record).
[[nodiscard]] Result<std::vector<SessionFacts>> kept_sessions(const State& state, const Address& peer);

/// Puts the session with this base key in use. False when it is not kept; then nothing changes. Errors: as above.
[[nodiscard]] Result<bool> promote(State& state, const Address& peer, const BaseKey& key);

/// Forgets the sessions with these base keys, but never the one in use; how many went. Errors: as above.
[[nodiscard]] Result<std::size_t> drop(State& state, const Address& peer, std::span<const BaseKey> keys);

}  // namespace session::signal

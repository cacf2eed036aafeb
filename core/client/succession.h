// Which of several sessions with a device is in use, after resets on either side and with messages that come late or at the
// same time. libsignal puts whichever session opened a message last in use, which two sides that write in turn soon agree on;
// what it does not know is that a session was given up. Source: client.md 2.7, the base-key rule.
//
//   we begin a session            those we have are retired: they still open what is late, and are never in use again
//   they begin one with a reset   the same, unless that reset is older than one we know of; then the new one is retired at once
//   both begin at once            the one with the lower base key is in use first; neither is retired
//   a retired session opens one   the session in use before is put back in use
//
// So of two sessions which two sides use, one at least is retired nowhere, and the next message in it brings them together.
#pragma once

#include <vector>

#include "core/client/stored_state.h"
#include "core/signal/record.h"

namespace session::client {

/// The message of a retired session may come this late: the longest lifetime of a message, and a day (profile.md 1).
inline constexpr Millis kRetiredFor = days(15);

/// What is kept of it for each device, where sessions were retired.
struct Succession {
  std::int64_t reset_heard = 0;  ///< sent-at of their newest reset, Unix milliseconds
  Instant changed;
  std::vector<signal::BaseKey> retired;
};
/// Nothing retired where nothing is kept. Errors: the store's.
[[nodiscard]] Result<Succession> succession(const store::ClientStore& store, const store::SignalPeer& peer);

/// After we began a session with `peer`; `before` is what was kept then. Errors of these: the store's, or of a broken record.
[[nodiscard]] Result<void> on_begun(store::ClientStore& store, const store::SignalPeer& peer,
                                    const std::vector<signal::SessionFacts>& before, Instant now);

struct Turn {
  bool began = false;  ///< a session of theirs that we did not know opened it
  bool reset = false;  ///< and takes the place of those before
};
/// After a message of `peer` opened. `asks_reset` and `sent_at` are the message's.
[[nodiscard]] Result<Turn> on_opened(store::ClientStore& store, StoredState& state, const store::SignalPeer& peer,
                                     const std::vector<signal::SessionFacts>& before, bool asks_reset, std::int64_t sent_at,
                                     Instant now);

/// Forgets sessions that were retired so long ago that no message of theirs can come any more.
[[nodiscard]] Result<void> drop_retired(store::ClientStore& store, StoredState& state, const store::SignalPeer& peer,
                                        Instant now);
/// The session with one device and all that is known of it. Errors of both: the store's.
[[nodiscard]] Result<void> forget_session(store::ClientStore& store, const store::SignalPeer& peer);
/// All sessions with this person and all that is known of them.
[[nodiscard]] Result<void> forget_sessions(store::ClientStore& store, const SessionId& who);

}  // namespace session::client

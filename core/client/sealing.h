// From Content to the bytes that a node keeps, and back. Two ways out: through the ratchet under sealed sender, or, for who
// publishes no bundle, today's anonymous box. Source: profile.md 7 and 9, client.md 2.4 and 3.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/base/rng.h"
#include "core/crypto/identity.h"
#include "core/store/client_store.h"
#include "core/wire/bundle.h"
#include "core/wire/message.h"

namespace session::client {

/// Who seals: the account and its device.
struct Sealer {
  const crypto::Identity& identity;
  std::uint32_t device = 0;
  std::uint32_t registration_id = 0;
};

/// True when a ratchet with this device exists.
[[nodiscard]] Result<bool> has_session(store::ClientStore& store, const Sealer& own, const SessionId& peer,
                                       std::uint32_t device);
/// The bundle that a node shows for this contact, if it may be used. Errors: Malformed, Unauthentic (not theirs), Expired
/// (older than 14 days, or than one seen before), Refused (more than a day in the future: it would outlast every later one).
[[nodiscard]] Result<wire::PrekeyBundle> usable_bundle(BytesView datum, const store::ContactRow& contact, Instant now);
/// X3DH with a bundle whose signature was checked; one of its one-time keys is drawn. The new session is in use from now on;
/// those with this device before it only open what is late. Returns the key that was drawn; 0 where the bundle has none.
/// Errors: Unauthentic (the signed prekey's signature), Malformed.
[[nodiscard]] Result<std::uint32_t> start_session(store::ClientStore& store, const Sealer& own,
                                                  const wire::PrekeyBundle& bundle, Instant now, Rng& rng);
/// A wrapped envelope, ready to be stored. Errors: NotFound (no session), Refused (too large).
[[nodiscard]] Result<Bytes> seal(store::ClientStore& store, const Sealer& own, const SessionId& to, std::uint32_t device,
                                 const wire::Content& content, std::int64_t sent_at, Instant now, Rng& rng);
/// The same without a ratchet: signed, in an anonymous box. Errors: Refused (an account of era A or B cannot; too large).
[[nodiscard]] Result<Bytes> seal_anonymously(const Sealer& own, const SessionId& to, const wire::Content& content,
                                             std::int64_t sent_at, Rng& rng);

struct OpenedEnvelope {
  SessionId from;
  std::uint32_t device = 0;  ///< 0 for an anonymous box
  std::int64_t sent_at = 0;
  bool forward_secrecy = false;
  bool begins_session = false;  ///< of theirs, that we did not know before
  bool resets_session = false;  ///< and takes the place of those before (succession.h)
  wire::Content content;
};
/// Why it did not open, and who the sender is where that much was proved.
struct OpenFailure {
  Error error;
  std::optional<SessionId> from;
  std::int64_t sent_at = 0;  ///< as it says; 0 where it does not
};
/// Whether what a sender says may change anything here; asked when his words are known and before anything is kept of them.
using Admit = std::function<Result<void>(const SessionId& from, const wire::Content& content)>;
/// A failure leaves the store as it was. A box that was opened before is Duplicate, as a ratchet's message is; one that is
/// older than any node keeps is Expired. The time of the envelope must be the one that was sealed with the words: Malformed.
[[nodiscard]] std::expected<OpenedEnvelope, OpenFailure> open(store::ClientStore& store, const Sealer& own, BytesView datum,
                                                              Instant now, Rng& rng, const Admit& admit = {});

/// What remains of a device when its store becomes another's: no session, no prekey, and none of their ids again.
[[nodiscard]] Result<void> forget_device(store::ClientStore& store, Rng& rng);

/// New prekeys, their private halves in the store, and the bundle that offers them, signed. Keys older than 29 days go.
/// Errors: Refused for an account of era A or B, which has no key to sign with.
[[nodiscard]] Result<Bytes> make_bundle(store::ClientStore& store, const Sealer& own, std::uint32_t slot, Instant now,
                                        Rng& rng);

}  // namespace session::client

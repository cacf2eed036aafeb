// Today's message encryption: signed, in an anonymous box, without a ratchet. Spoken with who publishes no bundle.
// Source: profile.md 9.
#pragma once

#include "core/base/rng.h"
#include "core/crypto/keys.h"

namespace session::signal {

/// crypto_box_seal(m ‖ E ‖ Ed25519(m ‖ E ‖ R), R). `padded` is the padded Content. Errors: Malformed (a key of small order).
[[nodiscard]] Result<Bytes> box_message(const crypto::Ed25519Pair& own, const SessionId& to, BytesView padded, Rng& rng);

struct UnboxedMessage {
  SessionId from;
  Bytes padded;
};
/// Errors: Malformed, Unauthentic.
[[nodiscard]] Result<UnboxedMessage> unbox_message(const crypto::X25519Pair& own, BytesView boxed);

}  // namespace session::signal

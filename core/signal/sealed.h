// Sealed sender: the envelope does not say who wrote it; the recipient finds out by opening it. With the mend that the name
// inside must be the key that authenticated. Source: client.md 2.4, profile.md 7.
#pragma once

#include "core/base/rng.h"
#include "core/crypto/keys.h"
#include "core/signal/ratchet.h"

namespace session::signal {

/// The sealed form of a ratchet message. Errors: Malformed (a key of small order).
[[nodiscard]] Result<Bytes> seal_sender(const crypto::X25519Pair& own, std::uint32_t own_device, const SessionId& to,
                                        const Ciphertext& message, Rng& rng);
/// The same with a given ephemeral pair and inner bytes: for known answers.
[[nodiscard]] Result<Bytes> seal_inner(const crypto::X25519Pair& own, const SessionId& to, BytesView inner,
                                       const crypto::X25519Pair& ephemeral);

struct Unsealed {
  SessionId from;
  std::uint32_t device = 0;
  Ciphertext message;
};
/// Errors: Malformed, Unauthentic (also when the inner name is not the sender's key).
[[nodiscard]] Result<Unsealed> unseal_sender(const crypto::X25519Pair& own, BytesView sealed);

}  // namespace session::signal

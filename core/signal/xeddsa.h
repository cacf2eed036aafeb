// Signatures by a Curve25519 key that Ed25519 verifies: how accounts of eras A and B sign requests. Source: profile.md 2.
#pragma once

#include "core/base/rng.h"
#include "core/crypto/keys.h"

namespace session::signal {

struct XeddsaSignature {
  crypto::Ed25519Public key;    ///< the Edwards form of the signer's key, with its sign
  crypto::Signature signature;  ///< plain Ed25519: the sign bit that XEdDSA carries in byte 63 is cleared
};
[[nodiscard]] XeddsaSignature xeddsa_sign(const crypto::X25519Secret& secret, BytesView message, Rng& rng);

/// A signature as libsignal makes them, sign bit and all, by a Curve25519 key.
[[nodiscard]] bool xeddsa_verify(const crypto::X25519Public& key, BytesView message, const crypto::Signature& signature);

}  // namespace session::signal

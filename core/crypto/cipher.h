// Ciphers. What each is used for stands in service-node.md 6.0 and client.md 2; sealed text carries its nonce in front where
// said.
#pragma once

#include "core/base/result.h"
#include "core/base/rng.h"
#include "core/crypto/keys.h"

namespace session::crypto {

inline constexpr std::size_t kGcmOverhead = 12 + 16;
inline constexpr std::size_t kXChaChaOverhead = 24 + 16;
inline constexpr std::size_t kSealedBoxOverhead = 32 + 16;

/// nonce (12) ‖ AES-256-GCM ciphertext ‖ tag (16), no associated data.
[[nodiscard]] Bytes gcm_seal(const SymmetricKey& key, const ByteArray<12>& nonce, BytesView plain);
/// Errors: Malformed (too short), Unauthentic.
[[nodiscard]] Result<Bytes> gcm_open(const SymmetricKey& key, BytesView sealed);

/// nonce (24) ‖ XChaCha20-Poly1305 ciphertext ‖ tag (16), no associated data.
[[nodiscard]] Bytes xchacha_seal(const SymmetricKey& key, const ByteArray<24>& nonce, BytesView plain);
/// Errors: Malformed (too short), Unauthentic.
[[nodiscard]] Result<Bytes> xchacha_open(const SymmetricKey& key, BytesView sealed);

/// AES-256-CBC with PKCS#7; the IV is not part of the result.
[[nodiscard]] Bytes cbc_encrypt(BytesView key32, BytesView iv16, BytesView plain);
/// Errors: Malformed (length), Unauthentic (padding).
[[nodiscard]] Result<Bytes> cbc_decrypt(BytesView key32, BytesView iv16, BytesView cipher);
/// AES-CTR with a 128-bit big-endian counter that starts at `iv16`; key of 16 or 32 bytes. Its own inverse.
[[nodiscard]] Bytes ctr_crypt(BytesView key, BytesView iv16, BytesView bytes);

/// libsodium's sealed box as its documented construction, with the ephemeral pair drawn from `rng`; crypto_box_seal_open opens
/// it. Errors: Malformed when the recipient's key is of small order.
[[nodiscard]] Result<Bytes> box_seal(const X25519Public& to, BytesView plain, Rng& rng);
/// Errors: Malformed (too short), Unauthentic.
[[nodiscard]] Result<Bytes> box_open(const X25519Pair& own, BytesView sealed);

}  // namespace session::crypto

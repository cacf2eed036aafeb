// Keys, signatures and key agreement: Ed25519 and X25519, by libsodium.
#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/rng.h"
#include "core/crypto/secret.h"

namespace session::crypto {

/// 32-byte public keys that cannot be mixed up.
template <class Tag>
struct PublicKey {
  ByteArray<32> bytes{};
  friend auto operator<=>(const PublicKey&, const PublicKey&) = default;
  [[nodiscard]] std::string hex() const { return to_hex(bytes); }
};
using Ed25519Public = PublicKey<struct Ed25519Tag>;
using X25519Public = PublicKey<struct X25519Tag>;
using Signature = ByteArray<64>;

using Ed25519Seed = Secret<32, struct Ed25519SeedTag>;
using Ed25519Secret = Secret<64, struct Ed25519Tag>;  ///< seed ‖ public key, libsodium's form
using X25519Secret = Secret<32, struct X25519Tag>;    ///< clamped
using SharedSecret = Secret<32, struct SharedTag>;    ///< what X25519 agrees on, raw
using SymmetricKey = Secret<32, struct SymmetricTag>;

struct Ed25519Pair {
  Ed25519Public open;
  Ed25519Secret secret;
};
struct X25519Pair {
  X25519Public open;
  X25519Secret secret;
};

/// To be called once before any other function of this room; later calls do nothing. Aborts when the system has no randomness.
void initialise();

[[nodiscard]] Ed25519Pair ed25519_pair(const Ed25519Seed& seed);
[[nodiscard]] Ed25519Pair ed25519_pair(Rng& rng);
/// The given bytes are clamped first.
[[nodiscard]] X25519Pair x25519_pair(const X25519Secret& bytes);
[[nodiscard]] X25519Pair x25519_pair(Rng& rng);
/// The Curve25519 form of an Ed25519 pair: SHA-512(seed)[0..31] clamped, and its public key.
[[nodiscard]] X25519Pair x25519_of(const Ed25519Pair& pair);
/// The birational map. Errors: Malformed when the point is not on the curve or of small order.
[[nodiscard]] Result<X25519Public> x25519_of(const Ed25519Public& key);

[[nodiscard]] Signature sign(const Ed25519Secret& secret, BytesView message);
[[nodiscard]] bool verify(const Ed25519Public& key, BytesView message, const Signature& signature);

/// Errors: Malformed when the other key is of small order (the result would be zero).
[[nodiscard]] Result<SharedSecret> agree(const X25519Secret& own, const X25519Public& other);

/// NodeId and Ed25519Public are the same 32 bytes.
[[nodiscard]] inline Ed25519Public key_of(const NodeId& node) { return {node.key}; }
[[nodiscard]] inline NodeId node_of(const Ed25519Public& key) { return {key.bytes}; }

/// libsodium's generator: the one of real programs.
class SystemRng final : public Rng {
 public:
  [[nodiscard]] std::uint64_t next() override;
  void fill(std::span<std::byte> out) override;
};

}  // namespace session::crypto

// Who does the arithmetic of keys and ciphers, and how much of it was asked for. Without a suite in force it is done for real,
// by libsodium and OpenSSL: there is no other in any program that speaks to a network. The simulator can put core/modelled in
// force around a machine; nothing else can, since `Suite::current` is set by its `Scope` alone, which only sim links.
#pragma once

#include <optional>

#include "core/base/result.h"
#include "core/base/rng.h"
#include "core/crypto/keys.h"

namespace session::modelled {
class Scope;
}

namespace session::crypto {

/// What was asked of this thread's cryptography, by either suite. Proof of work is counted by who searches.
struct Work {
  std::uint64_t signatures = 0;     ///< Ed25519, made
  std::uint64_t verifications = 0;  ///< Ed25519, checked
  std::uint64_t agreements = 0;     ///< X25519: key pairs drawn and secrets agreed on, libsignal's among them
  std::uint64_t seals = 0;          ///< symmetric ciphers, by call ...
  std::uint64_t sealed_bytes = 0;   ///< ... and by byte of plaintext
  std::uint64_t opens = 0;
  std::uint64_t opened_bytes = 0;
  friend bool operator==(const Work&, const Work&) = default;
  Work& operator+=(const Work& other);
  /// What came to it since `before`.
  [[nodiscard]] Work operator-(const Work& before) const;
};
/// Grows as this thread works; who wants to know reads it before and after.
[[nodiscard]] Work& work();

/// What replaces the arithmetic. Each answers as the function of the same name would: the same sizes, the same draws from
/// `rng`, the same acceptances and errors; only the bytes are others.
class Suite {
 public:
  Suite() = default;
  Suite(const Suite&) = delete;
  Suite& operator=(const Suite&) = delete;
  virtual ~Suite() = default;
  [[nodiscard]] virtual X25519Pair x25519_pair(Rng& rng) const = 0;
  [[nodiscard]] virtual Result<SharedSecret> agree(const X25519Secret& own, const X25519Public& other) const = 0;
  /// By whoever has the secret half of `key`.
  [[nodiscard]] virtual Signature sign(const Ed25519Public& key, BytesView message) const = 0;
  [[nodiscard]] virtual bool verify(const Ed25519Public& key, BytesView message, const Signature& signature) const = 0;
  /// nonce ‖ text ‖ tag (16).
  [[nodiscard]] virtual Bytes seal(const SymmetricKey& key, BytesView nonce, BytesView plain) const = 0;
  /// Requires a size of at least the nonce's and the tag's. Nothing when the tag does not fit.
  [[nodiscard]] virtual std::optional<Bytes> open(const SymmetricKey& key, std::size_t nonce_size, BytesView sealed) const = 0;
  /// A pair of real keys for libsignal, whose own arithmetic stays; chosen by 32 bytes that were drawn.
  [[nodiscard]] virtual X25519Pair prekey(const ByteArray<32>& drawn) const = 0;
  /// What a trial with this nonce gives; a stamp is good when it is below the target.
  [[nodiscard]] virtual std::uint64_t trial(const ByteArray<64>& inner, const ByteArray<8>& nonce) const = 0;
  /// The suite in force on this thread; null: the real arithmetic.
  [[nodiscard]] static const Suite* current() { return current_; }

 private:
  friend class session::modelled::Scope;
  static constinit inline thread_local const Suite* current_ = nullptr;
};

}  // namespace session::crypto

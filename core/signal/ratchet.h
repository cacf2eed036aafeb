// X3DH and the Double Ratchet: sessions between devices, by libsignal-protocol-c. Every operation works on copies and saves
// only when all of it succeeded: a refused message leaves the state as it was. Source: client.md 2.4–2.6, 2.9; profile.md
// 7, 10.4.
#pragma once

#include "core/base/rng.h"
#include "core/base/time.h"
#include "core/signal/state.h"

namespace session::signal {

inline constexpr std::size_t kMaxMessage = 64 * 1024 + 1024;

/// The envelope's numbers (client.md 3.1); libsignal and sealed sender have others.
enum class MessageType : std::uint32_t { Message = 1, Prekey = 3 };
struct Ciphertext {
  MessageType type = MessageType::Message;
  Bytes body;
};

struct MadePrekey {
  wire::OneTimeKey open;
  crypto::SecretBytes record;  ///< to be kept under its id
};
struct MadeSignedPrekey {
  std::uint32_t id = 0;
  SignalKey open{};
  ByteArray<64> signature{};
  crypto::SecretBytes record;
};
/// `id` from 1 on; 0 is never used (client.md 14.8).
[[nodiscard]] Result<MadePrekey> make_prekey(std::uint32_t id, Rng& rng);
/// Signed by the identity key over the 33 bytes.
[[nodiscard]] Result<MadeSignedPrekey> make_signed_prekey(const crypto::X25519Pair& identity, std::uint32_t id, Instant now,
                                                          Rng& rng);

/// What an initiator needs of the other device.
struct BundleKeys {
  std::uint32_t registration_id = 0;
  SignalKey identity{};
  std::uint32_t signed_prekey_id = 0;
  SignalKey signed_prekey{};
  ByteArray<64> signed_prekey_signature{};
  std::optional<wire::OneTimeKey> one_time;
};
/// X3DH as the initiator. Errors: Unauthentic (identity not trusted, the signature does not fit), Malformed.
[[nodiscard]] Result<void> start(State& state, const Address& peer, const BundleKeys& bundle, Rng& rng);

[[nodiscard]] Result<bool> has_session(const State& state, const Address& peer);

/// Of a session's X3DH, the same on both sides: another one means another session (client.md 2.7).
using BaseKey = ByteArray<32>;
struct SessionFacts {
  BaseKey base_key{};
  bool is_answered = false;  ///< false while we began it and still send first messages
  friend bool operator==(const SessionFacts&, const SessionFacts&) = default;
};
/// What is known of the session in use; nothing when there is none. Earlier ones: record.h. Errors: Malformed (a broken
/// record).
[[nodiscard]] Result<std::optional<SessionFacts>> session_facts(const State& state, const Address& peer);

/// Errors: NotFound (no session), Refused (larger than kMaxMessage).
[[nodiscard]] Result<Ciphertext> encrypt(State& state, const Address& peer, BytesView plain, Rng& rng);
/// Errors: Duplicate, Unauthentic, NotFound (no session; an unknown prekey), Malformed, Refused (too large; a repeated base
/// key).
[[nodiscard]] Result<crypto::SecretBytes> decrypt(State& state, const Address& peer, const Ciphertext& message, Rng& rng);

/// 60 digits that two people can compare: 5200 iterations, the names as stable identifiers (client.md 10.7).
[[nodiscard]] Result<std::string> safety_number(const std::string& own_name, const SignalKey& own,
                                                const std::string& other_name, const SignalKey& other, Rng& rng);

}  // namespace session::signal

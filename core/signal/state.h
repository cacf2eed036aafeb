// What the ratchet needs to keep: the identity, prekeys, sessions and the base keys seen. An interface, so that a workbench
// file, a client's database and a test can each keep it their own way.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/base/result.h"
#include "core/crypto/keys.h"
#include "core/wire/bundle.h"

namespace session::signal {

using wire::SignalKey;

/// A device of somebody: in the messenger the name is the Session ID's hex.
struct Address {
  std::string name;
  std::uint32_t device = 1;
  friend auto operator<=>(const Address&, const Address&) = default;
};

class State {
 public:
  virtual ~State() = default;
  [[nodiscard]] virtual crypto::X25519Pair identity() const = 0;
  [[nodiscard]] virtual std::uint32_t registration_id() const = 0;
  /// Whether `key` may speak for `who`; asked of each bundle and of each first message. Later messages are bound to the key
  /// that their session began with.
  [[nodiscard]] virtual Result<bool> is_trusted(const Address& who, const SignalKey& key) const = 0;
  /// Called for a key that was trusted, when a session is kept.
  [[nodiscard]] virtual Result<void> pin(const Address& who, const SignalKey& key) = 0;
  [[nodiscard]] virtual Result<std::optional<crypto::SecretBytes>> session(const Address& who) const = 0;
  [[nodiscard]] virtual Result<void> save_session(const Address& who, const crypto::SecretBytes& record) = 0;
  /// Records as `make_prekey` and `make_signed_prekey` wrote them.
  [[nodiscard]] virtual Result<std::optional<crypto::SecretBytes>> prekey(std::uint32_t id) const = 0;
  [[nodiscard]] virtual Result<std::optional<crypto::SecretBytes>> signed_prekey(std::uint32_t id) const = 0;
  /// Base keys of sessions that others began, and the first ratchet keys in them: a repeated one is refused (profile.md 10.4).
  [[nodiscard]] virtual Result<bool> base_key_was_seen(const ByteArray<32>& key) const = 0;
  [[nodiscard]] virtual Result<void> remember_base_key(const ByteArray<32>& key) = 0;
};

/// Everything in memory, copyable. Trusts the key it met first under a name, unless `trust_names` says that a name is the hex
/// of its key.
class MemoryState : public State {
 public:
  crypto::X25519Pair own;
  std::uint32_t registration = 1;
  bool trust_names = false;
  std::map<Address, crypto::SecretBytes> sessions;
  std::map<std::uint32_t, crypto::SecretBytes> prekeys;
  std::map<std::uint32_t, crypto::SecretBytes> signed_prekeys;
  std::map<std::string, SignalKey> pinned;
  std::set<ByteArray<32>> base_keys;

  [[nodiscard]] crypto::X25519Pair identity() const override { return own; }
  [[nodiscard]] std::uint32_t registration_id() const override { return registration; }
  [[nodiscard]] Result<bool> is_trusted(const Address& who, const SignalKey& key) const override;
  [[nodiscard]] Result<void> pin(const Address& who, const SignalKey& key) override;
  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> session(const Address& who) const override;
  [[nodiscard]] Result<void> save_session(const Address& who, const crypto::SecretBytes& record) override;
  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> prekey(std::uint32_t id) const override;
  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> signed_prekey(std::uint32_t id) const override;
  [[nodiscard]] Result<bool> base_key_was_seen(const ByteArray<32>& key) const override;
  [[nodiscard]] Result<void> remember_base_key(const ByteArray<32>& key) override;
};

/// 05 ‖ X25519 key.
[[nodiscard]] SignalKey signal_key(const crypto::X25519Public& key);

}  // namespace session::signal

// libsignal's view of the client's store. What is written is held back until `commit`, so that an envelope which is refused
// after its ratchet opened it leaves the store as it was (reliability.md R7). For the sources of this room, and judges.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "core/base/mutant.h"
#include "core/client/sealing.h"
#include "core/signal/state.h"

namespace session::client {

inline constexpr Millis kKeyLifetime = days(29);  ///< 14 of the bundle, 14 of a message, 1 to spare (profile.md 10.4)

/// Names are Session IDs, and a name is its own identity key.
class StoredState final : public signal::State {
 public:
  /// Both must outlive it.
  StoredState(store::ClientStore& store, const Sealer& own, Instant now) : store_(store), own_(own), now_(now) {}

  [[nodiscard]] crypto::X25519Pair identity() const override { return own_.identity.x25519; }
  [[nodiscard]] std::uint32_t registration_id() const override { return own_.registration_id; }
  [[nodiscard]] Result<bool> is_trusted(const signal::Address& who, const signal::SignalKey& key) const override {
    return mutant::is_on(Mutant::D3) || who.name == to_hex(key);
  }
  [[nodiscard]] Result<void> pin(const signal::Address&, const signal::SignalKey&) override { return {}; }
  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> session(const signal::Address& who) const override {
    const auto peer = peer_of(who);
    if (!peer) return fail(peer);
    if (const auto written = sessions_.find(*peer); written != sessions_.end()) return written->second;
    return store_.find_session(*peer);
  }
  [[nodiscard]] Result<void> save_session(const signal::Address& who, const crypto::SecretBytes& record) override {
    const auto peer = peer_of(who);
    if (!peer) return fail(peer);
    sessions_.insert_or_assign(*peer, record);
    return {};
  }
  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> prekey(std::uint32_t id) const override {
    return record(store::KeyKind::OneTime, id);
  }
  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> signed_prekey(std::uint32_t id) const override {
    return record(store::KeyKind::Signed, id);
  }
  [[nodiscard]] Result<bool> base_key_was_seen(const ByteArray<32>& key) const override {
    return store_.base_key_was_seen(key);
  }
  [[nodiscard]] Result<void> remember_base_key(const ByteArray<32>& key) override {
    base_keys_.push_back(key);
    return {};
  }

  /// Writes all of it down. Errors: the store's.
  [[nodiscard]] Result<void> commit() {
    for (const auto& [peer, record] : sessions_)
      if (auto put = store_.put_session(peer, record); !put) return put;
    for (const auto& key : base_keys_)
      if (auto marked = store_.mark_base_key(key, now_ + kKeyLifetime); !marked) return fail(marked);
    return {};
  }

 private:
  static Result<store::SignalPeer> peer_of(const signal::Address& who) {
    const auto id = SessionId::parse(who.name);
    if (!id) return fail(id);
    return store::SignalPeer{*id, who.device};
  }
  /// Keys that no message can need any more open nothing, even before they are removed.
  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> record(store::KeyKind kind, std::uint32_t id) const {
    auto row = store_.key(kind, id);
    if (!row) return fail(row);
    if (!*row || now_ - (*row)->created >= kKeyLifetime) return std::nullopt;
    return std::move((*row)->record);
  }

  store::ClientStore& store_;
  const Sealer& own_;
  Instant now_;
  std::map<store::SignalPeer, crypto::SecretBytes> sessions_;
  std::vector<ByteArray<32>> base_keys_;
};

[[nodiscard]] inline signal::Address address_of(const store::SignalPeer& peer) { return {peer.who.hex(), peer.device}; }

}  // namespace session::client

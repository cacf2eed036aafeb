#include "core/client/sealing.h"

#include <fmt/format.h>

#include "core/signal/ratchet.h"
#include "core/signal/sealed.h"
#include "core/signal/session_protocol.h"
#include "core/wire/padding.h"

namespace session::client {
namespace {

constexpr Millis kKeyLifetime = days(29);  // 14 of the bundle, 14 of a message, 1 to spare (profile.md 10.4)
constexpr std::string_view kNextKey = "next_prekey";

/// libsignal's state in the client's store. Names are Session IDs, and a name is its own identity key.
class StoredState final : public signal::State {
 public:
  StoredState(store::ClientStore& store, const Sealer& own, Instant now) : store_(store), own_(own), now_(now) {}

  [[nodiscard]] crypto::X25519Pair identity() const override { return own_.identity.x25519; }
  [[nodiscard]] std::uint32_t registration_id() const override { return own_.registration_id; }
  [[nodiscard]] Result<bool> is_trusted(const signal::Address& who, const signal::SignalKey& key) const override {
    return who.name == to_hex(key);
  }
  [[nodiscard]] Result<void> pin(const signal::Address&, const signal::SignalKey&) override { return {}; }
  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> session(const signal::Address& who) const override {
    const auto peer = peer_of(who);
    if (!peer) return fail(peer);
    return store_.find_session(*peer);
  }
  [[nodiscard]] Result<void> save_session(const signal::Address& who, const crypto::SecretBytes& record) override {
    const auto peer = peer_of(who);
    if (!peer) return fail(peer);
    return store_.put_session(*peer, record);
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
    const auto marked = store_.mark_base_key(key, now_ + kKeyLifetime);
    if (!marked) return fail(marked);
    return {};
  }

 private:
  static Result<store::SignalPeer> peer_of(const signal::Address& who) {
    const auto id = SessionId::parse(who.name);
    if (!id) return fail(id);
    return store::SignalPeer{*id, who.device};
  }
  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> record(store::KeyKind kind, std::uint32_t id) const {
    auto row = store_.key(kind, id);
    if (!row) return fail(row);
    if (!*row) return std::nullopt;
    return std::move((*row)->record);
  }

  store::ClientStore& store_;
  const Sealer& own_;
  Instant now_;
};

signal::Address address_of(const SessionId& who, std::uint32_t device) { return {who.hex(), device}; }

Bytes envelope_of(Bytes content, std::int64_t sent_at) {
  return wire::wrap_envelope(
      {wire::EnvelopeType::Unidentified, "", 0, static_cast<std::uint64_t>(sent_at), std::move(content)});
}

/// Content from a padded plaintext, as both ways in end.
Result<wire::Content> content_of(BytesView padded) {
  const auto plain = wire::unpad(padded);
  if (!plain) return fail(plain);
  return wire::decode_content(*plain);
}

std::uint32_t next_key_id(const std::optional<Bytes>& kept) {
  return kept && kept->size() == 4 ? load_little<std::uint32_t>(kept->data()) : 1;
}

/// Private halves that no message can need any more.
Result<void> drop_old_keys(store::ClientStore& store, Instant now) {
  for (const auto kind : {store::KeyKind::OneTime, store::KeyKind::Signed}) {
    const auto keys = store.keys(kind);
    if (!keys) return fail(keys);
    for (const store::KeyRow& row : *keys) {
      if (now - row.created < kKeyLifetime) continue;
      if (auto removed = store.remove_key(kind, row.id); !removed) return fail(removed);
    }
  }
  return {};
}

}  // namespace

Result<bool> has_session(store::ClientStore& store, const Sealer&, const SessionId& peer, std::uint32_t device) {
  const auto record = store.find_session({peer, device});
  if (!record) return fail(record);
  return record->has_value();
}

Result<void> start_session(store::ClientStore& store, const Sealer& own, const wire::PrekeyBundle& bundle, Instant now,
                           Rng& rng) {
  StoredState state(store, own, now);
  signal::BundleKeys keys{bundle.registration_id, bundle.account.account.bytes,   bundle.signed_prekey_id,
                          bundle.signed_prekey,   bundle.signed_prekey_signature, std::nullopt};
  if (!bundle.one_time_keys.empty()) keys.one_time = bundle.one_time_keys[rng.below(bundle.one_time_keys.size())];
  return signal::start(state, address_of(bundle.account, bundle.device_id), keys, rng);
}

Result<Bytes> seal(store::ClientStore& store, const Sealer& own, const SessionId& to, std::uint32_t device,
                   const wire::Content& content, std::int64_t sent_at, Instant now, Rng& rng) {
  StoredState state(store, own, now);
  const auto message = signal::encrypt(state, address_of(to, device), wire::pad(wire::encode(content)), rng);
  if (!message) return fail(message);
  auto sealed = signal::seal_sender(own.identity.x25519, own.device, to, *message, rng);
  if (!sealed) return fail(sealed);
  return envelope_of(std::move(*sealed), sent_at);
}

Result<Bytes> seal_anonymously(const Sealer& own, const SessionId& to, const wire::Content& content, std::int64_t sent_at,
                               Rng& rng) {
  if (!own.identity.ed25519)
    return fail(ErrorCode::Refused,
                "they publish no prekey bundle, and an account from an older phrase cannot write without one");
  auto boxed = signal::box_message(*own.identity.ed25519, to, wire::pad(wire::encode(content)), rng);
  if (!boxed) return fail(boxed);
  return envelope_of(std::move(*boxed), sent_at);
}

std::expected<OpenedEnvelope, OpenFailure> open(store::ClientStore& store, const Sealer& own, BytesView datum, Instant now,
                                                Rng& rng) {
  const auto bad = [](Error error, std::optional<SessionId> from = {}) {
    return std::unexpected(OpenFailure{std::move(error), from});
  };
  const auto envelope = wire::unwrap_envelope(datum);
  if (!envelope) return bad(envelope.error());
  if (envelope->type != wire::EnvelopeType::Unidentified)
    return bad({ErrorCode::Malformed, fmt::format("envelope: type {} is not read", static_cast<unsigned>(envelope->type))});
  OpenedEnvelope opened;
  opened.sent_at = static_cast<std::int64_t>(envelope->timestamp_ms);

  // Which of the two it is, is decided by what authenticates (profile.md 9).
  if (const auto unsealed = signal::unseal_sender(own.identity.x25519, envelope->content)) {
    StoredState state(store, own, now);
    const auto padded = signal::decrypt(state, address_of(unsealed->from, unsealed->device), unsealed->message, rng);
    if (!padded) return bad(padded.error(), unsealed->from);
    auto content = content_of(padded->bytes());
    if (!content) return bad(content.error(), unsealed->from);
    opened.from = unsealed->from;
    opened.device = unsealed->device;
    opened.forward_secrecy = true;
    opened.content = std::move(*content);
    return opened;
  }
  const auto unboxed = signal::unbox_message(own.identity.x25519, envelope->content);
  if (!unboxed) return bad({ErrorCode::Unauthentic, "envelope: nothing in it authenticates its sender"});
  auto content = content_of(unboxed->padded);
  if (!content) return bad(content.error(), unboxed->from);
  opened.from = unboxed->from;
  opened.content = std::move(*content);
  return opened;
}

Result<Bytes> make_bundle(store::ClientStore& store, const Sealer& own, std::uint32_t slot, Instant now, Rng& rng) {
  if (!own.identity.ed25519)
    return fail(ErrorCode::Refused, "an account from an older phrase has no key that could sign a bundle");
  if (auto dropped = drop_old_keys(store, now); !dropped) return fail(dropped);
  const auto kept = store.setting(kNextKey);
  if (!kept) return fail(kept);
  std::uint32_t next = next_key_id(*kept);

  wire::PrekeyBundle bundle;
  bundle.account = own.identity.id;
  bundle.slot = slot;
  bundle.device_id = own.device;
  bundle.registration_id = own.registration_id;
  bundle.date_ms = now.unix_millis();
  const auto signed_key = signal::make_signed_prekey(own.identity.x25519, next++, now, rng);
  if (!signed_key) return fail(signed_key);
  if (auto put = store.put_key(store::KeyKind::Signed, {signed_key->id, signed_key->record, now, {}}); !put) return fail(put);
  bundle.signed_prekey_id = signed_key->id;
  bundle.signed_prekey = signed_key->open;
  bundle.signed_prekey_signature = signed_key->signature;
  for (std::size_t i = 0; i < wire::kMaxOneTimeKeys; ++i) {
    const auto key = signal::make_prekey(next++, rng);
    if (!key) return fail(key);
    if (auto put = store.put_key(store::KeyKind::OneTime, {key->open.id, key->record, now, {}}); !put) return fail(put);
    bundle.one_time_keys.push_back(key->open);
  }
  if (auto put = store.put_setting(kNextKey, little(next)); !put) return fail(put);
  return wire::encode_signed(bundle, *own.identity.ed25519);
}

}  // namespace session::client

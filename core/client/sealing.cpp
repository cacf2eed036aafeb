#include "core/client/sealing.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/mutant.h"
#include "core/client/stored_state.h"
#include "core/client/succession.h"
#include "core/crypto/hash.h"
#include "core/signal/ratchet.h"
#include "core/signal/sealed.h"
#include "core/signal/session_protocol.h"
#include "core/store/store_epoch.h"
#include "core/wire/padding.h"

namespace session::client {
namespace {

constexpr Millis kBundleLifetime = days(14);
constexpr std::string_view kNextKey = "next_prekey";
constexpr Millis kOldestBox = days(28);  // no node keeps anything longer; what was opened is remembered for a day more
constexpr std::size_t kMaxDevices = 16;  // of one person, with a session each

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

/// The envelope's own time is not sealed: a node could change it and have the true copy taken for a repetition.
Result<void> check_time(const wire::Content& content, std::int64_t sent_at) {
  if (content.data && content.data->timestamp_ms != 0 && content.data->timestamp_ms != static_cast<std::uint64_t>(sent_at))
    return fail(ErrorCode::Malformed, "data.timestamp: not that of the envelope");
  return {};
}

/// Room for one more device of theirs. Which of the others goes does not matter much: the one in use stays.
Result<void> make_room(store::ClientStore& store, const store::SignalPeer& peer) {
  const auto devices = store.session_devices(peer.who);
  if (!devices) return fail(devices);
  if (devices->size() < kMaxDevices || std::ranges::find(*devices, peer.device) != devices->end()) return {};
  const auto contact = store.contact(peer.who);
  if (!contact) return fail(contact);
  const std::uint32_t in_use = *contact ? (*contact)->device : 0;
  for (const std::uint32_t device : *devices)
    if (device != in_use) return forget_session(store, {peer.who, device});
  return {};
}

std::uint32_t next_key_id(const std::optional<Bytes>& kept) {
  return kept && kept->size() == 4 ? load_little<std::uint32_t>(kept->data()) : 1;
}

/// Private halves, and sessions, that no message can need any more.
Result<void> drop_old_keys(store::ClientStore& store, const Sealer& own, Instant now) {
  for (const auto kind : {store::KeyKind::OneTime, store::KeyKind::Signed}) {
    const auto keys = store.keys(kind);
    if (!keys) return fail(keys);
    for (const store::KeyRow& row : *keys) {
      if (now - row.created < kKeyLifetime) continue;
      if (auto removed = store.remove_key(kind, row.id); !removed) return fail(removed);
    }
  }
  const auto contacts = store.contacts();
  if (!contacts) return fail(contacts);
  StoredState state(store, own, now);
  for (const store::ContactRow& contact : *contacts) {
    const auto devices = store.session_devices(contact.id);
    if (!devices) return fail(devices);
    for (const std::uint32_t device : *devices)
      if (auto dropped = drop_retired(store, state, {contact.id, device}, now); !dropped) return dropped;
  }
  return state.commit();
}

/// What the ratchet made of a sealed sender's message, with the session's turn; all of it, or nothing, is in the store.
/// `name`: a hash of its bytes. The ratchet forgets its oldest chains, and what they opened would look like a broken session.
Result<OpenedEnvelope> open_sealed(store::ClientStore& store, const Sealer& own, const signal::Unsealed& unsealed,
                                   const ByteArray<32>& name, std::int64_t sent_at, Instant now, Rng& rng, const Admit& admit) {
  const auto was_opened = store.base_key_was_seen(name);
  if (!was_opened) return fail(was_opened);
  if (*was_opened) return fail(ErrorCode::Duplicate, "this envelope was opened already");
  StoredState state(store, own, now);
  const store::SignalPeer peer{unsealed.from, unsealed.device};
  const auto before = signal::kept_sessions(state, address_of(peer));
  if (!before) return fail(before);
  const auto padded = signal::decrypt(state, address_of(peer), unsealed.message, rng);
  if (!padded) return fail(padded);
  if (mutant::is_on(Mutant::R7)) static_cast<void>(state.commit());
  auto content = content_of(padded->bytes());
  if (!content) return fail(content);
  if (auto good = check_time(*content, sent_at); !good) return fail(good);
  if (admit)
    if (auto admitted = admit(unsealed.from, *content); !admitted) return fail(admitted);
  if (auto room = make_room(store, peer); !room) return fail(room);
  const bool asks_reset = content->data && (content->data->flags & wire::flags::kEndSession) != 0;
  const auto turn = on_opened(store, state, peer, *before, asks_reset, sent_at, now);
  if (!turn) return fail(turn);
  if (auto saved = state.commit(); !saved) return fail(saved);
  if (auto marked = store.mark_base_key(name, now + kKeyLifetime); !marked) return fail(marked);
  if (mutant::is_on(Mutant::R6) && turn->began)
    for (std::uint32_t id = 0; id <= wire::kMaxOneTimeKeys + 1; ++id)
      static_cast<void>(store.remove_key(store::KeyKind::OneTime, id));
  return OpenedEnvelope{.from = unsealed.from,
                        .device = unsealed.device,
                        .sent_at = sent_at,
                        .forward_secrecy = true,
                        .begins_session = turn->began,
                        .resets_session = turn->reset,
                        .content = std::move(*content)};
}

}  // namespace

Result<bool> has_session(store::ClientStore& store, const Sealer&, const SessionId& peer, std::uint32_t device) {
  const auto record = store.find_session({peer, device});
  if (!record) return fail(record);
  return record->has_value();
}

Result<wire::PrekeyBundle> usable_bundle(BytesView datum, const store::ContactRow& contact, Instant now) {
  auto bundle = wire::decode_signed_bundle(datum, contact.id);
  if (!bundle) return fail(bundle.error().code, "the bundle is not theirs: " + bundle.error().message);
  const Instant date = Instant::from_unix_millis(bundle->date_ms);
  if (date + kBundleLifetime < now) return fail(ErrorCode::Expired, "their prekey bundle is older than 14 days");
  if (date < contact.bundle_date) return fail(ErrorCode::Expired, "a node shows an old prekey bundle");
  if (date > now + days(1))
    return fail(ErrorCode::Refused, "their prekey bundle is from the future; one of the clocks is wrong");
  return bundle;
}

Result<std::uint32_t> start_session(store::ClientStore& store, const Sealer& own, const wire::PrekeyBundle& bundle, Instant now,
                                    Rng& rng) {
  StoredState state(store, own, now);
  const store::SignalPeer peer{bundle.account, bundle.device_id};
  const auto before = signal::kept_sessions(state, address_of(peer));
  if (!before) return fail(before);
  signal::BundleKeys keys{bundle.registration_id, bundle.account.account.bytes,   bundle.signed_prekey_id,
                          bundle.signed_prekey,   bundle.signed_prekey_signature, std::nullopt};
  if (!bundle.one_time_keys.empty()) keys.one_time = bundle.one_time_keys[rng.below(bundle.one_time_keys.size())];
  if (auto begun = signal::start(state, address_of(peer), keys, rng); !begun) return fail(begun);
  if (auto retired = on_begun(store, peer, *before, now); !retired) return fail(retired);
  if (auto saved = state.commit(); !saved) return fail(saved);
  return keys.one_time ? keys.one_time->id : 0;
}

Result<Bytes> seal(store::ClientStore& store, const Sealer& own, const SessionId& to, std::uint32_t device,
                   const wire::Content& content, std::int64_t sent_at, Instant now, Rng& rng) {
  StoredState state(store, own, now);
  const auto message = signal::encrypt(state, address_of({to, device}), wire::pad(wire::encode(content)), rng);
  if (!message) return fail(message);
  auto sealed = signal::seal_sender(own.identity.x25519, own.device, to, *message, rng);
  if (!sealed) return fail(sealed);
  if (mutant::is_on(Mutant::R1)) return envelope_of(std::move(*sealed), sent_at);
  if (auto saved = state.commit(); !saved) return fail(saved);
  if (auto counted = store::count_turn(store); !counted) return fail(counted);
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
                                                Rng& rng, const Admit& admit) {
  std::int64_t sent_at = 0;
  const auto bad = [&](Error error, std::optional<SessionId> from = {}) {
    return std::unexpected(OpenFailure{std::move(error), from, sent_at});
  };
  const auto envelope = wire::unwrap_envelope(datum);
  if (!envelope) return bad(envelope.error());
  if (envelope->type != wire::EnvelopeType::Unidentified)
    return bad({ErrorCode::Malformed, fmt::format("envelope: type {} is not read", static_cast<unsigned>(envelope->type))});
  if (envelope->timestamp_ms == 0 || envelope->timestamp_ms > wire::kMaxTimeMs)
    return bad({ErrorCode::Malformed, fmt::format("envelope.timestamp: {} names no time", envelope->timestamp_ms)});
  sent_at = static_cast<std::int64_t>(envelope->timestamp_ms);

  const ByteArray<32> name = crypto::blake2b_256({envelope->content});
  // Which of the two it is, is decided by what authenticates (profile.md 9).
  if (const auto unsealed = signal::unseal_sender(own.identity.x25519, envelope->content)) {
    auto opened = open_sealed(store, own, *unsealed, name, sent_at, now, rng, admit);
    if (!opened) return bad(opened.error(), unsealed->from);
    return std::move(*opened);
  }
  const auto unboxed = signal::unbox_message(own.identity.x25519, envelope->content);
  if (!unboxed) return bad({ErrorCode::Unauthentic, "envelope: nothing in it authenticates its sender"});
  auto content = content_of(unboxed->padded);
  if (!content) return bad(content.error(), unboxed->from);
  if (auto good = check_time(*content, sent_at); !good) return bad(good.error(), unboxed->from);
  if (Instant::from_unix_millis(sent_at) < now - kOldestBox)
    return bad({ErrorCode::Expired, "envelope.timestamp: older than anything that a node keeps"}, unboxed->from);
  if (admit)
    if (auto admitted = admit(unboxed->from, *content); !admitted) return bad(admitted.error(), unboxed->from);
  const auto is_new = store.mark_base_key(name, now + kKeyLifetime);
  if (!is_new) return bad(is_new.error(), unboxed->from);
  if (!*is_new) return bad({ErrorCode::Duplicate, "this box was opened already"}, unboxed->from);
  return OpenedEnvelope{.from = unboxed->from, .sent_at = sent_at, .content = std::move(*content)};
}

Result<void> forget_device(store::ClientStore& store, Rng& rng) {
  const auto contacts = store.contacts();
  if (!contacts) return fail(contacts);
  for (const store::ContactRow& contact : *contacts)
    if (auto forgotten = forget_sessions(store, contact.id); !forgotten) return forgotten;
  for (const auto kind : {store::KeyKind::OneTime, store::KeyKind::Signed}) {
    const auto keys = store.keys(kind);
    if (!keys) return fail(keys);
    for (const store::KeyRow& row : *keys)
      if (auto removed = store.remove_key(kind, row.id); !removed) return fail(removed);
  }
  // A bundle of the old device may be about; its ids must not lead to keys of the new one.
  return store.put_setting(kNextKey, little(static_cast<std::uint32_t>(rng.between(1, 1 << 30))));
}

Result<Bytes> make_bundle(store::ClientStore& store, const Sealer& own, std::uint32_t slot, Instant now, Rng& rng) {
  if (!own.identity.ed25519)
    return fail(ErrorCode::Refused, "an account from an older phrase has no key that could sign a bundle");
  if (auto dropped = drop_old_keys(store, own, now); !dropped) return fail(dropped);
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

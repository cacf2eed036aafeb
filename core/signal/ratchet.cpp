#include "core/signal/ratchet.h"

#include <curve.h>
#include <fingerprint.h>
#include <fmt/format.h>
#include <key_helper.h>
#include <protocol.h>
#include <session_builder.h>
#include <session_cipher.h>
#include <session_pre_key.h>
#include <session_record.h>
#include <session_state.h>

#include "core/base/mutant.h"
#include "core/crypto/suite.h"
#include "core/signal/overlay.h"
#include "core/signal/provider.h"
#include "core/signal/record.h"

namespace session::signal {
namespace {

/// libsignal keeps a pointer to it, so it lives as long as what was made with it.
signal_protocol_address as_signal(const Address& address) {
  return {address.name.data(), address.name.size(), static_cast<int32_t>(address.device)};
}

Result<void> decode_point(Ref<ec_public_key>& out, const SignalKey& key, const Context& context, std::string_view what) {
  const int code = curve_decode_point(out.out(), raw(key), key.size(), context.get());
  if (code != SG_SUCCESS) return std::unexpected(error_of(code, what));
  return {};
}

Result<SignalKey> serialized(const ec_public_key* key) {
  Buffer buffer;
  const int code = ec_public_key_serialize(buffer.out(), key);
  if (code != SG_SUCCESS || buffer.bytes().size() != 33) return std::unexpected(error_of(code, "public key"));
  return to_array<33>(buffer.bytes());
}

// The library's curve code is its own, so what it agrees on is counted here: X3DH and the first turn of a chain; a turn, which
// shows in the key that was drawn for it.
constexpr std::uint64_t kAgreementsOfStart = 5, kAgreementsOfTurn = 2;

struct FreeCipher {
  void operator()(session_cipher* c) const { session_cipher_free(c); }
};
using Cipher = std::unique_ptr<session_cipher, FreeCipher>;

Result<Cipher> make_cipher(Overlay& overlay, const signal_protocol_address& address, const Context& context) {
  session_cipher* made = nullptr;
  const int code = session_cipher_create(&made, overlay.get(), &address, context.get());
  if (code != SG_SUCCESS) return std::unexpected(error_of(code, "session"));
  return Cipher(made);
}

Result<ByteArray<32>> print_of(const ec_public_key* key) {
  const auto whole = serialized(key);
  if (!whole) return fail(whole);
  return to_array<32>(BytesView(*whole).subspan(1));
}

/// A first message whose keys we have met, but in no session that we still have with this device, is a repetition
/// (profile.md 10.4). Returns the keys to remember: none when it belongs to a session. Several base keys lead to the same
/// secrets (X25519 ignores the top bit, and points of small order that are added), and nothing authenticates which was sent;
/// the ratchet key inside is under the message's authentication code, so it counts as well.
Result<std::vector<ByteArray<32>>> check_first_keys(State& state, Overlay& overlay, const signal_protocol_address& address,
                                                    const pre_key_signal_message* message) {
  const ec_public_key* base = pre_key_signal_message_get_base_key(message);
  Ref<session_record> record;
  const int code = signal_protocol_session_load_session(overlay.get(), record.out(), &address);
  if (code < 0) return std::unexpected(overlay.failure().value_or(error_of(code, "session")));
  std::vector<ByteArray<32>> fresh;
  if (session_record_has_session_state(record.get(), 3, base) != 0) return fresh;
  const signal_message* inside = pre_key_signal_message_get_signal_message(message);
  for (const ec_public_key* key : {base, static_cast<const ec_public_key*>(signal_message_get_sender_ratchet_key(inside))}) {
    const auto print = print_of(key);
    if (!print) return fail(print);
    const auto seen = state.base_key_was_seen(*print);
    if (!seen) return fail(seen);
    if (*seen) return fail(ErrorCode::Duplicate, "first message: its base key was used before");
    fresh.push_back(*print);
  }
  return fresh;
}

Result<crypto::SecretBytes> open_prekey(State& state, Overlay& overlay, const signal_protocol_address& address,
                                        session_cipher* cipher, BytesView body, const Context& context) {
  Ref<pre_key_signal_message> message;
  int code = pre_key_signal_message_deserialize(message.out(), raw(body), body.size(), context.get());
  if (code != SG_SUCCESS) return std::unexpected(error_of(code, "first message"));
  const auto fresh = check_first_keys(state, overlay, address, message.get());
  if (!fresh) return fail(fresh);
  Buffer plain;
  code = session_cipher_decrypt_pre_key_signal_message(cipher, message.get(), nullptr, plain.out());
  if (code != SG_SUCCESS) return std::unexpected(overlay.failure().value_or(error_of(code, "first message")));
  for (const auto& key : *fresh) overlay.remember(key);
  return crypto::SecretBytes(to_bytes(plain.bytes()));
}

Result<crypto::SecretBytes> open_message(Overlay& overlay, session_cipher* cipher, BytesView body, const Context& context) {
  Ref<signal_message> message;
  int code = signal_message_deserialize(message.out(), raw(body), body.size(), context.get());
  if (code != SG_SUCCESS) return std::unexpected(error_of(code, "message"));
  Buffer plain;
  code = session_cipher_decrypt_signal_message(cipher, message.get(), nullptr, plain.out());
  if (code != SG_SUCCESS) return std::unexpected(overlay.failure().value_or(error_of(code, "message")));
  return crypto::SecretBytes(to_bytes(plain.bytes()));
}

/// 32 bytes drawn from `rng` as a key pair of the library's.
Result<crypto::SecretBytes> record_of(int code, Buffer& buffer) {
  if (code != SG_SUCCESS) return std::unexpected(error_of(code, "prekey"));
  return crypto::SecretBytes(to_bytes(buffer.bytes()));
}

/// A bundle has a hundred of them, at a tenth of a millisecond each; they are most of what a person costs before the first
/// message, and the suite has some in store.
int make_pair(Ref<ec_key_pair>& pair, const Context& context, Rng& rng) {
  const crypto::Suite* suite = crypto::Suite::current();
  if (suite == nullptr) return curve_generate_key_pair(context.get(), pair.out());
  ++crypto::work().agreements;
  const crypto::X25519Pair keys = suite->prekey(rng.bytes<32>());
  Ref<ec_public_key> open;
  Ref<ec_private_key> secret;
  int code = curve_decode_point(open.out(), raw(signal_key(keys.open)), 33, context.get());
  if (code == SG_SUCCESS) code = curve_decode_private_point(secret.out(), raw(keys.secret.bytes()), 32, context.get());
  return code == SG_SUCCESS ? ec_key_pair_create(pair.out(), open.get(), secret.get()) : code;
}

}  // namespace

Result<MadePrekey> make_prekey(std::uint32_t id, Rng& rng) {
  const Context context(rng);
  Ref<ec_key_pair> pair;
  if (const int code = make_pair(pair, context, rng); code != SG_SUCCESS) return std::unexpected(error_of(code, "prekey"));
  Ref<session_pre_key> key;
  if (const int code = session_pre_key_create(key.out(), id, pair.get()); code != SG_SUCCESS)
    return std::unexpected(error_of(code, "prekey"));
  const auto open = serialized(ec_key_pair_get_public(pair.get()));
  if (!open) return fail(open);
  Buffer buffer;
  auto record = record_of(session_pre_key_serialize(buffer.out(), key.get()), buffer);
  if (!record) return fail(record);
  return MadePrekey{{id, *open}, std::move(*record)};
}

Result<MadeSignedPrekey> make_signed_prekey(const crypto::X25519Pair& identity, std::uint32_t id, Instant now, Rng& rng) {
  const Context context(rng);
  Ref<ec_key_pair> pair;
  if (const int code = curve_generate_key_pair(context.get(), pair.out()); code != SG_SUCCESS)
    return std::unexpected(error_of(code, "signed prekey"));
  const auto open = serialized(ec_key_pair_get_public(pair.get()));
  if (!open) return fail(open);
  Ref<ec_private_key> signer;
  const BytesView secret = identity.secret.bytes();
  if (const int code = curve_decode_private_point(signer.out(), raw(secret), secret.size(), context.get()); code != SG_SUCCESS)
    return std::unexpected(error_of(code, "identity key"));
  Buffer signature;
  if (const int code = curve_calculate_signature(context.get(), signature.out(), signer.get(), raw(*open), open->size());
      code != SG_SUCCESS || signature.bytes().size() != 64)
    return std::unexpected(error_of(code, "signed prekey"));
  Ref<session_signed_pre_key> key;
  if (const int code = session_signed_pre_key_create(key.out(), id, static_cast<uint64_t>(now.unix_millis()), pair.get(),
                                                     raw(signature.bytes()), 64);
      code != SG_SUCCESS)
    return std::unexpected(error_of(code, "signed prekey"));
  Buffer buffer;
  auto record = record_of(session_signed_pre_key_serialize(buffer.out(), key.get()), buffer);
  if (!record) return fail(record);
  return MadeSignedPrekey{id, *open, to_array<64>(signature.bytes()), std::move(*record)};
}

Result<void> start(State& state, const Address& peer, const BundleKeys& keys, Rng& rng) {
  const Context context(rng);
  Overlay overlay(state, context);
  const signal_protocol_address address = as_signal(peer);
  Ref<ec_public_key> identity, signed_prekey, one_time;
  if (auto r = decode_point(identity, keys.identity, context, "bundle, identity key"); !r) return r;
  if (auto r = decode_point(signed_prekey, keys.signed_prekey, context, "bundle, signed prekey"); !r) return r;
  if (keys.one_time)
    if (auto r = decode_point(one_time, keys.one_time->key, context, "bundle, one-time key"); !r) return r;
  Ref<session_pre_key_bundle> bundle;
  int code = session_pre_key_bundle_create(bundle.out(), keys.registration_id, address.device_id,
                                           keys.one_time ? keys.one_time->id : 0, one_time.get(), keys.signed_prekey_id,
                                           signed_prekey.get(), raw(keys.signed_prekey_signature),
                                           keys.signed_prekey_signature.size(), identity.get());
  if (code != SG_SUCCESS) return std::unexpected(error_of(code, "bundle"));
  session_builder* made = nullptr;
  code = session_builder_create(&made, overlay.get(), &address, context.get());
  if (code != SG_SUCCESS) return std::unexpected(error_of(code, "bundle"));
  const std::unique_ptr<session_builder, decltype(&session_builder_free)> builder(made, &session_builder_free);
  code = session_builder_process_pre_key_bundle(builder.get(), bundle.get());
  if (code == SG_ERR_INVALID_KEY)
    return fail(ErrorCode::Unauthentic, "bundle: the signed prekey is not signed by the identity key");
  if (code != SG_SUCCESS) return std::unexpected(overlay.failure().value_or(error_of(code, "bundle")));
  crypto::work().agreements += kAgreementsOfStart;
  return overlay.commit();
}

Result<bool> has_session(const State& state, const Address& peer) {
  const auto record = state.session(peer);
  if (!record) return fail(record);
  return record->has_value();
}

Result<std::optional<SessionFacts>> session_facts(const State& state, const Address& peer) {
  const auto kept = kept_sessions(state, peer);
  if (!kept) return fail(kept);
  if (kept->empty()) return std::nullopt;
  return kept->front();
}

Result<Ciphertext> encrypt(State& state, const Address& peer, BytesView plain, Rng& rng) {
  if (plain.size() > kMaxMessage)
    return fail(ErrorCode::Refused, fmt::format("a text of {} bytes; at most {}", plain.size(), kMaxMessage));
  const auto known = has_session(state, peer);
  if (!known) return fail(known);
  if (!*known) return fail(ErrorCode::NotFound, "there is no session with this device");
  const Context context(rng);
  Overlay overlay(state, context);
  const signal_protocol_address address = as_signal(peer);
  auto cipher = make_cipher(overlay, address, context);
  if (!cipher) return fail(cipher);
  Ref<ciphertext_message> message;
  const int code = session_cipher_encrypt(cipher->get(), raw(plain), plain.size(), message.out());
  if (code != SG_SUCCESS) return std::unexpected(overlay.failure().value_or(error_of(code, "message")));
  const signal_buffer* body = ciphertext_message_get_serialized(message.get());
  Ciphertext out{
      ciphertext_message_get_type(message.get()) == CIPHERTEXT_PREKEY_TYPE ? MessageType::Prekey : MessageType::Message,
      to_bytes(view(signal_buffer_const_data(body), signal_buffer_len(body)))};
  if (auto saved = overlay.commit(); !saved) return fail(saved);
  return out;
}

Result<crypto::SecretBytes> decrypt(State& state, const Address& peer, const Ciphertext& message, Rng& rng) {
  if (message.body.size() > 2 * kMaxMessage)
    return fail(ErrorCode::Refused, fmt::format("a message of {} bytes; at most {}", message.body.size(), 2 * kMaxMessage));
  const Context context(rng);
  Overlay overlay(state, context);
  const signal_protocol_address address = as_signal(peer);
  auto cipher = make_cipher(overlay, address, context);
  if (!cipher) return fail(cipher);
  const std::uint64_t before = crypto::work().agreements;
  auto plain = message.type == MessageType::Prekey ? open_prekey(state, overlay, address, cipher->get(), message.body, context)
                                                   : open_message(overlay, cipher->get(), message.body, context);
  if (!plain) return plain;
  const bool is_turn = crypto::work().agreements != before;
  if (is_turn) crypto::work().agreements += kAgreementsOfTurn;
  if ((mutant::is_on(Mutant::R2) || (mutant::is_on(Mutant::R3) && is_turn)) && message.type == MessageType::Message)
    return plain;
  if (auto saved = overlay.commit(); !saved) return fail(saved);
  return plain;
}

Result<std::string> safety_number(const std::string& own_name, const SignalKey& own, const std::string& other_name,
                                  const SignalKey& other, Rng& rng) {
  const Context context(rng);
  Ref<ec_public_key> own_key, other_key;
  if (auto r = decode_point(own_key, own, context, "own key"); !r) return fail(r);
  if (auto r = decode_point(other_key, other, context, "other key"); !r) return fail(r);
  fingerprint_generator* made = nullptr;
  int code = fingerprint_generator_create(&made, 5200, 0, context.get());
  if (code != SG_SUCCESS) return std::unexpected(error_of(code, "safety number"));
  const std::unique_ptr<fingerprint_generator, decltype(&fingerprint_generator_free)> generator(made,
                                                                                                &fingerprint_generator_free);
  Ref<fingerprint> print;
  code = fingerprint_generator_create_for(generator.get(), own_name.c_str(), own_key.get(), other_name.c_str(), other_key.get(),
                                          print.out());
  if (code != SG_SUCCESS) return std::unexpected(error_of(code, "safety number"));
  return std::string(displayable_fingerprint_text(fingerprint_get_displayable(print.get())));
}

}  // namespace session::signal

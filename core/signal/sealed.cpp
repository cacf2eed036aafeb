#include "core/signal/sealed.h"

#include "core/base/mutant.h"
#include "core/crypto/cipher.h"
#include "core/crypto/hash.h"
#include "core/wire/sealed.h"

namespace session::signal {
namespace {

constexpr std::size_t kTag = 10;
constexpr ByteArray<16> kZeroCounter{};

struct Keys {
  crypto::SecretBytes all;  ///< chain ‖ cipher ‖ mac, 32 bytes each
  [[nodiscard]] BytesView chain() const { return all.bytes().subspan(0, 32); }
  [[nodiscard]] BytesView cipher() const { return all.bytes().subspan(32, 32); }
  [[nodiscard]] BytesView mac() const { return all.bytes().subspan(64, 32); }
};

Result<Keys> derive(const crypto::X25519Secret& own, const crypto::X25519Public& other, BytesView salt) {
  const auto shared = crypto::agree(own, other);
  if (!shared) return fail(shared);
  return Keys{crypto::hkdf_sha256(shared->bytes(), salt, {}, 96)};
}

Bytes seal(const Keys& keys, BytesView plain) {
  Bytes out = crypto::ctr_crypt(keys.cipher(), kZeroCounter, plain);
  const auto mac = crypto::hmac_sha256(keys.mac(), {out});
  append(out, BytesView(mac).first(kTag));
  return out;
}

Result<Bytes> open(const Keys& keys, BytesView sealed) {
  if (sealed.size() < kTag) return fail(ErrorCode::Malformed, "sealed sender: shorter than its tag");
  const BytesView text = sealed.first(sealed.size() - kTag);
  const auto mac = crypto::hmac_sha256(keys.mac(), {text});
  if (!crypto::equal(BytesView(mac).first(kTag), sealed.last(kTag)))
    return fail(ErrorCode::Unauthentic, "sealed sender: not sealed for this account, or changed on the way");
  return crypto::ctr_crypt(keys.cipher(), kZeroCounter, text);
}

crypto::X25519Public public_of(BytesView key33) { return {to_array<32>(key33.subspan(1))}; }

/// Salt of the first key: who it is for and the ephemeral key.
Bytes first_salt(BytesView recipient33, BytesView ephemeral33) {
  return concat("UnidentifiedDelivery", recipient33, ephemeral33);
}

}  // namespace

Result<Bytes> seal_inner(const crypto::X25519Pair& own, const SessionId& to, BytesView inner,
                         const crypto::X25519Pair& ephemeral) {
  const crypto::X25519Public recipient = public_of(to.account.bytes);
  wire::SealedOuter outer;
  outer.ephemeral = signal_key(ephemeral.open);
  const auto first = derive(ephemeral.secret, recipient, first_salt(to.account.bytes, outer.ephemeral));
  if (!first) return fail(first);
  outer.encrypted_static = seal(*first, signal_key(own.open));
  const auto second = derive(own.secret, recipient, concat(first->chain(), outer.encrypted_static));
  if (!second) return fail(second);
  outer.encrypted_message = seal(*second, inner);
  return wire::encode(outer);
}

Result<Bytes> seal_sender(const crypto::X25519Pair& own, std::uint32_t own_device, const SessionId& to,
                          const Ciphertext& message, Rng& rng) {
  const auto type = message.type == MessageType::Prekey ? wire::SealedType::PrekeyMessage : wire::SealedType::Message;
  const wire::SealedInner inner{type, SessionId{Account{signal_key(own.open)}}, own_device, message.body};
  return seal_inner(own, to, wire::encode(inner), crypto::x25519_pair(rng));
}

Result<Unsealed> unseal_sender(const crypto::X25519Pair& own, BytesView sealed) {
  const auto outer = wire::decode_sealed_outer(sealed);
  if (!outer) return fail(outer);
  const auto first = derive(own.secret, public_of(outer->ephemeral), first_salt(signal_key(own.open), outer->ephemeral));
  if (!first) return fail(first);
  const auto sender = open(*first, outer->encrypted_static);
  if (!sender) return fail(sender);
  if (sender->size() != 33 || sender->front() != std::byte{5})
    return fail(ErrorCode::Malformed, "sealed sender: the sender's key is no identity key");
  const auto second = derive(own.secret, public_of(*sender), concat(first->chain(), outer->encrypted_static));
  if (!second) return fail(second);
  const auto bytes = open(*second, outer->encrypted_message);
  if (!bytes) return fail(bytes);
  auto inner = wire::decode_sealed_inner(*bytes);
  if (!inner) return fail(inner);
  const bool believes = mutant::is_on(Mutant::D3) || mutant::is_on(Mutant::R4);
  if (!believes && !crypto::equal(inner->sender.account.bytes, *sender))
    return fail(ErrorCode::Unauthentic, "sealed sender: the name inside is not the key that sealed it");
  if (inner->type == wire::SealedType::Fallback)
    return fail(ErrorCode::Refused, "sealed sender: the fallback cipher of 2020 has no forward secrecy and is not read");
  return Unsealed{
      inner->sender,
      inner->sender_device,
      {inner->type == wire::SealedType::PrekeyMessage ? MessageType::Prekey : MessageType::Message, std::move(inner->content)}};
}

}  // namespace session::signal

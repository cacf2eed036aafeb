#include "core/signal/session_protocol.h"

#include "core/crypto/cipher.h"
#include "core/signal/state.h"

namespace session::signal {

Result<Bytes> box_message(const crypto::Ed25519Pair& own, const SessionId& to, BytesView padded, Rng& rng) {
  const crypto::Signature signature = crypto::sign(own.secret, concat(padded, own.open.bytes, to.key()));
  return crypto::box_seal({to_array<32>(to.key())}, concat(padded, own.open.bytes, signature), rng);
}

Result<UnboxedMessage> unbox_message(const crypto::X25519Pair& own, BytesView boxed) {
  auto opened = crypto::box_open(own, boxed);
  if (!opened) return fail(opened);
  constexpr std::size_t kTail = 32 + 64;
  if (opened->size() < kTail) return fail(ErrorCode::Malformed, "message: shorter than its sender and signature");
  const BytesView all = *opened, padded = all.first(all.size() - kTail);
  const crypto::Ed25519Public sender{to_array<32>(all.subspan(padded.size(), 32))};
  const auto signature = to_array<64>(all.last(64));
  if (!crypto::verify(sender, concat(padded, sender.bytes, own.open.bytes), signature))
    return fail(ErrorCode::Unauthentic, "message: the signature of its sender does not fit");
  const auto curve = crypto::x25519_of(sender);
  if (!curve) return fail(curve);
  return UnboxedMessage{SessionId{Account{signal_key(*curve)}}, to_bytes(padded)};
}

}  // namespace session::signal

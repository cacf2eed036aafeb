#include "core/signal/xeddsa.h"

#include <curve.h>
#include <sodium.h>

#include <cassert>

#include "core/crypto/suite.h"
#include "core/signal/provider.h"
#include "core/signal/state.h"

namespace session::signal {

XeddsaSignature xeddsa_sign(const crypto::X25519Secret& secret, BytesView message, Rng& rng) {
  ++crypto::work().signatures;
  if (const crypto::Suite* suite = crypto::Suite::current()) {
    XeddsaSignature modelled;
    static_cast<void>(rng.bytes<64>());  // what the library draws for each signature
    crypto_scalarmult_ed25519_base_noclamp(raw_out(modelled.key.bytes), raw(secret.bytes()));
    modelled.signature = suite->sign(modelled.key, message);
    return modelled;
  }
  const Context context(rng);
  Ref<ec_private_key> key;
  Buffer signature;
  int code = curve_decode_private_point(key.out(), raw(secret.bytes()), 32, context.get());
  if (code == SG_SUCCESS)
    code = curve_calculate_signature(context.get(), signature.out(), key.get(), raw(message), message.size());
  XeddsaSignature out;
  assert(code == SG_SUCCESS && signature.bytes().size() == 64);
  if (code != SG_SUCCESS || signature.bytes().size() != 64) return out;
  out.signature = to_array<64>(signature.bytes());
  out.signature[63] &= std::byte{0x7f};
  crypto_scalarmult_ed25519_base_noclamp(raw_out(out.key.bytes), raw(secret.bytes()));
  return out;
}

bool xeddsa_verify(const crypto::X25519Public& key, BytesView message, const crypto::Signature& signature) {
  SeededRng none(0);  // verifying draws nothing
  const Context context(none);
  Ref<ec_public_key> point;
  if (curve_decode_point(point.out(), raw(signal_key(key)), 33, context.get()) != SG_SUCCESS) return false;
  return curve_verify_signature(point.get(), raw(message), message.size(), raw(signature), signature.size()) == 1;
}

}  // namespace session::signal

#include "core/crypto/identity.h"

#include <sodium.h>

#include <cassert>

namespace session::crypto {
namespace {

/// 32 bytes from 16: doubled until v1.4.0, with zeros behind since.
X25519Secret widened(BytesView seed, Era era) {
  assert(seed.size() == 16 || seed.size() == 32);
  X25519Secret out;
  std::copy(seed.begin(), seed.end(), out.writable().begin());
  if (seed.size() == 16 && era != Era::C) std::copy(seed.begin(), seed.end(), out.writable().begin() + 16);
  return out;
}

/// The little-endian number modulo the order of the group.
void reduce(X25519Secret& secret) {
  Secret<64, struct WideTag> wide;
  const BytesView bytes = secret.bytes();
  std::copy(bytes.begin(), bytes.end(), wide.writable().begin());
  crypto_core_ed25519_scalar_reduce(raw_out(secret.writable()), raw(wide.bytes()));
}

}  // namespace

AccountSeed new_seed(Rng& rng) {
  AccountSeed seed;
  rng.fill(seed.writable());
  return seed;
}

Identity identity_of(BytesView seed, Era era) {
  Identity identity;
  identity.era = era;
  X25519Secret secret = widened(seed, era);
  if (era == Era::C) {
    identity.ed25519 = ed25519_pair(Ed25519Seed(secret.bytes()));
    identity.x25519 = x25519_of(*identity.ed25519);
  } else {
    if (era == Era::A) reduce(secret);
    identity.x25519 = x25519_pair(secret);
  }
  auto& id = identity.id.account.bytes;
  id[0] = std::byte{5};
  std::copy(identity.x25519.open.bytes.begin(), identity.x25519.open.bytes.end(), id.begin() + 1);
  return identity;
}

}  // namespace session::crypto

#include "core/crypto/keys.h"

#include <sodium.h>

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "core/crypto/hash.h"
#include "core/crypto/suite.h"

namespace session::crypto {
namespace {

void clamp(std::span<std::byte> key) {
  key[0] &= std::byte{248};
  key[31] &= std::byte{127};
  key[31] |= std::byte{64};
}

/// Slots for conversions that are remembered: 65 bytes each.
constexpr std::size_t kMostConversions = std::size_t{1} << 17U;

X25519Public public_of(const X25519Secret& secret) {
  X25519Public open;
  crypto_scalarmult_base(raw_out(std::span(open.bytes)), raw(secret.bytes()));
  return open;
}

}  // namespace

void initialise() {
  if (sodium_init() < 0) {
    std::fputs("session: the system gives no random numbers\n", stderr);
    std::abort();
  }
}

Ed25519Pair ed25519_pair(const Ed25519Seed& seed) {
  Ed25519Pair pair;
  crypto_sign_seed_keypair(raw_out(std::span(pair.open.bytes)), raw_out(pair.secret.writable()), raw(seed.bytes()));
  return pair;
}

Ed25519Pair ed25519_pair(Rng& rng) {
  Ed25519Seed seed;
  rng.fill(seed.writable());
  return ed25519_pair(seed);
}

X25519Pair x25519_pair(const X25519Secret& bytes) {
  X25519Pair pair{{}, bytes};
  clamp(pair.secret.writable());
  pair.open = public_of(pair.secret);
  return pair;
}

X25519Pair x25519_pair(Rng& rng) {
  ++work().agreements;
  if (const Suite* suite = Suite::current()) return suite->x25519_pair(rng);
  X25519Secret bytes;
  rng.fill(bytes.writable());
  return x25519_pair(bytes);
}

X25519Pair x25519_of(const Ed25519Pair& pair) {
  X25519Secret secret;
  crypto_sign_ed25519_sk_to_curve25519(raw_out(secret.writable()), raw(pair.secret.bytes()));
  return x25519_pair(secret);
}

Result<X25519Public> x25519_of(const Ed25519Public& key) {
  // The check for a usable point costs as much as that of a signature, and the same few accounts ask again and again: the last
  // answers are kept, two where keys meet. All of it is public, and only good keys are kept.
  // The simulator's many accounts make it grow: it doubles when new keys took as many slots as there are.
  struct Slot {
    Ed25519Public from;
    X25519Public to;
    bool is_used = false;
  };
  thread_local std::vector<Slot> known(1024);
  thread_local std::size_t taken = 0;
  // Two neighbours; the first of them was put there last.
  const auto slots_of = [](const Ed25519Public& k) {
    return std::span(known).subspan(load_little<std::uint32_t>(k.bytes.data()) & (known.size() - 2), 2);
  };
  const auto put = [&](const Slot& slot) {
    const auto slots = slots_of(slot.from);
    slots[1] = std::exchange(slots[0], slot);
  };
  for (const Slot& slot : slots_of(key))
    if (slot.is_used && slot.from == key) return slot.to;
  X25519Public out;
  if (crypto_sign_ed25519_pk_to_curve25519(raw_out(std::span(out.bytes)), raw(key.bytes)) != 0)
    return fail(ErrorCode::Malformed, "Ed25519 key " + key.hex() + " is not a usable point of the curve");
  if (++taken > known.size() && known.size() < kMostConversions) {
    const std::vector<Slot> before = std::exchange(known, std::vector<Slot>(2 * known.size()));
    for (const Slot& slot : before)
      if (slot.is_used) put(slot);
  }
  put({key, out, true});
  return out;
}

Signature sign(const Ed25519Secret& secret, BytesView message) {
  ++work().signatures;
  if (const Suite* suite = Suite::current()) return suite->sign({to_array<32>(secret.bytes().last(32))}, message);
  Signature signature;
  crypto_sign_detached(raw_out(std::span(signature)), nullptr, raw(message), message.size(), raw(secret.bytes()));
  return signature;
}

bool verify(const Ed25519Public& key, BytesView message, const Signature& signature) {
  ++work().verifications;
  if (const Suite* suite = Suite::current()) return suite->verify(key, message, signature);
  return crypto_sign_verify_detached(raw(signature), raw(message), message.size(), raw(key.bytes)) == 0;
}

Result<SharedSecret> agree(const X25519Secret& own, const X25519Public& other) {
  ++work().agreements;
  if (const Suite* suite = Suite::current()) return suite->agree(own, other);
  SharedSecret shared;
  if (crypto_scalarmult(raw_out(shared.writable()), raw(own.bytes()), raw(other.bytes)) != 0)
    return fail(ErrorCode::Malformed, "X25519 key " + other.hex() + " is of small order");
  return shared;
}

std::uint64_t SystemRng::next() {
  ByteArray<8> word;
  fill(word);
  return load_little<std::uint64_t>(word.data());
}

void SystemRng::fill(std::span<std::byte> out) { randombytes_buf(out.data(), out.size()); }

}  // namespace session::crypto

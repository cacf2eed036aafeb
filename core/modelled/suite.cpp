#include "core/modelled/suite.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <vector>

#include "core/modelled/mixer.h"

namespace session::modelled {
namespace {

using crypto::Ed25519Public;
using crypto::SharedSecret;
using crypto::Signature;
using crypto::SymmetricKey;
using crypto::X25519Pair;
using crypto::X25519Public;
using crypto::X25519Secret;

// What a word is made for, so that one never stands for another.
constexpr std::uint64_t kSecret = 1, kPublic = 2, kShared = 3, kSignature = 4, kStream = 5, kTag = 6, kStamp = 7;
constexpr std::size_t kTagSize = 16;

/// Where a modelled secret says that it is one. An identity's keys are real, as its name is its public key.
constexpr std::size_t kMarkAt = 16, kMarkSize = 8;
ByteArray<8> mark_of(const X25519Secret& secret) { return little(mix(kSecret, secret.bytes().first(kMarkAt))); }

X25519Public real_public_of(const X25519Secret& secret) {
  // The same few identities are asked for again and again, so the last two answers of each slot are kept: with one, two busy
  // ones that meet there would be computed anew all the time.
  struct Answer {
    X25519Secret secret;
    X25519Public open;
  };
  thread_local std::vector<std::array<Answer, 2>> known(2048);
  auto& [last, before] = known[mix(0, secret.bytes()) % known.size()];
  const auto is_of = [&](const Answer& answer) { return std::ranges::equal(answer.secret.bytes(), secret.bytes()); };
  if (is_of(last)) return last.open;
  std::swap(last, before);
  if (!is_of(last)) {
    crypto_scalarmult_base(raw_out(std::span(last.open.bytes)), raw(secret.bytes()));
    last.secret = secret;
  }
  return last.open;
}

X25519Public public_of(const X25519Secret& secret) {
  if (!std::ranges::equal(secret.bytes().subspan(kMarkAt, kMarkSize), mark_of(secret))) return real_public_of(secret);
  X25519Public open;
  expand(mix(kPublic, secret.bytes()), open.bytes);
  open.bytes[31] &= std::byte{127};  // canonical, as all that are computed
  return open;
}

bool is_of_small_order(X25519Public key) {
  key.bytes[31] &= std::byte{127};
  return std::ranges::find(points_of_small_order(), key) != points_of_small_order().end();
}

class Modelled final : public crypto::Suite {
 public:
  [[nodiscard]] X25519Pair x25519_pair(Rng& rng) const override {
    X25519Pair pair;
    rng.fill(pair.secret.writable());
    const auto mark = mark_of(pair.secret);
    std::ranges::copy(mark, pair.secret.writable().begin() + kMarkAt);
    pair.open = public_of(pair.secret);
    return pair;
  }

  [[nodiscard]] Result<SharedSecret> agree(const X25519Secret& own, const X25519Public& other) const override {
    if (is_of_small_order(other)) return fail(ErrorCode::Malformed, "X25519 key " + other.hex() + " is of small order");
    X25519Public theirs = other, ours = public_of(own);
    theirs.bytes[31] &= std::byte{127};  // X25519 does not look at the top bit
    if (theirs < ours) std::swap(ours, theirs);
    SharedSecret shared;
    expand(mix(mix(kShared, ours.bytes), theirs.bytes), shared.writable());
    return shared;
  }

  [[nodiscard]] Signature sign(const Ed25519Public& key, BytesView message) const override {
    Signature signature;
    expand(mix(mix(kSignature, key.bytes), message), signature);
    return signature;
  }
  [[nodiscard]] bool verify(const Ed25519Public& key, BytesView message, const Signature& signature) const override {
    return signature == sign(key, message);
  }

  [[nodiscard]] Bytes seal(const SymmetricKey& key, BytesView nonce, BytesView plain) const override {
    Bytes out(nonce.size() + plain.size() + kTagSize);
    std::ranges::copy(nonce, out.begin());
    const std::uint64_t seed = mix(mix(kStream, key.bytes()), nonce);
    const auto text = std::span(out).subspan(nonce.size(), plain.size());
    mask(seed, plain, text);
    expand(mix(seed ^ kTag, text), std::span(out).last(kTagSize));
    return out;
  }
  [[nodiscard]] std::optional<Bytes> open(const SymmetricKey& key, std::size_t nonce_size, BytesView sealed) const override {
    const std::uint64_t seed = mix(mix(kStream, key.bytes()), sealed.first(nonce_size));
    const BytesView text = sealed.subspan(nonce_size, sealed.size() - nonce_size - kTagSize);
    ByteArray<kTagSize> tag;
    expand(mix(seed ^ kTag, text), tag);
    if (!std::ranges::equal(tag, sealed.last(kTagSize))) return std::nullopt;
    Bytes plain(text.size());
    mask(seed, text, plain);
    return plain;
  }

  [[nodiscard]] X25519Pair prekey(const ByteArray<32>& drawn) const override {
    static const std::vector<X25519Pair> pool = [] {
      std::vector<X25519Pair> pairs(1024);
      SeededRng rng(1, "prekeys");
      for (X25519Pair& pair : pairs) pair = crypto::x25519_pair(X25519Secret(rng.bytes<32>()));
      return pairs;
    }();
    return pool[mix(0, drawn) % pool.size()];
  }

  [[nodiscard]] std::uint64_t trial(const ByteArray<64>& inner, const ByteArray<8>& nonce) const override {
    return load_little<std::uint64_t>(nonce.data()) ^ mix(kStamp, inner);
  }
};

const Modelled& suite() {
  static const Modelled only;
  return only;
}

}  // namespace

Scope::Scope(bool wanted) : before_(crypto::Suite::current_) {
  if (wanted) crypto::Suite::current_ = &suite();
}
Scope::~Scope() { crypto::Suite::current_ = before_; }

std::span<const X25519Public> points_of_small_order() {
  static const std::vector<X25519Public> points = [] {
    std::vector<X25519Public> all;
    for (const char* hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"})
      all.push_back({*array_from_hex<32>(hex)});
    return all;
  }();
  return points;
}

ByteArray<8> nonce_for(const ByteArray<64>& inner, std::uint64_t value) { return little(value ^ mix(kStamp, inner)); }

}  // namespace session::modelled

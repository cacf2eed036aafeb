#include "core/modelled/suite.h"

#include <gtest/gtest.h>

#include <thread>

#include "core/crypto/cipher.h"
#include "core/crypto/identity.h"

namespace session::modelled {
namespace {

using namespace crypto;

Bytes flipped(Bytes bytes, std::size_t at) {
  bytes[at] ^= std::byte{1};
  return bytes;
}

/// What one operation after another says of sizes, successes, errors and draws: to be equal under both suites.
std::vector<std::string> outcomes(bool is_modelled) {
  const Scope scope(is_modelled);
  std::vector<std::string> said;
  const auto say = [&](std::string what) { said.push_back(std::move(what)); };
  const auto say_result = [&](const Result<Bytes>& r) {
    say(r ? "opened " + std::string(text_of(*r)) : r.error().message.substr(0, 20));
  };
  SeededRng rng(5);
  const Ed25519Pair signer = ed25519_pair(rng), other = ed25519_pair(rng);
  const Bytes message = to_bytes("a message");
  const Signature signature = sign(signer.secret, message);
  say(signer.open.hex());  // an identity is real
  for (const bool held : {verify(signer.open, message, signature), verify(other.open, message, signature),
                          verify(signer.open, flipped(message, 3), signature),
                          verify(signer.open, message, to_array<64>(flipped(to_bytes(signature), 63))),
                          verify(signer.open, message, to_array<64>(flipped(to_bytes(signature), 0)))})
    say(held ? "holds" : "does not hold");

  const X25519Pair a = x25519_pair(rng), b = x25519_pair(rng), identity = x25519_of(signer);
  say(identity.open.hex());
  say(x25519_of(signer.open)->hex());
  for (const auto& [one, two] : {std::pair(a, b), std::pair(a, identity), std::pair(identity, b)}) {
    const auto there = agree(one.secret, two.open), back = agree(two.secret, one.open), elsewhere = agree(one.secret, a.open);
    say(*there == *back ? "agree" : "disagree");
    say(*there == *elsewhere ? "same" : "another");
    X25519Public with_top_bit = two.open;
    with_top_bit.bytes[31] |= std::byte{0x80};
    say(*agree(one.secret, with_top_bit) == *there ? "top bit ignored" : "top bit counts");
  }
  for (const char* weak : {"0000000000000000000000000000000000000000000000000000000000000000",
                           "0100000000000000000000000000000000000000000000000000000000000080",
                           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"}) {
    const X25519Public point{*array_from_hex<32>(weak)};
    say(agree(a.secret, point) ? "agreed" : agree(a.secret, point).error().message);
    say(box_seal(point, message, rng) ? "sealed" : "refused");
  }

  const SymmetricKey key(rng.bytes<32>()), wrong(rng.bytes<32>());
  for (const std::size_t size : {0u, 1u, 40u, 1000u}) {
    Bytes plain(size, std::byte{'p'});
    const Bytes gcm = gcm_seal(key, rng.bytes<12>(), plain), xchacha = xchacha_seal(key, rng.bytes<24>(), plain);
    const Bytes box = box_seal(b.open, plain, rng).value(), to_identity = box_seal(identity.open, plain, rng).value();
    for (const Bytes* sealed : {&gcm, &xchacha, &box, &to_identity}) say(std::to_string(sealed->size()));
    say_result(gcm_open(key, gcm));
    say_result(gcm_open(wrong, gcm));
    say_result(xchacha_open(key, xchacha));
    say_result(xchacha_open(wrong, xchacha));
    say_result(box_open(b, box));
    say_result(box_open(a, box));
    say_result(box_open(identity, to_identity));
    for (std::size_t at = 0; at < gcm.size(); ++at) say_result(gcm_open(key, flipped(gcm, at)));
    for (std::size_t at = 0; at < xchacha.size(); ++at) say_result(xchacha_open(key, flipped(xchacha, at)));
    for (std::size_t at = 0; at < box.size(); ++at) say_result(box_open(b, flipped(box, at)));
  }
  say_result(gcm_open(key, Bytes(27)));
  say_result(xchacha_open(key, Bytes(39)));
  say_result(box_open(a, Bytes(47)));
  say(std::to_string(rng.next()));  // both drew the same
  return said;
}

TEST(Modelled, SaysWhatTheRealOneSays) {
  const Work before = work();
  const auto real = outcomes(false);
  const Work of_real = work() - before;
  const auto modelled = outcomes(true);
  ASSERT_EQ(modelled.size(), real.size());
  for (std::size_t i = 0; i < real.size(); ++i) EXPECT_EQ(modelled[i], real[i]) << i;
  EXPECT_EQ(work() - before - of_real, of_real);
}

TEST(Modelled, HidesWhatItSeals) {
  const Scope scope(true);
  SeededRng rng(6);
  const SymmetricKey key(rng.bytes<32>());
  const Bytes sealed = xchacha_seal(key, rng.bytes<24>(), bytes_of("words that nobody between should read"));
  EXPECT_EQ(text_of(sealed).find("words"), std::string_view::npos);
  EXPECT_NE(xchacha_seal(key, rng.bytes<24>(), bytes_of("twice")), xchacha_seal(key, rng.bytes<24>(), bytes_of("twice")));
}

TEST(Modelled, IsInForceInItsScopeAndThreadOnly) {
  EXPECT_EQ(Suite::current(), nullptr);
  {
    const Scope scope(true);
    EXPECT_NE(Suite::current(), nullptr);
    const Scope unwanted(false);
    EXPECT_NE(Suite::current(), nullptr) << "nothing is changed by a scope that is not wanted";
    std::thread([] { EXPECT_EQ(Suite::current(), nullptr); }).join();
  }
  EXPECT_EQ(Suite::current(), nullptr);
}

TEST(Modelled, IdentitiesAreTheRealOnes) {
  AccountSeed seed;
  seed.writable()[3] = std::byte{9};
  for (const Era era : {Era::A, Era::B, Era::C}) {
    const Identity real = identity_of(seed, era);
    const Scope scope(true);
    EXPECT_EQ(identity_of(seed, era).id, real.id);
  }
}

TEST(Modelled, AStampIsGoodForItsPuzzleOnly) {
  const Scope scope(true);
  SeededRng rng(7);
  const auto inner = rng.bytes<64>(), other = rng.bytes<64>();
  const auto nonce = nonce_for(inner, 41);
  EXPECT_EQ(Suite::current()->trial(inner, nonce), 41u);
  EXPECT_GT(Suite::current()->trial(other, nonce), 1'000'000u);
}

}  // namespace
}  // namespace session::modelled

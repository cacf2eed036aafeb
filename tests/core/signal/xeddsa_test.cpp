#include "core/signal/xeddsa.h"

#include <gtest/gtest.h>

#include "core/base/encoding.h"
#include "core/crypto/identity.h"

namespace session::signal {
namespace {

const crypto::Identity kAlice = crypto::identity_of(from_hex("000102030405060708090a0b0c0d0e0f").value(), crypto::Era::A);
const crypto::Identity kBob = crypto::identity_of(from_hex("be1d11154ff9b6de77873f0b6b0bcc46").value(), crypto::Era::A);

crypto::Signature signature(const char* hex) { return to_array<64>(from_hex(hex).value()); }

TEST(Xeddsa, PlainEd25519VerifiesAndTheKeyMapsToTheAccount) {  // profile.md 2
  SeededRng rng(1);
  for (int i = 0; i < 50; ++i) {
    const auto pair = crypto::x25519_pair(rng);
    Bytes message(rng.below(200));
    rng.fill(message);
    const auto made = xeddsa_sign(pair.secret, message, rng);
    EXPECT_TRUE(crypto::verify(made.key, message, made.signature));
    EXPECT_EQ(crypto::x25519_of(made.key).value(), pair.open);
    message.push_back(std::byte{1});
    EXPECT_FALSE(crypto::verify(made.key, message, made.signature));
  }
}

TEST(Xeddsa, VerifiesTheVectorsOfTheOldClient) {  // client.md 8 and 7.4
  EXPECT_TRUE(
      xeddsa_verify(kAlice.x25519.open, concat(kBob.id.account.bytes, from_hex("01").value()),
                    signature("a71616cd9da4dfacee194cf1808e6abe1ee7c8592965af1c15fe521eebafb73ffcab312b5d8169ce7d4ce12c986e66"
                              "74840dacfd74933c192db65468cfa1140e")));
  EXPECT_TRUE(
      xeddsa_verify(kBob.x25519.open, concat(kAlice.id.account.bytes, from_hex("02").value()),
                    signature("e20ab0f2dd74c8072367024a82b5b54165c7d381533b4d884a34d797fc7b33d6b064cdb15d2bb3c7f375e04b3914c3"
                              "e2c786f6e7b9fb129c8cccc8b6ea2f8581")));
  EXPECT_TRUE(
      xeddsa_verify(kAlice.x25519.open, bytes_of("Hello15800000000001"),
                    signature("8884918dcb93299b8a1e1ede9b82b13b90eb21dfac52c93c33745ed81ecb729a073a2ba21c1253c6567429eb77aa6c"
                              "5eb02155a1752db3d3a3e34674890d3108")));
  EXPECT_FALSE(
      xeddsa_verify(kAlice.x25519.open, bytes_of("Hello15800000000002"),
                    signature("8884918dcb93299b8a1e1ede9b82b13b90eb21dfac52c93c33745ed81ecb729a073a2ba21c1253c6567429eb77aa6"
                              "c5eb02155a1752db3d3a3e34674890d3108")));
}

}  // namespace
}  // namespace session::signal

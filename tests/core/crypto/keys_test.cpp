#include "core/crypto/keys.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <set>

namespace session::crypto {
namespace {

template <class Key>
Key key_from(std::string_view hex) {
  return Key(*from_hex(hex));
}
X25519Public open_from(std::string_view hex) { return {*array_from_hex<32>(hex)}; }

// RFC 8032 7.1, test 2
TEST(Ed25519, IsTheOneOfRfc8032) {
  const auto pair = ed25519_pair(key_from<Ed25519Seed>("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  EXPECT_EQ(pair.open.hex(), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const Bytes message = {std::byte{0x72}};
  const Signature signature = sign(pair.secret, message);
  EXPECT_EQ(
      to_hex(signature),
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d2916"
      "12bb0c00");
  EXPECT_TRUE(verify(pair.open, message, signature));
}

TEST(Ed25519, SignaturesHoldForTheirMessageAndKeyOnly) {
  SeededRng rng(61);
  for (int i = 0; i < 20; ++i) {
    const auto pair = ed25519_pair(rng), other = ed25519_pair(rng);
    Bytes message(rng.below(100));
    rng.fill(message);
    const Signature signature = sign(pair.secret, message);
    EXPECT_TRUE(verify(pair.open, message, signature));
    EXPECT_FALSE(verify(other.open, message, signature));
    EXPECT_FALSE(verify(pair.open, concat(message, ByteArray<1>{}), signature));
  }
}

TEST(Ed25519, EveryFlippedBitOfASignatureIsSeen) {
  SeededRng rng(62);
  const auto pair = ed25519_pair(rng);
  const Signature good = sign(pair.secret, bytes_of("store1581900000000"));
  for (std::size_t bit = 0; bit < 512; ++bit) {
    Signature bad = good;
    bad[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(verify(pair.open, bytes_of("store1581900000000"), bad)) << bit;
  }
}

// s and s + L verify alike in careless implementations: the same request under two signatures.
TEST(Ed25519, TheSecondFormOfASignatureIsRefused) {
  SeededRng rng(63);
  const auto pair = ed25519_pair(rng);
  Signature signature = sign(pair.secret, bytes_of("x"));
  const auto order = *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += std::to_integer<unsigned>(signature[32 + i]) + std::to_integer<unsigned>(order[i]);
    signature[32 + i] = static_cast<std::byte>(carry & 0xff);
    carry >>= 8;
  }
  EXPECT_FALSE(verify(pair.open, bytes_of("x"), signature));
}

TEST(Ed25519, KeysOfSmallOrderVerifyNothingAndConvertToNothing) {
  for (const char* hex : {"0100000000000000000000000000000000000000000000000000000000000000",
                          "0000000000000000000000000000000000000000000000000000000000000000",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"}) {
    const Ed25519Public key{*array_from_hex<32>(hex)};
    EXPECT_FALSE(verify(key, bytes_of("x"), Signature{})) << hex;
    Signature neutral{};
    neutral[0] = std::byte{1};
    EXPECT_FALSE(verify(key, bytes_of("x"), neutral)) << hex;
    EXPECT_EQ(x25519_of(key).error().code, ErrorCode::Malformed) << hex;
  }
  // Not on the curve at all.
  EXPECT_FALSE(
      x25519_of(Ed25519Public{*array_from_hex<32>("0200000000000000000000000000000000000000000000000000000000000000")}));
}

// service-node.md 6.0 and client.md 1.3
TEST(X25519, AgreesAsInTheSpecification) {
  const auto client = x25519_pair(key_from<X25519Secret>("7d446468c186d6fb3c83365ab77a37b1f9fa3e59eb9788a40ae2e9560f196f30"));
  const auto server = x25519_pair(key_from<X25519Secret>("f512f68e81a932aa2ff6d8723baa260a43a6f789d61c91b71f73e4f284e3600a"));
  EXPECT_EQ(client.open.hex(), "01c7391664840b2ef7126b3709dbac178ba5f3ef2335a62343d5df7da4a11c30");
  EXPECT_EQ(server.open.hex(), "f7b99da2e25e3c399902641c707ae20ad72b63ed0cc487730ff0b3bcecf18609");
  constexpr auto kShared = "82febb47d580439e5b71d2784f87a6946a898d71fed262aeb5bf03c2447f6069";
  EXPECT_EQ(to_hex(agree(client.secret, server.open)->bytes()), kShared);
  EXPECT_EQ(to_hex(agree(server.secret, client.open)->bytes()), kShared);

  const auto alice = key_from<X25519Secret>("000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e4f");
  EXPECT_EQ(to_hex(agree(alice, open_from("7e73017d7357888bf5c8120c2a546a6d81051f9914d7b36f6daa956d1cae195e"))->bytes()),
            "1c69af46526dbf4a89ea608e11ad78dc2081a538c7a1f00556fa8fc872c8ac50");
}

TEST(X25519, PairsAreClamped) {
  SeededRng rng(64);
  for (int i = 0; i < 50; ++i) {
    const auto pair = x25519_pair(rng);
    EXPECT_EQ(pair.secret.bytes()[0] & std::byte{7}, std::byte{0});
    EXPECT_EQ(pair.secret.bytes()[31] & std::byte{0xc0}, std::byte{0x40});
    EXPECT_EQ(x25519_pair(pair.secret).open, pair.open);
  }
}

TEST(X25519, FormOfAnEd25519PairIsTheSameFromBothHalves) {
  SeededRng rng(65);
  for (int i = 0; i < 50; ++i) {
    const auto pair = ed25519_pair(rng);
    const auto curve = x25519_of(pair);
    EXPECT_EQ(x25519_of(pair.open), curve.open);
    EXPECT_EQ(x25519_pair(curve.secret).open, curve.open);
    const auto other = x25519_pair(rng);
    EXPECT_EQ(*agree(curve.secret, other.open), *agree(other.secret, curve.open));
  }
}

TEST(X25519, KeysOfSmallOrderAgreeOnNothing) {
  SeededRng rng(66);
  const auto own = x25519_pair(rng);
  for (const char* hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                          "0100000000000000000000000000000000000000000000000000000000000000",
                          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                          "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"})
    EXPECT_EQ(agree(own.secret, open_from(hex)).error().code, ErrorCode::Malformed) << hex;
}

TEST(Keys, ComeFromTheGeneratorAlone) {
  SeededRng a(67), b(67);
  EXPECT_EQ(ed25519_pair(a).open, ed25519_pair(b).open);
  EXPECT_EQ(x25519_pair(a).open, x25519_pair(b).open);
  EXPECT_EQ(a, b);
  EXPECT_NE(x25519_pair(a).open, x25519_pair(a).open);
}

TEST(Keys, NodesAreNamedByTheirKey) {
  SeededRng rng(68);
  const auto pair = ed25519_pair(rng);
  EXPECT_EQ(key_of(node_of(pair.open)), pair.open);
  EXPECT_EQ(node_of(pair.open).hex(), pair.open.hex());
}

TEST(SystemRng, DoesNotRepeatItself) {
  initialise();
  initialise();
  SystemRng rng;
  std::set<std::uint64_t> words;
  for (int i = 0; i < 1'000; ++i) words.insert(rng.next());
  EXPECT_EQ(words.size(), 1'000u);
  EXPECT_NE(rng.bytes<32>(), rng.bytes<32>());
}

}  // namespace
}  // namespace session::crypto

#include "core/crypto/hash.h"

#include <gtest/gtest.h>

#include "core/base/encoding.h"
#include "core/base/rng.h"
#include "core/crypto/keys.h"

namespace session::crypto {
namespace {

Bytes counting(unsigned from, unsigned to) {
  Bytes out;
  for (unsigned i = from; i < to; ++i) out.push_back(static_cast<std::byte>(i));
  return out;
}

TEST(Blake2b, IsTheOneOfRfc7693InBothSizes) {
  EXPECT_EQ(to_hex(blake2b_256({bytes_of("abc")})), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  EXPECT_EQ(to_hex(blake2b_128({bytes_of("abc")})), "cf4ab791c62b8d2b2109c90275287816");
  // service-node.md 5.1
  EXPECT_EQ(to_hex(blake2b_256({bytes_of("This is the payload")})),
            "c75bb89d3f4ba1046333d8f7ac7659e7c343ed78c4cc838a0e0430547145d7c4");
}

TEST(Sha2, IsTheOneOfFips180) {
  EXPECT_EQ(to_hex(sha256({bytes_of("abc")})), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(
      to_hex(sha512({bytes_of("abc")})),
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94f"
      "a54ca49f");
}

// RFC 4231, cases 2 and 6 (a key longer than a block)
TEST(HmacSha256, IsTheOneOfRfc4231) {
  EXPECT_EQ(to_hex(hmac_sha256(bytes_of("Jefe"), {bytes_of("what do ya want "), bytes_of("for nothing?")})),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      to_hex(hmac_sha256(Bytes(131, std::byte{0xaa}), {bytes_of("Test Using Larger Than Block-Size Key - Hash Key First")})),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// RFC 5869, cases 1 to 3
TEST(HkdfSha256, IsTheOneOfRfc5869) {
  const Bytes key(22, std::byte{0x0b});
  EXPECT_EQ(to_hex(hkdf_sha256(key, counting(0, 13), counting(0xf0, 0xfa), 42).bytes()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(
      to_hex(hkdf_sha256(counting(0, 80), counting(0x60, 0xb0), counting(0xb0, 0x100), 82).bytes()),
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9"
      "aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  EXPECT_EQ(to_hex(hkdf_sha256(key, {}, {}, 42).bytes()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(HkdfSha256, ShorterResultsBeginLongerOnes) {
  const Bytes longest = to_bytes(hkdf_sha256(bytes_of("key"), bytes_of("salt"), bytes_of("info"), 255 * 32).bytes());
  ASSERT_EQ(longest.size(), 255u * 32);
  for (const std::size_t size : {0u, 1u, 31u, 32u, 33u, 64u, 80u, 1000u})
    EXPECT_EQ(to_bytes(hkdf_sha256(bytes_of("key"), bytes_of("salt"), bytes_of("info"), size).bytes()),
              to_bytes(BytesView(longest).first(size)));
}

TEST(Hashes, TakePartsAsOneText) {
  SeededRng rng(51);
  for (int i = 0; i < 50; ++i) {
    const Bytes all = to_bytes(rng.bytes<200>());
    const BytesView first = BytesView(all).first(rng.below(201)), rest = BytesView(all).subspan(first.size());
    EXPECT_EQ(blake2b_256({first, rest}), blake2b_256({all}));
    EXPECT_EQ(blake2b_128({first, {}, rest}), blake2b_128({all}));
    EXPECT_EQ(sha256({first, rest}), sha256({all}));
    EXPECT_EQ(sha512({first, rest}), sha512({all}));
    EXPECT_EQ(hmac_sha256(bytes_of("k"), {first, rest}), hmac_sha256(bytes_of("k"), {all}));
  }
}

// By the reference program: argon2 'sixteen bytes ok' -id -t 2 -k 1024 -p 1 -l 32 -r
TEST(Argon2id, IsTheReferenceOne) {
  initialise();
  const auto salt = to_array<16>(bytes_of("sixteen bytes ok"));
  const auto key = argon2id("correct horse battery", salt, 2, 1024 * 1024);
  ASSERT_TRUE(key);
  EXPECT_EQ(to_hex(key->bytes()), "533812af902a2797a2aa0f273a0105a41da06963ae22c58b8296487328920525");
  EXPECT_FALSE(*argon2id("correct horse batterz", salt, 2, 1024 * 1024) == *key);
  EXPECT_FALSE(*argon2id("correct horse battery", ByteArray<16>{}, 2, 1024 * 1024) == *key);
  EXPECT_TRUE(argon2id("", salt, 1, 8192));
}

TEST(Argon2id, ImpossibleCostsAreAnError) {
  const ByteArray<16> salt{};
  EXPECT_EQ(argon2id("x", salt, 0, 1024 * 1024).error().code, ErrorCode::Internal);
  EXPECT_EQ(argon2id("x", salt, 1, 100).error().code, ErrorCode::Internal);
}

TEST(Crc32, IsTheOneOfIeee8023) {
  EXPECT_EQ(crc32({}), 0u);
  EXPECT_EQ(crc32(bytes_of("123456789")), 0xcbf43926u);
  // client.md 1.2: the first three letters of twelve times "abbey"
  EXPECT_EQ(crc32(bytes_of("abbabbabbabbabbabbabbabbabbabbabbabb")), 1'247'828'459u);
}

}  // namespace
}  // namespace session::crypto

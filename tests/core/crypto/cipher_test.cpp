#include "core/crypto/cipher.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <functional>

#include "core/crypto/hash.h"

namespace session::crypto {
namespace {

// service-node.md 6.0
const std::string kPlain = "Grumpy cat says no!";
const Bytes kShared = *from_hex("82febb47d580439e5b71d2784f87a6946a898d71fed262aeb5bf03c2447f6069");
const auto kClient = *from_hex("01c7391664840b2ef7126b3709dbac178ba5f3ef2335a62343d5df7da4a11c30");
const auto kServer = *from_hex("f7b99da2e25e3c399902641c707ae20ad72b63ed0cc487730ff0b3bcecf18609");

template <std::size_t N>
ByteArray<N> counting() {
  ByteArray<N> out;
  for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<std::byte>(i);
  return out;
}

Bytes random_bytes(Rng& rng, std::size_t size) {
  Bytes out(size);
  rng.fill(out);
  return out;
}

TEST(Gcm, IsTheOneOfTheSpecification) {
  const SymmetricKey key(hmac_sha256(bytes_of("LOKI"), {kShared}));
  EXPECT_EQ(to_hex(key.bytes()), "3bb5fc9d718d88fa673d69829e737b97b4a0e4be2915fc7ef8a5f5d0776c1e6f");
  const Bytes sealed = gcm_seal(key, counting<12>(), bytes_of(kPlain));
  EXPECT_EQ(to_hex(sealed), "000102030405060708090a0b254141d0fb10f0f25e1e316f3f47bf675d49eb6c238bd3c18b86df3fc8d5687cc64c7a");
  EXPECT_EQ(gcm_open(key, sealed), to_bytes(kPlain));
}

TEST(Cbc, IsTheOneOfTheSpecification) {
  const auto iv = counting<16>();
  const Bytes cipher = cbc_encrypt(kShared, iv, bytes_of(kPlain));
  EXPECT_EQ(to_hex(concat(iv, cipher)),
            "000102030405060708090a0b0c0d0e0f80d66ce43084f282f4df7277fa443af269dcb556f3a7886f2c1d248076915cc7");
  EXPECT_EQ(cbc_decrypt(kShared, iv, cipher), to_bytes(kPlain));
}

TEST(XChaCha, IsTheOneOfTheSpecification) {
  const SymmetricKey key(blake2b_256({kShared, kClient, kServer}));
  EXPECT_EQ(to_hex(key.bytes()), "489bc44da3522e9acd6fb1b4c6cbf42d1d2739de64466dfafa819a9f8c21c403");
  EXPECT_EQ(to_hex(blake2b_256({kShared, kServer, kClient})),
            "f5b79c7f5c1cf13036b5eb885ab064bddb371a1416894134ac72d5a2ee823e25");
  const Bytes sealed = xchacha_seal(key, counting<24>(), bytes_of(kPlain));
  EXPECT_EQ(
      to_hex(sealed),
      "000102030405060708090a0b0c0d0e0f101112131415161743bd01f11b8bad57f5bfa27b8099befc22decd241a149281a9ded1f14697c78bfb3c5d");
  EXPECT_EQ(xchacha_open(key, sealed), to_bytes(kPlain));
}

// NIST SP 800-38A, F.5.1 and F.5.5
TEST(Ctr, IsTheOneOfNist) {
  const Bytes counter = *from_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  const Bytes plain = *from_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
  EXPECT_EQ(to_hex(ctr_crypt(*from_hex("2b7e151628aed2a6abf7158809cf4f3c"), counter, plain)),
            "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
  EXPECT_EQ(to_hex(ctr_crypt(*from_hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"), counter, plain)),
            "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5");
}

TEST(Ctr, CounterCarriesThroughAllSixteenBytes) {
  SeededRng rng(71);
  const Bytes key = random_bytes(rng, 32), zeros(32);
  const Bytes wrapped = ctr_crypt(key, Bytes(16, std::byte{0xff}), zeros);
  EXPECT_EQ(Bytes(wrapped.begin() + 16, wrapped.end()), ctr_crypt(key, Bytes(16), Bytes(16)));
}

/// One of the ciphers that hold their own authentication.
struct Box {
  const char* name;
  std::function<Bytes(BytesView)> seal;
  std::function<Result<Bytes>(BytesView)> open, open_elsewhere;
  std::size_t overhead;
};

std::vector<Box> boxes(Rng& rng) {
  const SymmetricKey key(rng.bytes<32>()), wrong(rng.bytes<32>());
  const auto gcm_nonce = rng.bytes<12>();
  const auto xchacha_nonce = rng.bytes<24>();
  const X25519Pair own = x25519_pair(rng), other = x25519_pair(rng);
  const auto seal_box = [own, &rng](BytesView plain) { return *box_seal(own.open, plain, rng); };
  return {{"gcm", [=](BytesView plain) { return gcm_seal(key, gcm_nonce, plain); },
           [=](BytesView sealed) { return gcm_open(key, sealed); }, [=](BytesView sealed) { return gcm_open(wrong, sealed); },
           kGcmOverhead},
          {"xchacha", [=](BytesView plain) { return xchacha_seal(key, xchacha_nonce, plain); },
           [=](BytesView sealed) { return xchacha_open(key, sealed); },
           [=](BytesView sealed) { return xchacha_open(wrong, sealed); }, kXChaChaOverhead},
          {"box", seal_box, [=](BytesView sealed) { return box_open(own, sealed); },
           [=](BytesView sealed) { return box_open(other, sealed); }, kSealedBoxOverhead}};
}

TEST(SealedText, OpensToWhatWasSealed) {
  SeededRng rng(72);
  for (const Box& box : boxes(rng))
    for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 63u, 64u, 65u, 1'000u, 100'000u}) {
      const Bytes plain = random_bytes(rng, size);
      const Bytes sealed = box.seal(plain);
      EXPECT_EQ(sealed.size(), size + box.overhead) << box.name;
      EXPECT_EQ(box.open(sealed), plain) << box.name << ' ' << size;
    }
}

TEST(SealedText, IsRefusedWithAnyByteChanged) {
  SeededRng rng(73);
  for (const Box& box : boxes(rng)) {
    const Bytes good = box.seal(random_bytes(rng, 50));
    for (std::size_t at = 0; at < good.size(); ++at) {
      Bytes bad = good;
      bad[at] ^= static_cast<std::byte>(1 + rng.below(255));
      // The top bit of an X25519 key does not take part in the agreement, but in the box's nonce.
      EXPECT_EQ(box.open(bad).error().code, ErrorCode::Unauthentic) << box.name << " byte " << at;
    }
  }
}

TEST(SealedText, IsRefusedCutOrLengthened) {
  SeededRng rng(74);
  for (const Box& box : boxes(rng)) {
    const Bytes good = box.seal(random_bytes(rng, 50));
    for (std::size_t size = 0; size < good.size(); ++size)
      EXPECT_EQ(box.open(BytesView(good).first(size)).error().code,
                size < box.overhead ? ErrorCode::Malformed : ErrorCode::Unauthentic)
          << box.name << ' ' << size;
    EXPECT_EQ(box.open(concat(good, ByteArray<1>{})).error().code, ErrorCode::Unauthentic) << box.name;
  }
}

TEST(SealedText, OpensWithItsOwnKeyOnly) {
  SeededRng rng(75);
  for (const Box& box : boxes(rng)) {
    EXPECT_EQ(box.open_elsewhere(box.seal(bytes_of("x"))).error().code, ErrorCode::Unauthentic) << box.name;
    EXPECT_EQ(box.open_elsewhere(box.seal({})).error().code, ErrorCode::Unauthentic) << box.name;
  }
}

TEST(SealedText, NoiseDoesNotOpen) {
  SeededRng rng(76);
  for (const Box& box : boxes(rng))
    for (int i = 0; i < 200; ++i) EXPECT_FALSE(box.open(random_bytes(rng, rng.below(200)))) << box.name;
}

TEST(SealedBox, IsLibsodiums) {
  SeededRng rng(77);
  const X25519Pair own = x25519_pair(rng);
  const Bytes ours = *box_seal(own.open, bytes_of(kPlain), rng);
  Bytes opened(kPlain.size());
  ASSERT_EQ(crypto_box_seal_open(raw_out(opened), raw(ours), ours.size(), raw(own.open.bytes), raw(own.secret.bytes())), 0);
  EXPECT_EQ(opened, to_bytes(kPlain));

  Bytes theirs(kPlain.size() + crypto_box_SEALBYTES);
  ASSERT_EQ(crypto_box_seal(raw_out(theirs), raw(bytes_of(kPlain)), kPlain.size(), raw(own.open.bytes)), 0);
  EXPECT_EQ(box_open(own, theirs), to_bytes(kPlain));
}

TEST(SealedBox, DrawsFromTheGeneratorGiven) {
  SeededRng keys(78), a(79), b(79);
  const X25519Pair own = x25519_pair(keys);
  const Bytes first = *box_seal(own.open, bytes_of("x"), a);
  EXPECT_EQ(first, *box_seal(own.open, bytes_of("x"), b));
  EXPECT_NE(first, *box_seal(own.open, bytes_of("x"), a));
}

TEST(SealedBox, IsNotMadeForAKeyOfSmallOrder) {
  SeededRng rng(80);
  EXPECT_EQ(box_seal(X25519Public{}, bytes_of("x"), rng).error().code, ErrorCode::Malformed);
  X25519Public one;
  one.bytes[0] = std::byte{1};
  EXPECT_EQ(box_seal(one, bytes_of("x"), rng).error().code, ErrorCode::Malformed);
}

TEST(Cbc, GivesBackWhatItTookAndAddsOneToSixteenBytes) {
  SeededRng rng(81);
  for (std::size_t size = 0; size < 70; ++size) {
    const Bytes key = random_bytes(rng, 32), iv = random_bytes(rng, 16), plain = random_bytes(rng, size);
    const Bytes cipher = cbc_encrypt(key, iv, plain);
    EXPECT_EQ(cipher.size(), size / 16 * 16 + 16);
    EXPECT_EQ(cbc_decrypt(key, iv, cipher), plain);
  }
}

TEST(Cbc, RefusesBrokenBlocksAndPadding) {
  SeededRng rng(82);
  const Bytes key = random_bytes(rng, 32), iv = random_bytes(rng, 16);
  const Bytes good = cbc_encrypt(key, iv, random_bytes(rng, 40));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_EQ(cbc_decrypt(key, iv, BytesView(good).first(size)).error().code,
              size == 0 || size % 16 != 0 ? ErrorCode::Malformed : ErrorCode::Unauthentic)
        << size;
  // Forty bytes end in eight of padding; changing the block before changes them in the plaintext.
  Bytes bad = good;
  bad[good.size() - 17] ^= std::byte{0x80};
  EXPECT_EQ(cbc_decrypt(key, iv, bad).error().code, ErrorCode::Unauthentic);
}

TEST(Ctr, IsItsOwnInverse) {
  SeededRng rng(83);
  for (std::size_t size = 0; size < 70; ++size) {
    const Bytes key = random_bytes(rng, size % 2 == 0 ? 32 : 16), iv = random_bytes(rng, 16), plain = random_bytes(rng, size);
    EXPECT_EQ(ctr_crypt(key, iv, ctr_crypt(key, iv, plain)), plain);
  }
}

}  // namespace
}  // namespace session::crypto

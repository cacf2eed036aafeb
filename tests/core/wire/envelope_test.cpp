#include <gtest/gtest.h>

#include "core/base/encoding.h"
#include "core/base/rng.h"
#include "core/crypto/hash.h"
#include "core/wire/message.h"
#include "core/wire/sealed.h"

namespace session::wire {
namespace {

// client.md 3.2: a sealed message from Alice to Bob in its wrapper.
constexpr const char* kStored =
    "CAEShAMKA1BVVBIPL2FwaS92MS9tZXNzYWdlGukCCAY4ASiA8Nr6/S1C2wIRCiEFsdFbUTAplR6BERX/"
    "5iphRwZVT7YQuCleiJvDvr30Nw4SK+Zhbf2J5d5DlpgN3SHB"
    "LzR9JbWXpWdby2p2RJQFfxDvcJ3jr6c6ZCIzF4wahwIOS2/j5Tpx5BgLygD6yyh/4xpXR7VeTmPT/2TAkbGsn4yLB76cycyTKJvVhIzWnhT8/"
    "vHwEvrgEkkrRn9FJ5NY"
    "+SH4aDuKN2Yy0Lj4o316BgKi2o147tG11QnY0f5FY/"
    "KXWk7jVY1Lug6+9S1r82BH+bUjys3LiMk2JYmViQ2ypGKZDf7alabY84SN7vKjwQZEEgJ0G5tb97hp73R5GmZP"
    "Enrd+ZGgQZdBRQvnc0GEpakglb9anx0KkN0JmfwfKvgEOdfWYnIKu0O2ehAAn0C17/syAenGBSCKy/Jv9tRrClSwzQtII8rsp/"
    "eMFvzj7JbeaMAKyCzfKcqP3MVP3YdC"
    "wbNDgD/7EiAA";

Envelope known() {
  const auto stored = from_base64(kStored);
  const auto envelope = unwrap_envelope(*stored);
  EXPECT_TRUE(envelope);
  return envelope.value_or(Envelope{});
}

TEST(Envelope, OfTheSpecificationIsRead) {
  const Envelope envelope = known();
  EXPECT_EQ(envelope.type, EnvelopeType::Unidentified);
  EXPECT_EQ(envelope.source, "");
  EXPECT_EQ(envelope.source_device, 1u);
  EXPECT_EQ(envelope.timestamp_ms, 1580000000000u);
  EXPECT_EQ(to_hex(crypto::sha256({envelope.content})), "5e44711a2cf4ce19a39abcb6c4c029e0b8f7c2e9002f869aca0239c7f0345bf9");
}

TEST(Envelope, HoldsTheSealedMessageOfTheSpecification) {
  const auto sealed = decode_sealed_outer(known().content);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(to_hex(sealed->ephemeral), "05b1d15b513029951e811115ffe62a614706554fb610b8295e889bc3bebdf4370e");
  EXPECT_EQ(to_hex(sealed->encrypted_static),
            "e6616dfd89e5de4396980ddd21c12f347d25b597a5675bcb6a764494057f10ef709de3afa73a642233178c");
  EXPECT_EQ(encode(*sealed), known().content);
}

TEST(Envelope, CopiesTheTimestampBeforeTheDevice) {
  // The 2020 client writes fields in the order of its declaration, protobuf by number; both mean the same.
  const Envelope envelope = known();
  EXPECT_EQ(encode(envelope).size(), 361u);
  EXPECT_EQ(wrap_envelope(envelope).size(), 393u);
  EXPECT_EQ(unwrap_envelope(wrap_envelope(envelope)), envelope);
  const Bytes start = *from_hex("080638012880f0dafafd2d42db02");
  EXPECT_EQ(decode_envelope(concat(start, envelope.content)), envelope);
  EXPECT_EQ(to_hex(crypto::sha256({concat(start, envelope.content)})),
            "343c51e822ab843b392a31c45280dc9c1ea1084e4418d391fb4029d63fe67418");
}

TEST(Envelope, WhatIsWrittenIsReadBackTheSame) {
  SeededRng rng(51);
  const std::array types{EnvelopeType::Ciphertext, EnvelopeType::PrekeyMessage, EnvelopeType::Unidentified,
                         EnvelopeType::ClosedGroup, EnvelopeType::Fallback};
  for (int i = 0; i < 200; ++i) {
    Envelope envelope{rng.pick(types), rng.one_in(2) ? "05ab" : "", static_cast<std::uint32_t>(rng.below(9)), rng.next(), {}};
    envelope.content.resize(rng.below(2000));
    rng.fill(envelope.content);
    EXPECT_EQ(unwrap_envelope(wrap_envelope(envelope)), envelope) << "seed 51, round " << i;
  }
}

TEST(Envelope, OnlyTheMessagePathCarriesOne) {
  const Bytes good = wrap_envelope(known());
  std::string other(text_of(good));
  other.replace(other.find("/api/v1/message"), 15, "/api/v1/elsewhe");
  EXPECT_FALSE(unwrap_envelope(bytes_of(other)));
  std::string verb(text_of(good));
  verb.replace(verb.find("PUT"), 3, "GET");
  EXPECT_TRUE(unwrap_envelope(bytes_of(verb)));
  Bytes response = good;
  response[1] = std::byte{2};
  EXPECT_FALSE(unwrap_envelope(response));
  EXPECT_FALSE(unwrap_envelope({}));
}

TEST(Envelope, UnknownTypesAndTooManyBytesAreRefused) {
  EXPECT_FALSE(decode_envelope(*from_hex("0804")));
  EXPECT_FALSE(decode_envelope(*from_hex("08ffffffff0f")));
  Envelope large = known();
  large.content.resize(kMaxContentBytes);
  EXPECT_FALSE(unwrap_envelope(wrap_envelope(large)));
}

TEST(Envelope, TruncatedAndDamagedBytesDoNoHarm) {
  const Bytes whole = wrap_envelope(known());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto part = unwrap_envelope(BytesView(whole).first(size));
    if (part) {
      EXPECT_EQ(*part, known()) << size;  // only the id was cut off
    }
  }
  SeededRng rng(52);
  for (int i = 0; i < 5000; ++i) {
    Bytes damaged = whole;
    damaged[rng.below(damaged.size())] = static_cast<std::byte>(rng.below(256));
    (void)unwrap_envelope(damaged);
  }
}

}  // namespace
}  // namespace session::wire

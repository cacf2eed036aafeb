#include "core/wire/sealed.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"

namespace session::wire {
namespace {

const SessionId kAlice = *SessionId::parse("050d67bf305a47b22d47e102fdd00a3b9ae7c1948a480948d6b29604a613654f08");

TEST(SealedInner, NamesSenderTypeAndContent) {
  for (const auto type : {SealedType::PrekeyMessage, SealedType::Message, SealedType::Fallback}) {
    const SealedInner inner{type, kAlice, 3, to_bytes("ratchet")};
    EXPECT_EQ(decode_sealed_inner(encode(inner)), inner);
  }
  // type 3, certificate {sender (66 characters), device 1}, content
  const Bytes bytes = encode(SealedInner{SealedType::Fallback, kAlice, 1, to_bytes("c")});
  EXPECT_TRUE(to_hex(bytes).starts_with("080312460a423035"));
  EXPECT_TRUE(to_hex(bytes).ends_with("10011a0163"));
}

TEST(SealedInner, IsRefusedWhenAnythingIsMissing) {
  const SealedInner good{SealedType::Message, kAlice, 1, to_bytes("c")};
  SealedInner bad = good;
  bad.content.clear();
  EXPECT_FALSE(decode_sealed_inner(encode(bad)));
  bad = good;
  bad.sender_device = 0;
  EXPECT_FALSE(decode_sealed_inner(encode(bad)));
  bad = good;
  bad.type = static_cast<SealedType>(4);
  EXPECT_FALSE(decode_sealed_inner(encode(bad)));
  const Bytes whole = encode(good);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_sealed_inner(BytesView(whole).first(size))) << size;
}

TEST(SealedOuter, CarriesItsThreeParts) {
  SeededRng rng(71);
  const SealedOuter outer{rng.bytes<33>(), to_bytes(rng.bytes<43>()), to_bytes(rng.bytes<90>())};
  EXPECT_EQ(decode_sealed_outer(encode(outer)), outer);
  EXPECT_EQ(encode(outer)[0], std::byte{0x11});
}

TEST(SealedOuter, IsRefusedInAnyOtherForm) {
  SeededRng rng(72);
  const SealedOuter good{rng.bytes<33>(), to_bytes(rng.bytes<43>()), to_bytes(rng.bytes<90>())};
  Bytes version = encode(good);
  version[0] = std::byte{0x22};
  EXPECT_FALSE(decode_sealed_outer(version));
  SealedOuter bad = good;
  bad.encrypted_static.pop_back();
  EXPECT_FALSE(decode_sealed_outer(encode(bad)));
  bad = good;
  bad.encrypted_message.resize(9);
  EXPECT_FALSE(decode_sealed_outer(encode(bad)));
  const Bytes whole = encode(good);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_sealed_outer(BytesView(whole).first(size))) << size;
}

}  // namespace
}  // namespace session::wire

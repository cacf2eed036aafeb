#include "core/signal/sealed.h"

#include <gtest/gtest.h>

#include "core/base/encoding.h"
#include "core/crypto/hash.h"
#include "core/crypto/identity.h"
#include "core/wire/sealed.h"

namespace session::signal {
namespace {

const crypto::Identity kAlice = crypto::identity_of(from_hex("000102030405060708090a0b0c0d0e0f").value(), crypto::Era::A);
const crypto::Identity kBob = crypto::identity_of(from_hex("be1d11154ff9b6de77873f0b6b0bcc46").value(), crypto::Era::A);

// client.md 2.3: what the fallback cipher of 2020 made, which the vector of 2.4 carries inside.
const Bytes kFallback = from_hex(
                            "101112131415161718191a1b1c1d1e1f8885a0b2ad0544f082cacce093189f0a0ec981459d11dd4db71ef4677fbc52415d"
                            "e1a9092c780d93815fb90165f0ef1c"
                            "380e5eb927602dc44f17ab33425e3e2ae6672a7101e4c7416ef7e01cfce3b72f5371202254850c4e8cdd1d97f0032f6754"
                            "8c53a41da3d413bed4805afcc168e3"
                            "dd20ae2d8f8305f3cddeed8176107a3b96636f710ae949477695deaf4d21d834ae9b786ebd60e82f47993e5db42ad338")
                            .value();

TEST(SealedSender, HasTheVector) {  // client.md 2.4
  const auto ephemeral = crypto::x25519_pair(crypto::X25519Secret(ByteArray<32>(to_array<32>(Bytes(32, std::byte{0x5b})))));
  const Bytes inner = wire::encode(wire::SealedInner{wire::SealedType::Fallback, kAlice.id, 1, kFallback});
  const auto sealed = seal_inner(kAlice.x25519, kBob.id, inner, ephemeral);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->size(), 347u);
  EXPECT_EQ(to_hex(crypto::sha256({*sealed})), "5e44711a2cf4ce19a39abcb6c4c029e0b8f7c2e9002f869aca0239c7f0345bf9");
  // The fallback cipher itself is never read.
  EXPECT_EQ(unseal_sender(kBob.x25519, *sealed).error().code, ErrorCode::Refused);
}

TEST(SealedSender, OnlyTheRecipientLearnsWhoWrote) {
  SeededRng rng(1);
  for (const auto type : {MessageType::Message, MessageType::Prekey}) {
    const Bytes sealed = seal_sender(kAlice.x25519, 77, kBob.id, {type, to_bytes("body")}, rng).value();
    const auto opened = unseal_sender(kBob.x25519, sealed);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->from, kAlice.id);
    EXPECT_EQ(opened->device, 77u);
    EXPECT_EQ(opened->message.type, type);
    EXPECT_EQ(text_of(opened->message.body), "body");
    EXPECT_FALSE(unseal_sender(kAlice.x25519, sealed));
  }
}

TEST(SealedSender, AChangeAnywhereIsRefused) {
  SeededRng rng(2);
  const Bytes sealed = seal_sender(kAlice.x25519, 1, kBob.id, {MessageType::Message, to_bytes("body")}, rng).value();
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes bad = sealed;
    bad[i] ^= std::byte{1};
    EXPECT_FALSE(unseal_sender(kBob.x25519, bad)) << i;
  }
  for (std::size_t n = 0; n < sealed.size(); ++n) EXPECT_FALSE(unseal_sender(kBob.x25519, BytesView(sealed).first(n)));
}

TEST(SealedSender, TheNameInsideMustBeTheKeyThatSealed) {  // reliability.md R4
  SeededRng rng(3);
  const auto mallory = crypto::x25519_pair(rng);
  const Bytes inner = wire::encode(wire::SealedInner{wire::SealedType::Message, kAlice.id, 1, to_bytes("as if from Alice")});
  const Bytes sealed = seal_inner(mallory, kBob.id, inner, crypto::x25519_pair(rng)).value();
  EXPECT_EQ(unseal_sender(kBob.x25519, sealed).error().code, ErrorCode::Unauthentic);
}

}  // namespace
}  // namespace session::signal

#include "core/signal/session_protocol.h"

#include <gtest/gtest.h>

#include "core/crypto/cipher.h"
#include "core/crypto/identity.h"

namespace session::signal {
namespace {

TEST(SessionProtocol, NamesItsSenderToTheRecipient) {  // profile.md 9
  SeededRng rng(1);
  const auto alice = crypto::identity_of(rng.bytes<32>(), crypto::Era::C),
             bob = crypto::identity_of(rng.bytes<32>(), crypto::Era::C);
  const Bytes boxed = box_message(*alice.ed25519, bob.id, bytes_of("padded"), rng).value();
  const auto opened = unbox_message(bob.x25519, boxed);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->from, alice.id);
  EXPECT_EQ(text_of(opened->padded), "padded");
  EXPECT_FALSE(unbox_message(alice.x25519, boxed));
  for (std::size_t i = 0; i < boxed.size(); ++i) {
    Bytes bad = boxed;
    bad[i] ^= std::byte{1};
    EXPECT_FALSE(unbox_message(bob.x25519, bad));
  }
}

TEST(SessionProtocol, AMessageForSomebodyElseCannotBePassedOn) {
  SeededRng rng(2);
  const auto alice = crypto::identity_of(rng.bytes<32>(), crypto::Era::C),
             bob = crypto::identity_of(rng.bytes<32>(), crypto::Era::C),
             carol = crypto::identity_of(rng.bytes<32>(), crypto::Era::C);
  const Bytes boxed = box_message(*alice.ed25519, bob.id, bytes_of("for Bob"), rng).value();
  const Bytes inside = crypto::box_open(bob.x25519, boxed).value();
  const Bytes again = crypto::box_seal(carol.x25519.open, inside, rng).value();
  EXPECT_EQ(unbox_message(carol.x25519, again).error().code, ErrorCode::Unauthentic);
}

TEST(SessionProtocol, ShortBoxesAreRefused) {
  SeededRng rng(3);
  const auto bob = crypto::identity_of(rng.bytes<32>(), crypto::Era::C);
  EXPECT_FALSE(unbox_message(bob.x25519, {}));
  EXPECT_FALSE(unbox_message(bob.x25519, crypto::box_seal(bob.x25519.open, Bytes(95), rng).value()));
}

}  // namespace
}  // namespace session::signal

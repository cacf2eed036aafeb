#include "core/node/auth.h"

#include "tests/core/node/network.h"

namespace session::node {
namespace {

TEST(Auth, AKeyMustMapToTheAccount) {
  SeededRng rng(1);
  const Owner bob(rng), mallory(rng);
  EXPECT_EQ(signing_key(bob.account, {.ed25519 = bob.keys.open}), bob.keys.open);
  EXPECT_FALSE(signing_key(bob.account, {.ed25519 = mallory.keys.open}));
  EXPECT_EQ(signing_key(bob.account, {})->bytes, to_array<32>(bob.account.key()));
}

TEST(Auth, TheClockIsCheckedBeforeTheSignature) {  // profile.md 3
  SeededRng rng(2);
  const Owner bob(rng);
  auto request = store_of(bob.account, "x", kNow, 2);
  request.auth.timestamp = (kNow - minutes(5)).unix_millis();
  request.auth.signature = crypto::Signature{};
  EXPECT_EQ(check_store_auth(request, kNow, seconds(60))->status, 406);
  request.auth.timestamp = kNow.unix_millis();
  EXPECT_EQ(check_store_auth(request, kNow, seconds(60))->status, 401);
  bob.sign(request.auth, wire::signed_text_store(2, kNow.unix_millis()), kNow.unix_millis());
  EXPECT_FALSE(check_store_auth(request, kNow, seconds(60)));
  EXPECT_EQ(check_store_auth(request, kNow + seconds(61), seconds(60))->status, 406);
  EXPECT_FALSE(check_store_auth(request, kNow + seconds(61), seconds(70)));
}

TEST(Auth, ASignatureHoldsForItsNamespaceOnly) {
  SeededRng rng(3);
  const Owner bob(rng);
  auto request = retrieve_of(bob, kNow, 2);
  EXPECT_FALSE(check_retrieve_auth(request, kNow));
  request.ns = 3;
  EXPECT_EQ(check_retrieve_auth(request, kNow)->status, 401);
}

}  // namespace
}  // namespace session::node

#include "core/client/sealing.h"

#include <gtest/gtest.h>

#include "core/client/succession.h"
#include "core/store/client_tables.h"

namespace session::client {
namespace {

const Instant kNow = Instant::from_unix_millis(1'700'000'000'000);

struct Person {
  crypto::Identity identity;
  store::MemoryClientStore store;
  Sealer sealer;
  Person(Rng& rng, std::uint32_t device, crypto::Era era = crypto::Era::C)
      : identity(crypto::identity_of(BytesView(rng.bytes<16>()), era)), sealer{identity, device, 1234} {}
  Person(const Person&) = delete;
  Person& operator=(const Person&) = delete;
};

wire::Content words(const char* text) {
  wire::Content content;
  content.data = wire::DataMessage{.body = text};
  return content;
}

class Sealing : public testing::Test {
 protected:
  SeededRng rng{5};
  Person alice{rng, 11}, bob{rng, 22};
  wire::PrekeyBundle bundle_of(Person& person) {
    const Bytes bytes = make_bundle(person.store, person.sealer, 0, kNow, rng).value();
    return wire::decode_signed_bundle(bytes, person.identity.id).value();
  }
};

TEST_F(Sealing, ABundleOpensAConversationWithForwardSecrecy) {
  ASSERT_TRUE(start_session(alice.store, alice.sealer, bundle_of(bob), kNow, rng));
  EXPECT_TRUE(*has_session(alice.store, alice.sealer, bob.identity.id, 22));
  const Bytes datum =
      seal(alice.store, alice.sealer, bob.identity.id, 22, words("hello"), 1'700'000'000'123, kNow, rng).value();
  const auto opened = open(bob.store, bob.sealer, datum, kNow, rng);
  ASSERT_TRUE(opened) << opened.error().error.message;
  EXPECT_EQ(opened->from, alice.identity.id);
  EXPECT_EQ(opened->device, 11u);
  EXPECT_EQ(opened->sent_at, 1'700'000'000'123);
  EXPECT_TRUE(opened->forward_secrecy);
  EXPECT_EQ(opened->content.data->body, "hello");
}

TEST_F(Sealing, ABundleOffersAHundredKeysAndKeepsTheirPrivateHalves) {  // profile.md 10.4
  const auto bundle = bundle_of(bob);
  EXPECT_EQ(bundle.one_time_keys.size(), 100u);
  EXPECT_EQ(bob.store.keys(store::KeyKind::OneTime)->size(), 100u);
  const auto next = bundle_of(bob);
  EXPECT_NE(next.one_time_keys.front().id, bundle.one_time_keys.front().id);
  EXPECT_EQ(bob.store.keys(store::KeyKind::OneTime)->size(), 200u);
}

TEST_F(Sealing, KeysOlderThan29DaysGo) {  // profile.md 10.4
  static_cast<void>(bundle_of(bob));
  ASSERT_TRUE(make_bundle(bob.store, bob.sealer, 0, kNow + days(29), rng));
  EXPECT_EQ(bob.store.keys(store::KeyKind::OneTime)->size(), 100u);
  EXPECT_EQ(bob.store.keys(store::KeyKind::Signed)->size(), 1u);
}

TEST_F(Sealing, WithoutABundleItIsSignedButHasNoForwardSecrecy) {  // profile.md 9
  const Bytes datum = seal_anonymously(alice.sealer, bob.identity.id, words("hi"), kNow.unix_millis(), rng).value();
  const auto opened = open(bob.store, bob.sealer, datum, kNow, rng);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->from, alice.identity.id);
  EXPECT_FALSE(opened->forward_secrecy);
}

TEST_F(Sealing, AChangedEnvelopeIsRefusedAndChangesNothing) {  // reliability.md R7
  ASSERT_TRUE(start_session(alice.store, alice.sealer, bundle_of(bob), kNow, rng));
  const Bytes datum = seal(alice.store, alice.sealer, bob.identity.id, 22, words("hello"), 7, kNow, rng).value();
  const store::MemoryClientStore before = bob.store;
  int authentic = 0;
  for (std::size_t i = 0; i < datum.size(); ++i) {
    Bytes bad = datum;
    bad[i] ^= std::byte{1};
    if (open(bob.store, bob.sealer, bad, kNow, rng)) {
      // What stands outside the seal (the wrapper's number, the envelope's time) changes no word and no sender.
      ++authentic;
      bob.store = before;
      continue;
    }
    ASSERT_TRUE(bob.store == before) << i;
  }
  EXPECT_LT(authentic, 40);
  EXPECT_TRUE(open(bob.store, bob.sealer, datum, kNow, rng));
}

TEST_F(Sealing, ARepetitionIsRefusedAndNamesItsSender) {
  ASSERT_TRUE(start_session(alice.store, alice.sealer, bundle_of(bob), kNow, rng));
  const Bytes datum = seal(alice.store, alice.sealer, bob.identity.id, 22, words("once"), 7, kNow, rng).value();
  ASSERT_TRUE(open(bob.store, bob.sealer, datum, kNow, rng));
  const auto again = open(bob.store, bob.sealer, datum, kNow, rng);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().error.code, ErrorCode::Duplicate);
  EXPECT_EQ(again.error().from, alice.identity.id);
}

TEST_F(Sealing, ANodeThatChangesTheTimeDoesNotUseUpTheTrueCopy) {
  ASSERT_TRUE(start_session(alice.store, alice.sealer, bundle_of(bob), kNow, rng));
  const std::int64_t sent_at = kNow.unix_millis();
  wire::Content content = words("hello");
  content.data->timestamp_ms = static_cast<std::uint64_t>(sent_at);
  for (const bool boxed : {false, true}) {
    const Bytes datum = boxed ? seal_anonymously(alice.sealer, bob.identity.id, content, sent_at, rng).value()
                              : seal(alice.store, alice.sealer, bob.identity.id, 22, content, sent_at, kNow, rng).value();
    auto changed = wire::unwrap_envelope(datum).value();
    ++changed.timestamp_ms;
    const store::MemoryClientStore before = bob.store;
    const auto forged = open(bob.store, bob.sealer, wire::wrap_envelope(changed), kNow, rng);
    ASSERT_FALSE(forged);
    EXPECT_EQ(forged.error().error.message, "data.timestamp: not that of the envelope");
    EXPECT_TRUE(bob.store == before);
    EXPECT_TRUE(open(bob.store, bob.sealer, datum, kNow, rng));
  }
}

TEST_F(Sealing, ABoxOpensOnceAndNotWhenNoNodeCouldHaveKeptIt) {
  const Bytes datum = seal_anonymously(alice.sealer, bob.identity.id, words("hi"), kNow.unix_millis(), rng).value();
  EXPECT_TRUE(open(bob.store, bob.sealer, datum, kNow, rng));
  EXPECT_EQ(open(bob.store, bob.sealer, datum, kNow + days(28), rng).error().error.code, ErrorCode::Duplicate);
  ASSERT_TRUE(bob.store.expire_hashes(kNow + days(29)));  // it is forgotten, and too old
  EXPECT_EQ(open(bob.store, bob.sealer, datum, kNow + days(29), rng).error().error.code, ErrorCode::Expired);
}

TEST_F(Sealing, AnOldEnvelopeUnderANewTimeIsARepetition) {  // and no sign that the session is broken
  ASSERT_TRUE(start_session(alice.store, alice.sealer, bundle_of(bob), kNow, rng));
  const Bytes datum = seal(alice.store, alice.sealer, bob.identity.id, 22, words("once"), 7, kNow, rng).value();
  ASSERT_TRUE(open(bob.store, bob.sealer, datum, kNow, rng));
  ASSERT_TRUE(forget_sessions(bob.store, alice.identity.id));  // the ratchet knows nothing of it any more
  auto again = wire::unwrap_envelope(datum).value();
  again.timestamp_ms += 1000;
  EXPECT_EQ(open(bob.store, bob.sealer, wire::wrap_envelope(again), kNow, rng).error().error.code, ErrorCode::Duplicate);
}

TEST_F(Sealing, WhoIsNotAdmittedLeavesNothingBehind) {
  ASSERT_TRUE(start_session(alice.store, alice.sealer, bundle_of(bob), kNow, rng));
  const std::int64_t sent_at = kNow.unix_millis();
  const store::MemoryClientStore before = bob.store;
  const Admit nobody = [](const SessionId&, const wire::Content&) { return Result<void>(fail(ErrorCode::Refused, "no")); };
  for (const Bytes& datum : {seal(alice.store, alice.sealer, bob.identity.id, 22, words("x"), sent_at, kNow, rng).value(),
                             seal_anonymously(alice.sealer, bob.identity.id, words("x"), sent_at, rng).value()}) {
    EXPECT_FALSE(open(bob.store, bob.sealer, datum, kNow, rng, nobody));
    EXPECT_TRUE(bob.store == before);
    EXPECT_TRUE(open(bob.store, bob.sealer, datum, kNow, rng));  // the same bytes, once they are
    bob.store = before;
  }
}

TEST_F(Sealing, SessionsAreKeptWithSixteenDevicesOfAPersonAndTheOneInUseStays) {
  store::ContactRow contact;
  contact.id = alice.identity.id;
  contact.device = 1;
  ASSERT_TRUE(bob.store.put_contact(contact));
  for (std::uint32_t device = 1; device <= 20; ++device) {
    store::MemoryClientStore fresh;
    const Sealer sealer{alice.identity, device, 1};
    ASSERT_TRUE(start_session(fresh, sealer, bundle_of(bob), kNow, rng));
    const Bytes datum = seal(fresh, sealer, bob.identity.id, 22, words("x"), kNow.unix_millis(), kNow, rng).value();
    ASSERT_TRUE(open(bob.store, bob.sealer, datum, kNow, rng));
  }
  EXPECT_EQ(bob.store.session_devices(alice.identity.id)->size(), 16u);
  EXPECT_TRUE(*has_session(bob.store, bob.sealer, alice.identity.id, 1));
  EXPECT_TRUE(*has_session(bob.store, bob.sealer, alice.identity.id, 20));
}

TEST_F(Sealing, OldErasCannotSignABundleNorWriteAnonymously) {
  Person carol(rng, 1, crypto::Era::A);
  EXPECT_EQ(make_bundle(carol.store, carol.sealer, 0, kNow, rng).error().code, ErrorCode::Refused);
  EXPECT_EQ(seal_anonymously(carol.sealer, bob.identity.id, words("x"), 1, rng).error().code, ErrorCode::Refused);
}

TEST_F(Sealing, JunkIsRefused) {
  for (int i = 0; i < 2000; ++i) {
    Bytes junk(rng.below(300));
    rng.fill(junk);
    EXPECT_FALSE(open(bob.store, bob.sealer, junk, kNow, rng));
  }
}

}  // namespace
}  // namespace session::client

// What a thief of the whole store can open: reliability.md R2, R3 and R7.
#include "core/client/stored_state.h"
#include "core/signal/sealed.h"
#include "core/wire/message.h"
#include "tests/core/client/two_people.h"

namespace session::client {
namespace {

class StolenState : public TwoPeople {
 protected:
  void SetUp() override {
    begin(alice, bob);
    ASSERT_EQ(text(bob, say(alice, bob, "hello")), "hello");
    ASSERT_EQ(text(alice, say(bob, alice, "hello")), "hello");
    ASSERT_EQ(text(bob, say(alice, bob, "and so on")), "and so on");
  }
  /// With what the store has; that it remembers which envelopes it opened does not stop a thief.
  bool thief_opens(const store::MemoryClientStore& stolen, BytesView datum) {
    store::MemoryClientStore copy = stolen;
    const auto envelope = wire::unwrap_envelope(datum);
    const auto sealed = signal::unseal_sender(bob.identity.x25519, envelope->content);
    StoredState state(copy, bob.sealer, now);
    return signal::decrypt(state, address_of({sealed->from, sealed->device}), sealed->message, rng).has_value();
  }
};

TEST_F(StolenState, OpensNothingReceivedBeforeButWhatWasSkipped) {  // R2
  std::vector<Bytes> received;
  const Bytes skipped = say(alice, bob, "on its way for long");
  for (int i = 0; i < 10; ++i) {
    received.push_back(say(alice, bob, "word"));
    ASSERT_TRUE(hear(bob, received.back()));
    if (i % 3 != 0) continue;
    ASSERT_TRUE(hear(alice, say(bob, alice, "answer")));
  }
  const store::MemoryClientStore stolen = bob.store;
  for (const Bytes& each : received) EXPECT_FALSE(thief_opens(stolen, each));
  EXPECT_TRUE(thief_opens(stolen, skipped));
}

TEST_F(StolenState, OpensNothingNewAfterARoundTripUnwatched) {  // R3
  const store::MemoryClientStore stolen = bob.store;
  EXPECT_TRUE(thief_opens(stolen, say(alice, bob, "not healed yet")));
  ASSERT_TRUE(hear(alice, say(bob, alice, "there")));
  const Bytes back = say(alice, bob, "and back");
  ASSERT_TRUE(hear(bob, back));
  ASSERT_TRUE(hear(alice, say(bob, alice, "there again")));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(thief_opens(stolen, say(alice, bob, "healed")));
}

TEST_F(StolenState, AfterAResetOpensNothingNewEither) {
  const store::MemoryClientStore stolen = bob.store;
  now = now + days(2);  // a bundle made after the theft
  std::vector<Bytes> out;
  reset(alice, bob, out);
  EXPECT_FALSE(thief_opens(stolen, out[0]));
  ASSERT_TRUE(hear(bob, out[0]));
  EXPECT_FALSE(thief_opens(stolen, say(alice, bob, "anew")));
}

TEST_F(StolenState, PrivateHalvesOpenNothingAfter29Days) {  // profile.md 10.4
  Someone carol(rng, 33);
  const auto bundle = bundle_of(bob);
  now = kThen + days(14);
  ASSERT_TRUE(start_session(carol.store, carol.sealer, bundle, now, rng));
  const Bytes first = say(carol, bob, "the last moment"), second = say(carol, bob, "a day too late");
  now = kThen + days(29) - Millis{1};
  const store::MemoryClientStore away = bob.store;
  EXPECT_EQ(text(bob, first), "the last moment");
  bob.store = away;
  now = kThen + days(29);
  const auto late = hear(bob, second);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().error.code, ErrorCode::NotFound);
  EXPECT_EQ(late.error().from, carol.id());  // so that it is told, and healed
  EXPECT_TRUE(bob.store == away);
}

TEST_F(StolenState, ContentThatIsRefusedLeavesTheRatchetAsItWas) {  // R7
  wire::Content bad = words("caf\xe9");
  const Bytes datum = say(alice, bob, bad);
  const store::MemoryClientStore before = bob.store;
  const auto refused = hear(bob, datum);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.message, "body: not UTF-8");
  EXPECT_TRUE(bob.store == before);
  EXPECT_EQ(text(bob, say(alice, bob, "the next")), "the next");
}

TEST_F(StolenState, BundlesThatAreOldOrFromTheFutureAreNotUsed) {  // profile.md 10.4
  const Bytes bundle = make_bundle(alice.store, alice.sealer, 0, now, rng).value();
  const store::ContactRow contact{.id = alice.id(), .bundle_date = now};
  EXPECT_TRUE(usable_bundle(bundle, contact, now + days(14)));
  EXPECT_EQ(usable_bundle(bundle, contact, now + days(14) + Millis{1}).error().code, ErrorCode::Expired);
  EXPECT_EQ(usable_bundle(bundle, {.id = alice.id(), .bundle_date = now + Millis{1}}, now).error().code, ErrorCode::Expired);
  EXPECT_EQ(usable_bundle(bundle, contact, now - days(1) - Millis{1}).error().code, ErrorCode::Refused);
  EXPECT_EQ(usable_bundle(bundle, {.id = bob.id()}, now).error().code, ErrorCode::Unauthentic);
}

}  // namespace
}  // namespace session::client

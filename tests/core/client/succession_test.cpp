#include "core/client/succession.h"

#include "tests/core/client/two_people.h"

namespace session::client {
namespace {

class Successions : public TwoPeople {
 protected:
  signal::SessionFacts in_use(Someone& own, const Someone& other) {
    StoredState state(own.store, own.sealer, now);
    return signal::session_facts(state, address_of({other.id(), other.sealer.device})).value().value();
  }
  void meet() {
    begin(alice, bob);
    ASSERT_EQ(text(bob, say(alice, bob, "hello")), "hello");
    ASSERT_EQ(text(alice, say(bob, alice, "hello")), "hello");
  }
};

TEST_F(Successions, ALateMessageOpensButDoesNotTakeAResetBack) {  // client.md 2.7
  meet();
  const Bytes late = say(bob, alice, "late to alice"), late_too = say(alice, bob, "late to bob");
  std::vector<Bytes> out;
  reset(alice, bob, out);
  const auto fresh = in_use(alice, bob).base_key;
  const auto opened = hear(bob, out[0]);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(opened->begins_session && opened->resets_session);
  EXPECT_EQ(in_use(bob, alice).base_key, fresh);

  EXPECT_EQ(text(alice, late), "late to alice");
  EXPECT_EQ(in_use(alice, bob).base_key, fresh);
  EXPECT_EQ(text(bob, late_too), "late to bob");
  EXPECT_EQ(in_use(bob, alice).base_key, fresh);
  EXPECT_EQ(text(alice, say(bob, alice, "answer")), "answer");
  EXPECT_TRUE(in_use(alice, bob).is_answered);
}

TEST_F(Successions, AnOlderResetThatComesAfterANewerOneIsTooLate) {
  meet();
  std::vector<Bytes> out;
  reset(alice, bob, out);
  reset(alice, bob, out);
  const auto fresh = in_use(alice, bob).base_key;
  EXPECT_TRUE(hear(bob, out[1])->resets_session);
  const auto stale = hear(bob, out[0]);
  ASSERT_TRUE(stale);
  EXPECT_TRUE(stale->begins_session);
  EXPECT_FALSE(stale->resets_session);
  EXPECT_EQ(in_use(bob, alice).base_key, fresh);
}

TEST_F(Successions, ResetsAtOnceEndInOneSession) {
  for (int round = 0; round < 8; ++round) {
    SCOPED_TRACE(round);
    std::vector<Bytes> from_alice, from_bob;
    reset(alice, bob, from_alice);
    reset(bob, alice, from_bob);
    ASSERT_TRUE(hear(bob, from_alice[0]) && hear(alice, from_bob[0]));
    EXPECT_EQ(in_use(alice, bob).base_key, in_use(bob, alice).base_key);
    EXPECT_EQ(text(bob, say(alice, bob, "x")), "x");
    EXPECT_EQ(text(alice, say(bob, alice, "y")), "y");
    EXPECT_TRUE(in_use(alice, bob).is_answered && in_use(bob, alice).is_answered);
  }
}

TEST_F(Successions, AnyOrderOfResetsAndMessagesConverges) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE(seed);
    SeededRng dice(seed);
    rng = SeededRng(seed + 1000);
    alice.store = {};
    bob.store = {};
    std::vector<std::pair<bool, Bytes>> flying;  // to bob?
    for (int step = 0; step < 60; ++step) {
      const bool from_alice = dice.one_in(2);
      Someone &from = from_alice ? alice : bob, &to = from_alice ? bob : alice;
      const bool knows = has_session(from.store, from.sealer, to.id(), to.sealer.device).value();
      std::vector<Bytes> out;
      if (!knows || dice.one_in(8))
        reset(from, to, out);
      else if (dice.one_in(2))
        out.push_back(say(from, to, "word"));
      for (Bytes& each : out)
        if (!dice.one_in(6)) flying.emplace_back(from_alice, std::move(each));  // some are lost
      if (flying.empty() || dice.one_in(3)) continue;
      const auto at = flying.begin() + static_cast<std::ptrdiff_t>(dice.below(flying.size()));
      const auto opened = hear(at->first ? bob : alice, at->second);
      EXPECT_TRUE(opened) << opened.error().error.message;
      flying.erase(at);
    }
    for (const auto& [to_bob, datum] : flying) EXPECT_TRUE(hear(to_bob ? bob : alice, datum));
    if (!has_session(alice.store, alice.sealer, bob.id(), 22).value()) continue;
    for (int turn = 0; turn < 3; ++turn) {
      EXPECT_EQ(text(bob, say(alice, bob, "calm")), "calm");
      EXPECT_EQ(text(alice, say(bob, alice, "calm")), "calm");
    }
    EXPECT_EQ(in_use(alice, bob).base_key, in_use(bob, alice).base_key);
    EXPECT_TRUE(in_use(alice, bob).is_answered && in_use(bob, alice).is_answered);
  }
}

TEST_F(Successions, RetiredSessionsGoWhenNoMessageOfTheirsCanCome) {
  ASSERT_TRUE(bob.store.put_contact({.id = alice.id()}));
  meet();
  const Bytes late = say(alice, bob, "late");
  std::vector<Bytes> out;
  reset(alice, bob, out);
  ASSERT_TRUE(hear(bob, out[0]));
  const store::SignalPeer peer{alice.id(), 11};
  EXPECT_EQ(succession(bob.store, peer)->retired.size(), 1u);
  now = kThen + days(15);
  static_cast<void>(bundle_of(bob));
  EXPECT_TRUE(succession(bob.store, peer)->retired.empty());
  EXPECT_EQ(hear(bob, late).error().error.code, ErrorCode::Unauthentic);
  EXPECT_EQ(text(bob, say(alice, bob, "on")), "on");
}

TEST_F(Successions, AForgottenPersonLeavesNothing) {
  meet();
  std::vector<Bytes> out;
  reset(bob, alice, out);
  ASSERT_TRUE(forget_sessions(bob.store, alice.id()));
  EXPECT_TRUE(static_cast<store::ClientStore&>(bob.store).session_devices(alice.id())->empty());
  EXPECT_TRUE(succession(bob.store, {alice.id(), 11})->retired.empty());
}

}  // namespace
}  // namespace session::client

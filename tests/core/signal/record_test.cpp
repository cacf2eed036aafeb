#include "core/signal/record.h"

#include <gtest/gtest.h>

#include "tests/core/signal/people.h"

namespace session::signal {
namespace {

class Record : public testing::Test {
 protected:
  SeededRng rng{3};
  Person alice{"alice", rng}, bob{"bob", rng};
  void meet(std::size_t key = 0) { ASSERT_TRUE(start(alice.state, bob.address(), bob.bundle(key), rng)); }
  Ciphertext say(Person& from, const Person& to, std::string_view text) {
    return encrypt(from.state, to.address(), bytes_of(text), rng).value();
  }
  std::string hear(Person& to, const Person& from, const Ciphertext& message) {
    return text_of_plain(decrypt(to.state, from.address(), message, rng));
  }
  static std::vector<SessionFacts> kept(const Person& own, const Person& other) {
    return kept_sessions(own.state, other.address()).value();
  }
};

TEST_F(Record, NamesTheSessionInUseFirst) {
  EXPECT_TRUE(kept(alice, bob).empty());
  meet();
  const auto first = kept(alice, bob);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_FALSE(first[0].is_answered);
  meet(1);
  const auto both = kept(alice, bob);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[1], first[0]);
  EXPECT_EQ(*session_facts(alice.state, bob.address()).value(), both[0]);
}

TEST_F(Record, TheLibraryPutsAnOldSessionInUseAgainAndPromoteTakesThatBack) {  // client.md 14.10, 2.7
  meet();
  ASSERT_EQ(hear(bob, alice, say(alice, bob, "hello")), "hello");
  ASSERT_EQ(hear(alice, bob, say(bob, alice, "hello")), "hello");
  const auto late = say(alice, bob, "on its way for long");
  const auto old = kept(bob, alice)[0].base_key;
  meet(1);
  ASSERT_EQ(hear(bob, alice, say(alice, bob, "anew")), "anew");
  const auto fresh = kept(bob, alice)[0].base_key;
  ASSERT_NE(fresh, old);

  EXPECT_EQ(hear(bob, alice, late), "on its way for long");
  EXPECT_EQ(kept(bob, alice)[0].base_key, old);
  EXPECT_TRUE(promote(bob.state, alice.address(), fresh).value());
  ASSERT_EQ(kept(bob, alice).size(), 2u);
  EXPECT_EQ(kept(bob, alice)[0].base_key, fresh);
  EXPECT_EQ(kept(bob, alice)[1].base_key, old);

  // What was put back works in both directions, and so does the old one for what is late.
  EXPECT_EQ(hear(alice, bob, say(bob, alice, "heard")), "heard");
  EXPECT_EQ(kept(alice, bob)[0].base_key, fresh);
  EXPECT_EQ(hear(bob, alice, say(alice, bob, "good")), "good");
  EXPECT_EQ(decrypt(bob.state, alice.address(), late, rng).error().code, ErrorCode::Duplicate);
}

TEST_F(Record, WhatIsNotKeptCannotBePutInUseAndChangesNothing) {
  EXPECT_FALSE(promote(alice.state, bob.address(), BaseKey{}).value());
  EXPECT_TRUE(alice.state.sessions.empty());
  meet();
  const Bytes before = to_bytes(alice.state.sessions.at(bob.address()).bytes());
  EXPECT_FALSE(promote(alice.state, bob.address(), BaseKey{}).value());
  EXPECT_TRUE(promote(alice.state, bob.address(), kept(alice, bob)[0].base_key).value());
  EXPECT_EQ(to_bytes(alice.state.sessions.at(bob.address()).bytes()), before);
}

TEST_F(Record, OldSessionsAreForgottenButNeverTheOneInUse) {
  std::vector<BaseKey> all;
  for (int i = 0; i < 4; ++i) {
    meet();
    all.push_back(kept(alice, bob)[0].base_key);
  }
  EXPECT_EQ(drop(alice.state, bob.address(), {}).value(), 0u);
  EXPECT_EQ(drop(alice.state, bob.address(), std::vector{all[1], all[3], BaseKey{}}).value(), 1u);
  ASSERT_EQ(kept(alice, bob).size(), 3u);
  EXPECT_EQ(drop(alice.state, bob.address(), all).value(), 2u);
  ASSERT_EQ(kept(alice, bob).size(), 1u);
  EXPECT_EQ(kept(alice, bob)[0].base_key, all[3]);
  EXPECT_EQ(hear(bob, alice, say(alice, bob, "still here")), "still here");
}

TEST_F(Record, AtMost40EarlierSessionsAreKept) {  // reliability.md 5
  for (int i = 0; i < 45; ++i) meet();
  EXPECT_EQ(kept(alice, bob).size(), 41u);
}

TEST_F(Record, ABrokenRecordIsAnErrorEverywhere) {
  for (const Bytes& broken : {Bytes{}, Bytes(7, std::byte{0xff})}) {
    alice.state.sessions[bob.address()] = crypto::SecretBytes(broken);
    EXPECT_FALSE(kept_sessions(alice.state, bob.address()));
    EXPECT_FALSE(promote(alice.state, bob.address(), BaseKey{}).value_or(false));
    EXPECT_EQ(drop(alice.state, bob.address(), {}).value_or(0), 0u);
    EXPECT_EQ(to_bytes(alice.state.sessions.at(bob.address()).bytes()), broken);
  }
}

}  // namespace
}  // namespace session::signal

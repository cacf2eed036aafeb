#include <gtest/gtest.h>

#include <set>

#include "core/wire/hash.h"
#include "tests/core/client/fake_swarm.h"

namespace session::client {
namespace {

class Listening : public FakeWorld {
 protected:
  /// Online, with the first fetch answered.
  void go_online() {
    command(GoOnline{});
    while (const auto fetch = asked<wire::RetrieveRequest>())
      feed(swarm.answer(*fetch, wire::RetrieveAnswer{{}, false, head()}));
  }
  Bytes letter(std::string_view text, std::int64_t sent_at) {
    const auto bob = crypto::identity_of(BytesView(rng.bytes<16>()), crypto::Era::C);
    wire::Content content;
    content.data = wire::DataMessage{.body = std::string(text)};
    return seal_anonymously({bob, 1, 1}, client->id(), content, sent_at, rng).value();
  }
};

TEST_F(Listening, TwoMembersAreAskedThroughTwoGuards) {  // profile.md 8
  go_online();
  const auto first = asked<wire::ListenRequest>(), second = asked<wire::ListenRequest>();
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(asked<wire::ListenRequest>());
  EXPECT_NE(first->destination, second->destination);
  EXPECT_NE(first->guard, second->guard);
  EXPECT_EQ(std::get<wire::ListenRequest>(first->request).wait_ms, 20'000);
  EXPECT_GT(first->timeout, seconds(20));
  EXPECT_EQ(client->listening(), 2u);
}

TEST_F(Listening, GoesOnAfterEveryAnswerAndFromTheLastHash) {
  go_online();
  const auto first = asked<wire::ListenRequest>();
  const Bytes datum = letter("hello", now.unix_millis());
  const MessageHash hash = wire::message_hash(client->id().account, 0, datum);
  wire::ListenAnswer answer{.head = head()};
  answer.messages[0] = {{hash, now.unix_millis(), (now + days(4)).unix_millis(), datum}};
  feed(swarm.answer(*first, answer));
  EXPECT_EQ(events(EventType::Request).size(), 1u);
  std::optional<Question> again;
  while (const auto next = asked<wire::ListenRequest>())
    if (next->destination == first->destination) again = next;
  ASSERT_TRUE(again);
  EXPECT_EQ(std::get<wire::ListenRequest>(again->request).last_hashes.at(0), hash);
}

TEST_F(Listening, WhatWasHandedOverAndIsKeptAsWellIsTakenOnce) {
  go_online();
  const auto first = asked<wire::ListenRequest>(), second = asked<wire::ListenRequest>();
  const Bytes datum = letter("hello", now.unix_millis());
  wire::ListenAnswer handed{.head = head()}, kept{.head = head()};
  handed.relayed = {datum, datum};
  kept.messages[0] = {
      {wire::message_hash(client->id().account, 0, datum), now.unix_millis(), (now + days(4)).unix_millis(), datum}};
  feed(swarm.answer(*first, handed));
  feed(swarm.answer(*second, kept));
  EXPECT_EQ(events(EventType::Request).size(), 1u);
}

TEST_F(Listening, AMessageUnderAWrongNameIsNotBelieved) {
  go_online();
  const auto first = asked<wire::ListenRequest>();
  wire::ListenAnswer answer{.head = head()};
  answer.messages[0] = {{MessageHash{std::string(43, 'a')}, now.unix_millis(), (now + days(4)).unix_millis(),
                         letter("forged", now.unix_millis())}};
  feed(swarm.answer(*first, answer));
  EXPECT_TRUE(events(EventType::Request).empty());
}

TEST_F(Listening, ANodeThatFailsIsReplacedAndFailuresWithoutEndAreWaitedOut) {
  go_online();
  const auto first = asked<wire::ListenRequest>();
  feed(wire::CallFailed{first->call, wire::CallFailure::Timeout});
  pass(Millis{1});
  const auto replacement = asked<wire::ListenRequest>();  // the second of before, or the new one
  ASSERT_TRUE(replacement);
  EXPECT_EQ(client->listening(), 2u);
  std::size_t asked_for = 0;
  for (int i = 0; i < 200; ++i) {
    auto question = i == 0 ? replacement : asked<wire::ListenRequest>();
    if (!question) break;
    ++asked_for;
    feed(wire::CallFailed{question->call, wire::CallFailure::Timeout});
    pass(Millis{1});
  }
  EXPECT_LT(asked_for, 10u) << "hammering";
  pass(minutes(2));
  EXPECT_TRUE(asked<wire::ListenRequest>());
}

TEST_F(Listening, ANodeThatAnswersAtOnceAndBringsNothingIsLeft) {
  go_online();
  waiting.erase(std::remove_if(waiting.begin(), waiting.end(),
                               [](const auto& each) { return !std::holds_alternative<wire::ListenRequest>(each.request); }),
                waiting.end());
  const Bytes junk = to_bytes("what nobody can open");
  std::size_t asked_for = 0;
  for (int i = 0; i < 500; ++i) {
    const auto question = asked<wire::ListenRequest>();
    if (!question) break;
    ++asked_for;
    wire::ListenAnswer answer{.head = head()};
    if (i % 2 == 1) answer.relayed = {concat(junk, little(static_cast<std::uint64_t>(i)))};
    feed(swarm.answer(*question, answer));
  }
  EXPECT_LT(asked_for, 40u) << "hammering";
  pass(minutes(2));
  EXPECT_TRUE(asked<wire::ListenRequest>());
}

TEST_F(Listening, WhoIsAlwaysTheSecondToBringAMessageIsNotLeft) {
  go_online();
  const auto first = asked<wire::ListenRequest>(), second = asked<wire::ListenRequest>();
  ASSERT_TRUE(first && second);
  std::map<NodeId, Question> questions = {{first->destination, *first}, {second->destination, *second}};
  for (int i = 0; i < 50; ++i) {
    wire::ListenAnswer answer{.head = head()};
    answer.relayed = {letter("hello", now.unix_millis())};
    for (const NodeId node : {first->destination, second->destination}) {
      feed(swarm.answer(questions.at(node), answer));
      const auto again = asked<wire::ListenRequest>();
      ASSERT_TRUE(again) << "no longer asked after message " << i;
      ASSERT_EQ(again->destination, node) << "another was asked after message " << i;
      questions.at(node) = *again;
    }
    pass(seconds(1));
  }
}

TEST_F(Listening, WhoRepeatsWhatIsKnownIsLeft) {
  go_online();
  const auto first = asked<wire::ListenRequest>(), second = asked<wire::ListenRequest>();
  ASSERT_TRUE(first && second);
  wire::ListenAnswer answer{.head = head()};
  answer.relayed = {letter("hello", now.unix_millis())};
  feed(swarm.answer(*first, answer));
  feed(swarm.answer(*second, answer));
  std::size_t asked_for = 0;
  for (int i = 0; i < 500; ++i) {
    const auto question = asked<wire::ListenRequest>();
    if (!question) break;
    ++asked_for;
    feed(swarm.answer(*question, answer));
  }
  EXPECT_LT(asked_for, 40u) << "hammering";
}

TEST_F(Listening, WhereNoNodeKnowsTheMethodTheMailboxIsFetchedByTheClock) {  // the live network's nodes
  go_online();
  std::set<NodeId> deaf;
  while (const auto question = asked<wire::ListenRequest>()) {
    EXPECT_TRUE(deaf.insert(question->destination).second) << "asked twice";
    feed(swarm.answer(*question, 400, bytes_of("no method listen")));
  }
  EXPECT_GT(deaf.size(), 4u);
  EXPECT_EQ(client->listening(), 0u);
  const auto fetch_all = [&] {
    int fetches = 0;
    while (const auto fetch = asked<wire::RetrieveRequest>()) {
      feed(swarm.answer(*fetch, wire::RetrieveAnswer{{}, false, head()}));
      ++fetches;
    }
    return fetches;
  };
  EXPECT_GT(fetch_all(), 0);
  pass(seconds(5));
  EXPECT_GT(fetch_all(), 0);
  EXPECT_FALSE(asked<wire::ListenRequest>());
  pass(hours(1));
  fetch_all();
  EXPECT_TRUE(asked<wire::ListenRequest>()) << "they may be newer by now";
}

TEST_F(Listening, WhoDoesNotKnowTheMethodIsPassedOver) {  // one node of an older version, or that says so
  go_online();
  const auto first = asked<wire::ListenRequest>();
  feed(swarm.answer(*first, 400, bytes_of("no method listen")));
  EXPECT_EQ(client->listening(), 2u);
  const auto second = asked<wire::ListenRequest>(), third = asked<wire::ListenRequest>();
  ASSERT_TRUE(second && third);
  EXPECT_NE(second->destination, first->destination);
  EXPECT_NE(third->destination, first->destination);
  feed(swarm.answer(*second, wire::ListenAnswer{.head = head()}));
  while (const auto fetch = asked<wire::RetrieveRequest>()) feed(swarm.answer(*fetch, wire::RetrieveAnswer{{}, false, head()}));
  pass(minutes(1));
  EXPECT_FALSE(asked<wire::RetrieveRequest>()) << "who listens looks only now and then";
}

TEST_F(Listening, AClockThatWasSetBackKeepsNobodyFromListening) {
  go_online();
  for (int i = 0; i < 20; ++i)
    if (const auto question = asked<wire::ListenRequest>()) feed(wire::CallFailed{question->call, wire::CallFailure::Timeout});
  ASSERT_EQ(client->listening(), 0u);
  now = now - hours(1);
  feed(wire::Woken{4});  // the pause is over, by a clock that nobody sets
  EXPECT_EQ(client->listening(), 2u);
}

TEST_F(Listening, EndsWhenOneGoesOffline) {
  go_online();
  const auto first = asked<wire::ListenRequest>();
  command(GoOffline{});
  EXPECT_EQ(client->listening(), 0u);
  feed(swarm.answer(*first, wire::ListenAnswer{.head = head()}));
  while (asked<wire::ListenRequest>()) {
  }
  pass(minutes(10));
  EXPECT_FALSE(asked<wire::ListenRequest>());
}

TEST_F(Listening, WhoListensIsIdle) {
  go_online();
  while (const auto stored = asked<wire::StoreRequest>()) {
    const auto& request = std::get<wire::StoreRequest>(stored->request);
    feed(swarm.answer(*stored, swarm.kept(request, wire::message_hash(request.account, request.ns, request.data))));
  }
  EXPECT_EQ(client->listening(), 2u);
  EXPECT_TRUE(client->is_idle());
}

TEST_F(Listening, AWrongClockIsNoticedAskedForAndReckonedWith) {
  go_online();
  const auto first = asked<wire::ListenRequest>(), second = asked<wire::ListenRequest>();
  feed(swarm.answer(*first, 406, bytes_of("listen timestamp too far from current time")));
  std::vector<Question> infos;
  while (const auto info = asked<wire::InfoRequest>()) infos.push_back(*info);
  ASSERT_EQ(infos.size(), Clock::kFarNodes);
  for (const auto& info : infos)
    feed(swarm.answer(info, wire::InfoAnswer{{2, 6, 2}, (now + hours(2)).unix_millis(), head(hours(2))}));
  EXPECT_EQ(client->clock().offset(), hours(2));
  ASSERT_EQ(events(EventType::Clock).size(), 1u);
  waiting.clear();  // what left before
  feed(swarm.answer(*second, wire::ListenAnswer{.head = head(hours(2))}));
  const auto next = asked<wire::ListenRequest>();
  ASSERT_TRUE(next);
  EXPECT_EQ(std::get<wire::ListenRequest>(next->request).auth.timestamp, (now + hours(2)).unix_millis());
}

}  // namespace
}  // namespace session::client

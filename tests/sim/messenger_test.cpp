// What people do to messages, through the whole network: both sides end with the same conversation.
#include <algorithm>
#include <map>

#include "core/client/event.h"
#include "tests/sim/friends.h"

namespace session::sim {
namespace {

using client::EventType;

class Messenger : public Friends {
 protected:
  void SetUp() override { befriend("hello"); }
  int told(MachineIndex who, EventType type) {
    const auto rows = world.account(who).events().value();
    return static_cast<int>(std::count_if(
        rows.begin(), rows.end(), [&](const store::EventRow& row) { return client::parse_event(row.text)->type == type; }));
  }
  [[nodiscard]] client::State state(MachineIndex who, std::uint64_t delivery) {
    return static_cast<client::State>(world.account(who).outbox(delivery)->value().state);
  }
};

TEST_F(Messenger, EverythingThatIsDoneToAMessageArrives) {
  run(alice, client::Send{id(bob), "first words"});
  pass();
  const auto theirs = last(bob);
  EXPECT_EQ(theirs.body, "first words");
  EXPECT_TRUE(theirs.forward_secrecy);
  EXPECT_EQ(theirs.number, 1u);
  EXPECT_EQ(state(alice, last(alice).outbox), client::State::Fetched);
  const auto ours = last(alice);

  run(bob, client::React{theirs.id, "x"});
  const auto edit = run(alice, client::Edit{ours.id, "other words"});
  run(bob, client::Send{id(alice), "an answer to @" + id(alice).hex(), {}, theirs.id});
  pass();
  EXPECT_EQ(state(alice, edit.delivery), client::State::Fetched);
  EXPECT_EQ(messages(bob)[1].body, "other words");
  EXPECT_EQ(world.account(bob).edits(theirs.id).value(), world.account(alice).edits(ours.id).value());
  EXPECT_EQ(messages(alice)[1].reactions, messages(bob)[1].reactions);
  EXPECT_EQ(messages(alice)[1].reactions.size(), 1u);
  EXPECT_EQ(last(alice).quote, last(bob).quote);
  EXPECT_EQ(last(alice).quote->text, "first words");
  EXPECT_TRUE(last(alice).mentions_us);

  run(alice, client::Unsend{ours.id});
  pass();
  EXPECT_TRUE(messages(bob)[1].unsent);
  EXPECT_EQ(messages(bob)[1].body, "");
  EXPECT_EQ(last(alice).quote->text, "");
  EXPECT_EQ(last(bob).quote->text, "");
  for (const auto type : {EventType::Edited, EventType::Unsent}) EXPECT_EQ(told(bob, type), 1) << client::name_of(type);
  EXPECT_EQ(told(alice, EventType::Reaction), 1);
  EXPECT_EQ(told(alice, EventType::Gap) + told(bob, EventType::Gap), 0);
}

TEST_F(Messenger, ReadReceiptsAreGivenAndTakenWhereTheyAreWanted) {
  run(alice, client::Send{id(bob), "one"});
  pass();
  run(bob, client::MarkRead{id(alice)});
  pass();
  EXPECT_EQ(told(alice, EventType::Read), 0);
  for (const auto who : {alice, bob}) run(who, client::Settings{true, true});
  run(alice, client::Send{id(bob), "two"});
  pass();
  run(bob, client::MarkRead{id(alice)});
  pass();
  EXPECT_EQ(told(alice, EventType::Read), 1);
  EXPECT_EQ(state(alice, last(alice).outbox), client::State::Read);
  EXPECT_NE(last(alice).read, Instant{});
}

TEST_F(Messenger, TheTimerIsOneForBothAndMessagesGoOnBothSides) {
  run(alice, client::SetTimer{id(bob), 60});
  pass();
  EXPECT_EQ(world.account(bob).conversation(id(alice))->value().timer_s, 60u);
  EXPECT_EQ(told(bob, EventType::Timer), 1);
  run(bob, client::Send{id(alice), "soon gone"});
  pass();
  EXPECT_EQ(last(alice).expiry, last(bob).expiry);
  EXPECT_EQ(last(alice).body, "soon gone");
  pass(seconds(60));
  EXPECT_EQ(last(alice).body, "hello");
  EXPECT_EQ(last(bob).body, "hello");
}

TEST_F(Messenger, BothHoldTheOthersToken) {
  run(alice, client::Send{id(bob), "one"});
  pass();
  const auto of = [&](MachineIndex who) { return world.account(who).contact(id(who == alice ? bob : alice))->value(); };
  EXPECT_EQ(of(alice).own_token, of(bob).their_token);
  EXPECT_EQ(of(bob).own_token, of(alice).their_token);
  EXPECT_EQ(of(alice).own_token.size(), 32u);
}

TEST_F(Messenger, ASessionThatWasLostIsHealedAndTheConversationGoesOn) {  // profile.md 7
  run(alice, client::Send{id(bob), "one"});
  pass();
  const auto devices = world.account(bob).session_devices(id(alice)).value();
  for (const std::uint32_t device : devices)  // as a damaged store would
    ASSERT_TRUE(world.account(bob).remove_session({id(alice), device}));
  run(alice, client::Send{id(bob), "unread"});
  pass(minutes(2));
  EXPECT_EQ(told(bob, EventType::Undecryptable), 1);
  EXPECT_EQ(told(alice, EventType::Reset), 1);
  run(alice, client::Send{id(bob), "after it"});
  pass();
  run(bob, client::Send{id(alice), "an answer"});
  pass();
  EXPECT_EQ(last(alice).body, "an answer");
  EXPECT_EQ(messages(bob)[messages(bob).size() - 2].body, "after it");
  EXPECT_TRUE(last(alice).forward_secrecy && last(bob).forward_secrecy);
  EXPECT_EQ(world.client(bob).health_of(id(alice), world.account(bob))->state, client::Client::Health::State::Sound);
}

TEST_F(Messenger, WhoComesBackAfterAMonthGoesOnAndIsToldOfWhatIsGone) {
  run(alice, client::Send{id(bob), "one"});
  pass();
  world.set_down(bob, true, nullptr);
  for (const char* lost : {"two", "three"}) run(alice, client::Send{id(bob), lost});  // kept for four days, and no longer
  pass(minutes(2));
  // Alice and the nodes sleep meanwhile: what they do in a month is not what this is about.
  const auto sleep = [&](bool down) {
    world.set_down(alice, down, nullptr);
    for (std::size_t i = 0; i < world.nodes(); ++i) world.set_down(world.node(i), down, nullptr);
  };
  sleep(true);
  pass(days(30));
  sleep(false);
  pass(minutes(5));
  run(alice, client::GoOnline{});
  run(alice, client::Send{id(bob), "four"});
  pass(minutes(5));
  world.set_down(bob, false, nullptr);
  run(bob, client::GoOnline{});
  pass(minutes(5));
  EXPECT_EQ(last(bob).body, "four");
  EXPECT_EQ(told(bob, EventType::Undecryptable), 0);
  EXPECT_EQ(told(bob, EventType::Gap), 1);
  run(bob, client::Send{id(alice), "back"});
  pass();
  EXPECT_EQ(last(alice).body, "back");
  EXPECT_TRUE(last(alice).forward_secrecy);
}

TEST_F(Messenger, WhatIsTakenBackOnItsWayLeavesNeitherWordsNorAGap) {
  world.set_down(alice, true, nullptr);
  run(alice, client::Send{id(bob), "regretted"});  // sealed at once, and numbered
  run(alice, client::Unsend{last(alice).id});
  run(alice, client::Send{id(bob), "meant"});
  world.set_down(alice, false, nullptr);
  run(alice, client::GoOnline{});
  pass(minutes(3));
  ASSERT_EQ(messages(bob).size(), 3u);
  int taken_back = 0, meant = 0;  // in the order in which they came, which is anyone's
  for (const auto& row : messages(bob)) {
    EXPECT_NE(row.body, "regretted");
    taken_back += row.unsent && row.body.empty() ? 1 : 0;
    meant += row.body == "meant" ? 1 : 0;
  }
  EXPECT_EQ(taken_back, 1);
  EXPECT_EQ(meant, 1);
  EXPECT_EQ(told(bob, EventType::Gap), 0);
}

/// How often each method was asked for, by one person.
class Methods final : public TraceReader {
 public:
  explicit Methods(MachineIndex who) : who_(who) {}
  void on(const trace::Record& record) override {
    const auto* sent = std::get_if<trace::OnionSent>(&record.fact);
    if (sent != nullptr && record.who == who_) ++of[sent->method];
  }
  std::map<std::string, int> of;

 private:
  MachineIndex who_;
};

TEST_F(Messenger, WhoOnlyListensLearnsOfNewListsOfNodes) {
  Methods methods(bob);
  world.set_down(alice, true, nullptr);  // nobody writes
  world.run_until(world.now() + minutes(65), &methods);
  EXPECT_GT(methods.of["listen"], 100);
  EXPECT_GE(methods.of["get_service_nodes"], 1);
}

}  // namespace
}  // namespace session::sim

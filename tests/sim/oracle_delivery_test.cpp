#include "core/client/event.h"
#include "tests/sim/court.h"

namespace session::sim {
namespace {

class DeliveryOracle : public Judged {};

TEST_F(DeliveryOracle, FindsWhatIsToldTwice) {  // D2
  const auto events = world.account(bob).events().value();
  ASSERT_EQ(client::parse_event(events.back().text)->type, client::EventType::Message);
  ASSERT_TRUE(world.account(bob).add_event(events.back().text));
  oracles.check();
  EXPECT_EQ(found(), "D2");
}

TEST_F(DeliveryOracle, LetsAnOldCopyTellAgainOnce) {  // D2
  const auto tells = [&] {
    const auto events = world.account(bob).events().value();
    ASSERT_TRUE(world.account(bob).add_event(events.back().text));
    oracles.check();
  };
  world.back_up(bob);
  world.set_down(bob, true, reader);
  world.change_disk(bob, World::Disk::Old, reader);
  world.set_down(bob, false, reader);
  tells();
  EXPECT_EQ(found(), "") << "it does not know that it was told before";
  tells();
  EXPECT_EQ(found(), "D2");
}

TEST_F(DeliveryOracle, FindsTheSameMessageOfAnotherDevice) {  // D2: the mutant that drops the device from the key
  auto row = last(bob);
  ++row.device;
  ASSERT_TRUE(world.account(bob).add_message(row)->is_new);
  oracles.check();
  EXPECT_EQ(found(), "D2");
}

// --- two devices of one person ---------------------------------------------------------------------------------------------

/// Bob's phrase is restored on a second device while the first goes on.
class TwoDevices : public DeliveryOracle {
 protected:
  MachineIndex second{};
  void SetUp() override {
    DeliveryOracle::SetUp();
    second = *world.restore_person("Bob-2", bob, reader);
    run(second, client::GoOnline{});
    pass(minutes(1));
    ASSERT_EQ(id(second), id(bob));
  }
};

TEST_F(TwoDevices, WhatOneOfThemGotIsThere) {
  run(alice, client::Send{id(bob), "to either of you"});
  run(second, client::Ask{id(alice), "my other device"});
  pass(minutes(2));
  run(alice, client::Send{id(bob), "and again"});
  pass(minutes(2));
  run(second, client::Send{id(alice), "it is heard here"});
  run(bob, client::Send{id(alice), "and here"});
  pass(minutes(3));
  oracles.judge(minutes(3));
  for (const Violation& violation : oracles.violations()) ADD_FAILURE() << violation.oracle << ": " << violation.what;
  std::size_t from_bob = 0;
  for (const auto& row : messages(alice)) from_bob += row.outgoing ? 0U : 1U;
  EXPECT_EQ(from_bob, 3u);
}

TEST_F(TwoDevices, FindsWhatNoneOfThemGotOrWrote) {  // D4, D3
  const auto words = last(bob);
  ASSERT_TRUE(world.account(bob).remove_message(words.id).value());
  oracles.check();
  EXPECT_EQ(found(), "D4");
  auto row = words;
  row.sent_at = row.sent_at + seconds(1);
  ASSERT_TRUE(world.account(second).add_message(row)->is_new);
  oracles.check();
  EXPECT_EQ(found(), "D4 D3");
}

TEST_F(TwoDevices, FindsWhatOneOfThemHasTwice) {  // D2
  auto row = last(bob);
  ASSERT_TRUE(world.account(second).add_message(row)->is_new);
  oracles.check();
  EXPECT_EQ(found(), "") << "each once";
  ++row.device;
  ASSERT_TRUE(world.account(second).add_message(row)->is_new);
  oracles.check();
  EXPECT_EQ(found(), "D2");
}

TEST_F(DeliveryOracle, FindsWhatIsShownThoughItWasTakenBack) {  // D2
  run(alice, client::Unsend{last(alice).id});
  pass(minutes(1));
  oracles.judge(minutes(1));
  ASSERT_EQ(found(), "");
  ASSERT_TRUE(last(bob).unsent);
  auto row = last(bob);
  row.unsent = false;
  ASSERT_TRUE(world.account(bob).update_message(row));
  oracles.judge(minutes(1));
  EXPECT_EQ(found(), "D2");
}

TEST_F(DeliveryOracle, FindsWhatIsLost) {  // D2 when it is calm, D4 at once: Alice was told that it arrived
  const auto row = last(bob);
  ASSERT_TRUE(world.account(bob).remove_message(row.id).value());
  oracles.judge(minutes(1));
  EXPECT_EQ(found(), "D4 D2");
}

TEST_F(DeliveryOracle, FindsWhatIsLostThoughNobodyClaimsMore) {
  world.set_down(bob, true, &oracles);
  run(alice, client::Send{id(bob), "into the dark"});
  pass(minutes(1));
  EXPECT_EQ(found(), "");
  oracles.judge(minutes(1));  // a calm in which Bob was away: the judge is told too early, and says so
  EXPECT_EQ(found(), "D2");
}

TEST_F(DeliveryOracle, LetsAuthorsBeToldThatItFailed) {
  world.set_down(bob, true, &oracles);
  run(alice, client::Send{id(bob), "never to arrive"});
  pass(minutes(1));
  auto row = last(alice);
  row.state = static_cast<std::int32_t>(client::State::Expired);
  ASSERT_TRUE(world.account(alice).update_message(row));
  oracles.judge(minutes(1));
  EXPECT_EQ(found(), "");
}

TEST_F(DeliveryOracle, FindsWordsThatNobodyWrote) {  // D3
  auto row = last(bob);
  row.sent_at = row.sent_at + seconds(1);
  ASSERT_TRUE(world.account(bob).add_message(row)->is_new);
  oracles.check();
  EXPECT_EQ(found(), "D3");
}

TEST_F(DeliveryOracle, LetsTwoAskEachOther) {  // either's request is a message to the other
  const auto carol = *world.add_person("Carol", {}, &oracles);
  run(carol, client::GoOnline{});
  pass();
  run(carol, client::Ask{id(alice), "Carol here, as it happens"});
  run(alice, client::Ask{id(carol), "Alice here, as it happens"});
  pass(minutes(1));
  EXPECT_EQ(found(), "");
  EXPECT_EQ(world.account(carol).messages(id(alice)).value().size(), 2u);
}

TEST_F(DeliveryOracle, FindsWordsThatWereChanged) {  // D3
  auto row = last(bob);
  row.body = "other words";
  ASSERT_TRUE(world.account(bob).update_message(row));
  oracles.check();
  EXPECT_EQ(found(), "D3");
}

TEST_F(DeliveryOracle, FindsAClaimOfDeliveryThatIsNotTrue) {  // D4
  world.set_down(bob, true, &oracles);
  run(alice, client::Send{id(bob), "too early a tick"});
  pass();
  auto row = last(alice);
  row.state = static_cast<std::int32_t>(client::State::Fetched);
  ASSERT_TRUE(world.account(alice).update_message(row));
  oracles.check();
  EXPECT_EQ(found(), "D4");
}

TEST_F(DeliveryOracle, FindsAMessageThatWasHandedOverAndForgotten) {  // D5: the mutant that trusts whoever listens
  note(trace::DeliveryMoved{77, id(bob), "relaying", "handed", ""}, alice);
  pass(seconds(14));
  EXPECT_EQ(found(), "");
  pass(seconds(2));
  EXPECT_EQ(found(), "D5");
}

TEST_F(DeliveryOracle, FindsADeliveryThatNeverEnds) {  // L3: the mutant that does not arm a retry
  world.set_link({Millis{20}, Millis{30}, 1'000'000});
  run(alice, client::Send{id(bob), "without a network"});
  pass(minutes(1));
  oracles.judge(minutes(1));
  EXPECT_EQ(found(), "D2 L3");
}

}  // namespace
}  // namespace session::sim

#include "tests/core/client/talk.h"

namespace session::client {
namespace {

class Conversations : public Talk {
 protected:
  void SetUp() override {
    Talk::SetUp();
    befriend(bob);
  }
};

TEST_F(Conversations, AreKeptAboutPeopleWhoAreThere) {
  Stranger carol(rng);
  for (const Command& command :
       std::initializer_list<Command>{Draft{carol.id(), "x"}, SetTimer{carol.id(), 60}, SetLifetime{carol.id(), days(1)},
                                      Pin{carol.id()}, Mute{carol.id(), at(1000)}, Archive{carol.id()}})
    EXPECT_NE(refusal(command), "");
  EXPECT_NE(refusal(SetTimer{bob.id(), 30 * 24 * 3600 + 1}).find("30 days"), std::string::npos);
  EXPECT_NE(refusal(SetLifetime{bob.id(), hours(11)}).find("12 hours"), std::string::npos);
  EXPECT_NE(refusal(SetLifetime{bob.id(), days(15)}), "");
  EXPECT_NE(refusal(Mute{bob.id(), at(-1)}), "");
  EXPECT_NE(refusal(Draft{bob.id(), "\xff"}), "");
  EXPECT_NE(refusal(Draft{bob.id(), "x", 999}), "");
}

TEST_F(Conversations, ADraftSurvivesWithItsQuote) {  // ux 16
  const auto quoted = last(bob.id());
  ASSERT_EQ(refusal(Draft{bob.id(), "half a wo", quoted.id}), "");
  open();
  comes(bob, text("in between"), ms(1));
  ASSERT_EQ(refusal(Edit{0, "x"}), "there is no message 0");
  EXPECT_EQ(conversation(bob.id()).draft, "half a wo");
  EXPECT_EQ(conversation(bob.id()).draft_quote, (store::MessageRef{bob.id(), quoted.sent_at}));
  ASSERT_EQ(refusal(Draft{bob.id(), ""}), "");
  EXPECT_EQ(conversation(bob.id()).draft, "");
  EXPECT_FALSE(conversation(bob.id()).draft_quote);
}

TEST_F(Conversations, TheTimerIsToldAndMessagesDisappear) {
  const auto timer = run(SetTimer{bob.id(), 60});
  ASSERT_EQ(leaving(Kind::Timer).size(), 1u);
  EXPECT_EQ(leaving(Kind::Timer)[0].id, timer.delivery);
  const auto content = said(leaving(Kind::Timer)[0]);
  EXPECT_EQ(content.data->flags, wire::flags::kExpirationTimerUpdate);
  EXPECT_EQ(content.expiration_timer_s, 60u);
  ASSERT_EQ(refusal(Send{bob.id(), "soon gone"}), "");
  const auto gone = last(bob.id());
  EXPECT_EQ(gone.expiry, gone.sent_at + seconds(60));
  ASSERT_EQ(refusal(SetTimer{bob.id(), 0}), "");
  ASSERT_EQ(refusal(Send{bob.id(), "stays"}), "");
  now = now + seconds(61);
  wake(kExpiry);
  EXPECT_FALSE(rows().message(gone.id).value());
  EXPECT_EQ(static_cast<State>(rows().outbox(gone.outbox)->value().state), State::Expired) << "an empty one is not sent";
  EXPECT_EQ(last(bob.id()).body, "stays");
}

TEST_F(Conversations, TheTimerWakesTheClient) {
  ASSERT_EQ(refusal(SetTimer{bob.id(), 60}), "");
  wire::Effects effects;
  ASSERT_TRUE(client->command(Send{bob.id(), "soon gone"}, {now, rng, store, effects}));
  const auto list = effects.take();
  const bool woken = std::any_of(list.begin(), list.end(), [&](const wire::Effect& effect) {
    const auto* wake = std::get_if<wire::Wake>(&effect);
    return wake != nullptr && wake->timer == kExpiry && wake->at >= now + seconds(59) && wake->at <= now + seconds(61);
  });
  EXPECT_TRUE(woken);
}

TEST_F(Conversations, TheLifetimeIsTheConversations) {
  ASSERT_EQ(refusal(SetLifetime{bob.id(), days(14)}), "");
  ASSERT_EQ(refusal(Send{bob.id(), "x"}), "");
  ASSERT_EQ(refusal(Send{bob.id(), "y", hours(1)}), "");
  ASSERT_EQ(refusal(SetLifetime{bob.id(), {}}), "");
  ASSERT_EQ(refusal(Send{bob.id(), "z"}), "");
  const auto leaves = leaving(Kind::Message);
  ASSERT_EQ(leaves.size(), 3u);
  EXPECT_EQ(leaves[0].ttl, days(14));
  EXPECT_EQ(leaves[1].ttl, hours(1));
  EXPECT_EQ(leaves[2].ttl, days(4));
}

TEST_F(Conversations, ANewMessageBringsAnArchivedOneBackUnlessItIsMuted) {
  ASSERT_EQ(refusal(Archive{bob.id()}), "");
  ASSERT_EQ(refusal(Mute{bob.id(), at(1000)}), "");
  comes(bob, text("one"), ms(1));
  EXPECT_TRUE(conversation(bob.id()).archived);
  EXPECT_EQ(conversation(bob.id()).unread, 2u);
  now = now + seconds(1);
  comes(bob, text("two"), ms(2));
  EXPECT_FALSE(conversation(bob.id()).archived);
}

TEST_F(Conversations, APinRemembersSinceWhen) {
  ASSERT_EQ(refusal(Pin{bob.id()}), "");
  const Instant since = now;
  now = now + hours(1);
  ASSERT_EQ(refusal(Pin{bob.id()}), "");
  EXPECT_EQ(conversation(bob.id()).pinned, since);
  ASSERT_EQ(refusal(Pin{bob.id(), false}), "");
  EXPECT_EQ(conversation(bob.id()).pinned, Instant{});
}

TEST_F(Conversations, TheNewNameOutlivesTheProgram) {
  EXPECT_NE(refusal(Rename{" "}), "");
  EXPECT_NE(refusal(Rename{"a\nb"}), "");
  ASSERT_EQ(refusal(Rename{"Alice L."}), "");
  EXPECT_EQ(client->name(), "Alice L.");
  open();
  EXPECT_EQ(client->name(), "Alice L.");
}

TEST_F(Conversations, AGapIsToldAfterAMinuteAndWhenItIsFilled) {
  const auto numbered = [&](std::uint32_t number) {
    auto content = text("number " + std::to_string(number));
    content.number = number;
    return sealed(bob, content, ms(number));
  };
  std::vector<Bytes> all;
  for (std::uint32_t number = 1; number <= 6; ++number) all.push_back(numbered(number));
  const auto arrive = [&](std::uint32_t number) {
    put(store, all[number - 1]);
    open();
  };
  arrive(1);
  arrive(4);
  EXPECT_EQ(contact(bob.id()).missing, (std::vector<std::uint32_t>{2, 3}));
  wake(kExpiry);
  EXPECT_TRUE(events(EventType::Gap).empty()) << "it may be on its way";
  arrive(2);
  now = now + minutes(1);
  wake(kExpiry);
  wake(kExpiry);
  ASSERT_EQ(events(EventType::Gap).size(), 1u);
  EXPECT_EQ(events(EventType::Gap)[0].text, "1");
  EXPECT_TRUE(events(EventType::Filled).empty());
  arrive(3);
  ASSERT_EQ(events(EventType::Filled).size(), 1u);
  EXPECT_EQ(events(EventType::Filled)[0].text, "0");
  arrive(6);
  arrive(5);
  now = now + minutes(2);
  wake(kExpiry);
  EXPECT_EQ(events(EventType::Gap).size(), 1u) << "it was filled within the minute";
  EXPECT_TRUE(contact(bob.id()).missing.empty());
}

TEST_F(Conversations, AHugeNumberMakesNoHugeGap) {
  auto content = text("x");
  content.number = 1;
  comes_sealed(bob, content, ms(1));
  content.number = 4'000'000'000;
  comes_sealed(bob, content, ms(2));
  EXPECT_EQ(contact(bob.id()).missing.size(), 256u);
  EXPECT_EQ(contact(bob.id()).missing.back(), 3'999'999'999u);
}

}  // namespace
}  // namespace session::client

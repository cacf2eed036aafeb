#include "core/client/change.h"
#include "tests/core/client/talk.h"

namespace session::client {
namespace {

class People : public Talk {};

TEST_F(People, ARequestIsAcceptedAndAnswered) {
  comes(bob, text("may I?"), ms(-1000));
  EXPECT_EQ(state(bob.id()), ContactState::Asking);
  ASSERT_EQ(events(EventType::Request).size(), 1u);
  EXPECT_EQ(events(EventType::Request)[0].text, "may I?");
  EXPECT_TRUE(leaving(Kind::Receipt).empty()) << "a stranger learns nothing";
  EXPECT_TRUE(contact(bob.id()).own_token.empty());
  const auto outcome = run(Accept{bob.id()});
  EXPECT_EQ(state(bob.id()), ContactState::Accepted);
  ASSERT_EQ(leaving(Kind::Answer).size(), 1u);
  EXPECT_EQ(leaving(Kind::Answer)[0].id, outcome.delivery);
  EXPECT_EQ(contact(bob.id()).own_token.size(), 32u);
  EXPECT_NE(refusal(Accept{bob.id()}), "");
}

TEST_F(People, AReplyAcceptsTheRequest) {  // ux 11
  comes(bob, text("may I?"), ms(-1000));
  ASSERT_EQ(refusal(Send{bob.id(), "yes"}), "");
  EXPECT_EQ(state(bob.id()), ContactState::Accepted);
  EXPECT_EQ(leaving(Kind::Answer).size(), 1u);
  EXPECT_EQ(leaving(Kind::Message).size(), 1u);
}

TEST_F(People, RequestsThatCrossAreAccepted) {
  ASSERT_EQ(refusal(Ask{bob.id(), "hello"}), "");
  comes(bob, text("hello you"), ms(-1000));
  EXPECT_EQ(state(bob.id()), ContactState::Accepted);
  EXPECT_EQ(events(EventType::Accepted).size(), 1u);
  EXPECT_EQ(events(EventType::Message).size(), 1u);
}

TEST_F(People, AnyWordAcceptsOurRequestEvenALateOne) {
  ASSERT_EQ(refusal(Ask{bob.id(), "hello"}), "");
  now = now + days(4) + hours(1);
  wake(kUpkeep);
  EXPECT_EQ(state(bob.id()), ContactState::Expired);
  wire::Content answer;
  answer.request_response = wire::MessageRequestResponse{true, {}, wire::Profile{"Bob", ""}};
  comes(bob, answer, ms());
  EXPECT_EQ(state(bob.id()), ContactState::Accepted);
  EXPECT_EQ(contact(bob.id()).name, "Bob");
  ASSERT_EQ(leaving(Kind::Receipt).size(), 1u);
}

TEST_F(People, ANoIsNoYes) {
  ASSERT_EQ(refusal(Ask{bob.id(), "hello"}), "");
  wire::Content answer;
  answer.request_response = wire::MessageRequestResponse{false, {}, std::nullopt};
  comes(bob, answer, ms());
  EXPECT_EQ(state(bob.id()), ContactState::Asked);
}

TEST_F(People, WhatIsNoWordsMakesNoAcquaintance) {
  wire::Content receipt, typing, answer, beyond;
  receipt.receipt = wire::ReceiptMessage{wire::ReceiptMessage::Type::Delivery, {1}};
  typing.typing = wire::TypingMessage{static_cast<std::uint64_t>(ms()), wire::TypingMessage::Action::Started};
  answer.request_response = wire::MessageRequestResponse{true, {}, wire::Profile{"Mallory", ""}};
  beyond.data = wire::DataMessage{.flags = wire::flags::kEndSession};
  for (const auto& content : {receipt, typing, answer, beyond, changed(Kind::Edit, bob.id(), ms(), "x"),
                              changed(Kind::Reaction, client->id(), ms(), "x"), text("")})
    comes(bob, content, ms());
  EXPECT_FALSE(rows().contact(bob.id()).value());
  EXPECT_TRUE(rows().events()->empty());
  EXPECT_TRUE(rows().conversations()->empty());
  EXPECT_EQ(rows().count_orphans(bob.id()).value(), 0u);
}

TEST_F(People, AStrangerWithoutWordsLeavesNoSessionAndMaySpeakLater) {
  wire::Content typing;
  typing.typing = wire::TypingMessage{static_cast<std::uint64_t>(ms()), wire::TypingMessage::Action::Started};
  comes_sealed(bob, typing, ms());
  EXPECT_TRUE(rows().session_devices(bob.id())->empty());
  EXPECT_FALSE(rows().contact(bob.id()).value());
  comes_sealed(bob, text("hello"), ms(1));  // in the session that the first began
  EXPECT_EQ(state(bob.id()), ContactState::Asking);
}

TEST_F(People, DecliningKeepsNothingAndSaysNothing) {
  comes_sealed(bob, text("may I?"), ms(-1000));
  const auto waiting = client->outbox().size();
  ASSERT_EQ(refusal(Decline{bob.id()}), "");
  EXPECT_FALSE(rows().contact(bob.id()).value());
  EXPECT_FALSE(rows().conversation(bob.id()).value());
  EXPECT_TRUE(rows().messages(bob.id())->empty());
  EXPECT_TRUE(rows().session_devices(bob.id())->empty());
  EXPECT_EQ(client->outbox().size(), waiting);
  EXPECT_NE(refusal(Decline{bob.id()}), "");
}

TEST_F(People, AStrangerIsKeptTwentyMessagesAndAMonth) {  // ux 20
  for (int i = 0; i < 30; ++i) put(store, boxed(bob, text(std::to_string(i)), ms(-1000 + i)));
  open();
  const auto kept = rows().messages(bob.id()).value();
  ASSERT_EQ(kept.size(), 20u);
  EXPECT_EQ(kept.front().body, "10");
  EXPECT_EQ(conversation(bob.id()).unread, 20u);
  now = now + days(30);
  wake(kUpkeep);
  EXPECT_FALSE(rows().contact(bob.id()).value());
  EXPECT_TRUE(rows().messages(bob.id())->empty());
}

TEST_F(People, AStrangerMayTakeARequestBackAndNoMore) {
  comes(bob, text("may I?"), ms(-1000));
  comes(bob, changed(Kind::Edit, bob.id(), ms(-1000), "other words"), ms(1));
  comes(bob, changed(Kind::Reaction, bob.id(), ms(-1000), "x"), ms(2));
  comes(bob, changed(Kind::Edit, bob.id(), ms(-2000), std::string(60'000, 'x')), ms(3));
  EXPECT_EQ(last(bob.id()).body, "may I?");
  EXPECT_TRUE(last(bob.id()).reactions.empty());
  EXPECT_EQ(rows().count_orphans(bob.id()).value(), 0u);
  comes(bob, changed(Kind::Unsend, bob.id(), ms(-1000), ""), ms(4));
  EXPECT_TRUE(last(bob.id()).unsent);
  EXPECT_EQ(conversation(bob.id()).unread, 0u);
}

TEST_F(People, OfTheBlockedNothingIsKeptAndNothingIsSaid) {
  befriend(bob);
  ASSERT_EQ(refusal(Send{bob.id(), "on its way"}), "");
  ASSERT_EQ(refusal(Block{bob.id()}), "");
  for (const auto& [id, row] : client->outbox()) EXPECT_NE(row.to, bob.id());
  const auto events_before = rows().events()->size();
  const auto messages_before = rows().messages(bob.id())->size();
  comes(bob, text("hear me"), ms());
  comes(bob, changed(Kind::Reaction, bob.id(), ms(-100'000), "x"), ms(1));
  EXPECT_EQ(rows().events()->size(), events_before);
  EXPECT_EQ(rows().messages(bob.id())->size(), messages_before);
  EXPECT_EQ(load_little<std::uint64_t>(rows().setting("dropped")->value().data()), 2u);
  EXPECT_TRUE(leaving(Kind::Receipt).empty());
  for (const Command& command :
       std::initializer_list<Command>{Send{bob.id(), "x"}, SetTimer{bob.id(), 60}, React{last(bob.id()).id, "x"}})
    EXPECT_NE(refusal(command).find("blocked"), std::string::npos);
  ASSERT_EQ(refusal(Block{bob.id(), false}), "");
  comes(bob, text("thank you"), ms(2));
  EXPECT_EQ(last(bob.id()).body, "thank you");
  EXPECT_EQ(leaving(Kind::Receipt).size(), 1u);
  EXPECT_NE(refusal(Block{client->id()}), "");
}

TEST_F(People, WhatCameWhileTheyWereBlockedIsNoGapLater) {
  befriend(bob);
  const auto numbered = [&](std::uint32_t number) {
    auto content = text("number " + std::to_string(number));
    content.number = number;
    return content;
  };
  comes_sealed(bob, numbered(1), ms(1));
  ASSERT_EQ(refusal(Block{bob.id(), true}), "");
  comes_sealed(bob, numbered(2), ms(2));
  ASSERT_EQ(refusal(Block{bob.id(), false}), "");
  comes_sealed(bob, numbered(3), ms(3));
  EXPECT_EQ(last(bob.id()).body, "number 3");
  EXPECT_TRUE(contact(bob.id()).missing.empty());
}

TEST_F(People, AStrangerMayBeBlockedBeforeAWordAndStaysSoWhenForgotten) {
  ASSERT_EQ(refusal(Block{bob.id()}), "");
  comes(bob, text("may I?"), ms());
  EXPECT_TRUE(rows().messages(bob.id())->empty());
  EXPECT_NE(refusal(Ask{bob.id(), "x"}), "");
  ASSERT_EQ(refusal(RemoveContact{bob.id()}), "");
  EXPECT_TRUE(contact(bob.id()).blocked);
}

TEST_F(People, RemovingForgetsEveryTrace) {
  befriend(bob);
  comes_sealed(bob, text("hello"), ms(1));
  comes(bob, changed(Kind::Edit, bob.id(), ms(50), "waits"), ms(60));
  ASSERT_EQ(refusal(Send{bob.id(), "hello", {}, last(bob.id()).id}), "");
  ASSERT_EQ(refusal(Draft{bob.id(), "more"}), "");
  ASSERT_EQ(rows().count_orphans(bob.id()).value(), 1u);
  ASSERT_EQ(refusal(RemoveContact{bob.id()}), "");
  EXPECT_FALSE(rows().contact(bob.id()).value());
  EXPECT_FALSE(rows().conversation(bob.id()).value());
  EXPECT_TRUE(rows().messages(bob.id())->empty());
  EXPECT_TRUE(rows().session_devices(bob.id())->empty());
  EXPECT_EQ(rows().count_orphans(bob.id()).value(), 0u);
  const auto outbox = rows().outbox().value();
  for (const auto& row : outbox) EXPECT_NE(row.to, bob.id());
  comes(bob, text("are you there?"), ms(100));
  EXPECT_EQ(state(bob.id()), ContactState::Asking);
}

TEST_F(People, ARequestOfAFriendOnANewDeviceShowsThatHeBeganAnew) {
  befriend(bob);
  comes_sealed(bob, text("one"), ms(1));
  wire::Content request = text("it is me, on a new machine");
  request.bundle = to_bytes("a bundle");
  comes_sealed(bob, request, ms(2));
  EXPECT_TRUE(events(EventType::Reset).empty()) << "the same device: an old request that was late";
  Stranger again = bob;
  again.store = store::MemoryClientStore();
  again.device = 8;
  comes_sealed(again, request, ms(3));
  EXPECT_EQ(events(EventType::Reset).size(), 1u);
  EXPECT_EQ(state(bob.id()), ContactState::Accepted);
  EXPECT_EQ(contact(bob.id()).device, 8u);
  EXPECT_EQ(leaving(Kind::Answer).size(), 1u) << "he is told, once, that we know him";
}

TEST_F(People, NicknamesAndMarksAreOurs) {
  EXPECT_NE(refusal(Nickname{bob.id(), "B"}), "");
  befriend(bob);
  ASSERT_EQ(refusal(Nickname{bob.id(), "B"}), "");
  ASSERT_EQ(refusal(Verify{bob.id()}), "");
  EXPECT_NE(refusal(Nickname{bob.id(), std::string(81, 'x')}), "");
  EXPECT_NE(refusal(Nickname{bob.id(), "a\x1b[1m"}), "");
  EXPECT_NE(refusal(Nickname{bob.id(), "\xff"}), "");
  comes_sealed(bob, text("x"), ms(1));
  EXPECT_EQ(contact(bob.id()).nickname, "B");
  EXPECT_TRUE(contact(bob.id()).verified);
  ASSERT_EQ(refusal(Verify{bob.id(), false}), "");
  EXPECT_FALSE(contact(bob.id()).verified);
  EXPECT_NE(refusal(Verify{client->id()}), "");
}

TEST_F(People, NamesOfOthersAreMadeFitToBeShown) {
  wire::Content content = text("x");
  content.data->profile = wire::Profile{"Bo\x1b[31mb\n" + std::string(200, 'b'), ""};
  comes(bob, content, ms());
  const std::string name = contact(bob.id()).name;
  EXPECT_EQ(name.find_first_of("\x1b\n"), std::string::npos);
  EXPECT_LE(name.size(), kMaxShownName);
  content.data->profile = wire::Profile{"  ", ""};
  comes(bob, content, ms(1));
  EXPECT_EQ(contact(bob.id()).name, name);
}

TEST_F(People, TokensTravelInTheRatchetOnly) {
  befriend(bob);
  wire::Content content = text("x");
  content.presence_token = Bytes(32, std::byte{1});
  comes(bob, content, ms(1));
  EXPECT_TRUE(contact(bob.id()).their_token.empty());
  content.presence_token = Bytes(32, std::byte{2});
  comes_sealed(bob, content, ms(2));
  EXPECT_EQ(contact(bob.id()).their_token, content.presence_token);
  Stranger carol(rng);
  comes_sealed(carol, content, ms(3));
  EXPECT_TRUE(contact(carol.id()).their_token.empty()) << "of a stranger";
}

}  // namespace
}  // namespace session::client

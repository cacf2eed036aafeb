#include "core/base/text.h"
#include "core/client/change.h"
#include "core/signal/session_protocol.h"
#include "core/wire/padding.h"
#include "tests/core/client/talk.h"

namespace session::client {
namespace {

class Receive : public Talk {
 protected:
  void SetUp() override {
    Talk::SetUp();
    befriend(bob);
  }
  std::size_t count() { return rows().messages(bob.id())->size(); }
};

TEST_F(Receive, AMessageComesOnceAndIsAcknowledged) {
  for (int twice = 0; twice < 2; ++twice) comes(bob, text("hello"), ms(1));
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(events(EventType::Message).size(), 1u);
  ASSERT_EQ(leaving(Kind::Receipt).size(), 1u);
  EXPECT_EQ(said(leaving(Kind::Receipt)[0]).receipt->timestamps_ms, (std::vector{static_cast<std::uint64_t>(ms(1))}));
  EXPECT_FALSE(last(bob.id()).forward_secrecy);
  comes_sealed(bob, text("hello again"), ms(2));
  EXPECT_TRUE(last(bob.id()).forward_secrecy);
  EXPECT_EQ(last(bob.id()).device, bob.device);
}

TEST_F(Receive, ForWhatTheSwarmKeepsNoLongerNoReceiptIsSent) {
  comes(bob, text("late"), ms(1), Millis{0});
  EXPECT_EQ(last(bob.id()).body, "late");
  EXPECT_TRUE(leaving(Kind::Receipt).empty());
}

TEST_F(Receive, EveryKindThatWantsAReceiptGetsOne) {
  wire::Content timer, answer;
  timer.data = wire::DataMessage{.flags = wire::flags::kExpirationTimerUpdate, .expire_timer_s = 60};
  answer.request_response = wire::MessageRequestResponse{true, {}, std::nullopt};
  std::int64_t after = 1;
  for (const auto& content :
       {text("x"), changed(Kind::Edit, bob.id(), ms(1), "y"), changed(Kind::Reaction, bob.id(), ms(1), "z"),
        changed(Kind::Unsend, bob.id(), ms(1), ""), timer, answer}) {
    comes(bob, content, ms(after));
    const auto receipts = leaving(Kind::Receipt);
    ASSERT_EQ(receipts.size(), 1u);
    EXPECT_EQ(said(receipts[0]).receipt->timestamps_ms.back(), static_cast<std::uint64_t>(ms(after))) << after;
    ++after;
  }
  wire::Content receipt;
  receipt.receipt = wire::ReceiptMessage{wire::ReceiptMessage::Type::Delivery, {1}};
  comes(bob, receipt, ms(after));
  EXPECT_EQ(said(leaving(Kind::Receipt)[0]).receipt->timestamps_ms.size(), 6u) << "for a receipt there is none";
}

TEST_F(Receive, AnEnvelopeWhoseTimeWasChangedOnTheWayIsNotBelieved) {
  auto content = text("x");
  content.data->timestamp_ms = static_cast<std::uint64_t>(ms(1));
  comes(bob, content, ms(2));
  EXPECT_EQ(count(), 1u);
  ASSERT_EQ(events(EventType::Undecryptable).size(), 1u);
  EXPECT_NE(events(EventType::Undecryptable)[0].text.find("data.timestamp"), std::string::npos);
  comes(bob, content, ms(1));
  EXPECT_EQ(count(), 2u);
}

TEST_F(Receive, ImpossibleTimesAreRefusedAndFarOnesAreKept) {
  for (const std::int64_t time : {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()})
    comes(bob, text("x"), time);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(events(EventType::Undecryptable).size(), 3u);
  comes(bob, text("from the year 5000"), 95'617'584'000'000);
  comes(bob, text("of today"), ms(1));
  EXPECT_EQ(last(bob.id()).body, "of today");
  ASSERT_EQ(refusal(MarkRead{bob.id()}), "");
  EXPECT_LE(conversation(bob.id()).read_until, now);
  comes(bob, text("of today too"), ms(2));
  EXPECT_EQ(conversation(bob.id()).unread, 1u);
}

TEST_F(Receive, AClockFarAheadDoesNotSetTheTimerForEver) {
  wire::Content timer;
  timer.data = wire::DataMessage{.flags = wire::flags::kExpirationTimerUpdate};
  timer.expiration_timer_s = 60;
  timer.expiration_type = wire::ExpirationType::AfterSend;
  comes(bob, timer, 95'617'584'000'000);
  EXPECT_EQ(conversation(bob.id()).timer_s, 60u);
  now = now + days(1) + seconds(1);
  ASSERT_EQ(refusal(SetTimer{bob.id(), 5}), "");
  comes(bob, timer, ms(-1000));
  EXPECT_EQ(conversation(bob.id()).timer_s, 5u) << "older than ours";
  EXPECT_EQ(events(EventType::Timer).size(), 1u);
}

TEST_F(Receive, DisappearingMessagesOfTodaysClients) {  // profile.md 9
  auto sent = text("after sending");
  sent.expiration_type = wire::ExpirationType::AfterSend;
  sent.expiration_timer_s = 60;
  comes(bob, sent, ms(-30'000));
  EXPECT_EQ(last(bob.id()).expiry, at(30'000));
  auto read = text("after reading");
  read.expiration_type = wire::ExpirationType::AfterRead;
  read.expiration_timer_s = 60;
  comes(bob, read, ms(-20'000));
  const auto id = last(bob.id()).id;
  EXPECT_EQ(message(id).expiry, Instant{});
  now = now + hours(1);
  ASSERT_EQ(refusal(MarkRead{bob.id()}), "");
  EXPECT_EQ(message(id).expiry, now + seconds(60));
  now = now + seconds(60);
  wake(kExpiry);
  EXPECT_EQ(last(bob.id()).body, "may I?");
}

TEST_F(Receive, AnAbsoluteExpiryHoldsButNeverLongerThanTheTimer) {
  auto content = text("ours");
  content.expiration_type = wire::ExpirationType::AfterSend;
  content.expiration_timer_s = 3600;
  content.expires_at_ms = static_cast<std::uint64_t>(ms(5000));
  comes(bob, content, ms(1));
  EXPECT_EQ(last(bob.id()).expiry, at(5000));
  content.expires_at_ms = ~0ULL / 4096;
  comes(bob, content, ms(2));
  EXPECT_EQ(last(bob.id()).expiry, now + hours(1));
  content.expires_at_ms = static_cast<std::uint64_t>(ms(-1));
  comes(bob, content, ms(3));
  EXPECT_EQ(count(), 3u) << "it was over before it came";
}

TEST_F(Receive, TypingPassesByAndIsNotKept) {
  wire::Content typing;
  typing.typing = wire::TypingMessage{static_cast<std::uint64_t>(ms(1)), wire::TypingMessage::Action::Started};
  const auto events_before = rows().events()->size();
  comes(bob, typing, ms(1));
  const auto passing = client->take_passing();
  ASSERT_EQ(passing.size(), 1u);
  EXPECT_EQ(passing[0].type, EventType::Typing);
  EXPECT_EQ(passing[0].text, "started");
  EXPECT_TRUE(client->take_passing().empty());
  comes(bob, typing, ms(2));
  EXPECT_TRUE(client->take_passing().empty()) << "another time than the envelope's";
  EXPECT_EQ(rows().events()->size(), events_before);
  Stranger carol(rng);
  comes(carol, text("may I?"), ms(0));
  comes(carol, typing, ms(1));
  EXPECT_TRUE(client->take_passing().empty()) << "of somebody not accepted";
  ASSERT_EQ(refusal(Settings{false, false}), "");
  comes(bob, typing, ms(1));
  EXPECT_TRUE(client->take_passing().empty());
}

TEST_F(Receive, TheEndOfASessionIsToldAndItsWordIsNot) {
  wire::Content end;
  end.data = wire::DataMessage{.body = "TERMINATE", .flags = wire::flags::kEndSession};
  comes(bob, end, ms(1));
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(events(EventType::Reset).size(), 1u);
}

TEST_F(Receive, FilesOfTodaysClientsAreNamed) {
  auto content = text("");
  content.data->attachments = {{.content_type = "image/jpeg", .size = 12'345, .file_name = "cat\x1b[2J.jpg"},
                               {.content_type = "audio/aac", .size = 9}};
  comes(bob, content, ms(1));
  const auto notice = last(bob.id()).notice;
  EXPECT_NE(notice.find("(12345 bytes)"), std::string::npos);
  EXPECT_NE(notice.find("audio/aac"), std::string::npos);
  EXPECT_EQ(notice.find('\x1b'), std::string::npos);
  EXPECT_EQ(events(EventType::Message).back().text, notice);
}

TEST_F(Receive, WhatIsNotUnderstoodIsSaid) {
  const auto comes_raw = [&](Bytes content, std::int64_t sent_at) {
    auto box = signal::box_message(*bob.identity.ed25519, client->id(), wire::pad(content), rng).value();
    put(store, wire::wrap_envelope({wire::EnvelopeType::Unidentified, "", 0, static_cast<std::uint64_t>(sent_at), box}));
    open();
  };
  const Bytes beyond = to_bytes(std::string_view("\xc2\x3e\x01x", 4));  // field 1000, one byte: nobody knows it
  comes_raw(beyond, ms(1));
  EXPECT_EQ(last(bob.id()).body, "");
  EXPECT_EQ(last(bob.id()).notice, "needs another client");
  EXPECT_EQ(events(EventType::Message).back().text, "needs another client");
  Bytes both = wire::encode(text("words"));
  append(both, beyond);
  comes_raw(both, ms(2));
  EXPECT_EQ(last(bob.id()).body, "words");
  EXPECT_EQ(last(bob.id()).notice, "a part of it needs another client");
  Bytes signed_time = wire::encode(text("words"));
  append(signed_time, BytesView(to_bytes(std::string_view("\x78\x01", 2))));  // field 15, in every message of today's clients
  comes_raw(signed_time, ms(3));
  EXPECT_EQ(last(bob.id()).notice, "");
  const auto before = count();
  Bytes receipt;
  {
    wire::Content content;
    content.receipt = wire::ReceiptMessage{wire::ReceiptMessage::Type::Delivery, {1}};
    receipt = wire::encode(content);
  }
  append(receipt, beyond);
  comes_raw(receipt, ms(4));
  EXPECT_EQ(count(), before) << "a receipt is no message, whatever else stands in it";
}

TEST_F(Receive, AQuoteShowsWhatWeHaveAndNotWhatIsClaimed) {
  ASSERT_EQ(refusal(Send{bob.id(), "I never said yes"}), "");
  const auto ours = last(bob.id());
  auto content = text("you said so");
  content.data->quote = wire::Quote{static_cast<std::uint64_t>(ours.sent_at.unix_millis()), client->id().hex(), "yes"};
  comes(bob, content, ms(1));
  EXPECT_EQ(last(bob.id()).quote->text, "I never said yes");
  content.data->quote = wire::Quote{77, client->id().hex(), std::string(60'000, 'x')};
  comes(bob, content, ms(2));
  EXPECT_EQ(last(bob.id()).quote->text.size(), kMaxQuoteBytes);
  Stranger carol(rng);
  for (const auto& quote : {wire::Quote{77, carol.id().hex(), "x"}, wire::Quote{77, "nobody", "x"},
                            wire::Quote{0, bob.id().hex(), "x"}, wire::Quote{~0ULL, bob.id().hex(), "x"}}) {
    content.data->quote = quote;
    comes(bob, content, ms(static_cast<std::int64_t>(++arrivals)));
    EXPECT_FALSE(last(bob.id()).quote);
    EXPECT_NE(last(bob.id()).notice.find("not of this conversation"), std::string::npos);
  }
}

TEST_F(Receive, AHundredAndOneReactionsAreNoMoreThanFifty) {
  comes(bob, text("x"), ms(1));
  for (int i = 0; i < 101; ++i)
    put(store, boxed(bob, changed(Kind::Reaction, bob.id(), ms(1), "e" + std::to_string(i)), ms(10 + i)));
  open();
  EXPECT_EQ(last(bob.id()).reactions.size(), kMaxReactions);
}

TEST_F(Receive, TextIsKeptAsItWasWritten) {
  const std::string hostile = "abc\u202e\x1b[31mdef";
  comes(bob, text(hostile), ms(1));
  EXPECT_EQ(last(bob.id()).body, hostile);
  EXPECT_EQ(printable(last(bob.id()).body).find('\x1b'), std::string::npos);
}

TEST_F(Receive, AMentionOfUsIsMarked) {
  comes(bob, text("@" + client->id().hex() + " look"), ms(1));
  EXPECT_TRUE(last(bob.id()).mentions_us);
  comes(bob, text("@" + bob.id().hex()), ms(2));
  EXPECT_FALSE(last(bob.id()).mentions_us);
}

}  // namespace
}  // namespace session::client

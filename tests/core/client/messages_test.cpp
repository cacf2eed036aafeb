#include "tests/core/client/talk.h"

namespace session::client {
namespace {

class Messages : public Talk {
 protected:
  void SetUp() override {
    Talk::SetUp();
    befriend(bob);
  }
  store::MessageRow sent(const std::string& words) {
    EXPECT_EQ(refusal(Send{bob.id(), words}), "");
    return last(bob.id());
  }
};

TEST_F(Messages, AreRefusedWithAReason) {
  EXPECT_EQ(refusal(Send{bob.id(), ""}), "text: empty");
  EXPECT_EQ(refusal(Send{bob.id(), "\xff"}), "text: not UTF-8");
  EXPECT_NE(refusal(Send{bob.id(), std::string(65'537, 'x')}).find("65537"), std::string::npos);
  EXPECT_NE(refusal(Send{bob.id(), "x", seconds(9)}).find("ttl"), std::string::npos);
  EXPECT_NE(refusal(Send{bob.id(), "x", {}, 999}).find("quote"), std::string::npos);
  for (const Command& command : std::initializer_list<Command>{React{999, "x"}, Edit{999, "x"}, Unsend{999}, RemoveMessage{999},
                                                               MarkRead{bob.id(), 999}})
    EXPECT_NE(refusal(command).find("no message 999"), std::string::npos);
  Stranger carol(rng);
  EXPECT_NE(refusal(MarkRead{carol.id()}), "");
  const auto theirs = last(bob.id()).id;
  EXPECT_NE(refusal(Edit{theirs, "x"}).find("only who wrote"), std::string::npos);
  EXPECT_NE(refusal(Unsend{theirs}).find("only who wrote"), std::string::npos);
  const auto ours = sent("words");
  EXPECT_EQ(refusal(Edit{ours.id, ""}), "text: empty");
  EXPECT_NE(refusal(Edit{ours.id, std::string(65'537, 'x')}), "");
  EXPECT_NE(refusal(Edit{ours.id, "words"}), "");
  EXPECT_NE(refusal(RemoveMessage{ours.id}).find("not left"), std::string::npos);
  for (const std::string& emoji : {std::string(), std::string(65, 'x'), std::string("\n"), std::string("\xff")})
    EXPECT_NE(refusal(React{ours.id, emoji}).find("emoji"), std::string::npos);
  EXPECT_NE(refusal(React{ours.id, "x", true}).find("not on it"), std::string::npos);
}

TEST_F(Messages, AQuoteRepeatsTheWordsThatWereThere) {
  comes(bob, text("first"), ms(1));
  const auto quoted = last(bob.id());
  comes(bob, changed(Kind::Edit, bob.id(), ms(1), "second"), ms(2));
  ASSERT_EQ(refusal(Draft{bob.id(), "half a wo", quoted.id}), "");
  ASSERT_EQ(refusal(Send{bob.id(), "indeed", {}, quoted.id}), "");
  const auto answer = last(bob.id());
  EXPECT_EQ(answer.quote, (store::QuoteRow{{bob.id(), at(1)}, "first"}));
  EXPECT_EQ(conversation(bob.id()).draft, "");
  EXPECT_FALSE(conversation(bob.id()).draft_quote);
  comes(bob, changed(Kind::Unsend, bob.id(), ms(1), ""), ms(3));
  EXPECT_EQ(message(answer.id).quote->text, "") << "nothing of what was taken back stays";
  EXPECT_NE(refusal(Send{bob.id(), "again", {}, quoted.id}), "");
}

TEST_F(Messages, AnEditKeepsTheHistoryAndIsSent) {
  const auto ours = sent("first");
  const auto edit = run(Edit{ours.id, "second @" + client->id().hex()});
  EXPECT_NE(edit.delivery, ours.outbox);
  EXPECT_TRUE(message(ours.id).mentions_us);
  EXPECT_EQ(rows().edits(ours.id).value(), (std::vector<store::EditRow>{{ours.sent_at, "first"}}));
  const auto leaves = leaving(Kind::Edit);
  ASSERT_EQ(leaves.size(), 1u);
  EXPECT_EQ(leaves[0].message, ours.id);
  const auto content = said(leaves[0]);
  EXPECT_EQ(content.data->edit_of_ms, static_cast<std::uint64_t>(ours.sent_at.unix_millis()));
  EXPECT_EQ(content.data->timestamp_ms, static_cast<std::uint64_t>(leaves[0].sent_at));
  EXPECT_EQ(message(ours.id).edited.unix_millis(), leaves[0].sent_at);
}

TEST_F(Messages, AReactionOnTheirsIsNoDeliveryOfIt) {
  comes(bob, text("first"), ms(1));
  const auto theirs = last(bob.id());
  const auto outcome = run(React{theirs.id, "\u2764"});
  EXPECT_NE(outcome.delivery, theirs.id);
  EXPECT_NE(refusal(React{theirs.id, "\u2764"}).find("already"), std::string::npos);
  ASSERT_EQ(leaving(Kind::Reaction).size(), 1u);
  EXPECT_EQ(said(leaving(Kind::Reaction)[0]).data->reaction->author, bob.id().hex());
  ASSERT_EQ(refusal(React{theirs.id, "\u2764", true}), "");
  EXPECT_TRUE(message(theirs.id).reactions.at(0).removed);
  EXPECT_EQ(leaving(Kind::Reaction).size(), 2u);
}

TEST_F(Messages, WhatNeverLeftIsTakenBackWithoutAWord) {
  const auto ours = sent("regretted");
  ASSERT_EQ(refusal(Edit{ours.id, "regretted too"}), "");
  ASSERT_EQ(refusal(Unsend{ours.id}), "");
  EXPECT_TRUE(message(ours.id).unsent);
  EXPECT_EQ(message(ours.id).body, "");
  EXPECT_TRUE(rows().edits(ours.id)->empty());
  for (const auto kind : {Kind::Message, Kind::Edit, Kind::Unsend}) EXPECT_TRUE(leaving(kind).empty()) << name_of(kind);
  const auto outbox = rows().outbox().value();
  for (const auto& row : outbox) EXPECT_TRUE(row.message != ours.id || row.content.empty());
  for (const Command& command : std::initializer_list<Command>{Unsend{ours.id}, Edit{ours.id, "x"}, React{ours.id, "x"}})
    EXPECT_NE(refusal(command).find("taken back"), std::string::npos);
}

TEST_F(Messages, WhatMayHaveLeftIsTakenBackThereToo) {
  const auto ours = sent("regretted");
  auto row = rows().outbox(ours.outbox)->value();
  row.state = static_cast<std::int32_t>(State::Kept);
  row.sealed = to_bytes("sealed");
  ASSERT_TRUE(rows().update_outbox(row));
  open();
  ASSERT_EQ(refusal(Unsend{ours.id}), "");
  ASSERT_EQ(leaving(Kind::Unsend).size(), 1u);
  EXPECT_EQ(said(leaving(Kind::Unsend)[0]).unsend,
            (wire::UnsendMessage{static_cast<std::uint64_t>(ours.sent_at.unix_millis()), client->id().hex()}));
}

TEST_F(Messages, ANoteToSelfIsHereAlready) {
  const auto waiting = client->outbox().size();
  ASSERT_EQ(refusal(Send{client->id(), "milk"}), "");
  const auto note = last(client->id());
  EXPECT_EQ(static_cast<State>(note.state), State::Read);
  EXPECT_EQ(conversation(client->id()).unread, 0u);
  ASSERT_EQ(refusal(Edit{note.id, "milk, bread"}), "");
  ASSERT_EQ(refusal(React{note.id, "x"}), "");
  ASSERT_EQ(refusal(Send{client->id(), "and", {}, note.id}), "");
  ASSERT_EQ(refusal(SetTimer{client->id(), 3600}), "");
  ASSERT_EQ(refusal(Unsend{note.id}), "");
  EXPECT_EQ(client->outbox().size(), waiting);
}

TEST_F(Messages, ReadingTellsTheOtherOnlyWhenThatIsWanted) {
  for (int i = 0; i < 3; ++i) comes(bob, text(std::to_string(i)), ms(1 + i));
  ASSERT_EQ(conversation(bob.id()).unread, 4u);  // with the request
  const auto delivered = leaving(Kind::Receipt).size();
  const auto second = rows().messages(bob.id(), 2)->front().id;
  ASSERT_EQ(refusal(MarkRead{bob.id(), second}), "");
  EXPECT_EQ(conversation(bob.id()).unread, 1u);
  EXPECT_EQ(message(second).read, now);
  EXPECT_EQ(leaving(Kind::Receipt).size(), delivered);
  ASSERT_EQ(refusal(Settings{true, true}), "");
  open();
  EXPECT_TRUE(client->settings().read_receipts) << "settings outlive the program";
  ASSERT_EQ(refusal(MarkRead{bob.id()}), "");
  EXPECT_EQ(conversation(bob.id()).unread, 0u);
  ASSERT_EQ(leaving(Kind::Receipt).size(), delivered + 1);
  const auto receipt = said(leaving(Kind::Receipt).back()).receipt.value();
  EXPECT_EQ(receipt.type, wire::ReceiptMessage::Type::Read);
  EXPECT_EQ(receipt.timestamps_ms, (std::vector{static_cast<std::uint64_t>(ms(3))}));
  ASSERT_EQ(refusal(MarkRead{bob.id()}), "");
  EXPECT_EQ(leaving(Kind::Receipt).size(), delivered + 1) << "told once";
}

TEST_F(Messages, ReceiptsTravelTogetherAtMostAHundred) {
  for (int i = 0; i < 250; ++i) put(store, boxed(bob, text("x"), ms(1 + i)));
  open();
  const auto delivery = leaving(Kind::Receipt);
  ASSERT_EQ(delivery.size(), 3u);
  std::size_t sum = 0;
  for (const auto& row : delivery) {
    EXPECT_EQ(row.ttl, days(1));
    sum += said(row).receipt->timestamps_ms.size();
    EXPECT_LE(said(row).receipt->timestamps_ms.size(), 100u);
  }
  EXPECT_EQ(sum, 250u);
  ASSERT_EQ(refusal(Settings{true, true}), "");
  ASSERT_EQ(refusal(MarkRead{bob.id()}), "");
  EXPECT_EQ(leaving(Kind::Receipt).size(), 6u);
  EXPECT_EQ(conversation(bob.id()).unread, 0u);
}

TEST_F(Messages, RemovedHereItIsGoneHere) {
  comes(bob, text("one"), ms(1));
  comes(bob, text("two"), ms(2));
  const auto two = last(bob.id()).id;
  ASSERT_EQ(refusal(RemoveMessage{two}), "");
  EXPECT_FALSE(rows().message(two).value());
  EXPECT_EQ(conversation(bob.id()).unread, 2u);
  EXPECT_EQ(message(conversation(bob.id()).last_message).body, "one");
}

}  // namespace
}  // namespace session::client

// The suite that every ClientStore passes: what becomes of messages.
#include "tests/core/store/stores.h"

namespace session::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <class Kind>
class MessageSuite : public testing::Test {
 public:
  std::uint64_t add(unsigned contact, std::int64_t sent_at, std::string_view body, bool outgoing = false) {
    MessageRow row = message_row(contact, sent_at, outgoing);
    row.body = body;
    return client.add_message(row)->id;
  }
  Kind made;
  ClientStore& client = made.client;
};
TYPED_TEST_SUITE(MessageSuite, Kinds);

TYPED_TEST(MessageSuite, AMessageKeepsAllThatIsKnownOfIt) {
  MessageRow row = message_row(2, 10);
  row.quote = QuoteRow{{person(1), at(3)}, "what you said"};
  row.reactions = {{person(1), "\xf0\x9f\x91\x8d", at(4), false}, {person(2), "!", at(5), true}};
  row.edited = at(6);
  row.read = at(7);
  row.forward_secrecy = true;
  row.mentions_us = true;
  row.way = 8;
  row.number = 9;
  row.timer_s = 10;
  row.timer_kind = -11;
  row.notice = "a picture that this program does not show";
  row.id = this->client.add_message(row)->id;
  EXPECT_EQ(this->client.message(row.id).value(), row);
  row.quote.reset();
  row.reactions.clear();
  row.unsent = true;
  row.body.clear();
  ASSERT_TRUE(this->client.update_message(row));
  EXPECT_EQ(this->client.message(row.id).value(), row);
}

TYPED_TEST(MessageSuite, TheNameOfAMessageDoesNotChange) {
  MessageRow row = message_row(2, 10);
  row.id = this->client.add_message(row)->id;
  MessageRow renamed = row;
  renamed.contact = person(3);
  renamed.sent_at = at(11);
  renamed.state = 5;
  ASSERT_TRUE(this->client.update_message(renamed));
  row.state = 5;
  EXPECT_EQ(this->client.message(row.id).value(), row);
  EXPECT_EQ(this->client.find_message(key_of(row)).value(), row);
}

TYPED_TEST(MessageSuite, TheNextExpiryIsTheEarliest) {
  EXPECT_EQ(this->client.next_expiry().value(), std::nullopt);
  ASSERT_TRUE(this->client.add_message(message_row(2, 1)));
  EXPECT_EQ(this->client.next_expiry().value(), std::nullopt);
  for (const std::int64_t expiry : {900, 500, 700}) {
    MessageRow row = message_row(2, expiry);
    row.expiry = at(expiry);
    ASSERT_TRUE(this->client.add_message(row));
  }
  EXPECT_EQ(this->client.next_expiry().value(), at(500));
  EXPECT_THAT(this->client.expire_messages(at(700)).value(), ElementsAre(3, 4));
  EXPECT_EQ(this->client.next_expiry().value(), at(900));
}

TYPED_TEST(MessageSuite, EditsAreToldOldestFirstAndGoWithTheirMessage) {
  const auto id = this->add(2, 10, "third");
  const auto other = this->add(2, 11, "other");
  ASSERT_TRUE(this->client.add_edit(id, {at(20), "second"}));
  ASSERT_TRUE(this->client.add_edit(id, {at(10), "first"}));
  ASSERT_TRUE(this->client.add_edit(other, {at(11), "before"}));
  EXPECT_THAT(this->client.edits(id).value(), ElementsAre(EditRow{at(10), "first"}, EditRow{at(20), "second"}));
  EXPECT_EQ(this->client.add_edit(99, {at(1), "x"}).error().code, ErrorCode::NotFound);
  ASSERT_TRUE(this->client.remove_edits(id));
  EXPECT_THAT(this->client.edits(id).value(), IsEmpty());
  ASSERT_TRUE(this->client.add_edit(id, {at(10), "first"}));
  EXPECT_TRUE(this->client.remove_message(id).value());
  EXPECT_THAT(this->client.edits(id).value(), IsEmpty());
  EXPECT_EQ(this->client.edits(other)->size(), 1u);
}

TYPED_TEST(MessageSuite, WhatCameBeforeItsMessageWaitsForIt) {
  OrphanRow row{.contact = person(2),
                .about = {person(1), at(10)},
                .kind = 3,
                .from = person(2),
                .at = at(11),
                .content = to_bytes("react"),
                .expiry = at(100)};
  for (const std::uint64_t id : {std::uint64_t{1}, std::uint64_t{2}}) EXPECT_EQ(this->client.add_orphan(row).value(), id);
  OrphanRow other = row;
  other.about.sent_at = at(9);
  other.expiry = at(50);
  EXPECT_EQ(this->client.add_orphan(other).value(), 3u);
  OrphanRow elsewhere = row;
  elsewhere.contact = person(3);
  EXPECT_EQ(this->client.add_orphan(elsewhere).value(), 4u);
  OrphanRow second = row;
  row.id = 1;
  second.id = 2;
  EXPECT_THAT(this->client.orphans(person(2), {person(1), at(10)}).value(), ElementsAre(row, second));
  EXPECT_EQ(this->client.count_orphans(person(2)).value(), 3u);
  EXPECT_EQ(this->client.count_orphans(person(4)).value(), 0u);
  EXPECT_TRUE(this->client.remove_orphan(1).value());
  EXPECT_FALSE(this->client.remove_orphan(1).value());
  EXPECT_EQ(this->client.expire_orphans(at(49)).value(), 0u);
  EXPECT_EQ(this->client.expire_orphans(at(50)).value(), 1u);
  EXPECT_EQ(this->client.count_orphans(person(2)).value(), 1u);
  EXPECT_FALSE(this->client.remove_conversation(person(2)).value());
  EXPECT_EQ(this->client.count_orphans(person(2)).value(), 0u);
  EXPECT_EQ(this->client.expire_orphans(at(100)).value(), 1u);
  EXPECT_EQ(this->client.expire_orphans(at(1000)).value(), 0u);
}

}  // namespace
}  // namespace session::store

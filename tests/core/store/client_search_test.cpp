// The suite that every ClientStore passes: finding messages by their words.
#include "tests/core/store/stores.h"

namespace session::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <class Kind>
class SearchSuite : public testing::Test {
 public:
  std::uint64_t add(unsigned contact, std::int64_t sent_at, std::string_view body, bool outgoing = false) {
    MessageRow row = message_row(contact, sent_at, outgoing);
    row.body = body;
    return client.add_message(row)->id;
  }
  std::vector<std::uint64_t> ids(const SearchQuery& query) {
    std::vector<std::uint64_t> found;
    const auto rows = client.search(query);
    EXPECT_TRUE(rows) << query.text << ": " << rows.error().message;
    if (rows)
      for (const MessageRow& row : *rows) found.push_back(row.id);
    return found;
  }
  std::vector<std::uint64_t> ids(std::string_view text) { return ids(SearchQuery{.text = std::string(text)}); }

  Kind made;
  ClientStore& client = made.client;
};
TYPED_TEST_SUITE(SearchSuite, Kinds);

TYPED_TEST(SearchSuite, EveryWordMustOccurAndTheNewestComesFirst) {
  this->add(2, 10, "The quick brown fox");
  this->add(2, 11, "a brown-eyed dog, QUICK!");
  this->add(3, 12, "quicksand is brown", true);
  EXPECT_THAT(this->ids("quick brown"), ElementsAre(2, 1));
  EXPECT_THAT(this->ids("brown quick"), ElementsAre(3, 2, 1));  // the last word may be a beginning
  EXPECT_THAT(this->ids("BROWN FOX"), ElementsAre(1));
  EXPECT_THAT(this->ids("\"quick brown\""), ElementsAre(1));
  EXPECT_THAT(this->ids("\"brown quick\""), IsEmpty());
  EXPECT_THAT(this->ids("brown \"quick\""), ElementsAre(2, 1));
  EXPECT_THAT(this->ids("brown-eyed"), ElementsAre(2));
  EXPECT_THAT(this->ids("cat"), IsEmpty());
}

TYPED_TEST(SearchSuite, ASearchIsNarrowedByPersonSideTimeAndPage) {
  for (std::int64_t n = 1; n <= 3; ++n) {
    this->add(2, 86'400'000 * n, "hello");
    this->add(2, 86'400'000 * n + 1, "hello", true);
    this->add(3, 86'400'000 * n + 2, "hello");
  }
  SearchQuery query{.text = "hello"};
  query.with = person(2);
  EXPECT_THAT(this->ids(query), ElementsAre(8, 7, 5, 4, 2, 1));
  query.outgoing = true;
  EXPECT_THAT(this->ids(query), ElementsAre(8, 5, 2));
  query.with.reset();
  query.outgoing = false;
  EXPECT_THAT(this->ids(query), ElementsAre(9, 7, 6, 4, 3, 1));
  query.since = at(86'400'000 + 2);
  query.until = at(86'400'000 * 3 + 2);
  EXPECT_THAT(this->ids(query), ElementsAre(7, 6, 4, 3));
  query.max_count = 2;
  EXPECT_THAT(this->ids(query), ElementsAre(7, 6));
  query.before_id = 6;
  EXPECT_THAT(this->ids(query), ElementsAre(4, 3));
  query.before_id = 3;
  EXPECT_THAT(this->ids(query), IsEmpty());
  query.max_count = 0;
  EXPECT_THAT(this->ids(query), IsEmpty());
  EXPECT_THAT(this->ids(SearchQuery{.text = "hello", .since = at(86'400'000 * 9)}), IsEmpty());
}

TYPED_TEST(SearchSuite, AMessageThatCameLateIsFoundByWhenItWasSent) {
  this->add(2, 86'400'000 * 9, "late word");
  this->add(2, 86'400'000 * 2, "late word");
  this->add(2, 86'400'000 * 9, "late word", true);
  EXPECT_THAT(this->ids(SearchQuery{.text = "late", .until = at(86'400'000 * 3)}), ElementsAre(2));
  EXPECT_THAT(this->ids(SearchQuery{.text = "late", .since = at(86'400'000 * 3)}), ElementsAre(3, 1));
}

TYPED_TEST(SearchSuite, EditsAreFoundByTheirNewWordsOnlyAndWhatIsGoneIsNotFound) {
  MessageRow row = message_row(2, 10);
  row.body = "old words";
  row.expiry = at(500);
  row.id = this->client.add_message(row)->id;
  ASSERT_TRUE(this->client.add_edit(row.id, {at(10), row.body}));
  row.body = "new words";
  ASSERT_TRUE(this->client.update_message(row));
  EXPECT_THAT(this->ids("old"), IsEmpty());
  EXPECT_THAT(this->ids("new words"), ElementsAre(1));
  row.unsent = true;
  ASSERT_TRUE(this->client.update_message(row));
  EXPECT_THAT(this->ids("words"), IsEmpty());
  row.unsent = false;
  ASSERT_TRUE(this->client.update_message(row));
  EXPECT_THAT(this->ids("words"), ElementsAre(1));
  const auto other = this->add(2, 11, "words too");
  ASSERT_TRUE(this->client.expire_messages(at(500)));
  EXPECT_THAT(this->ids("words"), ElementsAre(other));
  ASSERT_TRUE(this->client.remove_message(other));
  EXPECT_THAT(this->ids("words"), IsEmpty());
}

TYPED_TEST(SearchSuite, WhatLooksLikeAQueryIsWords) {
  this->add(2, 10, "cats AND dogs OR NEAR(a b) text:cats ^x NOT y* {labels}:z it's; DROP TABLE words; --");
  this->add(2, 11, "cats alone");
  for (const char* text : {"cats AND dogs", "NOT y*", "text:cats", "NEAR(a b)", "^x", "{labels}:z", "it's; DROP", "words; --",
                           "a* b* c*", "((", "dogs)", "+dogs", "-dogs", "\"y*\"", "'", "\\", "labels : theirs", "x''", "?1"}) {
    const auto found = this->client.search({.text = text});
    if (!found) {
      EXPECT_EQ(found.error().code, ErrorCode::Malformed) << text;
    }
  }
  EXPECT_THAT(this->ids("cats AND dogs"), ElementsAre(1));
  EXPECT_THAT(this->ids("alone OR dogs"), IsEmpty());
  EXPECT_THAT(this->ids("NOT y*"), ElementsAre(1));
  EXPECT_THAT(this->ids("text:cats"), ElementsAre(1));
  EXPECT_THAT(this->ids("theirs"), IsEmpty());
  EXPECT_THAT(this->ids("cats"), ElementsAre(2, 1));
  for (const char* text : {"", "  ", "*", "\"\"", "!?", "one \"two"})
    EXPECT_EQ(this->client.search({.text = text}).error().code, ErrorCode::Malformed) << text;
  std::string many;
  for (int i = 0; i < 200; ++i) many += "b ";
  EXPECT_EQ(this->client.search({.text = many}).error().code, ErrorCode::Malformed);
}

TYPED_TEST(SearchSuite, NoBytesMakeASearchFail) {
  SeededRng rng(17);
  using std::string_view_literals::operator""sv;
  constexpr auto kSigns = "ab \"*:()^-+{}'\\,;\0\x01\xc3\xa9\xff\xf0"sv;
  for (int i = 0; i < 300; ++i) {
    std::string text;
    for (std::uint64_t size = rng.below(24); size > 0; --size) text += kSigns[rng.below(kSigns.size())];
    const auto id = this->add(2, i, text);
    const auto found = this->client.search({.text = text});
    EXPECT_TRUE(found || found.error().code == ErrorCode::Malformed) << found.error().message;
    if (rng.one_in(2)) {
      ASSERT_TRUE(this->client.remove_message(id));
    }
  }
}

TYPED_TEST(SearchSuite, WhatWasIndexedInATransactionTakenBackIsNotFound) {
  {
    auto transaction = Transaction::begin(this->client);
    this->add(2, 10, "needle");
    EXPECT_THAT(this->ids("needle"), ElementsAre(1));
  }
  EXPECT_THAT(this->ids("needle"), IsEmpty());
  const auto id = this->add(2, 10, "needle");
  {
    auto transaction = Transaction::begin(this->client);
    ASSERT_TRUE(this->client.remove_message(id));
  }
  EXPECT_THAT(this->ids("needle"), ElementsAre(id));
}

}  // namespace
}  // namespace session::store

#include "core/client/change.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/rng.h"
#include "core/base/text.h"

namespace session::client {
namespace {

SessionId person(int n) {
  SessionId id;
  id.account.bytes[0] = std::byte{5};
  id.account.bytes[1] = static_cast<std::byte>(n);
  return id;
}
const SessionId kAlice = person(1), kBob = person(2);
Instant at(std::int64_t ms) { return Instant::from_unix_millis(1'000'000 + ms); }

store::MessageRow message() {
  store::MessageRow row;
  row.id = 1;
  row.contact = kBob;
  row.sent_at = at(0);
  row.body = "first";
  return row;
}
Change edit(std::int64_t when, std::string words) {
  return {.kind = Kind::Edit, .about = {kBob, at(0)}, .from = kBob, .at = at(when), .text = std::move(words)};
}
Change react(const SessionId& who, std::int64_t when, std::string emoji, bool removed = false) {
  return {.kind = Kind::Reaction,
          .about = {kBob, at(0)},
          .from = who,
          .at = at(when),
          .text = std::move(emoji),
          .removed = removed};
}
Change unsend(std::int64_t when) {
  return {.kind = Kind::Unsend, .about = {kBob, at(0)}, .from = kBob, .at = at(when), .text = {}};
}

/// A message and its history, as a store keeps them.
struct Kept {
  store::MessageRow row = message();
  std::vector<store::EditRow> history;
  bool take(const Change& change) {
    const auto altered = alter(row, change, history);
    if (altered.replaced) history.push_back(*altered.replaced);
    std::sort(history.begin(), history.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    if (change.kind == Kind::Unsend && altered.is_new) history.clear();
    return altered.is_shown;
  }
  friend bool operator==(const Kept&, const Kept&) = default;
};

TEST(Change, TheNewestWordsStandAndTheOthersAreHistory) {
  Kept kept;
  EXPECT_TRUE(kept.take(edit(20, "third")));
  EXPECT_FALSE(kept.take(edit(10, "second"))) << "a late one shows nothing new";
  EXPECT_EQ(kept.row.body, "third");
  EXPECT_EQ(kept.history, (std::vector<store::EditRow>{{at(0), "first"}, {at(10), "second"}}));
  EXPECT_EQ(first_words(kept.row, kept.history), "first");
  for (const auto& nothing : {edit(20, "doubled"), edit(10, "doubled"), edit(0, "as old"), edit(-5, "older"), edit(30, "")}) {
    const Kept before = kept;
    EXPECT_FALSE(kept.take(nothing));
    EXPECT_EQ(kept, before);
  }
}

TEST(Change, ARemovalIsRememberedSoThatALateReactionDoesNotBringItBack) {
  Kept kept;
  EXPECT_FALSE(kept.take(react(kAlice, 20, "x", true)));
  EXPECT_FALSE(kept.take(react(kAlice, 10, "x")));
  EXPECT_TRUE(kept.row.reactions.at(0).removed);
  EXPECT_TRUE(kept.take(react(kAlice, 30, "x")));
  EXPECT_FALSE(kept.take(react(kAlice, 31, "x"))) << "it stands already";
  EXPECT_TRUE(kept.take(react(kBob, 5, "x")));
  EXPECT_EQ(kept.row.reactions.size(), 2u);
}

TEST(Change, TakenBackNothingOfItStays) {
  Kept kept;
  kept.row.notice = "a file";
  kept.row.quote = store::QuoteRow{{kAlice, at(-9)}, "words"};
  kept.row.mentions_us = true;
  kept.take(edit(1, "other"));
  kept.take(react(kAlice, 2, "x"));
  EXPECT_TRUE(kept.take(unsend(3)));
  store::MessageRow bare = message();
  bare.body.clear();
  bare.unsent = true;
  EXPECT_EQ(kept.row, bare);
  for (const auto& late : {edit(9, "again"), react(kAlice, 9, "x"), unsend(9)}) EXPECT_FALSE(kept.take(late));
  EXPECT_EQ(kept.row, bare);
}

TEST(Change, OfOnePersonFiftyReactionsAreKeptTheNewest) {
  std::vector<Change> all;
  for (int i = 0; i < 101; ++i) all.push_back(react(kAlice, 10 + i, "e" + std::to_string(i)));
  Kept expected;
  for (const auto& each : all) expected.take(each);
  EXPECT_EQ(expected.row.reactions.size(), kMaxReactions);
  SeededRng rng(5);
  for (int round = 0; round < 50; ++round) {
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[rng.below(i)]);
    Kept kept;
    for (const auto& each : all) kept.take(each);
    ASSERT_EQ(kept, expected) << "round " << round;
  }
}

TEST(Change, EveryOrderEndsAlike) {
  SeededRng rng(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<Change> all;
    const bool taken_back = rng.below(3) == 0;
    for (int i = 0; i < 4; ++i) {
      const auto when = static_cast<std::int64_t>(1 + rng.below(5));
      const auto& who = rng.below(2) == 0 ? kAlice : kBob;
      if (rng.below(2) == 0) {
        const bool is_there =
            std::any_of(all.begin(), all.end(), [&](const Change& c) { return c.kind == Kind::Edit && c.at == at(when); });
        if (!is_there) all.push_back(edit(when, "words " + std::to_string(i)));  // one device writes once at one time
      } else {
        all.push_back(react(who, when, rng.below(2) == 0 ? "x" : "y", rng.below(3) == 0));
      }
    }
    if (taken_back) all.push_back(unsend(9));
    all.push_back(all.front());  // doubled
    std::vector<std::size_t> order(all.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::optional<Kept> expected;
    do {
      Kept kept;
      for (const std::size_t i : order) kept.take(all[i]);
      if (!expected) expected = kept;
      ASSERT_EQ(kept, *expected) << "round " << round;
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST(Change, TravelsAndIsReadBack) {
  for (const auto& change : {edit(5, "words"), react(kBob, 6, "x"), react(kBob, 6, "x", true), unsend(7)})
    EXPECT_EQ(change_of(content_from(change), kBob, change.at.unix_millis()).value(), change);
  EXPECT_EQ(change_of(wire::Content{}, kBob, 1).value(), std::nullopt);
}

TEST(Change, HostileFieldsAreNamed) {
  const auto why = [](const wire::Content& content) {
    const auto read = change_of(content, kBob, 5);
    return read ? "" : read.error().message.substr(0, read.error().message.find(':'));
  };
  auto content = content_from(unsend(1));
  content.unsend->author = kAlice.hex();
  EXPECT_EQ(why(content), "unsend.author");
  content.unsend->author = "nobody";
  EXPECT_EQ(why(content), "unsend.author");
  content = content_from(unsend(1));
  content.unsend->timestamp_ms = 0;
  EXPECT_EQ(why(content), "unsend.timestamp");
  content.unsend->timestamp_ms = ~0ULL;
  EXPECT_EQ(why(content), "unsend.timestamp");
  content = content_from(react(kBob, 1, "x"));
  for (const std::string& emoji : {std::string(), std::string(65, 'x'), std::string("\x1b[m"), std::string("\u202e")}) {
    content.data->reaction->emoji = emoji;
    EXPECT_EQ(why(content), "reaction.emoji");
  }
  content = content_from(react(kBob, 1, "x"));
  content.data->reaction->author = "05";
  EXPECT_EQ(why(content), "reaction.author");
  content.data->reaction->id = 0;
  EXPECT_EQ(why(content), "reaction.id");
  content = content_from(edit(1, "x"));
  content.data->body.clear();
  EXPECT_EQ(why(content), "body");
  content = content_from(edit(1, "x"));
  content.data->edit_of_ms = ~0ULL;
  EXPECT_EQ(why(content), "editOf");
}

TEST(Change, AMentionIsTheWholeId) {
  const std::string hex = person(0xab).hex();
  std::string upper = hex;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  EXPECT_TRUE(mentions("hello @" + hex + "!", person(0xab)));
  EXPECT_TRUE(mentions("@" + upper, person(0xab)));
  EXPECT_FALSE(mentions(hex, person(0xab)));
  EXPECT_FALSE(mentions("@" + hex.substr(0, 65), person(0xab)));
  EXPECT_FALSE(mentions("@" + hex, person(1)));
}

TEST(Change, TextsAreCutBetweenCharacters) {
  EXPECT_EQ(cut("a\u20ac", 4), "a\u20ac");
  EXPECT_EQ(cut("a\u20ac", 3), "a");
  EXPECT_EQ(cut("\u20ac", 2), "");
  EXPECT_EQ(shown_name(" \t "), "");
  EXPECT_EQ(shown_name("Bob\nMallory"), "Bob Mallory");
  EXPECT_TRUE(is_utf8(shown_name(std::string(119, 'x') + "\u20ac")));
  EXPECT_EQ(shown_name(std::string(119, 'x') + "\u20ac").size(), 119u);
}

TEST(Change, WordsToBeSentAreChecked) {
  EXPECT_EQ(check_words("")->message, "text: empty");
  EXPECT_EQ(check_words("\xc3\x28")->message, "text: not UTF-8");
  EXPECT_NE(check_words(std::string(wire::kMaxTextBytes + 1, 'x'))->message.find("65537"), std::string::npos);
  EXPECT_FALSE(check_words(std::string(wire::kMaxTextBytes, 'x')));
}

}  // namespace
}  // namespace session::client

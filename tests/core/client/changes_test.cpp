// Changes that come before, after and instead of their messages, in every order.
#include <algorithm>
#include <map>
#include <sstream>

#include "tests/core/client/talk.h"

namespace session::client {
namespace {

class Changes : public Talk {
 protected:
  void SetUp() override {
    Talk::SetUp();
    befriend(bob);
  }
  /// What a person and the other side can ever see of the conversation, without the numbers of rows.
  std::string seen(const store::ClientStore& kept) {
    std::map<store::MessageKey, std::string> lines;
    const auto all = kept.messages(bob.id()).value();
    for (const store::MessageRow& row : all) {
      std::ostringstream line;
      line << row.body << '|' << row.unsent << row.mentions_us << '|' << row.edited.micros << '|' << row.notice << '|'
           << row.state << '|';
      if (row.quote) line << row.quote->text << '@' << row.quote->about.sent_at.micros;
      for (const auto& r : row.reactions) line << '|' << r.who.hex() << r.emoji << r.at.micros << r.removed;
      const auto edits = kept.edits(row.id).value();
      for (const auto& e : edits) line << '|' << e.at.micros << e.body;
      lines[key_of(row)] = line.str();
    }
    std::ostringstream out;
    for (const auto& [key, line] : lines) out << key.sent_at.micros << key.outgoing << ' ' << line << '\n';
    const auto conversation = kept.conversation(bob.id())->value();
    out << conversation.unread << ' ' << conversation.timer_s << ' ' << conversation.timer_changed.micros << ' '
        << kept.count_orphans(bob.id()).value() << '\n';
    return out.str();
  }
  /// The end after these arrivals, each opened by itself or all at once.
  std::string end_of(const std::vector<Bytes>& data, const std::vector<std::size_t>& order, bool at_once) {
    store::MemoryClientStore kept = store;
    wire::Effects effects(false);
    for (std::size_t i = 0; i < order.size(); ++i) {
      put(kept, data[order[i]]);
      if (at_once && i + 1 < order.size()) continue;
      Client alice = Client::open(kept, {.seeds = {"seed"}}).value();
      EXPECT_TRUE(alice.start({now, rng, kept, effects}));
      alice.check_invariants();
    }
    return seen(kept);
  }
};

TEST_F(Changes, EveryOrderOfArrivalEndsAlike) {
  ASSERT_EQ(refusal(Send{bob.id(), "ours"}), "");
  const std::int64_t ours = last(bob.id()).sent_at.unix_millis();
  const std::string us = client->id().hex();
  wire::Content answer = text("an answer to @" + us);
  answer.data->quote = wire::Quote{static_cast<std::uint64_t>(ms(10)), bob.id().hex(), "claimed words"};
  wire::Content timer;
  timer.data = wire::DataMessage{.flags = wire::flags::kExpirationTimerUpdate, .expire_timer_s = 60};
  wire::Content later_timer = timer;
  later_timer.data->expire_timer_s = 3600;

  struct Case {
    const char* what;
    std::vector<std::pair<wire::Content, std::int64_t>> contents;
  };
  const std::vector<Case> cases = {
      {"edits",
       {{text("one"), 10},
        {changed(Kind::Edit, bob.id(), ms(10), "two @" + us), 20},
        {changed(Kind::Edit, bob.id(), ms(10), "three"), 30},
        {changed(Kind::Edit, bob.id(), ms(10), "four"), 40}}},
      {"taken back",
       {{text("one"), 10},
        {changed(Kind::Edit, bob.id(), ms(10), "two"), 20},
        {changed(Kind::Reaction, bob.id(), ms(10), "x"), 30},
        {changed(Kind::Unsend, bob.id(), ms(10), ""), 15}}},
      {"reactions",
       {{text("one"), 10},
        {changed(Kind::Reaction, bob.id(), ms(10), "x"), 20},
        {changed(Kind::Reaction, bob.id(), ms(10), "x", true), 30},
        {changed(Kind::Reaction, client->id(), ours, "y"), 40}}},
      {"quotes",
       {{text("one"), 10},
        {changed(Kind::Edit, bob.id(), ms(10), "two"), 20},
        {answer, 30},
        {changed(Kind::Reaction, bob.id(), ms(30), "x"), 40}}},
      {"quotes of what is taken back",
       {{text("one"), 10},
        {answer, 30},
        {changed(Kind::Unsend, bob.id(), ms(10), ""), 40},
        {changed(Kind::Edit, bob.id(), ms(30), "words"), 50}}},
      {"timers", {{timer, 10}, {later_timer, 20}, {timer, 20}, {text("one"), 30}}},
  };
  for (const Case& each : cases) {
    std::vector<Bytes> data;
    for (const auto& [content, after] : each.contents) data.push_back(boxed(bob, content, ms(after)));
    std::vector<std::size_t> order(data.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::optional<std::string> expected;
    do {
      std::vector<std::size_t> doubled = order;
      doubled.push_back(order.front());  // a node shows it again under another name
      for (const bool at_once : {true, false}) {
        const std::string end = end_of(data, doubled, at_once);
        if (!expected) expected = end;
        ASSERT_EQ(end, *expected) << each.what;
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST_F(Changes, RandomConversationsEndAlike) {
  ASSERT_EQ(refusal(Send{bob.id(), "ours"}), "");
  const std::int64_t ours = last(bob.id()).sent_at.unix_millis();
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SeededRng dice(seed);
    std::vector<Bytes> data;
    std::vector<std::int64_t> written;
    for (std::int64_t after = 10; after < 26; ++after) {
      const auto about = written.empty() ? ms(10) : written[dice.below(written.size())];
      wire::Content content = text("words " + std::to_string(after));
      switch (written.empty() ? 0 : dice.below(6)) {
        case 0: written.push_back(ms(after)); break;
        case 1:
          content.data->quote = wire::Quote{static_cast<std::uint64_t>(about), bob.id().hex(), "claimed"};
          written.push_back(ms(after));
          break;
        case 2: content = changed(Kind::Edit, bob.id(), about, "edit " + std::to_string(after)); break;
        case 3: content = changed(Kind::Reaction, bob.id(), about, dice.below(2) == 0 ? "x" : "y", dice.below(3) == 0); break;
        case 4:
          content = changed(Kind::Reaction, client->id(), ours, dice.below(2) == 0 ? "x" : "y", dice.below(3) == 0);
          break;
        case 5: content = changed(Kind::Unsend, bob.id(), about, ""); break;
        default: break;
      }
      data.push_back(boxed(bob, content, ms(after)));
    }
    std::vector<std::size_t> order(data.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const std::string expected = end_of(data, order, true);
    for (int round = 0; round < 12; ++round) {
      for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[dice.below(i)]);
      ASSERT_EQ(end_of(data, order, round % 2 == 0), expected) << "seed " << seed << " round " << round;
    }
  }
}

TEST_F(Changes, OnlyTheAuthorEditsAndTakesBack) {
  ASSERT_EQ(refusal(Send{bob.id(), "ours"}), "");
  const auto ours = last(bob.id());
  comes(bob, changed(Kind::Edit, bob.id(), ours.sent_at.unix_millis(), "theirs"), ms(10));
  comes(bob, changed(Kind::Unsend, client->id(), ours.sent_at.unix_millis(), ""), ms(11));
  EXPECT_EQ(last(bob.id()).body, "ours");
  EXPECT_FALSE(last(bob.id()).unsent);
  // Carol knows when Bob wrote: it does not help her.
  Stranger carol(rng);
  befriend(carol);
  comes(bob, text("Bob's"), ms(20));
  const auto bobs = last(bob.id()).id;
  comes(carol, changed(Kind::Edit, carol.id(), ms(20), "Carol's"), ms(21));
  comes(carol, changed(Kind::Reaction, bob.id(), ms(20), "x"), ms(22));
  EXPECT_EQ(message(bobs).body, "Bob's");
  EXPECT_TRUE(message(bobs).reactions.empty());
  EXPECT_TRUE(events(EventType::Edited).empty());
  EXPECT_TRUE(events(EventType::Unsent).empty());
}

TEST_F(Changes, AreToldOnce) {
  comes(bob, text("one"), ms(10));
  const auto id = last(bob.id()).id;
  for (int twice = 0; twice < 2; ++twice) {
    comes(bob, changed(Kind::Edit, bob.id(), ms(10), "two"), ms(20));
    comes(bob, changed(Kind::Reaction, bob.id(), ms(10), "x"), ms(21));
    comes(bob, changed(Kind::Unsend, bob.id(), ms(10), ""), ms(22));
  }
  for (const auto type : {EventType::Edited, EventType::Reaction, EventType::Unsent}) {
    ASSERT_EQ(events(type).size(), 1u) << name_of(type);
    EXPECT_EQ(events(type)[0].id, id);
  }
  // What was taken back before it came is not told at all.
  comes(bob, changed(Kind::Unsend, bob.id(), ms(30), ""), ms(31));
  comes(bob, text("regretted"), ms(30));
  EXPECT_TRUE(last(bob.id()).unsent);
  for (const auto& event : events(EventType::Message)) EXPECT_NE(event.text, "regretted");
}

TEST_F(Changes, TwoHundredWaitInAConversationAndForFourteenDays) {
  for (int i = 0; i < 210; ++i) put(store, boxed(bob, changed(Kind::Reaction, bob.id(), ms(1000 + i), "x"), ms(10)));
  open();
  EXPECT_EQ(rows().count_orphans(bob.id()).value(), 200u);
  now = now + days(14);
  wake(kUpkeep);
  EXPECT_EQ(rows().count_orphans(bob.id()).value(), 0u);
}

}  // namespace
}  // namespace session::client

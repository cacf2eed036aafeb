#include "core/client/contact.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <compare>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace session::client {
namespace {

using S = ContactState;
using C = ContactCause;

TEST(Contact, EveryStateHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int i = 0; i < kContactStates; ++i) EXPECT_TRUE(names.insert(name_of(static_cast<S>(i))).second);
}

/// Every pair of the specification (client.md 4.2), written as a grid: what stands there, "-" where nothing may happen.
TEST(Contact, EveryPairLeadsWhereTheSpecificationSays) {
  const std::map<char, S> letters = {
      {'s', S::Stranger}, {'?', S::Asked}, {'!', S::Asking}, {'a', S::Accepted}, {'x', S::Expired}};
  // WeAsk, TheyAsk, WeAccept, WeDecline, TheyAnswer, OurRequestExpires, TheirRequestExpires, WeRemove
  const std::map<S, std::string> grid = {{S::Stranger, "?!-----s"},
                                         {S::Asked, "-a--ax-s"},
                                         {S::Asking, "-!as!-ss"},
                                         {S::Accepted, "-a--a--s"},
                                         {S::Expired, "?a--a--s"}};
  std::size_t found = 0;
  for (const auto& [from, row] : grid)
    for (int cause = 0; cause < kContactCauses; ++cause) {
      const auto move = move_for(from, static_cast<C>(cause));
      const char expected = row[static_cast<std::size_t>(cause)];
      EXPECT_EQ(move.has_value(), expected != '-') << name_of(from) << " " << cause;
      if (!move || expected == '-') continue;
      EXPECT_EQ(move->to, letters.at(expected)) << name_of(from) << " " << cause;
      ++found;
    }
  EXPECT_EQ(found, std::size(kContactMoves)) << "a pair stands twice in the table";
}

TEST(Contact, OnlyWhoSaidYesIsToldSo) {
  for (const ContactMove& move : kContactMoves) {
    const bool yes = move.to == S::Accepted && (move.cause == C::WeAccept || move.cause == C::TheyAsk);
    EXPECT_EQ(move.answers, yes) << name_of(move.from);
  }
}

// --- both sides --------------------------------------------------------------------------------------------------------------

enum class Word : std::uint8_t { Request, Answer, Text };
constexpr int kWords = 3;

/// Two people and what is on its way between them: how many of each word, at most two (more of the same changes nothing new).
struct Pair {
  std::array<S, 2> state{};
  std::array<std::array<std::uint8_t, kWords>, 2> on_the_way{};  ///< [to whom][word]
  friend auto operator<=>(const Pair&, const Pair&) = default;
};

bool put(Pair& pair, int to, Word word) {
  auto& count = pair.on_the_way[static_cast<std::size_t>(to)][static_cast<std::size_t>(word)];
  if (count == 2) return false;
  ++count;
  return true;
}
/// `who` does it, or has it happen to him; nothing when the table has no such move.
std::optional<Pair> moved(Pair pair, int who, C cause) {
  const auto move = move_for(pair.state[static_cast<std::size_t>(who)], cause);
  if (!move) return std::nullopt;
  pair.state[static_cast<std::size_t>(who)] = move->to;
  if (cause == C::WeAsk && !put(pair, 1 - who, Word::Request)) return std::nullopt;
  if (move->answers) put(pair, 1 - who, Word::Answer);
  return pair;
}
/// One of the words on its way to `who` comes; a stranger's text is a request to whoever does not know him.
Pair arrived(Pair pair, int who, Word word) {
  --pair.on_the_way[static_cast<std::size_t>(who)][static_cast<std::size_t>(word)];
  const S state = pair.state[static_cast<std::size_t>(who)];
  const bool asks = word == Word::Request || (word == Word::Text && state == S::Stranger);
  return moved(pair, who, asks ? C::TheyAsk : C::TheyAnswer).value_or(pair);
}
std::vector<Pair> after_one_arrival(const Pair& pair) {
  std::vector<Pair> out;
  for (int who = 0; who < 2; ++who)
    for (int word = 0; word < kWords; ++word)
      if (pair.on_the_way[static_cast<std::size_t>(who)][static_cast<std::size_t>(word)] > 0)
        out.push_back(arrived(pair, who, static_cast<Word>(word)));
  return out;
}
std::vector<Pair> after_one_act(const Pair& pair, const std::vector<C>& acts) {
  std::vector<Pair> out;
  for (int who = 0; who < 2; ++who) {
    for (const C act : acts)
      if (auto next = moved(pair, who, act)) out.push_back(*next);
    if (Pair next = pair; pair.state[static_cast<std::size_t>(who)] == S::Accepted && put(next, 1 - who, Word::Text))
      out.push_back(next);
  }
  return out;
}
std::vector<Pair> after_one_loss(const Pair& pair) {
  std::vector<Pair> out;
  for (std::size_t who = 0; who < 2; ++who)
    for (std::size_t word = 0; word < kWords; ++word)
      if (Pair next = pair; next.on_the_way[who][word] > 0) {
        --next.on_the_way[who][word];
        out.push_back(next);
      }
  return out;
}
template <class Next>
std::set<Pair> reachable(const std::set<Pair>& from, Next&& next) {
  std::set<Pair> seen = from;
  std::deque<Pair> open(from.begin(), from.end());
  while (!open.empty()) {
    const Pair pair = open.front();
    open.pop_front();
    for (const Pair& each : next(pair))
      if (seen.insert(each).second) open.push_back(each);
  }
  return seen;
}
bool is_quiet(const Pair& pair) { return pair.on_the_way == Pair{}.on_the_way; }
/// Every way in which what is on its way can come, to the end.
std::set<Pair> ends_of(const Pair& pair) {
  std::set<Pair> ends;
  for (const Pair& each : reachable({pair}, after_one_arrival))
    if (is_quiet(each)) ends.insert(each);
  return ends;
}
std::string words(const Pair& pair) { return std::string(name_of(pair.state[0])) + " / " + name_of(pair.state[1]); }
std::vector<Pair>& append(std::vector<Pair>& to, const std::vector<Pair>& more) {
  to.insert(to.end(), more.begin(), more.end());
  return to;
}

TEST(ContactPair, WithoutLossBothSeeTheSame) {
  const auto all = reachable({Pair{}}, [](const Pair& pair) {
    auto next = after_one_arrival(pair);
    return append(next, after_one_act(pair, {C::WeAsk, C::WeAccept}));
  });
  const std::set<std::array<S, 2>> alike = {
      {S::Stranger, S::Stranger}, {S::Asked, S::Asking}, {S::Asking, S::Asked}, {S::Accepted, S::Accepted}};
  std::size_t quiet = 0;
  for (const Pair& pair : all) {
    if (!is_quiet(pair)) continue;
    ++quiet;
    EXPECT_TRUE(alike.contains(pair.state)) << words(pair);
  }
  EXPECT_EQ(quiet, alike.size()) << "not every one of them is reached";
}

TEST(ContactPair, WhoWaitsForAnAnswerAndWhoDecidesIsNeverTheSamePersonTwice) {
  // Requests that cross, in whatever order and with whatever expiries, end in a conversation.
  Pair crossed = *moved(*moved(Pair{}, 0, C::WeAsk), 1, C::WeAsk);
  for (const Pair& end : ends_of(crossed)) EXPECT_EQ(end.state, (std::array{S::Accepted, S::Accepted})) << words(end);
  crossed = *moved(*moved(crossed, 0, C::OurRequestExpires), 1, C::OurRequestExpires);
  for (const Pair& end : ends_of(crossed)) EXPECT_EQ(end.state, (std::array{S::Accepted, S::Accepted})) << words(end);
}

/// Whatever was lost, expired or removed: once one side has said yes, the next word that arrives in either direction brings
/// both to the same view, and asking again always brings the other to a decision.
TEST(ContactPair, AnyLossIsMendedByTheNextWord) {
  const auto all = reachable({Pair{}}, [](const Pair& pair) {
    auto next = after_one_arrival(pair);
    append(next, after_one_loss(pair));
    return append(next, after_one_act(pair, {C::WeAsk, C::WeAccept, C::WeDecline, C::OurRequestExpires, C::TheirRequestExpires,
                                             C::WeRemove}));
  });
  ASSERT_GT(all.size(), 1000u);
  const std::set<std::array<S, 2>> undecided = {{S::Accepted, S::Asking}, {S::Asking, S::Accepted}};
  for (const Pair& pair : all) {
    if (!is_quiet(pair)) continue;
    for (int who = 0; who < 2; ++who) {
      const S own = pair.state[static_cast<std::size_t>(who)], other = pair.state[static_cast<std::size_t>(1 - who)];
      if (own == S::Accepted) {  // writes
        Pair wrote = pair;
        put(wrote, 1 - who, Word::Text);
        for (const Pair& end : ends_of(wrote)) {
          const bool is_one_decision_away = other == S::Stranger || other == S::Asking;
          if (is_one_decision_away) {
            EXPECT_TRUE(undecided.contains(end.state)) << words(pair) << " > " << words(end);
            const Pair said_yes = *moved(end, 1 - who, C::WeAccept);
            for (const Pair& last : ends_of(said_yes))
              EXPECT_EQ(last.state, (std::array{S::Accepted, S::Accepted})) << words(pair);
          } else {
            EXPECT_EQ(end.state, (std::array{S::Accepted, S::Accepted})) << words(pair) << " > " << words(end);
          }
        }
      }
      if (const auto asked = moved(pair, who, C::WeAsk)) {
        for (const Pair& end : ends_of(*asked)) {
          const bool theirs_to_decide =
              end.state[static_cast<std::size_t>(1 - who)] == S::Asking && end.state[static_cast<std::size_t>(who)] == S::Asked;
          const bool both = end.state == std::array{S::Accepted, S::Accepted};
          EXPECT_TRUE(theirs_to_decide || both) << words(pair) << " > " << words(end);
        }
      }
    }
  }
}

}  // namespace
}  // namespace session::client

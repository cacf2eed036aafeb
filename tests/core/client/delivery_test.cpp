#include "core/client/delivery.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace session::client {
namespace {

constexpr State state(int i) { return static_cast<State>(i); }

TEST(Delivery, EveryStateHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int i = 0; i < kStates; ++i) EXPECT_TRUE(names.insert(name_of(state(i))).second);
  EXPECT_FALSE(names.contains("?"));
}

TEST(Delivery, OnlyTheMovesOfTheTableAreLegal) {
  std::set<std::pair<State, State>> table(std::begin(kMoves), std::end(kMoves));
  EXPECT_EQ(table.size(), std::size(kMoves));
  for (int from = 0; from < kStates; ++from)
    for (int to = 0; to < kStates; ++to) EXPECT_EQ(may_move(state(from), state(to)), table.contains({state(from), state(to)}));
}

TEST(Delivery, EveryStateIsReachedFromQueued) {
  std::set<State> reached = {State::Queued};
  for (int round = 0; round < kStates; ++round)
    for (const auto& [from, to] : kMoves)
      if (reached.contains(from)) reached.insert(to);
  EXPECT_EQ(reached.size(), static_cast<std::size_t>(kStates));
}

TEST(Delivery, WhateverIsInFlightCanBeQueuedAgain) {
  for (int i = 0; i < kStates; ++i)
    if (is_in_flight(state(i))) {
      EXPECT_TRUE(may_move(state(i), State::Queued));
    }
}

TEST(Delivery, WhatIsOverStaysSo) {
  for (const State over : {State::Cancelled, State::Read, State::Relayed})
    for (int to = 0; to < kStates; ++to)
      EXPECT_FALSE(may_move(over, state(to))) << name_of(over) << " to " << name_of(state(to));
  for (int to = 0; to < kStates; ++to) EXPECT_EQ(may_move(State::Fetched, state(to)), state(to) == State::Read);
  for (int to = 0; to < kStates; ++to)  // a receipt may come late
    EXPECT_EQ(may_move(State::Expired, state(to)), state(to) == State::Fetched || state(to) == State::Read);
}

TEST(Delivery, AReceiptIsBelievedWhereverTheMessageStandsOnItsWay) {  // it may overtake every answer
  for (int i = 0; i < kStates; ++i) {
    const bool may_have_left = state(i) != State::Addressing && !is_settled(state(i));
    if (!may_have_left && state(i) != State::Kept) continue;
    EXPECT_TRUE(may_move(state(i), State::Fetched)) << name_of(state(i));
    EXPECT_TRUE(may_move(state(i), State::Read)) << name_of(state(i));
  }
}

TEST(Delivery, EveryWayAndStepHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(Step::Relayed); ++i) EXPECT_TRUE(names.insert(name_of(static_cast<Step>(i))).second);
  EXPECT_FALSE(names.contains("?"));
  EXPECT_STREQ(name_of(Way::Relay), "relay");
}

}  // namespace
}  // namespace session::client

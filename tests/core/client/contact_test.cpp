#include "core/client/contact.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace session::client {
namespace {

TEST(Contact, EveryStateHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int i = 0; i < kContactStates; ++i) EXPECT_TRUE(names.insert(name_of(static_cast<ContactState>(i))).second);
}

TEST(Contact, OnlyTheMovesOfTheTableAreLegal) {
  std::set<std::pair<ContactState, ContactState>> table(std::begin(kContactMoves), std::end(kContactMoves));
  for (int a = 0; a < kContactStates; ++a)
    for (int b = 0; b < kContactStates; ++b) {
      const auto from = static_cast<ContactState>(a), to = static_cast<ContactState>(b);
      EXPECT_EQ(may_move(from, to), table.contains({from, to}));
    }
}

TEST(Contact, NobodyIsAcceptedWithoutASidesWord) {
  EXPECT_FALSE(may_move(ContactState::Stranger, ContactState::Accepted));
  EXPECT_TRUE(may_move(ContactState::Asked, ContactState::Accepted));
  EXPECT_TRUE(may_move(ContactState::Asking, ContactState::Accepted));
}

}  // namespace
}  // namespace session::client

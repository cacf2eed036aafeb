#include "core/node/revocations.h"

#include <gtest/gtest.h>

#include "tests/core/store/stores.h"

namespace session::node {
namespace {

wire::SubaccountToken token(int number) {
  wire::SubaccountToken out{};
  out[0] = static_cast<std::byte>(number);
  return out;
}

TEST(Revocations, TheNewestFiftyAreKeptInTheOrderOfTheirArrival) {
  store::MemoryMailStore kept;
  const Account account{}, other{{std::byte{5}}};
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(revoke(kept, account, {token(i)}));
  ASSERT_TRUE(revoke(kept, account, {token(0)}));  // counts as new
  EXPECT_EQ(revocations_of(kept, account)->size(), 50u);
  EXPECT_EQ(revocations_of(kept, account)->front(), token(1));
  EXPECT_EQ(revocations_of(kept, account)->back(), token(0));
  ASSERT_TRUE(revoke(kept, account, {token(50)}));
  EXPECT_EQ(revocations_of(kept, account)->size(), kMostRevocations);
  EXPECT_EQ(revocations_of(kept, account)->front(), token(2));
  EXPECT_TRUE(revocations_of(kept, other)->empty());
}

TEST(Revocations, TakingThemBackCountsWhatWasThere) {
  store::MemoryMailStore kept;
  const Account account{};
  ASSERT_TRUE(revoke(kept, account, {token(1), token(2)}));
  EXPECT_EQ(unrevoke(kept, account, {token(2), token(3), token(2)}).value(), 1u);
  EXPECT_EQ(revocations_of(kept, account).value(), std::vector{token(1)});
  EXPECT_EQ(unrevoke(kept, account, {token(1)}).value(), 1u);
  EXPECT_EQ(unrevoke(kept, account, {token(1)}).value(), 0u);
  EXPECT_TRUE(revocations_of(kept, account)->empty());
}

}  // namespace
}  // namespace session::node

#include "core/node/revocations.h"

#include <gtest/gtest.h>

#include "tests/core/store/stores.h"

namespace session::node {
namespace {

const Instant kNow = Instant::from_unix_millis(1'700'000'000'000);

wire::SubaccountToken token(int number) {
  wire::SubaccountToken out{};
  out[0] = static_cast<std::byte>(number);
  return out;
}

TEST(Revocations, TheNewestFiftyAreKeptInTheOrderOfTheirArrival) {
  store::MemoryMailStore kept;
  const Account account{}, other{{std::byte{5}}};
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(revoke(kept, account, {token(i)}, kNow));
  ASSERT_TRUE(revoke(kept, account, {token(0)}, kNow));  // counts as new
  EXPECT_EQ(revocations_of(kept, account)->size(), 50u);
  EXPECT_EQ(revocations_of(kept, account)->front(), token(1));
  EXPECT_EQ(revocations_of(kept, account)->back(), token(0));
  ASSERT_TRUE(revoke(kept, account, {token(50)}, kNow));
  EXPECT_EQ(revocations_of(kept, account)->size(), kMostRevocations);
  EXPECT_EQ(revocations_of(kept, account)->front(), token(2));
  EXPECT_TRUE(revocations_of(kept, other)->empty());
}

TEST(Revocations, TakingThemBackCountsWhatWasThere) {
  store::MemoryMailStore kept;
  const Account account{};
  ASSERT_TRUE(revoke(kept, account, {token(1), token(2)}, kNow));
  EXPECT_EQ(unrevoke(kept, account, {token(2), token(3), token(2)}, kNow).value(), 1u);
  EXPECT_EQ(revocations_of(kept, account).value(), std::vector{token(1)});
  EXPECT_EQ(unrevoke(kept, account, {token(1)}, kNow).value(), 1u);
  EXPECT_EQ(unrevoke(kept, account, {token(1)}, kNow).value(), 0u);
  EXPECT_TRUE(revocations_of(kept, account)->empty());
}

TEST(Revocations, AreCountedTogether) {
  store::MemoryMailStore kept;
  const Account alice{{std::byte{5}, std::byte{1}}}, bob{{std::byte{5}, std::byte{2}}};
  EXPECT_EQ(bytes_of_revocations(kept).value(), 0u);
  ASSERT_TRUE(revoke(kept, alice, {token(1), token(2)}, kNow));
  ASSERT_TRUE(revoke(kept, bob, {token(1)}, kNow));
  ASSERT_TRUE(revoke(kept, bob, {token(1)}, kNow));
  EXPECT_EQ(bytes_of_revocations(kept).value(), bytes_of_revocations(2) + bytes_of_revocations(1));
  ASSERT_TRUE(unrevoke(kept, alice, {token(1), token(2)}, kNow));
  ASSERT_TRUE(unrevoke(kept, bob, {token(1)}, kNow));
  EXPECT_EQ(bytes_of_revocations(kept).value(), 0u);
}

TEST(Revocations, AreDroppedSixtyDaysAfterTheAccountsLastActivity) {
  store::MemoryMailStore kept;
  const Account alice{{std::byte{5}, std::byte{1}}}, bob{{std::byte{5}, std::byte{2}}};
  ASSERT_TRUE(revoke(kept, alice, {token(1)}, kNow));
  ASSERT_TRUE(revoke(kept, bob, {token(2)}, kNow));
  store::MailRow row;
  row.head = {.account = bob, .hash = store::hash_of(1), .timestamp = kNow, .expiry = kNow + days(30), .arrived = kNow};
  ASSERT_TRUE(kept.insert(row));
  const auto pass = [&](Instant now) { EXPECT_EQ(drop_old_revocations(kept, "", now).value(), ""); };
  pass(kNow + days(29));
  ASSERT_TRUE(kept.expire(kNow + days(30), store::kNoLimit));
  pass(kNow + days(60) - Millis{1});
  EXPECT_EQ(revocations_of(kept, alice)->size(), 1u);
  pass(kNow + days(60));
  EXPECT_TRUE(revocations_of(kept, alice)->empty());
  EXPECT_EQ(bytes_of_revocations(kept).value(), bytes_of_revocations(1));
  pass(kNow + days(89) - Millis{1});
  EXPECT_EQ(revocations_of(kept, bob)->size(), 1u) << "it kept messages until then";
  pass(kNow + days(89));
  EXPECT_TRUE(revocations_of(kept, bob)->empty());
  EXPECT_EQ(bytes_of_revocations(kept).value(), 0u);
}

TEST(Revocations, ManyAreLookedAtInSlices) {
  store::MemoryMailStore kept;
  Account account{{std::byte{5}}};
  for (int i = 0; i < 250; ++i) {
    account.bytes[1] = static_cast<std::byte>(i);
    ASSERT_TRUE(revoke(kept, account, {token(i)}, kNow));
  }
  std::string after;
  int slices = 0;
  do {
    after = drop_old_revocations(kept, after, kNow + days(61)).value();
  } while (++slices < 9 && !after.empty());
  EXPECT_EQ(slices, 3);
  EXPECT_EQ(bytes_of_revocations(kept).value(), 0u);
}

TEST(Revocations, OfAnOlderFileAreReadAndHaveTheirTime) {
  store::MemoryMailStore kept;
  const Account alice{{std::byte{5}, std::byte{1}}};
  ASSERT_TRUE(kept.put_setting("revoked/" + alice.hex(), concat(token(1), token(2))));
  EXPECT_EQ(revocations_of(kept, alice).value(), (std::vector{token(1), token(2)}));
  ASSERT_TRUE(drop_old_revocations(kept, "", kNow));
  EXPECT_EQ(bytes_of_revocations(kept).value(), bytes_of_revocations(2));
  ASSERT_TRUE(drop_old_revocations(kept, "", kNow + days(59)));
  EXPECT_EQ(revocations_of(kept, alice)->size(), 2u);
  ASSERT_TRUE(drop_old_revocations(kept, "", kNow + days(60)));
  EXPECT_TRUE(revocations_of(kept, alice)->empty());
}

}  // namespace
}  // namespace session::node

#include "core/swarm/stake.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"

namespace session::swarm {
namespace {

NodeId node(std::uint8_t number) {
  NodeId id;
  id.key[0] = static_cast<std::byte>(number);
  return id;
}

TEST(Stakes, WhatIsLockedIsFreeAgainAtItsHeightAndIsUsedBeforeAnythingIsIssued) {
  Stakes stakes;
  stakes.stake(node(1), 100, 10);
  EXPECT_EQ(stakes.issued(), 100u);
  EXPECT_EQ(stakes.staked(), 100u);
  stakes.lock(node(1), 50);
  EXPECT_EQ(stakes.staked(), 0u);
  EXPECT_EQ(stakes.find(node(1))->available(49), 0u);
  EXPECT_EQ(stakes.find(node(1))->available(50), 100u);
  Stakes early = stakes;
  early.stake(node(1), 100, 49);
  EXPECT_EQ(early.issued(), 200u) << "the first hundred is locked still";
  stakes.stake(node(1), 100, 50);
  EXPECT_EQ(stakes.issued(), 100u);
  EXPECT_TRUE(stakes.find(node(1))->locked.empty());
}

TEST(Stakes, WhateverHappensTheSumIsWhatWasIssued) {
  SeededRng dice(1, "stakes");
  Stakes stakes;
  for (std::uint64_t height = 1; height < 3'000; ++height) {
    const NodeId owner = node(static_cast<std::uint8_t>(dice.below(20)));
    const Purse* purse = stakes.find(owner);
    if (purse != nullptr && purse->staked > 0)
      stakes.lock(owner, height + dice.below(100));
    else
      stakes.stake(owner, dice.below(1'000'000), height);
    ASSERT_EQ(stakes.sum(), stakes.issued());
  }
  EXPECT_GT(stakes.issued(), 1'000'000u);
}

TEST(Stakes, NothingIsLockedForAStranger) {
  Stakes stakes;
  stakes.lock(node(1), 5);
  EXPECT_EQ(stakes.find(node(1)), nullptr);
  EXPECT_EQ(stakes, Stakes());
}

}  // namespace
}  // namespace session::swarm

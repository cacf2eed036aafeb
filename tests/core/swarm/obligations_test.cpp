#include "core/swarm/obligations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace session::swarm {
namespace {

Registry registry(std::size_t active, std::size_t inactive = 0, std::uint8_t block = 1) {
  std::vector<wire::RegistryEntry> nodes;
  for (std::size_t i = 0; i < active + inactive; ++i) {
    wire::RegistryEntry node;
    node.id.key[0] = static_cast<std::byte>(i / 256);
    node.id.key[1] = static_cast<std::byte>(i % 256);
    node.active = i < active;
    nodes.push_back(node);
  }
  ByteArray<32> hash{};
  hash[10] = static_cast<std::byte>(block);
  return {100, hash, {}, nodes};
}

TEST(Obligations, AQuorumIsTenActiveNodesAndThoseTheyTestAreOthers) {
  const Registry network = registry(40, 5);
  const Quorum quorum = quorum_of(network);
  EXPECT_EQ(quorum.height, 100u);
  ASSERT_EQ(quorum.validators.size(), kValidators);
  EXPECT_EQ(quorum.tested.size(), 35u);  // all the others, the inactive among them
  std::set<NodeId> all(quorum.validators.begin(), quorum.validators.end());
  for (const NodeId& node : quorum.validators) EXPECT_TRUE(network.find(node)->active);
  for (const NodeId& node : quorum.tested) EXPECT_TRUE(all.insert(node).second);
  EXPECT_TRUE(quorum.has_validator(quorum.validators[3]));
  EXPECT_FALSE(quorum.has_validator(quorum.tested[3]));
  EXPECT_TRUE(quorum.has_tested(network.nodes()[42].id));
}

TEST(Obligations, AHundredthIsTestedButFiftyAtLeast) {
  EXPECT_EQ(quorum_of(registry(61)).tested.size(), 50u);
  EXPECT_EQ(quorum_of(registry(5'000)).tested.size(), 50u);
  EXPECT_EQ(quorum_of(registry(6'100, 100)).tested.size(), 62u);
}

TEST(Obligations, NobodyIsJudgedWhereThereAreTooFewToJudge) {
  EXPECT_TRUE(quorum_of(registry(10, 20)).validators.empty());
  EXPECT_TRUE(quorum_of(registry(10, 20)).tested.empty());
  EXPECT_EQ(quorum_of(registry(11)).tested.size(), 1u);
}

TEST(Obligations, TheBlockDecidesAndEverybodyComesUp) {
  EXPECT_EQ(quorum_of(registry(40)).validators, quorum_of(registry(40)).validators);
  EXPECT_NE(quorum_of(registry(40)).validators, quorum_of(registry(40, 0, 2)).validators);
  std::set<NodeId> seen;
  for (int block = 0; block < 100; ++block) {
    const auto quorum = quorum_of(registry(40, 0, static_cast<std::uint8_t>(block)));
    seen.insert(quorum.validators.begin(), quorum.validators.end());
  }
  EXPECT_EQ(seen.size(), 40u);
}

TEST(Obligations, CreditGrowsByADayToItsCapAndShrinksByTheBlock) {
  const Credit fresh{kInitialCredit, 1'000'000, true};
  EXPECT_EQ(fresh.at(1'000'000), 60);
  EXPECT_EQ(fresh.at(1'000'000 + 720), 84);
  EXPECT_EQ(fresh.at(1'000'000 + 720 * 100), kMaxCredit);
  const Credit away{84, 2'000, false};
  EXPECT_EQ(away.at(2'000), 84);
  EXPECT_EQ(away.at(2'084), 0);
  EXPECT_EQ(away.at(2'085), -1);
}

TEST(Obligations, WhoeverBeginsInTheMiddleCountsAlike) {
  for (std::uint64_t middle = 1'000'000; middle < 1'000'100; middle += 7) {
    const Credit whole{60, 1'000'000, true}, resumed{whole.at(middle), middle, true};
    for (std::uint64_t height = middle; height < middle + 100; ++height) ASSERT_EQ(whole.at(height), resumed.at(height));
  }
}

TEST(Obligations, WhatFollowsFromSevenVotes) {
  EXPECT_EQ(ruling_for(false, true, 60), Ruling::Decommission);
  EXPECT_EQ(ruling_for(false, true, 59), Ruling::Deregister);
  EXPECT_EQ(ruling_for(false, false, 0), Ruling::None);
  EXPECT_EQ(ruling_for(false, false, -1), Ruling::Deregister);
  EXPECT_EQ(ruling_for(true, false, -1), Ruling::Recommission);
  EXPECT_EQ(ruling_for(true, true, 0), Ruling::None);
  EXPECT_STREQ(name_of(Ruling::Deregister), "deregister");
}

TEST(Obligations, HoursAreSoManyBlocksOfTwoMinutes) {
  EXPECT_EQ(proof_period(seconds(120)), hours(1));
  EXPECT_EQ(proof_gap(seconds(120)), minutes(30));
  EXPECT_EQ(proof_validity(seconds(120)), minutes(125));
  EXPECT_EQ(failing_time(seconds(120)), minutes(65));
  EXPECT_EQ(proof_period(seconds(5)), seconds(150));
}

}  // namespace
}  // namespace session::swarm

#include "sim/sybil.h"

#include <gtest/gtest.h>

#include <cmath>

namespace session::sim {
namespace {

swarm::Registry network(std::size_t nodes) {
  std::vector<wire::RegistryEntry> all(nodes);
  for (std::size_t i = 0; i < nodes; ++i) {
    all[i].id.key[0] = static_cast<std::byte>(i / 256);
    all[i].id.key[1] = static_cast<std::byte>(i % 256);
  }
  return {1, {}, *pow::preset("readme"), all};
}

TEST(Sybil, WhatIsSeenIsFarMoreThanTheSquare) {  // reliability: 0.14 % at 1 %, 2.9 % at 5 %, 9.9 % at 10 %
  const auto registry = network(9'900);
  EXPECT_NEAR(sybil_price(registry, 1).sees_both_ends, 0.0014, 0.0001);
  EXPECT_NEAR(sybil_price(registry, 5).sees_both_ends, 0.029, 0.001);
  EXPECT_NEAR(sybil_price(registry, 10).sees_both_ends, 0.099, 0.001);
  EXPECT_NEAR(sybil_price(registry, 10).has_swarm_member, 1 - std::pow(0.9, 7), 0.001);
}

TEST(Sybil, HalfOfAllNodesHoldAChosenSwarmAtEvenOdds) {
  const auto registry = network(100);
  EXPECT_NEAR(sybil_price(registry, 50).has_swarm_majority, 0.5, 1e-9);
  // 35 · 0.1⁴ · 0.9³ + 21 · 0.1⁵ · 0.9² + 7 · 0.1⁶ · 0.9 + 0.1⁷, for a share a little above a tenth
  EXPECT_NEAR(sybil_price(network(9'900), 10).has_swarm_majority, 0.002728, 1e-5);
  EXPECT_GT(sybil_price(registry, 99).has_swarm_majority, 0.999);
}

TEST(Sybil, TheStakeOfThoseWhoMustJoinIsThePrice) {
  const auto price = sybil_price(network(90), 10);
  EXPECT_EQ(price.nodes, 10u);
  EXPECT_EQ(price.stake, 10 * pow::preset("readme")->staking_requirement);
  EXPECT_DOUBLE_EQ(price.fraction, 0.1);
  EXPECT_EQ(sybil_price(network(100), 50).nodes, 100u);
  EXPECT_EQ(sybil_price(network(91), 10).nodes, 11u) << "a part of a node is a node";
}

}  // namespace
}  // namespace session::sim

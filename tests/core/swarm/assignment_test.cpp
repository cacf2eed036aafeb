#include "core/swarm/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "core/base/mutant.h"
#include "core/base/rng.h"

namespace session::swarm {
namespace {

constexpr std::uint64_t kHalf = 0x7fffffffffffffff, kQuarter = 0x3fffffffffffffff, kThreeQuarters = 0xbfffffffffffffff;

NodeId node(std::size_t n) {
  NodeId id;
  id.key[0] = static_cast<std::byte>(n >> 8);
  id.key[1] = static_cast<std::byte>(n & 0xff);
  return id;
}
std::vector<NodeId> nodes(std::initializer_list<std::size_t> numbers) {
  std::vector<NodeId> out;
  for (const auto n : numbers) out.push_back(node(n));
  return out;
}
std::vector<NodeId> sorted(std::vector<NodeId> list) {
  std::sort(list.begin(), list.end());
  return list;
}
std::vector<std::size_t> sizes(const SwarmMap& map) {
  std::vector<std::size_t> out;
  for (const auto& [id, members] : map) out.push_back(members.size());
  return out;
}

TEST(SwarmDice, DrawsAsTheNetworkDoes) {  // service-node.md 2.3
  struct Row {
    std::uint64_t seed, two, seven, ten;
  };
  for (const Row row : {Row{0, 0, 1, 1}, Row{42, 1, 5, 7}, Row{12345, 0, 2, 3}}) {
    EXPECT_EQ(SwarmDice(row.seed).below(2), row.two);
    EXPECT_EQ(SwarmDice(row.seed).below(7), row.seven);
    EXPECT_EQ(SwarmDice(row.seed).below(10), row.ten);
  }
  std::mt19937_64 twister(42);
  EXPECT_EQ(twister(), 13930160852258120406u);
}

TEST(Swarm, GrowsNodeByNodeAsInTheWorkedExample) {  // service-node.md 2.6
  SwarmMap map;
  for (std::size_t i = 0; i < 28; ++i) {
    map[kNoSwarm] = {node(i)};
    assign_swarms(map, i);
    if (i == 6) {
      EXPECT_EQ(sorted(map.at({0})), nodes({0, 1, 2, 3, 4, 5, 6}));
    }
    if (i == 13) {
      EXPECT_EQ(sorted(map.at({0})), nodes({2, 3, 7, 8, 10, 11, 12}));
      EXPECT_EQ(map.at({kHalf}), nodes({5, 0, 6, 4, 9, 13, 1}));
    }
    if (i == 20) {
      EXPECT_EQ(sorted(map.at({0})), nodes({2, 3, 8, 11, 12, 16, 18}));
      EXPECT_EQ(map.at({kHalf}), nodes({5, 0, 6, 4, 9, 14, 17}));
      EXPECT_EQ(map.at({kThreeQuarters}), nodes({19, 13, 10, 1, 20, 15, 7}));
    }
  }
  ASSERT_EQ(map.size(), 4u);
  EXPECT_TRUE(map.contains({kQuarter}));
  auto all = sizes(map);
  std::sort(all.rbegin(), all.rend());
  EXPECT_EQ(all, (std::vector<std::size_t>{8, 7, 7, 6}));
}

TEST(Swarm, GrowsInBulkAsInTheWorkedExample) {  // service-node.md 2.6
  SwarmMap fourteen;
  for (std::size_t i = 0; i < 14; ++i) fourteen[kNoSwarm].push_back(node(i));
  assign_swarms(fourteen, 42);
  EXPECT_EQ(sorted(fourteen.at({0})), nodes({2, 3, 5, 6, 7, 10, 12}));
  EXPECT_EQ(fourteen.at({kHalf}), nodes({11, 13, 9, 4, 0, 1, 8}));

  SwarmMap thirty;
  for (std::size_t i = 0; i < 30; ++i) thirty[kNoSwarm].push_back(node(i));
  assign_swarms(thirty, 12345);
  EXPECT_EQ(sorted(thirty.at({0})), nodes({4, 6, 11, 17, 19, 27, 28}));
  EXPECT_EQ(thirty.at({kQuarter}), nodes({10, 3, 13, 9, 26, 25, 5, 29}));
  EXPECT_EQ(thirty.at({kHalf}), nodes({12, 0, 2, 1, 21, 23, 24}));
  EXPECT_EQ(thirty.at({kThreeQuarters}), nodes({20, 14, 16, 18, 15, 8, 7, 22}));
}

SwarmMap four_swarms(std::array<std::size_t, 4> of) {
  SwarmMap map;
  std::size_t next = 0;
  const std::array<std::uint64_t, 4> ids = {0, kQuarter, kHalf, kThreeQuarters};
  for (std::size_t s = 0; s < 4; ++s)
    for (std::size_t i = 0; i < of[s]; ++i) map[{ids[s]}].push_back(node(next++));
  return map;
}

TEST(Swarm, StarvingSwarmStealsBeforeItDissolves) {  // service-node.md 2.6
  SwarmMap map = four_swarms({4, 7, 7, 7});
  const SwarmMap before = map;
  assign_swarms(map, 1000);
  EXPECT_EQ(sizes(map), (std::vector<std::size_t>{5, 6, 7, 7}));
  EXPECT_EQ(map.at({kHalf}), before.at({kHalf}));
}

TEST(Swarm, StarvingSwarmWithoutExcessAroundItDissolves) {  // service-node.md 2.6
  SwarmMap map = four_swarms({4, 5, 5, 5});
  assign_swarms(map, 2000);
  ASSERT_FALSE(map.contains({0}));
  EXPECT_EQ(sizes(map), (std::vector<std::size_t>{6, 7, 6}));
}

TEST(Swarm, TwoStarvingSwarmsLeaveOne) {  // the guard inside the loop, service-node.md 2.4
  SwarmMap map;
  map[{0}] = nodes({1, 2});
  map[{kHalf}] = nodes({3});
  assign_swarms(map, 1);
  ASSERT_EQ(map.size(), 1u);
  EXPECT_EQ(map.begin()->second.size(), 3u);
}

TEST(Swarm, CountAndExcessFollowTheNumberOfNodes) {  // service-node.md 2.4, invariants
  SwarmMap one_by_one;
  for (std::size_t n = 1; n <= 300; ++n) {
    one_by_one[kNoSwarm] = {node(n)};
    assign_swarms(one_by_one, n * 7919);
    SwarmMap bulk;
    for (std::size_t i = 1; i <= n; ++i) bulk[kNoSwarm].push_back(node(i));
    assign_swarms(bulk, n);
    for (const SwarmMap& map : {one_by_one, bulk}) {
      EXPECT_EQ(map.size(), 1 + (n > 7 ? n - 7 : 0) / 7) << n;
      if (n < 7) continue;
      std::size_t excess = 0;
      for (const auto size : sizes(map)) excess += size > 5 ? size - 5 : 0;
      EXPECT_EQ(excess, 2 * map.size() + n % 7) << n;
    }
  }
}

/// One random life of a network: nodes come and go, alone and in crowds.
void live(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  SeededRng rng(seed);
  SwarmMap map;
  std::set<NodeId> active;
  std::size_t next = 0;
  for (int block = 0; block < 25; ++block) {
    const std::uint64_t crowd = rng.one_in(6) ? rng.below(60) : rng.below(4);
    for (std::uint64_t i = 0; i < crowd; ++i) {
      active.insert(node(next));
      map[kNoSwarm].push_back(node(next++));
    }
    const std::uint32_t leaving = rng.one_in(8) ? 500'000 : 30'000;
    for (auto& [id, members] : map)
      std::erase_if(members, [&](const NodeId& n) { return rng.chance(leaving) && active.erase(n) > 0; });
    const std::uint64_t dice = rng.next();
    SwarmMap again = map;
    assign_swarms(map, dice);
    assign_swarms(again, dice);
    ASSERT_EQ(map, again);
    ASSERT_FALSE(map.contains(kNoSwarm));
    std::set<NodeId> placed;
    for (const auto& [id, members] : map) {
      ASSERT_TRUE(map.size() == 1 || members.size() >= kMinimumSize);
      for (const NodeId& n : members) ASSERT_TRUE(placed.insert(n).second);
    }
    ASSERT_EQ(placed, active);
  }
}

TEST(Swarm, EveryActiveNodeIsInExactlyOneSwarmAndNoneStarves) {  // reliability.md S1
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) live(seed);
}

TEST(Swarm, NobodyMovesWhileNobodyStarvesOrSwarmsAreBorn) {
  SwarmMap map = four_swarms({7, 7, 7, 7});
  SwarmMap before = map;
  map[{kHalf}].pop_back();
  before = map;
  assign_swarms(map, 99);
  EXPECT_EQ(map, before);
}

SwarmMap forty_swarms() {
  SwarmMap map;
  SeededRng dice(7);
  for (std::size_t i = 0; i < 400; ++i) {
    NodeId fresh;
    dice.fill(fresh.key);
    map[kNoSwarm].push_back(fresh);
    if (i % 10 == 9) assign_swarms(map, i);
  }
  return map;
}
TEST(Swarm, IsTheSameForTheSameListAndNotForWhoSortsBySizeAlone) {  // reliability.md S1
  const SwarmMap sound = forty_swarms();
  EXPECT_GT(sound.size(), 16u);
  EXPECT_EQ(sound, forty_swarms());
  const mutant::Scope scope(Mutant::S1);
  EXPECT_EQ(sound != forty_swarms(), mutant::kAreBuilt);
}

}  // namespace
}  // namespace session::swarm

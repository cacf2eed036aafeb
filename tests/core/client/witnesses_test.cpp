// What a client makes of witnesses is tested in courier_test.cpp; here who they are, and how lists are compared.
#include "core/client/witnesses.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/core/client/known_nodes.h"

namespace session::client {
namespace {

/// Sixteen nodes, of which so many are changed.
template <class Change>
swarm::Registry with(const swarm::Registry& known, std::size_t count, Change&& change) {
  std::vector<wire::RegistryEntry> nodes = known.nodes();
  for (std::size_t i = 0; i < count; ++i) change(nodes[i]);
  return {known.height(), known.block_hash(), known.network(), std::move(nodes)};
}

TEST(Lists, MoreThanAQuarterThatMovedOrChangedIsAnotherNetwork) {
  SeededRng rng(1);
  const KnownNodes nodes("today", 16, "10.0.", rng);
  const swarm::Registry& known = *nodes.snapshot;
  const auto is_other = [&](std::size_t count, auto&& change) { return is_another_network(known, with(known, count, change)); };
  const auto move = [](wire::RegistryEntry& node) { ++node.swarm.value; };
  const auto place = [](wire::RegistryEntry& node) { node.address.host = "10.9.9.9"; };
  const auto key = [](wire::RegistryEntry& node) { node.x25519.bytes[0] ^= std::byte{1}; };
  EXPECT_FALSE(is_other(0, move));
  EXPECT_FALSE(is_other(4, move));
  EXPECT_TRUE(is_other(5, move));
  EXPECT_FALSE(is_other(4, place));
  EXPECT_TRUE(is_other(5, place));
  EXPECT_FALSE(is_other(4, key));
  EXPECT_TRUE(is_other(5, key));
}

TEST(Lists, NoMoreBlocksComeThanTheTimeAllows) {
  SeededRng rng(1);
  const KnownNodes nodes("today", 8, "10.0.", rng);
  const swarm::Registry& known = *nodes.snapshot;
  ASSERT_EQ(known.network().block_time, seconds(120));
  const auto is_ahead = [&](std::uint64_t blocks, Millis passed) {
    return is_too_far_ahead(known, {known.height() + blocks, {}, known.network(), known.nodes()}, passed);
  };
  EXPECT_FALSE(is_ahead(16, {}));
  EXPECT_TRUE(is_ahead(17, {}));
  EXPECT_FALSE(is_ahead(16, Millis{} - days(1))) << "the clock was set back";
  EXPECT_TRUE(is_ahead(17, Millis{} - days(1)));
  EXPECT_FALSE(is_ahead(16 + 37, hours(1)));
  EXPECT_TRUE(is_ahead(16 + 38, hours(1)));
  EXPECT_TRUE(is_ahead(~std::uint64_t{0} - known.height(), days(3650)));
}

TEST(Spell, IsLongByTimeAndByRounds) {
  const Instant begin = Instant::from_unix_millis(1'700'000'000'000);
  Spell spell;
  for (int i = 0; i < 11; ++i) spell.count(begin);
  EXPECT_FALSE(spell.is_long(begin + hours(1))) << "eleven rounds, and a clock that was set";
  spell.count(begin);
  EXPECT_FALSE(spell.is_long(begin + minutes(9)));
  EXPECT_TRUE(spell.is_long(begin + minutes(10)));
}

TEST(Witnesses, StandInDifferentNetworksAndAreTheSameInEachRound) {
  SeededRng rng(5);
  const KnownNodes nodes("today", 40, "10.0.", rng);
  std::vector<wire::RegistryEntry> entries = nodes.snapshot->nodes();
  for (std::size_t i = 0; i < 30; ++i) entries[i].address.host = "10.9.9." + std::to_string(i);  // 31 of 40 share one
  const swarm::Registry known(1, {}, nodes.snapshot->network(), entries);
  Witnesses witnesses;
  std::vector<NodeId> rounds[2];
  for (auto& round : rounds) {
    while (const auto node = witnesses.next(known, rng)) {
      round.push_back(*node);
      witnesses.hear({*node, nodes.snapshot, {}});
    }
    EXPECT_FALSE(witnesses.has_more());
    EXPECT_TRUE(witnesses.end_round());
    std::size_t crowded = 0;
    for (const NodeId& node : round) crowded += known.find(node)->address.host.starts_with("10.9.9.") ? 1 : 0;
    EXPECT_EQ(round.size(), 11u);
    EXPECT_EQ(crowded, 1u);
  }
  EXPECT_EQ(rounds[0], rounds[1]);
}

TEST(Witnesses, AreJudgedByThoseThatAnswered) {
  SeededRng rng(6);
  const KnownNodes nodes("today", 12, "10.0.", rng);
  const auto other = KnownNodes("today", 12, "10.9.", rng).snapshot;
  const auto is_believed = [&](std::size_t true_ones, std::size_t false_ones) {
    Witnesses witnesses;
    while (const auto node = witnesses.next(*nodes.snapshot, rng)) {
      if (true_ones > 0)
        --true_ones, witnesses.hear({*node, nodes.snapshot, {}});
      else if (false_ones > 0)
        --false_ones, witnesses.hear({*node, other, {}});
    }
    const auto end = witnesses.end_round();
    return end && end->registry == nodes.snapshot;
  };
  EXPECT_TRUE(is_believed(12, 0));
  EXPECT_TRUE(is_believed(7, 0)) << "the last five are silent";
  EXPECT_TRUE(is_believed(7, 2));
  EXPECT_FALSE(is_believed(7, 3));
  EXPECT_FALSE(is_believed(6, 0)) << "no more than half of those that were to be asked";
  EXPECT_TRUE(is_believed(9, 3));
  EXPECT_FALSE(is_believed(8, 4));
}

}  // namespace
}  // namespace session::client

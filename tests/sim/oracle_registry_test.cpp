#include "core/swarm/obligations.h"
#include "core/swarm/ring.h"
#include "tests/sim/court.h"

namespace session::sim {
namespace {

swarm::Registry snapshot(const std::vector<std::size_t>& sizes, std::uint64_t height = 7) {
  std::vector<wire::RegistryEntry> nodes;
  for (std::size_t swarm = 0; swarm < sizes.size(); ++swarm)
    for (std::size_t i = 0; i < sizes[swarm]; ++i) {
      wire::RegistryEntry entry;
      entry.id.key[0] = static_cast<std::byte>(swarm);
      entry.id.key[1] = static_cast<std::byte>(i);
      entry.swarm = SwarmId{swarm};
      nodes.push_back(entry);
    }
  return {height, {}, {}, nodes};
}

TEST(RegistryOracle, FindsNodesThatKnowAnotherNetworkAtTheSameHeight) {  // N1
  EXPECT_TRUE(are_same(snapshot({7, 7}), snapshot({7, 7})));
  EXPECT_FALSE(are_same(snapshot({7, 7}), snapshot({7, 8})));
  auto nodes = snapshot({7, 7}).nodes();
  nodes[3].swarm = SwarmId{1};
  EXPECT_FALSE(are_same(snapshot({7, 7}), swarm::Registry(7, {}, {}, nodes)));
}

TEST(RegistryOracle, FindsSwarmsThatAreTooSmallAndNodesInNone) {  // S1
  EXPECT_FALSE(wrong_with_swarms(snapshot({3})));                 // all there is
  EXPECT_FALSE(wrong_with_swarms(snapshot({5, 10})));
  EXPECT_TRUE(wrong_with_swarms(snapshot({4, 10})));
  auto nodes = snapshot({7, 7}).nodes();
  nodes[0].swarm = kNoSwarm;
  EXPECT_TRUE(wrong_with_swarms(swarm::Registry(7, {}, {}, nodes)));
  nodes[0].active = false;
  EXPECT_FALSE(wrong_with_swarms(swarm::Registry(7, {}, {}, nodes)));
}

TEST(RegistryOracle, FindsAKeyInTheWrongSwarm) {  // S2
  const std::vector<SwarmId> ids{{100}, {200}, {1'000}, {~std::uint64_t{0} - 20}};
  for (const std::uint64_t point : {0ULL, 39ULL, 40ULL, 41ULL, 100ULL, 150ULL, 151ULL, 1ULL << 63, ~0ULL})
    EXPECT_FALSE(wrong_with_key(ids, point, swarm::swarm_at(ids, point))) << point;
  EXPECT_TRUE(wrong_with_key(ids, 41, ids[3]));
  EXPECT_TRUE(wrong_with_key(ids, 150, ids[1])) << "of two as near it is the left one";
  EXPECT_TRUE(wrong_with_key(ids, ~0ULL, ids[0]));
}

/// Forged facts of the seed, as its own could be.
class RulingOracle : public Judged {
 protected:
  [[nodiscard]] swarm::Quorum quorum() const { return swarm::quorum_of(*world.registry()); }
  void vote(std::size_t validator, const NodeId& subject) {
    note(trace::Voted{quorum().validators[validator], subject, quorum().height, false}, world.seed());
  }
  void pass_block() { pass(seconds(130)); }
};

TEST_F(RulingOracle, SevenDistinctVotesAreSeven) {  // N2
  pass_block();
  const NodeId node = quorum().tested[0];
  for (std::size_t i = 0; i < 7; ++i) vote(i, node);
  note(trace::Ruled{node, "decommission", quorum().height, 7}, world.seed());
  EXPECT_EQ(found(), "");
}

TEST_F(RulingOracle, FindsAVoteThatCountedTwice) {  // N2: six and one of them again
  pass_block();
  const NodeId node = quorum().tested[0];
  for (std::size_t i = 0; i < 6; ++i) vote(i, node);
  vote(5, node);
  note(trace::Ruled{node, "decommission", quorum().height, 7}, world.seed());
  EXPECT_EQ(found(), "N2");
}

TEST_F(RulingOracle, FindsAVoteOfSomebodyWhoIsNoValidator) {  // N2
  pass_block();
  const auto all = quorum();
  note(trace::Voted{all.tested[1], all.tested[0], all.height, false}, world.seed());
  EXPECT_EQ(found(), "N2");
}

TEST_F(RulingOracle, WhatWasRuledBeforeTheBlocksThatAreUndoneHolds) {  // N2
  pass_block();
  const NodeId node = quorum().tested[0];
  for (std::size_t i = 0; i < 7; ++i) vote(i, node);
  note(trace::Ruled{node, "none", quorum().height, 7}, world.seed());
  pass_block();
  world.fork(1, reader);
  pass_block();
  pass_block();
  EXPECT_EQ(found(), "");
}

TEST_F(RulingOracle, FindsWhatWasAgreedAndNotDone) {  // N2
  pass_block();
  const NodeId node = quorum().tested[0];
  for (std::size_t i = 0; i < 7; ++i) vote(i, node);
  pass_block();
  EXPECT_EQ(found(), "N2");
}

TEST_F(RulingOracle, FindsADecommissionThatNobodyRuled) {  // N2
  pass_block();
  const NodeId node = quorum().tested[0];
  world.registry_machine().chain().decommission(node);
  world.seal_block(nullptr);  // the judges do not hear of the decree
  oracles.check();
  EXPECT_EQ(found(), "");
  note(trace::Block{world.registry()->height(), 14, 2}, world.seed());
  EXPECT_EQ(found(), "N2");
}

TEST_F(RulingOracle, ADecreeIsARuling) {
  pass_block();
  world.registry_machine().chain().decommission(quorum().tested[0]);
  pass_block();
  EXPECT_EQ(found(), "");
}

TEST_F(RulingOracle, UndoneBlocksAreNoViolation) {  // N1
  pass_block();
  EXPECT_EQ(world.fork(1, &oracles), 1u);
  pass_block();
  EXPECT_EQ(found(), "");
}

}  // namespace
}  // namespace session::sim

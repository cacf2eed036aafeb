#include "core/swarm/chain.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"

namespace session::swarm {
namespace {

wire::RegistryEntry entry(Rng& rng) {
  const auto pair = crypto::ed25519_pair(rng);
  wire::RegistryEntry node;
  node.id = crypto::node_of(pair.open);
  node.x25519 = crypto::x25519_of(pair).open;
  node.address = {"127.0.0.1", 1234};
  return node;
}

TEST(Chain, RegistrationsTakeEffectAtTheNextBlock) {
  SeededRng rng(1);
  Chain chain(*pow::preset("readme"));
  for (int i = 0; i < 21; ++i) chain.enter(entry(rng));
  EXPECT_TRUE(chain.registry()->nodes().empty());
  const auto registry = chain.seal_block();
  EXPECT_EQ(registry->height(), Chain::kFirstHeight + 1);
  EXPECT_EQ(registry->nodes().size(), 21u);
  EXPECT_EQ(registry->swarm_ids().size(), 3u);
  for (const SwarmId swarm : registry->swarm_ids()) EXPECT_GE(registry->members(swarm).size(), 5u);
}

/// One that goes on from a snapshot computes what the one that made it would have.
TEST(Chain, GoesOnFromASnapshot) {
  SeededRng rng(6);
  Chain chain(*pow::preset("readme"));
  for (int i = 0; i < 21; ++i) chain.enter(entry(rng));
  chain.seal_block();
  chain.decommission(chain.registry()->nodes()[3].id);
  chain.set_difficulty(7);
  Chain again(chain.seal_block());
  EXPECT_EQ(again.registry(), chain.registry());
  const auto more = entry(rng);
  for (Chain* each : {&chain, &again}) {
    each->enter(more);
    each->recommission(each->registry()->nodes()[3].id);
    each->seal_block();
  }
  EXPECT_EQ(again.registry()->height(), Chain::kFirstHeight + 3);
  EXPECT_EQ(again.registry()->block_hash(), chain.registry()->block_hash());
  EXPECT_EQ(again.registry()->nodes(), chain.registry()->nodes());
  EXPECT_EQ(again.registry()->network().difficulty, 7u);
}

TEST(Chain, SameHistorySameHashSameSwarms) {
  const auto run = [] {
    SeededRng rng(2);
    Chain chain(*pow::preset("readme"));
    for (int block = 0; block < 10; ++block) {
      for (int i = 0; i < 3; ++i) chain.enter(entry(rng));
      if (block == 5) chain.leave(chain.registry()->nodes()[2].id);
      chain.seal_block();
    }
    return chain.registry();
  };
  const auto a = run(), b = run();
  EXPECT_EQ(a->block_hash(), b->block_hash());
  EXPECT_EQ(a->nodes(), b->nodes());
}

TEST(Chain, DecommissionedNodeLosesItsSwarmAndGetsOneBack) {
  SeededRng rng(3);
  Chain chain(*pow::preset("readme"));
  for (int i = 0; i < 8; ++i) chain.enter(entry(rng));
  chain.seal_block();
  const NodeId node = chain.registry()->nodes()[0].id;
  chain.decommission(node);
  auto registry = chain.seal_block();
  EXPECT_FALSE(registry->find(node)->active);
  EXPECT_FALSE(registry->find(node)->swarm.is_assigned());
  EXPECT_EQ(registry->members(registry->swarm_ids()[0]).size(), 7u);
  chain.recommission(node);
  registry = chain.seal_block();
  EXPECT_TRUE(registry->find(node)->swarm.is_assigned());
}

TEST(Chain, ASwarmThatEverybodyLeftIsGone) {  // service-node.md 2.2: newcomers of the same block do not revive it
  SeededRng rng(5);
  Chain chain(*pow::preset("readme"));
  for (int i = 0; i < 28; ++i) chain.enter(entry(rng));
  const auto before = chain.seal_block();
  const SwarmId left = before->swarm_ids()[1];
  for (const NodeId& node : before->members(left)) chain.leave(node);
  for (int i = 0; i < 6; ++i) chain.enter(entry(rng));
  EXPECT_TRUE(chain.seal_block()->members(left).empty());
}

TEST(Chain, SameListSameHashSameSwarms) {  // reliability.md S1; service-node.md 2.2: history takes no part
  SeededRng rng(6);
  Chain chain(*pow::preset("readme"));
  for (int block = 0; block < 60; ++block) {
    const auto before = chain.registry();
    for (const auto& node : before->nodes())
      if (rng.one_in(15)) chain.leave(node.id);
    for (std::uint64_t i = 1 + rng.below(6); i > 0; --i) chain.enter(entry(rng));
    const auto after = chain.seal_block();
    SwarmMap map;
    for (const auto& node : after->nodes()) {
      const auto* known = before->find(node.id);
      map[known != nullptr ? known->swarm : kNoSwarm].push_back(node.id);
    }
    assign_swarms(map, seed_of(after->block_hash()));
    for (const auto& [swarm, members] : map)
      for (const NodeId& node : members) ASSERT_EQ(after->find(node)->swarm, swarm) << "block " << block;
  }
}

TEST(Chain, DifficultyChangesAtABlock) {
  Chain chain(*pow::preset("readme"));
  chain.set_difficulty(77);
  EXPECT_EQ(chain.registry()->network().difficulty, 10u);
  EXPECT_EQ(chain.seal_block()->network().difficulty, 77u);
}

TEST(Chain, ACopyRunsOnAlike) {
  SeededRng rng(4);
  Chain chain(*pow::preset("readme"));
  for (int i = 0; i < 12; ++i) chain.enter(entry(rng));
  chain.seal_block();
  Chain copy = chain;
  const auto node = entry(rng);
  chain.enter(node);
  copy.enter(node);
  EXPECT_EQ(chain.seal_block()->nodes(), copy.seal_block()->nodes());
}

}  // namespace
}  // namespace session::swarm

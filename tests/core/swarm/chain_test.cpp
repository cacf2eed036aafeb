#include "core/swarm/chain.h"

#include <gtest/gtest.h>

#include <map>

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

/// Forty nodes whose keys are known.
class Voting : public testing::Test {
 protected:
  SeededRng rng{8};
  Chain chain{*pow::preset("readme")};
  std::map<NodeId, crypto::Ed25519Pair> keys;

  void SetUp() override {
    for (int i = 0; i < 40; ++i) join();
    chain.seal_block();
  }
  NodeId join() {
    const auto pair = crypto::ed25519_pair(rng);
    wire::RegistryEntry node;
    node.id = crypto::node_of(pair.open);
    node.x25519 = crypto::x25519_of(pair).open;
    node.address = {"127.0.0.1", 1234};
    keys.emplace(node.id, pair);
    chain.enter(node);
    return node.id;
  }
  [[nodiscard]] wire::ObligationsVote vote_of(std::size_t validator, const NodeId& subject, bool passed) const {
    const Quorum quorum = quorum_of(*chain.registry());
    wire::ObligationsVote vote{quorum.height, quorum.block_hash, quorum.validators[validator], subject, passed, {}};
    wire::sign_vote(vote, keys.at(vote.voter).secret);
    return vote;
  }
  /// The first so many validators of the newest block agree.
  void vote(std::size_t validators, const NodeId& subject, bool passed) {
    for (std::size_t i = 0; i < validators; ++i) ASSERT_TRUE(chain.vote(vote_of(i, subject, passed)));
  }
  /// Blocks until the newest one's quorum tests this node.
  void until_tested(const NodeId& node) {
    while (!quorum_of(*chain.registry()).has_tested(node)) chain.seal_block();
  }
  [[nodiscard]] NodeId some_tested() const { return quorum_of(*chain.registry()).tested[0]; }
};

TEST_F(Voting, SevenOfTenDecommissionAndSixDoNot) {  // reliability.md N2
  const NodeId node = some_tested();
  vote(6, node, false);
  const auto again = chain.vote(vote_of(5, node, false));
  ASSERT_TRUE(again);
  EXPECT_FALSE(*again) << "one that was counted is not counted again";
  EXPECT_TRUE(chain.seal_block()->find(node)->active);
  EXPECT_TRUE(chain.rulings().empty());
  until_tested(node);
  vote(7, node, false);
  const auto registry = chain.seal_block();
  EXPECT_FALSE(registry->find(node)->active);
  EXPECT_FALSE(registry->find(node)->swarm.is_assigned());
  ASSERT_EQ(chain.rulings().size(), 1u);
  EXPECT_EQ(chain.rulings()[0].ruling, Ruling::Decommission);
  EXPECT_EQ(chain.rulings()[0].voters.size(), 7u);
}

TEST_F(Voting, WhoPassesAgainComesBackWithWhatCreditIsLeft) {
  const NodeId node = some_tested();
  vote(7, node, false);
  EXPECT_EQ(chain.seal_block()->find(node)->earned_downtime_blocks, kInitialCredit);
  for (int i = 0; i < 9; ++i) chain.seal_block();
  until_tested(node);
  vote(7, node, true);
  const auto registry = chain.seal_block();
  EXPECT_TRUE(registry->find(node)->active);
  EXPECT_TRUE(registry->find(node)->swarm.is_assigned());
  EXPECT_LE(registry->find(node)->earned_downtime_blocks, kInitialCredit - 9);
  EXPECT_EQ(registry->find(node)->decommission_count, 1u);
  until_tested(node);
  vote(7, node, false);  // the second time without sixty blocks of credit
  EXPECT_EQ(chain.seal_block()->find(node), nullptr);
  EXPECT_EQ(chain.rulings()[0].ruling, Ruling::Deregister);
  EXPECT_EQ(chain.stakes().find(node)->staked, 0u);
  ASSERT_EQ(chain.stakes().find(node)->locked.size(), 1u);
  EXPECT_EQ(chain.stakes().find(node)->locked[0].until, chain.registry()->height() + kDeregistrationLock);
}

TEST_F(Voting, WhoStaysAwayIsDeregisteredWhenTheCreditIsUsedUp) {
  const NodeId node = some_tested();
  vote(7, node, false);
  chain.seal_block();
  until_tested(node);
  vote(7, node, false);
  EXPECT_NE(chain.seal_block()->find(node), nullptr) << "there is credit left";
  ASSERT_EQ(chain.rulings().size(), 1u);
  EXPECT_EQ(chain.rulings()[0].ruling, Ruling::None);
  for (int i = 0; i < 61; ++i) chain.seal_block();
  until_tested(node);
  vote(7, node, false);
  EXPECT_EQ(chain.seal_block()->find(node), nullptr);
}

TEST_F(Voting, VotesOfStrangersOldOnesAndForgedOnesDoNotCount) {
  const NodeId node = some_tested();
  auto bad = vote_of(0, node, false);
  bad.passed = true;
  EXPECT_EQ(chain.vote(bad).error().code, ErrorCode::Unauthentic);
  bad = vote_of(0, node, false);
  bad.voter = quorum_of(*chain.registry()).tested[1];
  wire::sign_vote(bad, keys.at(bad.voter).secret);
  EXPECT_EQ(chain.vote(bad).error().message, "voter: no validator of this block");
  bad = vote_of(0, quorum_of(*chain.registry()).validators[1], false);
  EXPECT_EQ(chain.vote(bad).error().message, "subject: not tested at this block");
  bad = vote_of(0, node, false);
  bad.block_hash[0] ^= std::byte{1};
  EXPECT_EQ(chain.vote(bad).error().message, "block_hash: no block that is voted on");
  ASSERT_TRUE(chain.vote(vote_of(0, node, false)));
  EXPECT_EQ(chain.vote(vote_of(0, node, true)).error().message, "passed: the voter said otherwise");
  const auto old = vote_of(1, node, false);
  for (std::uint64_t i = 0; i < kVoteLifetime; ++i) chain.seal_block();
  EXPECT_TRUE(chain.vote(old));
  chain.seal_block();
  EXPECT_EQ(chain.vote(old).error().code, ErrorCode::Expired);
}

TEST_F(Voting, ProofsStandInTheNextBlock) {
  const NodeId node = some_tested();
  chain.prove(node, 1'600'000'000);
  chain.prove(NodeId{}, 5);
  EXPECT_EQ(chain.registry()->find(node)->last_uptime_proof_s, 0u);
  EXPECT_EQ(chain.seal_block()->find(node)->last_uptime_proof_s, 1'600'000'000u);
}

TEST_F(Voting, StakeIsConservedByWhateverHappens) {  // reliability.md N2
  const std::uint64_t requirement = chain.registry()->network().staking_requirement;
  EXPECT_EQ(chain.stakes().issued(), 40 * requirement);
  EXPECT_EQ(chain.registry()->nodes()[0].stake, requirement);
  for (int block = 0; block < 60; ++block) {
    for (const auto& node : chain.registry()->nodes())
      if (rng.one_in(12)) chain.leave(node.id);
    for (std::uint64_t i = rng.below(4); i > 0; --i) join();
    if (chain.registry()->nodes().size() > 20) vote(7, some_tested(), false);
    chain.seal_block();
    if (rng.one_in(5)) chain.undo(1 + rng.below(kReorgBuffer));
    ASSERT_EQ(chain.stakes().sum(), chain.stakes().issued());
    ASSERT_EQ(chain.stakes().staked(), chain.registry()->nodes().size() * requirement);
  }
  EXPECT_GT(chain.stakes().issued(), 40 * requirement);
}

TEST_F(Voting, UndoneBlocksLeaveWhatWasThereBefore) {  // reliability.md N1
  for (int round = 0; round < 20; ++round) {
    std::vector<Chain> before{chain};
    const std::size_t blocks = 1 + rng.below(kReorgBuffer);
    for (std::size_t i = 0; i < blocks; ++i) {
      for (const auto& node : chain.registry()->nodes())
        if (rng.one_in(30)) chain.leave(node.id);
      if (rng.one_in(2)) join();
      if (rng.one_in(3)) chain.prove(some_tested(), 1'600'000'000 + static_cast<std::uint64_t>(round));
      if (rng.one_in(3)) chain.set_difficulty(1 + rng.below(50));
      if (chain.registry()->nodes().size() > 20) vote(7, some_tested(), false);
      chain.seal_block();
      before.push_back(chain);
    }
    const std::size_t undone = 1 + rng.below(blocks);
    EXPECT_EQ(chain.undo(undone), undone);
    const Chain& there = before[blocks - undone];
    ASSERT_EQ(chain, there) << "round " << round;
    ASSERT_EQ(chain.registry()->nodes(), there.registry()->nodes());
    const auto tip = before.back().registry();
    while (chain.registry()->height() < tip->height()) chain.seal_block();
    EXPECT_NE(chain.registry()->block_hash(), tip->block_hash()) << "it is another branch";
  }
}

TEST_F(Voting, WhatWasAskedForInUndoneBlocksComesAgainAndTheirVotesDoNot) {
  const NodeId newcomer = join(), judged = some_tested();
  chain.seal_block();
  until_tested(judged);
  vote(7, judged, false);
  const auto height = chain.registry()->height();
  chain.seal_block();
  EXPECT_FALSE(chain.registry()->find(judged)->active);
  // To before the block whose quorum voted.
  EXPECT_EQ(chain.undo(static_cast<std::size_t>(chain.registry()->height() - height + 1)), static_cast<std::size_t>(2));
  EXPECT_TRUE(chain.has_changes() || chain.registry()->find(newcomer) != nullptr);
  while (chain.registry()->height() <= height + 1) chain.seal_block();
  EXPECT_NE(chain.registry()->find(newcomer), nullptr);
  EXPECT_TRUE(chain.registry()->find(judged)->active);
}

TEST_F(Voting, NoMoreThanTheBufferIsUndone) {
  for (int i = 0; i < 20; ++i) chain.seal_block();
  const auto height = chain.registry()->height();
  EXPECT_EQ(chain.undo(100), kReorgBuffer);
  EXPECT_EQ(chain.registry()->height(), height - kReorgBuffer);
  EXPECT_EQ(chain.undo(1), 0u);
}

}  // namespace
}  // namespace session::swarm

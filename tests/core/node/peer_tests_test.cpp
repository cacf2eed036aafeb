#include "core/node/peer_tests.h"

#include "core/swarm/obligations.h"
#include "core/wire/peer.h"
#include "core/wire/peer_test.h"
#include "tests/core/node/network.h"

namespace session::node {
namespace {

constexpr std::size_t kNodes = 14;

/// Nodes that test one another, and a seed whose blocks come by hand.
class PeerTesting : public testing::Test {
 protected:
  explicit PeerTesting(std::size_t nodes_there = kNodes) : net_size(nodes_there) {}
  std::size_t net_size;
  Network net{net_size, "today", 1, [](Config& config) {
                config.test_every = seconds(60);
                config.registry_every = seconds(20);
              }};

  /// Who cheats throws away what it is given, and what its peers bring again.
  void wait(Millis time) {
    const Millis step = cheat ? Millis{500} : seconds(20);
    for (; time > Millis{}; time = time - step) {
      if (cheat) net.nodes[*cheat].store = {};
      net.wait(step);
    }
  }
  /// So many blocks of two minutes, each heard by everybody.
  void pass_blocks(int count) {
    for (int i = 0; i < count; ++i) {
      wait(seconds(100));
      wire::Effects effects;
      net.seed.seal_block(effects);
      for (const auto& effect : effects.list())
        if (const auto* fact = std::get_if<trace::Fact>(&effect))
          if (const auto* ruled = std::get_if<trace::Ruled>(fact)) rulings.push_back(*ruled);
      wait(seconds(20));
    }
  }
  [[nodiscard]] NodeId id(std::size_t node) const { return net.nodes[node].machine.id(); }
  [[nodiscard]] const wire::RegistryEntry* entry(std::size_t node) const { return net.seed.registry()->find(id(node)); }
  [[nodiscard]] wire::Answer ask(std::size_t from, std::size_t to, wire::Route route, const Bytes& body) {
    const auto proof = wire::sign_peer(net.nodes[from].config.keys, id(to), net.now.unix_millis(), route, body);
    return net.ask(to, route, body, proof).value();
  }
  std::vector<trace::Ruled> rulings;
  std::optional<std::size_t> cheat;
};

TEST_F(PeerTesting, NobodyIsRuledOnWhereEverybodyIsThere) {
  pass_blocks(80);
  EXPECT_TRUE(rulings.empty());
  for (std::size_t i = 0; i < kNodes; ++i) {
    EXPECT_TRUE(entry(i)->active);
    EXPECT_GT(entry(i)->last_uptime_proof_s, static_cast<std::uint64_t>((net.now - hours(2)).unix_millis()) / 1000);
  }
}

TEST_F(PeerTesting, WhoIsAwayIsDecommissionedAndComesBack) {  // service-node.md 1.5
  pass_blocks(65);                                            // no validator votes before two hours and five minutes
  net.dead.insert(4);
  pass_blocks(30);
  EXPECT_TRUE(entry(4)->active) << "an hour is nothing yet";
  pass_blocks(20);
  ASSERT_FALSE(entry(4)->active);
  ASSERT_FALSE(rulings.empty());
  EXPECT_EQ(rulings[0].node, id(4));
  EXPECT_EQ(rulings[0].ruling, "decommission");
  EXPECT_GE(rulings[0].votes, swarm::kVotesToAct);
  EXPECT_FALSE(entry(4)->swarm.is_assigned());
  net.dead.erase(4);
  pass_blocks(25);
  EXPECT_TRUE(entry(4)->active);
  EXPECT_EQ(rulings.size(), 2u);
  EXPECT_EQ(rulings[1].ruling, "recommission");
}

/// Thirteen nodes are one swarm: every validator can ask every other for what it keeps.
class OneSwarm : public PeerTesting {
 protected:
  OneSwarm() : PeerTesting(13) {}
};

TEST_F(OneSwarm, WhoAnswersButKeepsNothingFails) {  // profile.md 4: storage proofs
  const Owner owner(net.rng);
  const auto members = net.members(owner.account);
  const auto store = store_of(owner.account, "for a day", net.now, 0, days(7));
  ASSERT_EQ(net.rpc(members[0], wire::to_json(store)).status, 200);
  pass_blocks(65);
  EXPECT_TRUE(rulings.empty());
  cheat = members[2];
  pass_blocks(60);
  ASSERT_FALSE(rulings.empty());
  EXPECT_EQ(rulings[0].node, id(members[2]));
  EXPECT_EQ(rulings[0].ruling, "decommission");
}

TEST_F(PeerTesting, OnlyNodesAreAnsweredAndOnlyMembersMayChallenge) {
  EXPECT_EQ(net.ask(0, wire::Route::PingTest, wire::ping_json())->status, 401);
  EXPECT_EQ(wire::parse_ping_answer(ask(1, 0, wire::Route::PingTest, wire::ping_json()).body), id(0));
  const Owner owner(net.rng);
  const auto members = net.members(owner.account);
  const auto store = store_of(owner.account, "words", net.now);
  ASSERT_EQ(net.rpc(members[0], wire::to_json(store)).status, 200);
  const wire::StorageChallenge challenge{net.nodes[members[0]].store.random_row(net.rng).value()->head.hash, {}};
  const auto answer = ask(members[1], members[0], wire::Route::StorageTest, wire::to_json(challenge));
  EXPECT_EQ(wire::parse_storage_answer(answer.body), wire::storage_proof(challenge, bytes_of("words")));
  EXPECT_EQ(ask(net.outsider(owner.account), members[0], wire::Route::StorageTest, wire::to_json(challenge)).status, 401);
  EXPECT_EQ(net.ask(members[0], wire::Route::StorageTest, wire::to_json(challenge))->status, 401);
  const wire::StorageChallenge unknown{MessageHash{std::string(43, 'x')}, {}};
  EXPECT_EQ(ask(members[1], members[0], wire::Route::StorageTest, wire::to_json(unknown)).status, 404);
  EXPECT_EQ(ask(members[1], members[0], wire::Route::StorageTest, to_bytes("{}")).status, 400);
}

TEST(PeerTests, InAPassEverybodyComesUpOnceAndFailingOnesMoreOften) {
  Network net(14);
  const auto& registry = *net.seed.registry();
  const NodeId self = net.nodes[0].machine.id();
  PeerTests tests(seconds(10));
  std::map<NodeId, int> times;
  for (int i = 0; i < 26; ++i)
    for (const NodeId& node : tests.due(registry, self, net.now, net.rng)) ++times[node];
  EXPECT_EQ(times.size(), 13u);
  for (const auto& [node, count] : times) EXPECT_EQ(count, 2);
  const NodeId bad = net.nodes[5].machine.id();
  Instant now = net.now;
  const Instant began = now;
  int asked = 0;
  for (int i = 0; i < 100; ++i, now = now + seconds(10))
    for (const NodeId& node : tests.due(registry, self, now, net.rng)) {
      if (node == bad) ++asked, tests.fail(node, now);
      if (node != bad) tests.pass(node);
    }
  EXPECT_GT(asked, 10);
  EXPECT_LT(asked, 40);
  EXPECT_FALSE(tests.is_passing(bad));
  EXPECT_LT(*tests.failing_since(bad) - began, minutes(3));
  tests.pass(bad);
  EXPECT_TRUE(tests.is_passing(bad));
  EXPECT_FALSE(tests.failing_since(bad));
  EXPECT_FALSE(tests.is_passing(NodeId{}));
}

TEST(PeerTests, InASmallNetworkNobodyIsTestedOrDecommissioned) {
  Network net(8, "today", 1, [](Config& config) { config.test_every = seconds(10); });
  net.dead.insert(3);
  for (int i = 0; i < 120; ++i) {
    net.wait(seconds(120));
    wire::Effects none(false);
    net.seed.seal_block(none);
  }
  EXPECT_EQ(net.seed.registry()->nodes().size(), 8u);
  for (const auto& node : net.seed.registry()->nodes()) EXPECT_TRUE(node.active);
}

}  // namespace
}  // namespace session::node

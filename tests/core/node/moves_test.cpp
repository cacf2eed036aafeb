#include "core/wire/peer.h"
#include "tests/core/node/network.h"

namespace session::node {
namespace {

using Kept = std::map<MessageHash, std::tuple<Account, Namespace, std::int64_t, std::int64_t>>;

class Moves : public testing::Test {
 protected:
  Network net{14};
  std::vector<Owner> owners;
  Kept stored;

  void fill() {
    for (int i = 0; i < 24; ++i) {
      owners.emplace_back(net.rng);
      for (const Namespace ns : std::vector<Namespace>{0, 10}) {
        const std::string text = "for " + std::to_string(i);
        const auto request = store_of(owners.back().account, text, net.now, ns);
        ASSERT_EQ(net.rpc(net.members(request.account)[0], wire::to_json(wire::RpcRequest(request))).status, 200);
        stored[wire::message_hash(request.account, ns, request.data)] = {request.account, ns, request.timestamp_ms,
                                                                         request.timestamp_ms + request.ttl_ms};
      }
    }
    net.wait(minutes(3));
  }
  void seal() {
    wire::Effects none(false);
    net.seed.seal_block(none);
  }
  [[nodiscard]] Kept kept_by(std::size_t node) const {
    Kept all;
    EXPECT_TRUE(net.nodes[node].store.visit_heads(0, [&](const store::MailHead& head) {
      all[head.hash] = {head.account, head.ns, head.timestamp.unix_millis(), head.expiry.unix_millis()};
      return true;
    }));
    return all;
  }
  /// What the active node must keep now: no less, no more.
  [[nodiscard]] Kept due_at(std::size_t node) const {
    const auto& registry = *net.seed.registry();
    const auto* entry = registry.find(net.nodes[node].machine.id());
    Kept all;
    for (const auto& [hash, what] : stored)
      if (entry != nullptr && entry->active && registry.swarm_of(std::get<0>(what)) == entry->swarm) all[hash] = what;
    return all;
  }
  void expect_all_in_place() const {
    for (std::size_t i = 0; i < net.nodes.size(); ++i) {
      const auto* entry = net.seed.registry()->find(net.nodes[i].machine.id());
      if (entry != nullptr && entry->active) {
        EXPECT_EQ(kept_by(i), due_at(i)) << i;
      }
    }
  }
  /// Takes active nodes away until a swarm dissolves; what it had.
  void dissolve() {
    ASSERT_EQ(net.seed.registry()->swarm_ids().size(), 2u);
    for (int i = 0; i < 8 && net.seed.registry()->swarm_ids().size() == 2; ++i) {
      const auto smaller = std::ranges::min(net.seed.registry()->swarm_ids(), {},
                                            [&](SwarmId id) { return net.seed.registry()->members(id).size(); });
      net.seed.chain().decommission(net.seed.registry()->members(smaller)[0]);
      seal();
    }
    ASSERT_EQ(net.seed.registry()->swarm_ids().size(), 1u);
  }
};

TEST_F(Moves, WhatADissolvedSwarmKeptIsAtItsNewOwners) {  // S5, S6
  fill();
  dissolve();
  net.wait(minutes(4));
  expect_all_in_place();
}

TEST_F(Moves, ARestartInTheMiddleLosesNothing) {
  fill();
  dissolve();
  net.wait(seconds(14));  // the new registry is known, the first begin to move
  for (std::size_t i = 0; i < net.nodes.size(); ++i) {
    net.restart(i);
    net.wait(seconds(1));
  }
  net.wait(minutes(4));
  expect_all_in_place();
}

TEST_F(Moves, WhoHasNotBeenHeardYetDropsNothing) {
  fill();
  const auto before = net.seed.registry();
  dissolve();
  // The members of the other swarm are away: what they should get stays where it is.
  const SwarmId left = net.seed.registry()->swarm_ids()[0];
  std::set<std::size_t> others;
  for (const NodeId& id : before->members(left)) others.insert(net.index(id));
  net.dead = others;
  net.wait(minutes(3));
  Kept still;
  for (std::size_t i = 0; i < net.nodes.size(); ++i)
    if (!others.contains(i)) still.merge(kept_by(i));
  for (const auto& [hash, what] : stored)
    if (before->swarm_of(std::get<0>(what)) != left) {
      EXPECT_TRUE(still.contains(hash));
    }
  net.dead.clear();
  net.wait(minutes(5));
  expect_all_in_place();
}

TEST_F(Moves, ANewSwarmGetsWhatIsItsOwn) {
  fill();
  const std::size_t swarms = net.seed.registry()->swarm_ids().size();
  for (int i = 0; i < 12; ++i) net.add();
  ASSERT_GT(net.seed.registry()->swarm_ids().size(), swarms);
  net.wait(minutes(5));
  expect_all_in_place();
}

TEST_F(Moves, ANewcomerBecomesCompleteAtOnce) {
  fill();
  const std::size_t newcomer = net.nodes.size();
  net.add();
  ASSERT_EQ(net.seed.registry()->swarm_ids().size(), 2u);
  net.wait(seconds(45));
  EXPECT_FALSE(due_at(newcomer).empty());
  EXPECT_EQ(kept_by(newcomer), due_at(newcomer));
}

TEST_F(Moves, WhoIsOutOfTheListKeepsWhatHeHasAndMovesItWhenHeIsBack) {
  fill();
  const std::size_t away = 3;
  const Kept had = kept_by(away);
  net.seed.chain().decommission(net.nodes[away].machine.id());
  seal();
  net.wait(minutes(2));
  EXPECT_FALSE(net.nodes[away].machine.is_ready());
  EXPECT_EQ(kept_by(away), had);
  // Nobody else has them any more.
  for (std::size_t i = 0; i < net.nodes.size(); ++i) {
    if (i == away) continue;
    for (const auto& [hash, what] : had) ASSERT_TRUE(net.nodes[i].store.remove(std::get<0>(what), hash));
  }
  net.seed.chain().recommission(net.nodes[away].machine.id());
  seal();
  net.wait(minutes(5));
  expect_all_in_place();
}

TEST_F(Moves, AnOfferedMessageIsTakenByItsOwnersOnly) {
  fill();
  const Owner& carol = owners[0];
  const auto in = net.members(carol.account);
  const std::size_t out = net.outsider(carol.account);
  const std::int64_t now_ms = net.now.unix_millis();
  const wire::Row row{carol.account, 0, now_ms, now_ms + 86'400'000, now_ms - 200'000, to_bytes("moved"), {}};
  const auto push = [&](std::size_t from, std::size_t to) {
    const Bytes body = wire::encode(wire::RepairRequest(wire::Push{{{row}, {}}}));
    return net
        .ask(to, wire::Route::SwarmRepair, body,
             wire::sign_peer(net.nodes[from].config.keys, net.nodes[to].machine.id(), now_ms, wire::Route::SwarmRepair, body))
        ->status;
  };
  EXPECT_EQ(push(in[0], out), 421);
  EXPECT_EQ(push(out, in[0]), 200);
  EXPECT_TRUE(net.nodes[in[0]].store.find_head(wire::message_hash(carol.account, 0, row.data))->has_value());
}

}  // namespace
}  // namespace session::node

#include "sim/adversary.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/onion/layer.h"
#include "core/swarm/obligations.h"

namespace session::sim {
namespace {

const Instant kNow = Instant::from_unix_millis(1'600'000'000'000);

/// A node among others in two swarms, and what it does when it is hostile.
class Traitor : public testing::Test {
 protected:
  Traitor() {
    crypto::initialise();
    std::vector<wire::RegistryEntry> nodes;
    for (int i = 0; i < 16; ++i) {
      keys.push_back(crypto::ed25519_pair(rng));
      wire::RegistryEntry entry;
      entry.id = crypto::node_of(keys.back().open);
      entry.x25519 = crypto::x25519_of(keys.back()).open;
      entry.address = {"10.0.0.1", 22021};
      entry.swarm = SwarmId{i < 8 ? 100u : 200u};
      nodes.push_back(entry);
    }
    registry = std::make_shared<const swarm::Registry>(5, ByteArray<32>{std::byte{9}}, *pow::preset("readme"), nodes);
    become_node(0);
    account.bytes[0] = std::byte{5};
  }
  void become_node(std::size_t i) {
    config = {};
    config.keys = keys[i];
    config.seed_url = "seed";
    config.known = registry;
    machine.emplace(config);
    wire::Effects effects(false);
    ASSERT_TRUE(machine->start({kNow, rng, disk, effects}));
  }
  void become(const Malice& malice) { adversary.become(malice, disk); }
  std::optional<wire::Answer> answer(const wire::RpcRequest& request) {
    return adversary.answer({wire::Route::StorageRpc, wire::to_json(request), {}}, config, *machine, kNow);
  }
  [[nodiscard]] NodeId node(std::size_t i) const { return crypto::node_of(keys[i].open); }
  /// Whether a call on this route to that node leaves.
  bool leaves(wire::Route route, std::size_t to) {
    std::vector<wire::Effect> wishes;
    wishes.emplace_back(wire::Call{{1}, wire::NodePeer{node(to), {"10.0.0.1", 22021}}, {route, {}, {}}, seconds(5)});
    adversary.twist(wishes, config, *machine, coalition);
    EXPECT_EQ(wishes.size(), 1u) << "the machine would wait for ever";
    return std::get<wire::NodePeer>(std::get<wire::Call>(wishes[0]).to).id == node(to);
  }
  wire::StoreRequest store_request() { return wire::make_store(account, 0, kNow.unix_millis(), days(1), Bytes(8)); }

  SeededRng rng{1};
  std::vector<crypto::Ed25519Pair> keys;
  swarm::RegistrySnapshot registry;
  store::FaultyMailStore disk;
  node::Config config;
  std::optional<node::ServiceNode> machine;
  Adversary adversary{1, "node-00"};
  Accomplices coalition;
  Account account;
};

TEST_F(Traitor, AnHonestNodeAnswersNothingByItself) {
  EXPECT_FALSE(adversary.is_hostile());
  EXPECT_FALSE(answer(store_request()));
  become(Malice({Hostile::Lie, Hostile::Withhold, Hostile::Steer}));
  EXPECT_TRUE(adversary.is_hostile());
  EXPECT_FALSE(answer(store_request())) << "the machine lies by what it is shown";
}

TEST_F(Traitor, RefusesInventsAndInflates) {
  become(Malice({Hostile::Refuse, Hostile::FalseOnline}));
  EXPECT_EQ(answer(store_request())->status, 400);
  const auto online = answer(wire::RelayRequest{account, Bytes(16), Bytes(8)});
  ASSERT_TRUE(online);
  EXPECT_TRUE(wire::parse_relay_answer(online->body)->online);
  EXPECT_FALSE(answer(wire::InfoRequest{}));
  Malice other({Hostile::Refuse});
  other.against = Account{};
  become(other);
  EXPECT_FALSE(answer(store_request())) << "it is against somebody else";
  become(Malice({Hostile::Inflate}));
  const auto dear = answer(store_request());
  ASSERT_TRUE(dear);
  EXPECT_EQ(dear->status, 432);
  EXPECT_EQ(wire::parse_work_required(dear->body).value(), registry->network().difficulty * 10);
  const auto list = wire::parse_oxend_answer(answer(wire::OxendRequest{})->body);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->registry.network->difficulty, registry->network().difficulty * 10);
}

TEST_F(Traitor, MisleadsAboutWhoIsInWhichSwarm) {
  become(Malice({Hostile::Mislead}));
  const auto list = wire::parse_oxend_answer(answer(wire::OxendRequest{})->body);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->registry.height, registry->height());
  ASSERT_EQ(list->registry.nodes.size(), registry->nodes().size());
  for (const wire::RegistryEntry& each : list->registry.nodes) EXPECT_NE(each.swarm, registry->find(each.id)->swarm);
}

TEST_F(Traitor, AnswersInAnOnionAsTheDestinationDoes) {
  become(Malice({Hostile::FalseOnline}));
  const onion::Hop self{node(0), registry->find(node(0))->x25519};
  const auto body = wire::to_json(wire::RelayRequest{account, Bytes(16), Bytes(8)});
  const auto wrapped = onion::wrap({&self, 1}, body, onion::EncType::XChaCha20, rng);
  ASSERT_TRUE(wrapped);
  const auto sealed = adversary.answer({wire::Route::Onion, wrapped->body, {}}, config, *machine, kNow);
  ASSERT_TRUE(sealed);
  const auto opened = onion::open_reply(wrapped->keys, wrapped->enc, sealed->body);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(wire::parse_relay_answer(opened->body)->online);
  const onion::Hop two[] = {self, {node(1), registry->find(node(1))->x25519}};
  const auto through = onion::wrap(two, body, onion::EncType::XChaCha20, rng);
  EXPECT_FALSE(adversary.answer({wire::Route::Onion, through->body, {}}, config, *machine, kNow)) << "it is not for this node";
}

TEST_F(Traitor, StopsWhatItSaysItStops) {
  coalition = {node(0), node(3)};
  become(Malice({Hostile::Steer}));
  EXPECT_FALSE(leaves(wire::Route::Onion, 2));
  EXPECT_TRUE(leaves(wire::Route::Onion, 3));
  EXPECT_TRUE(leaves(wire::Route::SwarmStore, 2));
  become(Malice({Hostile::DropOnions}));
  EXPECT_FALSE(leaves(wire::Route::Onion, 3));
  become(Malice({Hostile::Isolate}));
  EXPECT_FALSE(leaves(wire::Route::SwarmStore, 2));
  EXPECT_FALSE(leaves(wire::Route::SwarmRepair, 2));
  EXPECT_TRUE(leaves(wire::Route::SwarmStore, 3));
  EXPECT_TRUE(leaves(wire::Route::PingTest, 2)) << "it would be found out";
}

TEST_F(Traitor, WhatALiarThrewAwayIsNoFact) {
  become(Malice({Hostile::Lie}));
  std::vector<wire::Effect> wishes;
  for (const bool already : {true, false})
    wishes.emplace_back(trace::Fact(trace::Stored{account, {}, 0, kNow, 8, already, false}));
  adversary.twist(wishes, config, *machine, coalition);
  ASSERT_EQ(wishes.size(), 1u);
  EXPECT_TRUE(std::get<trace::Stored>(std::get<trace::Fact>(wishes[0])).already);
}

TEST_F(Traitor, AValidatorFramesAllButItsFriends) {
  const swarm::Quorum quorum = swarm::quorum_of(*registry);
  ASSERT_EQ(quorum.validators.size(), swarm::kValidators);
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (quorum.has_validator(node(i))) {
      become_node(i);
      break;
    }
  coalition = {machine->id(), quorum.tested[0]};
  become(Malice({Hostile::Frame}));
  std::vector<wire::Effect> wishes;
  const auto honest = wire::to_json(wire::ObligationsVotes{{1, {}, machine->id(), quorum.tested[0], false, {}}});
  wishes.emplace_back(wire::Call{{1}, wire::SeedPeer{"seed"}, {wire::Route::SeedRpc, honest, {}}, seconds(5)});
  adversary.twist(wishes, config, *machine, coalition);
  ASSERT_EQ(wishes.size(), 2u);
  EXPECT_FALSE(std::holds_alternative<wire::SeedPeer>(std::get<wire::Call>(wishes[0]).to)) << "it speaks against a friend";
  const auto call = wire::parse_seed_call(std::get<wire::Call>(wishes[1]).request.body);
  ASSERT_TRUE(call);
  const auto& votes = std::get<wire::ObligationsVotes>(call->request);
  EXPECT_EQ(votes.size(), quorum.tested.size() - 1);
  for (const wire::ObligationsVote& vote : votes) {
    EXPECT_FALSE(vote.passed);
    EXPECT_NE(vote.subject, quorum.tested[0]);
    EXPECT_TRUE(wire::verify_vote(vote));
  }
  wishes.clear();
  adversary.twist(wishes, config, *machine, coalition);
  EXPECT_TRUE(wishes.empty()) << "it votes twice";
}

TEST_F(Traitor, WhatIsStaleStaysAsItWasWhenItBegan) {
  store::MailRow row;
  row.head.account = account;
  row.head.hash = {"first"};
  row.head.expiry = kNow + days(1);
  ASSERT_TRUE(disk.insert(row));
  become(Malice({Hostile::Stale}));
  row.head.hash = {"second"};
  ASSERT_TRUE(disk.insert(row));
  become(Malice({Hostile::Stale, Hostile::Lie}));
  std::vector<std::string> shown;
  const HostileStore store = adversary.before(disk);
  ASSERT_TRUE(store.retrieve(account, 0, {}, store::kNoLimit, [&](const store::MailRow& each) {
    shown.push_back(each.head.hash.text);
    return true;
  }));
  EXPECT_EQ(shown, std::vector<std::string>{"first"});
}

}  // namespace
}  // namespace session::sim

#include "core/node/service_node.h"

#include "core/pow/search.h"
#include "core/wire/peer.h"
#include "tests/core/node/network.h"

namespace session::node {
namespace {

TEST(ServiceNode, IsReadyOnceTheRegistryNamesItsSwarm) {
  Network net(14);
  for (const auto& node : net.nodes) {
    EXPECT_TRUE(node.machine.is_ready());
    EXPECT_EQ(node.machine.swarm(), net.seed.registry()->find(node.machine.id())->swarm);
  }
  EXPECT_EQ(net.facts["SwarmChanged"], 14);
}

TEST(ServiceNode, WithoutASwarmItAnswers503) {
  SeededRng rng(1);
  Config config;
  config.keys = crypto::ed25519_pair(rng);
  ServiceNode node(config);
  store::MemoryMailStore store;
  for (const auto route : {wire::Route::StorageRpc, wire::Route::Onion, wire::Route::SwarmStore}) {
    wire::Effects effects(false);
    ASSERT_TRUE(
        node.on(wire::Requested{{7}, {}, {route, wire::to_json(wire::InfoRequest{}), {}}}, {kNow, rng, store, effects}));
    ASSERT_EQ(effects.list().size(), 1u);
    EXPECT_EQ(std::get<wire::Reply>(effects.list()[0]).answer.status, 503);
  }
}

TEST(ServiceNode, ExpiredMessagesGo) {
  Network net(8);
  const Owner bob(net.rng);
  const auto member = net.members(bob.account)[0];
  ASSERT_EQ(net.rpc(member, wire::to_json(store_of(bob.account, "short", net.now, 0, seconds(30)))).status, 200);
  EXPECT_EQ(net.nodes[member].store.count(), 1u);
  net.wait(seconds(45));
  EXPECT_EQ(net.nodes[member].store.count(), 0u);
  EXPECT_GT(net.facts["Expired"], 0);
}

TEST(ServiceNode, ASweepThatWasFullGoesOnAtOnce) {
  Network net(3, "today", 1, [](Config& config) { config.swept_at_once = 10; });
  const Owner bob(net.rng);
  for (int i = 0; i < 95; ++i)
    ASSERT_EQ(net.rpc(0, wire::to_json(store_of(bob.account, std::to_string(i), net.now, 0, seconds(30)))).status, 200);
  net.wait(seconds(30));
  EXPECT_GT(net.nodes[0].store.count(), 0u);
  net.wait(seconds(11));
  EXPECT_EQ(net.nodes[0].store.count(), 0u);
}

TEST(ServiceNode, WhatTakesOverRemembersWhatWasSeen) {
  Network net(3, "readme");
  const Owner bob(net.rng);
  const auto own = crypto::x25519_pair(net.rng);
  const auto to = crypto::x25519_of(net.nodes[0].config.keys).open;
  const auto key = onion::layer_key(onion::EncType::AesGcm, own.secret, to, own.open, to).value();
  const Bytes info = wire::to_json(wire::RpcRequest(wire::InfoRequest{}));
  const Bytes layer =
      onion::frame(onion::seal_layer(onion::EncType::AesGcm, key, onion::frame(info, R"({"headers":{}})"), net.rng),
                   R"({"ephemeral_key":")" + own.open.hex() + R"("})");
  const auto proof = wire::sign_peer(net.nodes[1].config.keys, net.nodes[0].machine.id(), net.now.unix_millis(),
                                     wire::Route::SwarmStore, info);
  EXPECT_EQ(net.ask(0, wire::Route::Onion, layer)->status, 200);
  EXPECT_EQ(net.ask(0, wire::Route::SwarmStore, info, proof)->status, 400);
  net.caller = "flood";
  for (int i = 0; i < 600; ++i) ASSERT_EQ(net.rpc(0, info).status, 200);
  net.seed.chain().set_difficulty(1'000);
  wire::Effects none(false);
  net.seed.seal_block(none);
  net.wait(seconds(15));
  EXPECT_EQ(net.nodes[0].machine.registry()->network().difficulty, 1'000u);

  Config config = net.nodes[0].config;
  config.known = net.nodes[0].machine.registry();
  ServiceNode anew(config);
  anew.take_over(net.nodes[0].machine);
  net.nodes[0].machine = std::move(anew);
  wire::Effects effects;
  ASSERT_TRUE(net.nodes[0].machine.start({net.now, net.rng, net.nodes[0].store, effects}));
  net.caller = "client";
  EXPECT_EQ(net.ask(0, wire::Route::Onion, layer)->status, 400);
  EXPECT_EQ(net.ask(0, wire::Route::SwarmStore, info, proof)->status, 401);
  // A stamp of before the change is still good.
  auto paid = store_of(bob.account, std::string(2049, 'x'), net.now);
  paid.nonce = pow::search(pow::puzzle_for(paid.stamped, 10).value(), 0, ~std::uint64_t{0}).nonce;
  EXPECT_EQ(net.rpc(0, wire::to_json(wire::RpcRequest(paid))).status, 200);
  net.now = net.now - seconds(15);
  net.caller = "flood";
  EXPECT_EQ(net.rpc(0, info).status, 429);
}

TEST(ServiceNode, FollowsTheRegistryAndNeverBackInTime) {
  Network net(14);
  const auto height = net.nodes[0].machine.registry()->height();
  net.seed.chain().leave(net.nodes[13].machine.id());
  wire::Effects none(false);
  net.seed.seal_block(none);
  net.wait(seconds(30));
  EXPECT_EQ(net.nodes[0].machine.registry()->height(), height + 1);
  EXPECT_FALSE(net.nodes[13].machine.is_ready());
}

TEST(ServiceNode, ANodesAddressIsNotForgottenWithItsProof) {  // service-node.md 1.3
  Network net(3);
  const Owner bob(net.rng);
  const auto keys = crypto::ed25519_pair(net.rng);
  const NodeId two = net.nodes[2].machine.id(), fresh = crypto::node_of(keys.open);
  wire::RegistryEntry entry = *net.seed.registry()->find(two);
  const wire::Address before = entry.address;
  entry.address = {"0.0.0.0", 0};
  net.seed.chain().enter(entry);
  entry.id = fresh;  // a node that nobody ever had an address of
  entry.x25519 = crypto::x25519_of(keys).open;
  net.seed.chain().enter(entry);
  wire::Effects none(false);
  net.seed.seal_block(none);
  net.wait(seconds(30));
  EXPECT_EQ(net.nodes[0].machine.registry()->find(two)->address, before);
  const auto answer = wire::parse_store_answer(net.rpc(0, wire::to_json(store_of(bob.account, "x", net.now))).body).value();
  ASSERT_EQ(answer.swarm.size(), 4u);
  for (const auto& each : answer.swarm) {
    const auto* failed = std::get_if<wire::FailedEntry>(&each.result);
    EXPECT_EQ(failed != nullptr, each.node == fresh);
    if (failed != nullptr) {
      EXPECT_EQ(failed->why, wire::MemberFailure::QueryFailure);
    }
  }
}

}  // namespace
}  // namespace session::node

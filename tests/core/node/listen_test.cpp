#include "core/crypto/hash.h"
#include "core/wire/peer.h"
#include "core/wire/signed_text.h"
#include "tests/core/node/network.h"

namespace session::node {
namespace {

class Listening : public testing::Test {
 protected:
  Network net{16};
  Owner bob{net.rng};
  std::vector<std::size_t> members = net.members(bob.account);
  Bytes token = to_bytes(net.rng.bytes<32>());

  wire::ListenRequest request(std::map<Namespace, std::optional<MessageHash>> hashes = {{0, {}}}) {
    wire::ListenRequest out{.account = bob.account, .last_hashes = std::move(hashes), .wait_ms = wire::kMaxWait};
    out.tokens = {crypto::blake2b_256({token})};
    out.auth = {bob.keys.open, {}, net.now.unix_millis(), {}};
    out.auth.signature = crypto::sign(bob.keys.secret, bytes_of(wire::signed_text(out)));
    return out;
  }
  RequestId listen(std::size_t node, const wire::ListenRequest& what) {
    return net.begin(node, wire::Route::StorageRpc, wire::to_json(wire::RpcRequest(what)));
  }
  std::optional<wire::ListenAnswer> heard(RequestId id) {
    const auto answer = net.answer_to(id);
    if (!answer) return std::nullopt;
    EXPECT_EQ(answer->status, 200) << text_of(answer->body);
    return wire::parse_listen_answer(answer->body).value();
  }
  bool relay(std::size_t node, const Bytes& with, std::string_view data = "hello") {
    const auto answer = net.rpc(node, wire::to_json(wire::RpcRequest(wire::RelayRequest{bob.account, with, to_bytes(data)})));
    EXPECT_EQ(answer.status, 200) << text_of(answer.body);
    return wire::parse_relay_answer(answer.body)->online;
  }
};

TEST_F(Listening, WhatWaitsIsToldAtOnce) {
  ASSERT_EQ(net.rpc(members[0], wire::to_json(wire::RpcRequest(store_of(bob.account, "one", net.now)))).status, 200);
  const auto found = heard(listen(members[1], request()));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->messages.at(0).size(), 1u);
  EXPECT_EQ(text_of(found->messages.at(0)[0].data), "one");
  EXPECT_FALSE(heard(listen(members[1], request({{0, found->messages.at(0)[0].hash}}))));
}

TEST_F(Listening, WhatComesIsToldWhereverItWasStored) {
  const RequestId id = listen(members[1], request());
  EXPECT_FALSE(heard(id));
  EXPECT_EQ(net.nodes[members[1]].machine.listeners(), 1u);
  ASSERT_EQ(net.rpc(members[0], wire::to_json(wire::RpcRequest(store_of(bob.account, "one", net.now, 10)))).status, 200);
  EXPECT_FALSE(heard(id)) << "a namespace it does not listen to";
  ASSERT_EQ(net.rpc(members[0], wire::to_json(wire::RpcRequest(store_of(bob.account, "two", net.now)))).status, 200);
  const auto found = heard(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(text_of(found->messages.at(0)[0].data), "two");
  EXPECT_EQ(net.nodes[members[1]].machine.listeners(), 0u);
}

TEST_F(Listening, ATokensRateHoldsForWhatPeersForwardToo) {
  const Bytes body = wire::to_json(wire::RpcRequest(wire::RelayRequest{bob.account, token, to_bytes("flood")}));
  int taken = 0;
  for (int i = 0; i < 20; ++i) {
    const auto& peer = net.nodes[members[1]].config.keys;
    const auto proof =
        wire::sign_peer(peer, net.nodes[members[0]].machine.id(), net.now.unix_millis() + i, wire::Route::SwarmStore, body);
    taken += net.ask(members[0], wire::Route::SwarmStore, body, proof)->status == 200 ? 1 : 0;
  }
  EXPECT_EQ(taken, 5);
}

TEST_F(Listening, WhoseRightWasRevokedWaitsWhereHeMayReadStill) {  // service-node.md 3B.4
  const auto keys = crypto::ed25519_pair(net.rng);
  wire::Subaccount carol;
  carol.token = {std::byte{5}, std::byte{1}};
  std::ranges::copy(keys.open.bytes, carol.token.begin() + 4);
  carol.signature = crypto::sign(bob.keys.secret, carol.token);
  wire::RevokeRequest revoke{bob.account, {carol.token}, {bob.keys.open, {}, net.now.unix_millis(), {}}};
  revoke.auth.signature = crypto::sign(bob.keys.secret, bytes_of(wire::signed_text(revoke)));
  ASSERT_EQ(net.rpc(members[0], wire::to_json(wire::RpcRequest(revoke))).status, 200);
  const auto status = [&](std::map<Namespace, std::optional<MessageHash>> hashes) {
    auto what = request(std::move(hashes));
    what.wait_ms = 0;
    what.auth.subaccount = carol;
    what.auth.signature = crypto::sign(keys.secret, bytes_of(wire::signed_text(what)));
    return net.rpc(members[0], wire::to_json(wire::RpcRequest(what))).status;
  };
  EXPECT_EQ(status({{-11, {}}}), 200);
  EXPECT_EQ(status({{-11, {}}, {-111, {}}}), 200);
  EXPECT_EQ(status({{11, {}}}), 401);
  EXPECT_EQ(status({{-11, {}}, {11, {}}}), 401);
}

TEST_F(Listening, AClockThatIsSetBackKeepsNobodyWaiting) {
  const RequestId id = listen(members[0], request());
  net.now = net.now - hours(1);
  net.wake(members[0], 3);  // when its 20 s were over
  ASSERT_TRUE(heard(id));
  const RequestId next = listen(members[0], request());
  net.wake(members[0], 3);
  EXPECT_FALSE(heard(next));
}

TEST_F(Listening, TimeRunsOutWithAnEmptyAnswer) {
  const RequestId id = listen(members[0], request());
  net.wait(seconds(19));
  EXPECT_FALSE(heard(id));
  net.wait(seconds(1));
  const auto found = heard(id);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->messages.empty());
  EXPECT_TRUE(found->relayed.empty());
}

TEST_F(Listening, OnlyTheOwnerListens) {
  auto forged = request();
  forged.last_hashes.emplace(3, std::nullopt);
  EXPECT_EQ(net.answer_to(listen(members[0], forged))->status, 401);
  auto late = request();
  late.auth.timestamp = net.now.unix_millis() - 60'001;
  EXPECT_EQ(net.answer_to(listen(members[0], late))->status, 406);
  EXPECT_EQ(net.answer_to(listen(net.outsider(bob.account), request()))->status, 421);
}

TEST_F(Listening, ARelayReachesWhoGaveOutItsToken) {
  const RequestId id = listen(members[2], request());
  EXPECT_FALSE(relay(members[0], to_bytes(net.rng.bytes<32>()))) << "presence is told to holders of a token alone";
  EXPECT_FALSE(heard(id));
  EXPECT_TRUE(relay(members[0], token));
  const auto found = heard(id);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->relayed.size(), 1u);
  EXPECT_EQ(text_of(found->relayed[0]), "hello");
  EXPECT_FALSE(relay(members[0], token)) << "nobody listens now";
  for (const std::size_t each : members) EXPECT_EQ(net.nodes[each].store.count(), 0u) << "a relay keeps nothing";
}

TEST_F(Listening, EveryDeviceGetsWhatIsRelayed) {
  const RequestId here = listen(members[0], request()), there = listen(members[1], request());
  EXPECT_TRUE(relay(members[0], token));
  EXPECT_TRUE(heard(here));
  EXPECT_TRUE(heard(there));
  for (const std::size_t each : members) EXPECT_EQ(net.nodes[each].machine.waiting_requests(), 0u);
}

TEST_F(Listening, FourForAKeyAndNoMore) {
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(heard(listen(members[0], request())));
  EXPECT_EQ(net.answer_to(listen(members[0], request()))->status, 429);
  net.wait(seconds(20));
  EXPECT_FALSE(heard(listen(members[0], request())));
}

TEST_F(Listening, FiveRelaysASecondForAToken) {
  const wire::RelayRequest one{bob.account, token, to_bytes("x")};
  const Bytes body = wire::to_json(wire::RpcRequest(one));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(net.rpc(members[0], body).status, 200) << i;
  EXPECT_EQ(net.rpc(members[0], body).status, 429);
  EXPECT_FALSE(relay(members[0], to_bytes(net.rng.bytes<32>()))) << "another token is another matter";
  net.wait(Millis{200});
  EXPECT_EQ(net.rpc(members[0], body).status, 200);
  EXPECT_EQ(net.rpc(members[0], body).status, 429);
}

}  // namespace
}  // namespace session::node

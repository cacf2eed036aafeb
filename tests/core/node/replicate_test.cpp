#include <cctype>

#include "core/pow/search.h"
#include "core/wire/peer.h"
#include "tests/core/node/network.h"

namespace session::node {
namespace {

class Replicate : public testing::Test {
 protected:
  Network net{16};
  Owner bob{net.rng};
  std::vector<std::size_t> members = net.members(bob.account);
};

TEST_F(Replicate, EveryMemberKeepsAndSigns) {
  const auto answer =
      wire::parse_store_answer(net.rpc(members[0], wire::to_json(store_of(bob.account, "all", net.now))).body).value();
  ASSERT_EQ(answer.swarm.size(), members.size());
  for (const auto& entry : answer.swarm) {
    const auto& kept = std::get<wire::KeptEntry>(entry.result);
    EXPECT_TRUE(crypto::verify(crypto::key_of(entry.node), bytes_of(answer.hash.text), kept.signature));
  }
  for (const auto i : members) EXPECT_EQ(net.nodes[i].store.count(), 1u);
  EXPECT_EQ(net.nodes[net.outsider(bob.account)].store.count(), 0u);
}

TEST(Forwarded, WhatStandsAroundARequestStaysHereAndTheStampHolds) {
  Network net(8, "loki-2020");
  const Owner bob(net.rng);
  auto request = store_of(bob.account, "paid", net.now);
  for (char& digit : request.stamped.account) digit = static_cast<char>(std::toupper(digit));
  request.nonce = pow::search(pow::puzzle_for(request.stamped, 1).value(), 0, ~std::uint64_t{0}).nonce;
  // As a client of 2020 writes it: numbers as texts, and what nobody asked for.
  const std::string json = R"({"jsonrpc":"2.0","method":"store","params":{"pubKey":")" + request.stamped.account +
                           R"(","timestamp":")" + request.stamped.timestamp + R"(","ttl":")" + request.stamped.ttl +
                           R"(","nonce":")" + to_base64(*request.nonce) + R"(","data":")" + request.stamped.data +
                           R"(","ballast":")" + std::string(100'000, 'x') + R"("}})";
  const auto members = net.members(bob.account);
  ASSERT_EQ(net.rpc(members[0], to_bytes(json)).status, 200);
  for (const auto i : members) EXPECT_EQ(net.nodes[i].store.count(), 1u);
  EXPECT_LT(net.most_forwarded, 1'000u);
}

TEST_F(Replicate, ADeadMemberIsNamedAndTheOthersKeep) {
  net.dead.insert(members[1]);
  const auto answer =
      wire::parse_store_answer(net.rpc(members[0], wire::to_json(store_of(bob.account, "some", net.now))).body).value();
  std::size_t kept = 0;
  for (const auto& entry : answer.swarm) {
    kept += std::holds_alternative<wire::KeptEntry>(entry.result) ? 1 : 0;
    if (entry.node == net.nodes[members[1]].machine.id()) {
      EXPECT_EQ(std::get<wire::FailedEntry>(entry.result).why, wire::MemberFailure::Timeout);
    }
  }
  EXPECT_EQ(kept, members.size() - 1);
}

TEST_F(Replicate, OnlyMembersOfTheSwarmAreHeard) {  // profile.md 4
  const Bytes body = wire::to_json(store_of(bob.account, "planted", net.now));
  const auto& target = net.nodes[members[0]];
  const auto status = [&](std::optional<wire::PeerProof> proof) {
    return net.ask(members[0], wire::Route::SwarmStore, body, proof)->status;
  };
  EXPECT_EQ(status(std::nullopt), 401);
  const auto stranger = crypto::ed25519_pair(net.rng);
  const auto proof_by = [&](const crypto::Ed25519Pair& keys, Instant at) {
    return wire::sign_peer(keys, target.machine.id(), at.unix_millis(), wire::Route::SwarmStore, body);
  };
  EXPECT_EQ(status(proof_by(stranger, net.now)), 401);
  EXPECT_EQ(status(proof_by(net.nodes[net.outsider(bob.account)].config.keys, net.now)), 401);
  const auto& peer = net.nodes[members[1]].config.keys;
  EXPECT_EQ(status(proof_by(peer, net.now - seconds(61))), 401);
  auto forged = proof_by(peer, net.now);
  forged.signature[9] ^= std::byte{1};
  EXPECT_EQ(status(forged), 401);
  EXPECT_EQ(target.store.count(), 0u);
  const auto good = proof_by(peer, net.now + Millis{5});
  EXPECT_EQ(status(good), 200);
  EXPECT_EQ(status(good), 401);                     // the same request again
  EXPECT_EQ(status(proof_by(peer, net.now)), 200);  // overtaken on its way, and not seen before
  EXPECT_EQ(status(proof_by(peer, net.now)), 401);
}

/// How many members signed for a store of this text through the first of them.
std::size_t signed_by(Network& net, const Owner& owner, const std::string& text) {
  const auto through = net.members(owner.account)[0];
  const auto answer = wire::parse_store_answer(net.rpc(through, wire::to_json(store_of(owner.account, text, net.now))).body);
  return static_cast<std::size_t>(std::ranges::count_if(
      answer.value().swarm, [](const auto& each) { return std::holds_alternative<wire::KeptEntry>(each.result); }));
}

TEST(Proofs, TimesDoNotRunAheadInAFlood) {
  Network net(3, "today", 1, [](Config& config) { config.limits.burst = 10'000; });
  const Owner bob(net.rng);
  const std::size_t all = net.members(bob.account).size();
  ASSERT_EQ(all, 3u);
  std::size_t short_of = 0;
  for (int i = 0; i < 2'000; ++i) {
    if (i % 2 == 0) net.now = net.now + Millis{1};
    if (signed_by(net, bob, std::to_string(i)) != all) ++short_of;
  }
  EXPECT_EQ(short_of, 0u);
  EXPECT_EQ(net.most_ahead_ms, 0);
  net.now = net.now + seconds(60);
  EXPECT_EQ(signed_by(net, bob, "a minute later"), all);
}

TEST(Proofs, TheSameRequestAgainWithinAMillisecondIsNoReplay) {
  Network net(3);
  const Owner bob(net.rng);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(signed_by(net, bob, "same"), 3u) << i;
  net.now = net.now + Millis{1};
  EXPECT_EQ(signed_by(net, bob, "same"), 3u);
  net.now = net.now - hours(1);
  EXPECT_EQ(signed_by(net, bob, "same"), 3u) << "a clock that was set back signs for its own time";
}

TEST_F(Replicate, ARequestThatThousandsOvertookIsHeard) {
  const auto& peer = net.nodes[members[1]].config.keys;
  const auto status = [&](const std::string& body, Instant at) {
    const Bytes bytes = to_bytes(body);
    return net
        .ask(members[0], wire::Route::SwarmStore, bytes,
             wire::sign_peer(peer, net.nodes[members[0]].machine.id(), at.unix_millis(), wire::Route::SwarmStore, bytes))
        ->status;
  };
  // What is asked makes no sense, but its proof is good.
  int refused = 0;
  for (int i = 0; i < 4'200; ++i) refused += status(std::to_string(i), net.now + Millis{i / 100}) == 400 ? 0 : 1;
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(status("overtaken", net.now - seconds(1)), 400);
  EXPECT_EQ(status("overtaken", net.now - seconds(1)), 401);
  EXPECT_EQ(status("0", net.now), 401) << "nothing is forgotten while its time is good";
}

TEST_F(Replicate, APeersWordIsCheckedLikeAClients) {
  const auto forward = [&](const Bytes& body, std::int64_t later) {
    const auto& peer = net.nodes[members[1]].config.keys;
    return net
        .ask(members[0], wire::Route::SwarmStore, body,
             wire::sign_peer(peer, net.nodes[members[0]].machine.id(), net.now.unix_millis() + later, wire::Route::SwarmStore,
                             body))
        ->status;
  };
  Owner other(net.rng);
  while (net.seed.registry()->swarm_of(other.account) == net.seed.registry()->swarm_of(bob.account)) other = Owner(net.rng);
  EXPECT_EQ(forward(wire::to_json(store_of(other.account, "foreign", net.now)), 1), 421);
  EXPECT_EQ(forward(wire::to_json(store_of(bob.account, "x", net.now, -21)), 2), 401);
  EXPECT_EQ(forward(wire::to_json(wire::InfoRequest{}), 3), 400);
  EXPECT_EQ(forward(to_bytes("junk"), 4), 400);
}

}  // namespace
}  // namespace session::node

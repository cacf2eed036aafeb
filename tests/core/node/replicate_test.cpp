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

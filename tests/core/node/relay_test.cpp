#include "core/onion/layer.h"
#include "tests/core/node/network.h"

namespace session::node {
namespace {

class Relay : public testing::Test {
 protected:
  Network net{16};
  Owner bob{net.rng};
  onion::Hop hop(std::size_t i) {
    const auto* entry = net.seed.registry()->find(net.nodes[i].machine.id());
    return {entry->id, entry->x25519};
  }
  std::vector<onion::Hop> path(std::size_t destination) {
    std::vector<onion::Hop> hops;
    for (std::size_t i = 0; hops.size() < 3; ++i)
      if (i != destination) hops.push_back(hop(i));
    hops.push_back(hop(destination));
    return hops;
  }
};

TEST_F(Relay, ThreeHopsCarryAStoreAndItsAnswer) {
  const auto destination = net.members(bob.account)[0];
  const auto hops = path(destination);
  const auto wrapped =
      onion::wrap(hops, wire::to_json(store_of(bob.account, "hidden", net.now)), onion::EncType::XChaCha20, net.rng).value();
  const auto answer = net.ask(net.index(hops[0].id), wire::Route::Onion, wrapped.body);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->status, 200);
  const auto reply = onion::open_reply(wrapped.reply_key, wrapped.enc, answer->body);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_TRUE(wire::parse_store_answer(reply->body));
  EXPECT_EQ(net.nodes[destination].store.count(), 1u);
  EXPECT_EQ(net.facts["LayerPeeled"], 4);
}

TEST_F(Relay, AWrongDestinationAnswers421InsideTheOnion) {
  const auto destination = net.outsider(bob.account);
  const auto hops = path(destination);
  const auto wrapped =
      onion::wrap(hops, wire::to_json(store_of(bob.account, "lost", net.now)), onion::EncType::XChaCha20, net.rng).value();
  const auto answer = net.ask(net.index(hops[0].id), wire::Route::Onion, wrapped.body);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(onion::open_reply(wrapped.reply_key, wrapped.enc, answer->body)->status, 421);
}

TEST_F(Relay, AReplayedLayerHasNoSecondEffect) {  // reliability.md O6
  const auto hops = path(net.members(bob.account)[0]);
  const auto wrapped = onion::wrap(hops, wire::to_json(wire::InfoRequest{}), onion::EncType::XChaCha20, net.rng).value();
  EXPECT_EQ(net.ask(net.index(hops[0].id), wire::Route::Onion, wrapped.body)->status, 200);
  const auto again = net.ask(net.index(hops[0].id), wire::Route::Onion, wrapped.body);
  EXPECT_EQ(again->status, 400);
  EXPECT_EQ(text_of(again->body), "Invalid ciphertext");
}

TEST_F(Relay, ATamperedLayerIs400) {
  const auto hops = path(net.members(bob.account)[0]);
  auto wrapped = onion::wrap(hops, wire::to_json(wire::InfoRequest{}), onion::EncType::XChaCha20, net.rng).value();
  wrapped.body[100] ^= std::byte{1};
  EXPECT_EQ(net.ask(net.index(hops[0].id), wire::Route::Onion, wrapped.body)->status, 400);
  EXPECT_EQ(net.ask(0, wire::Route::Onion, to_bytes("junk"))->status, 400);
}

TEST_F(Relay, AnUnknownNextHopIsNamed) {
  auto hops = path(net.members(bob.account)[0]);
  const auto nobody = crypto::ed25519_pair(net.rng);
  hops[1].id = crypto::node_of(nobody.open);
  const auto wrapped = onion::wrap(hops, wire::to_json(wire::InfoRequest{}), onion::EncType::XChaCha20, net.rng).value();
  const auto answer = net.ask(net.index(hops[0].id), wire::Route::Onion, wrapped.body);
  EXPECT_EQ(answer->status, 502);
  EXPECT_EQ(text_of(answer->body), "Next node not found: " + hops[1].id.hex());
}

TEST_F(Relay, ADeadHopIsATimeout) {
  const auto hops = path(net.members(bob.account)[0]);
  net.dead.insert(net.index(hops[2].id));
  const auto wrapped = onion::wrap(hops, wire::to_json(wire::InfoRequest{}), onion::EncType::XChaCha20, net.rng).value();
  EXPECT_EQ(net.ask(net.index(hops[0].id), wire::Route::Onion, wrapped.body)->status, 504);
}

}  // namespace
}  // namespace session::node

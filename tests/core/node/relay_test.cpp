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
  /// What a client makes of the guard's answer: each refusal comes sealed, at the size of an answer.
  onion::Reply told(const std::vector<onion::Hop>& hops) {
    const auto wrapped = onion::wrap(hops, wire::to_json(wire::InfoRequest{}), onion::EncType::XChaCha20, net.rng).value();
    const auto answer = net.ask(net.index(hops[0].id), wire::Route::Onion, wrapped.body);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body.size(), (512 + 40) / 3 * 4 + 3 * 46);
    return onion::open_reply(wrapped.keys, wrapped.enc, answer->body).value();
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
  const auto reply = onion::open_reply(wrapped.keys, wrapped.enc, answer->body);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_TRUE(wire::parse_store_answer(reply->body));
  EXPECT_EQ(net.nodes[destination].store.count(), 1u);
  EXPECT_EQ(net.facts["LayerPeeled"], 4);
}

TEST_F(Relay, EachSealsTheAnswerOnceMore) {  // reliability.md O1
  const auto hops = path(net.members(bob.account)[0]);
  const auto wrapped = onion::wrap(hops, wire::to_json(wire::InfoRequest{}), onion::EncType::XChaCha20, net.rng).value();
  const auto answer = net.ask(net.index(hops[0].id), wire::Route::Onion, wrapped.body);
  ASSERT_EQ(answer->status, 200);
  EXPECT_EQ(answer->type, wire::ContentType::Binary);
  Bytes inside = answer->body;
  for (std::size_t relay = 0; relay < 3; ++relay) {
    EXPECT_FALSE(onion::open_reply(wrapped.keys.back(), wrapped.enc, inside)) << relay;
    const auto opened = onion::open_layer(wrapped.enc, wrapped.keys[relay], inside);
    ASSERT_TRUE(opened) << relay;
    EXPECT_EQ(opened->size() + 40, inside.size());
    inside = to_bytes(BytesView(*opened).subspan(onion::kPassedHead));
  }
  EXPECT_TRUE(onion::open_reply(wrapped.keys.back(), wrapped.enc, inside));
}

TEST_F(Relay, PassesTheAnswerOnAsItIsForWhoAsksForNoSeal) {  // programs of the live network
  const auto own = crypto::x25519_pair(net.rng), inner = crypto::x25519_pair(net.rng);
  const auto seal = [&](std::size_t node, const crypto::X25519Pair& pair, BytesView blob, const std::string& json) {
    const auto to = crypto::x25519_of(net.nodes[node].config.keys).open;
    const auto key = onion::layer_key(onion::EncType::XChaCha20, pair.secret, to, pair.open, to).value();
    return std::pair(key, onion::seal_layer(onion::EncType::XChaCha20, key, onion::frame(blob, json), net.rng));
  };
  const auto [key, final] = seal(1, inner, wire::to_json(wire::RpcRequest(wire::InfoRequest{})), R"({"headers":{}})");
  const auto layer = R"({"destination":")" + net.nodes[1].machine.id().hex() + R"(","ephemeral_key":")" + inner.open.hex() +
                     R"(","enc_type":"xchacha20"})";
  const Bytes body = onion::frame(seal(0, own, final, layer).second,
                                  R"({"ephemeral_key":")" + own.open.hex() + R"(","enc_type":"xchacha20"})");
  const auto answer = net.ask(0, wire::Route::Onion, body);
  ASSERT_EQ(answer->status, 200);
  EXPECT_TRUE(onion::open_reply(key, onion::EncType::XChaCha20, answer->body));
}

TEST_F(Relay, AWrongDestinationAnswers421InsideTheOnion) {
  const auto destination = net.outsider(bob.account);
  const auto hops = path(destination);
  const auto wrapped =
      onion::wrap(hops, wire::to_json(store_of(bob.account, "lost", net.now)), onion::EncType::XChaCha20, net.rng).value();
  const auto answer = net.ask(net.index(hops[0].id), wire::Route::Onion, wrapped.body);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(onion::open_reply(wrapped.keys, wrapped.enc, answer->body)->status, 421);
}

TEST_F(Relay, AReplayedLayerHasNoSecondEffect) {  // reliability.md O6
  const auto hops = path(net.members(bob.account)[0]);
  const auto wrapped = onion::wrap(hops, wire::to_json(wire::InfoRequest{}), onion::EncType::XChaCha20, net.rng).value();
  EXPECT_EQ(net.ask(net.index(hops[0].id), wire::Route::Onion, wrapped.body)->status, 200);
  const auto again = net.ask(net.index(hops[0].id), wire::Route::Onion, wrapped.body);
  EXPECT_EQ(again->status, 400);
  EXPECT_EQ(text_of(again->body), "Invalid ciphertext");
}

TEST_F(Relay, AnotherWritingOfTheEphemeralKeyDoesNotOpenALayerAgain) {  // profile.md 10.3
  const auto own = crypto::x25519_pair(net.rng);
  const auto to = crypto::x25519_of(net.nodes[0].config.keys).open;
  const auto key = onion::layer_key(onion::EncType::AesGcm, own.secret, to, own.open, to).value();
  const Bytes info = wire::to_json(wire::RpcRequest(wire::InfoRequest{}));
  const Bytes sealed = onion::seal_layer(onion::EncType::AesGcm, key, onion::frame(info, R"({"headers":{}})"), net.rng);
  const auto ask = [&](const crypto::X25519Public& ephemeral) {
    return net.ask(0, wire::Route::Onion, onion::frame(sealed, R"({"ephemeral_key":")" + ephemeral.hex() + R"("})"))->status;
  };
  EXPECT_EQ(ask(own.open), 200);
  // X25519 masks the highest bit: another text, the same secret.
  crypto::X25519Public twin = own.open;
  twin.bytes[31] ^= std::byte{0x80};
  EXPECT_EQ(ask(twin), 400);
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
  const auto refusal = told(hops);
  EXPECT_EQ(refusal.status, 502);
  EXPECT_EQ(text_of(refusal.body), "Next node not found: " + hops[1].id.hex());
  EXPECT_EQ(refusal.refused_behind, 0u);
  EXPECT_EQ(net.facts["Refused"], 1);
}

TEST_F(Relay, ADeadHopIsATimeoutWhereverItIs) {
  const auto hops = path(net.members(bob.account)[0]);
  for (std::size_t dead = 1; dead < hops.size(); ++dead) {
    net.dead = {net.index(hops[dead].id)};
    const auto refusal = told(hops);
    EXPECT_EQ(refusal.status, 504) << dead;
    EXPECT_EQ(net.facts["Refused"], static_cast<int>(dead));
    EXPECT_EQ(refusal.refused_behind, dead - 1);
  }
}

TEST_F(Relay, AHopThatAnswersTooMuchIsToBlameItself) {  // service-node.md 6.4: a malformed reply
  const auto hops = path(net.members(bob.account)[0]);
  net.dead.insert(net.index(hops[1].id));
  net.dead_failure = wire::CallFailure::TooLarge;
  const auto refusal = told(hops);
  EXPECT_EQ(refusal.status, 500);
  EXPECT_EQ(text_of(refusal.body), "Invalid response from snode");
}

TEST_F(Relay, SealsTheRefusalOfTheHopBehindIt) {  // or whoever refuses could mark a request for the guard
  auto hops = path(net.members(bob.account)[0]);
  for (std::size_t refuses = 1; refuses < hops.size(); ++refuses) {
    auto wrong = hops;
    wrong[refuses].x25519 = crypto::x25519_pair(net.rng).open;
    const auto refusal = told(wrong);
    EXPECT_EQ(refusal.status, 400) << refuses;
    EXPECT_EQ(text_of(refusal.body), "Invalid ciphertext");
    EXPECT_EQ(refusal.refused_behind, refuses - 1);
  }
}

/// A layer for this node that leads on to a server.
struct ToServer {
  Bytes body;
  crypto::SymmetricKey key;
  explicit ToServer(Network& net, std::size_t node) {
    const auto own = crypto::x25519_pair(net.rng);
    const auto to = crypto::x25519_of(net.nodes[node].config.keys).open;
    key = onion::layer_key(onion::EncType::XChaCha20, own.secret, to, own.open, to).value();
    const Bytes plain = onion::frame(bytes_of("sealed"), R"({"host":"files.example.org","target":"/loki/v3/lsrpc"})");
    body = onion::frame(onion::seal_layer(onion::EncType::XChaCha20, key, plain, net.rng),
                        R"({"ephemeral_key":")" + own.open.hex() + R"(","enc_type":"xchacha20"})");
  }
};

TEST_F(Relay, NoNodeLeadsToServersUnlessItsOperatorSaysSo) {
  const ToServer wrapped(net, 0);
  const auto answer = net.ask(0, wire::Route::Onion, wrapped.body);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  const auto reply = onion::open_reply(wrapped.key, onion::EncType::XChaCha20, answer->body).value();
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(text_of(reply.body), "Invalid url");
  EXPECT_TRUE(net.led_to.empty());
}

TEST(Exit, AServersAnswerPassesAsItCame) {
  for (const Exits exits : {Exits::Public, Exits::Any}) {
    Network net(16, "today", 1, [&](Config& config) { config.exits = exits; });
    net.server_answer = wire::Answer{418, to_bytes("sealed for the client"), wire::ContentType::Binary};
    const auto answer = net.ask(0, wire::Route::Onion, ToServer(net, 0).body);
    EXPECT_EQ(answer, net.server_answer);
    ASSERT_EQ(net.led_to.size(), 1u);
    EXPECT_EQ(net.led_to[0], (wire::ServerPeer{{"files.example.org", 443}, true, "/loki/v3/lsrpc", exits == Exits::Any}));
    net.server_answer.reset();
    EXPECT_EQ(net.ask(0, wire::Route::Onion, ToServer(net, 0).body)->status, 504);
    net.server_failure = wire::CallFailure::Unreachable;
    EXPECT_EQ(net.ask(0, wire::Route::Onion, ToServer(net, 0).body)->status, 502);
  }
}

}  // namespace
}  // namespace session::node

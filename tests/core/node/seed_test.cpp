#include "core/node/seed.h"

#include "tests/core/node/network.h"

namespace session::node {
namespace {

struct Asked {
  wire::Answer answer;
  std::optional<Instant> block_at;
};
Asked ask(Seed& seed, Bytes body, Rng& rng, wire::Route route = wire::Route::SeedRpc) {
  wire::Effects effects(false);
  seed.on(wire::Requested{{1}, {}, {route, std::move(body), {}}}, kNow, rng, effects);
  Asked asked;
  for (const auto& effect : effects.list()) {
    if (const auto* reply = std::get_if<wire::Reply>(&effect)) asked.answer = reply->answer;
    if (const auto* wake = std::get_if<wire::Wake>(&effect)) asked.block_at = wake->at;
  }
  return asked;
}

TEST(Seed, ListsWhoIsInTheNetwork) {
  Network net(14);
  const auto listed = wire::parse_registry_answer(ask(net.seed, wire::to_json(wire::RegistryQuery{}), net.rng).answer.body);
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_EQ(listed->nodes.size(), 14u);
  EXPECT_EQ(listed->network->name, "today");
  wire::RegistryQuery few;
  few.limit = 5;
  EXPECT_EQ(wire::parse_registry_answer(ask(net.seed, wire::to_json(few), net.rng).answer.body)->nodes.size(), 5u);
  wire::RegistryQuery poll;
  poll.poll_block_hash = listed->block_hash;
  EXPECT_TRUE(wire::parse_registry_answer(ask(net.seed, wire::to_json(poll), net.rng).answer.body)->unchanged);
}

TEST(Seed, TakesRegistrationsOfTheAdmissionKeyOnly) {
  SeededRng rng(1);
  const auto admission = crypto::ed25519_pair(rng), other = crypto::ed25519_pair(rng), node = crypto::ed25519_pair(rng);
  Seed seed(*pow::preset("readme"), admission.open);
  wire::RegistrationRequest request;
  request.id = crypto::node_of(node.open);
  request.x25519 = crypto::x25519_of(node).open;
  request.address = {"127.0.0.1", 4000};
  request.time_ms = kNow.unix_millis();
  wire::sign_registration(request, node.secret, other.secret);
  EXPECT_FALSE(wire::parse_registration_answer(ask(seed, wire::to_json(request), rng).answer.body));
  wire::sign_registration(request, node.secret, admission.secret);
  const auto asked = ask(seed, wire::to_json(request), rng);
  EXPECT_TRUE(wire::parse_registration_answer(asked.answer.body));
  EXPECT_EQ(asked.block_at, kNow + seconds(1));
  request.time_ms -= 61'000;
  wire::sign_registration(request, node.secret, admission.secret);
  EXPECT_FALSE(wire::parse_registration_answer(ask(seed, wire::to_json(request), rng).answer.body));
  wire::Effects effects;
  seed.on(wire::Woken{1}, kNow + seconds(1), rng, effects);
  EXPECT_EQ(seed.registry()->nodes().size(), 1u);
}

TEST(Seed, AStreamOfRegistrationsDoesNotPutTheBlockOff) {
  SeededRng rng(3);
  const auto admission = crypto::ed25519_pair(rng), node = crypto::ed25519_pair(rng);
  Seed seed(*pow::preset("readme"), admission.open);
  wire::RegistrationRequest request;
  request.id = crypto::node_of(node.open);
  request.x25519 = crypto::x25519_of(node).open;
  request.address = {"127.0.0.1", 4000};
  const auto planned = [&](Instant now) {
    request.time_ms = now.unix_millis();
    wire::sign_registration(request, node.secret, admission.secret);
    wire::Effects effects(false);
    seed.on(wire::Requested{{1}, {}, {wire::Route::SeedRpc, wire::to_json(request), {}}}, now, rng, effects);
    return std::count_if(effects.list().begin(), effects.list().end(),
                         [](const auto& effect) { return std::holds_alternative<wire::Wake>(effect); });
  };
  EXPECT_EQ(planned(kNow), 1);
  EXPECT_EQ(planned(kNow + Millis{900}), 0);
}

TEST(Seed, JunkAndOtherDoorsAreRefused) {
  SeededRng rng(2);
  Seed seed(*pow::preset("readme"), std::nullopt);
  EXPECT_FALSE(wire::parse_registry_answer(ask(seed, to_bytes("junk"), rng).answer.body));
  EXPECT_EQ(ask(seed, {}, rng, wire::Route::StorageRpc).answer.status, 404);
}

TEST(Seed, TakesProofsThatAreTimelySignedAndNotTooMany) {
  Network net(14);
  const auto& keys = net.nodes[0].config.keys;
  const auto words = [&](Millis late, std::array<std::uint16_t, 3> version = {2, 6, 2}, Millis passed = {}) {
    wire::UptimeProof proof{crypto::node_of(keys.open), (kNow + late).unix_millis(), version, {}};
    wire::sign_uptime(proof, keys.secret);
    if (version[2] == 9) proof.signature[0] ^= std::byte{1};
    wire::Effects effects(false);
    net.seed.on(wire::Requested{{1}, {}, {wire::Route::SeedRpc, wire::to_json(proof), {}}}, kNow + passed, net.rng, effects);
    const auto done = wire::parse_registration_answer(std::get<wire::Reply>(effects.list()[0]).answer.body);
    return done ? "OK" : done.error().message;
  };
  EXPECT_NE(words(seconds(301)).find("timestamp: too far"), std::string::npos);
  EXPECT_NE(words(Millis{} - seconds(301)).find("timestamp: too far"), std::string::npos);
  EXPECT_NE(words({}, {2, 5, 9}).find("version"), std::string::npos);
  EXPECT_NE(words({}, {2, 6, 9}).find("signature"), std::string::npos);
  EXPECT_EQ(words(seconds(299)), "OK");
  EXPECT_NE(words(minutes(29), {2, 6, 2}, minutes(29)).find("too new"), std::string::npos);
  EXPECT_EQ(words(minutes(30), {2, 6, 2}, minutes(30)), "OK");
  wire::Effects none(false);
  net.seed.seal_block(none);
  EXPECT_EQ(net.seed.registry()->find(crypto::node_of(keys.open))->last_uptime_proof_s,
            static_cast<std::uint64_t>((kNow + minutes(30)).unix_millis()) / 1000);
}

TEST(Seed, AForkIsOneBlockLonger) {
  Network net(14);
  wire::Effects effects;
  for (int i = 0; i < 5; ++i) net.seed.seal_block(effects);
  const auto before = net.seed.registry();
  EXPECT_EQ(net.seed.fork(3, effects), 3u);
  EXPECT_EQ(net.seed.registry()->height(), before->height() + 1);
  EXPECT_EQ(net.seed.registry()->nodes().size(), 14u);
}

}  // namespace
}  // namespace session::node

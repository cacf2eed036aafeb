#include "core/wire/registry.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/rng.h"

namespace session::wire {
namespace {

using nlohmann::json;

RegistryEntry random_entry(Rng& rng) {
  RegistryEntry node;
  node.id = NodeId{rng.bytes<32>()};
  node.x25519 = {rng.bytes<32>()};
  if (rng.one_in(2)) node.legacy = rng.bytes<32>();
  node.address = {"10.0.0.9", static_cast<std::uint16_t>(rng.below(65536))};
  node.swarm = SwarmId{rng.next()};
  node.active = rng.one_in(2);
  node.funded = rng.one_in(2);
  node.reachable = rng.one_in(2);
  node.registration_height = rng.next();
  node.state_height = rng.next();
  node.last_uptime_proof_s = rng.next();
  node.decommission_count = static_cast<std::uint32_t>(rng.next());
  node.earned_downtime_blocks = rng.between(-100, 1440);
  return node;
}

RegistryAnswer random_answer(Rng& rng, std::size_t nodes) {
  RegistryAnswer answer;
  answer.height = 1'000'000 + rng.below(1000);
  answer.block_hash = rng.bytes<32>();
  for (std::size_t i = 0; i < nodes; ++i) answer.nodes.push_back(random_entry(rng));
  return answer;
}

TEST(Registry, WhatIsWrittenIsReadBackTheSame) {
  SeededRng rng(91);
  for (int i = 0; i < 50; ++i) {
    const RegistryAnswer answer = random_answer(rng, rng.below(20));
    const auto back = parse_registry_answer(to_json(answer));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->height, answer.height);
    EXPECT_EQ(back->block_hash, answer.block_hash);
    EXPECT_EQ(back->hardfork, answer.hardfork);
    EXPECT_EQ(back->nodes, answer.nodes) << "seed 91, round " << i;
  }
}

TEST(Registry, TheFullTwentyThousandNodesFit) {
  SeededRng rng(92);
  RegistryAnswer answer = random_answer(rng, kMaxRegistryNodes);
  const RegistryQuery query{.fields = {"pubkey_ed25519", "pubkey_x25519", "public_ip", "storage_port", "swarm_id"}};
  EXPECT_TRUE(parse_registry_answer(to_json(answer, query)));
  answer.nodes.push_back(random_entry(rng));
  EXPECT_FALSE(parse_registry_answer(to_json(answer, query)));
}

TEST(Registry, SwarmIdsAboveTwoToThe53AreExact) {
  const std::string key(64, 'a');
  const std::string text = R"({"result":{"height":1,"block_hash":")" + key +
                           R"(","hardfork":19,"service_node_states":[{"pubkey_ed25519":")" + key + R"(","pubkey_x25519":")" +
                           key + R"(","public_ip":"10.0.0.1","storage_port":22021,"swarm_id":13835058055282163711}]}})";
  const auto answer = parse_registry_answer(bytes_of(text));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->nodes.at(0).swarm.value, 0xbfffffffffffffffu);
  EXPECT_EQ(answer->network, std::nullopt);
}

TEST(Registry, OnlyTheFieldsAskedForAreSent) {
  SeededRng rng(93);
  const auto out = json::parse(text_of(to_json(random_answer(rng, 1), {.fields = {"public_ip", "height"}})));
  EXPECT_EQ(out["result"]["service_node_states"][0], (json{{"public_ip", "10.0.0.9"}}));
}

TEST(Registry, NodesThatHaveNotShownTheirKeysAreLeftOut) {
  SeededRng rng(94);
  auto out = json::parse(text_of(to_json(random_answer(rng, 3))));
  out["result"]["service_node_states"][0]["pubkey_x25519"] = "";
  out["result"]["service_node_states"][1].erase("pubkey_ed25519");
  EXPECT_EQ(parse_registry_answer(bytes_of(out.dump()))->nodes.size(), 1u);
}

TEST(Registry, RepeatedNodesAndBadFieldsAreRefused) {
  SeededRng rng(95);
  RegistryAnswer answer = random_answer(rng, 2);
  answer.nodes[1] = answer.nodes[0];
  EXPECT_FALSE(parse_registry_answer(to_json(answer)));
  const auto good = json::parse(text_of(to_json(random_answer(rng, 1))));
  const std::pair<const char*, json> bad[] = {{"pubkey_ed25519", "zz"},
                                              {"pubkey_x25519", std::string(66, 'a')},
                                              {"public_ip", "http://evil/"},
                                              {"storage_port", 65536},
                                              {"swarm_id", 1e30},
                                              {"swarm_id", -1},
                                              {"active", 1},
                                              {"earned_downtime_blocks", "many"}};
  for (const auto& [field, value] : bad) {
    json changed = good;
    changed["result"]["service_node_states"][0][field] = value;
    const auto read = parse_registry_answer(bytes_of(changed.dump()));
    ASSERT_FALSE(read) << field;
    EXPECT_NE(read.error().message.find(field), std::string::npos) << read.error().message;
  }
}

TEST(Registry, UnchangedCarriesNoList) {
  RegistryAnswer answer;
  answer.unchanged = true;
  const auto back = parse_registry_answer(to_json(answer, {.poll_block_hash = answer.block_hash}));
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->unchanged);
}

TEST(Registry, SeedsReadBothNamesOfTheQuestion) {
  const RegistryQuery query{20, true, {"public_ip"}, ByteArray<32>{}};
  const auto call = parse_seed_call(to_json(query));
  ASSERT_TRUE(call) << call.error().message;
  EXPECT_EQ(std::get<RegistryQuery>(call->request), query);
  const auto old = parse_seed_call(bytes_of(R"({"jsonrpc":"2.0","id":7,"method":"get_n_service_nodes",)"
                                            R"("params":{"limit":20,"fields":{"public_ip":true,"votes":false}}})"));
  ASSERT_TRUE(old);
  EXPECT_EQ(old->id, "7");
  EXPECT_EQ(std::get<RegistryQuery>(old->request), (RegistryQuery{20, false, {"public_ip"}, std::nullopt}));
  EXPECT_TRUE(parse_seed_call(bytes_of(R"({"method":"get_service_nodes"})")));
  EXPECT_EQ(parse_seed_call(bytes_of(R"({"method":"stop"})")).error().code, ErrorCode::NotFound);
  EXPECT_EQ(parse_seed_call(bytes_of("?")).error().code, ErrorCode::Malformed);
}

TEST(Registry, ErrorsOfASeedReachTheAsker) {
  const auto answer = parse_registry_answer(seed_error({ErrorCode::NotFound, "no method stop"}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::Refused);
  EXPECT_NE(answer.error().message.find("no method stop"), std::string::npos);
  EXPECT_TRUE(parse_registration_answer(registration_accepted()));
  EXPECT_FALSE(parse_registration_answer(seed_error({ErrorCode::Refused, "no"})));
  EXPECT_FALSE(parse_registration_answer(bytes_of("{}")));
}

TEST(Registration, NeedsBothSignatures) {
  crypto::initialise();
  SeededRng rng(96);
  const auto node = crypto::ed25519_pair(rng);
  const auto admission = crypto::ed25519_pair(rng);
  RegistrationRequest request{crypto::node_of(node.open), crypto::x25519_of(node).open, {"10.0.0.2", 22021}, 1000, {}, {}};
  sign_registration(request, node.secret, admission.secret);
  const auto call = parse_seed_call(to_json(request));
  ASSERT_TRUE(call) << call.error().message;
  EXPECT_EQ(std::get<RegistrationRequest>(call->request), request);
  EXPECT_TRUE(verify_registration(request, admission.open));
  EXPECT_EQ(verify_registration(request, node.open).error().code, ErrorCode::Unauthentic);
  RegistrationRequest moved = request;
  moved.address.port = 1;
  EXPECT_EQ(verify_registration(moved, admission.open).error().code, ErrorCode::Unauthentic);
  RegistrationRequest other = request;
  other.x25519 = {};
  EXPECT_EQ(verify_registration(other, admission.open).error().code, ErrorCode::Malformed);
}

TEST(Registry, TruncatedAnswersAreRefused) {
  SeededRng rng(97);
  const Bytes whole = to_json(random_answer(rng, 2));
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_registry_answer(BytesView(whole).first(size)));
}

}  // namespace
}  // namespace session::wire

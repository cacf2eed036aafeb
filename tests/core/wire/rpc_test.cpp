#include "core/wire/rpc.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/rng.h"

namespace session::wire {
namespace {

using nlohmann::json;

const std::string kKey = "050123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kSignature(to_base64(Bytes(64, std::byte{1})));

json store_params() { return {{"pubkey", kKey}, {"timestamp", 1581900000000}, {"ttl", 86400000}, {"data", "aGVsbG8="}}; }
json retrieve_params() { return {{"pubkey", kKey}}; }

std::expected<RpcRequest, RpcError> ask(const std::string& method, const json& params) {
  return parse_rpc(bytes_of(json{{"method", method}, {"params", params}}.dump()));
}
std::string refusal_of(const std::string& method, const json& params) {
  const auto request = ask(method, params);
  return request ? "accepted" : std::to_string(request.error().status) + " " + request.error().text;
}

TEST(Rpc, StoreIsReadWithTheTextsThatAStampCovers) {
  json params = store_params();
  params["nonce"] = "AAAAAAAAAVk=";
  params["namespace"] = -11;
  const auto request = ask("store", params);
  ASSERT_TRUE(request) << request.error().text;
  const auto& store = std::get<StoreRequest>(*request);
  EXPECT_EQ(store.account.hex(), kKey);
  EXPECT_EQ(store.data, to_bytes("hello"));
  EXPECT_EQ(store.stamped.timestamp, "1581900000000");
  EXPECT_EQ(store.stamped.ttl, "86400000");
  EXPECT_EQ(store.stamped.account, kKey);
  EXPECT_EQ(store.stamped.data, "aGVsbG8=");
  EXPECT_EQ(store.nonce, to_array<8>(big(std::uint64_t{345})));
  EXPECT_EQ(store.ns, -11);
  EXPECT_TRUE(store.ns_given);
  EXPECT_EQ(store.signed_at(), 1581900000000);
}

TEST(Rpc, StringsOf2020ReadLikeNumbers) {
  json params = {{"pubKey", kKey}, {"timestamp", "1581900000000"}, {"ttl", "86400000"}, {"data", "aGVsbG8="}};
  const auto old = ask("store", params);
  const auto modern = ask("store", store_params());
  ASSERT_TRUE(old && modern);
  EXPECT_EQ(*old, *modern);
  EXPECT_EQ(ask("get_snodes_for_pubkey", {{"pubKey", kKey}}), ask("get_swarm", {{"pubkey", kKey}}));
  EXPECT_EQ(ask("retrieve", {{"pubKey", kKey}, {"lastHash", ""}}), ask("retrieve", {{"pubkey", kKey}}));
}

TEST(Rpc, UpperCaseKeysAreTheSameAccountAndAnotherStamp) {
  json params = store_params();
  params["pubkey"] = "050123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef";
  const auto request = ask("store", params);
  ASSERT_TRUE(request);
  const auto& store = std::get<StoreRequest>(*request);
  EXPECT_EQ(store.account.hex(), kKey);
  EXPECT_EQ(store.stamped.account, params["pubkey"].get<std::string>());
  EXPECT_EQ(parse_rpc(to_json(store)), request);
}

TEST(Rpc, ExpiryIsALifetimeFromTheTimestamp) {
  json params = store_params();
  params.erase("ttl");
  params["expiry"] = 1581900060000;
  const auto request = ask("store", params);
  ASSERT_TRUE(request);
  EXPECT_EQ(std::get<StoreRequest>(*request).ttl_ms, 60000);
  EXPECT_EQ(std::get<StoreRequest>(*request).stamped.ttl, "60000");
  params["ttl"] = 5;
  EXPECT_EQ(refusal_of("store", params), "400 invalid request: Cannot specify both 'ttl' and 'expiry'");
}

TEST(Rpc, RefusalsSayWhatIsWrong) {
  EXPECT_EQ(refusal_of("fly", json::object()), "400 no method fly");
  EXPECT_EQ(refusal_of("store", json::array()), "400 invalid json: no `params` field");
  EXPECT_EQ(parse_rpc(bytes_of("nonsense")).error().text, "invalid json");
  EXPECT_EQ(parse_rpc(bytes_of("[]")).error().text, "invalid json");
  EXPECT_EQ(parse_rpc(bytes_of("{}")).error().text, "invalid json: no `method` field");
  EXPECT_EQ(parse_rpc(bytes_of(R"({"method":"info"})")).error().text, "invalid json: no `params` field");
  json params = store_params();
  params["namespace"] = 40000;
  EXPECT_EQ(refusal_of("store", params), "400 invalid request: Invalid value given for 'namespace': value out of range");
  params = store_params();
  params.erase("data");
  EXPECT_EQ(refusal_of("store", params), "400 invalid request: Required field 'data' missing");
  params = store_params();
  params["pubKey"] = kKey;
  EXPECT_EQ(refusal_of("store", params), "400 invalid request: Cannot specify both 'pubkey' and 'pubKey'");
  params = store_params();
  params["pubkey"] = "03" + kKey.substr(2);
  params["pubkey_ed25519"] = kKey.substr(2);
  EXPECT_EQ(refusal_of("store", params), "400 invalid request: pubkey_ed25519 is only permitted for 05[...] pubkeys");
}

TEST(Rpc, BadValuesOfEveryFieldAreRefused) {
  const std::pair<const char*, json> bad[] = {{"pubkey", "05"},
                                              {"pubkey", kKey + "00"},
                                              {"pubkey", 5},
                                              {"timestamp", -1},
                                              {"timestamp", "007"},
                                              {"timestamp", 1.5},
                                              {"ttl", "86400000xyz"},
                                              {"ttl", -5},
                                              {"ttl", json::array()},
                                              {"data", "a"},
                                              {"data", "aGVsbG8=\n"},
                                              {"data", 7},
                                              {"nonce", "AAAA"},
                                              {"nonce", "AAAAAAAAAVl="},
                                              {"signature", "AAAA"},
                                              {"signature", kKey},
                                              {"pubkey_ed25519", "zz"},
                                              {"sig_timestamp", "soon"},
                                              {"namespace", "all"},
                                              {"namespace", -40000}};
  for (const auto& [field, value] : bad) {
    json params = store_params();
    params[field] = value;
    EXPECT_TRUE(refusal_of("store", params).starts_with("400 invalid request: ")) << field << " " << value;
    EXPECT_NE(refusal_of("store", params).find(field), std::string::npos) << refusal_of("store", params);
  }
}

TEST(Rpc, DataHasItsLimit) {
  json params = store_params();
  params["data"] = to_base64(Bytes(kMaxDataBytes));
  EXPECT_TRUE(ask("store", params));
  params["data"] = to_base64(Bytes(kMaxDataBytes + 1));
  EXPECT_EQ(refusal_of("store", params), "400 Message body exceeds maximum allowed length of 76800 bytes");
}

TEST(Rpc, UnknownParametersAndSpacesAfterwardsAreIgnored) {
  json params = store_params();
  params["colour"] = "green";
  const std::string body = json{{"method", "store"}, {"params", params}, {"pad", 1}}.dump();
  EXPECT_EQ(parse_rpc(bytes_of(body + std::string(512, ' '))), ask("store", store_params()));
}

TEST(Rpc, RetrieveAsksForASignatureWhereverOneIsHintedAt) {
  EXPECT_TRUE(ask("retrieve", retrieve_params()));
  json params = retrieve_params();
  params["namespace"] = 0;
  EXPECT_EQ(refusal_of("retrieve", params), "400 invalid request: Required field 'signature' missing");
  params["signature"] = kSignature;
  EXPECT_EQ(refusal_of("retrieve", params), "400 invalid request: Required field 'timestamp' missing");
  params["timestamp"] = 5;
  EXPECT_TRUE(ask("retrieve", params));
  for (const int open : {-10, -1, -21, -161}) {
    params = retrieve_params();
    params["namespace"] = open;
    EXPECT_TRUE(ask("retrieve", params)) << open;
  }
  for (const int closed : {2, 10, -11, -20, 11}) {
    params["namespace"] = closed;
    EXPECT_FALSE(ask("retrieve", params)) << closed;
  }
  params = retrieve_params();
  params["timestamp"] = 5;
  EXPECT_EQ(refusal_of("retrieve", params), "400 invalid request: Required field 'signature' missing");
}

TEST(Rpc, RetrieveLimitsCountZeroAsAbsent) {
  json params = retrieve_params();
  params["max_count"] = 0;
  params["max_size"] = 0;
  EXPECT_EQ(ask("retrieve", params), ask("retrieve", retrieve_params()));
  params["max_size"] = -5;
  params["max_count"] = "7";
  params["last_hash"] = "iCs3aAbPotVlBLCGQu2fn426dT9KM3oUfdrNDhOo+L4";
  const auto request = ask("retrieve", params);
  ASSERT_TRUE(request);
  EXPECT_EQ(std::get<RetrieveRequest>(*request).max_size, -5);
  EXPECT_EQ(std::get<RetrieveRequest>(*request).max_count, 7);
  EXPECT_EQ(std::get<RetrieveRequest>(*request).last_hash->text, params["last_hash"].get<std::string>());
  params["last_hash"] = "short";
  EXPECT_TRUE(refusal_of("retrieve", params).starts_with("400 invalid request: Invalid value given for 'last_hash'"));
}

TEST(Rpc, BatchesHoldOneToTwentyAndNoBatches) {
  const json one = {{"method", "info"}, {"params", json::object()}};
  const auto of = [&](std::size_t n) { return json{{"requests", std::vector<json>(n, one)}}; };
  EXPECT_TRUE(ask("batch", of(1)));
  EXPECT_TRUE(ask("batch", of(20)));
  EXPECT_FALSE(ask("batch", of(0)));
  EXPECT_FALSE(ask("batch", of(21)));
  const json nested = {{"requests", {{{"method", "batch"}, {"params", of(1)}}}}};
  EXPECT_NE(refusal_of("batch", nested).find("invalid method batch"), std::string::npos);
  EXPECT_FALSE(ask("batch", {{"requests", {{{"method", "store"}, {"params", json::object()}}}}}));
}

TEST(Rpc, OnlyTheRegistryIsReachableThroughANode) {
  EXPECT_TRUE(ask("oxend_request", {{"endpoint", "get_service_nodes"}}));
  EXPECT_FALSE(ask("oxend_request", {{"endpoint", "stop_daemon"}}));
}

TEST(Rpc, SignedTextsLeaveOutNamespaceZero) {
  EXPECT_EQ(signed_text_store(0, 1581900000000), "store1581900000000");
  EXPECT_EQ(signed_text_store(-21, 5), "store-215");
  EXPECT_EQ(signed_text_retrieve(0, 7), "retrieve7");
  EXPECT_EQ(signed_text_retrieve(3, 7), "retrieve37");
}

// --- properties ------------------------------------------------------------------------------------------------------------

Authentication random_authentication(Rng& rng) {
  Authentication auth;
  if (rng.one_in(2)) auth.ed25519 = crypto::Ed25519Public{rng.bytes<32>()};
  auth.signature = rng.bytes<64>();
  auth.timestamp = rng.between(0, std::numeric_limits<std::int64_t>::max());
  return auth;
}

StoreRequest random_store(Rng& rng) {
  Account account{rng.bytes<33>()};
  account.bytes[0] = std::byte{0x05};
  Bytes data(rng.below(2000));
  rng.fill(data);
  StoreRequest store = make_store(account, static_cast<Namespace>(rng.between(-32768, 32767)), rng.between(0, 1LL << 45),
                                  Millis{rng.between(-1000, 1LL << 40)}, data);
  // Before 1970 there is no expiry to write.
  if (store.timestamp_ms + store.ttl_ms < 0) store = make_store(account, store.ns, store.timestamp_ms, Millis{0}, data);
  if (rng.one_in(2)) store.nonce = rng.bytes<8>();
  if (rng.one_in(2)) store.auth = random_authentication(rng);
  return store;
}

Subrequest random_request(Rng& rng) {
  Account account{rng.bytes<33>()};
  account.bytes[0] = std::byte{0x05};
  switch (rng.below(5)) {
    case 0: return random_store(rng);
    case 1: {
      RetrieveRequest retrieve{.account = account, .auth = random_authentication(rng)};
      retrieve.ns = static_cast<Namespace>(rng.between(-200, 200));
      retrieve.ns_given = retrieve.ns != 0 || rng.one_in(2);
      if (rng.one_in(2)) retrieve.last_hash = MessageHash{to_base64(rng.bytes<32>(), Padding::Without)};
      if (rng.one_in(2)) retrieve.max_count = rng.between(1, 1000);
      if (rng.one_in(2)) retrieve.max_size = -rng.between(1, 1000);
      return retrieve;
    }
    case 2: return GetSwarmRequest{account};
    case 3: return InfoRequest{};
    default: {
      RegistryQuery query{static_cast<std::uint32_t>(rng.below(100)), rng.one_in(2), {}, std::nullopt};
      if (rng.one_in(2)) query.fields = {"public_ip", "swarm_id"};
      if (rng.one_in(2)) query.poll_block_hash = rng.bytes<32>();
      return OxendRequest{query};
    }
  }
}

TEST(Rpc, WhatIsWrittenIsReadBackTheSame) {
  SeededRng rng(31);
  for (int i = 0; i < 300; ++i) {
    BatchRequest batch;
    for (std::int64_t n = rng.between(1, 5); n > 0; --n) batch.requests.push_back(random_request(rng));
    const auto back = parse_rpc(to_json(batch));
    ASSERT_TRUE(back) << back.error().text << ", seed 31, round " << i;
    EXPECT_EQ(*back, RpcRequest(batch)) << "seed 31, round " << i;
    const RpcRequest single = std::visit([](const auto& each) -> RpcRequest { return each; }, batch.requests.front());
    EXPECT_EQ(parse_rpc(to_json(single)), (std::expected<RpcRequest, RpcError>(single))) << "seed 31, round " << i;
  }
}

TEST(Rpc, TruncatedAndDamagedRequestsNeverPassForOthers) {
  SeededRng rng(32);
  const Bytes whole = to_json(random_store(rng));
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_rpc(BytesView(whole).first(size))) << size;
  for (int i = 0; i < 3000; ++i) {
    Bytes damaged = whole;
    damaged[rng.below(damaged.size())] = static_cast<std::byte>(rng.below(256));
    (void)parse_rpc(damaged);
  }
}

TEST(Rpc, HostileJsonIsRefusedWithoutHarm) {
  EXPECT_EQ(parse_rpc(bytes_of(std::string(5'000'000, '['))).error().status, 400);
  EXPECT_FALSE(parse_rpc(bytes_of(R"({"method":"info","method":"store","params":{}})")));
  EXPECT_FALSE(parse_rpc(Bytes(kMaxRpcBytes + 1, std::byte{' '})));
  EXPECT_FALSE(parse_rpc(bytes_of("{\"method\":\"\xff\",\"params\":{}}")));
  EXPECT_LT(parse_rpc(bytes_of("{\"method\":\"" + std::string(100'000, 'x') + "\",\"params\":{}}")).error().text.size(), 200u);
}

}  // namespace
}  // namespace session::wire

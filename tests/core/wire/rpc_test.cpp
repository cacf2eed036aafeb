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
  EXPECT_EQ(refusal_of("store", params), "400 invalid request: Message body exceeds maximum allowed length of 76800 bytes");
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

json with(json params, const char* name, const json& value) {
  params[name] = value;
  return params;
}

TEST(Rpc, ChangesOfAMailboxAreRefusedByTheFieldThatIsWrong) {
  const std::string account = std::string("05") + std::string(64, 'a'), hash(43, 'h');
  const std::string signature(86, 'A'), token = to_base64(Bytes(36, std::byte{3}));
  const json change{{"pubkey", account}, {"messages", {hash}}, {"signature", signature}};
  const json timed{{"pubkey", account}, {"timestamp", 1}, {"signature", signature}};
  const auto refused = [](const char* method, const json& params, const char* field) {
    const auto request = ask(method, params);
    ASSERT_FALSE(request) << method << " " << params;
    EXPECT_EQ(request.error().status, 400);
    EXPECT_NE(request.error().text.find(field), std::string::npos) << method << " " << params << ": " << request.error().text;
  };
  for (const char* method : {"delete", "get_expiries", "expire"}) {
    for (const json& bad : {json(), json("x"), json::array(), json{1}, json{"short"}, json{{"a", 1}}})
      refused(method, with(change, "messages", bad), "messages");
    for (const json& bad : {json(), json(7), json("AAAA"), json(std::string(86, '!'))})
      refused(method, with(with(with(change, "timestamp", 1), "expiry", 1), "signature", bad), "signature");
  }
  refused("delete", with(change, "required", "yes"), "required");
  refused("get_expiries", change, "timestamp");
  for (const json& bad : {json(), json(-1), json("1x"), json(1.5), json::array(), json{1, 2}, json{{"a", 1}}, json{"x"}})
    refused("expire", with(change, "expiry", bad), "expiry");
  json both = with(change, "expiry", 1);
  both["shorten"] = both["extend"] = true;
  refused("expire", both, "shorten");
  for (const char* method : {"delete_all", "delete_before", "expire_all"})
    for (const json& bad : {json("some"), json(70'000), json(1.5), json::array()})
      refused(method, with(with(with(timed, "before", 1), "expiry", 1), "namespace", bad), "namespace");
  refused("delete_before", timed, "before");
  refused("expire_all", timed, "expiry");
  for (const auto& [method, name] : {std::pair{"revoke_subaccount", "revoke"}, {"unrevoke_subaccount", "unrevoke"}}) {
    for (const json& bad : {json(), json(1), json("AAAA"), json::array(), json{1}, json{"AAAA"}})
      refused(method, with(timed, name, bad), name);
    EXPECT_TRUE(ask(method, with(timed, name, token)));
    EXPECT_TRUE(ask(method, with(timed, name, {token, token})));
    refused(method, {{"pubkey", account}, {name, token}, {"signature", signature}}, "timestamp");
  }
  refused("delete", with(change, "subaccount", token), "subaccount_sig");
  refused("delete", with(change, "subaccount_sig", signature), "subaccount");
}

TEST(Rpc, ListenAndRelayAreBounded) {
  const std::string account = std::string("05") + std::string(64, 'a'), hash(43, 'h');
  const json listen{
      {"pubkey", account}, {"last_hashes", {{"0", hash}, {"-10", ""}}}, {"timestamp", 1}, {"signature", std::string(86, 'A')}};
  const auto good = ask("listen", listen);
  ASSERT_TRUE(good) << good.error().text;
  EXPECT_EQ(std::get<ListenRequest>(*good).last_hashes.size(), 2u);
  EXPECT_TRUE(ask("listen", with(listen, "wait_ms", kMaxWait)));
  EXPECT_FALSE(ask("listen", with(listen, "wait_ms", kMaxWait + 1)));
  for (const json& bad : {json(), json::object(), json::array(), json{{"x", ""}}, json{{"40000", ""}}, json{{"0", 1}}})
    EXPECT_FALSE(ask("listen", with(listen, "last_hashes", bad))) << bad;
  EXPECT_FALSE(ask("listen", with(listen, "tokens", {"AAAA"})));
  const json relay{{"pubkey", account}, {"token", to_base64(Bytes(32))}, {"data", to_base64(Bytes(kMaxRelayBytes))}};
  EXPECT_TRUE(ask("relay", relay));
  EXPECT_FALSE(ask("relay", with(relay, "data", to_base64(Bytes(kMaxRelayBytes + 1)))));
  EXPECT_FALSE(ask("relay", with(relay, "token", to_base64(Bytes(15)))));
  EXPECT_FALSE(ask("relay", with(relay, "token", to_base64(Bytes(65)))));
}

TEST(Rpc, ChoicesNestAndSequencesDoNot) {
  const json info{{"method", "info"}, {"params", json::object()}};
  const json batch{{"method", "batch"}, {"params", {{"requests", {info, info}}}}};
  const json choice{{"if", {{"hf_at_least", {19, 3}}}}, {"then", batch}, {"else", info}};
  EXPECT_TRUE(ask("ifelse", choice));
  EXPECT_TRUE(ask("ifelse", with(choice, "then", {{"method", "ifelse"}, {"params", choice}})));
  EXPECT_TRUE(ask("sequence", {{"requests", {info}}}));
  EXPECT_FALSE(ask("sequence", {{"requests", {batch}}}));
  EXPECT_FALSE(ask("batch", {{"requests", {{{"method", "ifelse"}, {"params", choice}}}}}));
  EXPECT_FALSE(ask("ifelse", with(choice, "if", json::object())));
  EXPECT_FALSE(ask("ifelse", with(choice, "if", {{"hf_at_least", {1, 2, 3}}})));
  EXPECT_FALSE(ask("ifelse", with(choice, "if", {{"v_before", {"x"}}})));
  EXPECT_FALSE(ask("ifelse", with(choice, "then", {{"method", "nothing"}, {"params", json::object()}})));
  json deep = choice;
  for (int i = 0; i < 20; ++i) deep = with(choice, "then", {{"method", "ifelse"}, {"params", deep}});
  EXPECT_FALSE(ask("ifelse", deep));
}

TEST(Rpc, TruncatedAndDamagedRequestsNeverPassForOthers) {
  SeededRng rng(32);
  const Bytes whole = to_json(make_store(Account::parse(kKey).value(), 3, 7, days(1), Bytes(50, std::byte{1})));
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

TEST(Rpc, AStoreThatIsDatedOrDelegatedIsSigned) {  // service-node.md 3B.2
  StoreRequest store = make_store(Account{{std::byte{5}}}, 0, 1'000, days(1), to_bytes("x"));
  ASSERT_TRUE(parse_rpc(to_json(RpcRequest(store))));
  const auto refusal = [](const StoreRequest& request) {
    const auto parsed = parse_rpc(to_json(RpcRequest(request)));
    EXPECT_FALSE(parsed);
    return parsed ? RpcError{} : parsed.error();
  };
  const RpcError missing{400, "invalid request: Required field 'signature' missing"};
  StoreRequest dated = store, delegated = store;
  dated.auth.timestamp = 1'000;
  delegated.auth.subaccount = Subaccount{};
  EXPECT_EQ(refusal(dated), missing);
  EXPECT_EQ(refusal(delegated), missing);
}

}  // namespace
}  // namespace session::wire

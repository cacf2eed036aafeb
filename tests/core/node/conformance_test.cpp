// The interface as programs written for the live network see it: JSON over real HTTPS, against 21 nodes in three swarms.
// Nothing of the wire room writes or reads here, so that both sides cannot be wrong alike. Organised by method.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <set>

#include "core/base/encoding.h"
#include "core/base/temp_folder.h"
#include "core/crypto/hash.h"
#include "core/net/devnet.h"

namespace session::net {
namespace {

using Json = nlohmann::json;

/// An account of prefix 05 with the Ed25519 key behind it.
struct Holder {
  crypto::Ed25519Pair keys;
  std::string account;
  Account id;
};

struct Said {
  int status = 0;
  std::string text;
  Json json;
};

/// One network for all tests: they use accounts of their own.
class Conformance : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_.emplace();
    auto opened =
        Devnet::open(io(), {.nodes = 21, .base_port = 0, .folder = folder_->path(), .network = *pow::preset("today")}, {});
    ASSERT_TRUE(opened) << opened.error().message;
    devnet_ = std::move(*opened);
    while (!devnet_->is_ready()) io().run_one();
    client_ = std::make_unique<HttpClient>(io());
  }
  static void TearDownTestSuite() {
    client_->close();
    client_.reset();
    devnet_.reset();
    folder_.reset();
  }
  static asio::io_context& io() {
    static asio::io_context context;
    return context;
  }

  Holder holder() {
    Holder out{crypto::ed25519_pair(rng), "05", {}};
    const auto curve = crypto::x25519_of(out.keys).open;
    out.account += curve.hex();
    out.id = Account::parse(out.account).value();
    return out;
  }
  static std::string sign(const crypto::Ed25519Pair& keys, const std::string& text) {
    return to_base64(crypto::sign(keys.secret, bytes_of(text)));
  }
  static std::int64_t now() { return system_now().unix_millis(); }

  /// The answer comes into `out`, which must live until then.
  static void begin(std::size_t node, const std::string& body, std::optional<Said>& out) {
    const wire::Address at{"127.0.0.1", devnet_->node(node)->port()};
    client_->call(wire::NodePeer{devnet_->id(node), at}, {wire::Route::StorageRpc, to_bytes(body), {}}, seconds(60),
                  [&out](HttpClient::Outcome outcome) {
                    out = Said{};
                    if (!outcome) return;
                    out->status = outcome->status;
                    out->text = text_of(outcome->body);
                    out->json = Json::parse(out->text, nullptr, false);
                  });
  }
  static Said post(std::size_t node, const std::string& body) {
    std::optional<Said> said;
    begin(node, body, said);
    while (!said) io().run_one();
    return *said;
  }
  static std::size_t listeners(std::size_t node) { return devnet_->node(node)->machine().listeners(); }
  static Said ask(std::size_t node, const std::string& method, const Json& params) {
    return post(node, Json{{"method", method}, {"params", params}}.dump());
  }
  static std::size_t index(const std::string& key) {
    for (std::size_t i = 0; i < devnet_->size(); ++i)
      if (devnet_->id(i).hex() == key) return i;
    return devnet_->size();
  }
  /// The nodes that keep this account's messages, as any node tells.
  static std::vector<std::size_t> members(const std::string& account) {
    std::vector<std::size_t> out;
    const Said swarm = ask(0, "get_swarm", {{"pubkey", account}});
    for (const Json& each : swarm.json.at("snodes")) out.push_back(index(each.at("pubkey_ed25519")));
    return out;
  }
  static std::size_t outsider(const std::string& account) {
    const auto in = members(account);
    for (std::size_t i = 0; i < devnet_->size(); ++i)
      if (std::find(in.begin(), in.end(), i) == in.end()) return i;
    return 0;
  }
  static Json store_params(const Holder& who, const std::string& text, std::int64_t ttl = 86'400'000) {
    return {{"pubkey", who.account}, {"timestamp", now()}, {"ttl", ttl}, {"data", to_base64(bytes_of(text))}};
  }
  static std::string keep(const Holder& who, const std::string& text, std::int64_t ttl = 86'400'000) {
    const Said said = ask(members(who.account)[0], "store", store_params(who, text, ttl));
    EXPECT_EQ(said.status, 200) << said.text;
    return said.json.value("hash", "");
  }
  static Json by(const Holder& who, Json params, const std::string& text) {
    params["pubkey"] = who.account;
    params["pubkey_ed25519"] = who.keys.open.hex();
    params["signature"] = sign(who.keys, text);
    return params;
  }
  static Said fetch(const Holder& who, std::size_t node, Json extra = Json::object()) {
    const std::int64_t at = now();
    extra["timestamp"] = at;
    return ask(node, "retrieve", by(who, extra, "retrieve" + std::to_string(at)));
  }
  /// Every member signed this text of its own entry.
  template <class Text>
  static void expect_signed(const Said& said, std::size_t count, Text&& text) {
    ASSERT_EQ(said.status, 200) << said.text;
    EXPECT_EQ(said.json.at("swarm").size(), count);
    for (const auto& [key, entry] : said.json.at("swarm").items()) {
      ASSERT_TRUE(entry.contains("signature")) << entry;
      const std::string text64 = entry.at("signature");
      const Bytes signature = from_base64(text64).value();
      EXPECT_TRUE(crypto::verify(crypto::key_of(NodeId::parse(key).value()), bytes_of(text(entry)), to_array<64>(signature)))
          << entry;
    }
  }
  static void expect_head(const Said& said) {
    EXPECT_TRUE(said.json.at("t").is_number_unsigned());
    EXPECT_EQ(said.json.at("hf"), Json({19, 4}));
  }
  static std::string joined(const Json& list) {
    std::string out;
    for (const Json& each : list) out += each.get<std::string>();
    return out;
  }

  crypto::SystemRng rng;

 private:
  static inline std::optional<TempFolder> folder_;
  static inline std::unique_ptr<Devnet> devnet_;
  static inline std::unique_ptr<HttpClient> client_;
};

// --- the envelope ---------------------------------------------------------------------------------------------------------

TEST_F(Conformance, TheEnvelopeIsRefusedByWhatIsWrongWithIt) {
  const auto refusal = [&](const std::string& body) {
    const Said said = post(0, body);
    return std::to_string(said.status) + " " + said.text;
  };
  EXPECT_EQ(refusal("nonsense"), "400 invalid json");
  EXPECT_EQ(refusal("[1]"), "400 invalid json");
  EXPECT_EQ(refusal("{}"), "400 invalid json: no `method` field");
  EXPECT_EQ(refusal(R"({"method":1,"params":{}})"), "400 invalid json: no `method` field");
  EXPECT_EQ(refusal(R"({"method":"info"})"), "400 invalid json: no `params` field");
  EXPECT_EQ(refusal(R"({"method":"info","params":[]})"), "400 invalid json: no `params` field");
  EXPECT_EQ(refusal(R"({"method":"steal","params":{}})"), "400 no method steal");
  EXPECT_EQ(refusal(R"({"method":"retrieve","params":{}})"), "400 invalid request: Required field 'pubkey' missing");
  EXPECT_EQ(post(0, "{\"method\":\"\xff\",\"params\":{}}").status, 400);
  EXPECT_EQ(post(0, std::string(100'000, '[')).status, 400);
}

// --- info, get_swarm, oxend_request ---------------------------------------------------------------------------------------

TEST_F(Conformance, InfoTellsVersionAndClock) {
  const Said said = ask(3, "info", Json::object());
  ASSERT_EQ(said.status, 200);
  EXPECT_EQ(said.json.at("version").size(), 3u);
  EXPECT_EQ(said.json.at("version")[0], 2);
  EXPECT_EQ(said.json.at("version")[1], 6);
  EXPECT_NEAR(said.json.at("timestamp").get<double>(), static_cast<double>(now()), 10'000);
  expect_head(said);
  std::set<std::string> fields;
  for (const auto& [key, value] : said.json.items()) fields.insert(key);
  EXPECT_EQ(fields, (std::set<std::string>{"version", "timestamp", "t", "hf"}));
}

TEST_F(Conformance, TheSwarmIsToldAlikeByEveryNodeAndUnderBothNames) {
  const Holder bob = holder();
  const Said first = ask(0, "get_swarm", {{"pubkey", bob.account}});
  ASSERT_EQ(first.status, 200);
  EXPECT_GE(first.json.at("snodes").size(), 5u);
  EXPECT_TRUE(first.json.at("swarm").is_string());
  for (const std::size_t node : {4u, 12u, 20u}) {
    Said other = ask(node, "get_snodes_for_pubkey", {{"pubKey", bob.account}});
    EXPECT_EQ(other.json.at("snodes"), first.json.at("snodes"));
    EXPECT_EQ(other.json.at("swarm"), first.json.at("swarm"));
  }
  const Json& one = first.json.at("snodes")[0];
  for (const char* field : {"address", "pubkey_legacy", "pubkey_x25519", "pubkey_ed25519", "port", "ip"})
    EXPECT_TRUE(one.at(field).is_string()) << field;
  for (const char* field : {"port_https", "port_omq", "port_quic"}) EXPECT_TRUE(one.at(field).is_number()) << field;
  EXPECT_EQ(one.at("address").get<std::string>().size(), 58u);
  expect_head(first);
  const Said registry = ask(0, "oxend_request", {{"endpoint", "get_service_nodes"}, {"params", Json::object()}});
  EXPECT_EQ(registry.json.at("result").at("service_node_states").size(), 21u);
  EXPECT_EQ(registry.json.at("result").at("network").at("name"), "today");
  EXPECT_EQ(ask(0, "oxend_request", {{"endpoint", "get_keys"}, {"params", Json::object()}}).status, 400);
}

// --- store and retrieve -----------------------------------------------------------------------------------------------------

TEST_F(Conformance, AStoreIsSignedByEveryMemberAndReadFromEach) {
  const Holder bob = holder();
  const auto swarm = members(bob.account);
  const Said said = ask(swarm[1], "store", store_params(bob, "hello"));
  const std::string hash = said.json.at("hash");
  EXPECT_EQ(hash.size(), 43u);
  expect_signed(said, swarm.size(), [](const Json& entry) { return entry.at("hash").get<std::string>(); });
  expect_head(said);
  for (const auto& [key, entry] : said.json.at("swarm").items()) {
    EXPECT_FALSE(entry.contains("already"));
    EXPECT_TRUE(entry.at("t").is_number());
    EXPECT_TRUE(entry.at("expiry").is_number());
  }
  for (const std::size_t node : swarm) {
    const Said found = fetch(bob, node);
    ASSERT_EQ(found.json.at("messages").size(), 1u) << found.text;
    EXPECT_EQ(found.json.at("messages")[0].at("hash"), hash);
    EXPECT_EQ(found.json.at("messages")[0].at("data"), to_base64(bytes_of("hello")));
    EXPECT_EQ(found.json.at("more"), false);
    EXPECT_EQ(fetch(bob, node, {{"last_hash", hash}}).json.at("messages").size(), 0u);
    EXPECT_EQ(fetch(bob, node, {{"lastHash", std::string(43, 'x')}}).json.at("messages").size(), 1u);
  }
  EXPECT_EQ(ask(swarm[0], "store", store_params(bob, "hello")).json.at("swarm").begin()->at("already"), true);
  EXPECT_EQ(fetch(bob, swarm[0], {{"last_hash", "short"}}).status, 400);
}

TEST_F(Conformance, StringsOf2020AreRead) {
  const Holder bob = holder();
  Json params = store_params(bob, "old");
  params["timestamp"] = std::to_string(now());
  params["ttl"] = "86400000";
  params["pubKey"] = std::exchange(params["pubkey"], Json());
  params.erase("pubkey");
  EXPECT_EQ(ask(members(bob.account)[0], "store", params).status, 200);
}

TEST_F(Conformance, StoresAreRefusedInTheirOrder) {
  const Holder bob = holder();
  const auto swarm = members(bob.account);
  const auto refusal = [&](Json params, std::size_t node) {
    const Said said = ask(node, "store", params);
    return std::to_string(said.status) + " " + said.text;
  };
  Json params = store_params(bob, "x", 9'999);
  EXPECT_EQ(ask(outsider(bob.account), "store", params).status, 421) << "the swarm comes before the lifetime";
  EXPECT_EQ(ask(outsider(bob.account), "store", params).json.at("snodes").size(), swarm.size());
  EXPECT_EQ(refusal(params, swarm[0]), "403 Provided expiry/TTL is not valid.");
  EXPECT_EQ(refusal(store_params(bob, "x", 14LL * 86'400'000 + 1), swarm[0]), "403 Provided expiry/TTL is not valid.");
  params = store_params(bob, "x");
  params["timestamp"] = now() + 15'000;
  EXPECT_EQ(refusal(params, swarm[0]), "406 Timestamp error: check your clock");
  params = store_params(bob, "x");
  params["namespace"] = 3;
  EXPECT_EQ(refusal(params, swarm[0]), "401 store: signature required to store to namespace 3");
  params["pubkey_ed25519"] = bob.keys.open.hex();
  params["signature"] = to_base64(Bytes(64));
  EXPECT_EQ(refusal(params, swarm[0]), "401 store signature verification failed");
  params["sig_timestamp"] = now() - 61'000;
  EXPECT_EQ(refusal(params, swarm[0]), "406 store signature timestamp too far from current time");
  params = store_params(bob, std::string(76'800, 'x'));
  EXPECT_EQ(ask(swarm[0], "store", params).status, 200);
  params["data"] = to_base64(Bytes(76'801));
  EXPECT_EQ(refusal(params, swarm[0]), "400 invalid request: Message body exceeds maximum allowed length of 76800 bytes");
}

TEST_F(Conformance, RetrievalAsksForASignatureWhereSomethingHintsAtOne) {
  const Holder bob = holder();
  const std::size_t node = members(bob.account)[0];
  EXPECT_EQ(ask(node, "retrieve", {{"pubkey", bob.account}}).text, "retrieve: request signature required");
  EXPECT_EQ(ask(node, "retrieve", {{"pubkey", bob.account}}).status, 401);
  EXPECT_EQ(ask(node, "retrieve", {{"pubkey", bob.account}, {"namespace", 0}}).status, 400);
  EXPECT_EQ(ask(node, "retrieve", {{"pubkey", bob.account}, {"namespace", -10}}).status, 200);
  EXPECT_EQ(ask(node, "retrieve", {{"pubkey", bob.account}, {"namespace", -21}}).status, 200);
  EXPECT_EQ(ask(node, "retrieve", {{"pubkey", bob.account}, {"namespace", 40'000}}).text,
            "invalid request: Invalid value given for 'namespace': value out of range");
  const std::int64_t late = now() - 61'000;
  const Said said = ask(node, "retrieve", by(bob, {{"timestamp", late}}, "retrieve" + std::to_string(late)));
  EXPECT_EQ(said.status, 406);
  EXPECT_EQ(said.text, "retrieve timestamp too far from current time");
}

TEST_F(Conformance, SizesAndCountsBoundAnAnswer) {
  const Holder bob = holder();
  const std::size_t node = members(bob.account)[0];
  for (int i = 0; i < 5; ++i) keep(bob, std::to_string(i) + std::string(999, 'x'));
  const auto found = [&](const Json& bounds) {
    const Said said = fetch(bob, node, bounds);
    return std::pair(said.json.at("messages").size(), said.json.at("more").get<bool>());
  };
  using Found = std::pair<std::size_t, bool>;
  EXPECT_EQ(found({}), Found(5, false));
  EXPECT_EQ(found({{"max_count", 2}}), Found(2, true));
  EXPECT_EQ(found({{"max_count", 0}}), Found(5, false));
  EXPECT_EQ(found({{"max_size", 1}}), Found(1, true)) << "one is always told";
  EXPECT_EQ(found({{"max_size", 2 * (100 + 43 + 1333)}}), Found(2, true));
  EXPECT_EQ(found({{"max_size", 2 * (100 + 43 + 1333) - 1}}), Found(1, true));
  EXPECT_EQ(found({{"max_size", -1}}), Found(5, false));
  EXPECT_EQ(found({{"max_size", -5'000}}), Found(1, true));
}

TEST_F(Conformance, AnyPrefixMakesAnAccount) {
  const crypto::Ed25519Pair keys = crypto::ed25519_pair(rng);
  for (const char* prefix : {"02", "03", "99"}) {
    Holder group{keys, prefix + keys.open.hex(), {}};
    group.id = Account::parse(group.account).value();
    const std::size_t node = members(group.account)[0];
    keep(group, std::string("to ") + prefix);
    const std::int64_t at = now();
    Json params{{"pubkey", group.account}, {"timestamp", at}, {"signature", sign(keys, "retrieve" + std::to_string(at))}};
    EXPECT_EQ(ask(node, "retrieve", params).json.at("messages").size(), 1u);
    params["pubkey_ed25519"] = keys.open.hex();
    EXPECT_EQ(ask(node, "retrieve", params).text, "invalid request: pubkey_ed25519 is only permitted for 05[...] pubkeys");
  }
}

// --- what changes a mailbox -------------------------------------------------------------------------------------------------

TEST_F(Conformance, DeleteIsSignedOverWhatWasAskedAndWhatWasDone) {
  const Holder bob = holder();
  const auto swarm = members(bob.account);
  const std::string one = keep(bob, "one"), two = keep(bob, "two"), unknown(43, 'z');
  const Json hashes{two, unknown, one};
  const Said said = ask(swarm.back(), "delete", by(bob, {{"messages", hashes}}, "delete" + joined(hashes)));
  expect_signed(said, swarm.size(), [&](const Json& entry) {
    EXPECT_EQ(entry.at("deleted"), (Json{std::min(one, two), std::max(one, two)}));
    return bob.account + joined(hashes) + joined(entry.at("deleted"));
  });
  expect_head(said);
  const Json again{one};
  EXPECT_EQ(ask(swarm[0], "delete", by(bob, {{"messages", again}, {"required", true}}, "delete" + one)).status, 404);
  EXPECT_EQ(ask(swarm[0], "delete", {{"pubkey", bob.account}, {"messages", again}}).text,
            "invalid request: Required field 'signature' missing");
  EXPECT_EQ(ask(swarm[0], "delete", by(bob, {{"messages", again}}, "delete")).text,
            "delete_msgs signature verification failed");
}

TEST_F(Conformance, DeleteAllAndDeleteBefore) {
  const Holder bob = holder();
  const auto swarm = members(bob.account);
  const std::string one = keep(bob, "one");
  std::int64_t at = now();
  Said said = ask(swarm[0], "delete_before", by(bob, {{"before", at}}, "delete_before" + std::to_string(at)));
  expect_signed(said, swarm.size(), [&](const Json& entry) {
    EXPECT_EQ(entry.at("deleted"), Json{one});
    return bob.account + std::to_string(at) + one;
  });
  const std::string two = keep(bob, "two");
  at = now();
  said = ask(swarm[0], "delete_all", by(bob, {{"namespace", "all"}, {"timestamp", at}}, "delete_allall" + std::to_string(at)));
  expect_signed(said, swarm.size(), [&](const Json& entry) {
    EXPECT_EQ(entry.at("deleted"), (Json{{"0", {two}}}));
    return bob.account + std::to_string(at) + two;
  });
  EXPECT_EQ(fetch(bob, swarm[0]).json.at("messages").size(), 0u);
}

TEST_F(Conformance, ExpiriesAreChangedAndTold) {
  const Holder bob = holder();
  const auto swarm = members(bob.account);
  const std::string one = keep(bob, "one"), two = keep(bob, "two");
  const std::int64_t later = now() + 2 * 86'400'000, soon = now() + 3'600'000;
  const std::string text = "expireextend" + std::to_string(later) + two + one;
  Said said = ask(swarm[0], "expire", by(bob, {{"messages", {two, one}}, {"expiry", later}, {"extend", true}}, text));
  expect_signed(said, swarm.size(), [&](const Json& entry) {
    EXPECT_EQ(entry.at("updated"), (Json{std::min(one, two), std::max(one, two)}));
    EXPECT_EQ(entry.at("expiry"), later);
    EXPECT_EQ(entry.at("unchanged"), Json::object());
    return bob.account + std::to_string(later) + two + one + joined(entry.at("updated"));
  });
  said = ask(swarm[0], "expire",
             by(bob, {{"messages", {two, one}}, {"expiry", {soon, later}}},
                "expire" + std::to_string(soon) + std::to_string(later) + two + one));
  expect_signed(said, swarm.size(), [&](const Json& entry) {
    EXPECT_TRUE(entry.at("expiry").is_array());
    std::string expiries;
    for (const Json& each : entry.at("expiry")) expiries += std::to_string(each.get<std::int64_t>());
    return bob.account + expiries + two + one + joined(entry.at("updated"));
  });
  std::int64_t at = now();
  said = ask(swarm[2], "get_expiries",
             by(bob, {{"messages", {one, two}}, {"timestamp", at}}, "get_expiries" + std::to_string(at) + one + two));
  EXPECT_EQ(said.json, (Json{{"expiries", {{one, later}, {two, soon}}}})) << "no t, no hf";
  said = ask(swarm[0], "expire_all", by(bob, {{"expiry", soon}}, "expire_all" + std::to_string(soon)));
  expect_signed(said, swarm.size(), [&](const Json& entry) {
    EXPECT_EQ(entry.at("updated"), Json{one}) << "it only shortens";
    return bob.account + std::to_string(soon) + one;
  });
  EXPECT_EQ(ask(swarm[0], "expire_all", by(bob, {{"expiry", 1}}, "expire_all1")).status, 406);
}

TEST_F(Conformance, SubaccountsAreGivenAndTakenBack) {
  const Holder bob = holder();
  const auto swarm = members(bob.account);
  const crypto::Ed25519Pair reader = crypto::ed25519_pair(rng);
  Bytes token(4);
  token[0] = std::byte{5};
  token[1] = std::byte{1};
  token.insert(token.end(), reader.open.bytes.begin(), reader.open.bytes.end());
  const auto read = [&] {
    const std::int64_t at = now();
    return ask(swarm[0], "retrieve",
               {{"pubkey", bob.account},
                {"pubkey_ed25519", bob.keys.open.hex()},
                {"timestamp", at},
                {"subaccount", to_base64(token)},
                {"subaccount_sig", to_base64(crypto::sign(bob.keys.secret, token))},
                {"signature", sign(reader, "retrieve" + std::to_string(at))}});
  };
  EXPECT_EQ(read().status, 200);
  const std::int64_t at = now();
  const std::string raw(text_of(token));
  const Said revoked =
      ask(swarm[0], "revoke_subaccount",
          by(bob, {{"revoke", to_base64(token)}, {"timestamp", at}}, "revoke_subaccount" + std::to_string(at) + raw));
  expect_signed(revoked, swarm.size(), [&](const Json&) { return bob.account + std::to_string(at) + raw; });
  EXPECT_EQ(read().status, 401);
  const Said lifted =
      ask(swarm[3], "unrevoke_subaccount",
          by(bob, {{"unrevoke", {to_base64(token)}}, {"timestamp", at}}, "unrevoke_subaccount" + std::to_string(at) + raw));
  expect_signed(lifted, swarm.size(), [&](const Json& entry) {
    EXPECT_EQ(entry.at("count"), 1);
    return bob.account + std::to_string(at) + raw;
  });
  EXPECT_EQ(read().status, 200);
}

// --- requests that hold others ----------------------------------------------------------------------------------------------

TEST_F(Conformance, BatchSequenceAndChoice) {
  const Holder bob = holder();
  const std::size_t node = members(bob.account)[0];
  const auto part = [](const char* method, Json params) { return Json{{"method", method}, {"params", std::move(params)}}; };
  const Json info = part("info", Json::object()), bad = part("store", store_params(bob, "x", 1)),
             good = part("store", store_params(bob, "good"));
  Said said = ask(node, "batch", {{"requests", {good, bad, info}}});
  ASSERT_EQ(said.status, 200) << said.text;
  EXPECT_EQ(said.json.at("results").size(), 3u);
  EXPECT_EQ(said.json.at("results")[0].at("code"), 200);
  EXPECT_TRUE(said.json.at("results")[0].at("body").contains("t"));
  EXPECT_EQ(said.json.at("results")[1], (Json{{"code", 403}, {"body", "Provided expiry/TTL is not valid."}}));
  said = ask(node, "sequence", {{"requests", {info, bad, info}}});
  EXPECT_EQ(said.json.at("results").size(), 2u);
  said = ask(node, "ifelse", {{"if", {{"hf_at_least", {19, 3}}}}, {"then", info}});
  EXPECT_EQ(said.json.at("condition"), true);
  EXPECT_EQ(said.json.at("result").at("code"), 200);
  EXPECT_EQ(said.json.at("v").size(), 3u);
  EXPECT_GE(said.json.at("height").get<std::uint64_t>(), 1'000'000u);
  said = ask(node, "ifelse", {{"if", {{"height_before", 5}}}, {"then", info}});
  EXPECT_EQ(said.json.at("condition"), false);
  EXPECT_FALSE(said.json.contains("result"));
  EXPECT_EQ(ask(node, "batch", {{"requests", Json::array()}}).status, 400);
  EXPECT_EQ(ask(node, "batch", {{"requests", Json(std::vector<Json>(21, info))}}).status, 400);
  EXPECT_EQ(ask(node, "batch", {{"requests", {part("batch", {{"requests", {info}}})}}}).status, 400);
}

// --- listen and relay
// ---------------------------------------------------------------------------------------------------------

TEST_F(Conformance, AListenerHearsWhatIsStoredAndWhatIsRelayed) {
  const Holder bob = holder();
  const auto swarm = members(bob.account);
  const Bytes token = to_bytes(rng.bytes<32>());
  const auto listen = [&](const std::string& last, std::optional<Said>& out) {
    const std::int64_t at = now();
    const Json params = by(bob,
                           {{"last_hashes", {{"0", last}}},
                            {"tokens", {to_base64(crypto::blake2b_256({token}))}},
                            {"wait_ms", 20'000},
                            {"timestamp", at}},
                           "listen0" + std::to_string(at));
    begin(swarm[1], Json{{"method", "listen"}, {"params", params}}.dump(), out);
  };
  std::optional<Said> heard;
  listen("", heard);
  while (listeners(swarm[1]) == 0) io().run_one();
  const std::string hash = keep(bob, "hello");
  while (!heard) io().run_one();
  ASSERT_EQ(heard->status, 200) << heard->text;
  EXPECT_EQ(heard->json.at("messages").at("0")[0].at("hash"), hash);
  EXPECT_EQ(heard->json.at("relayed"), Json::array());
  heard.reset();
  listen(hash, heard);
  while (listeners(swarm[1]) == 0) io().run_one();
  const auto relay = [&](const Bytes& with) {
    return ask(swarm[0], "relay", {{"pubkey", bob.account}, {"token", to_base64(with)}, {"data", to_base64(bytes_of("now"))}});
  };
  EXPECT_EQ(relay(to_bytes(rng.bytes<32>())).json.at("online"), false);
  EXPECT_EQ(relay(token).json.at("online"), true);
  while (!heard) io().run_one();
  EXPECT_EQ(heard->json.at("relayed"), Json{to_base64(bytes_of("now"))});
  EXPECT_EQ(relay(token).json.at("online"), false);
  EXPECT_EQ(fetch(bob, swarm[0]).json.at("messages").size(), 1u) << "a relay keeps nothing";
}

}  // namespace
}  // namespace session::net

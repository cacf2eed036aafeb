#include "core/wire/rpc.h"

#include "core/wire/json.h"
#include "core/wire/registry_json.h"

namespace session::wire {
namespace {

using json::Fields;
using json::Value;

constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();

/// The 66 hex digits as they were sent, and what they mean.
Account read_account(const Fields& params, std::string* as_sent = nullptr) {
  const char* name = json::one_name_of(params, "pubkey", "pubKey");
  const std::string_view text = params.text(name, 256);
  auto account = Account::parse(text);
  if (!account) json::reject(name, account.error().message);
  if (as_sent) *as_sent = text;
  return *account;
}

Authentication read_authentication(const Fields& params, const Account& account, const char* timestamp_name) {
  Authentication auth;
  if (params.has("pubkey_ed25519")) {
    if (account.prefix() != 0x05) throw json::BadField{"pubkey_ed25519 is only permitted for 05[...] pubkeys"};
    auth.ed25519 = crypto::Ed25519Public{params.hex<32>("pubkey_ed25519")};
  }
  if (params.has("signature")) auth.signature = params.base64<64>("signature");
  if (timestamp_name != nullptr) auth.timestamp = params.number_if<std::int64_t>(timestamp_name, 0);
  if (params.has("subaccount") || params.has("subaccount_sig"))
    auth.subaccount = Subaccount{params.base64<36>("subaccount"), params.base64<64>("subaccount_sig")};
  return auth;
}

/// Where nothing is done without a signature; with a timestamp that it covers, where `timestamp_name` is not null.
Authentication require_authentication(const Fields& params, const Account& account, const char* timestamp_name) {
  if (!params.has("signature")) json::reject_missing("signature");
  if (timestamp_name != nullptr && !params.has(timestamp_name)) json::reject_missing(timestamp_name);
  return read_authentication(params, account, timestamp_name);
}

NamespaceChoice read_namespace_choice(const Fields& params) {
  const Value* value = params.find("namespace");
  if (value == nullptr) return 0;
  if (value->is_string() && value->text() == "all") return std::nullopt;
  return params.number<Namespace>("namespace");
}

std::vector<MessageHash> read_hashes(const Fields& params) {
  std::vector<MessageHash> out;
  for (const Value& each : params.list("messages", kMaxHashes)) {
    if (!each.is_string()) json::reject("messages", "expected string array");
    auto hash = MessageHash::parse(each.text());
    if (!hash) json::reject("messages", hash.error().message);
    out.push_back(std::move(*hash));
  }
  if (out.empty()) json::reject("messages", "expected at least one message hash");
  return out;
}

/// One token, or a list of them.
std::vector<SubaccountToken> read_tokens(const Fields& params, const char* name) {
  std::vector<SubaccountToken> out;
  const Value& value = params.require(name);
  if (!value.is_array()) return {params.base64<36>(name)};
  if (value.size() > kMaxTokens) json::reject(name, "at most 2048 tokens");
  for (const Value& each : value) out.push_back(json::base64_of<36>(name, each));
  if (out.empty()) json::reject(name, "expected at least one token");
  return out;
}

/// The namespace, and whether it was named at all.
std::pair<Namespace, bool> read_namespace(const Fields& params) {
  const auto ns = params.number_if<Namespace>("namespace");
  return {ns.value_or(0), ns.has_value()};
}

StoreRequest read_store(const Fields& params) {
  StoreRequest store;
  store.account = read_account(params, &store.stamped.account);
  std::tie(store.ns, store.ns_given) = read_namespace(params);
  store.timestamp_ms = params.number<std::int64_t>("timestamp", 0);
  if (params.has("expiry")) {
    if (params.has("ttl")) throw json::BadField{"Cannot specify both 'ttl' and 'expiry'"};
    store.ttl_ms = params.number<std::int64_t>("expiry", 0) - store.timestamp_ms;
  } else {
    store.ttl_ms = params.number<std::int64_t>("ttl", 0);
  }
  store.stamped.timestamp = std::to_string(store.timestamp_ms);
  store.stamped.ttl = std::to_string(store.ttl_ms);
  store.stamped.data = params.text("data", kMaxRpcBytes);
  if (store.stamped.data.size() > kMaxDataChars)
    throw json::BadField{"Message body exceeds maximum allowed length of " + std::to_string(kMaxDataBytes) + " bytes"};
  store.data = params.base64("data", kMaxDataChars);
  if (params.has("nonce")) store.nonce = params.base64<8>("nonce");
  store.auth = read_authentication(params, store.account, "sig_timestamp");
  // Whoever means to sign must not find that his message was kept as anybody's.
  if (!store.auth.signature && (store.auth.timestamp || store.auth.subaccount)) json::reject_missing("signature");
  return store;
}

RetrieveRequest read_retrieve(const Fields& params) {
  RetrieveRequest retrieve;
  retrieve.account = read_account(params);
  std::tie(retrieve.ns, retrieve.ns_given) = read_namespace(params);
  const char* last = json::one_name_of(params, "last_hash", "lastHash");
  if (params.has(last) && !params.text(last, 128).empty()) retrieve.last_hash = params.hash(last);
  const auto count = params.number_if<std::int64_t>("max_count");
  if (count && *count > 0) retrieve.max_count = count;
  const auto size = params.number_if<std::int64_t>("max_size", -kMaxInt);
  if (size && *size != 0) retrieve.max_size = size;
  retrieve.auth = read_authentication(params, retrieve.account, "timestamp");
  const Authentication& auth = retrieve.auth;
  const bool ns_asks = retrieve.ns_given && retrieve_needs_signature(retrieve.ns);
  if (ns_asks || auth.ed25519 || auth.signature || auth.timestamp) {
    if (!auth.signature) json::reject_missing("signature");
    if (!auth.timestamp) json::reject_missing("timestamp");
  }
  return retrieve;
}

OxendRequest read_oxend(const Fields& params) {
  const std::string_view endpoint = params.text("endpoint", 64);
  if (endpoint != "get_service_nodes") json::reject("endpoint", "only get_service_nodes is allowed");
  const Value* inner = params.find("params");
  return {inner ? read_query(Fields(*inner, "params")) : RegistryQuery{}};
}

DeleteRequest read_delete(const Fields& params) {
  const Account account = read_account(params);
  return {account, read_hashes(params), params.flag("required", false), require_authentication(params, account, nullptr)};
}

DeleteAllRequest read_delete_all(const Fields& params) {
  const Account account = read_account(params);
  return {account, read_namespace_choice(params), require_authentication(params, account, "timestamp")};
}

DeleteBeforeRequest read_delete_before(const Fields& params) {
  const Account account = read_account(params);
  return {account, read_namespace_choice(params), params.number<std::int64_t>("before", 0),
          require_authentication(params, account, nullptr)};
}

ExpireAllRequest read_expire_all(const Fields& params) {
  const Account account = read_account(params);
  return {account, read_namespace_choice(params), params.number<std::int64_t>("expiry", 0),
          require_authentication(params, account, nullptr)};
}

ExpireRequest read_expire(const Fields& params) {
  ExpireRequest expire;
  expire.account = read_account(params);
  expire.messages = read_hashes(params);
  const Value& expiry = params.require("expiry");
  if (expiry.is_array()) {
    if (expiry.size() != expire.messages.size() && expiry.size() != 1)
      json::reject("expiry", "expected one value, or one for each of 'messages'");
    for (const Value& each : expiry) expire.expiries_ms.push_back(json::number_of<std::int64_t>("expiry", each, 0));
  } else {
    expire.expiries_ms.push_back(params.number<std::int64_t>("expiry", 0));
  }
  const bool shorten = params.flag("shorten", false), extend = params.flag("extend", false);
  if (shorten && extend) throw json::BadField{"Cannot specify both 'shorten' and 'extend'"};
  expire.change = shorten ? ExpiryChange::Shorten : extend ? ExpiryChange::Extend : ExpiryChange::Set;
  expire.auth = require_authentication(params, expire.account, nullptr);
  return expire;
}

GetExpiriesRequest read_get_expiries(const Fields& params) {
  const Account account = read_account(params);
  return {account, read_hashes(params), require_authentication(params, account, "timestamp")};
}

template <class Request>
Request read_token_request(const Fields& params, const char* name) {
  const Account account = read_account(params);
  return {account, read_tokens(params, name), require_authentication(params, account, "timestamp")};
}

ListenRequest read_listen(const Fields& params) {
  ListenRequest listen;
  listen.account = read_account(params);
  const Value& hashes = params.require("last_hashes");
  if (!hashes.is_object() || hashes.empty() || hashes.size() > kMaxListened)
    json::reject("last_hashes", "expected an object of 1 to 64 namespaces");
  for (const auto [key, value] : hashes.items()) {
    const auto ns = json::number_of<Namespace>("namespace", key);
    if (!value.is_string()) json::reject("last_hashes", "expected a hash, or an empty string");
    std::optional<MessageHash> last;
    if (const std::string_view text = value.text(); !text.empty()) {
      auto hash = MessageHash::parse(text);
      if (!hash) json::reject("last_hashes", hash.error().message);
      last = std::move(*hash);
    }
    listen.last_hashes.emplace(ns, std::move(last));
  }
  if (params.has("tokens"))
    for (const Value& each : params.list("tokens", kMaxTokens)) listen.tokens.push_back(json::base64_of<32>("tokens", each));
  listen.wait_ms = params.number_if<std::int64_t>("wait_ms", 0, kMaxWait).value_or(0);
  listen.auth = require_authentication(params, listen.account, "timestamp");
  return listen;
}

RelayRequest read_relay(const Fields& params) {
  RelayRequest relay{read_account(params), params.base64("token", 88), params.base64("data", kMaxRelayBytes * 2)};
  if (relay.token.size() < 16 || relay.token.size() > 64) json::reject("token", "expected 16 to 64 bytes");
  if (relay.data.size() > kMaxRelayBytes) json::reject("data", "at most 4096 bytes are relayed");
  return relay;
}

/// Empty when there is no such method.
std::optional<Subrequest> read_subrequest(std::string_view method, const Fields& params) {
  if (method == "store") return read_store(params);
  if (method == "retrieve") return read_retrieve(params);
  if (method == "get_swarm" || method == "get_snodes_for_pubkey") return GetSwarmRequest{read_account(params)};
  if (method == "info") return InfoRequest{};
  if (method == "oxend_request") return read_oxend(params);
  if (method == "delete") return read_delete(params);
  if (method == "delete_all") return read_delete_all(params);
  if (method == "delete_before") return read_delete_before(params);
  if (method == "expire") return read_expire(params);
  if (method == "expire_all") return read_expire_all(params);
  if (method == "get_expiries") return read_get_expiries(params);
  if (method == "revoke_subaccount") return read_token_request<RevokeRequest>(params, "revoke");
  if (method == "unrevoke_subaccount") return read_token_request<UnrevokeRequest>(params, "unrevoke");
  return std::nullopt;
}

std::vector<Subrequest> read_subrequests(const Fields& params) {
  const Value& list = params.list("requests", kMaxSubrequests);
  if (list.empty()) json::reject("requests", "expected 1 to 20 requests");
  std::vector<Subrequest> out;
  for (const Value& entry : list) {
    const Fields fields(entry, "requests");
    const std::string_view method = fields.text("method", 256);
    auto request = read_subrequest(method, Fields(fields.require("params"), "params"));
    if (!request) json::reject("requests", "Invalid batch subrequest: invalid method " + std::string(method.substr(0, 64)));
    out.push_back(std::move(*request));
  }
  return out;
}

std::optional<RpcRequest> read_method(std::string_view method, const Fields& params);

/// Numbers of a version, none when the member is not there.
std::vector<std::uint16_t> read_version(const Fields& condition, const char* name, std::size_t most) {
  std::vector<std::uint16_t> out;
  if (!condition.has(name)) return out;
  for (const Value& each : condition.list(name, most)) out.push_back(json::number_of<std::uint16_t>(name, each));
  if (out.empty()) json::reject(name, "expected at least one number");
  return out;
}

IfElseRequest read_if_else(const Fields& params) {
  IfElseRequest out;
  const Value& condition = params.require("if");
  const Fields fields(condition, "if");
  out.condition.hf_at_least = read_version(fields, "hf_at_least", 2);
  out.condition.hf_before = read_version(fields, "hf_before", 2);
  out.condition.v_at_least = read_version(fields, "v_at_least", 3);
  out.condition.v_before = read_version(fields, "v_before", 3);
  out.condition.height_at_least = fields.number_if<std::uint64_t>("height_at_least");
  out.condition.height_before = fields.number_if<std::uint64_t>("height_before");
  if (out.condition == Condition{}) json::reject("if", "expected at least one condition");
  const auto read_part = [&](const char* name, std::vector<AnyRequest>& part) {
    const Value* value = params.find(name);
    if (value == nullptr) return;
    const Fields request(*value, name);
    const std::string_view method = request.text("method", 256);
    auto read = read_method(method, Fields(request.require("params"), "params"));
    if (!read) json::reject(name, "invalid method " + std::string(method.substr(0, 64)));
    part.push_back({std::move(*read)});
  };
  read_part("then", out.then_part);
  read_part("else", out.else_part);
  return out;
}

/// Empty when there is no such method.
std::optional<RpcRequest> read_method(std::string_view method, const Fields& params) {
  if (method == "batch") return BatchRequest{read_subrequests(params)};
  if (method == "sequence") return SequenceRequest{read_subrequests(params)};
  if (method == "ifelse") return read_if_else(params);
  if (method == "listen") return read_listen(params);
  if (method == "relay") return read_relay(params);
  auto request = read_subrequest(method, params);
  if (!request) return std::nullopt;
  return std::visit([](auto&& typed) -> RpcRequest { return std::forward<decltype(typed)>(typed); }, std::move(*request));
}

RpcRequest read_request(BytesView body) {
  const json::Document document = [&body] {
    try {
      return json::parse(body, {.bytes = kMaxRpcBytes});
    } catch (const json::BadField& bad) {
      throw RpcError{400, bad.text};
    }
  }();
  const Value& whole = document.root();
  if (!whole.is_object()) throw RpcError{400, "invalid json"};
  const Value* method = whole.find("method");
  if (method == nullptr || !method->is_string()) throw RpcError{400, "invalid json: no `method` field"};
  const Value* params = whole.find("params");
  if (params == nullptr || !params->is_object()) throw RpcError{400, "invalid json: no `params` field"};
  auto request = read_method(method->text(), Fields(*params, "params"));
  if (!request) throw RpcError{400, "no method " + std::string(method->text().substr(0, 64))};
  return std::move(*request);
}

}  // namespace

bool operator==(const StoreRequest& a, const StoreRequest& b) {
  const auto texts = [](const pow::Payload& p) { return std::tie(p.timestamp, p.ttl, p.account, p.data); };
  return a.account == b.account && a.ns == b.ns && a.ns_given == b.ns_given && a.timestamp_ms == b.timestamp_ms &&
         a.ttl_ms == b.ttl_ms && a.data == b.data && texts(a.stamped) == texts(b.stamped) && a.nonce == b.nonce &&
         a.auth == b.auth;
}

std::expected<RpcRequest, RpcError> parse_rpc(BytesView json) {
  try {
    return read_request(json);
  } catch (const RpcError& refused) {
    return std::unexpected(refused);
  } catch (const json::BadField& bad) {
    return std::unexpected(RpcError{400, "invalid request: " + bad.text});
  } catch (const nlohmann::json::exception&) {
    return std::unexpected(RpcError{400, "invalid json"});
  }
}

StoreRequest make_store(const Account& account, Namespace ns, std::int64_t timestamp_ms, Millis ttl, Bytes data) {
  StoreRequest store;
  store.account = account;
  store.ns = ns;
  store.ns_given = ns != 0;
  store.timestamp_ms = timestamp_ms;
  store.ttl_ms = ttl.count;
  store.stamped = {std::to_string(timestamp_ms), std::to_string(ttl.count), account.hex(), to_base64(data)};
  store.data = std::move(data);
  return store;
}

}  // namespace session::wire

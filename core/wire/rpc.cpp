#include "core/wire/rpc.h"

#include "core/wire/json.h"
#include "core/wire/registry_json.h"

namespace session::wire {
namespace {

using json::Fields;
using json::Json;

constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();

/// The 66 hex digits as they were sent, and what they mean.
Account read_account(const Fields& params, std::string* as_sent = nullptr) {
  const char* name = json::one_name_of(params, "pubkey", "pubKey");
  const std::string& text = params.text(name, 256);
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
  auth.timestamp = params.number_if<std::int64_t>(timestamp_name, 0);
  return auth;
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
    throw RpcError{400, "Message body exceeds maximum allowed length of " + std::to_string(kMaxDataBytes) + " bytes"};
  store.data = params.base64("data", kMaxDataChars);
  if (params.has("nonce")) store.nonce = params.base64<8>("nonce");
  store.auth = read_authentication(params, store.account, "sig_timestamp");
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
  const std::string& endpoint = params.text("endpoint", 64);
  if (endpoint != "get_service_nodes") json::reject("endpoint", "only get_service_nodes is allowed");
  const Json* inner = params.find("params");
  return {inner ? read_query(Fields(*inner, "params")) : RegistryQuery{}};
}

/// Empty when there is no such method.
std::optional<Subrequest> read_subrequest(std::string_view method, const Fields& params) {
  if (method == "store") return read_store(params);
  if (method == "retrieve") return read_retrieve(params);
  if (method == "get_swarm" || method == "get_snodes_for_pubkey") return GetSwarmRequest{read_account(params)};
  if (method == "info") return InfoRequest{};
  if (method == "oxend_request") return read_oxend(params);
  return std::nullopt;
}

BatchRequest read_batch(const Fields& params) {
  const Json& list = params.list("requests", kMaxSubrequests);
  if (list.empty()) json::reject("requests", "expected 1 to 20 requests");
  BatchRequest batch;
  for (const Json& entry : list) {
    const Fields fields(entry, "requests");
    const std::string& method = fields.text("method", 256);
    auto request = read_subrequest(method, Fields(fields.require("params"), "params"));
    if (!request) json::reject("requests", "Invalid batch subrequest: invalid method " + method.substr(0, 64));
    batch.requests.push_back(std::move(*request));
  }
  return batch;
}

RpcRequest read_request(BytesView body) {
  const Json whole = [&body] {
    try {
      return json::parse(body, {.bytes = kMaxRpcBytes});
    } catch (const json::BadField& bad) {
      throw RpcError{400, bad.text};
    }
  }();
  if (!whole.is_object()) throw RpcError{400, "invalid json"};
  const auto method_at = whole.find("method");
  if (method_at == whole.end() || !method_at->is_string()) throw RpcError{400, "invalid json: no `method` field"};
  const auto params_at = whole.find("params");
  if (params_at == whole.end() || !params_at->is_object()) throw RpcError{400, "invalid json: no `params` field"};
  const auto& method = method_at->get_ref<const std::string&>();
  const Fields params(*params_at, "params");
  if (method == "batch") return read_batch(params);
  auto request = read_subrequest(method, params);
  if (!request) throw RpcError{400, "no method " + method.substr(0, 64)};
  return std::visit([](auto&& typed) -> RpcRequest { return std::forward<decltype(typed)>(typed); }, std::move(*request));
}

// --- writing ---------------------------------------------------------------------------------------------------------------

void write_authentication(Json& params, const Authentication& auth, const char* timestamp_name) {
  if (auth.ed25519) params["pubkey_ed25519"] = auth.ed25519->hex();
  if (auth.signature) params["signature"] = to_base64(*auth.signature);
  if (auth.timestamp) params[timestamp_name] = *auth.timestamp;
}

Json params_of(const StoreRequest& store) {
  Json params{{"pubkey", store.stamped.account}, {"timestamp", store.timestamp_ms}, {"data", store.stamped.data}};
  if (store.ttl_ms >= 0) {
    params["ttl"] = store.ttl_ms;
  } else {
    params["expiry"] = store.timestamp_ms + store.ttl_ms;
  }
  if (store.ns_given || store.ns != 0) params["namespace"] = store.ns;
  if (store.nonce) params["nonce"] = to_base64(*store.nonce);
  write_authentication(params, store.auth, "sig_timestamp");
  return params;
}

Json params_of(const RetrieveRequest& retrieve) {
  Json params{{"pubkey", retrieve.account.hex()}, {"last_hash", retrieve.last_hash ? retrieve.last_hash->text : ""}};
  if (retrieve.ns_given || retrieve.ns != 0) params["namespace"] = retrieve.ns;
  if (retrieve.max_count) params["max_count"] = *retrieve.max_count;
  if (retrieve.max_size) params["max_size"] = *retrieve.max_size;
  write_authentication(params, retrieve.auth, "timestamp");
  return params;
}

Json params_of(const GetSwarmRequest& request) { return {{"pubkey", request.account.hex()}}; }
Json params_of(const InfoRequest&) { return Json::object(); }
Json params_of(const OxendRequest& request) {
  return {{"endpoint", "get_service_nodes"}, {"params", write_query(request.query)}};
}

constexpr const char* kMethods[] = {"store", "retrieve", "get_swarm", "info", "oxend_request", "batch"};
static_assert(std::variant_size_v<RpcRequest> == std::size(kMethods));

/// Where a request's type stands in the variant.
template <class Request>
constexpr std::size_t index_of() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return ((std::is_same_v<Request, std::variant_alternative_t<I, RpcRequest>> ? I : 0) + ...);
  }(std::make_index_sequence<std::size(kMethods)>{});
}

Json envelope(const char* method, Json params) { return {{"method", method}, {"params", std::move(params)}}; }

Json params_of(const BatchRequest& batch) {
  Json list = Json::array();
  for (const Subrequest& each : batch.requests)
    list.push_back(std::visit([&each](const auto& typed) { return envelope(kMethods[each.index()], params_of(typed)); }, each));
  return {{"requests", std::move(list)}};
}

template <class Request>
Bytes write(const Request& request) {
  return to_bytes(json::dump(envelope(kMethods[index_of<Request>()], params_of(request))));
}

std::string decimal_unless_zero(Namespace ns) { return ns == 0 ? std::string{} : std::to_string(ns); }

}  // namespace

bool operator==(const StoreRequest& a, const StoreRequest& b) {
  const auto texts = [](const pow::Payload& p) { return std::tie(p.timestamp, p.ttl, p.account, p.data); };
  return a.account == b.account && a.ns == b.ns && a.ns_given == b.ns_given && a.timestamp_ms == b.timestamp_ms &&
         a.ttl_ms == b.ttl_ms && a.data == b.data && texts(a.stamped) == texts(b.stamped) && a.nonce == b.nonce &&
         a.auth == b.auth;
}

const char* method_of(const RpcRequest& request) { return kMethods[request.index()]; }

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

Bytes to_json(const StoreRequest& request) { return write(request); }
Bytes to_json(const RetrieveRequest& request) { return write(request); }
Bytes to_json(const GetSwarmRequest& request) { return write(request); }
Bytes to_json(const InfoRequest& request) { return write(request); }
Bytes to_json(const OxendRequest& request) { return write(request); }
Bytes to_json(const BatchRequest& request) { return write(request); }
Bytes to_json(const RpcRequest& request) {
  return std::visit([](const auto& typed) { return to_json(typed); }, request);
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

std::string signed_text_store(Namespace ns, std::int64_t timestamp_ms) {
  return "store" + decimal_unless_zero(ns) + std::to_string(timestamp_ms);
}

std::string signed_text_retrieve(Namespace ns, std::int64_t timestamp_ms) {
  return "retrieve" + decimal_unless_zero(ns) + std::to_string(timestamp_ms);
}

}  // namespace session::wire

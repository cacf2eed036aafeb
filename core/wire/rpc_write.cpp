#include <map>

#include "core/wire/json.h"
#include "core/wire/registry_json.h"
#include "core/wire/rpc.h"

namespace session::wire {
namespace {

using json::Json;

constexpr const char* kMethods[] = {"store",
                                    "retrieve",
                                    "get_swarm",
                                    "info",
                                    "oxend_request",
                                    "delete",
                                    "delete_all",
                                    "delete_before",
                                    "expire",
                                    "expire_all",
                                    "get_expiries",
                                    "revoke_subaccount",
                                    "unrevoke_subaccount",
                                    "listen",
                                    "relay",
                                    "batch",
                                    "sequence",
                                    "ifelse"};
static_assert(std::variant_size_v<RpcRequest> == std::size(kMethods));

void write_authentication(Json& params, const Authentication& auth, const char* timestamp_name = "timestamp") {
  if (auth.ed25519) params["pubkey_ed25519"] = auth.ed25519->hex();
  if (auth.signature) params["signature"] = to_base64(*auth.signature);
  if (auth.timestamp) params[timestamp_name] = *auth.timestamp;
  if (!auth.subaccount) return;
  params["subaccount"] = to_base64(auth.subaccount->token);
  params["subaccount_sig"] = to_base64(auth.subaccount->signature);
}

Json write(const NamespaceChoice& ns) { return ns ? Json(*ns) : Json("all"); }
Json write(const std::vector<MessageHash>& hashes) {
  Json out = Json::array();
  for (const MessageHash& each : hashes) out.push_back(each.text);
  return out;
}
template <class Binary>
Json write_binaries(const std::vector<Binary>& list) {
  Json out = Json::array();
  for (const Binary& each : list) out.push_back(to_base64(each));
  return out;
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
  write_authentication(params, retrieve.auth);
  return params;
}

Json params_of(const GetSwarmRequest& request) { return {{"pubkey", request.account.hex()}}; }
Json params_of(const InfoRequest&) { return Json::object(); }
Json params_of(const OxendRequest& request) {
  return {{"endpoint", "get_service_nodes"}, {"params", write_query(request.query)}};
}

Json params_of(const DeleteRequest& request) {
  Json params{{"pubkey", request.account.hex()}, {"messages", write(request.messages)}};
  if (request.required) params["required"] = true;
  write_authentication(params, request.auth);
  return params;
}
Json params_of(const DeleteAllRequest& request) {
  Json params{{"pubkey", request.account.hex()}, {"namespace", write(request.ns)}};
  write_authentication(params, request.auth);
  return params;
}
Json params_of(const DeleteBeforeRequest& request) {
  Json params{{"pubkey", request.account.hex()}, {"namespace", write(request.ns)}, {"before", request.before_ms}};
  write_authentication(params, request.auth);
  return params;
}
Json params_of(const ExpireRequest& request) {
  Json params{{"pubkey", request.account.hex()}, {"messages", write(request.messages)}, {"expiry", request.expiries_ms}};
  if (request.expiries_ms.size() == 1) params["expiry"] = request.expiries_ms[0];
  if (request.change == ExpiryChange::Shorten) params["shorten"] = true;
  if (request.change == ExpiryChange::Extend) params["extend"] = true;
  write_authentication(params, request.auth);
  return params;
}
Json params_of(const ExpireAllRequest& request) {
  Json params{{"pubkey", request.account.hex()}, {"namespace", write(request.ns)}, {"expiry", request.expiry_ms}};
  write_authentication(params, request.auth);
  return params;
}
Json params_of(const GetExpiriesRequest& request) {
  Json params{{"pubkey", request.account.hex()}, {"messages", write(request.messages)}};
  write_authentication(params, request.auth);
  return params;
}
Json params_of(const RevokeRequest& request) {
  Json params{{"pubkey", request.account.hex()}, {"revoke", write_binaries(request.tokens)}};
  write_authentication(params, request.auth);
  return params;
}
Json params_of(const UnrevokeRequest& request) {
  Json params{{"pubkey", request.account.hex()}, {"unrevoke", write_binaries(request.tokens)}};
  write_authentication(params, request.auth);
  return params;
}
/// Without a tree, since everybody asks it all day long.
std::string params_text(const ListenRequest& request) {
  std::map<std::string, std::string_view> hashes;  // as their names sort, and not their numbers
  for (const auto& [ns, last] : request.last_hashes) hashes.emplace(std::to_string(ns), last ? last->text : std::string_view());
  const Authentication& auth = request.auth;
  std::string text;
  json::ObjectWriter params(text);
  params.name("last_hashes");
  json::ObjectWriter each(text);
  for (const auto& [name, hash] : hashes) each.text(name, hash);
  each.end();
  params.plain("pubkey", request.account.hex());
  if (auth.ed25519) params.plain("pubkey_ed25519", auth.ed25519->hex());
  if (auth.signature) params.plain("signature", to_base64(*auth.signature));
  if (auth.subaccount) {
    params.plain("subaccount", to_base64(auth.subaccount->token));
    params.plain("subaccount_sig", to_base64(auth.subaccount->signature));
  }
  if (auth.timestamp) params.number("timestamp", *auth.timestamp);
  params.name("tokens");
  text += '[';
  for (const TokenHash& token : request.tokens) {
    if (text.back() != '[') text += ',';
    json::quote(text, to_base64(token));
  }
  text += ']';
  params.number("wait_ms", request.wait_ms);
  params.end();
  return text;
}
Json params_of(const ListenRequest& request) { return json::parse_tree(bytes_of(params_text(request))); }
Json params_of(const RelayRequest& request) {
  return {{"pubkey", request.account.hex()}, {"token", to_base64(request.token)}, {"data", to_base64(request.data)}};
}

template <class Request>
Json write_request(const Request& request);

Json write(const std::vector<Subrequest>& requests) {
  Json list = Json::array();
  for (const Subrequest& each : requests) list.push_back(write_request(each));
  return list;
}
Json params_of(const BatchRequest& request) { return {{"requests", write(request.requests)}}; }
Json params_of(const SequenceRequest& request) { return {{"requests", write(request.requests)}}; }
Json params_of(const IfElseRequest& request) {
  const Condition& c = request.condition;
  Json condition = Json::object();
  const auto put = [&condition](const char* name, const std::vector<std::uint16_t>& version) {
    if (!version.empty()) condition[name] = version;
  };
  put("hf_at_least", c.hf_at_least);
  put("hf_before", c.hf_before);
  put("v_at_least", c.v_at_least);
  put("v_before", c.v_before);
  if (c.height_at_least) condition["height_at_least"] = *c.height_at_least;
  if (c.height_before) condition["height_before"] = *c.height_before;
  Json params{{"if", std::move(condition)}};
  if (!request.then_part.empty()) params["then"] = write_request(request.then_part[0].request);
  if (!request.else_part.empty()) params["else"] = write_request(request.else_part[0].request);
  return params;
}

/// Of either variant: the one of parts begins like the whole.
template <class Request>
Json write_request(const Request& request) {
  return std::visit(
      [&request](const auto& typed) -> Json { return {{"method", kMethods[request.index()]}, {"params", params_of(typed)}}; },
      request);
}

}  // namespace

const char* method_of(const RpcRequest& request) { return kMethods[request.index()]; }

Bytes to_json(const RpcRequest& request) {
  if (const auto* listen = std::get_if<ListenRequest>(&request))
    return concat(R"({"method":"listen","params":)", params_text(*listen), "}");
  return to_bytes(json::dump(write_request(request)));
}

}  // namespace session::wire

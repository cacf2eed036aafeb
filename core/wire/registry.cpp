#include "core/wire/registry.h"

#include <unordered_set>

#include "core/wire/registry_json.h"

namespace session::wire {
namespace {

using json::Fields;
using json::Json;
using json::Value;

constexpr std::size_t kMaxFields = 64;
constexpr std::size_t kMaxFieldName = 64;
constexpr const char* kUnknownHost = "0.0.0.0";

bool is_blank(const Fields& entry, const char* name) { return !entry.has(name) || entry.text(name, 128).empty(); }

Address read_address(const Fields& entry) {
  Address address{entry.text_if("public_ip", 253).value_or(kUnknownHost),
                  entry.number_if<std::uint16_t>("storage_port").value_or(0)};
  if (address.host.empty()) address.host = kUnknownHost;
  if (!json::is_host(address.host)) json::reject("public_ip", "no address");
  return address;
}

/// Empty for one that has not shown its keys yet.
std::optional<RegistryEntry> read_entry(const Value& value) {
  const Fields entry(value, "service_node_states");
  if (is_blank(entry, "pubkey_ed25519") || is_blank(entry, "pubkey_x25519")) return std::nullopt;
  RegistryEntry node;
  node.id = NodeId{entry.hex<32>("pubkey_ed25519")};
  node.x25519 = crypto::X25519Public{entry.hex<32>("pubkey_x25519")};
  if (!is_blank(entry, "service_node_pubkey")) {
    const auto legacy = entry.hex<32>("service_node_pubkey");
    if (legacy != node.id.key) node.legacy = legacy;
  }
  node.address = read_address(entry);
  node.swarm = SwarmId{entry.number_if<std::uint64_t>("swarm_id").value_or(kNoSwarm.value)};
  node.active = entry.flag("active", true);
  node.funded = entry.flag("funded", true);
  node.reachable = entry.flag("storage_server_reachable", true);
  node.registration_height = entry.number_if<std::uint64_t>("registration_height").value_or(0);
  node.state_height = entry.number_if<std::uint64_t>("state_height").value_or(0);
  node.last_uptime_proof_s = entry.number_if<std::uint64_t>("last_uptime_proof").value_or(0);
  node.decommission_count = entry.number_if<std::uint32_t>("decommission_count").value_or(0);
  node.earned_downtime_blocks = entry.number_if<std::int64_t>("earned_downtime_blocks").value_or(0);
  // What a private chain issues fits by far; more would make sums of it overflow.
  node.stake = entry.number_if<std::uint64_t>("total_contributed", 0, std::uint64_t{1} << 48).value_or(0);
  return node;
}

Json write_entry(const RegistryEntry& node, const std::set<std::string>& wanted) {
  Json entry{{"service_node_pubkey", to_hex(node.legacy.value_or(node.id.key))},
             {"pubkey_ed25519", node.id.hex()},
             {"pubkey_x25519", node.x25519.hex()},
             {"public_ip", node.address.host},
             {"storage_port", node.address.port},
             {"swarm_id", node.swarm.value},
             {"active", node.active},
             {"funded", node.funded},
             {"storage_server_reachable", node.reachable},
             {"registration_height", node.registration_height},
             {"state_height", node.state_height},
             {"last_uptime_proof", node.last_uptime_proof_s},
             {"decommission_count", node.decommission_count},
             {"earned_downtime_blocks", node.earned_downtime_blocks},
             {"total_contributed", node.stake}};
  if (wanted.empty()) return entry;
  Json chosen = Json::object();
  for (const auto& [name, value] : entry.items())
    if (wanted.contains(name)) chosen[name] = value;
  return chosen;
}

Bytes call(const char* method, Json params) {
  return to_bytes(json::dump({{"jsonrpc", "2.0"}, {"id", "0"}, {"method", method}, {"params", std::move(params)}}));
}

Bytes result(std::string_view id, Json value) {
  return to_bytes(json::dump({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(value)}}));
}

/// Reads `result`, unless there is an error in its place.
template <class Read>
auto result_of(BytesView text, const Read& read) {
  using Result = json::ResultOf<decltype(read(std::declval<const Value&>()))>::Type;
  return json::guarded([&]() -> Result {
    const json::Document whole = json::parse(text, kRegistryLimits);
    const Fields fields(whole, "answer");
    if (const Value* error = fields.find("error")) {
      const std::string message = Fields(*error, "error").text_if("message", 1024).value_or("");
      return fail(ErrorCode::Refused, "the seed refused: " + message);
    }
    const Value* result = fields.find("result");
    if (result == nullptr) json::reject("result", "expected an object");
    return read(*result);
  });
}

std::string read_id(const Fields& fields) {
  const Value* id = fields.find("id");
  if (!id) return "0";
  if (id->is_unsigned()) return std::to_string(id->number());
  if (id->is_integer()) return std::to_string(id->below_zero());
  return std::string(fields.text("id", 64));
}

RegistrationRequest read_registration(const Fields& params) {
  RegistrationRequest request;
  request.id = NodeId{params.hex<32>("pubkey_ed25519")};
  request.x25519 = crypto::X25519Public{params.hex<32>("pubkey_x25519")};
  request.address = {std::string(params.text("public_ip", 253)), params.number<std::uint16_t>("storage_port", 1)};
  if (!json::is_host(request.address.host)) json::reject("public_ip", "no address");
  request.time_ms = params.number<std::int64_t>("timestamp", 0);
  request.node_signature = params.base64<64>("signature");
  request.admission_signature = params.base64<64>("admission");
  return request;
}

}  // namespace

RegistryQuery read_query(const Fields& params) {
  RegistryQuery query;
  query.limit = params.number_if<std::uint32_t>("limit").value_or(0);
  query.active_only = params.flag("active_only", false);
  if (const Value* fields = params.find("fields")) {
    if (!fields->is_object() || fields->size() > kMaxFields) json::reject("fields", "expected an object of at most 64 flags");
    for (const auto [name, wanted] : fields->items()) {
      if (name.size() > kMaxFieldName) json::reject("fields", "name too long");
      if (wanted.is_boolean() && wanted.boolean()) query.fields.emplace(name);
    }
  }
  if (!is_blank(params, "poll_block_hash")) query.poll_block_hash = params.hex<32>("poll_block_hash");
  return query;
}

Json write_query(const RegistryQuery& query) {
  Json params{{"limit", query.limit}, {"active_only", query.active_only}};
  Json fields = Json::object();
  for (const std::string& name : query.fields) fields[name] = true;
  if (!fields.empty()) params["fields"] = std::move(fields);
  if (query.poll_block_hash) params["poll_block_hash"] = to_hex(*query.poll_block_hash);
  return params;
}

RegistryAnswer read_registry(const Value& value) {
  const Fields result(value, "result");
  RegistryAnswer answer;
  answer.height = result.number<std::uint64_t>("height");
  answer.block_hash = result.hex<32>("block_hash");
  answer.hardfork.major = result.number<std::uint16_t>("hardfork");
  answer.hardfork.minor = result.number_if<std::uint16_t>("snode_revision").value_or(0);
  answer.unchanged = result.flag("unchanged", false);
  if (result.has("network")) answer.network = read_network(result.require("network"));
  if (answer.unchanged) return answer;
  std::unordered_set<NodeId> seen;
  for (const Value& each : result.list("service_node_states", kMaxRegistryNodes)) {
    auto node = read_entry(each);
    if (!node) continue;
    if (!seen.insert(node->id).second) json::reject("service_node_states", "twice the node " + node->id.hex());
    answer.nodes.push_back(std::move(*node));
  }
  return answer;
}

Json write_registry(const RegistryAnswer& answer, const RegistryQuery& query) {
  Json result{{"height", answer.height},
              {"target_height", 0},
              {"block_hash", to_hex(answer.block_hash)},
              {"hardfork", answer.hardfork.major},
              {"snode_revision", answer.hardfork.minor},
              {"status", "OK"}};
  if (query.poll_block_hash) result["polling_mode"] = true;
  if (answer.network) result["network"] = write_network(*answer.network);
  if (answer.unchanged) {
    result["unchanged"] = true;
    return result;
  }
  Json list = Json::array();
  for (const RegistryEntry& node : answer.nodes) list.push_back(write_entry(node, query.fields));
  result["service_node_states"] = std::move(list);
  return result;
}

Bytes registration_text(const RegistrationRequest& request) {
  return concat("register", request.id.key, request.x25519.bytes, little(static_cast<std::uint64_t>(request.time_ms)),
                little(request.address.port), request.address.host);
}

void sign_registration(RegistrationRequest& request, const crypto::Ed25519Secret& node,
                       const crypto::Ed25519Secret& admission) {
  const Bytes text = registration_text(request);
  request.node_signature = crypto::sign(node, text);
  request.admission_signature = crypto::sign(admission, text);
}

Result<void> verify_registration(const RegistrationRequest& request, const crypto::Ed25519Public& admission) {
  const auto image = crypto::x25519_of(crypto::key_of(request.id));
  if (!image || *image != request.x25519) return fail(ErrorCode::Malformed, "pubkey_x25519: not the image of pubkey_ed25519");
  const Bytes text = registration_text(request);
  if (!crypto::verify(crypto::key_of(request.id), text, request.node_signature))
    return fail(ErrorCode::Unauthentic, "signature: not made by the node's key");
  if (!crypto::verify(admission, text, request.admission_signature))
    return fail(ErrorCode::Unauthentic, "admission: not signed by this network's admission key");
  return {};
}

Result<SeedCall> parse_seed_call(BytesView text) {
  return json::guarded([&]() -> Result<SeedCall> {
    const json::Document whole = json::parse(text, {.bytes = 64 * 1024, .values = 1'000});
    const Fields fields(whole, "request");
    const std::string_view method = fields.text("method", 64);
    const json::Document none = json::parse(bytes_of("{}"));
    const Value* given = fields.find("params");
    const Fields params(given ? *given : none.root(), "params");
    const std::string id = read_id(fields);
    if (method == "get_service_nodes" || method == "get_n_service_nodes") return SeedCall{read_query(params), id};
    if (method == "register_service_node") return SeedCall{read_registration(params), id};
    if (method == "uptime_proof") return SeedCall{read_uptime(params), id};
    if (method == "obligations_votes") return SeedCall{read_votes(params), id};
    return fail(ErrorCode::NotFound, "no method " + std::string(method));
  });
}

Bytes to_json(const RegistryQuery& query) { return call("get_service_nodes", write_query(query)); }

Bytes to_json(const RegistrationRequest& request) {
  return call("register_service_node", {{"pubkey_ed25519", request.id.hex()},
                                        {"pubkey_x25519", request.x25519.hex()},
                                        {"public_ip", request.address.host},
                                        {"storage_port", request.address.port},
                                        {"timestamp", request.time_ms},
                                        {"signature", to_base64(request.node_signature)},
                                        {"admission", to_base64(request.admission_signature)}});
}

Bytes to_json(const RegistryAnswer& answer, const RegistryQuery& query, std::string_view id) {
  return seed_answer(json::dump(write_registry(answer, query)), id);
}

Bytes seed_answer(std::string_view result, std::string_view id) {
  return concat("{\"id\":", json::dump(id), ",\"jsonrpc\":\"2.0\",\"result\":", result, "}");
}

Result<RegistryAnswer> parse_registry_answer(BytesView text) { return result_of(text, read_registry); }

Bytes registration_accepted(std::string_view id) { return result(id, {{"status", "OK"}}); }

Bytes seed_error(const Error& error, std::string_view id) {
  // The codes of JSON-RPC 2.0 for "no such method" and "invalid parameters".
  const int code = error.code == ErrorCode::NotFound ? -32601 : -32602;
  return to_bytes(json::dump({{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", error.message}}}}));
}

Result<void> parse_registration_answer(BytesView text) {
  const auto status =
      result_of(text, [](const Value& value) { return std::string(Fields(value, "result").text("status", 64)); });
  if (!status) return fail(status);
  if (*status != "OK") return fail(ErrorCode::Refused, "status: " + *status);
  return {};
}

}  // namespace session::wire

#include "core/wire/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/wire/json.h"
#include "core/wire/registry_json.h"

namespace session::wire {
namespace {

using json::Fields;
using json::Json;
using json::Value;

constexpr std::size_t kMaxMembers = 1'000;
constexpr std::size_t kMaxMessages = 100'000;
constexpr std::size_t kMaxReason = 1'024;
constexpr json::Limits kLimits{.bytes = kMaxRpcBytes, .values = 1'000'000};
constexpr json::Limits kOxendLimits{.bytes = kMaxRegistryBytes + 1024, .values = kRegistryLimits.values};

// --- the head --------------------------------------------------------------------------------------------------------------

void write_head(Json& to, const AnswerHead& head) {
  to["t"] = head.t_ms;
  to["hf"] = {head.hf.major, head.hf.minor};
}

/// A list of so many small numbers; `wrong_size` says that they are more or fewer.
template <std::size_t N>
std::array<std::uint16_t, N> read_numbers(const Fields& from, const char* name, std::string_view wrong_size) {
  const Value& list = from.list(name, N);
  if (list.size() != N) json::reject(name, wrong_size);
  std::array<std::uint16_t, N> out{};
  auto to = out.begin();
  for (const Value& each : list) {
    if (!each.is_unsigned() || each.number() > 65'535) json::reject(name, "value out of range");
    *to++ = static_cast<std::uint16_t>(each.number());
  }
  return out;
}

/// Between the two members of the head others may stand, as their names say.
void write_version(json::ObjectWriter& out, std::string& to, const AnswerHead& head) {
  out.name("hf");
  to += fmt::format("[{},{}]", head.hf.major, head.hf.minor);
}

AnswerHead read_head(const Fields& from) {
  AnswerHead head;
  head.t_ms = from.number<std::int64_t>("t", 0);
  const auto [major, minor] = read_numbers<2>(from, "hf", "expected [major, minor]");
  head.hf = {major, minor};
  return head;
}

/// Reads one whole answer.
template <class Read>
auto parse(BytesView text, const json::Limits& limits, Read&& read) {
  return json::guarded([&] {
    const json::Document whole = json::parse(text, limits);
    return read(Fields(whole, "answer"));
  });
}

Bytes bytes_of_json(const Json& value) { return to_bytes(json::dump(value)); }

// --- store -----------------------------------------------------------------------------------------------------------------

Json write(const KeptEntry& kept) {
  Json entry{{"hash", kept.hash.text}, {"signature", to_base64(kept.signature)}, {"expiry", kept.expiry_ms}};
  if (kept.already) entry["already"] = true;
  if (kept.t_ms) entry["t"] = *kept.t_ms;
  return entry;
}

Json write(const FailedEntry& failed) {
  Json entry{{"failed", true}};
  switch (failed.why) {
    case MemberFailure::Timeout: entry["timeout"] = true; break;
    case MemberFailure::Refused:
      entry["code"] = failed.code;
      entry["reason"] = failed.reason;
      break;
    case MemberFailure::BadPeerResponse: entry["bad_peer_response"] = true; break;
    case MemberFailure::QueryFailure: entry["query_failure"] = true; break;
  }
  return entry;
}

KeptEntry read_kept(const Fields& entry) {
  return {entry.hash("hash"), entry.base64<64>("signature"), entry.number<std::int64_t>("expiry", 0),
          entry.flag("already", false), entry.number_if<std::int64_t>("t", 0)};
}

FailedEntry read_failed(const Fields& entry) {
  if (entry.flag("timeout", false)) return {MemberFailure::Timeout, 0, {}};
  if (entry.flag("bad_peer_response", false)) return {MemberFailure::BadPeerResponse, 0, {}};
  if (!entry.has("code")) return {MemberFailure::QueryFailure, 0, {}};
  return {MemberFailure::Refused, entry.number<std::uint16_t>("code", 100, 599),
          entry.text_if("reason", kMaxReason).value_or("")};
}

// --- changes ---------------------------------------------------------------------------------------------------------------

Json write(const std::vector<MessageHash>& hashes) {
  Json out = Json::array();
  for (const MessageHash& each : hashes) out.push_back(each.text);
  return out;
}

Json write(const ChangeEntry& change) {
  Json entry{{"signature", to_base64(change.signature)}};
  if (change.kind != ChangeEntry::Kind::Revoked) {
    const char* name = change.kind == ChangeEntry::Kind::Deleted ? "deleted" : "updated";
    entry[name] = Json::object();
    for (const auto& [ns, hashes] : change.by_namespace) entry[name][std::to_string(ns)] = write(hashes);
    if (!change.is_by_namespace) entry[name] = write(change.changed);
  }
  if (change.is_each)
    entry["expiry"] = change.expiries_ms;
  else if (!change.expiries_ms.empty())
    entry["expiry"] = change.expiries_ms[0];
  if (change.tells_unchanged) {
    entry["unchanged"] = Json::object();
    for (const auto& [hash, expiry] : change.unchanged) entry["unchanged"][hash.text] = expiry;
  }
  if (change.count) entry["count"] = *change.count;
  return entry;
}

std::vector<MessageHash> read_hashes(const Value& list, const char* name) {
  if (!list.is_array()) json::reject(name, "expected an array");
  std::vector<MessageHash> out;
  for (const Value& each : list) out.push_back(json::hash_of(name, each));
  if (!std::ranges::is_sorted(out)) json::reject(name, "not sorted");
  return out;
}

std::map<MessageHash, std::int64_t> read_expiries(const Value& object, const char* name) {
  if (!object.is_object()) json::reject(name, "expected an object");
  std::map<MessageHash, std::int64_t> out;
  for (const auto [key, value] : object.items()) {
    auto hash = MessageHash::parse(key);
    if (!hash) json::reject(name, hash.error().message);
    out.emplace(std::move(*hash), json::number_of<std::int64_t>(name, value, 0));
  }
  return out;
}

Namespace read_namespace_key(std::string_view key, const char* name) { return json::number_of<Namespace>(name, key); }

ChangeEntry read_change(const Fields& entry) {
  ChangeEntry change;
  change.signature = entry.base64<64>("signature");
  const char* name = entry.has("deleted") ? "deleted" : "updated";
  change.kind = entry.has("deleted")   ? ChangeEntry::Kind::Deleted
                : entry.has("updated") ? ChangeEntry::Kind::Updated
                                       : ChangeEntry::Kind::Revoked;
  if (const Value* list = entry.find(name); list != nullptr && list->is_object()) {
    change.is_by_namespace = true;
    for (const auto [key, value] : list->items()) {
      auto hashes = read_hashes(value, name);
      change.changed.insert(change.changed.end(), hashes.begin(), hashes.end());
      change.by_namespace.emplace(read_namespace_key(key, name), std::move(hashes));
    }
    std::ranges::sort(change.changed);
  } else if (list != nullptr) {
    change.changed = read_hashes(*list, name);
  }
  if (const Value* expiry = entry.find("expiry"); expiry != nullptr && expiry->is_array()) {
    change.is_each = true;
    for (const Value& each : *expiry) change.expiries_ms.push_back(json::number_of<std::int64_t>("expiry", each, 0));
    if (change.expiries_ms.size() != change.changed.size()) json::reject("expiry", "not one for each of 'updated'");
  } else if (expiry != nullptr) {
    change.expiries_ms.push_back(entry.number<std::int64_t>("expiry", 0));
  }
  if (const Value* unchanged = entry.find("unchanged")) {
    change.tells_unchanged = true;
    change.unchanged = read_expiries(*unchanged, "unchanged");
  }
  change.count = entry.number_if<std::uint64_t>("count");
  return change;
}

/// The members of a `swarm`, each read by `read`, in ascending order of their keys.
template <class Member, class Read>
std::vector<Member> read_members(const Fields& answer, Read&& read) {
  const Value& swarm = answer.require("swarm");
  if (!swarm.is_object() || swarm.size() > kMaxMembers) json::reject("swarm", "expected an object of at most 1000 members");
  std::vector<Member> out;
  for (const auto [key, value] : swarm.items()) {
    const auto node = NodeId::parse(key);
    if (!node) json::reject("swarm", node.error().message);
    const Fields entry(value, "swarm");
    if (entry.flag("failed", false))
      out.push_back({*node, read_failed(entry)});
    else
      out.push_back({*node, read(entry)});
  }
  std::ranges::sort(out, {}, &Member::node);
  // One key in two spellings of its hex would count a node twice.
  if (std::ranges::adjacent_find(out, {}, &Member::node) != out.end()) json::reject("swarm", "a node twice");
  return out;
}

StoreAnswer read_store(const Fields& answer) {
  return {answer.hash("hash"), read_members<MemberResult>(answer, read_kept), read_head(answer)};
}

// --- retrieve --------------------------------------------------------------------------------------------------------------

RetrievedMessage read_message(const Value& value) {
  const Fields message(value, "messages");
  RetrievedMessage out{message.hash("hash"), message.number<std::int64_t>("timestamp", 0),
                       message.number<std::int64_t>("expiration", 0), message.base64("data", kMaxDataChars)};
  return out;
}

void write(std::string& to, const std::vector<RetrievedMessage>& messages) {
  to += '[';
  for (const RetrievedMessage& message : messages) {
    if (to.back() != '[') to += ',';
    json::ObjectWriter out(to);
    out.plain("data", to_base64(message.data));
    out.number("expiration", message.expiration_ms);
    out.text("hash", message.hash.text);
    out.number("timestamp", message.timestamp_ms);
    out.end();
  }
  to += ']';
}

RetrieveAnswer read_retrieve(const Fields& answer) {
  RetrieveAnswer retrieve{{}, answer.flag("more", false), read_head(answer)};
  for (const Value& each : answer.list("messages", kMaxMessages)) retrieve.messages.push_back(read_message(each));
  return retrieve;
}

// --- swarm -----------------------------------------------------------------------------------------------------------------

Json write(const SwarmMember& member) {
  return {{"address", to_base32z(member.id.key) + ".snode"},
          {"pubkey_legacy", member.id.hex()},
          {"pubkey_x25519", member.x25519.hex()},
          {"pubkey_ed25519", member.id.hex()},
          {"port", std::to_string(member.address.port)},
          {"port_https", member.address.port},
          {"port_omq", 0},
          {"port_quic", 0},
          {"ip", member.address.host}};
}

SwarmMember read_swarm_member(const Value& value) {
  const Fields member(value, "snodes");
  SwarmMember out{NodeId{member.hex<32>("pubkey_ed25519")}, {member.hex<32>("pubkey_x25519")}, {}};
  out.address = {std::string(member.text("ip", 253)),
                 member.number<std::uint16_t>(member.has("port_https") ? "port_https" : "port")};
  if (!json::is_host(out.address.host)) json::reject("ip", "no address");
  return out;
}

/// Without leading zeros, as other servers write it.
std::string hex_of(SwarmId swarm) { return fmt::format("{:x}", swarm.value); }

/// Hex of up to 16 digits.
SwarmId read_swarm_id(const Fields& answer) {
  const std::string text = answer.text_if("swarm", 16).value_or("");
  if (text.empty()) return kNoSwarm;
  const auto bytes = array_from_hex<8>(std::string(16 - text.size(), '0') + text);
  if (!bytes) json::reject("swarm", bytes.error().message);
  return {load_big<std::uint64_t>(bytes->data())};
}

SwarmAnswer read_swarm(const Fields& answer) {
  SwarmAnswer swarm{read_swarm_id(answer), {}, read_head(answer)};
  for (const Value& each : answer.list("snodes", kMaxMembers)) swarm.members.push_back(read_swarm_member(each));
  return swarm;
}

// --- batch -----------------------------------------------------------------------------------------------------------------

Answer read_result(const Value& value) {
  const Fields result(value, "results");
  Answer answer{result.number<std::uint16_t>("code", 100, 599), {}, ContentType::Json};
  const Value& body = result.require("body");
  if (body.is_string()) {
    answer.type = ContentType::Text;
    answer.body = to_bytes(body.text());
  } else {
    answer.body = to_bytes(json::compact(body));
  }
  return answer;
}

std::string text_of_result(const Answer& result) {
  const std::string_view body = text_of(result.body);
  return "{\"code\":" + std::to_string(result.status) +
         ",\"body\":" + (result.type == ContentType::Json && Json::accept(body) ? std::string(body) : json::dump(Json(body))) +
         "}";
}

std::array<std::uint16_t, 3> read_version(const Fields& answer, const char* name) {
  return read_numbers<3>(answer, name, "expected three numbers");
}

}  // namespace

Bytes to_json(const StoreAnswer& answer) {
  Json swarm = Json::object();
  for (const MemberResult& each : answer.swarm)
    swarm[each.node.hex()] = std::visit([](const auto& entry) { return write(entry); }, each.result);
  Json out{{"hash", answer.hash.text}, {"swarm", std::move(swarm)}};
  write_head(out, answer.head);
  return bytes_of_json(out);
}

Bytes to_json(const ChangeAnswer& answer) {
  Json swarm = Json::object();
  for (const MemberChange& each : answer.swarm)
    swarm[each.node.hex()] = std::visit([](const auto& entry) { return write(entry); }, each.result);
  Json out{{"swarm", std::move(swarm)}};
  write_head(out, answer.head);
  return bytes_of_json(out);
}

Bytes to_json(const ExpiriesAnswer& answer) {
  Json expiries = Json::object();
  for (const auto& [hash, expiry] : answer.expiries_ms) expiries[hash.text] = expiry;
  return bytes_of_json({{"expiries", std::move(expiries)}});
}

Bytes to_json(const ListenAnswer& answer) {
  std::map<std::string, const std::vector<RetrievedMessage>*> by_name;  // as their names sort, and not their numbers
  for (const auto& [ns, list] : answer.messages) by_name.emplace(std::to_string(ns), &list);
  std::string text;
  json::ObjectWriter out(text);
  write_version(out, text, answer.head);
  out.name("messages");
  json::ObjectWriter messages(text);
  for (const auto& [name, list] : by_name) {
    messages.name(name);
    write(text, *list);
  }
  messages.end();
  out.name("relayed");
  text += '[';
  for (const Bytes& each : answer.relayed) {
    if (text.back() != '[') text += ',';
    json::quote(text, to_base64(each));
  }
  text += ']';
  out.number("t", answer.head.t_ms);
  out.end();
  return to_bytes(text);
}

Bytes to_json(const RelayAnswer& answer) {
  Json out{{"online", answer.online}};
  write_head(out, answer.head);
  return bytes_of_json(out);
}

Bytes to_json(const RetrieveAnswer& answer) {
  std::string text;
  json::ObjectWriter out(text);
  write_version(out, text, answer.head);
  out.name("messages");
  write(text, answer.messages);
  out.flag("more", answer.more);
  out.number("t", answer.head.t_ms);
  out.end();
  return to_bytes(text);
}

Bytes to_json(const SwarmAnswer& answer) {
  Json members = Json::array();
  for (const SwarmMember& each : answer.members) members.push_back(write(each));
  Json out{{"snodes", std::move(members)}, {"swarm", hex_of(answer.swarm)}};
  write_head(out, answer.head);
  return bytes_of_json(out);
}

Bytes to_json(const InfoAnswer& answer) {
  Json out{{"version", answer.version}, {"timestamp", answer.timestamp_ms}};
  write_head(out, answer.head);
  return bytes_of_json(out);
}

std::string registry_text(const RegistryAnswer& registry, const RegistryQuery& query) {
  return json::dump(write_registry(registry, query));
}

Bytes oxend_json(std::string_view registry_text, const AnswerHead& head) {
  Json out = Json::object();
  write_head(out, head);
  std::string text = json::dump(out);
  text.pop_back();
  return concat(text, ",\"result\":", registry_text, "}");
}

Bytes to_json(const OxendAnswer& answer, const RegistryQuery& query) {
  return oxend_json(registry_text(answer.registry, query), answer.head);
}

Bytes to_json(const BatchAnswer& answer) {
  Json out = Json::object();
  write_head(out, answer.head);
  // The bodies are JSON texts already: put in as they are, since taking them apart again would cost more than the rest.
  std::string text = json::dump(out);
  text.pop_back();
  text += ",\"results\":[";
  for (std::size_t i = 0; i < answer.results.size(); ++i) text += (i == 0 ? "" : ",") + text_of_result(answer.results[i]);
  return to_bytes(text + "]}");
}

Bytes to_json(const IfElseAnswer& answer) {
  Json out{{"condition", answer.condition}, {"v", answer.version}, {"height", answer.height}};
  write_head(out, answer.head);
  std::string text = json::dump(out);
  if (answer.result) {
    text.pop_back();
    text += ",\"result\":" + text_of_result(*answer.result) + "}";
  }
  return to_bytes(text);
}

Result<StoreAnswer> parse_store_answer(BytesView text) { return parse(text, kLimits, read_store); }
Result<RetrieveAnswer> parse_retrieve_answer(BytesView text) { return parse(text, kLimits, read_retrieve); }
Result<SwarmAnswer> parse_swarm_answer(BytesView text) { return parse(text, kLimits, read_swarm); }

Result<InfoAnswer> parse_info_answer(BytesView text) {
  return parse(text, kLimits, [](const Fields& answer) {
    return InfoAnswer{read_version(answer, "version"), answer.number<std::int64_t>("timestamp", 0), read_head(answer)};
  });
}

Result<ChangeAnswer> parse_change_answer(BytesView text) {
  return parse(text, kLimits, [](const Fields& answer) {
    return ChangeAnswer{read_members<MemberChange>(answer, read_change), read_head(answer)};
  });
}

Result<ExpiriesAnswer> parse_expiries_answer(BytesView text) {
  return parse(text, kLimits,
               [](const Fields& answer) { return ExpiriesAnswer{read_expiries(answer.require("expiries"), "expiries")}; });
}

Result<ListenAnswer> parse_listen_answer(BytesView text) {
  return parse(text, kLimits, [](const Fields& answer) {
    ListenAnswer listen{{}, {}, read_head(answer)};
    const Value& messages = answer.require("messages");
    if (!messages.is_object()) json::reject("messages", "expected an object");
    for (const auto [key, list] : messages.items()) {
      if (!list.is_array()) json::reject("messages", "expected arrays");
      auto& to = listen.messages[read_namespace_key(key, "messages")];
      for (const Value& each : list) to.push_back(read_message(each));
    }
    for (const Value& each : answer.list("relayed", kMaxMessages)) {
      listen.relayed.push_back(json::base64_of("relayed", each, kMaxRelayBytes * 2));
    }
    return listen;
  });
}

Result<RelayAnswer> parse_relay_answer(BytesView text) {
  return parse(text, kLimits, [](const Fields& answer) {
    const Value& online = answer.require("online");
    if (!online.is_boolean()) json::reject("online", "expected boolean");
    return RelayAnswer{online.boolean(), read_head(answer)};
  });
}

Result<IfElseAnswer> parse_if_else_answer(BytesView text) {
  return parse(text, kLimits, [](const Fields& answer) {
    IfElseAnswer out{answer.flag("condition", false),
                     read_version(answer, "v"),
                     answer.number<std::uint64_t>("height"),
                     {},
                     read_head(answer)};
    if (const Value* result = answer.find("result")) out.result = read_result(*result);
    return out;
  });
}

Result<OxendAnswer> parse_oxend_answer(BytesView text) {
  return parse(text, kOxendLimits,
               [](const Fields& answer) { return OxendAnswer{read_registry(answer.require("result")), read_head(answer)}; });
}

Result<BatchAnswer> parse_batch_answer(BytesView text) {
  return parse(text, kLimits, [](const Fields& answer) {
    BatchAnswer batch{{}, read_head(answer)};
    for (const Value& each : answer.list("results", kMaxSubrequests)) batch.results.push_back(read_result(each));
    return batch;
  });
}

Answer refusal(std::uint16_t status, std::string_view text) { return {status, to_bytes(text), ContentType::Text}; }

Answer wrong_swarm(const SwarmAnswer& right) { return {421, to_json(right), ContentType::Json}; }

Answer work_required(std::uint64_t difficulty) { return {432, bytes_of_json({{"difficulty", difficulty}}), ContentType::Json}; }

Result<std::uint64_t> parse_work_required(BytesView text) {
  return parse(text, {.bytes = 4096, .values = 100},
               [](const Fields& answer) { return answer.number<std::uint64_t>("difficulty", 1, std::uint64_t{1} << 53); });
}

std::optional<std::int64_t> time_of_answer(BytesView json) {
  constexpr std::size_t kTail = 256;  // the head stands at the end: as we write it, and where keys are sorted
  constexpr std::string_view kName = "\"t\":";
  const std::string_view tail = text_of(json.last(std::min(json.size(), kTail)));
  const auto at = tail.rfind(kName);
  if (at == tail.npos) return std::nullopt;
  std::string_view digits = tail.substr(at + kName.size());
  while (digits.starts_with(' ')) digits.remove_prefix(1);
  std::int64_t time = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), time);
  constexpr std::int64_t kLatest = 253'402'300'799'999;  // the year 9999
  if (read.ec != std::errc{} || time <= 0 || time > kLatest) return std::nullopt;
  return time;
}

}  // namespace session::wire

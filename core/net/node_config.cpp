#include "core/net/node_config.h"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <limits>
#include <set>

namespace session::net {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kMostBytes = 64 * 1024;
constexpr std::uint64_t kPage = 4096;

struct Bad {
  std::string text;
};

/// The members of one object; what nobody asked for is told at the end.
class Section {
 public:
  Section(const Json& json, std::string name) : json_(json), name_(std::move(name)) {
    if (!json.is_object()) throw Bad{(name_.empty() ? "the whole" : name_) + ": must be an object"};
  }
  [[nodiscard]] const Json* find(const char* field) {
    known_.insert(field);
    const auto found = json_.find(field);
    return found == json_.end() ? nullptr : &*found;
  }
  template <class Number>
  void number(const char* field, Number& out, std::uint64_t least, std::uint64_t most) {
    const Json* value = find(field);
    if (value == nullptr) return;
    if (!value->is_number_unsigned() || value->get<std::uint64_t>() < least || value->get<std::uint64_t>() > most)
      throw Bad{fmt::format("{}: must be a whole number from {} to {}", path(field), least, most)};
    out = static_cast<Number>(value->get<std::uint64_t>());
  }
  void seconds_of(const char* field, Millis& out, std::uint64_t most) {
    auto count = static_cast<std::uint64_t>(out.count / 1000);
    number(field, count, 1, most);
    out = seconds(static_cast<std::int64_t>(count));
  }
  void text(const char* field, std::string& out) {
    const Json* value = find(field);
    if (value == nullptr) return;
    if (!value->is_string() || value->get<std::string>().empty()) throw Bad{path(field) + ": must be a text"};
    out = value->get<std::string>();
  }
  void end() const {
    for (const auto& [key, value] : json_.items())
      if (!known_.contains(key)) throw Bad{path(key.substr(0, 64)) + ": is no field of this file"};
  }
  [[nodiscard]] std::string path(const std::string& field) const { return name_.empty() ? field : name_ + "." + field; }

 private:
  const Json& json_;
  std::string name_;
  std::set<std::string> known_;
};

void read_limits(const Json& json, NodeSettings& out) {
  constexpr std::uint64_t kMost = 1'000'000'000;
  Section in(json, "limits");
  node::Limits& l = out.limits;
  in.number("per_second", l.per_second, 1, kMost);
  in.number("burst", l.burst, 1, kMost);
  in.number("peer_per_second", l.peer_per_second, 1, kMost);
  in.number("peer_burst", l.peer_burst, 1, kMost);
  in.number("callers", l.callers, 1, kMost);
  in.number("account_bytes", l.account_bytes, 100'000, 1ULL << 50);
  in.number("revocation_bytes", l.revocation_bytes, 100'000, 1ULL << 50);
  in.number("listeners", l.listeners, 1, kMost);
  in.number("listeners_of_account", l.listeners_of_account, 1, kMost);
  in.number("listeners_of_key", l.listeners_of_key, 1, kMost);
  in.number("relays_per_second", l.relays_per_second, 1, kMost);
  in.number("replay_keys", l.replay_keys, 1, kMost);
  in.number("proof_keys", l.proof_keys, 1, kMost);
  ServerLimits& s = out.server;
  in.number("connections", s.connections, 1, kMost);
  in.number("connections_of_address", s.connections_of_address, 1, kMost);
  in.number("handshakes", s.handshakes, 1, kMost);
  in.number("head_bytes", s.head_bytes, 1024, 1 << 20);
  in.number("body_bytes", s.body_bytes, 200'000, 64 << 20);
  in.number("bodies_bytes", s.bodies_bytes, 64 << 20, 1ULL << 43);
  in.number("body_rate", s.body_rate, 1, kMost);
  in.seconds_of("handshake_seconds", s.handshake_time, 600);
  in.seconds_of("head_seconds", s.head_time, 600);
  in.seconds_of("request_seconds", s.request_time, 600);
  in.seconds_of("idle_seconds", s.idle_time, 3600);
  in.end();
}

NodeSettings read(const Json& json) {
  NodeSettings out;
  Section in(json, "");
  in.text("dir", out.folder);
  in.text("seed_url", out.seed_url);
  in.text("admission_key", out.admission_key);
  in.text("address", out.address.host);
  in.number("port", out.address.port, 0, 65'535);
  if (in.find("metrics_port") != nullptr) {
    std::uint16_t port = 0;
    in.number("metrics_port", port, 0, 65'535);
    out.metrics_port = port;
  }
  in.number("store_bytes", out.store_bytes, 1 << 20, 1ULL << 43);
  std::string log = "none";
  in.text("log", log);
  if (log != "none" && log != "plain" && log != "json") throw Bad{"log: must be none, plain or json"};
  out.log = log == "plain" ? LogFormat::Plain : log == "json" ? LogFormat::Json : LogFormat::None;
  std::string exits = "none";
  in.text("exits", exits);
  if (exits != "none" && exits != "public" && exits != "any") throw Bad{"exits: must be none, public or any"};
  out.exits = exits == "public" ? node::Exits::Public : exits == "any" ? node::Exits::Any : node::Exits::None;
  static_cast<void>(in.find("$schema"));
  if (const Json* limits = in.find("limits")) read_limits(*limits, out);
  in.end();
  out.limits.store_bytes = out.store_bytes;
  if (out.folder.empty()) throw Bad{"dir: is missing"};
  if (out.seed_url.empty()) throw Bad{"seed_url: is missing"};
  if (auto seed = parse_seed_url(out.seed_url); !seed) throw Bad{"seed_url: " + seed.error().message};
  boost::system::error_code error;
  if (asio::ip::make_address_v4(out.address.host, error); error) throw Bad{"address: must be an IPv4 address"};
  return out;
}

}  // namespace

HostOptions NodeSettings::host_options() const {
  HostOptions out;
  out.server = server;
  out.file.max_pages = static_cast<std::uint32_t>(store_bytes / kPage);
  if (metrics_port) out.metrics = wire::Address{"127.0.0.1", *metrics_port};
  return out;
}

Result<NodeSettings> parse_node_settings(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false, true);
  if (json.is_discarded()) return fail(ErrorCode::Malformed, "is no JSON");
  try {
    return read(json);
  } catch (const Bad& bad) {
    return fail(ErrorCode::Malformed, bad.text);
  }
}

Result<NodeSettings> load_node_settings(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(ErrorCode::NotFound, file.string() + ": cannot be read");
  std::string text(kMostBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  auto parsed = text.size() > kMostBytes ? fail(ErrorCode::Malformed, "is larger than 64 KB") : parse_node_settings(text);
  if (!parsed) return fail(parsed.error().code, file.string() + ": " + parsed.error().message);
  return parsed;
}

std::string log_line(LogFormat format, const std::string& machine, Instant at, const trace::Fact& fact) {
  if (format == LogFormat::Plain) return fmt::format("{} {} {}", at.unix_millis(), machine, trace::to_text(fact));
  const Json line = {
      {"t", at.unix_millis()}, {"machine", machine}, {"fact", trace::name_of(fact)}, {"text", trace::to_text(fact)}};
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace session::net

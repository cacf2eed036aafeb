#include "core/net/devnet.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace session::net {
namespace {

constexpr const char* kHost = "127.0.0.1";

}  // namespace

Result<std::unique_ptr<Devnet>> Devnet::open(asio::io_context& io, DevnetConfig config, const TraceSink& sink) {
  std::unique_ptr<Devnet> devnet(new Devnet(io, std::move(config), sink));
  if (auto opened = devnet->open_all(); !opened) return fail(opened);
  return devnet;
}

Devnet::~Devnet() = default;

Result<void> Devnet::open_all() {
  auto seed = SeedHost::open(io_, node::Seed(config_.network, std::nullopt), {kHost, config_.base_port}, sink_);
  if (!seed) return fail(seed);
  seed_ = std::move(*seed);
  seed_->intercept(
      [this](const wire::Request& request, const HttpServer::Responder& respond) { return administer(request, respond); });
  for (std::size_t i = 0; i < config_.nodes; ++i) {
    Member member;
    member.folder = config_.folder / fmt::format("node-{:02}", i);
    member.port = static_cast<std::uint16_t>(config_.base_port == 0 ? 0 : config_.base_port + 1 + i);
    if (member.port != 0) member.metrics_port = static_cast<std::uint16_t>(member.port + config_.nodes);
    auto keys = node_keys(member.folder);
    if (!keys) return fail(keys);
    member.config.keys = *keys;
    member.config.seed_url = seed_url();
    member.config.registry_every = seconds(2);
    member.config.limits.spares_loopback = true;
    nodes_.push_back(std::move(member));
  }
  for (Member& member : nodes_) {
    if (auto opened = open_member(member); !opened) return opened;
    if (&member == &nodes_.front()) {  // the folder is ours: the list of an earlier run would be taken for this one's
      std::error_code ignored;
      std::filesystem::remove(config_.folder / "devnet.json", ignored);
    }
    wire::RegistryEntry entry;
    entry.id = crypto::node_of(member.config.keys.open);
    entry.x25519 = crypto::x25519_of(member.config.keys).open;
    entry.address = {kHost, member.port};
    seed_->machine().chain().enter(entry);
  }
  seed_->seal_block();
  return {};
}

Result<void> Devnet::open_member(Member& member) {
  auto host = NodeHost::open(io_, member.config, {kHost, member.port}, member.folder, sink_,
                             {.metrics = wire::Address{kHost, member.metrics_port}});
  if (!host) return fail(host);
  member.host = std::move(*host);
  member.port = member.host->port();
  member.metrics_port = member.host->metrics_port();
  return {};
}

std::string Devnet::seed_url() const { return fmt::format("http://{}:{}", kHost, seed_->port()); }

/// Beside first and renamed then: whoever finds the file finds all of it.
Result<void> Devnet::announce() const {
  nlohmann::ordered_json list = {{"seed_url", seed_url()}, {"nodes", nlohmann::json::array()}};
  for (const Member& member : nodes_)
    list["nodes"].push_back({{"ed25519", member.config.keys.open.hex()},
                             {"x25519", crypto::x25519_of(member.config.keys).open.hex()},
                             {"port", member.port},
                             {"metrics_port", member.metrics_port}});
  const auto file = config_.folder / "devnet.json", fresh = config_.folder / "devnet.json.new";
  std::ofstream out(fresh);
  out << list.dump(2) << '\n';
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(fresh, file, error);
  if (!out || error) return fail(ErrorCode::Unavailable, fmt::format("cannot write {}", file.string()));
  return {};
}

NodeId Devnet::registry_node_of(const Account& account) const {
  const auto& registry = *seed_->machine().registry();
  return registry.members(registry.swarm_of(account)).front();
}

bool Devnet::is_ready() const {
  return std::all_of(nodes_.begin(), nodes_.end(), [](const Member& m) { return !m.host || m.host->machine().is_ready(); });
}

Devnet::Member* Devnet::find(const NodeId& node) {
  const auto found =
      std::find_if(nodes_.begin(), nodes_.end(), [&](const Member& m) { return crypto::node_of(m.config.keys.open) == node; });
  return found == nodes_.end() ? nullptr : &*found;
}

Result<void> Devnet::stop(const NodeId& node) {
  Member* member = find(node);
  if (member == nullptr) return fail(ErrorCode::NotFound, "no node " + node.hex() + " in this network");
  member->host.reset();
  return {};
}

Result<void> Devnet::start(const NodeId& node) {
  Member* member = find(node);
  if (member == nullptr) return fail(ErrorCode::NotFound, "no node " + node.hex() + " in this network");
  if (member->host) return {};
  return open_member(*member);
}

/// `devnet_stop_node` and `devnet_start_node` {pubkey}: what `session-node stop` and `start` say to the seed of a devnet.
bool Devnet::administer(const wire::Request& request, const HttpServer::Responder& respond) {
  const auto json = nlohmann::json::parse(text_of(request.body), nullptr, false);
  if (request.route != wire::Route::SeedRpc || !json.is_object() || !json.contains("method") || !json["method"].is_string())
    return false;
  const auto method = json["method"].get<std::string>();
  if (method != "devnet_stop_node" && method != "devnet_start_node") return false;
  const auto reply = [&](const nlohmann::json& body) { respond({200, to_bytes(body.dump()), wire::ContentType::Json}); };
  const auto params = json.value("params", nlohmann::json());
  const auto given = params.is_object() ? params.value("pubkey", nlohmann::json()) : nlohmann::json();
  const auto key = given.is_string() ? given.get<std::string>() : std::string();
  Result<void> done = fail(ErrorCode::Malformed, "pubkey: missing, or no text");
  if (const auto node = NodeId::parse(key))
    done = method == "devnet_stop_node" ? stop(*node) : start(*node);
  else if (!key.empty())
    done = fail(node);
  if (done)
    reply({{"jsonrpc", "2.0"}, {"id", "0"}, {"result", {{"status", "OK"}}}});
  else
    reply({{"jsonrpc", "2.0"}, {"id", "0"}, {"error", {{"code", -1}, {"message", done.error().message}}}});
  return true;
}

}  // namespace session::net

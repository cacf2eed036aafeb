// session-node: service nodes and seeds of private networks.
#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <iostream>

#include "core/net/asio.h"
#include "core/net/devnet.h"
#include "core/net/node_config.h"
#include "core/net/registrar.h"
#include "core/wire/registry.h"

namespace {

using namespace session;
using Json = nlohmann::ordered_json;

constexpr Millis kLookForItself = seconds(10);  ///< how often a node looks whether the seed's list has it

struct Options {
  bool json = false;
  bool verbose = false, check = false;
  std::string folder, preset = "readme", seed_url, admission, address, key, config, to;
  std::size_t nodes = 21;
  std::uint16_t port = 0;
};

int complain(const std::string& what) {
  std::cerr << "session-node: " << what << '\n';
  return 1;
}
void say(const Options& options, const Json& line, const std::string& text) {
  std::cout << (options.json ? line.dump(-1, ' ', false, Json::error_handler_t::replace) : text) << std::endl;
}

net::TraceSink sink_of(const Options& options, net::LogFormat format = net::LogFormat::None) {
  if (options.verbose) format = net::LogFormat::Plain;
  if (format == net::LogFormat::None) return {};
  return [format](const std::string& machine, Instant at, const trace::Fact& fact) {
    std::cerr << net::log_line(format, machine, at, fact) + "\n";
  };
}

/// Until SIGINT or SIGTERM.
void run_until_interrupted(net::asio::io_context& io) {
  net::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&io](const boost::system::error_code&, int) { io.stop(); });
  io.run();
}

int devnet(const Options& options) {
  const auto network = wire::network_preset(options.preset);
  if (!network) return complain(network.error().message);
  if (options.port + 2 * options.nodes > 65535)
    return complain(fmt::format("--base-port {}: {} nodes do not fit above it", options.port, options.nodes));
  net::asio::io_context io;
  auto opened = net::Devnet::open(io, {options.nodes, options.port, options.folder, *network}, sink_of(options));
  if (!opened) return complain(opened.error().message);
  while (!(*opened)->is_ready()) io.run_one();
  if (auto announced = (*opened)->announce(); !announced) return complain(announced.error().message);
  say(options, {{"seed_url", (*opened)->seed_url()}, {"nodes", options.nodes}},
      fmt::format("{} service nodes are ready; the seed is {}\n{}/devnet.json lists them; Ctrl+C ends the network",
                  options.nodes, (*opened)->seed_url(), options.folder));
  run_until_interrupted(io);
  return 0;
}

int seed(const Options& options) {
  const auto network = wire::network_preset(options.preset);
  if (!network) return complain(network.error().message);
  // Whoever has this file may let nodes in.
  crypto::SystemRng rng;
  const std::filesystem::path file = options.admission.empty() ? std::filesystem::path(options.folder) / "admission.key"
                                                               : std::filesystem::path(options.admission);
  const auto admission = store::key_file(file, rng);
  if (!admission) return complain(admission.error().message);
  const auto pair = crypto::ed25519_pair(crypto::Ed25519Seed(admission->bytes()));
  net::asio::io_context io;
  auto host = net::SeedHost::open(io, node::Seed(*network, pair.open), {"127.0.0.1", options.port}, sink_of(options),
                                  {std::filesystem::path(options.folder) / "chain.json",
                                   [](const Error& error) { std::cerr << "session-node: " << error.message << '\n'; }});
  if (!host) return complain(host.error().message);
  const std::string url = fmt::format("http://127.0.0.1:{}", (*host)->port());
  say(options, {{"seed_url", url}, {"admission_key", file.string()}},
      fmt::format("seed at {}; nodes enter with the key in {}", url, file.string()));
  run_until_interrupted(io);
  return 0;
}

/// Warns where nothing says who answers (profile.md 4).
Result<void> check_seed(const std::string& url) {
  const auto seed = net::parse_seed_url(url);
  if (!seed) return fail(seed);
  if (seed->is_unverified())
    std::cerr << "session-node: warning: nothing proves that " << url
              << " is the seed you mean; '#' and the 64 hex digits of its key after it do\n";
  return {};
}

/// One call to the seed, from start to end.
Result<wire::Answer> ask_seed(net::asio::io_context& io, const std::string& url, Bytes body) {
  net::HttpClient client(io);
  std::optional<net::HttpClient::Outcome> outcome;
  client.call(wire::SeedPeer{url}, {wire::Route::SeedRpc, std::move(body), {}}, seconds(10),
              [&](net::HttpClient::Outcome o) { outcome = std::move(o); });
  while (!outcome && io.run_one() > 0) {
  }
  if (!outcome || !*outcome)
    return fail(ErrorCode::Unavailable,
                fmt::format("the seed {} does not answer ({})", url, outcome ? wire::name_of(outcome->error()) : "stopped"));
  return std::move(**outcome);
}

/// Until SIGINT or SIGTERM, and then until what was taken is answered. SIGHUP reads the configuration again.
void run_node(net::asio::io_context& io, net::NodeHost& host, const Options& options) {
  net::asio::signal_set ends(io, SIGINT, SIGTERM), again(io, SIGHUP);
  bool is_ending = false;
  ends.async_wait([&](const boost::system::error_code&, int) { is_ending = true; });
  std::function<void()> reload = [&] {
    again.async_wait([&](const boost::system::error_code& error, int) {
      if (error) return;
      if (options.config.empty()) {
        std::cerr << "session-node: there is no configuration file to read again\n";
      } else if (const auto settings = net::load_node_settings(options.config); settings) {
        host.set_limits(settings->limits);
        std::cerr << "session-node: the limits of " << options.config << " hold from now on\n";
      } else {
        std::cerr << "session-node: nothing changes: " << settings.error().message << '\n';
      }
      reload();
    });
  };
  reload();
  while (!is_ending) io.run_one();
  constexpr auto kLongest = std::chrono::seconds(10);
  const auto until = std::chrono::steady_clock::now() + kLongest;
  while (!host.drain() && std::chrono::steady_clock::now() < until) io.run_one_for(std::chrono::milliseconds(100));
}

/// What the file says, and over it what the command line does.
Result<net::NodeSettings> settings_of(const Options& options) {
  net::NodeSettings settings;
  if (!options.config.empty()) {
    auto loaded = net::load_node_settings(options.config);
    if (!loaded) return fail(loaded);
    settings = std::move(*loaded);
  }
  if (!options.folder.empty()) settings.folder = options.folder;
  if (!options.seed_url.empty()) settings.seed_url = options.seed_url;
  if (!options.admission.empty()) settings.admission_key = options.admission;
  if (options.port != 0) settings.address.port = options.port;
  if (!options.address.empty()) settings.address.host = options.address;
  if (settings.folder.empty()) return fail(ErrorCode::Malformed, "--dir: is missing");
  if (settings.seed_url.empty()) return fail(ErrorCode::Malformed, "--seed-url: is missing");
  return settings;
}

Result<std::unique_ptr<store::SqlMailStore>> open_store(const Options& options) {
  std::error_code error;
  const auto folder = std::filesystem::path(options.folder);
  if (!std::filesystem::exists(folder / "mail.db", error))
    return fail(ErrorCode::NotFound, fmt::format("--dir {}: no node's store is there", options.folder));
  crypto::SystemRng rng;
  const auto key = store::key_file(folder / "mail.key", rng);
  if (!key) return fail(key);
  return store::SqlMailStore::open(folder / "mail.db", *key);
}

int integrity(const Options& options) {
  const auto kept = open_store(options);
  if (!kept) return complain(kept.error().message);
  if (auto sound = (*kept)->check_integrity(); !sound) return complain(sound.error().message);
  say(options, {{"messages", (*kept)->count()}, {"bytes", (*kept)->total_bytes()}, {"sound", true}},
      fmt::format("sound: {} messages, {} bytes", (*kept)->count(), (*kept)->total_bytes()));
  return 0;
}

int back_up(const Options& options) {
  const auto kept = open_store(options);
  if (!kept) return complain(kept.error().message);
  if (auto done = (*kept)->back_up(options.to); !done) return complain(done.error().message);
  say(options, {{"backup", options.to}, {"messages", (*kept)->count()}},
      fmt::format("{} messages are in {}; mail.key opens it", (*kept)->count(), options.to));
  return 0;
}

int run(const Options& options) {
  const auto settings = settings_of(options);
  if (!settings) return complain(settings.error().message);
  if (auto good = check_seed(settings->seed_url); !good) return complain(good.error().message);
  if (options.check) {
    say(options, {{"config", "good"}}, "the configuration is good");
    return 0;
  }
  const auto keys = net::node_keys(settings->folder);
  if (!keys) return complain(keys.error().message);
  net::asio::io_context io;
  node::Config config;
  config.keys = *keys;
  config.seed_url = settings->seed_url;
  config.registry_every = seconds(2);
  config.limits = settings->limits;
  config.exits = settings->exits;
  auto host = net::NodeHost::open(io, config, settings->address, settings->folder, sink_of(options, settings->log),
                                  settings->host_options());
  if (!host) return complain(host.error().message);
  std::optional<net::Registrar> registrar;
  if (!settings->admission_key.empty()) {
    crypto::SystemRng rng;
    std::error_code ignored;
    if (!std::filesystem::exists(settings->admission_key, ignored))
      return complain(fmt::format("--admission-key {}: no such file", settings->admission_key));
    const auto admission = store::key_file(settings->admission_key, rng);
    if (!admission) return complain(admission.error().message);
    registrar.emplace(io, net::Registrar::Entry{settings->seed_url,
                                                *keys,
                                                crypto::ed25519_pair(crypto::Ed25519Seed(admission->bytes())),
                                                {settings->address.host, (*host)->port()}});
    std::optional<Result<void>> entered;
    registrar->enter([&](Result<void> done) { entered = std::move(done); });
    while (!entered && io.run_one() > 0) {
    }
    if (entered && !*entered) return complain(entered->error().message);
    const auto is_missing = [&machine = (*host)->machine()] {
      return machine.registry() && machine.registry()->find(machine.id()) == nullptr;
    };
    registrar->watch(kLookForItself, is_missing,
                     [](const Error& error) { std::cerr << "session-node: " << error.message << '\n'; });
  }
  const std::string id = crypto::node_of(keys->open).hex();
  say(options, {{"ed25519", id}, {"x25519", crypto::x25519_of(*keys).open.hex()}, {"port", (*host)->port()}},
      fmt::format("service node {} listens on {}:{}", id, settings->address.host, (*host)->port()));
  run_node(io, **host, options);
  return 0;
}

int administer(const Options& options, const char* method) {
  const auto id = NodeId::parse(options.key);
  if (!id) return complain(id.error().message);
  if (auto good = check_seed(options.seed_url); !good) return complain(good.error().message);
  net::asio::io_context io;
  const Json body = {{"jsonrpc", "2.0"}, {"id", "0"}, {"method", method}, {"params", {{"pubkey", id->hex()}}}};
  const auto answer = ask_seed(io, options.seed_url, to_bytes(body.dump()));
  if (!answer) return complain(answer.error().message);
  const auto json = nlohmann::json::parse(text_of(answer->body), nullptr, false);
  if (json.is_object() && json.contains("result")) {
    say(options, {{"node", id->hex()}, {"done", method}},
        fmt::format("{} {}", method == std::string("devnet_stop_node") ? "stopped" : "started", id->hex()));
    return 0;
  }
  const auto error = json.is_object() ? json.value("error", nlohmann::json()) : nlohmann::json();
  if (!error.is_object()) return complain("the seed refuses: no answer of a devnet's");
  const auto message = error.value("message", nlohmann::json());
  return complain("the seed refuses: " + (message.is_string() ? message.get<std::string>() : "no reason given"));
}

}  // namespace

int main(int argc, char** argv) {
  crypto::initialise();
  CLI::App app("Service nodes and seeds of private Session networks.", "session-node");
  app.require_subcommand(1);
  app.fallthrough();
  Options options;
  app.add_flag("--json", options.json, "One JSON object a line on standard output");
  app.add_flag("--verbose", options.verbose, "Prints what happens, fact by fact, on standard error");

  auto* devnet_command = app.add_subcommand("devnet", "A seed and N nodes in one process, with real sockets on loopback");
  devnet_command->add_option("--nodes", options.nodes, "How many service nodes")
      ->check(CLI::Range(8, 1000))
      ->capture_default_str();
  devnet_command
      ->add_option("--base-port", options.port, "The seed's port; the nodes have the ones after it, then their metrics")
      ->check(CLI::Range(1024, 65000))
      ->required();
  devnet_command->add_option("--dir", options.folder, "Where keys, stores and devnet.json lie")->required();
  devnet_command->add_option("--preset", options.preset, "Rules of the network: readme, loki-2020 or today")
      ->capture_default_str();

  auto* seed_command = app.add_subcommand("seed", "A seed: the registry of a private network");
  seed_command->add_option("--dir", options.folder, "Where the admission key and the chain lie")->required();
  seed_command->add_option("--port", options.port, "0 takes a free one");
  seed_command->add_option("--preset", options.preset, "Rules of the network: readme, loki-2020 or today")
      ->capture_default_str();
  seed_command->add_option("--admission-key", options.admission, "The key that lets nodes in; made when it is not there");

  auto* run_command = app.add_subcommand("run", "One service node");
  run_command->add_option("--config", options.config, "A JSON file; what the other options say goes before it");
  run_command->add_flag("--check", options.check, "Only looks whether the configuration is good");
  run_command->add_option("--dir", options.folder, "Where its keys and its store lie");
  run_command->add_option("--seed-url", options.seed_url, "The network's seed");
  run_command->add_option("--port", options.port, "0 takes a free one");
  run_command->add_option("--address", options.address, "IPv4 address to listen on and to be found at; 127.0.0.1 unless set");
  run_command->add_option("--admission-key", options.admission, "Enters the network with this key");

  auto* integrity_command = app.add_subcommand("integrity", "Looks at every page of a stopped node's store");
  integrity_command->add_option("--dir", options.folder, "Where the node's store lies")->required();
  auto* backup_command = app.add_subcommand("backup", "Copies a stopped node's store");
  backup_command->add_option("--dir", options.folder, "Where the node's store lies")->required();
  backup_command->add_option("--to", options.to, "The new file")->required();

  for (const auto& [name, what] :
       {std::pair{"stop", "Stops a node of a devnet, as if its machine had died"}, {"start", "Starts it again"}}) {
    auto* command = app.add_subcommand(name, what);
    command->add_option("key", options.key, "The node's Ed25519 key, 64 hex digits")->required();
    command->add_option("--seed-url", options.seed_url, "The devnet's seed")->required();
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (devnet_command->parsed()) return devnet(options);
  if (seed_command->parsed()) return seed(options);
  if (run_command->parsed()) return run(options);
  if (integrity_command->parsed()) return integrity(options);
  if (backup_command->parsed()) return back_up(options);
  return administer(options, app.get_subcommand("stop")->parsed() ? "devnet_stop_node" : "devnet_start_node");
}

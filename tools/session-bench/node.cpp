// A service node under load over loopback TLS: the server in a child process on the first core, the load on the last one, as
// nginx and wrk stand beside it.
#include "tools/session-bench/node.h"

#include <nlohmann/json.hpp>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <thread>

#include "core/base/encoding.h"
#include "core/base/temp_folder.h"
#include "core/crypto/keys.h"
#include "core/net/devnet.h"
#include "core/onion/layer.h"

namespace session::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

void stay_on(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  static_cast<void>(::sched_setaffinity(0, sizeof set, &set));
}

/// A network of so many nodes in a child process; ends with this object.
class Server {
 public:
  explicit Server(std::size_t nodes) {
    child_ = ::fork();
    if (child_ == 0) serve(nodes);
    for (int tries = 0; tries < 300 && !std::filesystem::exists(folder_ / "devnet.json"); ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    std::ifstream file(folder_ / "devnet.json");
    const Json list = Json::parse(file, nullptr, false);
    if (!list.is_object()) return;
    for (const Json& each : list.at("nodes")) {
      const auto id = NodeId::parse(each.at("ed25519").get<std::string>()).value();
      peers_.push_back({id, {"127.0.0.1", each.at("port").get<std::uint16_t>()}});
      x25519_.push_back({to_array<32>(from_hex(each.at("x25519").get<std::string>()).value())});
    }
  }
  ~Server() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] const std::vector<wire::NodePeer>& peers() const { return peers_; }
  [[nodiscard]] const std::vector<crypto::X25519Public>& x25519() const { return x25519_; }
  /// Pages that are the server's own, in bytes.
  [[nodiscard]] double own_memory() const {
    std::ifstream file("/proc/" + std::to_string(child_) + "/smaps_rollup");
    double sum = 0;
    for (std::string line; std::getline(file, line);)
      if (line.starts_with("Private_Clean:") || line.starts_with("Private_Dirty:"))
        sum += std::strtod(line.c_str() + line.find(':') + 1, nullptr) * 1024;
    return sum;
  }

 private:
  [[noreturn]] void serve(std::size_t nodes) const {
    stay_on(0);
    net::asio::io_context io;
    auto devnet =
        net::Devnet::open(io, {.nodes = nodes, .base_port = 0, .folder = folder_.path(), .network = *pow::preset("today")}, {});
    if (!devnet) std::_Exit(1);
    while (!(*devnet)->is_ready()) io.run_one();
    static_cast<void>((*devnet)->announce());
    io.run();
    std::_Exit(0);
  }

  TempFolder folder_;
  pid_t child_ = -1;
  std::vector<wire::NodePeer> peers_;
  std::vector<crypto::X25519Public> x25519_;
};

/// `at_once` calls under way for `length`; each answer is followed by the next call.
class Load {
 public:
  Load(wire::NodePeer to, Millis kept_for) : to_(std::move(to)), client_(io_, kept_for) {}
  ~Load() { client_.close(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  /// How many were answered.
  std::size_t run(const Report& report, const std::string& name, std::size_t at_once, std::chrono::milliseconds length,
                  const std::function<wire::Request()>& next, double things = 1) {
    waits_.clear();
    refused_ = 0;
    next_ = next;
    const auto begin = Clock::now();
    end_ = begin + length;
    for (std::size_t i = 0; i < at_once; ++i) ask();
    while (open_ > 0) io_.run_one();
    const double elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
    if (refused_ > 0 || waits_.empty()) std::cerr << "session-bench: " << name << ": " << refused_ << " refused\n";
    if (waits_.empty()) return 0;
    std::sort(waits_.begin(), waits_.end());
    report(name, things * static_cast<double>(waits_.size()) / elapsed, "requests/s");
    report(name + ".p50", waits_[waits_.size() / 2], "ms");
    report(name + ".p99", waits_[waits_.size() * 99 / 100], "ms");
    return waits_.size();
  }

 private:
  void ask() {
    ++open_;
    const auto asked = Clock::now();
    client_.call(to_, next_(), seconds(20), [this, asked](net::HttpClient::Outcome outcome) {
      --open_;
      if (!outcome || outcome->status != 200) {
        if (refused_++ == 0) std::cerr << (outcome ? text_of(outcome->body).substr(0, 200) : "no answer") << '\n';
      } else {
        waits_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - asked).count());
      }
      if (Clock::now() < end_ && refused_ < 100) ask();
    });
  }

  net::asio::io_context io_;
  wire::NodePeer to_;
  net::HttpClient client_;
  std::function<wire::Request()> next_;
  Clock::time_point end_;
  std::vector<double> waits_;
  std::size_t open_ = 0, refused_ = 0;
};

struct Holder {
  crypto::SystemRng rng;
  crypto::Ed25519Pair keys = crypto::ed25519_pair(rng);
  std::string account = "05" + crypto::x25519_of(keys).open.hex();

  wire::Request store(std::size_t size) {
    Bytes data(size);
    rng.fill(data);
    const Json params = {
        {"pubkey", account}, {"timestamp", net::system_now().unix_millis()}, {"ttl", 86'400'000}, {"data", to_base64(data)}};
    return {wire::Route::StorageRpc, to_bytes(Json{{"method", "store"}, {"params", params}}.dump()), {}};
  }
  [[nodiscard]] wire::Request retrieve() const {
    const std::int64_t at = net::system_now().unix_millis();
    const std::string text = "retrieve" + std::to_string(at);
    const Json params = {{"pubkey", account},
                         {"pubkey_ed25519", keys.open.hex()},
                         {"timestamp", at},
                         {"signature", to_base64(crypto::sign(keys.secret, bytes_of(text)))}};
    return {wire::Route::StorageRpc, to_bytes(Json{{"method", "retrieve"}, {"params", params}}.dump()), {}};
  }
};

void silent(const std::string&, double, const char*) {}

wire::Request information() { return {wire::Route::StorageRpc, to_bytes(R"({"method":"info","params":{}})"), {}}; }

}  // namespace

void node_figures(const Report& report) {
  using std::chrono::seconds;
  rlimit files{8192, 8192};
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &files));
  const int last = static_cast<int>(std::thread::hardware_concurrency()) - 1;
  const Server one(1), three(3);
  if (one.peers().empty() || three.peers().size() < 3) {
    std::cerr << "session-bench: a network on loopback did not begin\n";
    return;
  }
  stay_on(last);
  {
    Load load(one.peers()[0], session::seconds(30));
    Holder holder, reader;
    // What a hundred thousand more messages take beyond the first ones, when all caches are full.
    load.run(report, "node.store.1k", 64, seconds(5), [&] { return holder.store(768); });
    const double before = one.own_memory();
    std::size_t kept = 0;
    while (kept < 100'000) {
      Holder next;  // an account keeps no more than its quota
      const std::size_t more = load.run(silent, "keeping", 64, seconds(3), [&] { return next.store(768); });
      if (more == 0) break;
      kept += more;
    }
    if (kept > 0) report("node.kept", (one.own_memory() - before) / static_cast<double>(kept), "B/message");
    load.run(silent, "one message", 1, std::chrono::milliseconds(1), [&] { return reader.store(150); });
    const wire::Request again = reader.retrieve();
    load.run(report, "node.retrieve", 64, seconds(5), [&] { return again; });
    load.run(report, "node.info", 64, seconds(3), information);
  }
  {
    Load load(one.peers()[0], Millis{0});
    load.run(report, "node.close", 64, seconds(4), information);
  }
  {
    const double before = one.own_memory();
    std::vector<std::unique_ptr<Load>> held;  // one after the other, as callers come
    for (int i = 0; i < 1000; ++i) {
      held.push_back(std::make_unique<Load>(one.peers()[0], session::seconds(30)));
      held.back()->run(silent, "opening", 1, std::chrono::milliseconds(0), information);
    }
    report("node.held", (one.own_memory() - before) / 1000, "B/connection");
  }
  crypto::SystemRng rng;
  std::vector<onion::Hop> hops;
  for (std::size_t i = 0; i < 3; ++i) hops.push_back({three.peers()[i].id, three.x25519()[i]});
  // Made before: the load's core should not spend its time on sealing.
  std::vector<Bytes> layers;
  const Bytes body = to_bytes(R"({"method":"info","params":{}})");
  for (int i = 0; i < 20'000; ++i) layers.push_back(onion::wrap(hops, body, onion::EncType::XChaCha20, rng)->body);
  std::size_t used = 0;
  Load load(three.peers()[0], session::seconds(30));
  load.run(
      report, "node.onion.hops", 64, seconds(5),
      [&] { return wire::Request{wire::Route::Onion, layers[used++ % layers.size()], {}}; }, 3);
}

}  // namespace session::bench

// A service node under load over loopback TLS: the server in a child process on the first core, the load on the last one, as
// nginx and wrk stand beside it.
#include "tools/session-bench/node.h"

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <thread>

#include "core/base/encoding.h"
#include "core/crypto/keys.h"
#include "core/onion/layer.h"
#include "tools/session-bench/server.h"

namespace session::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

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

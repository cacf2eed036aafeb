// The whole path of a message over real sockets: client, onion layers, TLS, swarm, client. The network has one core, both
// people share the other.
#include "tools/session-bench/delivery.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <memory>

#include "core/net/account_folder.h"
#include "core/net/client_host.h"
#include "tools/session-bench/server.h"

namespace session::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kMessages = 1000;

double millis_since(Clock::time_point begun) { return std::chrono::duration<double, std::milli>(Clock::now() - begun).count(); }

struct Person {
  TempFolder folder;
  crypto::SystemRng rng;
  std::unique_ptr<store::SqlClientStore> store;
  std::unique_ptr<net::ClientHost> host;
  std::vector<client::Event> told;

  bool open(net::asio::io_context& io, const char* name, const std::string& seed) {
    auto opened = net::open_account_folder(folder / "account", std::nullopt, net::NewFolder::Make, rng);
    if (!opened) return false;
    store = std::move(*opened);
    if (!client::Client::create(*store, name, net::system_now(), rng)) return false;
    client::Config config;
    config.seeds = {seed};
    auto hosted = net::ClientHost::open(io, *store, config, {});
    if (!hosted) return false;
    host = std::move(*hosted);
    host->on_event([this](const client::Event& event) {
      told.push_back(event);
      return std::vector<client::Command>{};
    });
    return true;
  }
  [[nodiscard]] const client::Client& machine() const { return host->machine(); }
  [[nodiscard]] std::size_t messages() const {
    return static_cast<std::size_t>(
        std::count_if(told.begin(), told.end(), [](const auto& event) { return event.type == client::EventType::Message; }));
  }
  [[nodiscard]] bool was_told(client::EventType type) const {
    return std::any_of(told.begin(), told.end(), [&](const auto& event) { return event.type == type; });
  }
};

void spread(const Report& report, const std::string& name, std::vector<double> waits) {
  std::sort(waits.begin(), waits.end());
  report(name + ".p50", waits[waits.size() / 2], "ms");
  report(name + ".p99", waits[waits.size() * 99 / 100], "ms");
}

}  // namespace

void delivery_figures(const Report& report) {
  const Server server(12);
  if (server.peers().size() < 12) {
    std::cerr << "session-bench: a network on loopback did not begin\n";
    return;
  }
  stay_on(static_cast<int>(std::thread::hardware_concurrency()) - 1);
  net::asio::io_context io;
  Person alice, bob;
  // False when it took too long; the figures end there.
  const auto until = [&](const std::function<bool()>& done) {
    const auto begun = Clock::now();
    while (!done()) {
      io.run_one_for(std::chrono::milliseconds(100));
      if (millis_since(begun) > 60'000) {
        std::cerr << "session-bench: a message did not arrive within a minute\n";
        return false;
      }
    }
    return true;
  };
  if (!alice.open(io, "Alice", server.seed_url()) || !bob.open(io, "Bob", server.seed_url())) return;
  const auto run = [](Person& person, const client::Command& command) {
    const auto outcome = person.host->command(command);
    return outcome && !outcome->refused ? outcome->delivery : 0;
  };
  for (Person* person : {&alice, &bob}) run(*person, client::GoOnline{});
  if (!until([&] { return alice.machine().outbox().empty() && bob.machine().outbox().empty(); })) return;
  run(alice, client::Ask{bob.machine().id(), "hello"});
  if (!until([&] { return bob.was_told(client::EventType::Request); })) return;
  run(bob, client::Accept{alice.machine().id()});
  if (!until([&] { return alice.was_told(client::EventType::Accepted); })) return;
  const std::string words(100, 'w');
  const auto send = [&] { return run(alice, client::Send{bob.machine().id(), words, {}}); };

  // Online: from the wish to the other's screen. What is offered to a listener more often than a token allows goes by the
  // swarm.
  std::vector<double> online;
  int handed = 0;
  for (int i = 0; i < kMessages; ++i) {
    const std::size_t before = bob.messages();
    const auto begun = Clock::now();
    const auto delivery = send();
    if (!until([&] { return bob.messages() > before; })) return;
    online.push_back(millis_since(begun));
    if (!until([&] { return !alice.machine().outbox().contains(delivery); })) return;
    const auto row = alice.store->outbox(delivery);
    if (row && *row && (*row)->way == static_cast<std::int32_t>(client::Way::Relay)) ++handed;
  }
  spread(report, "delivery.online", online);
  report("delivery.online.handed_over", 100.0 * handed / kMessages, "%");

  // Offline: from the wish to the signatures of the swarm; then all of it at once.
  run(bob, client::GoOffline{});
  if (!until([&] { return bob.machine().is_idle(); })) return;
  const std::size_t before = bob.messages();  // the node that waits for him a moment longer may hand him the first
  std::vector<double> kept;
  for (int i = 0; i < kMessages; ++i) {
    const auto begun = Clock::now();
    const auto delivery = send();
    if (!until([&] { return !alice.machine().outbox().contains(delivery); })) return;
    kept.push_back(millis_since(begun));
  }
  spread(report, "delivery.kept", kept);
  const auto begun = Clock::now();
  run(bob, client::Fetch{});
  if (!until([&] { return bob.messages() >= before + kMessages; })) {
    std::cerr << "session-bench: fetched " << bob.messages() - before << " of " << kMessages << ": "
              << bob.machine().fetches().last_error << '\n';
    return;
  }
  report("delivery.fetched", kMessages * 1000.0 / millis_since(begun), "messages/s");
}

}  // namespace session::bench

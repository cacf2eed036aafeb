// session-bench: the project's own figures, a line each: name value unit.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <thread>

#include "core/base/temp_folder.h"
#include "core/crypto/hash.h"
#include "core/onion/layer.h"
#include "core/pow/search.h"
#include "core/signal/ratchet.h"
#include "core/store/mail_tables.h"
#include "core/store/sql_tables.h"
#include "sim/crowd/chance.h"
#include "sim/event_queue.h"
#include "sim/world.h"
#include "tools/session-bench/client_store.h"
#include "tools/session-bench/crowd.h"
#include "tools/session-bench/delivery.h"
#include "tools/session-bench/growth.h"
#include "tools/session-bench/node.h"
#include "tools/session-bench/world.h"

namespace {

using namespace session;
using Clock = std::chrono::steady_clock;

std::vector<bench::Measurement> measured;

void figure(const std::string& name, double value, const char* unit) {
  measured.push_back({name, value, unit});
  std::printf("%-36s %14.6g %s\n", ("session." + name).c_str(), value, unit);
  std::fflush(stdout);
}

/// Calls `body` for about a second; how many things a second, when one call does `things`.
double rate(double things, const std::function<void()>& body) {
  const auto start = Clock::now();
  double done = 0, elapsed = 0;
  while (elapsed < 1.0) {
    body();
    done += things;
    elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  }
  return done / elapsed;
}

/// The hold model: pop the earliest, push it again a random time later, at a constant number of pending events. The times are
/// the peer's: exponentially distributed, a second on average, drawn before.
void queue() {
  sim::SmallDice dice(1);
  std::vector<std::int64_t> steps(1 << 16);
  for (std::int64_t& step : steps) step = sim::exponential(1'000'000, dice);
  for (const int exponent : {3, 4, 5, 6}) {
    std::size_t pending = 1;
    for (int i = 0; i < exponent; ++i) pending *= 10;
    sim::EventQueue<std::uint64_t> events;
    for (std::size_t i = 0; i < pending; ++i) events.push({steps[i * 7919 & 0xffff]}, i);
    std::size_t next = 0;
    const auto thousand = [&] {
      for (int i = 0; i < 1'000; ++i) {
        const auto entry = events.pop();
        events.push({entry->at.micros + steps[next++ & 0xffff]}, entry->event);
      }
    };
    for (std::size_t i = 0; i < pending / 500; ++i) thousand();  // settle
    figure("queue.1e" + std::to_string(exponent), rate(1'000, thousand), "events/s");
  }
}

void pow_figures() {
  pow::Puzzle puzzle;
  puzzle.target = 1;  // practically never met, so a search never ends early
  constexpr std::uint64_t kPart = 1'000'000;
  const auto speed_of = [&](const pow::Kernel& kernel) {
    std::uint64_t from = 0;
    return rate(kPart, [&] { static_cast<void>(pow::search(puzzle, from += kPart, kPart, {}, kernel)); });
  };
  figure("stamp.trials", speed_of(pow::kernels().front()), "trials/s");
  for (const pow::Kernel& kernel : pow::kernels())
    figure(std::string("stamp.trials.") + kernel.name, speed_of(kernel), "trials/s");
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  figure("stamp.trials.all_cores",
         rate(kPart * cores,
              [&] {
                std::vector<std::jthread> pool;
                for (unsigned i = 0; i < cores; ++i)
                  pool.emplace_back([&puzzle, i] { static_cast<void>(pow::search(puzzle, i * kPart, kPart)); });
              }),
         "trials/s");
}

void onion_figures() {
  SeededRng rng(1);
  std::vector<onion::Hop> hops;
  std::vector<crypto::X25519Pair> pairs;
  for (int i = 0; i < 4; ++i) {
    const auto keys = crypto::ed25519_pair(rng);
    pairs.push_back(crypto::x25519_of(keys));
    hops.push_back({crypto::node_of(keys.open), pairs.back().open});
  }
  const Bytes body(2000, std::byte{'b'});
  const auto wrap = [&](std::size_t layers) {
    return onion::wrap(std::span(hops).first(layers), body, onion::EncType::XChaCha20, rng).value();
  };
  figure("onion.wrap.2k", rate(1, [&] { static_cast<void>(wrap(3)); }), "requests/s");
  figure("onion.wrap4.2k", rate(1, [&] { static_cast<void>(wrap(4)); }), "requests/s");
  const auto outer = onion::parse_outer(wrap(3).body).value();
  figure("onion.peel.2k", rate(1, [&] { static_cast<void>(onion::peel(outer, pairs[0])); }), "layers/s");
}

void signal_figures() {
  SeededRng rng(1);
  const Instant now = Instant::from_unix_millis(1'700'000'000'000);
  signal::MemoryState alice, bob;
  alice.own = crypto::x25519_pair(rng);
  bob.own = crypto::x25519_pair(rng);
  const auto signed_key = signal::make_signed_prekey(bob.own, 1, now, rng).value();
  bob.signed_prekeys.emplace(1, signed_key.record);
  const auto one_time = signal::make_prekey(1, rng).value();
  bob.prekeys.emplace(1, one_time.record);
  const signal::Address to_bob{"bob", 1}, to_alice{"alice", 1};
  const signal::BundleKeys bundle{1, signal::signal_key(bob.own.open), 1, signed_key.open, signed_key.signature, one_time.open};
  static_cast<void>(signal::start(alice, to_bob, bundle, rng));
  const Bytes text(1024, std::byte{'t'});
  const auto pass = [&](signal::State& from, const signal::Address& to, signal::State& at, const signal::Address& sender) {
    static_cast<void>(signal::decrypt(at, sender, signal::encrypt(from, to, text, rng).value(), rng));
  };
  pass(alice, to_bob, bob, to_alice);
  pass(bob, to_alice, alice, to_bob);
  figure("ratchet.encrypt.1k", rate(1, [&] { static_cast<void>(signal::encrypt(alice, to_bob, text, rng)); }), "messages/s");
  figure("ratchet.turn.1k",
         rate(2,
              [&] {
                pass(bob, to_alice, alice, to_bob);
                pass(alice, to_bob, bob, to_alice);
              }),
         "messages/s");
}

store::MailRow mail(std::uint64_t n) {
  store::MailRow row;
  row.head.account.bytes[1] = static_cast<std::byte>(n % 200);
  row.head.hash.text = to_base64(crypto::blake2b_256({little(n)}), Padding::Without);
  row.head.expiry = Instant::from_unix_millis(static_cast<std::int64_t>(1'700'000'000'000 + n));
  row.data = Bytes(1024, std::byte{'m'});
  return row;
}

void sqlite_figures() {
  crypto::SystemRng rng;
  const TempFolder folder;
  {
    const auto key = store::key_file(folder / "key", rng);
    auto durable = store::SqlMailStore::open(folder / "mail.db", *key);
    std::uint64_t n = 0;
    figure("store.insert.durable.1", rate(1, [&] { static_cast<void>((*durable)->insert(mail(n++))); }), "rows/s");
    figure("store.insert.durable.100",
           rate(100,
                [&] {
                  static_cast<void>((*durable)->begin());
                  for (int i = 0; i < 100; ++i) static_cast<void>((*durable)->insert(mail(n++)));
                  static_cast<void>((*durable)->commit());
                }),
           "rows/s");
    store::MemoryMailStore memory;
    figure("store.insert.memory",
           rate(100,
                [&] {
                  for (int i = 0; i < 100; ++i) static_cast<void>(memory.insert(mail(n++)));
                }),
           "rows/s");
  }
}

/// One simulated path: Alice writes to Bob, message after message, until each is kept.
void sim_figures() {
  sim::WorldConfig config;
  config.people = {"Alice", "Bob"};
  config.network = *pow::preset("today");
  sim::World world(config);
  const auto alice = *world.person("Alice"), bob = *world.person("Bob");
  for (const auto who : {alice, bob}) static_cast<void>(world.command(who, client::GoOnline{}, nullptr));
  world.run_until(world.now() + seconds(20), nullptr);
  static_cast<void>(world.command(alice, client::Ask{world.client(bob).id(), "hello"}, nullptr));
  world.run_until(world.now() + seconds(20), nullptr);
  static_cast<void>(world.command(bob, client::Accept{world.client(alice).id()}, nullptr));
  world.run_until(world.now() + seconds(20), nullptr);
  const auto before = world.events();
  const auto start = Clock::now();
  constexpr int kMessages = 100;
  for (int i = 0; i < kMessages; ++i) {
    static_cast<void>(world.command(alice, client::Send{world.client(bob).id(), "message", {}}, nullptr));
    world.run_until(world.now() + seconds(2), nullptr);
  }
  const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  figure("sim.messages", kMessages / elapsed, "messages/s");
  figure("sim.events", static_cast<double>(world.events() - before) / elapsed, "events/s");
}

/// People who are online and wait, which is what people mostly do; and what it costs to keep their world for a rewind.
void world_figures() {
  for (const std::size_t people : {10u, 30u, 100u}) {
    sim::WorldConfig config;
    config.nodes = 42;
    for (std::size_t i = 0; i < people; ++i) config.people.push_back("person " + std::to_string(i));
    config.network = *pow::preset("today");
    sim::World world(config);
    for (const std::string& name : config.people)
      static_cast<void>(world.command(*world.person(name), client::GoOnline{}, nullptr));
    world.run_until(world.now() + seconds(30), nullptr);
    const auto before = world.events();
    const auto start = Clock::now();
    world.run_until(world.now() + minutes(2), nullptr);
    const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
    const std::string size = std::to_string(people);
    figure("sim.crowd." + size, static_cast<double>(world.events() - before) / elapsed, "events/s");
    figure("sim.copy." + size, rate(1, [&] { const sim::World copy = world; }), "copies/s");
  }
  sim::Network network(1, {});
  constexpr std::uint32_t kMachines = 300;
  for (std::uint32_t m = 0; m < kMachines; ++m) network.add("machine " + std::to_string(m), sim::Network::MachineKind::Node);
  SeededRng rng(1);
  const auto any = [&] { return sim::MachineIndex{static_cast<std::uint32_t>(rng.below(kMachines))}; };
  figure("sim.links.9e4",
         rate(100'000,
              [&] {
                for (int i = 0; i < 100'000; ++i) static_cast<void>(network.draw(any(), any()));
              }),
         "packets/s");
}

int write_growth(const std::string& file) {
  const std::string svg = bench::growth_plot(measured);
  if (svg.empty()) {
    std::cerr << "session-bench: --plot: nothing was measured at two sizes; crowd, modelled, queue, real are\n";
    return 1;
  }
  std::ofstream out(file);
  out << svg;
  out.close();
  if (out) return 0;
  std::cerr << "session-bench: --plot: cannot write " << file << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  crypto::initialise();
  const std::map<std::string, void (*)()> peers = {
      {"client", [] { bench::client_store_figures(figure); }},
      {"delivery", [] { bench::delivery_figures(figure); }},
      {"queue", queue},
      {"pow", pow_figures},
      {"onion", onion_figures},
      {"signal", signal_figures},
      {"sqlite", sqlite_figures},
      {"sim", sim_figures},
      {"world", world_figures},
      {"crypto", [] { bench::crypto_figures(figure); }},
      {"real", [] { bench::fidelity_figures(figure, sim::Fidelity::Real); }},
      {"modelled", [] { bench::fidelity_figures(figure, sim::Fidelity::Modelled); }},
      {"crowd", [] { bench::crowd_figures(figure); }},
      {"ns3", [] { bench::crowd_figures(figure); }},
      {"simgrid", [] { bench::crowd_figures(figure); }},
      {"tls", [] { bench::node_figures(figure); }}};
  std::vector<std::string> chosen(argv + 1, argv + argc);
  std::string plot;
  if (const auto option = std::find(chosen.begin(), chosen.end(), "--plot"); option != chosen.end()) {
    if (option + 1 == chosen.end()) {
      std::cerr << "session-bench: --plot: the name of the SVG file to write is missing\n";
      return 2;
    }
    plot = *(option + 1);
    chosen.erase(option, option + 2);
  }
  if (chosen.empty())
    for (const auto& [name, run] : peers)
      if (name != "ns3" && name != "simgrid") chosen.push_back(name);  // the crowd, by its peers' names
  for (const std::string& name : chosen) {
    const auto found = peers.find(name);
    if (found == peers.end()) {
      std::cerr
          << "session-bench: no figures for '" << name
          << "'; there are: client, crowd (as ns3 and simgrid), crypto, delivery, modelled, onion, pow, queue, real, signal, "
             "sim, sqlite, tls, world\n";
      return 2;
    }
    found->second();
  }
  return plot.empty() ? 0 : write_growth(plot);
}

#include "tools/session-bench/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>

#include "core/crypto/cipher.h"
#include "tools/session-bench/child.h"

namespace session::bench {
namespace {

/// Of the processor, not of the wall: a world runs on one thread, and these machines are shared.
struct Clock {
  using time_point = std::clock_t;
  static time_point now() { return std::clock(); }
};
double since(Clock::time_point start) { return static_cast<double>(Clock::now() - start) / CLOCKS_PER_SEC; }

struct Measured {
  double events = 0;                      ///< a second
  double pace = 0;                        ///< simulated seconds a second
  double set_up = 0;                      ///< seconds until all are online
  double idle = 0, active = 0, node = 0;  ///< bytes
  double copies = 0;                      ///< a second
};

sim::WorldConfig config_of(std::size_t people, sim::Fidelity fidelity) {
  sim::WorldConfig config;
  config.nodes = 42;
  config.fidelity = fidelity;
  config.network = *pow::preset("today");
  for (std::size_t i = 0; i < people; ++i) config.people.push_back(fmt::format("person {}", i));
  return config;
}

Measured measure(std::size_t people, sim::Fidelity fidelity) {
  Measured m;
  {  // what a process has once, such as the remembered conversions of keys, is no machine's
    sim::World first(config_of(1, fidelity));
    first.run_until(first.now() + seconds(30), nullptr);
  }
  const auto begun = Clock::now();
  double before = resident_bytes();
  const auto step = [&] { return std::exchange(before, resident_bytes()); };
  sim::World nobody(config_of(0, fidelity));
  nobody.run_until(nobody.now() + seconds(30), nullptr);
  m.node = (resident_bytes() - step()) / static_cast<double>(nobody.nodes());
  step();
  sim::World world(config_of(people, fidelity));
  m.idle = (resident_bytes() - before) / static_cast<double>(people) - m.node * 42 / static_cast<double>(people);
  // One after another within a minute, as people come.
  const auto everybody = world.people();
  for (std::size_t i = 0; i < everybody.size(); ++i) {
    world.run_until(world.config().begin + Millis{static_cast<std::int64_t>(i * 60'000 / people)}, nullptr);
    static_cast<void>(world.command(everybody[i], client::GoOnline{}, nullptr));
  }
  world.run_until(world.config().begin + seconds(90), nullptr);
  m.active = (resident_bytes() - before) / static_cast<double>(people) - m.node * 42 / static_cast<double>(people);
  m.set_up = since(begun);
  const std::uint64_t events = world.events();
  const Instant from = world.now();
  const auto start = Clock::now();
  do world.run_until(world.now() + seconds(20), nullptr);
  while (since(start) < 3);
  const double wall = since(start);
  m.events = static_cast<double>(world.events() - events) / wall;
  m.pace = static_cast<double>(world.now().micros - from.micros) / 1e6 / wall;
  const auto copying = Clock::now();
  int copies = 0;
  do {
    const sim::World copy = world;
    ++copies;
  } while (since(copying) < 1);
  m.copies = copies / since(copying);
  return m;
}

}  // namespace

void fidelity_figures(const Figure& figure, sim::Fidelity fidelity) {
  const std::string of = fidelity == sim::Fidelity::Real ? "sim.real." : "sim.modelled.";
  double before = 0;
  std::size_t people = 1;
  for (int exponent = 1; exponent <= 4; ++exponent) {
    people *= 10;
    const auto m = in_a_child([&] { return measure(people, fidelity); });
    if (!m) {
      std::fprintf(stderr, "session-bench: no figures for %zu people\n", people);
      return;
    }
    const std::string name = of + fmt::format("1e{}.", exponent);
    figure(name + "events", m->events, "events/s");
    figure(name + "pace", m->pace, "times real time");
    figure(name + "set_up", m->set_up, "s");
    figure(name + "idle", m->idle, "bytes/person");
    figure(name + "active", m->active, "bytes/person");
    figure(name + "node", m->node, "bytes/node");
    figure(name + "copy", m->copies, "copies/s");
    // How the cost of an event grows with people: 0 is flat, 1 is linear.
    if (exponent > 1) figure(name + "growth", std::log10(before / m->events), "exponent");
    before = m->events;
  }
}

void crypto_figures(const Figure& figure) {
  using namespace crypto;
  SeededRng rng(1);
  const auto signer = ed25519_pair(rng);
  const auto a = x25519_pair(rng), b = x25519_pair(rng);
  const Bytes text(2048, std::byte{'t'});
  const SymmetricKey key(rng.bytes<32>());
  const auto signature = sign(signer.secret, text);
  const Bytes sealed = xchacha_seal(key, rng.bytes<24>(), text), little = xchacha_seal(key, rng.bytes<24>(), {});
  const auto micros = [](const std::function<void()>& body) {
    const auto start = Clock::now();
    int done = 0;
    do {
      for (int i = 0; i < 100; ++i) body();
      done += 100;
    } while (since(start) < 0.5);
    return since(start) / done * 1e6;
  };
  figure("crypto.sign", micros([&] { static_cast<void>(sign(signer.secret, text)); }), "us");
  figure("crypto.verify", micros([&] { static_cast<void>(verify(signer.open, text, signature)); }), "us");
  figure("crypto.pair", micros([&] { static_cast<void>(x25519_pair(rng)); }), "us");
  figure("crypto.agree", micros([&] { static_cast<void>(agree(a.secret, b.open)); }), "us");
  figure("crypto.open.0", micros([&] { static_cast<void>(xchacha_open(key, little)); }), "us");
  figure("crypto.open.2k", micros([&] { static_cast<void>(xchacha_open(key, sealed)); }), "us");
}

}  // namespace session::bench

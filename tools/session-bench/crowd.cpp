#include "tools/session-bench/crowd.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>

#include "sim/crowd/crowd.h"
#include "tools/session-bench/child.h"

namespace session::bench {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Measured {
  double events = 0, pace = 0, bytes = 0, copies = 0, traced = 0;
};

class Counter final : public sim::CrowdReader {
 public:
  void on(std::span<const sim::CrowdFact> facts) override { count += facts.size(); }
  std::uint64_t count = 0;
};

/// The reference load: a quarter online, 40 messages a day each. A node for every hundred people, a thousand at most.
Measured measure(std::size_t people) {
  sim::CrowdConfig config;
  config.people = people;
  config.nodes = std::clamp<std::size_t>(people / 100, 50, 1'000);
  const double before = resident_bytes();
  sim::Crowd crowd(config);
  crowd.run_until(crowd.now() + minutes(2));
  Measured m;
  m.bytes = (resident_bytes() - before) / static_cast<double>(people);
  // As much simulated time as takes some seconds.
  const auto simulate = [&](sim::CrowdReader* reader) {
    const auto events = crowd.events();
    const auto start = Clock::now();
    Millis simulated{};
    do {
      crowd.run_until(crowd.now() + seconds(10), reader);
      simulated = simulated + seconds(10);
    } while (since(start) < 2 || simulated < seconds(60));
    const double wall = since(start);
    m.pace = static_cast<double>(simulated.count) / 1000 / wall;
    return static_cast<double>(crowd.events() - events) / wall;
  };
  Counter counter;
  m.traced = simulate(&counter);
  m.events = simulate(nullptr);
  const auto start = Clock::now();
  int copies = 0;
  do {
    const sim::Crowd copy = crowd;
    ++copies;
  } while (since(start) < 1);
  m.copies = copies / since(start);
  return m;
}

}  // namespace

void crowd_figures(const Figure& figure) {
  std::optional<Measured> smaller;
  for (int exponent = 3; exponent <= 6; ++exponent) {
    const auto people = static_cast<std::size_t>(std::llround(std::pow(10, exponent)));
    const auto m = in_a_child([&] { return measure(people); });
    if (!m) {
      std::fprintf(stderr, "session-bench: no figures for a crowd of %zu\n", people);
      continue;
    }
    const std::string name = "crowd.1e" + std::to_string(exponent);
    figure(name + ".events", m->events, "events/s");
    figure(name + ".events.traced", m->traced, "events/s");
    figure(name + ".bytes", m->bytes, "B/person");
    figure(name + ".pace", m->pace, "simulated-s/s");
    figure(name + ".copy", m->copies, "copies/s");
    // How the cost of an event grows with the number of people: 0 is flat, 1 linear.
    if (smaller) figure(name + ".growth", std::log10(smaller->events / m->events), "exponent");
    smaller = m;
  }
}

}  // namespace session::bench

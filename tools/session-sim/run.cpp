// session-sim run: plays a scenario and tells how it went.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <iostream>

#include "sim/narrator.h"
#include "sim/scenario_words.h"
#include "sim/shipped.h"
#include "tools/session-sim/commands.h"

namespace session::tool {
namespace {

/// Passes every fact to several readers.
class Readers final : public sim::TraceReader {
 public:
  void add(sim::TraceReader& reader) { readers_.push_back(&reader); }
  void on(const trace::Record& record) override {
    for (sim::TraceReader* reader : readers_) reader->on(record);
  }

 private:
  std::vector<sim::TraceReader*> readers_;
};

/// One fact a line: microseconds since the beginning, machine, fact.
class TraceFile final : public sim::TraceReader {
 public:
  TraceFile(const std::string& path, const sim::World& world) : out_(path), world_(world), begin_(world.now()) {}
  [[nodiscard]] bool is_good() const { return out_.good(); }
  void on(const trace::Record& record) override {
    out_ << record.at.micros - begin_.micros << ' ' << world_.names()[record.who.value] << ' ' << trace::to_text(record.fact)
         << '\n';
  }

 private:
  std::ofstream out_;
  const sim::World& world_;
  Instant begin_;
};

}  // namespace

int run(const RunOptions& options) {
  auto scenario = open_scenario(options.scenario);
  if (!scenario) return complain(scenario.error().message);
  if (!options.fidelity.empty()) scenario->world.fidelity = *sim::fidelity_of(options.fidelity);

  sim::ScenarioRun run(*scenario, options.seed);
  Readers readers;
  sim::Digest digest;
  readers.add(digest);
  sim::Narrator narrator(run.world(), [](const std::string& line) { std::cout << line << std::endl; });
  if (options.journey) readers.add(narrator);
  std::optional<TraceFile> file;
  if (!options.trace.empty()) {
    file.emplace(options.trace, run.world());
    if (!file->is_good()) return complain(fmt::format("{}: cannot be written", options.trace));
    readers.add(*file);
  }

  if (options.limits) std::cout << assets::k_simulator_limits << '\n';
  if (!options.json) {
    std::cout << scenario->name << "\n"
              << scenario->description << "\n"
              << fmt::format("{} service nodes in {} swarms, {} people, seed {}\n", run.world().nodes(),
                             run.world().registry()->swarm_ids().size(), scenario->world.people.size(), options.seed);
  }
  const auto clock = [] { return std::chrono::steady_clock::now(); };
  const auto started = clock();
  constexpr int kParts = 10;
  for (int part = 1; part <= kParts; ++part) {
    run.advance(run.begin() + Millis{(run.end() - run.begin()).count * part / kParts}, &readers);
    run.world().check_invariants();
    if (!options.journey && !options.json) std::cerr << fmt::format("\r{:3} %", part * 100 / kParts) << std::flush;
  }
  if (!options.journey && !options.json) std::cerr << "\r     \r";
  if (file && !file->is_good()) return complain(fmt::format("{}: cannot be written", options.trace));

  const double wall = std::chrono::duration<double>(clock() - started).count();
  const auto simulated = static_cast<double>((run.end() - run.begin()).count) / 1000;
  const auto problems = run.problems();
  if (options.json) {
    nlohmann::ordered_json line = {
        {"scenario", scenario->name},     {"seed", options.seed},    {"simulated_s", simulated}, {"wall_s", wall},
        {"events", run.world().events()}, {"facts", digest.facts()}, {"problems", problems},     {"digest", digest.hex()}};
    std::cout << line.dump() << '\n';
    return problems.empty() ? 0 : 1;
  }
  if (options.journey) std::cout << '\n';
  for (const auto& [who, event] : run.events())
    std::cout << fmt::format("{:<8} {:<9} {}\n", who, client::name_of(event.type), event.text);
  std::cout << fmt::format("{} s simulated in {:.2f} s ({:.0f} times real time), {} events, {} facts\n", simulated, wall,
                           simulated / wall, run.world().events(), digest.facts());
  for (const std::string& problem : problems) std::cerr << "not as the scenario says: " << problem << '\n';
  if (problems.empty()) std::cout << "all as the scenario says\n";
  std::cout << "digest " << digest.hex() << '\n';
  return problems.empty() ? 0 : 1;
}

}  // namespace session::tool

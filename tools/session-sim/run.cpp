// session-sim run: plays a scenario and tells how it went.
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <utility>

#include "core/client/change.h"
#include "sim/metrics.h"
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

/// What people were told, the newest last; of very much only the end.
void print_events(sim::ScenarioRun& run) {
  constexpr std::size_t kMostEvents = 40, kMostBytes = 100;
  const auto events = run.events();
  const std::size_t first = events.size() > kMostEvents ? events.size() - kMostEvents : 0;
  if (first > 0) std::cout << fmt::format("… {} events before these\n", first);
  for (std::size_t i = first; i < events.size(); ++i) {
    const auto& [who, event] = events[i];
    const std::string_view text = client::cut(event.text, kMostBytes);
    std::cout << fmt::format("{:<8} {:<9} {}{}\n", who, client::name_of(event.type), text,
                             text.size() < event.text.size() ? " …" : "");
  }
  if (!events.empty()) std::cout << '\n';
}

}  // namespace

int run(const RunOptions& options) {
  auto scenario = open_scenario(options.scenario);
  if (!scenario) return complain(scenario.error().message);
  if (!options.fidelity.empty()) scenario->world.fidelity = *sim::fidelity_of(options.fidelity);
  if (const auto made = prepare(options.folders); !made) return complain(made.error().message);

  sim::ScenarioRun run(*scenario, options.seed);
  Readers readers;
  sim::Digest digest;
  readers.add(digest);
  sim::Metrics metrics(run.world(), run.end());
  readers.add(metrics);
  sim::Narrator narrator(run.world(), [](const std::string& line) { std::cout << line << std::endl; });
  if (options.journey) readers.add(narrator);
  std::optional<TraceFile> file;
  if (!options.trace.empty()) {
    file.emplace(options.trace, run.world());
    if (!file->is_good()) return complain(fmt::format("{}: cannot be written", options.trace));
    readers.add(*file);
  }

  if (options.limits) std::cout << assets::k_simulator_limits << '\n';
  if (!options.json) std::cout << scenario->description << "\n\n";
  const auto clock = [] { return std::chrono::steady_clock::now(); };
  const auto started = clock();
  const Millis span = run.end() - run.begin();
  std::int64_t tenths = 0;
  while (!run.is_over()) {
    run.advance(metrics.next_sample(), &readers);
    metrics.sample();
    const std::int64_t done = (run.world().now() - run.begin()).count * 10 / std::max<std::int64_t>(1, span.count);
    if (done == std::exchange(tenths, done)) continue;
    run.world().check_invariants();
    if (!options.journey && !options.json) std::cerr << fmt::format("\r{:3} %", done * 10) << std::flush;
  }
  if (!options.journey && !options.json) std::cerr << "\r     \r";
  if (file && !file->is_good()) return complain(fmt::format("{}: cannot be written", options.trace));

  sim::RunReport report{.name = scenario->name, .description = scenario->description, .seed = options.seed, .commit = commit()};
  report.swarms = run.world().registry()->swarm_ids().size();
  report.simulated = span;
  report.wall_micros = std::chrono::duration_cast<std::chrono::microseconds>(clock() - started).count();
  report.events = run.world().events();
  report.facts = digest.facts();
  report.problems = run.problems();
  report.digest = digest.hex();
  report.model = sim::model_of(run.world().config());
  report.measures = metrics.measures();
  for (const std::uint64_t percent : sim::kSybilShares)
    report.sybil.push_back(sim::sybil_price(*run.world().registry(), percent));
  const auto written = write(options.folders, report);
  if (options.json) {
    std::cout << sim::report_json(report) << '\n';
  } else {
    if (options.journey) std::cout << '\n';
    print_events(run);
    std::cout << sim::summary_text(report) << '\n';
    for (const std::string& problem : report.problems) std::cerr << "not as the scenario says: " << problem << '\n';
    if (report.problems.empty()) std::cout << "all as the scenario says\n";
    std::cout << "digest " << report.digest << '\n';
  }
  if (!written) return complain(written.error().message);
  return report.problems.empty() ? 0 : 1;
}

}  // namespace session::tool

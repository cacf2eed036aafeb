// session-sim explore: one drawn world after another, on all cores, until the time or the seeds are over.
#include "sim/explore.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/base/mutant.h"
#include "sim/month.h"
#include "sim/scenario_words.h"
#include "tools/session-sim/commands.h"

namespace session::tool {
namespace {

using Clock = std::chrono::steady_clock;

/// Every so many-th seed is run again, from a copy too.
constexpr std::uint64_t kRepeatEvery = 20;
/// Every so many-th is run once more with a canary in it, to see that the alarm rings.
constexpr std::uint64_t kCanaryEvery = 100;
/// After so many an oracle that had no case has failed.
constexpr std::uint64_t kSeedsOfANight = 2'000;
constexpr std::size_t kShrinkRuns = 60;
/// A world-year is a year of this many people, who write 200 messages a day, and of 60 nodes.
constexpr double kPeopleOfAWorldYear = 40;
constexpr double kMillisOfAYear = 365.25 * 86'400'000;

/// Why there is no such defect here; nothing when there is, or none is wanted.
std::optional<std::string> wrong_with_mutant(const std::string& name) {
  if (name.empty()) return std::nullopt;
  if (!mutant::kAreBuilt) return "explore: --mutant: this build has no mutants; build with -DSESSION_MUTANTS=ON (preset dev)";
  if (mutant::find(name)) return std::nullopt;
  std::string all = fmt::format("explore: --mutant: there is no mutant '{}'; there are:", name);
  for (const mutant::Named& each : mutant::kAll) all += fmt::format("\n  {:<11} {}", each.name, each.what);
  return all;
}

/// What all threads share.
class Search {
 public:
  explicit Search(const ExploreOptions& options) : options_(options), next_(options.first_seed) {}

  void work() {
    const mutant::Scope scope(options_.mutant.empty() ? Mutant::None : *mutant::find(options_.mutant));
    for (;;) {
      if (options_.seconds > 0 && elapsed() >= static_cast<double>(options_.seconds)) return;
      const std::uint64_t seed = next_.fetch_add(1);
      if (options_.count > 0 && seed - options_.first_seed >= options_.count) return;
      one(seed);
    }
  }

  int verdict() {
    std::cerr << '\n';
    const std::vector<std::string> idle = sim::idle_among(cases_);
    nlohmann::ordered_json seen, sites;
    if (site::kAreBuilt)
      for (std::size_t i = 0; i < site::kAll.size(); ++i) sites[std::string(site::kAll[i].name)] = sites_[i];
    std::vector<std::string_view> unseen;
    bool lacks_marks = false;
    for (std::size_t i = 0; i < sim::kMarks; ++i) {
      const sim::NamedMark& mark = sim::marks()[i];
      seen[std::string(mark.name)] = marks_[i];
      if (marks_[i] > 0) continue;
      unseen.push_back(mark.name);
      lacks_marks |= mark.is_of_any_night;
    }
    nlohmann::ordered_json line = {{"seeds", seeds_},
                                   {"first_seed", options_.first_seed},
                                   {"fidelity", options_.fidelity},
                                   {"world_years", world_years()},
                                   {"world_years_an_hour", world_years() * 3600 / std::max(elapsed(), 1e-3)},
                                   {"events", events_},
                                   {"wall_s", elapsed()},
                                   {"violations", violations_},
                                   {"commit", commit()},
                                   {"cases", cases_},
                                   {"idle", idle},
                                   {"sites", sites},
                                   {"marks", seen},
                                   {"unseen", unseen},
                                   {"canaries", canaries_},
                                   {"canaries_missed", missed_}};
    std::cout << line.dump() << '\n';
    if (seeds_ == 0) return complain("not one seed was explored; give it more time");
    if (missed_ > 0)
      return complain(fmt::format("{} of {} canaries died unnoticed: the oracles see nothing", missed_, canaries_));
    if (!idle.empty()) complain(fmt::format("oracles without a case: {}", fmt::join(idle, " ")));
    if (!unseen.empty()) complain(fmt::format("rare facts that did not happen: {}", fmt::join(unseen, " ")));
    const bool must_look = seeds_ >= kSeedsOfANight && options_.fidelity == sim::word_of(sim::Fidelity::Real);
    return violations_ == 0 && ((idle.empty() && !lacks_marks) || !must_look) ? 0 : 1;
  }

 private:
  [[nodiscard]] double world_years() const { return static_cast<double>(lived_) / kPeopleOfAWorldYear / kMillisOfAYear; }
  [[nodiscard]] double elapsed() const { return std::chrono::duration<double>(Clock::now() - begun_).count(); }

  void one(std::uint64_t seed) {
    sim::Scenario scenario = options_.towns    ? sim::draw_town(seed)
                             : options_.months ? sim::draw_month(seed)
                                               : sim::draw_world(seed);
    scenario.world.fidelity = *sim::fidelity_of(options_.fidelity);
    sim::Exploration found = sim::explore(scenario, seed);
    if (found.violations.empty() && seed % kRepeatEvery == 0)
      if (auto wrong = sim::wrong_with_repetition(scenario, seed)) found.violations.push_back(*wrong);
    // Where nobody was shown anything there is nothing to take away, and beyond what can be survived people may lose messages.
    bool has_canary = false;
    const bool is_missed = options_.mutant.empty() && found.violations.empty() && seed % kCanaryEvery == 0 &&
                           sim::is_survivable(scenario) &&
                           sim::explore(scenario, seed, sim::canary(has_canary)).violations.empty() && has_canary;
    std::vector<nlohmann::ordered_json> lines;
    for (const sim::Violation& violation : found.violations) lines.push_back(describe(scenario, seed, violation, found.digest));
    const std::lock_guard lock(mutex_);
    ++seeds_;
    canaries_ += has_canary ? 1 : 0;
    missed_ += is_missed ? 1 : 0;
    lived_ += found.simulated.count * static_cast<std::int64_t>(scenario.world.people.size());
    events_ += found.events;
    for (const auto& [oracle, count] : found.cases) cases_[oracle] += count;
    for (std::size_t i = 0; i < sim::kMarks; ++i) marks_[i] += found.marks[i] > 0 ? 1 : 0;
    for (std::size_t i = 0; i < sites_.size(); ++i) sites_[i] += found.sites >> i & 1;
    violations_ += lines.size();
    std::cerr << fmt::format("\r{} seeds, {} violations, {:.0f} s, {:.3f} world-years an hour ", seeds_, violations_, elapsed(),
                             world_years() * 3600 / std::max(elapsed(), 1e-3))
              << std::flush;
    for (const nlohmann::ordered_json& line : lines) tell(line);
  }

  /// Shrinks and keeps it where that is wanted, which takes a while: the others explore on meanwhile.
  [[nodiscard]] nlohmann::ordered_json describe(const sim::Scenario& scenario, std::uint64_t seed,
                                                const sim::Violation& violation, const std::string& digest) const {
    const auto at = (violation.at - scenario.world.begin).count;
    nlohmann::ordered_json line = {{"violation", violation.oracle},
                                   {"scenario", scenario.name},
                                   {"seed", seed},
                                   {"commit", commit()},
                                   {"at_s", static_cast<double>(at) / 1000},
                                   {"what", violation.what},
                                   {"digest", digest},
                                   {"again", fmt::format("session-sim explore --seed {} --count 1{}{}{}", seed,
                                                         options_.towns    ? " --towns"
                                                         : options_.months ? " --months"
                                                                           : "",
                                                         options_.fidelity == "real" ? "" : " --fidelity " + options_.fidelity,
                                                         options_.mutant.empty() ? "" : " --mutant " + options_.mutant)}};
    if (!options_.keep.empty()) {
      const sim::Scenario small = sim::shrink(scenario, seed, violation.oracle, kShrinkRuns);
      const auto file = std::filesystem::path(options_.keep) / fmt::format("{}-{}.json", violation.oracle, seed);
      std::ofstream out(file);
      out << sim::write_scenario(small);
      line["file"] = file.string();
      line["steps"] = {scenario.steps.size(), small.steps.size()};
      if (!out.flush()) complain(fmt::format("{}: cannot be written", file.string()));
      line["again"] = fmt::format("session-sim judge --seed {} {}", seed, file.string());
    }
    return line;
  }

  void tell(const nlohmann::ordered_json& line) const {
    if (options_.json) {
      std::cout << line.dump() << '\n';
      return;
    }
    std::cout << fmt::format("\n{} is violated by seed {} at commit {} after {:.0f} s: {}\n  again: {}\n",
                             line["violation"].get<std::string>(), line["seed"].get<std::uint64_t>(),
                             line["commit"].get<std::string>(), line["at_s"].get<double>(), line["what"].get<std::string>(),
                             line["again"].get<std::string>());
  }

  const ExploreOptions& options_;
  const Clock::time_point begun_ = Clock::now();
  std::atomic<std::uint64_t> next_;
  std::mutex mutex_;
  std::uint64_t seeds_ = 0, violations_ = 0, events_ = 0, canaries_ = 0, missed_ = 0;
  std::int64_t lived_ = 0;  ///< milliseconds, of all people together
  std::map<std::string, std::uint64_t> cases_;
  sim::MarkCounts marks_{};                               ///< in how many worlds each happened
  std::array<std::uint64_t, site::kAll.size()> sites_{};  ///< in how many worlds each fired
};

}  // namespace

int explore(const ExploreOptions& options) {
  if (options.seconds == 0 && options.count == 0) return complain("explore: give --time or --count");
  if (const auto wrong = wrong_with_mutant(options.mutant)) return complain(*wrong);
  if (!options.keep.empty() && !std::filesystem::is_directory(options.keep))
    return complain(fmt::format("explore: --keep: {} is no folder", options.keep));
  Search search(options);
  {
    std::vector<std::jthread> pool;
    for (unsigned i = 0; i < std::max(1u, options.threads); ++i) pool.emplace_back([&search] { search.work(); });
  }
  return search.verdict();
}

int judge(const std::string& file, std::uint64_t seed, bool json) {
  const auto scenario = open_scenario(file);
  if (!scenario) return complain(scenario.error().message);
  const sim::Exploration found = sim::explore(*scenario, seed);
  if (json) {
    nlohmann::ordered_json line = {{"scenario", scenario->name}, {"seed", seed},         {"commit", commit()},
                                   {"digest", found.digest},     {"cases", found.cases}, {"judged", found.is_judged}};
    line["violations"] = nlohmann::json::array();
    for (const sim::Violation& v : found.violations) line["violations"].push_back({{"oracle", v.oracle}, {"what", v.what}});
    std::cout << line.dump() << '\n';
  } else {
    for (const auto& [oracle, count] : found.cases) std::cout << fmt::format("{:<4} {:>9} cases\n", oracle, count);
    for (const sim::Violation& v : found.violations)
      std::cout << fmt::format("{} is violated in '{}' by seed {} at commit {} after {} s: {}\n", v.oracle, scenario->name,
                               seed, commit(), (v.at - scenario->world.begin).count / 1000, v.what);
    if (!found.is_judged && found.violations.empty())
      std::cout << fmt::format("no verdict on what must hold in the end: that takes {} minutes of calm\n",
                               sim::kCalmTime.count / 60'000);
    std::cout << "digest " << found.digest << '\n';
  }
  return found.violations.empty() ? 0 : 1;
}

}  // namespace session::tool

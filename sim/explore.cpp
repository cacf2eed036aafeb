#include "sim/explore.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/client/delivery.h"
#include "sim/storm.h"

namespace session::sim {
namespace {

using Kind = ScenarioStep::Kind;

constexpr Millis kMet = seconds(100);  ///< by then everybody knows everybody, in the calm before the storm
/// Between two looks of the judges: in a month, when there is little to see most of the time, fewer.
Millis between_checks(const Scenario& scenario) { return scenario.end > days(2) ? minutes(5) : seconds(30); }
constexpr std::uint64_t kBeyond = 6;     ///< one world in so many has a coalition that it need not survive
constexpr std::uint64_t kOneSiteIn = 4;  ///< of the product's fault sites is live in a world
constexpr std::array kNames = {"Alice", "Bob", "Carol", "Dave", "Erin"};

ScenarioStep act(Millis at, Kind kind, const std::string& who, const std::string& to = "", std::string text = "") {
  ScenarioStep step;
  step.at = at;
  step.kind = kind;
  step.who = who;
  step.to = to;
  step.text = std::move(text);
  return step;
}

void meet(Scenario& scenario) {
  const auto& people = scenario.world.people;
  for (std::size_t i = 0; i < people.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      scenario.steps.push_back(act(seconds(20), Kind::Ask, people[i], people[j], fmt::format("hello, it is {}", people[i])));
      scenario.steps.push_back(act(seconds(60), Kind::Accept, people[j], people[i]));
    }
}

void write_messages(Scenario& scenario, Millis until, Rng& dice) {
  const auto& people = scenario.world.people;
  const std::uint64_t messages = 4 + dice.below(24);
  for (std::uint64_t i = 0; i < messages; ++i) {
    const std::size_t from = dice.below(people.size());
    const std::size_t to = (from + 1 + dice.below(people.size() - 1)) % people.size();
    std::string words = fmt::format("message {} of {}", i, people[from]);
    if (dice.one_in(8)) words += std::string(dice.below(4'000), '.');
    scenario.steps.push_back(
        act(Millis{dice.between(kMet.count, until.count)}, Kind::Send, people[from], people[to], std::move(words)));
  }
}

/// Two groups of nodes, for cuts and bad links between regions.
void regions(Scenario& scenario, Rng& dice) {
  GroupConfig west{"west", {}, {}}, east{"east", {}, {}};
  for (std::size_t i = 0; i < scenario.world.nodes; ++i) (dice.one_in(2) ? west : east).nodes.push_back(i);
  for (const std::string& name : scenario.world.people) (dice.one_in(2) ? west : east).people.push_back(name);
  scenario.world.groups = {west, east};
}

void sort(std::vector<ScenarioStep>& steps) {
  std::stable_sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
}

class Judged {
 public:
  Judged(const Scenario& scenario, std::uint64_t seed)
      : run_(scenario, seed),
        between_checks_(between_checks(scenario)),
        oracles_(run_.world(), is_survivable(scenario) ? Family::Survivable : Family::Beyond) {}

  Exploration go(const Saboteur& sabotage) {
    Exploration out;
    Both inner(digest_, marks_), readers(inner, oracles_);
    while (!run_.is_over() && oracles_.violations().empty()) {
      run_.advance(run_.world().now() + between_checks_, &readers);
      if (sabotage) sabotage(run_.world());
      run_.world().check_invariants();
      oracles_.check();
    }
    // A verdict after too short a calm would punish the innocent.
    out.is_judged = run_.is_over() && run_.calm_since() && run_.end() - *run_.calm_since() >= kCalmTime;
    if (out.is_judged) oracles_.judge(run_.end() - *run_.calm_since());
    out.violations = oracles_.violations();
    out.cases = oracles_.cases();
    out.marks = marks_.seen();
    out.sites = run_.world().sites_fired();
    out.digest = digest_.hex();
    out.events = run_.world().events();
    out.simulated = run_.world().now() - run_.begin();
    return out;
  }

 private:
  class Both final : public TraceReader {
   public:
    Both(TraceReader& a, TraceReader& b) : a_(a), b_(b) {}
    void on(const trace::Record& record) override { a_.on(record), b_.on(record); }
    void on_link(const PacketOnLink& packet) override { a_.on_link(packet), b_.on_link(packet); }

   private:
    TraceReader &a_, &b_;
  };

  ScenarioRun run_;
  Millis between_checks_;
  Oracles oracles_;
  Digest digest_;
  Marks marks_;
};

bool still_fails(const Scenario& scenario, std::uint64_t seed, const std::string& oracle, const Saboteur& sabotage) {
  const auto violations = explore(scenario, seed, sabotage).violations;
  return std::any_of(violations.begin(), violations.end(), [&](const Violation& v) { return v.oracle == oracle; });
}

bool concerns(const ScenarioStep& step, const std::string& name) {
  return step.who == name || step.to == name || step.swarm_of == name || step.from_side == name || step.to_side == name;
}

/// Nobody acts on a device that is not restored any more, of those that are in `whole`.
void drop_orphans(Scenario& scenario, const Scenario& whole) {
  std::set<std::string> devices;
  for (const ScenarioStep& step : whole.steps)
    if (step.kind == Kind::Restore) devices.insert(step.who);
  std::set<std::string> there(scenario.world.people.begin(), scenario.world.people.end());
  const auto is_gone = [&](const std::string& side) { return devices.contains(side) && !there.contains(side); };
  std::erase_if(scenario.steps, [&](const ScenarioStep& step) {
    if (is_gone(step.from_side) || is_gone(step.to_side)) return true;
    if (step.kind != Kind::Restore)
      return std::ranges::any_of(std::array{&step.who, &step.to, &step.swarm_of},
                                 [&](const std::string* name) { return !name->empty() && !there.contains(*name); });
    if (!there.contains(step.to)) return true;
    if (!step.wrong_phrase) there.insert(step.who);
    return false;
  });
}

Scenario without_person(const Scenario& whole, const std::string& name) {
  Scenario scenario = whole;
  std::erase(scenario.world.people, name);
  if (scenario.habits && std::erase(scenario.habits->people, name) > 0) {
    scenario.habits->generated = 0;  // the others are named from now on
    if (scenario.habits->people.size() < 2) scenario.habits.reset();
  }
  for (GroupConfig& group : scenario.world.groups) std::erase(group.people, name);
  std::erase_if(scenario.steps, [&](const ScenarioStep& step) { return concerns(step, name); });
  drop_orphans(scenario, whole);
  return scenario;
}

/// Faults, adversaries and comings and goings, each from dice of their own, so that the weather of a seed stays as it is.
void add_trouble(Scenario& scenario, Millis from, Millis until, std::uint64_t seed) {
  const auto add = [&](std::vector<ScenarioStep> steps) { std::ranges::move(steps, std::back_inserter(scenario.steps)); };
  SeededRng weather(seed, "explored storm");
  add(draw_storm(scenario, from, until, weather));
  if (site::kAreBuilt) {
    SeededRng rarities(seed, "explored sites");
    for (std::size_t i = 0; i < site::kAll.size(); ++i)
      if (rarities.one_in(kOneSiteIn)) scenario.world.sites |= 1u << i;
  }
  SeededRng malice(seed, "explored adversaries");
  const bool is_beyond = malice.one_in(kBeyond);
  add(draw_adversaries(scenario, from, until, !is_beyond, malice));
  if (SeededRng coming(seed, "explored churn"); coming.one_in(3)) {
    scenario.world.network.block_time = seconds(coming.between(20, 60));
    add(draw_churn(scenario, from, until, coming));
  }
}

}  // namespace

Scenario draw_world(std::uint64_t seed) {
  SeededRng dice(seed, "explored world");
  Scenario scenario;
  scenario.name = fmt::format("Seed {}", seed);
  scenario.description = "Drawn: people meet, write to one another in a storm, and find everything in the calm after it.";
  scenario.world.nodes = 8 + dice.below(14);
  const std::size_t people = 2 + dice.below(4);
  scenario.world.people.assign(kNames.begin(), kNames.begin() + static_cast<std::ptrdiff_t>(people));
  // Stamps cost real time: most worlds are those of today, which ask for none.
  scenario.world.network = *pow::preset(dice.one_in(8) ? "readme" : "today");
  regions(scenario, dice);
  const Millis until = kMet + Millis{dice.between(60'000, 600'000)};
  meet(scenario);
  write_messages(scenario, until, dice);
  add_trouble(scenario, kMet, until, seed);
  if (SeededRng seeds(seed, "explored seeds"); seeds.one_in(3)) {
    scenario.world.seeds = 2 + seeds.below(2);
    for (ScenarioStep& step : draw_seeds(scenario, kMet, until, seeds)) scenario.steps.push_back(std::move(step));
  }
  SeededRng follies(seed, "explored people");
  for (ScenarioStep& step : draw_people(scenario, kMet, until, follies)) scenario.steps.push_back(std::move(step));
  sort(scenario.steps);
  scenario.steps.push_back(act(until, Kind::Calm, ""));
  for (const std::string& name : scenario.world.people) scenario.steps.push_back(act(until, Kind::Online, name));
  scenario.end = until + kCalmTime;
  return scenario;
}

Scenario draw_town(std::uint64_t seed) {
  SeededRng dice(seed, "explored town");
  Scenario scenario;
  scenario.name = fmt::format("Town {}", seed);
  scenario.description = "Drawn: forty people live through hours of a storm, and find everything in the calm after it.";
  scenario.world.nodes = 60;
  scenario.world.network = *pow::preset(dice.one_in(4) ? "readme" : "today");
  HabitsConfig habits;
  habits.generated = 40;
  for (std::size_t i = 0; i < habits.generated; ++i) habits.people.push_back(person_name(i));
  habits.messages_a_day = 200;
  habits.clock = hours(dice.between(0, 23));
  const Millis until = hours(2) + Millis{dice.between(0, hours(6).count)};
  habits.until = until;
  scenario.world.people = habits.people;
  scenario.habits = habits;
  regions(scenario, dice);
  add_trouble(scenario, minutes(20), until, seed);
  sort(scenario.steps);
  scenario.steps.push_back(act(until, Kind::Calm, ""));
  for (const std::string& name : scenario.world.people) scenario.steps.push_back(act(until, Kind::Online, name));
  scenario.end = until + kCalmTime;
  return scenario;
}

Saboteur canary(bool& died) {
  died = false;
  return [&died](World& world) {
    for (const MachineIndex reader : world.people())
      for (const MachineIndex author : world.people()) {
        const auto rows = world.account(reader).messages(world.client(author).id());
        if (died || author == reader || !rows) continue;
        for (const store::MessageRow& row : *rows)
          if (!died && !row.outgoing && row.kind == static_cast<std::int32_t>(client::Kind::Message))
            died = world.account(reader).remove_message(row.id).value_or(false);
      }
  };
}

Exploration explore(const Scenario& scenario, std::uint64_t seed, const Saboteur& sabotage) {
  return Judged(scenario, seed).go(sabotage);
}

std::optional<Violation> wrong_with_repetition(const Scenario& scenario, std::uint64_t seed) {
  Digest one, two;
  ScenarioRun run(scenario, seed);
  const Millis half{(run.end() - run.begin()).count / 2};
  run.advance(run.begin() + half, &one);
  two = one;
  ScenarioRun copy = run;
  run.advance(run.end(), &one);
  copy.advance(copy.end(), &two);
  if (one.hex() != two.hex()) return Violation{"T2", run.world().now(), "a copy made in the middle ends otherwise"};
  Digest again;
  ScenarioRun second(scenario, seed);
  second.advance(second.end(), &again);
  if (one.hex() != again.hex()) return Violation{"T1", run.world().now(), "the same seed gives another run"};
  return std::nullopt;
}

Scenario shrink(Scenario scenario, std::uint64_t seed, const std::string& oracle, std::size_t most_runs,
                const Saboteur& sabotage) {
  std::size_t runs = 0;
  const auto take = [&](Scenario smaller) {
    if (runs >= most_runs) return false;
    ++runs;
    if (!still_fails(smaller, seed, oracle, sabotage)) return false;
    scenario = std::move(smaller);
    return true;
  };
  for (const std::string& name : std::vector<std::string>(scenario.world.people))
    if (scenario.world.people.size() > 2) take(without_person(scenario, name));
  for (std::size_t i = 0; i < site::kAll.size(); ++i) {
    Scenario smaller = scenario;
    smaller.world.sites &= ~(1u << i);
    if (smaller.world.sites != scenario.world.sites) take(std::move(smaller));
  }
  // Halves, quarters … of the steps, then one by one. The calm stays: without it nothing is judged.
  for (std::size_t part = scenario.steps.size() / 2; part > 0; part /= 2)
    for (std::size_t from = 0; from < scenario.steps.size() && runs < most_runs;) {
      Scenario smaller = scenario;
      const auto first = smaller.steps.begin() + static_cast<std::ptrdiff_t>(from);
      const auto last = smaller.steps.begin() + static_cast<std::ptrdiff_t>(std::min(from + part, smaller.steps.size()));
      smaller.steps.erase(
          std::remove_if(first, last, [](const ScenarioStep& s) { return s.kind != Kind::Calm && s.kind != Kind::Online; }),
          last);
      drop_orphans(smaller, scenario);
      if (smaller.steps.size() == scenario.steps.size() || !take(std::move(smaller))) from += part;
    }
  return scenario;
}

}  // namespace session::sim

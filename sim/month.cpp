#include "sim/month.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/explore.h"
#include "sim/storm.h"

namespace session::sim {
namespace {

using Kind = ScenarioStep::Kind;

constexpr std::array kNames = {"Alice", "Bob", "Carol", "Dave"};
constexpr Millis kBegun = minutes(10);  ///< by then everybody knows everybody, has written, and goes

/// Between `least` and `most`, short ones as often as long ones: the scale is cut into doublings, of which one is drawn.
Millis some_span(Millis least, Millis most, Rng& dice) {
  std::uint64_t doublings = 0;
  for (Millis upper = least; upper < most; upper = Millis{upper.count * 2}) ++doublings;
  const std::int64_t from = least.count << dice.below(std::max<std::uint64_t>(1, doublings));
  return Millis{dice.between(from, std::min(most.count, from * 2))};
}

/// Steps of one month, by the part of it that they belong to; each part has dice of its own.
class Month {
 public:
  Month(std::uint64_t seed, const MonthShape& shape) : seed_(seed), shape_(shape) {
    SeededRng dice(seed, "month");
    scenario_.name = fmt::format("Month {}", seed);
    scenario_.description =
        "Drawn: people who come for minutes, one who is away for a month, and a network that fails for days.";
    scenario_.world.nodes = 8 + dice.below(7);
    scenario_.world.people.assign(kNames.begin(), kNames.begin() + 3 + static_cast<std::ptrdiff_t>(dice.below(2)));
    scenario_.world.network = *pow::preset("today");
    scenario_.world.network.block_time = minutes(30);
    away_ = dice.pick(scenario_.world.people);
    away_for_ = Millis{dice.between(shape.away_least.count, shape.away_most.count)};
    const Millis whole{dice.between(shape.least.count, shape.most.count)};
    until_ = std::max(whole, kBegun + away_for_ + hours(3));
    gone_ = kBegun + hours(1) + Millis{dice.between(0, (until_ - kBegun - away_for_ - hours(3)).count)};
    regions(dice);
  }

  Scenario draw() {
    meet();
    visits();
    storms();
    outages();
    partitions();
    slow_changes();
    if (SeededRng coming(seed_, "month churn"); coming.one_in(3)) add(draw_churn(scenario_, kBegun, until_, coming));
    finish();
    return std::move(scenario_);
  }

 private:
  ScenarioStep& step(Millis at, Kind kind, const std::string& who = "", const std::string& to = "", std::string text = "") {
    ScenarioStep& made = scenario_.steps.emplace_back();
    made.at = at;
    made.kind = kind;
    made.who = who;
    made.to = to;
    made.text = std::move(text);
    return made;
  }
  void add(std::vector<ScenarioStep> steps) { std::ranges::move(steps, std::back_inserter(scenario_.steps)); }
  [[nodiscard]] Millis some_time(Rng& dice) const { return Millis{dice.between(kBegun.count, until_.count)}; }

  void regions(Rng& dice) {
    GroupConfig west{"west", {}, {}}, east{"east", {}, {}};
    for (std::size_t i = 0; i < scenario_.world.nodes; ++i) (dice.one_in(2) ? west : east).nodes.push_back(i);
    for (const std::string& name : scenario_.world.people) (dice.one_in(2) ? west : east).people.push_back(name);
    scenario_.world.groups = {west, east};
  }

  void meet() {
    const auto& people = scenario_.world.people;
    for (std::size_t i = 0; i < people.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) {
        step(seconds(20), Kind::Ask, people[i], people[j], fmt::format("hello, it is {}", people[i]));
        step(seconds(60), Kind::Accept, people[j], people[i]);
      }
    for (const std::string& name : people) step(kBegun, Kind::Offline, name);
  }

  /// To somebody, mostly to who is away; kept for half a day, as long as ever, or as long as may be.
  void write(const std::string& who, Millis at, Rng& dice) {
    std::string to = away_;
    while (to == who || (who != away_ && dice.one_in(2))) {
      to = dice.pick(scenario_.world.people);
      if (to != who) break;
    }
    constexpr std::array kLifetimes = {hours(12), days(2), days(14)};
    ScenarioStep& sent = step(at, Kind::Send, who, to, fmt::format("note {} of {}", notes_++, who));
    if (dice.one_in(2)) sent.lifetime = dice.pick(kLifetimes);
  }

  void visit(const std::string& who, Millis from, Millis until, Rng& dice) {
    step(from, Kind::Online, who);
    for (std::uint64_t i = dice.below(4); i > 0; --i) write(who, Millis{dice.between(from.count, until.count)}, dice);
    step(until, Kind::Offline, who);
  }

  void visits() {
    for (const std::string& who : scenario_.world.people) {
      SeededRng dice(seed_, "visits of " + who);
      for (std::uint64_t i = 1 + dice.below(3); i > 0; --i)
        write(who, Millis{dice.between(minutes(2).count, kBegun.count)}, dice);
      const Millis back = gone_ + away_for_;
      for (Millis at = kBegun + hours(dice.between(2, 48)); at + minutes(30) < until_; at = at + hours(dice.between(8, 72)))
        if (who != away_ || at + minutes(30) < gone_ || at > back + minutes(30))
          visit(who, at, at + Millis{dice.between(minutes(3).count, minutes(25).count)}, dice);
      if (who != away_) continue;
      visit(who, gone_ - minutes(20), gone_, dice);
      visit(who, back, back + minutes(30), dice);
    }
  }

  /// While those who are not away are all there.
  void storms() {
    SeededRng dice(seed_, "month storms");
    Scenario present = scenario_;
    std::erase(present.world.people, away_);
    present.steps.clear();
    for (std::uint64_t i = 1 + dice.below(3); i > 0; --i) {
      const Millis from = some_time(dice), until = from + Millis{dice.between(minutes(10).count, minutes(40).count)};
      SeededRng weather(dice.next()), malice(dice.next()), talk(dice.next());
      for (const std::string& who : present.world.people) {
        step(from, Kind::Online, who);
        for (std::uint64_t n = talk.below(6); n > 0; --n) write(who, Millis{talk.between(from.count, until.count)}, talk);
      }
      add(draw_storm(present, from, until, weather));
      std::vector<ScenarioStep> traitors = draw_adversaries(present, from, until, true, malice);
      // In all of the month one may mislead (is_survivable).
      std::erase_if(traitors, [&](const ScenarioStep& each) { return each.malice.has(Hostile::Mislead) && i != 1; });
      add(std::move(traitors));
      step(until, Kind::Link).link = scenario_.world.link;
      for (const std::string& who : present.world.people) step(until + minutes(5), Kind::Offline, who);
    }
  }

  /// Nodes that are down for an hour up to five days; one that was dropped meanwhile registers again.
  void outages() {
    SeededRng dice(seed_, "month outages");
    for (std::uint64_t i = 1 + dice.below(2 * scenario_.world.nodes); i > 0; --i) {
      ScenarioStep& down = step(some_time(dice), Kind::NodeDown);
      down.node = dice.below(scenario_.world.nodes);
      ScenarioStep up = down;
      up.kind = Kind::NodeUp;
      up.at = std::min(until_, down.at + some_span(hours(1), days(5), dice));
      if (dice.one_in(8)) up.disk = World::Disk::Lost, up.if_spared = true;
      ScenarioStep again = up;
      again.kind = Kind::NodeJoin;
      again.disk = World::Disk::Kept;
      again.if_spared = false;
      again.at = std::min(until_, up.at + minutes(1));
      const bool is_long = up.at - down.at > hours(12);
      scenario_.steps.push_back(up);
      if (is_long) scenario_.steps.push_back(again);
    }
  }

  void partitions() {
    SeededRng dice(seed_, "month partitions");
    const auto side = [&] {
      if (dice.one_in(2)) return dice.pick(scenario_.world.groups).name;
      return node_name(dice.below(scenario_.world.nodes));
    };
    for (std::uint64_t i = dice.below(6); i > 0; --i) {
      ScenarioStep& cut = step(some_time(dice), Kind::Part);
      cut.from_side = side();
      cut.to_side = dice.one_in(2) ? "all" : side();
      cut.both_ways = !dice.one_in(3);
      if (dice.one_in(4)) cut.stops = dice.one_in(2) ? Stops::Answers : Stops::Requests;
      ScenarioStep mend = cut;
      mend.kind = Kind::Mend;
      mend.at = std::min(until_, cut.at + some_span(seconds(10), days(3), dice));
      scenario_.steps.push_back(mend);
    }
  }

  /// Clocks that run fast or slow for days, and nodes that hear of no blocks for hours.
  void slow_changes() {
    SeededRng dice(seed_, "month clocks");
    for (std::uint64_t i = dice.below(4); i > 0; --i) {
      ScenarioStep& wrong = step(some_time(dice), Kind::Clock);
      wrong.node = dice.below(scenario_.world.nodes);
      wrong.drift = dice.between(-MachineClock::kMaxDrift, MachineClock::kMaxDrift);
      ScenarioStep right = wrong;
      right.drift = 0;
      right.at = std::min(until_, wrong.at + some_span(hours(1), days(10), dice));
      scenario_.steps.push_back(right);
    }
    for (std::uint64_t i = dice.below(4); i > 0; --i) {
      ScenarioStep& late = step(some_time(dice), Kind::RegistryLate);
      late.node = dice.below(scenario_.world.nodes);
      ScenarioStep current = late;
      current.kind = Kind::RegistryCurrent;
      current.at = std::min(until_, late.at + some_span(minutes(10), days(1), dice));
      scenario_.steps.push_back(current);
    }
  }

  /// A file knows times of so many digits that milliseconds would not do.
  void round_times() {
    const auto whole = [](Millis time) { return seconds(time.count / 1000); };
    for (ScenarioStep& each : scenario_.steps) {
      each.at = whole(each.at);
      if (each.until) each.until = whole(*each.until + seconds(1));
    }
    until_ = whole(until_ + seconds(1));
  }

  void finish() {
    round_times();
    std::ranges::stable_sort(scenario_.steps, {}, &ScenarioStep::at);
    step(until_, Kind::Calm);
    for (const std::string& name : scenario_.world.people) step(until_, Kind::Online, name);
    scenario_.end = until_ + kCalmTime;
  }

  std::uint64_t seed_;
  MonthShape shape_;
  Scenario scenario_;
  std::string away_;
  Millis away_for_, until_, gone_;
  std::size_t notes_ = 0;
};

}  // namespace

Scenario draw_month(std::uint64_t seed, const MonthShape& shape) { return Month(seed, shape).draw(); }

}  // namespace session::sim

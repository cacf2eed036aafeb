#include "sim/storm.h"

#include <algorithm>

namespace session::sim {
namespace {

using Kind = ScenarioStep::Kind;

/// One kind of fault has dice of its own, so that leaving one out does not change the others.
class Drawer {
 public:
  Drawer(const Scenario& scenario, Millis from, Millis until) : scenario_(scenario), from_(from), until_(until) {}

  void links(Rng& dice) {
    ScenarioStep step = at(from_, Kind::Link);
    step.link = scenario_.world.link;
    const auto share = [&](std::uint64_t most) { return static_cast<std::uint32_t>(dice.below(most + 1)) * 10'000; };
    if (dice.one_in(2)) step.link.loss_ppm = share(30);
    if (dice.one_in(2)) step.link.jitter = Millis{dice.between(1, 30) * 100};
    if (dice.one_in(2)) step.link.duplicate_ppm = share(20);
    if (dice.one_in(2)) step.link.reorder_ppm = share(30);
    if (dice.one_in(2)) step.link.replay_ppm = share(20);
    if (dice.one_in(2)) step.link.damage_ppm = share(5);
    steps_.push_back(step);
  }
  /// One machine, or a group, behind a link that is worse than the others.
  void bad_link(Rng& dice) {
    ScenarioStep step = at(from_, Kind::Link);
    step.from_side = some_side(dice);
    step.to_side = "all";
    step.both_ways = dice.one_in(2);
    step.link = scenario_.world.link;
    step.link.loss_ppm = static_cast<std::uint32_t>(dice.between(1, 60)) * 10'000;
    step.link.base = step.link.base + Millis{dice.between(0, 20) * 100};
    steps_.push_back(step);
  }
  void cuts(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(3); i > 0; --i) {
      ScenarioStep cut = at({}, Kind::Part);
      cut.from_side = some_side(dice);
      cut.to_side = dice.one_in(2) ? "all" : some_side(dice);
      cut.both_ways = !dice.one_in(3);
      pair(cut, Kind::Mend, dice);
    }
  }
  void crashes(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(scenario_.world.nodes / 3); i > 0; --i)
      pair(node(Kind::NodeDown, dice), Kind::NodeUp, dice);
  }
  void pauses(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(scenario_.world.nodes / 3); i > 0; --i)
      pair(node(Kind::NodePause, dice), Kind::NodeResume, dice);
  }
  void slow_nodes(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(scenario_.world.nodes / 3); i > 0; --i) {
      ScenarioStep step = node(Kind::Slow, dice);
      step.amount = Millis{dice.between(1, 50) * 100};
      pair(step, Kind::Slow, dice);
    }
  }
  void clocks(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(3); i > 0; --i) {
      ScenarioStep step = node(Kind::Clock, dice);
      if (!scenario_.world.people.empty() && dice.one_in(2)) step.who = dice.pick(scenario_.world.people);
      step.amount = seconds(dice.between(-600, 600));
      pair(step, Kind::Clock, dice);
    }
  }
  /// Slow enough that nobody notices in a storm, and wrong by more and more.
  void drifts(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(3); i > 0; --i) {
      ScenarioStep step = node(Kind::Clock, dice);
      if (!scenario_.world.people.empty() && dice.one_in(2)) step.who = dice.pick(scenario_.world.people);
      step.drift = dice.between(-MachineClock::kMaxDrift, MachineClock::kMaxDrift);
      pair(step, Kind::Clock, dice);
    }
  }
  /// Some hear of blocks late, and some blocks are undone.
  void registry(Rng& dice) {
    for (std::uint64_t i = dice.below(1 + scenario_.world.nodes / 3); i > 0; --i) {
      ScenarioStep step = node(Kind::RegistryLate, dice);
      if (!scenario_.world.people.empty() && dice.one_in(3)) step.who = dice.pick(scenario_.world.people);
      pair(step, Kind::RegistryCurrent, dice);
    }
    for (std::uint64_t i = dice.below(3); i > 0; --i) {
      ScenarioStep fork = at(Millis{dice.between(from_.count, until_.count)}, Kind::Fork);
      fork.number = 1 + dice.below(swarm::kReorgBuffer);
      steps_.push_back(fork);
    }
  }
  /// Disks that are full for a while, or fail; what they hold stays.
  void disks(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(1 + scenario_.world.nodes / 5); i > 0; --i) {
      ScenarioStep step = node(Kind::DiskFault, dice);
      step.fault = dice.one_in(2) ? World::DiskFault::Full : World::DiskFault::Error;
      pair(step, Kind::DiskFault, dice);
    }
  }
  /// A program that is killed and started again is one that goes and comes back.
  void restarts(Rng& dice) {
    if (scenario_.world.people.empty()) return;
    for (std::uint64_t i = 1 + dice.below(2 * scenario_.world.people.size()); i > 0; --i) {
      ScenarioStep step = at({}, Kind::Offline);
      step.who = dice.pick(scenario_.world.people);
      pair(step, Kind::Online, dice);
    }
  }

  std::vector<ScenarioStep> take() {
    std::stable_sort(steps_.begin(), steps_.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return std::move(steps_);
  }

 private:
  static ScenarioStep at(Millis when, Kind kind) {
    ScenarioStep step;
    step.at = when;
    step.kind = kind;
    return step;
  }
  [[nodiscard]] ScenarioStep node(Kind kind, Rng& dice) const {
    ScenarioStep step = at({}, kind);
    // Half of them where it hurts: in the swarm of one of the people.
    if (!scenario_.world.people.empty() && dice.one_in(2)) step.swarm_of = dice.pick(scenario_.world.people);
    step.node = dice.below(step.swarm_of.empty() ? scenario_.world.nodes : std::min<std::size_t>(scenario_.world.nodes, 7));
    return step;
  }
  [[nodiscard]] std::string some_side(Rng& dice) const {
    const auto& world = scenario_.world;
    if (!world.groups.empty() && dice.one_in(2)) return dice.pick(world.groups).name;
    if (!world.people.empty() && dice.one_in(2)) return dice.pick(world.people);
    return node_name(dice.below(world.nodes));
  }
  /// A fault at a time in the storm, and its end some time later.
  void pair(ScenarioStep fault, Kind end, Rng& dice) {
    fault.at = Millis{dice.between(from_.count, until_.count)};
    ScenarioStep healed = fault;
    healed.kind = end;
    healed.amount = {};
    healed.drift = 0;
    healed.fault = World::DiskFault::None;
    healed.at = Millis{std::min(until_.count, fault.at.count + dice.between(1, (until_ - from_).count))};
    steps_.push_back(std::move(fault));
    steps_.push_back(std::move(healed));
  }

  const Scenario& scenario_;
  Millis from_, until_;
  std::vector<ScenarioStep> steps_;
};

}  // namespace

std::vector<ScenarioStep> draw_storm(const Scenario& scenario, Millis from, Millis until, Rng& dice) {
  Drawer drawer(scenario, from, until);
  constexpr void (Drawer::* kMenu[])(Rng&) = {&Drawer::links,  &Drawer::bad_link,   &Drawer::cuts,   &Drawer::crashes,
                                              &Drawer::pauses, &Drawer::slow_nodes, &Drawer::clocks, &Drawer::restarts,
                                              &Drawer::drifts, &Drawer::registry,   &Drawer::disks};
  for (const auto kind : kMenu) {
    SeededRng own(dice.next());
    if (own.one_in(2)) (drawer.*kind)(own);
  }
  return drawer.take();
}

}  // namespace session::sim

#include "sim/storm.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

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
      if (dice.one_in(2)) step.number = 2 + dice.below(World::kSlowest - 1);
      if (step.number > 0 && dice.one_in(2)) step.amount = {};
      pair(step, Kind::Slow, dice);
    }
  }
  void clocks(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(3); i > 0; --i) {
      ScenarioStep step = node(Kind::Clock, dice);
      if (!scenario_.world.people.empty() && dice.one_in(2)) step.who = dice.pick(scenario_.world.people);
      step.amount = seconds(dice.between(-600, 600));
      if (dice.one_in(4)) step.amount = dice.one_in(2) ? seconds(dice.between(-3'600, 3'600)) : far_step(dice);
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
  /// Disks that are full for a while, or fail, each in its way; what they hold stays.
  void disks(Rng& dice) {
    using enum World::DiskFault;
    constexpr std::array kFaults = {Full, Error, Flaky, Sync, Damaged};
    for (std::uint64_t i = 1 + dice.below(1 + scenario_.world.nodes / 5); i > 0; --i) {
      ScenarioStep step = node(Kind::DiskFault, dice);
      step.fault = dice.pick(kFaults);
      if (step.fault == Flaky) step.number = 1 + dice.below(10);
      pair(step, Kind::DiskFault, dice);
    }
  }
  /// Nodes that come back with a disk of before, or an empty one. Somebody else has all that it had.
  void lost_disks(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(3); i > 0; --i) {
      ScenarioStep step = node(Kind::NodeDown, dice);
      step.disk = dice.one_in(2) ? World::Disk::Lost : World::Disk::Old;
      step.if_spared = true;
      pair(step, Kind::NodeUp, dice);
      ScenarioStep backup = step;
      backup.kind = Kind::NodeBackup;
      backup.at = Millis{dice.between(from_.count, until_.count)};
      steps_.push_back(backup);
    }
  }
  void power_cuts(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(scenario_.world.nodes / 3); i > 0; --i)
      pair(node(Kind::PowerCut, dice), Kind::NodeUp, dice);
  }
  /// What is asked arrives, and who asked hears nothing; or the other way.
  void half_open(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(4); i > 0; --i) {
      ScenarioStep cut = at({}, Kind::Part);
      cut.from_side = some_side(dice);
      cut.to_side = dice.one_in(2) ? "all" : some_side(dice);
      cut.both_ways = dice.one_in(4);
      cut.stops = dice.one_in(4) ? Stops::Requests : Stops::Answers;
      pair(cut, Kind::Mend, dice);
    }
  }
  void clogs(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(4); i > 0; --i) {
      ScenarioStep step = at(Millis{dice.between(from_.count, until_.count - 1)}, Kind::Clog);
      step.from_side = some_side(dice);
      step.to_side = dice.one_in(2) ? "all" : some_side(dice);
      step.both_ways = dice.one_in(2);
      step.until = Millis{std::min(until_.count, step.at.count + dice.between(1'000, 120'000))};
      steps_.push_back(step);
    }
  }
  /// Nodes that were not updated yet: of a whole network up to all of them.
  void versions(Rng& dice) {
    const bool are_many = dice.one_in(4);
    for (std::uint64_t i = 1 + dice.below(are_many ? 2 * scenario_.world.nodes : 4); i > 0; --i) {
      ScenarioStep step = node(Kind::Version, dice);
      step.version = Version::Today;
      pair(step, Kind::Version, dice);
    }
  }
  void stopped_clocks(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(3); i > 0; --i) {
      ScenarioStep step = node(Kind::Clock, dice);
      if (!scenario_.world.people.empty() && dice.one_in(2)) step.who = dice.pick(scenario_.world.people);
      step.stopped = true;
      pair(step, Kind::Clock, dice);
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

  /// Disks of people that are full for a while, or fail; what they hold stays.
  void disks_of_people(Rng& dice) {
    using enum World::DiskFault;
    constexpr std::array kFaults = {Full, Error, Flaky, Sync};
    if (scenario_.world.people.empty()) return;
    for (std::uint64_t i = 1 + dice.below(scenario_.world.people.size()); i > 0; --i) {
      ScenarioStep step = at({}, Kind::DiskFault);
      step.who = dice.pick(scenario_.world.people);
      step.fault = dice.pick(kFaults);
      if (step.fault == Flaky) step.number = 1 + dice.below(3);
      pair(step, Kind::DiskFault, dice);
    }
  }
  void power_cuts_of_people(Rng& dice) {
    if (scenario_.world.people.empty()) return;
    for (std::uint64_t i = 1 + dice.below(scenario_.world.people.size()); i > 0; --i) {
      ScenarioStep step = at({}, Kind::PowerCut);
      step.who = dice.pick(scenario_.world.people);
      pair(step, Kind::Online, dice);
    }
  }

  /// A few nodes that are honest again some time later; no swarm has too many.
  void traitors(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(4); i > 0; --i) {
      ScenarioStep step = node(Kind::Hostile, dice);
      add_ways(step.malice, kSurvivable, 1 + dice.below(3), dice);
      if (!scenario_.world.people.empty() && dice.one_in(4)) step.to = dice.pick(scenario_.world.people);
      step.most_in_swarm = kMostTraitors;
      pair(step, Kind::Honest, dice);
    }
    if (!dice.one_in(4)) return;
    ScenarioStep misleader = node(Kind::Hostile, dice);
    misleader.malice.add(Hostile::Mislead);
    misleader.most_in_swarm = kMostTraitors;
    pair(misleader, Kind::Honest, dice);
  }
  /// As many as may be in a swarm, who say what they have no key for.
  void forgers(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(2); i > 0; --i) {
      ScenarioStep step = node(Kind::Hostile, dice);
      step.malice.add(Hostile::Forge);
      if (dice.one_in(2)) add_ways(step.malice, kSurvivable, 1, dice);
      step.most_in_swarm = kMostTraitors;
      pair(step, Kind::Honest, dice);
    }
  }
  /// A coalition that may hold whole swarms, until the calm.
  void coalition(Rng& dice, bool forges) {
    ScenarioStep step = at(Millis{dice.between(from_.count, until_.count)}, Kind::Hostile);
    step.number = 1 + dice.below(40);
    add_ways(step.malice, kSurvivable + 1, 1 + dice.below(4), dice);
    if (forges) step.malice.add(Hostile::Forge);
    steps_.push_back(step);
  }
  /// Strangers who flood somebody's mailbox. Stamps cost real time, so who pays comes seldom.
  void floods(Rng& dice) {
    if (scenario_.world.people.empty()) return;
    for (std::uint64_t i = 1 + dice.below(2); i > 0; --i) {
      ScenarioStep step = at(Millis{dice.between(from_.count, until_.count - 1)}, Kind::Spam);
      step.to = dice.pick(scenario_.world.people);
      const bool relays = dice.one_in(4);
      step.spam.what = relays ? SpamConfig::What::Relays : SpamConfig::What::Stores;
      step.spam.pays = dice.one_in(3) && !relays;
      step.spam.every = step.spam.pays ? seconds(dice.between(30, 60)) : Millis{dice.between(5, 50) * 100};
      step.spam.bytes = 100 + dice.below(3'900);
      step.until = Millis{dice.between(step.at.count + 1, until_.count)};
      steps_.push_back(step);
    }
  }
  /// One at a time of several that lie about the network.
  void lying_seed(Rng& dice) {
    ScenarioStep step = at({}, Kind::SeedLies);
    step.number = 1 + dice.below(scenario_.world.seeds);
    step.lie = kSeedLies[dice.below(std::size(kSeedLies))].second;
    if (!scenario_.world.people.empty() && dice.one_in(4)) step.to = dice.pick(scenario_.world.people);
    pair(step, Kind::SeedHonest, dice);
  }
  void churn(Rng& dice) {
    const std::size_t nodes = scenario_.world.nodes, most = nodes / 5;
    const auto some_time = [&] { return Millis{dice.between(from_.count, until_.count)}; };
    const auto one = [&](Millis when, Kind kind) {
      ScenarioStep step = at(when, kind);
      step.node = dice.below(nodes);
      return step;
    };
    for (std::uint64_t i = dice.below(most + 1); i > 0; --i) {
      ScenarioStep step = at(some_time(), Kind::NodeJoin);
      step.number = 1;
      steps_.push_back(step);
    }
    for (std::uint64_t i = dice.below(most + 1); i > 0; --i) {
      const ScenarioStep leaves = one(some_time(), Kind::NodeLeave);
      steps_.push_back(leaves);
      if (!dice.one_in(2)) continue;
      ScenarioStep returns = leaves;
      returns.kind = Kind::NodeJoin;
      returns.at = Millis{dice.between(leaves.at.count, until_.count)};
      steps_.push_back(returns);
    }
    for (std::uint64_t i = dice.below(most + 1); i > 0; --i) pair(one({}, Kind::Decommission), Kind::Recommission, dice);
    if (!dice.one_in(8)) return;
    ScenarioStep mass = at(some_time(), dice.one_in(2) ? Kind::NodesLeave : Kind::NodeJoin);
    mass.number = mass.kind == Kind::NodesLeave ? 50 : nodes / 2;
    steps_.push_back(mass);
  }

  void second_device(Rng& dice) {
    const std::string whose = dice.pick(scenario_.world.people), name = whose + "-2";
    ScenarioStep restored = at(Millis{dice.between(from_.count, until_.count)}, Kind::Restore);
    restored.who = name;
    restored.to = whose;
    steps_.push_back(restored);
    for (const std::string& other : scenario_.world.people) {
      if (other == whose || dice.one_in(4)) continue;
      // It knows nobody, and asks anew whom its owner knows.
      act(Kind::Ask, Millis{dice.between(restored.at.count, until_.count)}, name, other, "on another device");
      for (std::uint64_t i = dice.below(4); i > 0; --i)
        act(Kind::Send, Millis{dice.between(restored.at.count, until_.count)}, name, other,
            fmt::format("note {} of {}", i, name));
    }
  }
  void wrong_words(Rng& dice) {
    for (std::uint64_t i = 1 + dice.below(3); i > 0; --i) {
      ScenarioStep step = at(Millis{dice.between(from_.count, until_.count)}, Kind::Restore);
      step.to = dice.pick(scenario_.world.people);
      step.who = fmt::format("{} misspelt {}", step.to, i);
      step.wrong_phrase = true;
      steps_.push_back(step);
    }
  }
  /// Somebody puts a backup of their store back, and has lost what came after it.
  void old_copy(Rng& dice) {
    const std::string whose = dice.pick(scenario_.world.people);
    const Millis backup{dice.between(from_.count, until_.count)}, away{dice.between(backup.count, until_.count)};
    act(Kind::NodeBackup, backup, whose, "", "");
    act(Kind::Offline, away, whose, "", "");
    act(Kind::Online, Millis{dice.between(away.count, until_.count)}, whose, "", "");
    steps_.back().disk = World::Disk::Old;
  }
  /// Soon after it was written, mostly.
  void second_thoughts(Kind kind, Rng& dice) {
    std::vector<const ScenarioStep*> sent;
    for (const ScenarioStep& step : scenario_.steps)
      if (step.kind == Kind::Send && step.at >= from_ && step.at < until_) sent.push_back(&step);
    if (sent.empty()) return;
    for (std::uint64_t i = 1 + dice.below(5); i > 0; --i) {
      const ScenarioStep& step = *dice.pick(sent);
      const Millis later{dice.one_in(4) ? dice.between(0, 60'000) : dice.between(0, 500)};
      act(kind, std::min(step.at + later, until_), step.who, step.to, "");
    }
  }

  std::vector<ScenarioStep> take() {
    std::stable_sort(steps_.begin(), steps_.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return std::move(steps_);
  }

 private:
  /// All but Mislead, of which there may be one: what two nodes say of the network is believed (is_survivable). Forge, which
  /// comes after it, has dice of its own.
  static constexpr std::size_t kSurvivable = static_cast<std::size_t>(Hostile::Mislead);

  static void add_ways(Malice& malice, std::size_t of, std::uint64_t count, Rng& dice) {
    for (; count > 0; --count) malice.add(static_cast<Hostile>(dice.below(of)));
  }
  void act(Kind kind, Millis when, const std::string& who, const std::string& to, std::string text) {
    ScenarioStep step = at(when, kind);
    step.who = who;
    step.to = to;
    step.text = std::move(text);
    steps_.push_back(std::move(step));
  }
  /// A clock that was set by hand, or has another time zone for its own: up to a day.
  static Millis far_step(Rng& dice) { return seconds(dice.between(-86'400, 86'400)); }
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
    if (end == Kind::Slow) healed.number = 0;
    healed.drift = 0;
    healed.stopped = false;
    healed.version = Version::Current;
    healed.fault = World::DiskFault::None;
    healed.malice = {};
    healed.lie = SeedLie::None;
    healed.to.clear();
    healed.most_in_swarm = 0;
    healed.at = Millis{std::min(until_.count, fault.at.count + dice.between(1, (until_ - from_).count))};
    steps_.push_back(std::move(fault));
    steps_.push_back(std::move(healed));
  }

  const Scenario& scenario_;
  Millis from_, until_;
  std::vector<ScenarioStep> steps_;
};

}  // namespace

std::vector<ScenarioStep> draw_adversaries(const Scenario& scenario, Millis from, Millis until, bool is_survivable, Rng& dice) {
  Drawer drawer(scenario, from, until);
  SeededRng nodes(dice.next()), strangers(dice.next()), forgers(dice.next());
  const bool forges = forgers.one_in(3);
  if (!is_survivable)
    drawer.coalition(nodes, forges);
  else if (nodes.one_in(2))
    drawer.traitors(nodes);
  if (is_survivable && forges) drawer.forgers(forgers);
  if (strangers.one_in(4)) drawer.floods(strangers);
  return drawer.take();
}

std::vector<ScenarioStep> draw_seeds(const Scenario& scenario, Millis from, Millis until, Rng& dice) {
  Drawer drawer(scenario, from, until);
  if (scenario.world.seeds > 1) drawer.lying_seed(dice);
  return drawer.take();
}

std::vector<ScenarioStep> draw_churn(const Scenario& scenario, Millis from, Millis until, Rng& dice) {
  Drawer drawer(scenario, from, until);
  drawer.churn(dice);
  return drawer.take();
}

std::vector<ScenarioStep> draw_people(const Scenario& scenario, Millis from, Millis until, Rng& dice) {
  Drawer drawer(scenario, from, until);
  SeededRng devices(dice.next()), words(dice.next()), cancels(dice.next()), unsends(dice.next()), copies(dice.next());
  if (scenario.world.people.empty()) return {};
  if (devices.one_in(2)) drawer.second_device(devices);
  if (words.one_in(2)) drawer.wrong_words(words);
  if (cancels.one_in(2)) drawer.second_thoughts(Kind::Cancel, cancels);
  if (unsends.one_in(2)) drawer.second_thoughts(Kind::Unsend, unsends);
  if (copies.one_in(4)) drawer.old_copy(copies);
  return drawer.take();
}

std::vector<ScenarioStep> draw_storm(const Scenario& scenario, Millis from, Millis until, Rng& dice) {
  Drawer drawer(scenario, from, until);
  constexpr void (Drawer::* kMenu[])(Rng&) = {&Drawer::links,
                                              &Drawer::bad_link,
                                              &Drawer::cuts,
                                              &Drawer::crashes,
                                              &Drawer::pauses,
                                              &Drawer::slow_nodes,
                                              &Drawer::clocks,
                                              &Drawer::restarts,
                                              &Drawer::drifts,
                                              &Drawer::registry,
                                              &Drawer::disks,
                                              &Drawer::lost_disks,
                                              &Drawer::clogs,
                                              &Drawer::versions,
                                              &Drawer::half_open,
                                              &Drawer::power_cuts,
                                              &Drawer::stopped_clocks,
                                              &Drawer::disks_of_people,
                                              &Drawer::power_cuts_of_people};
  for (const auto kind : kMenu) {
    SeededRng own(dice.next());
    if (own.one_in(2)) (drawer.*kind)(own);
  }
  return drawer.take();
}

}  // namespace session::sim

#include "sim/scenario.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/client/contact.h"
#include "core/crypto/phrase.h"
#include "sim/regions.h"
#include "sim/scenario_hostile.h"
#include "sim/storm.h"

namespace session::sim {
namespace {

using Kind = ScenarioStep::Kind;

World make_world(const Scenario& scenario, std::uint64_t seed) {
  WorldConfig config = scenario.world;
  config.seed = seed;
  return World(config);
}

/// A storm that is to be drawn from the seed becomes what was drawn, and the calm after it.
std::vector<ScenarioStep> draw_storms(const Scenario& scenario, std::uint64_t seed) {
  std::vector<ScenarioStep> steps;
  std::size_t storms = 0;
  for (const ScenarioStep& step : scenario.steps) {
    if (step.kind != Kind::Storm || !step.until) {
      steps.push_back(step);
      continue;
    }
    SeededRng dice(seed, fmt::format("storm {}", storms++));
    for (ScenarioStep& fault : draw_storm(scenario, step.at, *step.until, dice)) steps.push_back(std::move(fault));
    ScenarioStep calm;
    calm.kind = Kind::Calm;
    calm.at = *step.until;
    steps.push_back(calm);
  }
  std::stable_sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return steps;
}

std::string place_of(const ScenarioStep& step) {
  if (!step.who.empty()) return step.who;
  return step.swarm_of.empty() ? fmt::format("node {}", step.node)
                               : fmt::format("member {} of {}'s swarm", step.node, step.swarm_of);
}
const char* state_of(const ScenarioStep& step) {
  switch (step.fault) {
    case World::DiskFault::None: return "works again";
    case World::DiskFault::Error: return "fails";
    case World::DiskFault::Full: return "is full";
    case World::DiskFault::Flaky: return "fails now and then";
    case World::DiskFault::Sync: return "does not sync";
    case World::DiskFault::Damaged: return "has a damaged page";
  }
  return "";
}
std::string sides_of(const ScenarioStep& step) {
  return fmt::format("{} {} {}", step.from_side, step.both_ways ? "and" : "to", step.to_side);
}

/// A step after which something is not as it should be.
bool is_fault(const ScenarioStep& step) {
  switch (step.kind) {
    case Kind::Online: return step.disk != World::Disk::Kept;
    case Kind::NodeDown:
    case Kind::NodeUp:  // its disk may have suffered
    case Kind::NodePause:
    case Kind::NodeResume:
    case Kind::Slow:
    case Kind::Clock:
    case Kind::RegistryLate:
    case Kind::RegistryCurrent:
    case Kind::Fork:
    case Kind::DiskFault:
    case Kind::Link:
    case Kind::Part:
    case Kind::Mend:
    case Kind::Hostile:
    case Kind::Honest:
    case Kind::Spam:
    case Kind::Clog:
    case Kind::PowerCut:
    case Kind::Version:
    case Kind::SeedLies:
    case Kind::SeedHonest:
    case Kind::Storm: return true;
    default: return false;
  }
}

/// With one word that is another.
std::string misremembered(const crypto::SecretBytes& phrase, Rng& dice) {
  const BytesView bytes = phrase.bytes();
  const std::string words(text_of(bytes));
  const std::size_t at = words.find(' ');
  const auto& all = crypto::phrase_words();
  std::string_view other;
  do other = all[dice.below(all.size())];
  while (words.starts_with(other));
  return std::string(other) + words.substr(at);
}

std::string ways_of(const Malice& malice) {
  std::string text;
  for (std::size_t i = 0; i < kHostiles; ++i)
    if (const auto way = static_cast<Hostile>(i); malice.has(way))
      text += fmt::format("{}{}", text.empty() ? "" : ", ", word_of(way));
  return text;
}
std::string spam_of(const ScenarioStep& step) {
  const bool stores = step.spam.what == SpamConfig::What::Stores;
  return fmt::format("a stranger floods {} with {} of {} bytes, one in {} ms{}", step.to, stores ? "stores" : "relays",
                     step.spam.bytes, step.spam.every.count, step.spam.pays ? ", and works for them" : "");
}

}  // namespace

std::string describe(const ScenarioStep& step) {
  switch (step.kind) {
    case Kind::Ask: return fmt::format("{} asks {}: {}", step.who, step.to, step.text);
    case Kind::Accept: return fmt::format("{} accepts {}", step.who, step.to);
    case Kind::Decline: return fmt::format("{} declines {}", step.who, step.to);
    case Kind::Send: return fmt::format("{} writes to {}: {}", step.who, step.to, step.text);
    case Kind::Fetch: return fmt::format("{} fetches", step.who);
    case Kind::Online:
      return fmt::format("{} comes online{}", step.who, step.disk == World::Disk::Old ? " with an old disk" : "");
    case Kind::Offline: return fmt::format("{} goes offline", step.who);
    case Kind::NodeDown: return place_of(step) + " goes down";
    case Kind::NodeUp:
      return fmt::format("{} comes back{}{}", place_of(step),
                         step.disk == World::Disk::Lost  ? " with an empty disk"
                         : step.disk == World::Disk::Old ? " with an old disk"
                                                         : "",
                         step.if_spared ? ", if others have what it had" : "");
    case Kind::NodePause: return place_of(step) + " stands still";
    case Kind::NodeResume: return place_of(step) + " goes on";
    case Kind::NodeBackup: return place_of(step) + " is backed up";
    case Kind::NodeJoin:
      if (step.number == 0) return place_of(step) + " registers again";
      return step.number == 1 ? "a node joins" : fmt::format("{} nodes join", step.number);
    case Kind::NodeLeave: return place_of(step) + " leaves the network";
    case Kind::NodesLeave: return fmt::format("{} % of the nodes leave the network", step.number);
    case Kind::Decommission: return place_of(step) + " is decommissioned by decree";
    case Kind::Recommission: return place_of(step) + " is recommissioned by decree";
    case Kind::Slow:
      return fmt::format("{} answers {} ms late{}", place_of(step), step.amount.count,
                         step.number > 1 ? fmt::format(", and takes {} times as long", step.number) : "");
    case Kind::Clock:
      return fmt::format("the clock of {} is fast by {} ms{}{}", place_of(step), step.amount.count,
                         step.drift == 0 ? "" : fmt::format(" and runs fast by {} ppm", step.drift),
                         step.stopped ? " and stands still" : "");
    case Kind::RegistryLate: return place_of(step) + " hears of no new blocks";
    case Kind::RegistryCurrent: return place_of(step) + " hears of new blocks again";
    case Kind::Fork: return fmt::format("{} blocks are undone, and another branch takes their place", step.number);
    case Kind::DiskFault: return fmt::format("the disk of {} {}", place_of(step), state_of(step));
    case Kind::PowerCut: return fmt::format("the power of {} fails at its next write", place_of(step));
    case Kind::Link:
      return fmt::format(
          "links{}: {} to {} ms, {} % lost, {} % doubled, {} % held up, {} % replayed{}",
          step.from_side.empty() ? "" : " between " + sides_of(step), step.link.base.count,
          step.link.base.count + step.link.jitter.count, step.link.loss_ppm / 10'000, step.link.duplicate_ppm / 10'000,
          step.link.reorder_ppm / 10'000, step.link.replay_ppm / 10'000,
          step.link.damage_ppm == 0 ? "" : fmt::format(", {} % of onions damaged", step.link.damage_ppm / 10'000));
    case Kind::Part:
      return fmt::format("{} between {}",
                         step.stops == Stops::All        ? "nothing passes"
                         : step.stops == Stops::Requests ? "no request passes"
                                                         : "no answer passes",
                         sides_of(step));
    case Kind::Clog: return fmt::format("links stand still between {}", sides_of(step));
    case Kind::Mend: return step.from_side.empty() ? "every cut is mended" : fmt::format("mended: {}", sides_of(step));
    case Kind::Storm:
      if (step.until) return "a storm";
      return fmt::format("a storm: {} % of packets lost, {} nodes down", step.link.loss_ppm / 10'000, step.number);
    case Kind::Calm: return "calm: every fault is healed";
    case Kind::Difficulty: return fmt::format("the next block asks for difficulty {}", step.number);
    case Kind::Hostile:
      return fmt::format("{} turn{} hostile{}: {}",
                         step.number > 0 ? fmt::format("{} % of the nodes", step.number) : place_of(step),
                         step.number > 0 ? "" : "s", step.to.empty() ? "" : " to " + step.to, ways_of(step.malice));
    case Kind::Honest: return step.number > 0 ? "every node is honest again" : place_of(step) + " is honest again";
    case Kind::Spam: return spam_of(step);
    case Kind::Version:
      return fmt::format("{} is of {} version", place_of(step), step.version == Version::Today ? "today's" : "the current");
    case Kind::Restore:
      return fmt::format("{} is restored from {}'s phrase{}", step.who, step.to,
                         step.wrong_phrase ? ", of which a word is wrong" : "");
    case Kind::SeedLies: return describe_lie(step);
    case Kind::SeedHonest: return fmt::format("seed {} is honest again", step.number);
    case Kind::Cancel: return fmt::format("{} gives up what is on its way to {}", step.who, step.to);
    case Kind::Unsend: return fmt::format("{} takes back what was last written to {}", step.who, step.to);
  }
  return "";
}

ScenarioRun::ScenarioRun(const Scenario& scenario, std::uint64_t seed)
    : world_(make_world(scenario, seed)),
      steps_(draw_storms(scenario, seed)),
      expect_(scenario.expect),
      begin_(world_.now()),
      end_(world_.now() + scenario.end),
      calm_(scenario.world.link),
      calm_links_(world_.network().special_links()),
      calm_since_(begin_) {
  if (scenario.world.sites != 0) calm_since_.reset();
  if (!scenario.habits) return;
  std::vector<std::int32_t> minutes_east;
  for (const std::string& name : scenario.habits->people) {
    living_.push_back(*world_.person(name));
    const auto region = world_.network().region_of(living_.back());
    minutes_east.push_back(region ? regions()[*region].minutes_east : 0);
  }
  habits_.emplace(*scenario.habits, minutes_east, seed);
}

/// Everybody comes online, but for those who come when it is their habit.
void ScenarioRun::begin(TraceReader* reader) {
  for (const MachineIndex person : std::vector<MachineIndex>(world_.people())) {
    if (std::find(living_.begin(), living_.end(), person) != living_.end())
      world_.set_down(person, true, reader);
    else
      static_cast<void>(world_.command(person, client::GoOnline{}, reader));
  }
}

/// What the next of the people who have habits does in its next minute.
void ScenarioRun::live(TraceReader* reader) {
  const Instant at = begin_ + *habits_->next();
  const auto eyes = [&](std::size_t who, std::size_t other) {
    world_.run_until(at, reader);
    const auto contact = world_.account(living_[who]).contact(world_.client(living_[other]).id());
    if (!contact || !*contact) return Bond::None;
    switch (static_cast<client::ContactState>((*contact)->state)) {
      case client::ContactState::Asked: return Bond::Waiting;
      case client::ContactState::Asking: return Bond::IsAsked;
      case client::ContactState::Accepted: return Bond::Friends;
      default: return Bond::None;
    }
  };
  constexpr Kind kKinds[] = {Kind::Online, Kind::Offline, Kind::Ask, Kind::Accept, Kind::Send};
  for (const HabitAct& act : habits_->live(eyes)) {
    world_.run_until(at, reader);
    ScenarioStep step;
    step.at = at - begin_;
    step.kind = kKinds[static_cast<std::size_t>(act.kind)];
    step.who = world_.names()[living_[act.who].value];
    if (act.kind > HabitAct::Kind::Offline) step.to = world_.names()[living_[act.to].value];
    step.text = act.text;
    carry_out(step, reader);
  }
}

void ScenarioRun::advance(Instant until, TraceReader* reader) {
  until = std::min(until, end_);
  if (!has_begun_) begin(reader);
  has_begun_ = true;
  for (;;) {
    const bool has_step = next_ < steps_.size() && begin_ + steps_[next_].at <= until;
    const auto living = habits_ ? habits_->next() : std::nullopt;
    if (living && begin_ + *living <= until && (!has_step || *living < steps_[next_].at)) {
      live(reader);
    } else if (has_step) {
      const ScenarioStep step = steps_[next_++];
      world_.run_until(begin_ + step.at, reader);
      carry_out(step, reader);
    } else {
      break;
    }
  }
  world_.run_until(until, reader);
}

std::optional<MachineIndex> ScenarioRun::machine_of(const ScenarioStep& step) {
  if (!step.who.empty()) return *world_.person(step.who);
  if (step.swarm_of.empty()) {
    if (step.node < world_.nodes()) return world_.node(step.node);
    refusals_.push_back(fmt::format("{}: it has not joined yet", describe(step)));
    return std::nullopt;
  }
  const auto& id = world_.client(*world_.person(step.swarm_of)).id();
  const auto& registry = *world_.registry();
  const auto members = registry.members(registry.swarm_of(id.account));
  if (members.empty()) {
    refusals_.push_back(fmt::format("{}: there is no such swarm", describe(step)));
    return std::nullopt;
  }
  return world_.machine_of(members[step.node % members.size()]);
}

void ScenarioRun::join(const ScenarioStep& step, TraceReader* reader) {
  for (std::uint64_t i = 0; i < step.number; ++i) world_.add_node(reader);
  if (step.number > 0) return;
  if (const auto node = machine_of(step)) world_.rejoin_node(*node, reader);
}

/// Spread over the network and the same in every run; the dice of the machines are not touched.
void ScenarioRun::leave_many(std::uint64_t percent) {
  const std::vector<MachineIndex> members = world_.members();
  const std::size_t count = std::min(members.size(), std::max<std::size_t>(1, members.size() * percent / 100));
  for (std::size_t i = 0; i < count; ++i) world_.leave_node(members[i * members.size() / count]);
}

void ScenarioRun::turn_hostile(const ScenarioStep& step, TraceReader* reader) {
  world_.bound_hostile(step.most_in_swarm > 0 ? std::optional(step.most_in_swarm) : std::nullopt, reader);
  Malice malice = step.malice;
  if (!step.to.empty()) malice.against = world_.client(*world_.person(step.to)).id().account;
  if (step.number == 0) {
    if (const auto node = machine_of(step)) world_.set_hostile(*node, malice, reader);
  } else {
    const std::vector<MachineIndex> members = world_.members();
    const std::size_t count = (members.size() * step.number + 99) / 100;
    for (std::size_t i = 0; i < count; ++i) world_.set_hostile(members[i * members.size() / count], malice, reader);
  }
}

void ScenarioRun::turn_honest(const ScenarioStep& step, TraceReader* reader) {
  if (step.number == 0) {
    if (const auto node = machine_of(step)) world_.set_hostile(*node, {}, reader);
    return;
  }
  for (std::size_t i = 0; i < world_.nodes(); ++i) world_.set_hostile(world_.node(i), {}, reader);
}

void ScenarioRun::spam(const ScenarioStep& step, TraceReader* reader) {
  SpamConfig config = step.spam;
  config.victim = world_.client(*world_.person(step.to)).id().account;
  config.until = begin_ + *step.until;
  world_.add_spammer(config, reader);
}

bool is_survivable(const Scenario& scenario) {
  if (do_too_many_seeds_lie(scenario)) return false;
  std::size_t misleading = 0;
  return std::ranges::none_of(scenario.steps, [&](const ScenarioStep& step) {
    if (step.kind != Kind::Hostile) return false;
    if (step.most_in_swarm == 0 || step.most_in_swarm > kMostTraitors) return true;
    return step.malice.has(Hostile::Mislead) && (step.number != 0 || ++misleading > 1);
  });
}

void ScenarioRun::activity(const ScenarioStep& step, bool active) {
  const auto node = machine_of(step);
  if (!node) return;
  swarm::Chain& chain = world_.registry_machine().chain();
  const NodeId id = world_.service_node(*node).id();
  if (active)
    chain.recommission(id);
  else
    chain.decommission(id);
}

void ScenarioRun::set_link(const ScenarioStep& step) {
  if (step.from_side.empty()) return world_.set_link(step.link);
  const Side from = *world_.network().side(step.from_side), to = *world_.network().side(step.to_side);
  world_.network().set_link(from, to, step.link);
  if (step.both_ways) world_.network().set_link(to, from, step.link);
}

void ScenarioRun::part(const ScenarioStep& step, bool parted) {
  if (step.from_side.empty()) return world_.network().mend_all();
  const Side from = *world_.network().side(step.from_side), to = *world_.network().side(step.to_side);
  const auto one_way = [&](const Side& a, const Side& b) {
    if (parted)
      world_.network().cut(a, b, step.stops);
    else
      world_.network().mend(a, b, step.stops);
  };
  one_way(from, to);
  if (step.both_ways) one_way(to, from);
}

void ScenarioRun::clog(const ScenarioStep& step) {
  const Side from = *world_.network().side(step.from_side), to = *world_.network().side(step.to_side);
  const Instant until = begin_ + *step.until;
  world_.network().clog(from, to, until);
  if (step.both_ways) world_.network().clog(to, from, until);
  clogged_until_ = std::max(clogged_until_, until);
}

/// A wrong word is told by the checksum, eleven times in twelve; else it is the phrase of an account that nobody knows.
void ScenarioRun::restore(const ScenarioStep& step, TraceReader* reader) {
  const MachineIndex of = *world_.person(step.to);
  if (!step.wrong_phrase) {
    if (const auto restored = world_.restore_person(step.who, of, reader); !restored)
      refusals_.push_back(fmt::format("{}: {}", describe(step), restored.error().message));
    else
      static_cast<void>(world_.command(*restored, client::GoOnline{}, reader));
    return;
  }
  const auto account = world_.account(of).account();
  SeededRng dice(world_.config().seed, fmt::format("wrong word of {} {}", step.who, step.at.count));
  const auto seed = crypto::seed_of_phrase(misremembered(crypto::phrase_of((*account)->seed.bytes()), dice));
  if (!seed) return;
  store::AccountSeed other;
  std::ranges::copy(seed->bytes(), other.writable().begin());
  if (const auto stranger = world_.add_person(step.who, other, reader))
    static_cast<void>(world_.command(*stranger, client::GoOnline{}, reader));
}

/// Who cannot be online yet, for want of a disk that works, is so when it works.
void ScenarioRun::come_online(const ScenarioStep& step, TraceReader* reader) {
  const MachineIndex who = *world_.person(step.who);
  if (world_.is_down(who))
    world_.change_disk(who, step.disk, reader);
  else if (step.disk != World::Disk::Kept)
    refusals_.push_back(fmt::format("{}: they are online, and their disk stays", describe(step)));
  world_.set_down(who, false, reader);
  static_cast<void>(world_.command(who, client::GoOnline{}, reader));
}

/// Of the last message to that person: its delivery while it can be given up, or itself.
void ScenarioRun::take_back(const ScenarioStep& step, TraceReader* reader) {
  const MachineIndex who = *world_.person(step.who);
  const auto rows = world_.account(who).messages(world_.client(*world_.person(step.to)).id());
  if (!rows) return;
  const auto last = std::find_if(rows->rbegin(), rows->rend(), [](const auto& row) { return row.outgoing; });
  if (last == rows->rend()) return refusals_.push_back(fmt::format("{}: nothing was written", describe(step)));
  if (step.kind == Kind::Unsend) return command(step, client::Unsend{last->id}, reader);
  command(step, client::Cancel{last->outbox}, reader);
}

bool ScenarioRun::is_about_nobody(const ScenarioStep& step) {
  for (const std::string* name : {&step.who, &step.to, &step.swarm_of}) {
    if (name->empty() || (step.kind == Kind::Restore && name == &step.who) || world_.person(*name)) continue;
    refusals_.push_back(fmt::format("{}: {} was not restored", describe(step), *name));
    return true;
  }
  for (const std::string* side : {&step.from_side, &step.to_side}) {
    if (side->empty() || world_.network().side(*side)) continue;
    refusals_.push_back(fmt::format("{}: {} was not restored", describe(step), *side));
    return true;
  }
  return false;
}

void ScenarioRun::calm(TraceReader* reader) {
  world_.set_link(calm_);
  world_.network().set_special_links(calm_links_);
  world_.network().mend_all();
  world_.quieten_sites();
  for (std::size_t i = 0; i < world_.seeds(); ++i) world_.set_lie(i, SeedLie::None, {}, reader);
  for (std::uint32_t m = 1; m < world_.names().size(); ++m) {
    const MachineIndex machine{m};
    world_.set_paused(machine, false, reader);
    world_.set_slow(machine, {}, reader);
    world_.set_clock_stopped(machine, false);
    world_.set_clock_error(machine, {});
    world_.set_clock_drift(machine, 0);
    world_.set_late(machine, false, reader);
    if (!world_.is_node(machine) && !world_.is_person(machine)) continue;
    world_.set_disk_fault(machine, World::DiskFault::None, reader);
    world_.set_power_failing(machine, false);
    if (!world_.is_node(machine)) continue;
    world_.set_hostile(machine, {}, reader);
    world_.set_version(machine, Version::Current, reader);
    if (world_.has_left(machine)) continue;
    world_.set_down(machine, false, reader);
    // Whom the registry dropped because of a fault registers again.
    if (world_.was_dropped(machine)) world_.rejoin_node(machine, reader);
  }
  calm_since_ = std::max(world_.now(), clogged_until_);
  for (const Spammer& flood : world_.spammers()) calm_since_ = std::max(*calm_since_, flood.config().until);
}

/// What is done to one machine.
void ScenarioRun::change(const ScenarioStep& step, MachineIndex machine, TraceReader* reader) {
  switch (step.kind) {
    case Kind::NodeDown: return world_.set_down(machine, true, reader);
    case Kind::NodeUp:
      world_.set_power_failing(machine, false);
      if (world_.is_down(machine) && (!step.if_spared || world_.is_spared(machine)))
        world_.change_disk(machine, step.disk, reader);
      return world_.set_down(machine, false, reader);
    case Kind::PowerCut: return world_.set_power_failing(machine, true);
    case Kind::Version: return world_.set_version(machine, step.version, reader);
    case Kind::NodePause: return world_.set_paused(machine, true, reader);
    case Kind::NodeResume: return world_.set_paused(machine, false, reader);
    case Kind::NodeBackup: return world_.back_up(machine);
    case Kind::NodeLeave: return world_.leave_node(machine);
    case Kind::Slow: return world_.set_slow(machine, {step.amount, std::max<std::uint64_t>(1, step.number)}, reader);
    case Kind::Clock:
      world_.set_clock_error(machine, step.amount);
      world_.set_clock_drift(machine, step.drift);
      return world_.set_clock_stopped(machine, step.stopped);
    case Kind::RegistryLate: return world_.set_late(machine, true, reader);
    case Kind::RegistryCurrent: return world_.set_late(machine, false, reader);
    case Kind::DiskFault:
      return world_.set_disk_fault(machine, step.fault, reader, static_cast<std::uint32_t>(step.number) * 10'000);
    default: return;
  }
}

void ScenarioRun::carry_out(const ScenarioStep& step, TraceReader* reader) {
  world_.note(trace::Step{describe(step)}, world_.seed(), reader);
  if (is_fault(step)) calm_since_.reset();
  if (is_about_nobody(step)) return;
  const auto id_of = [&](const std::string& name) { return world_.client(*world_.person(name)).id(); };
  switch (step.kind) {
    case Kind::Ask: return command(step, client::Ask{id_of(step.to), step.text}, reader);
    case Kind::Accept: return command(step, client::Accept{id_of(step.to)}, reader);
    case Kind::Decline: return command(step, client::Decline{id_of(step.to)}, reader);
    case Kind::Send: return command(step, client::Send{id_of(step.to), step.text, step.lifetime}, reader);
    case Kind::Fetch: return command(step, client::Fetch{}, reader);
    case Kind::Online: return come_online(step, reader);
    case Kind::Offline: return world_.set_down(*world_.person(step.who), true, reader);
    case Kind::NodeDown:
    case Kind::NodeUp:
    case Kind::NodePause:
    case Kind::NodeResume:
    case Kind::NodeBackup:
    case Kind::NodeLeave:
    case Kind::Slow:
    case Kind::Clock:
    case Kind::RegistryLate:
    case Kind::RegistryCurrent:
    case Kind::DiskFault:
    case Kind::PowerCut:
    case Kind::Version:
      if (const auto machine = machine_of(step)) change(step, *machine, reader);
      return;
    case Kind::NodeJoin: return join(step, reader);
    case Kind::NodesLeave: return leave_many(step.number);
    case Kind::Fork: static_cast<void>(world_.fork(static_cast<std::size_t>(step.number), reader)); return;
    case Kind::Decommission: return activity(step, false);
    case Kind::Recommission: return activity(step, true);
    case Kind::Link: return set_link(step);
    case Kind::Part: return part(step, true);
    case Kind::Mend: return part(step, false);
    case Kind::Storm: {
      LinkModel link = calm_;
      link.loss_ppm = step.link.loss_ppm;
      world_.set_link(link);
      // Spread over the network and the same in every run; the dice of the machines are not touched.
      for (std::size_t i = 0; i < step.number; ++i)
        world_.set_down(world_.node(i * world_.nodes() / step.number), true, reader);
      return;
    }
    case Kind::Hostile: return turn_hostile(step, reader);
    case Kind::Honest: return turn_honest(step, reader);
    case Kind::Spam: return spam(step, reader);
    case Kind::Clog: return clog(step);
    case Kind::Restore: return restore(step, reader);
    case Kind::Cancel:
    case Kind::Unsend: return take_back(step, reader);
    case Kind::Calm: return calm(reader);
    case Kind::SeedLies:
    case Kind::SeedHonest:
      return world_.set_lie(step.number - 1, step.lie, step.to.empty() ? std::nullopt : world_.person(step.to), reader);
    case Kind::Difficulty: world_.registry_machine().chain().set_difficulty(step.number); return world_.seal_block(reader);
  }
}

std::vector<std::pair<std::string, client::Event>> ScenarioRun::events() {
  std::vector<std::pair<std::string, client::Event>> all;
  for (const MachineIndex person : world_.people()) {
    const auto rows = world_.account(person).events();
    if (!rows) continue;
    for (const auto& row : *rows)
      if (const auto event = client::parse_event(row.text)) all.emplace_back(world_.names()[person.value], *event);
  }
  return all;
}

std::vector<std::string> ScenarioRun::problems() {
  std::vector<std::string> problems = refusals_;
  const auto all = events();
  for (const Expectation& e : expect_) {
    std::uint64_t count = 0;
    if (!e.event.empty()) {
      for (const auto& [who, event] : all) {
        const auto from = world_.person(e.from);
        const bool from_fits = e.from.empty() || (from && event.from == world_.client(*from).id());
        count += who == e.who && e.event == client::name_of(event.type) && from_fits && (e.text.empty() || e.text == event.text)
                     ? 1
                     : 0;
      }
    } else {
      const auto who = world_.person(e.who);
      const auto rows = who ? world_.account(*who).outbox() : Result<std::vector<store::OutboxRow>>();
      for (const auto& row : rows.value_or(std::vector<store::OutboxRow>{}))
        count += row.message != 0 && e.delivery == client::name_of(static_cast<client::State>(row.state)) ? 1 : 0;
    }
    if (count != e.count)
      problems.push_back(fmt::format(
          "expected {} × {} of {}{}{}, found {}", e.count, e.event.empty() ? "delivery " + e.delivery : "event " + e.event,
          e.who, e.from.empty() ? "" : " from " + e.from, e.text.empty() ? "" : " '" + e.text + "'", count));
  }
  return problems;
}

}  // namespace session::sim

#include "sim/scenario_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/client/name.h"
#include "sim/regions.h"
#include "sim/scenario_hostile.h"
#include "sim/scenario_words.h"

namespace session::sim {
namespace {

using Json = nlohmann::json;
using Bad = FieldError;
using Object = FieldReader;
using Kind = ScenarioStep::Kind;

/// A person in `who`, or a node in `node`, perhaps of the swarm of `swarm_of`.
void machine(Object& object, ScenarioStep& step, const std::vector<std::string>& people, std::size_t nodes, bool or_person) {
  if (or_person && object.has("who")) {
    if (object.has("node")) throw Bad{object.at("node"), "who or node, not both"};
    step.who = read_person(object, "who", people);
    return;
  }
  step.node = object.number("node", 0, nodes - 1);
  if (object.has("swarm_of")) step.swarm_of = read_person(object, "swarm_of", people);
}

/// One of the words of a table, in this field.
template <class Words>
auto one_of(Object& object, const char* field, const Words& words, std::optional<std::string> absent = {}) {
  const std::string word = object.text(field, std::move(absent));
  std::string all;
  for (const auto& [known, value] : words) {
    if (word == known) return value;
    all += fmt::format("{}{}", all.empty() ? "" : ", ", known);
  }
  throw Bad{object.at(field), fmt::format("'{}' is none of {}", word, all)};
}

/// Of a clock, in parts in a million: slow ones negative.
std::int64_t drift(Object& object) {
  constexpr auto kMost = static_cast<std::uint64_t>(MachineClock::kMaxDrift);
  const auto slow = static_cast<std::int64_t>(object.number("slow_ppm", 0, kMost, 0));
  const auto fast = static_cast<std::int64_t>(object.number("fast_ppm", 0, kMost, 0));
  if (slow != 0 && fast != 0) throw Bad{object.at("slow_ppm"), "it cannot be fast and slow"};
  return fast - slow;
}

void read_clock(Object& object, ScenarioStep& step) {
  step.drift = drift(object);
  step.stopped = object.truth("stopped", false);
  if (object.has("slow_by"))
    step.amount = Millis{} - object.time("slow_by");
  else
    step.amount = object.time("fast_by", step.drift != 0 || step.stopped ? std::optional(Millis{}) : std::nullopt);
}

void read_sides(Object& object, ScenarioStep& step, const KnownNames& known) {
  step.from_side = read_side(object, "from", known.scenario.world, known.people, known.nodes);
  step.to_side = read_side(object, "to", known.scenario.world, known.people, known.nodes);
  step.both_ways = object.truth("both_ways", true);
}

/// When it ends.
Millis read_end(Object& object, const ScenarioStep& step) {
  const Millis until = object.time("until");
  if (until <= step.at) throw Bad{object.at("until"), "not after its beginning"};
  return until;
}

}  // namespace

std::string read_person(Object& object, const char* name, const std::vector<std::string>& people) {
  const std::string who = object.text(name);
  if (std::find(people.begin(), people.end(), who) == people.end())
    throw Bad{object.at(name), fmt::format("'{}' is not one of the people", who)};
  return who;
}

std::string read_side(Object& object, const char* name, const WorldConfig& world, const std::vector<std::string>& people,
                      std::size_t nodes) {
  const std::string side = object.text(name);
  const auto is_named = [&](const GroupConfig& group) { return group.name == side; };
  if (is_built_in(side) || seed_number(side, world.seeds) || (world.regions && region_of(side)) ||
      std::any_of(world.groups.begin(), world.groups.end(), is_named) ||
      std::find(people.begin(), people.end(), side) != people.end())
    return side;
  if (const auto number = node_number(side); number && *number < nodes) return side;
  throw Bad{object.at(name), fmt::format("'{}' is no group, person, node or seed", side)};
}

LinkModel read_link(Object& object, LinkModel link) {
  link.base = object.time("latency", link.base);
  link.jitter = object.time("jitter", link.jitter);
  link.loss_ppm = object.percent("loss_percent", link.loss_ppm);
  link.duplicate_ppm = object.percent("duplicate_percent", link.duplicate_ppm);
  link.reorder_ppm = object.percent("reorder_percent", link.reorder_ppm);
  link.replay_ppm = object.percent("replay_percent", link.replay_ppm);
  link.damage_ppm = object.percent("damage_percent", link.damage_ppm);
  return link;
}

void check_new_name(const std::string& name, const std::string& field) {
  if (const auto good = client::check_name(name); !good) throw Bad{field, good.error().message.substr(6)};
  if (is_built_in(name) || name == "links" || node_number(name) || name.starts_with("spammer-") || name.starts_with("seed-") ||
      region_of(name))
    throw Bad{field, fmt::format("'{}' means something else here", name)};
  if (name.find_first_of(",:") != name.npos) throw Bad{field, "a comma or a colon: names are listed with them"};
}

ScenarioStep read_step(const Json& json, const std::string& path, const KnownNames& known) {
  const Scenario& scenario = known.scenario;
  const std::size_t nodes = known.nodes;
  Object object(json, path);
  const auto& people = known.people;
  ScenarioStep step;
  step.at = object.time("at");
  const std::string kind = object.text("do");
  const auto read = step_of(kind);
  if (!read) throw Bad{object.at("do"), fmt::format("unknown step '{}'", kind)};
  step.kind = *read;
  switch (step.kind) {
    case Kind::Ask:
    case Kind::Send:
      step.who = read_person(object, "who", people);
      step.to = read_person(object, "to", people);
      step.text = object.text("text");
      if (step.kind == Kind::Send && object.has("lifetime")) step.lifetime = object.time("lifetime");
      break;
    case Kind::Accept:
    case Kind::Decline:
      step.who = read_person(object, "who", people);
      step.to = read_person(object, "from", people);
      break;
    case Kind::Fetch:
    case Kind::Offline: step.who = read_person(object, "who", people); break;
    case Kind::Online:
      step.who = read_person(object, "who", people);
      step.disk = one_of(object, "disk", kDisks, "kept");
      if (step.disk == World::Disk::Lost) throw Bad{object.at("disk"), "a person's is kept or old; restore makes a new device"};
      break;
    case Kind::PowerCut:
    case Kind::NodeBackup: machine(object, step, people, nodes, true); break;
    case Kind::NodeDown:
    case Kind::NodePause:
    case Kind::NodeResume:
    case Kind::NodeLeave:
    case Kind::Decommission:
    case Kind::Recommission: machine(object, step, people, nodes, false); break;
    case Kind::NodeUp:
      machine(object, step, people, nodes, false);
      step.disk = one_of(object, "disk", kDisks, "kept");
      step.if_spared = object.truth("if_spared", false);
      break;
    case Kind::NodeJoin:
      if (object.has("node"))
        step.node = object.number("node", 0, nodes - 1);
      else
        step.number = object.number("count", 1, kMaxNodes, 1);
      break;
    case Kind::RegistryLate:
    case Kind::RegistryCurrent: machine(object, step, people, nodes, true); break;
    case Kind::Fork: step.number = object.number("blocks", 1, swarm::kReorgBuffer); break;
    case Kind::DiskFault:
      machine(object, step, people, nodes, true);
      step.fault = one_of(object, "fault", kDiskFaults);
      if (step.fault == World::DiskFault::Flaky) step.number = object.number("share_percent", 1, 100, 5);
      break;
    case Kind::NodesLeave: step.number = object.number("share_percent", 1, 100); break;
    case Kind::Slow:
      machine(object, step, people, nodes, true);
      if (object.has("times")) step.number = object.number("times", 2, World::kSlowest);
      step.amount = object.time("by", step.number > 0 ? std::optional(Millis{}) : std::nullopt);
      break;
    case Kind::Clock:
      machine(object, step, people, nodes, true);
      read_clock(object, step);
      break;
    case Kind::Link:
      if (object.has("from") || object.has("to")) read_sides(object, step, known);
      step.link = read_link(object, scenario.world.link);
      break;
    case Kind::Mend:
      if (!object.has("from") && !object.has("to")) break;
      [[fallthrough]];
    case Kind::Part:
      read_sides(object, step, known);
      if (object.has("only")) step.stops = one_of(object, "only", kStops);
      break;
    case Kind::Clog:
      read_sides(object, step, known);
      step.until = read_end(object, step);
      break;
    case Kind::Storm:
      if (object.has("drawn")) {
        if (!object.truth("drawn", true)) throw Bad{object.at("drawn"), "expected true, or no such field"};
        step.until = read_end(object, step);
        if (*step.until > scenario.end) throw Bad{object.at("until"), "after the end"};
        break;
      }
      step.link.loss_ppm = object.percent("loss_percent", 0);
      step.number = object.number("nodes_down", 0, scenario.world.nodes, 0);
      break;
    case Kind::Calm: break;
    case Kind::Difficulty: step.number = object.number("difficulty", 1, 1'000'000); break;
    case Kind::Hostile:
      if (object.has("share_percent"))
        step.number = object.number("share_percent", 1, 100);
      else if (!object.has("node"))
        throw Bad{object.at("node"), "missing: give a node, with or without swarm_of, or share_percent"};
      else
        machine(object, step, people, nodes, false);
      if (object.has("against")) step.to = read_person(object, "against", people);
      read_malice(object, step);
      break;
    case Kind::Honest:
      if (object.has("node"))
        machine(object, step, people, nodes, false);
      else
        step.number = 1;
      break;
    case Kind::Version:
      machine(object, step, people, nodes, false);
      step.version = one_of(object, "speaks", kVersions);
      break;
    case Kind::Restore:
      step.who = object.text("who");
      step.to = read_person(object, "of", people);
      step.wrong_phrase = object.truth("wrong_phrase", false);
      break;
    case Kind::Cancel:
    case Kind::Unsend:
      step.who = read_person(object, "who", people);
      step.to = read_person(object, "to", people);
      break;
    case Kind::SeedLies:
    case Kind::SeedHonest:
      read_seed(object, step, scenario.world.seeds);
      if (step.kind == Kind::SeedLies && object.has("against")) step.to = read_person(object, "against", people);
      break;
    case Kind::Spam:
      step.to = read_person(object, "to", people);
      read_spam(object, step);
      break;
  }
  object.finish();
  return step;
}

}  // namespace session::sim

// A scenario as the file that says it: what an explored run leaves behind to be repeated.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "sim/scenario_words.h"

namespace session::sim {
namespace {

using Json = nlohmann::ordered_json;
using Kind = ScenarioStep::Kind;

constexpr std::pair<std::string_view, Kind> kWords[] = {
    {"ask", Kind::Ask},
    {"accept", Kind::Accept},
    {"decline", Kind::Decline},
    {"send", Kind::Send},
    {"fetch", Kind::Fetch},
    {"online", Kind::Online},
    {"offline", Kind::Offline},
    {"node-down", Kind::NodeDown},
    {"node-up", Kind::NodeUp},
    {"node-pause", Kind::NodePause},
    {"node-resume", Kind::NodeResume},
    {"node-backup", Kind::NodeBackup},
    {"node-join", Kind::NodeJoin},
    {"node-leave", Kind::NodeLeave},
    {"nodes-leave", Kind::NodesLeave},
    {"decommission", Kind::Decommission},
    {"recommission", Kind::Recommission},
    {"registry-late", Kind::RegistryLate},
    {"registry-current", Kind::RegistryCurrent},
    {"fork", Kind::Fork},
    {"disk-fault", Kind::DiskFault},
    {"slow", Kind::Slow},
    {"clock", Kind::Clock},
    {"link", Kind::Link},
    {"part", Kind::Part},
    {"mend", Kind::Mend},
    {"storm", Kind::Storm},
    {"calm", Kind::Calm},
    {"difficulty", Kind::Difficulty},
    {"hostile", Kind::Hostile},
    {"honest", Kind::Honest},
    {"spam", Kind::Spam},
    {"clog", Kind::Clog},
    {"power-cut", Kind::PowerCut},
    {"version", Kind::Version},
    {"restore", Kind::Restore},
    {"cancel", Kind::Cancel},
    {"unsend", Kind::Unsend},
    {"seed-lies", Kind::SeedLies},
    {"seed-honest", Kind::SeedHonest},
};

std::string time(Millis t) {
  constexpr std::pair<std::int64_t, const char*> kUnits[] = {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}};
  for (const auto& [size, unit] : kUnits)
    if (t.count != 0 && t.count % size == 0) return fmt::format("{}{}", t.count / size, unit);
  return fmt::format("{}ms", t.count);
}

void write_link(Json& json, const LinkModel& link) {
  json["latency"] = time(link.base);
  json["jitter"] = time(link.jitter);
  const std::pair<const char*, std::uint32_t> shares[] = {{"loss_percent", link.loss_ppm},
                                                          {"duplicate_percent", link.duplicate_ppm},
                                                          {"reorder_percent", link.reorder_ppm},
                                                          {"replay_percent", link.replay_ppm},
                                                          {"damage_percent", link.damage_ppm}};
  for (const auto& [name, ppm] : shares)
    if (ppm != 0) json[name] = ppm / 10'000;
}

template <class Words, class Value>
std::string_view word_in(const Words& words, Value value) {
  return std::ranges::find_if(words, [&](const auto& each) { return each.second == value; })->first;
}

void write_machine(Json& json, const ScenarioStep& step) {
  if (!step.who.empty()) {
    json["who"] = step.who;
    return;
  }
  json["node"] = step.node;
  if (!step.swarm_of.empty()) json["swarm_of"] = step.swarm_of;
}

void write_sides(Json& json, const ScenarioStep& step) {
  if (step.from_side.empty()) return;
  json["from"] = step.from_side;
  json["to"] = step.to_side;
  if (!step.both_ways) json["both_ways"] = false;
}

void write_hostile(Json& json, const ScenarioStep& step) {
  if (step.number > 0)
    json["share_percent"] = step.number;
  else
    write_machine(json, step);
  for (std::size_t i = 0; i < kHostiles; ++i)
    if (const auto way = static_cast<Hostile>(i); step.malice.has(way)) json["how"].push_back(word_of(way));
  if (!step.to.empty()) json["against"] = step.to;
  if (step.most_in_swarm > 0) json["most_in_swarm"] = step.most_in_swarm;
}

void write_spam(Json& json, const ScenarioStep& step) {
  const bool relays = step.spam.what == SpamConfig::What::Relays;
  json["to"] = step.to;
  if (relays) json["what"] = "relays";
  json["every"] = time(step.spam.every);
  json["bytes"] = step.spam.bytes;
  if (!relays) json["lifetime"] = time(step.spam.lifetime);
  if (step.spam.pays) json["pays"] = true;
  json["until"] = time(*step.until);
}

Json write_step(const ScenarioStep& step) {
  Json json = {{"at", time(step.at)}, {"do", word_of(step.kind)}};
  switch (step.kind) {
    case Kind::Ask:
    case Kind::Send:
      json["who"] = step.who;
      json["to"] = step.to;
      json["text"] = step.text;
      if (step.lifetime) json["lifetime"] = time(*step.lifetime);
      break;
    case Kind::Accept:
    case Kind::Decline:
      json["who"] = step.who;
      json["from"] = step.to;
      break;
    case Kind::Online:
      if (step.disk != World::Disk::Kept) json["disk"] = word_in(kDisks, step.disk);
      [[fallthrough]];
    case Kind::Fetch:
    case Kind::Offline: json["who"] = step.who; break;
    case Kind::NodeDown:
    case Kind::PowerCut:
    case Kind::NodePause:
    case Kind::NodeResume:
    case Kind::NodeBackup:
    case Kind::NodeLeave:
    case Kind::Decommission:
    case Kind::Recommission: write_machine(json, step); break;
    case Kind::NodeJoin:
      if (step.number > 0)
        json["count"] = step.number;
      else
        json["node"] = step.node;
      break;
    case Kind::NodesLeave: json["share_percent"] = step.number; break;
    case Kind::NodeUp:
      write_machine(json, step);
      if (step.disk != World::Disk::Kept) json["disk"] = word_in(kDisks, step.disk);
      if (step.if_spared) json["if_spared"] = true;
      break;
    case Kind::RegistryLate:
    case Kind::RegistryCurrent: write_machine(json, step); break;
    case Kind::Fork: json["blocks"] = step.number; break;
    case Kind::DiskFault:
      write_machine(json, step);
      json["fault"] = word_in(kDiskFaults, step.fault);
      if (step.fault == World::DiskFault::Flaky) json["share_percent"] = step.number;
      break;
    case Kind::Slow:
      write_machine(json, step);
      if (step.number < 2 || step.amount != Millis{}) json["by"] = time(step.amount);
      if (step.number > 1) json["times"] = step.number;
      break;
    case Kind::Clock:
      write_machine(json, step);
      if (step.amount < Millis{})
        json["slow_by"] = time(Millis{} - step.amount);
      else
        json["fast_by"] = time(step.amount);
      if (step.stopped) json["stopped"] = true;
      if (step.drift != 0) json[step.drift < 0 ? "slow_ppm" : "fast_ppm"] = std::abs(step.drift);
      break;
    case Kind::Link:
      write_sides(json, step);
      write_link(json, step.link);
      break;
    case Kind::Part:
    case Kind::Mend:
      write_sides(json, step);
      if (step.stops != Stops::All) json["only"] = word_in(kStops, step.stops);
      break;
    case Kind::Clog:
      write_sides(json, step);
      json["until"] = time(*step.until);
      break;
    case Kind::Version:
      write_machine(json, step);
      json["speaks"] = word_in(kVersions, step.version);
      break;
    case Kind::Restore:
      json["who"] = step.who;
      json["of"] = step.to;
      if (step.wrong_phrase) json["wrong_phrase"] = true;
      break;
    case Kind::Cancel:
    case Kind::Unsend:
      json["who"] = step.who;
      json["to"] = step.to;
      break;
    case Kind::Storm:
      if (step.until) {
        json["drawn"] = true;
        json["until"] = time(*step.until);
        break;
      }
      json["loss_percent"] = step.link.loss_ppm / 10'000;
      json["nodes_down"] = step.number;
      break;
    case Kind::Calm: break;
    case Kind::Difficulty: json["difficulty"] = step.number; break;
    case Kind::Hostile: write_hostile(json, step); break;
    case Kind::Honest:
      if (step.number == 0) write_machine(json, step);
      break;
    case Kind::SeedLies:
      json["seed"] = step.number;
      json["shows"] = word_in(kSeedLies, step.lie);
      if (!step.to.empty()) json["against"] = step.to;
      break;
    case Kind::SeedHonest: json["seed"] = step.number; break;
    case Kind::Spam: write_spam(json, step); break;
  }
  return json;
}

Json write_network(const WorldConfig& world) {
  Json json;
  for (const char* name : {"readme", "loki-2020", "today"})
    if (const auto preset = pow::preset(name); preset && preset->name == world.network.name) json["preset"] = name;
  if (world.seeds != 1) json["seeds"] = world.seeds;
  json["nodes"] = world.nodes;
  json["block_time"] = time(world.network.block_time);
  json["staking_requirement"] = world.network.staking_requirement;
  write_link(json, world.link);
  if (world.regions) json["regions"] = true;
  for (const auto& [name, line] : {std::pair{"nodes", &world.node_bandwidth}, {"people", &world.person_bandwidth}}) {
    if (line->up != 0) json["bandwidth"][name]["up"] = line->up;
    if (line->down != 0) json["bandwidth"][name]["down"] = line->down;
  }
  if (world.node_cpu.cpu != CpuClass::Unpriced) json["cpu"]["nodes"] = word_of(world.node_cpu.cpu);
  if (world.person_cpu.is_drawn)
    json["cpu"]["people"] = "drawn";
  else if (world.person_cpu.cpu != CpuClass::Unpriced)
    json["cpu"]["people"] = word_of(world.person_cpu.cpu);
  for (const GroupConfig& group : world.groups) {
    json["groups"].push_back({{"name", group.name}, {"nodes", group.nodes}, {"people", group.people}});
    if (!group.region.empty()) json["groups"].back()["region"] = group.region;
    if (group.cpu != CpuClass::Unpriced) json["groups"].back()["cpu"] = word_of(group.cpu);
  }
  for (const LinkConfig& link : world.links) {
    Json entry = {{"from", link.from}, {"to", link.to}, {"both_ways", link.both_ways}};
    write_link(entry, link.link);
    json["links"].push_back(std::move(entry));
  }
  return json;
}

Json write_expectation(const Expectation& e) {
  Json json = {{"who", e.who}};
  if (!e.event.empty()) json["event"] = e.event;
  if (!e.delivery.empty()) json["delivery"] = e.delivery;
  if (!e.from.empty()) json["from"] = e.from;
  if (!e.text.empty()) json["text"] = e.text;
  if (e.count != 1) json["count"] = e.count;
  return json;
}

Json write_habits(const HabitsConfig& habits) {
  Json json;
  if (habits.generated > 0)
    json["people"] = {{"count", habits.generated}};
  else
    json["people"] = habits.people;
  json["online_percent"] = habits.online_percent;
  json["messages_a_day"] = habits.messages_a_day;
  json["contacts"] = habits.contacts;
  json["clock"] = time(habits.clock);
  if (habits.until != Millis{}) json["until"] = time(habits.until);
  return json;
}

/// A list with an entry a line.
std::string lines_of(const std::vector<Json>& entries) {
  std::string out = "[";
  for (std::size_t i = 0; i < entries.size(); ++i) out += (i == 0 ? "\n    " : ",\n    ") + entries[i].dump();
  return out + (entries.empty() ? "]" : "\n  ]");
}

}  // namespace

std::optional<Kind> step_of(std::string_view word) {
  const auto* found = std::find_if(std::begin(kWords), std::end(kWords), [&](const auto& w) { return w.first == word; });
  if (found == std::end(kWords)) return std::nullopt;
  return found->second;
}

std::string_view word_of(Kind kind) {
  return std::find_if(std::begin(kWords), std::end(kWords), [&](const auto& w) { return w.second == kind; })->first;
}

std::string write_scenario(const Scenario& scenario) {
  std::vector<std::string> named = scenario.world.people;
  std::string habits;
  if (scenario.habits) {
    named.resize(named.size() - scenario.habits->generated);
    habits = fmt::format("  \"habits\": {},\n", write_habits(*scenario.habits).dump());
  }
  std::vector<Json> steps, expect;
  for (const ScenarioStep& step : scenario.steps) steps.push_back(write_step(step));
  for (const Expectation& e : scenario.expect) expect.push_back(write_expectation(e));
  std::string optional;
  if (const Fidelity fidelity = scenario.world.fidelity; fidelity != Fidelity::Real)
    optional += fmt::format("  \"fidelity\": \"{}\",\n", word_of(fidelity));
  if (scenario.world.sites != 0) {
    Json names = Json::array();
    for (std::size_t i = 0; i < site::kAll.size(); ++i)
      if ((scenario.world.sites >> i & 1) != 0) names.push_back(site::kAll[i].name);
    optional += fmt::format("  \"sites\": {},\n", names.dump());
  }
  return fmt::format(
      "{{\n  \"name\": {},\n  \"description\": {},\n  \"network\": {},\n{}  \"people\": {},\n{}  \"steps\": {},\n  \"end\": "
      "{},\n  \"expect\": {}\n}}\n",
      Json(scenario.name).dump(), Json(scenario.description).dump(), write_network(scenario.world).dump(), optional,
      Json(named).dump(), habits, lines_of(steps), Json(time(scenario.end)).dump(), lines_of(expect));
}

}  // namespace session::sim

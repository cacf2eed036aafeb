// The file form of a scenario. Every refusal names the file, the line and the field.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "core/base/text.h"
#include "core/client/event.h"
#include "sim/regions.h"
#include "sim/scenario_fields.h"
#include "sim/scenario_steps.h"
#include "sim/scenario_words.h"

namespace session::sim {
namespace {

using Json = nlohmann::json;
using Bad = FieldError;
using Object = FieldReader;
using Kind = ScenarioStep::Kind;

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxPeople = 10'000;
constexpr std::size_t kMaxSteps = 100'000;
constexpr std::size_t kMaxLinks = 1'000;
constexpr std::uint64_t kMostBandwidth = 1'000'000'000'000;  ///< bytes a second

/// Counts the lines while the parser reads, so that each value's line is known.
class LineIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  LineIterator(const char* at, std::size_t* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  LineIterator& operator++() {
    if (*at_ == '\n') ++*line_;
    ++at_;
    return *this;
  }
  friend bool operator==(const LineIterator& a, const LineIterator& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  std::size_t* line_;
};

/// The parsed text and where in it everything stands: "steps[3].text" -> 27.
struct Located {
  Json json;
  std::map<std::string, std::size_t> lines;
  [[nodiscard]] std::size_t line_of(std::string path) const {
    for (;; path = path.substr(0, path.find_last_of(".["))) {
      if (const auto found = lines.find(path); found != lines.end()) return found->second;
      if (path.find_last_of(".[") == path.npos) return 1;
    }
  }
};

/// Ends the parsing at once: the paths of what is nested deeper and deeper would grow with the square of its depth.
struct TooDeep : std::exception {};

/// Follows the parser's events and writes down the path of every value.
class Tracker {
 public:
  Tracker(Located& out, const std::size_t& line) : out_(out), line_(line) {}
  bool operator()(int, Json::parse_event_t event, Json& value) {
    using E = Json::parse_event_t;
    switch (event) {
      case E::key:
        key_ = value.get<std::string>();
        note(child());
        break;
      case E::object_start:
      case E::array_start:
        frames_.push_back({child(), event == E::array_start, 0});
        out_.lines.emplace(frames_.back().path, line_);
        if (frames_.size() > kMaxDepth) throw TooDeep();
        break;
      case E::object_end:
      case E::array_end:
        frames_.pop_back();
        next();
        break;
      case E::value:
        note(child());
        next();
        break;
    }
    return true;
  }

 private:
  struct Frame {
    std::string path;
    bool is_array = false;
    std::size_t index = 0;
  };
  [[nodiscard]] std::string child() const {
    if (frames_.empty()) return "";
    const Frame& f = frames_.back();
    if (f.is_array) return fmt::format("{}[{}]", f.path, f.index);
    return f.path.empty() ? key_ : f.path + "." + key_;
  }
  void note(const std::string& path) { out_.lines.emplace(path, line_); }
  void next() {
    if (!frames_.empty() && frames_.back().is_array) ++frames_.back().index;
  }
  Located& out_;
  const std::size_t& line_;
  std::vector<Frame> frames_;
  std::string key_;
};

/// How many nodes join in the file; what is wrong with a step is said when it is read.
std::size_t joining(const Json& steps) {
  std::size_t count = 0;
  for (const Json& step : steps) {
    if (!step.is_object() || step.value("do", Json()) != Json("node-join") || step.contains("node")) continue;
    const Json number = step.value("count", Json(1U));
    if (number.is_number_unsigned()) count += std::min<std::size_t>(number.get<std::size_t>(), kMaxNodes);
  }
  return count;
}

/// The people, and the devices that are restored in the file.
std::vector<std::string> with_devices(std::vector<std::string> people, const Json& steps) {
  for (const Json& step : steps) {
    if (!step.is_object() || step.value("do", Json()) != Json("restore") || step.value("wrong_phrase", Json()) == Json(true))
      continue;
    const Json name = step.value("who", Json());
    if (name.is_string()) people.push_back(name.get<std::string>());
  }
  return people;
}

/// Nobody acts before it has come; `devices` has the people and all that are restored.
void check_joined(const Scenario& scenario, const std::vector<std::string>& devices) {
  std::vector<std::size_t> order(scenario.steps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scenario.steps[a].at < scenario.steps[b].at; });
  std::size_t there = scenario.world.nodes;
  std::vector<std::string> people = scenario.world.people;
  std::vector<std::string> guessed;  // names under which a wrong phrase may have opened an account of nobody
  for (const std::size_t i : order) {
    const ScenarioStep& step = scenario.steps[i];
    const auto check = [&](const char* field, std::optional<std::size_t> node) {
      if (node && *node >= there)
        throw Bad{fmt::format("steps[{}].{}", i, field), fmt::format("{} has not joined by then", node_name(*node))};
    };
    if (step.swarm_of.empty()) check("node", step.node);
    check("from", node_number(step.from_side));
    check("to", node_number(step.to_side));
    if (step.kind == Kind::NodeJoin) there += step.number;
    const auto is_there = [&](const std::string& name) { return std::ranges::find(people, name) != people.end(); };
    const auto check_person = [&](const char* field, const std::string& name) {
      if (!name.empty() && !is_there(name))
        throw Bad{fmt::format("steps[{}].{}", i, field), fmt::format("{} was not restored by then", name)};
    };
    check_person("swarm_of", step.swarm_of);
    const auto check_side = [&](const char* field, const std::string& side) {
      if (std::ranges::find(devices, side) != devices.end()) check_person(field, side);
    };
    check_side("from", step.from_side);
    check_side("to", step.to_side);
    if (step.kind != Kind::Restore) {
      check_person("who", step.who);
      const bool is_from = step.kind == Kind::Accept || step.kind == Kind::Decline;
      check_person(is_from ? "from" : step.kind == Kind::Hostile || step.kind == Kind::SeedLies ? "against" : "to", step.to);
      continue;
    }
    check_person("of", step.to);
    const std::string field = fmt::format("steps[{}].who", i);
    check_new_name(step.who, field);
    const auto is_named = [&](const GroupConfig& group) { return group.name == step.who; };
    if (is_there(step.who) || std::ranges::any_of(scenario.world.groups, is_named))
      throw Bad{field, fmt::format("'{}' is there already", step.who)};
    if (std::ranges::find(guessed, step.who) != guessed.end())
      throw Bad{field, fmt::format("a wrong phrase was tried under '{}' before, and one in twelve opens an account", step.who)};
    (step.wrong_phrase ? guessed : people).push_back(step.who);
  }
  if (there > kMaxNodes) throw Bad{"steps", fmt::format("{} nodes in the end, at most {}", there, kMaxNodes)};
}

bool is_event(std::string_view name) {
  for (int type = 0; type <= static_cast<int>(client::EventType::Clock); ++type)
    if (name == client::name_of(static_cast<client::EventType>(type))) return true;
  return false;
}
bool is_state(std::string_view name) {
  for (int state = 0; state < client::kStates; ++state)
    if (name == client::name_of(static_cast<client::State>(state))) return true;
  return false;
}

Expectation read_expectation(const Json& json, const std::string& path, const std::vector<std::string>& people) {
  Object object(json, path);
  Expectation e;
  e.who = read_person(object, "who", people);
  e.event = object.text("event", "");
  e.delivery = object.text("delivery", "");
  if (e.event.empty() == e.delivery.empty()) throw Bad{object.at("event"), "give either an event or a delivery"};
  if (!e.event.empty() && !is_event(e.event)) throw Bad{object.at("event"), fmt::format("unknown event '{}'", e.event)};
  if (!e.delivery.empty() && !is_state(e.delivery))
    throw Bad{object.at("delivery"), fmt::format("unknown state '{}'", e.delivery)};
  if (object.has("from")) e.from = read_person(object, "from", people);
  e.text = object.text("text", "");
  e.count = object.number("count", 0, 1'000'000, 1);
  object.finish();
  return e;
}

Bandwidth bandwidth(const Json& json, const std::string& path) {
  Object object(json, path);
  const Bandwidth read{object.number("up", 1'000, kMostBandwidth, 0), object.number("down", 1'000, kMostBandwidth, 0)};
  object.finish();
  return read;
}

void read_bandwidth(const Json& json, WorldConfig& world) {
  Object object(json, "network.bandwidth");
  if (object.has("nodes")) world.node_bandwidth = bandwidth(json["nodes"], "network.bandwidth.nodes");
  if (object.has("people")) world.person_bandwidth = bandwidth(json["people"], "network.bandwidth.people");
  object.finish();
}

CpuClass cpu(Object& object, const char* name, CpuClass absent) {
  if (!object.has(name)) return absent;
  const std::string word = object.text(name);
  if (const auto read = cpu_class_of(word)) return *read;
  throw Bad{object.at(name), fmt::format("unknown class '{}'; there are phone, laptop, server", word)};
}

void read_cpu(const Json& json, WorldConfig& world) {
  Object object(json, "network.cpu");
  world.node_cpu.cpu = cpu(object, "nodes", CpuClass::Unpriced);
  world.person_cpu.is_drawn = object.has("people") && object.text("people") == "drawn";
  if (!world.person_cpu.is_drawn) world.person_cpu.cpu = cpu(object, "people", CpuClass::Unpriced);
  object.finish();
}

void read_network(const Json& json, WorldConfig& world) {
  Object object(json, "network");
  const std::string name = object.text("preset", "readme");
  const auto preset = pow::preset(name);
  if (!preset) throw Bad{object.at("preset"), fmt::format("unknown preset '{}'", name)};
  world.network = *preset;
  world.nodes = object.number("nodes", 8, kMaxNodes);
  world.seeds = object.number("seeds", 1, kMostSeeds, 1);
  world.network.block_time = object.time("block_time", world.network.block_time);
  if (world.network.block_time < seconds(1) || world.network.block_time > days(1))
    throw Bad{object.at("block_time"), "expected 1 s to 1 d"};
  world.network.staking_requirement =
      object.number("staking_requirement", 0, 100'000'000'000'000, world.network.staking_requirement);
  world.link = read_link(object, {});
  world.regions = object.truth("regions", false);
  if (object.has("bandwidth")) read_bandwidth(json["bandwidth"], world);
  if (object.has("cpu")) read_cpu(json["cpu"], world);
  static_cast<void>(object.has("groups"));
  static_cast<void>(object.has("links"));
  object.finish();
}

std::string region_names() {
  std::string names;
  for (const Region& region : regions()) names += fmt::format("{}{}", names.empty() ? "" : ", ", region.name);
  return names;
}

void read_groups(const Json& json, WorldConfig& world) {
  Object network(json, "network");
  if (!network.has("groups")) return;
  const Json& groups = network.list("groups", Network::kMaxGroups - (world.regions ? regions().size() : 0));
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Object object(groups[i], fmt::format("network.groups[{}]", i));
    GroupConfig group;
    group.name = object.text("name");
    const auto is_taken = [&](const GroupConfig& other) { return other.name == group.name; };
    if (group.name.empty() || is_built_in(group.name) || node_number(group.name) || group.name.starts_with("seed-") ||
        region_of(group.name) || std::any_of(world.groups.begin(), world.groups.end(), is_taken) ||
        std::find(world.people.begin(), world.people.end(), group.name) != world.people.end())
      throw Bad{object.at("name"), fmt::format("'{}' is no new name", group.name)};
    if (object.has("nodes")) {
      const Json& nodes = object.list("nodes", world.nodes);
      for (std::size_t n = 0; n < nodes.size(); ++n) {
        if (!nodes[n].is_number_unsigned() || nodes[n].get<std::uint64_t>() >= world.nodes)
          throw Bad{fmt::format("{}[{}]", object.at("nodes"), n),
                    fmt::format("expected a node's number, at most {}", world.nodes - 1)};
        group.nodes.push_back(nodes[n].get<std::size_t>());
      }
    }
    if (object.has("people")) {
      const Json& people = object.list("people", kMaxPeople);
      for (std::size_t n = 0; n < people.size(); ++n) {
        const std::string at = fmt::format("{}[{}]", object.at("people"), n), name = text_entry(people[n], at);
        if (std::find(world.people.begin(), world.people.end(), name) == world.people.end())
          throw Bad{at, fmt::format("'{}' is not one of the people", name)};
        group.people.push_back(name);
      }
    }
    group.region = object.text("region", "");
    if (!group.region.empty() && !region_of(group.region))
      throw Bad{object.at("region"), fmt::format("unknown region '{}'; there are {}", group.region, region_names())};
    group.cpu = cpu(object, "cpu", CpuClass::Unpriced);
    object.finish();
    world.groups.push_back(std::move(group));
  }
}

void read_links(const Json& json, WorldConfig& world) {
  Object network(json, "network");
  if (!network.has("links")) return;
  const Json& links = network.list("links", kMaxLinks);
  for (std::size_t i = 0; i < links.size(); ++i) {
    Object object(links[i], fmt::format("network.links[{}]", i));
    LinkConfig config;
    config.from = read_side(object, "from", world, world.people, world.nodes);
    config.to = read_side(object, "to", world, world.people, world.nodes);
    config.both_ways = object.truth("both_ways", true);
    config.link = read_link(object, world.link);
    object.finish();
    world.links.push_back(std::move(config));
  }
}

/// Names of people that are there, or a count of others, who are added to them.
HabitsConfig read_habits(const Json& json, std::vector<std::string>& people) {
  Object object(json, "habits");
  HabitsConfig habits;
  const Json& whose = object.member("people");
  if (whose.is_object()) {
    Object count(whose, "habits.people");
    habits.generated = count.number("count", 2, kMaxPeople - std::min(kMaxPeople - 2, people.size()));
    count.finish();
    for (std::size_t i = 0; i < habits.generated; ++i) {
      if (std::find(people.begin(), people.end(), person_name(i)) != people.end())
        throw Bad{"habits.people.count", fmt::format("'{}' is one of the people already", person_name(i))};
      habits.people.push_back(person_name(i));
    }
    people.insert(people.end(), habits.people.begin(), habits.people.end());
  } else {
    const Json& names = object.list("people", kMaxPeople);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string at = fmt::format("habits.people[{}]", i), name = text_entry(names[i], at);
      if (std::find(people.begin(), people.end(), name) == people.end())
        throw Bad{at, fmt::format("'{}' is not one of the people", name)};
      if (std::find(habits.people.begin(), habits.people.end(), name) != habits.people.end())
        throw Bad{at, fmt::format("'{}' twice", name)};
      habits.people.push_back(name);
    }
    if (names.size() < 2) throw Bad{"habits.people", "expected two people at least: nobody talks alone"};
  }
  const HabitsConfig usual;
  const auto number = [&](const char* name, std::uint64_t low, std::uint64_t high, std::uint32_t absent) {
    return static_cast<std::uint32_t>(object.number(name, low, high, absent));
  };
  habits.online_percent = number("online_percent", 1, 50, usual.online_percent);
  habits.messages_a_day = number("messages_a_day", 0, 10'000, usual.messages_a_day);
  habits.contacts = number("contacts", 1, 200, usual.contacts);
  habits.clock = object.time("clock", Millis{});
  if (habits.clock >= days(1)) throw Bad{object.at("clock"), "expected a time of the day, less than 24h"};
  habits.until = object.time("until", Millis{});
  if (object.has("until") && habits.until == Millis{}) throw Bad{object.at("until"), "not after the beginning"};
  object.finish();
  return habits;
}

std::uint32_t read_sites(const Json& names) {
  std::uint32_t sites = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string at = fmt::format("sites[{}]", i), name = text_entry(names[i], at);
    const auto known = site::find(name);
    if (!known) {
      std::string all;
      for (const site::Named& each : site::kAll) all += fmt::format("{}{}", all.empty() ? "" : ", ", each.name);
      throw Bad{at, fmt::format("'{}' is none of {}", name, all)};
    }
    if (!site::kAreBuilt)
      throw Bad{at, "this build has no fault sites, and would play another run; build with SESSION_MUTANTS"};
    const std::uint32_t bit = 1u << static_cast<unsigned>(*known);
    if ((sites & bit) != 0) throw Bad{at, fmt::format("'{}' twice", name)};
    sites |= bit;
  }
  return sites;
}

Scenario read_scenario(const Json& json) {
  Object object(json, "");
  Scenario scenario;
  static_cast<void>(object.has("$schema"));
  scenario.name = object.text("name");
  if (scenario.name.empty() || printable(scenario.name) != scenario.name)
    throw Bad{"name", "expected a name, of characters that can be shown"};
  scenario.description = object.text("description");
  if (printable(scenario.description) != scenario.description)
    throw Bad{"description", "holds a character that cannot be shown"};
  read_network(object.member("network"), scenario.world);
  const std::string fidelity = object.text("fidelity", std::string(word_of(Fidelity::Real)));
  const auto known = fidelity_of(fidelity);
  if (!known) throw Bad{object.at("fidelity"), fmt::format("'{}' is neither real nor modelled", fidelity)};
  scenario.world.fidelity = *known;
  if (object.has("sites")) scenario.world.sites = read_sites(object.list("sites", site::kAll.size()));
  const Json& people = object.list("people", kMaxPeople);
  for (std::size_t i = 0; i < people.size(); ++i) {
    const std::string at = fmt::format("people[{}]", i);
    if (!people[i].is_string() || people[i].get<std::string>().empty()) throw Bad{at, "expected a name"};
    const auto name = people[i].get<std::string>();
    if (std::count(scenario.world.people.begin(), scenario.world.people.end(), name) > 0)
      throw Bad{at, fmt::format("'{}' twice", name)};
    check_new_name(name, at);
    scenario.world.people.push_back(name);
  }
  if (object.has("habits")) scenario.habits = read_habits(json["habits"], scenario.world.people);
  read_groups(object.member("network"), scenario.world);
  read_links(object.member("network"), scenario.world);
  scenario.end = object.time("end");
  if (scenario.habits && scenario.habits->until > scenario.end) throw Bad{"habits.until", "after the end"};
  const Json& steps = object.list("steps", kMaxSteps);
  const KnownNames names{scenario, with_devices(scenario.world.people, steps), scenario.world.nodes + joining(steps)};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    scenario.steps.push_back(read_step(steps[i], fmt::format("steps[{}]", i), names));
    if (scenario.steps.back().at > scenario.end) throw Bad{fmt::format("steps[{}].at", i), "after the end"};
    if (scenario.steps.back().until.value_or(Millis{}) > scenario.end)
      throw Bad{fmt::format("steps[{}].until", i), "after the end"};
  }
  check_joined(scenario, names.people);
  std::stable_sort(scenario.steps.begin(), scenario.steps.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  const Json& expect = object.list("expect", kMaxSteps);
  for (std::size_t i = 0; i < expect.size(); ++i)
    scenario.expect.push_back(read_expectation(expect[i], fmt::format("expect[{}]", i), names.people));
  object.finish();
  return scenario;
}

}  // namespace

Result<Scenario> parse_scenario(std::string_view text, std::string_view file) {
  const auto bad = [&](std::size_t line, std::string_view what) {
    return fail(ErrorCode::Malformed, fmt::format("{}:{}: {}", file, line, what));
  };
  if (text.size() > kMostScenarioBytes) return bad(1, fmt::format("{} bytes, at most {}", text.size(), kMostScenarioBytes));
  Located located;
  std::size_t line = 1;
  Tracker tracker(located, line);
  try {
    located.json =
        Json::parse(LineIterator(text.data(), &line), LineIterator(text.data() + text.size(), &line), std::ref(tracker));
  } catch (const Json::exception& error) {
    return bad(line, fmt::format("not JSON: {}", error.what()));
  } catch (const TooDeep&) {
    return bad(line, fmt::format("nested deeper than {}", kMaxDepth));
  }
  try {
    return read_scenario(located.json);
  } catch (const Bad& wrong) {
    return bad(located.line_of(wrong.path), fmt::format("{}: {}", wrong.path.empty() ? "scenario" : wrong.path, wrong.why));
  }
}

}  // namespace session::sim

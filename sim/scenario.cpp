#include "sim/scenario.h"

#include <fmt/format.h>

#include <algorithm>

namespace session::sim {
namespace {

using Kind = ScenarioStep::Kind;

World make_world(const Scenario& scenario, std::uint64_t seed) {
  WorldConfig config = scenario.world;
  config.seed = seed;
  return World(config);
}

std::string describe(const ScenarioStep& step) {
  switch (step.kind) {
    case Kind::Ask: return fmt::format("{} asks {}: {}", step.who, step.to, step.text);
    case Kind::Accept: return fmt::format("{} accepts {}", step.who, step.to);
    case Kind::Decline: return fmt::format("{} declines {}", step.who, step.to);
    case Kind::Send: return fmt::format("{} writes to {}: {}", step.who, step.to, step.text);
    case Kind::Fetch: return fmt::format("{} fetches", step.who);
    case Kind::Online: return fmt::format("{} comes online", step.who);
    case Kind::Offline: return fmt::format("{} goes offline", step.who);
    case Kind::NodeDown:
      return step.swarm_of.empty() ? fmt::format("node {} goes down", step.node)
                                   : fmt::format("member {} of {}'s swarm goes down", step.node, step.swarm_of);
    case Kind::NodeUp:
      return step.swarm_of.empty() ? fmt::format("node {} comes back", step.node)
                                   : fmt::format("member {} of {}'s swarm comes back", step.node, step.swarm_of);
    case Kind::Storm: return fmt::format("a storm: {} % of packets lost, {} nodes down", step.loss_ppm / 10'000, step.number);
    case Kind::Calm: return "calm: every fault is healed";
    case Kind::Clock: return fmt::format("{}'s clock is fast by {} s", step.who, step.amount.count / 1000);
    case Kind::Difficulty: return fmt::format("the next block asks for difficulty {}", step.number);
  }
  return "";
}

}  // namespace

ScenarioRun::ScenarioRun(const Scenario& scenario, std::uint64_t seed)
    : world_(make_world(scenario, seed)),
      steps_(scenario.steps),
      expect_(scenario.expect),
      begin_(world_.now()),
      end_(world_.now() + scenario.end),
      calm_(scenario.world.link) {}

void ScenarioRun::advance(Instant until, TraceReader* reader) {
  until = std::min(until, end_);
  if (world_.now() == begin_ && next_ == 0)
    for (const std::string& name : std::vector<std::string>(
             world_.names().begin() + 1 + static_cast<std::ptrdiff_t>(world_.nodes()), world_.names().end()))
      static_cast<void>(world_.command(*world_.person(name), client::GoOnline{}, reader));
  while (next_ < steps_.size() && begin_ + steps_[next_].at <= until) {
    const ScenarioStep step = steps_[next_++];
    world_.run_until(begin_ + step.at, reader);
    carry_out(step, reader);
  }
  world_.run_until(until, reader);
}

void ScenarioRun::command(const ScenarioStep& step, const client::Command& command, TraceReader* reader) {
  const auto who = *world_.person(step.who);
  const auto outcome = world_.command(who, command, reader);
  if (!outcome)
    refusals_.push_back(fmt::format("{}: {}", describe(step), outcome.error().message));
  else if (outcome->refused)
    refusals_.push_back(fmt::format("{}: {}", describe(step), outcome->refused->message));
}

MachineIndex ScenarioRun::node_of(const ScenarioStep& step) {
  if (step.swarm_of.empty()) return world_.node(step.node);
  const auto& id = world_.client(*world_.person(step.swarm_of)).id();
  const auto& registry = *world_.registry();
  const auto members = registry.members(registry.swarm_of(id.account));
  const NodeId wanted = members[step.node % members.size()];
  for (std::size_t i = 0; i < world_.nodes(); ++i)
    if (world_.service_node(world_.node(i)).id() == wanted) return world_.node(i);
  return world_.node(0);
}

void ScenarioRun::carry_out(const ScenarioStep& step, TraceReader* reader) {
  world_.note(trace::Step{describe(step)}, world_.seed(), reader);
  const auto id_of = [&](const std::string& name) { return world_.client(*world_.person(name)).id(); };
  switch (step.kind) {
    case Kind::Ask: return command(step, client::Ask{id_of(step.to), step.text}, reader);
    case Kind::Accept: return command(step, client::Accept{id_of(step.to)}, reader);
    case Kind::Decline: return command(step, client::Decline{id_of(step.to)}, reader);
    case Kind::Send: return command(step, client::Send{id_of(step.to), step.text, step.lifetime}, reader);
    case Kind::Fetch: return command(step, client::Fetch{}, reader);
    case Kind::Online:
      world_.set_down(*world_.person(step.who), false, reader);
      return command(step, client::GoOnline{}, reader);
    case Kind::Offline: return world_.set_down(*world_.person(step.who), true, reader);
    case Kind::NodeDown: return world_.set_down(node_of(step), true, reader);
    case Kind::NodeUp: return world_.set_down(node_of(step), false, reader);
    case Kind::Storm: {
      LinkModel link = calm_;
      link.loss_ppm = step.loss_ppm;
      world_.set_link(link);
      // Spread over the network and the same in every run; the dice of the machines are not touched.
      for (std::size_t i = 0; i < step.number; ++i) {
        storm_nodes_.push_back(world_.node(i * world_.nodes() / step.number));
        world_.set_down(storm_nodes_.back(), true, reader);
      }
      return;
    }
    case Kind::Calm:
      world_.set_link(calm_);
      for (const MachineIndex node : storm_nodes_) world_.set_down(node, false, reader);
      storm_nodes_.clear();
      return;
    case Kind::Clock: return world_.set_clock_error(*world_.person(step.who), step.amount);
    case Kind::Difficulty: world_.registry_machine().chain().set_difficulty(step.number); return world_.seal_block(reader);
  }
}

std::vector<std::pair<std::string, client::Event>> ScenarioRun::events() {
  std::vector<std::pair<std::string, client::Event>> all;
  for (std::size_t i = 1 + world_.nodes(); i < world_.names().size(); ++i) {
    const auto rows = world_.account({static_cast<std::uint32_t>(i)}).events();
    if (!rows) continue;
    for (const auto& row : *rows)
      if (const auto event = client::parse_event(row.text)) all.emplace_back(world_.names()[i], *event);
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
        const bool from_fits = e.from.empty() || event.from == world_.client(*world_.person(e.from)).id();
        count += who == e.who && e.event == client::name_of(event.type) && from_fits && (e.text.empty() || e.text == event.text)
                     ? 1
                     : 0;
      }
    } else {
      const auto rows = world_.account(*world_.person(e.who)).outbox();
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

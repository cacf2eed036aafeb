// A scenario: what a simulated run is made of, as data. The file's form stands in assets/scenarios/scenario.schema.json.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "sim/world.h"

namespace session::sim {

/// One thing that happens at a time.
struct ScenarioStep {
  enum class Kind { Ask, Accept, Decline, Send, Fetch, Online, Offline, NodeDown, NodeUp, Storm, Calm, Clock, Difficulty };
  Millis at;
  Kind kind = Kind::Fetch;
  std::string who;
  std::string to;
  std::string text;
  std::optional<Millis> lifetime;
  std::size_t node = 0;        ///< index of a node ...
  std::string swarm_of;        ///< ... or the node-th member of this person's swarm
  Millis amount;               ///< Clock: the error
  std::uint64_t number = 0;    ///< Difficulty; Storm: nodes that go down
  std::uint32_t loss_ppm = 0;  ///< Storm
};

/// What must be true at the end.
struct Expectation {
  std::string who;
  std::string event;  ///< a type of client::Event, or empty
  std::string from;
  std::string text;
  std::string delivery;  ///< a state of deliveries of `who`, or empty
  std::uint64_t count = 1;
};

struct Scenario {
  std::string name;
  std::string description;
  WorldConfig world;
  Millis end;
  std::vector<ScenarioStep> steps;  ///< by time; those of one time in the order of the file
  std::vector<Expectation> expect;
};

/// Errors: Malformed, as `file:line: field: what is wrong`. At most 4 MiB, depth 16, 100 000 nodes.
[[nodiscard]] Result<Scenario> parse_scenario(std::string_view text, std::string_view file);

/// A run that is under way: a value with its world, so it can be copied at any time.
class ScenarioRun {
 public:
  ScenarioRun(const Scenario& scenario, std::uint64_t seed);
  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] bool is_over() const { return next_ == steps_.size() && world_.now() >= end_; }
  /// Up to and including `until`, but not past the scenario's end.
  void advance(Instant until, TraceReader* reader);
  [[nodiscard]] Instant begin() const { return begin_; }
  [[nodiscard]] Instant end() const { return end_; }
  /// Commands that were refused, and expectations that do not hold; empty when all is as the scenario says.
  [[nodiscard]] std::vector<std::string> problems();
  /// Events that people were told, by person.
  [[nodiscard]] std::vector<std::pair<std::string, client::Event>> events();

 private:
  void carry_out(const ScenarioStep& step, TraceReader* reader);
  void command(const ScenarioStep& step, const client::Command& command, TraceReader* reader);
  [[nodiscard]] MachineIndex node_of(const ScenarioStep& step);

  World world_;
  std::vector<ScenarioStep> steps_;
  std::vector<Expectation> expect_;
  std::size_t next_ = 0;
  Instant begin_, end_;
  LinkModel calm_;
  std::vector<MachineIndex> storm_nodes_;
  std::vector<std::string> refusals_;
};

}  // namespace session::sim

// A scenario: what a simulated run is made of, as data. The file's form stands in assets/scenarios/scenario.schema.json.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "sim/habits.h"
#include "sim/world.h"

namespace session::sim {

/// One thing that happens at a time.
struct ScenarioStep {
  enum class Kind {
    Ask,
    Accept,
    Decline,
    Send,
    Fetch,
    Online,
    Offline,
    NodeDown,
    NodeUp,
    NodePause,
    NodeResume,
    NodeBackup,
    NodeJoin,
    NodeLeave,
    NodesLeave,
    Decommission,
    Recommission,
    RegistryLate,
    RegistryCurrent,
    Fork,
    DiskFault,
    Slow,
    Clock,
    Link,
    Part,
    Mend,
    Storm,
    Calm,
    Difficulty,
    Hostile,
    Honest,
    Spam,
    Clog,
    PowerCut,
    Version,
    Restore,
    Cancel,
    Unsend,
    SeedLies,
    SeedHonest
  };
  Millis at;
  Kind kind = Kind::Fetch;
  std::string who;  ///< a person; empty where the step is about a node; Restore: the new device's name
  std::string to;   ///< Hostile: whom it is against, or empty for everybody; Restore: whose phrase
  std::string text;
  std::optional<Millis> lifetime;
  std::size_t node = 0;      ///< index of a node ...
  std::string swarm_of;      ///< ... or the node-th member of this person's swarm
  Millis amount;             ///< Clock: the error; Slow: by how much
  std::uint64_t number = 0;  ///< Difficulty; Storm: nodes that go down; NodeJoin: how many, 0: `node` comes again;
                             ///< SeedLies, SeedHonest: which one, from 1; NodesLeave: percent; Fork: blocks; DiskFault: percent
                             ///< that fail of a flaky one; Slow: how many times as long everything takes, 0: as ever
  std::string from_side, to_side;  ///< Link, Part, Mend, Clog: what Network::side knows; both empty: Link: all links, Mend: all
                                   ///< cuts
  bool both_ways = true;
  LinkModel link;                                   ///< Link; of a Storm only the loss
  Stops stops = Stops::All;                         ///< Part, Mend
  World::Disk disk = World::Disk::Kept;             ///< NodeUp, Online
  bool if_spared = false;                           ///< NodeUp: kept after all if nobody else has what is on it
  World::DiskFault fault = World::DiskFault::None;  ///< DiskFault
  std::int64_t drift = 0;                           ///< Clock: parts in a million
  bool stopped = false;                             ///< Clock
  Version version = Version::Current;               ///< Version
  bool wrong_phrase = false;                        ///< Restore: a word of it is another
  std::optional<Millis> until;                      ///< Storm: it is drawn from the seed, and calm from then on; Spam, Clog
  Malice malice;                                    ///< Hostile; whom it is against says `to`
  std::size_t most_in_swarm = 0;                    ///< Hostile: no swarm has more hostile members from now on; 0: no bound
  SeedLie lie = SeedLie::None;                      ///< SeedLies; to one person where `to` says so
  bool is_again = false;                            ///< not in files: a command once more, since the store failed before
  SpamConfig spam;                                  ///< Spam; the victim says `to`, the end `until`
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
  std::optional<HabitsConfig> habits;  ///< of people who live by themselves beside the steps
};

inline constexpr std::size_t kMostScenarioBytes = std::size_t{4} * 1024 * 1024;
/// Errors: Malformed, as `file:line: field: what is wrong`. At most 4 MiB, depth 16, 100 000 nodes.
[[nodiscard]] Result<Scenario> parse_scenario(std::string_view text, std::string_view file);
/// The file that parse_scenario reads as this scenario.
[[nodiscard]] std::string write_scenario(const Scenario& scenario);
/// Every step by which nodes turn hostile leaves most members of each swarm honest, at most kMostTraitors aside, and at
/// most one of them misleads (what two nodes say of the network is believed): what is promised of a network must hold in spite
/// of them. Otherwise only that nobody is lied to. Reliability.md 4: survivable, and beyond.
inline constexpr std::size_t kMostTraitors = 2;
[[nodiscard]] bool is_survivable(const Scenario& scenario);
/// One line about a step.
[[nodiscard]] std::string describe(const ScenarioStep& step);

/// A run that is under way: a value with its world, so it can be copied at any time.
class ScenarioRun {
 public:
  ScenarioRun(const Scenario& scenario, std::uint64_t seed);
  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] const World& world() const { return world_; }
  [[nodiscard]] bool is_over() const { return next_ == steps_.size() && world_.now() >= end_; }
  /// Up to and including `until`, but not past the scenario's end.
  void advance(Instant until, TraceReader* reader);
  [[nodiscard]] Instant begin() const { return begin_; }
  [[nodiscard]] Instant end() const { return end_; }
  /// Commands that were refused, and expectations that do not hold; empty when all is as the scenario says.
  [[nodiscard]] std::vector<std::string> problems();
  /// Commands that were refused.
  [[nodiscard]] const std::vector<std::string>& refusals() const { return refusals_; }
  /// When the last fault was healed; nothing when a fault may be left, the beginning when there was none.
  [[nodiscard]] std::optional<Instant> calm_since() const { return calm_since_; }
  /// What happens, with the storms that were drawn.
  [[nodiscard]] const std::vector<ScenarioStep>& steps() const { return steps_; }
  /// Events that people were told, by person.
  [[nodiscard]] std::vector<std::pair<std::string, client::Event>> events();

 private:
  void begin(TraceReader* reader);
  void live(TraceReader* reader);
  void carry_out(const ScenarioStep& step, TraceReader* reader);
  void command(const ScenarioStep& step, const client::Command& command, TraceReader* reader);
  /// How often the conversation has what a step writes; 0 for a step that writes nothing.
  [[nodiscard]] std::size_t written(const ScenarioStep& step);
  void try_again(ScenarioStep step);
  void change(const ScenarioStep& step, MachineIndex machine, TraceReader* reader);
  void calm(TraceReader* reader);
  void set_link(const ScenarioStep& step);
  void clog(const ScenarioStep& step);
  void part(const ScenarioStep& step, bool parted);
  void join(const ScenarioStep& step, TraceReader* reader);
  void leave_many(std::uint64_t percent);
  void turn_hostile(const ScenarioStep& step, TraceReader* reader);
  void turn_honest(const ScenarioStep& step, TraceReader* reader);
  void spam(const ScenarioStep& step, TraceReader* reader);
  void activity(const ScenarioStep& step, bool active);
  void come_online(const ScenarioStep& step, TraceReader* reader);
  void restore(const ScenarioStep& step, TraceReader* reader);
  void take_back(const ScenarioStep& step, TraceReader* reader);
  /// It names a device that was not restored; that is a refusal.
  [[nodiscard]] bool is_about_nobody(const ScenarioStep& step);
  /// The node that a step means; nothing, and a refusal, for one that has not come yet.
  [[nodiscard]] std::optional<MachineIndex> machine_of(const ScenarioStep& step);

  World world_;
  std::vector<ScenarioStep> steps_;
  std::vector<Expectation> expect_;
  std::vector<MachineIndex> living_;  ///< by their places in the habits
  std::optional<Habits> habits_;
  bool has_begun_ = false;
  std::size_t next_ = 0;
  Instant begin_, end_;
  LinkModel calm_;
  std::vector<Network::Special> calm_links_;
  std::optional<Instant> calm_since_;
  Instant clogged_until_;
  std::vector<std::string> refusals_;
};

}  // namespace session::sim

// Looks for trouble: small worlds drawn from a seed, with a storm and a calm, before all the judges. Each seed is a scenario of
// its own that can be written down, cut smaller and played again.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/marks.h"
#include "sim/oracles.h"
#include "sim/scenario.h"

namespace session::sim {

/// Time between the end of the storm and the verdict.
inline constexpr Millis kCalmTime = minutes(45);

/// The world of a seed: 8 to 21 nodes, two to five people who meet, a storm in which they write, and the calm. Some have
/// hostile nodes and floods, some nodes that come and go while blocks come fast. Nothing of it is left to be drawn: the faults
/// are its steps.
[[nodiscard]] Scenario draw_world(std::uint64_t seed);

/// What a world-year counts: 60 nodes, and 40 people with the habits of their days who write 200 messages a day; hours of it in
/// a storm, and the calm.
[[nodiscard]] Scenario draw_town(std::uint64_t seed);

struct Exploration {
  std::vector<Violation> violations;
  std::map<std::string, std::uint64_t> cases;  ///< that each oracle looked at
  MarkCounts marks{};                          ///< rare facts, how often each
  std::uint32_t sites = 0;                     ///< of the product that fired, a bit each
  std::string digest;
  std::uint64_t events = 0;
  Millis simulated;
  bool is_judged = false;  ///< there was calm for long enough at the end: else what holds only then was not looked at
};
/// What a test does to a world while it runs, to be found out; called with every check.
using Saboteur = std::function<void(World&)>;
/// Takes away something that a person was shown, once, and says in `died`, which must outlive it, that it did: a run of a
/// survivable scenario in which nobody notices that shows that the alarm is broken.
[[nodiscard]] Saboteur canary(bool& died);
/// Runs a scenario before the judges, who look twice a simulated minute (of one that lasts for days every five minutes), and
/// give their verdict at its end if it was calm then. Refused commands and unmet expectations are no violations.
[[nodiscard]] Exploration explore(const Scenario& scenario, std::uint64_t seed, const Saboteur& sabotage = {});
/// T1 and T2: runs it again, from a copy made in the middle on, and compares the digests.
[[nodiscard]] std::optional<Violation> wrong_with_repetition(const Scenario& scenario, std::uint64_t seed);

/// Leaves out steps and people while `oracle` is still violated; at most `most_runs` runs.
[[nodiscard]] Scenario shrink(Scenario scenario, std::uint64_t seed, const std::string& oracle, std::size_t most_runs,
                              const Saboteur& sabotage = {});

}  // namespace session::sim

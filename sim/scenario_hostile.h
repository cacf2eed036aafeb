// The fields of a scenario's steps `hostile` and `spam` that are theirs alone; whom they are about is read with the others.
#pragma once

#include "sim/scenario.h"
#include "sim/scenario_fields.h"

namespace session::sim {

/// `how` and `most_in_swarm`.
void read_malice(FieldReader& object, ScenarioStep& step);
/// `seed` and, of one that lies, `shows`.
void read_seed(FieldReader& object, ScenarioStep& step, std::size_t seeds);
[[nodiscard]] std::string describe_lie(const ScenarioStep& step);
/// At some time more than one of several, or the only one.
[[nodiscard]] bool do_too_many_seeds_lie(const Scenario& scenario);
/// All but `to`, with the end in `step.until`.
void read_spam(FieldReader& object, ScenarioStep& step);

}  // namespace session::sim

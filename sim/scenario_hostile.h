// The fields of a scenario's steps `hostile` and `spam` that are theirs alone; whom they are about is read with the others.
#pragma once

#include "sim/scenario.h"
#include "sim/scenario_fields.h"

namespace session::sim {

/// `how` and `most_in_swarm`.
void read_malice(FieldReader& object, ScenarioStep& step);
/// All but `to`, with the end in `step.until`.
void read_spam(FieldReader& object, ScenarioStep& step);

}  // namespace session::sim

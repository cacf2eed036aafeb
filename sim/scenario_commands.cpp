// What people of a scenario do with their machines, and do again when the machine's store failed.
#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario.h"

namespace session::sim {

using Kind = ScenarioStep::Kind;

void ScenarioRun::command(const ScenarioStep& step, const client::Command& command, TraceReader* reader) {
  const auto who = *world_.person(step.who);
  const bool may_fail = world_.disk_fault(who) != World::DiskFault::None || world_.is_power_failing(who);
  const std::size_t before = may_fail ? written(step) : 0;
  const auto outcome = world_.command(who, command, reader);
  if (outcome && outcome->refused && !step.is_again)
    refusals_.push_back(fmt::format("{}: {}", describe(step), outcome->refused->message));
  if (outcome) return;
  if (!may_fail) return refusals_.push_back(fmt::format("{}: {}", describe(step), outcome.error().message));
  // Who is told that it failed, and does not see it there, does it again. A sync that failed may have kept it.
  if (written(step) == before) try_again(step);
}

std::size_t ScenarioRun::written(const ScenarioStep& step) {
  if (step.kind != Kind::Send && step.kind != Kind::Ask) return 0;
  const auto rows = world_.account(*world_.person(step.who)).messages(world_.client(*world_.person(step.to)).id());
  const auto is_it = [&](const store::MessageRow& row) { return row.outgoing && row.body == step.text; };
  return rows ? static_cast<std::size_t>(std::ranges::count_if(*rows, is_it)) : 0;
}

void ScenarioRun::try_again(ScenarioStep step) {
  constexpr Millis kSoon = seconds(5);
  step.at = (world_.now() - begin_) + kSoon;
  step.is_again = true;
  if (begin_ + step.at > end_) return refusals_.push_back(fmt::format("{}: the store failed to the end", describe(step)));
  const auto next = steps_.begin() + static_cast<std::ptrdiff_t>(next_);
  const auto later = std::ranges::upper_bound(next, steps_.end(), step.at, {}, &ScenarioStep::at);
  steps_.insert(later, std::move(step));
}

}  // namespace session::sim

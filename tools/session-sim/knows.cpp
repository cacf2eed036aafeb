// session-sim knows: plays a scenario and says what nodes could know of it.
#include <fmt/format.h>

#include <iostream>

#include "sim/coalitions.h"
#include "sim/knowledge_words.h"
#include "sim/scenario_fields.h"
#include "sim/scenario_words.h"
#include "tools/session-sim/commands.h"

namespace session::tool {
namespace {

constexpr std::size_t kShown = 12;
constexpr std::uint64_t kDraws = 1'000;

}  // namespace

int knows(const KnowsOptions& options) {
  auto scenario = open_scenario(options.scenario);
  if (!scenario) return complain(scenario.error().message);
  if (!options.fidelity.empty()) scenario->world.fidelity = *sim::fidelity_of(options.fidelity);
  if (options.who.empty() && !options.hostile) return complain("knows: give --who or --hostile");
  std::optional<Millis> at;
  if (!options.at.empty()) {
    at = sim::duration(options.at);
    if (!at) return complain(fmt::format("knows: --at: '{}' is no time such as 90s or 10m", options.at));
    if (*at > scenario->end)
      return complain(fmt::format("knows: --at: the scenario ends after {} s", scenario->end.count / 1000));
  }
  sim::ScenarioRun run(*scenario, options.seed);
  sim::Recorder recorder(options.megabytes * 1024 * 1024);
  run.advance(run.begin() + at.value_or(scenario->end), &recorder);
  const sim::World& world = run.world();
  if (!options.who.empty()) {
    const auto coalition = sim::parse_coalition(options.who, world, recorder);
    if (!coalition) return complain("knows: --" + coalition.error().message);
    const sim::Knowledge knowledge = sim::know(recorder, world, *coalition);
    std::cout << (options.json ? sim::knowledge_json(knowledge, *coalition, world) + '\n'
                               : sim::knowledge_text(knowledge, *coalition, world, options.all ? ~std::size_t{0} : kShown));
  }
  if (options.hostile) {
    const auto chains = sim::chains_of(recorder, world);
    const auto small = sim::small_coalitions(chains, world);
    const auto hostile = sim::with_hostile(chains, world, *options.hostile, kDraws, options.seed);
    if (!options.json && recorder.forgotten() > 0)
      std::cout << fmt::format("the first {} packets are forgotten: see --memory\n", recorder.forgotten());
    std::cout << (options.json ? sim::coalitions_json(small, hostile, world) + '\n'
                               : sim::coalitions_text(small, hostile, world));
  }
  return 0;
}

}  // namespace session::tool

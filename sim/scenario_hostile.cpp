#include "sim/scenario_hostile.h"

#include <algorithm>
#include <set>

#include "core/wire/rpc.h"

namespace session::sim {
namespace {

constexpr std::uint64_t kMostMembers = 100'000;

std::string all_ways() {
  std::string words;
  for (std::size_t i = 0; i < kHostiles; ++i)
    words += fmt::format("{}{}", words.empty() ? "" : ", ", word_of(static_cast<Hostile>(i)));
  return words;
}

}  // namespace

void read_malice(FieldReader& object, ScenarioStep& step) {
  const nlohmann::json& how = object.list("how", kHostiles);
  for (std::size_t i = 0; i < how.size(); ++i) {
    const std::string at = fmt::format("{}[{}]", object.at("how"), i), word = text_entry(how[i], at);
    const auto way = hostile_of(word);
    if (!way) throw FieldError{at, fmt::format("'{}' is no way to be hostile; there are {}", word, all_ways())};
    step.malice.add(*way);
  }
  if (how.empty()) throw FieldError{object.at("how"), "expected one way to be hostile at least"};
  step.most_in_swarm = object.number("most_in_swarm", 1, kMostMembers, 0);
}

void read_seed(FieldReader& object, ScenarioStep& step, std::size_t seeds) {
  step.number = object.number("seed", 1, seeds);
  if (step.kind == ScenarioStep::Kind::SeedHonest) return;
  const std::string word = object.text("shows");
  const auto* lie = std::ranges::find(kSeedLies, word, [](const auto& each) { return each.first; });
  if (lie == std::end(kSeedLies)) {
    std::string all;
    for (const auto& each : kSeedLies) all += fmt::format("{}{}", all.empty() ? "" : ", ", each.first);
    throw FieldError{object.at("shows"), fmt::format("'{}' is none of {}", word, all)};
  }
  step.lie = lie->second;
}

std::string describe_lie(const ScenarioStep& step) {
  const auto* lie = std::ranges::find(kSeedLies, step.lie, [](const auto& each) { return each.second; });
  return fmt::format("seed {} lies{}: {}", step.number, step.to.empty() ? "" : " to " + step.to, lie->first);
}

bool do_too_many_seeds_lie(const Scenario& scenario) {
  std::set<std::uint64_t> liars;
  for (const ScenarioStep& step : scenario.steps) {
    if (step.kind == ScenarioStep::Kind::SeedLies) liars.insert(step.number);
    if (step.kind == ScenarioStep::Kind::SeedHonest) liars.erase(step.number);
    if (step.kind == ScenarioStep::Kind::Calm) liars.clear();
    if (liars.size() > (scenario.world.seeds > 1 ? 1U : 0U)) return true;
  }
  return false;
}

void read_spam(FieldReader& object, ScenarioStep& step) {
  const std::string what = object.text("what", "stores");
  if (what != "stores" && what != "relays")
    throw FieldError{object.at("what"), fmt::format("'{}' is neither stores nor relays", what)};
  const bool relays = what == "relays";
  step.spam.what = relays ? SpamConfig::What::Relays : SpamConfig::What::Stores;
  step.spam.every = object.time("every", step.spam.every);
  if (step.spam.every < Millis{1}) throw FieldError{object.at("every"), "expected 1 ms at least"};
  step.spam.bytes = object.number("bytes", 1, relays ? wire::kMaxRelayBytes : wire::kMaxDataBytes, step.spam.bytes);
  if (!relays) {
    step.spam.pays = object.truth("pays", false);
    step.spam.lifetime = object.time("lifetime", step.spam.lifetime);
    if (step.spam.lifetime > days(30)) throw FieldError{object.at("lifetime"), "longer than 30d, which no node keeps anything"};
  }
  step.until = object.time("until");
  if (*step.until <= step.at) throw FieldError{object.at("until"), "not after its beginning"};
}

}  // namespace session::sim

// Who is hostile in a world, and who floods it.
#include <fmt/format.h>

#include "core/modelled/suite.h"
#include "sim/world.h"

namespace session::sim {

void World::set_hostile(MachineIndex machine, const Malice& malice, TraceReader* reader) {
  Node& node = node_at(machine);
  const Malice before = node.adversary.malice();
  if (before == malice) return;
  node.adversary.become(malice, node.store);
  if (malice.any())
    coalition_.insert(node.entry.id);
  else
    coalition_.erase(node.entry.id);
  for (std::size_t i = 0; i < kHostiles; ++i) {
    const auto way = static_cast<Hostile>(i);
    if (before.has(way) && !malice.has(way)) note(trace::FaultEnded{machine, std::string(kind_of(way))}, machine, reader);
    if (!before.has(way) && malice.has(way)) note(trace::FaultBegan{machine, std::string(kind_of(way))}, machine, reader);
  }
  if (malice.any()) spare_swarms(reader);
}

void World::bound_hostile(std::optional<std::size_t> most_in_swarm, TraceReader* reader) {
  most_hostile_ = most_in_swarm;
  spare_swarms(reader);
}

void World::spare_swarms(TraceReader* reader) {
  if (!most_hostile_ || coalition_.empty()) return;
  const auto registry = seed_.registry();
  for (const SwarmId swarm : registry->swarm_ids()) {
    std::size_t hostile = 0;
    for (const NodeId& member : registry->members(swarm))
      if (coalition_.contains(member) && ++hostile > *most_hostile_) set_hostile(by_id_.at(member), {}, reader);
  }
}

MachineIndex World::add_spammer(const SpamConfig& config, TraceReader* reader) {
  const MachineIndex machine = add_machine(fmt::format("spammer-{:02}", spammers_.size()), Network::MachineKind::Stranger);
  spammers_.emplace_back(config);
  wire::Effects effects(false);
  spammers_.back().start(clock_of(machine), effects);
  carry_out(machine, effects.take(), reader);
  return machine;
}

void World::feed_spammer(MachineIndex machine, const Spammer::Input& input, TraceReader* reader) {
  const modelled::Scope cryptography(is_modelled());
  wire::Effects effects(false);
  spammers_[roles_[machine.value].place].on(input, {clock_of(machine), dice_[machine.value], *seed_.registry(), effects});
  carry_out(machine, effects.take(), reader);
}

}  // namespace session::sim

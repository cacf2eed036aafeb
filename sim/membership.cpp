// Who is in a world: nodes that are there from the beginning, that join, leave and come again while it runs.
#include <fmt/format.h>

#include <algorithm>

#include "core/modelled/suite.h"
#include "sim/pace.h"
#include "sim/world.h"

namespace session::sim {

std::string node_name(std::size_t i) { return fmt::format("node-{:02}", i); }

std::optional<std::size_t> node_number(std::string_view name) {
  constexpr std::string_view kPrefix = "node-";
  if (!name.starts_with(kPrefix) || name.size() > kPrefix.size() + 9) return std::nullopt;
  std::size_t number = 0;
  for (const char c : name.substr(kPrefix.size())) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::size_t>(c - '0');
  }
  return node_name(number) == name ? std::optional(number) : std::nullopt;
}

MachineIndex World::make_node() {
  const std::size_t i = nodes_.size();
  const MachineIndex machine = add_machine(node_name(i), Network::MachineKind::Node);
  node::Config node;
  node.keys = crypto::ed25519_pair(dice_.back());
  node.seed_url = kSeedUrl;
  const Pace pace = pace_of(config_.network.block_time);
  node.registry_every = pace.registry_every;
  node.test_every = pace.test_every;
  node.repair_every = pace.repair_every;
  wire::RegistryEntry entry;
  entry.id = crypto::node_of(node.keys.open);
  entry.x25519 = crypto::x25519_of(node.keys).open;
  // Every node in a network of its own, so that the rule of one hop per /24 holds.
  entry.address = {fmt::format("10.{}.{}.1", i / 250, 1 + i % 250), 22021};
  by_id_.emplace(entry.id, machine);
  nodes_.push_back({.entry = entry,
                    .config = node,
                    .machine = node::ServiceNode(node),
                    .store = {},
                    .backup = {},
                    .adversary = Adversary(config_.seed, node_name(i))});
  return machine;
}

MachineIndex World::add_node(TraceReader* reader) {
  const modelled::Scope cryptography(is_modelled());
  const MachineIndex machine = make_node();
  seed_.chain().enter(node_at(machine).entry);
  start(machine, reader);
  return machine;
}

void World::leave_node(MachineIndex machine) {
  seed_.chain().leave(node_at(machine).entry.id);
  has_left_[machine.value] = true;
}

void World::rejoin_node(MachineIndex machine, TraceReader* reader) {
  seed_.chain().enter(node_at(machine).entry);
  has_left_[machine.value] = false;
  set_down(machine, false, reader);
}

bool World::was_dropped(MachineIndex machine) const {
  return !has_left_[machine.value] && seed_.registry()->find(node_at(machine).entry.id) == nullptr;
}

std::vector<MachineIndex> World::members() const {
  std::vector<MachineIndex> all;
  for (const MachineIndex machine : node_machines_)
    if (!has_left_[machine.value]) all.push_back(machine);
  return all;
}

}  // namespace session::sim

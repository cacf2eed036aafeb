#include "core/swarm/chain.h"

#include <algorithm>

#include "core/crypto/hash.h"

namespace session::swarm {

Chain::Chain(pow::NetworkParameters network) : network_(std::move(network)) {
  hash_ = crypto::blake2b_256({bytes_of("session private chain"), bytes_of(network_.name)});
  registry_ = std::make_shared<const Registry>(height_, hash_, network_, std::vector<wire::RegistryEntry>{});
}

Chain::Chain(RegistrySnapshot kept)
    : network_(kept->network()), height_(kept->height()), hash_(kept->block_hash()), registry_(std::move(kept)) {
  for (const auto& node : registry_->nodes()) nodes_.emplace(node.id, node);
}

void Chain::enter(const wire::RegistryEntry& node) { queue_.push_back(Entered{node}); }
void Chain::leave(const NodeId& node) { queue_.push_back(Left{node}); }
void Chain::decommission(const NodeId& node) { queue_.push_back(Activity{node, false}); }
void Chain::recommission(const NodeId& node) { queue_.push_back(Activity{node, true}); }
void Chain::set_difficulty(std::uint64_t difficulty) { queue_.push_back(Difficulty{difficulty}); }

/// True when the set of active nodes changed.
bool Chain::apply(const Change& change) {
  if (const auto* entered = std::get_if<Entered>(&change)) {
    const auto known = nodes_.find(entered->node.id);
    if (known != nodes_.end()) {
      known->second.address = entered->node.address;
      return false;
    }
    wire::RegistryEntry node = entered->node;
    node.swarm = kNoSwarm;
    node.registration_height = node.state_height = height_;
    const bool active = node.active;
    nodes_.emplace(node.id, std::move(node));
    return active;
  }
  if (const auto* left = std::get_if<Left>(&change)) return nodes_.erase(left->node) > 0;
  if (const auto* activity = std::get_if<Activity>(&change)) {
    const auto known = nodes_.find(activity->node);
    if (known == nodes_.end() || known->second.active == activity->active) return false;
    known->second.active = activity->active;
    known->second.swarm = kNoSwarm;
    known->second.state_height = height_;
    if (!activity->active) ++known->second.decommission_count;
    return true;
  }
  network_.difficulty = std::max<std::uint64_t>(1, std::get<Difficulty>(change).value);
  return false;
}

/// From the list alone, in ascending order of ids: whoever knows the same nodes and the same block computes the same swarms,
/// and a swarm that everybody has left is gone. Source: service-node.md 2.2.
void Chain::compute_swarms() {
  SwarmMap swarms;
  for (const auto& [id, node] : nodes_)
    if (node.active) swarms[node.swarm].push_back(id);
  assign_swarms(swarms, seed_of(hash_));
  for (const auto& [swarm, members] : swarms)
    for (const NodeId& node : members) nodes_.at(node).swarm = swarm;
}

RegistrySnapshot Chain::seal_block() {
  ++height_;
  Bytes text = concat(hash_, little(height_));
  bool changed = false;
  for (const Change& change : queue_) {
    append(text, little(static_cast<std::uint64_t>(change.index())));
    if (const auto* entered = std::get_if<Entered>(&change)) append(text, entered->node.id.key);
    if (const auto* left = std::get_if<Left>(&change)) append(text, left->node.key);
    if (const auto* activity = std::get_if<Activity>(&change)) append(text, activity->node.key);
    if (const auto* difficulty = std::get_if<Difficulty>(&change)) append(text, little(difficulty->value));
    changed = apply(change) || changed;
  }
  queue_.clear();
  hash_ = crypto::blake2b_256({text});
  if (changed) compute_swarms();
  std::vector<wire::RegistryEntry> nodes;
  for (const auto& [id, node] : nodes_) nodes.push_back(node);
  registry_ = std::make_shared<const Registry>(height_, hash_, network_, std::move(nodes));
  return registry_;
}

}  // namespace session::swarm

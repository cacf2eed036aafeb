#include "core/swarm/registry.h"

#include <algorithm>

#include "core/swarm/ring.h"

namespace session::swarm {

Registry::Registry(std::uint64_t height, const ByteArray<32>& block_hash, pow::NetworkParameters network,
                   std::vector<wire::RegistryEntry> nodes)
    : height_(height), block_hash_(block_hash), network_(std::move(network)), nodes_(std::move(nodes)) {
  std::sort(nodes_.begin(), nodes_.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  for (const auto& node : nodes_)
    if (node.active && node.swarm.is_assigned()) swarms_[node.swarm].push_back(node.id);
  for (const auto& [id, members] : swarms_) ids_.push_back(id);
}

const wire::RegistryEntry* Registry::find(const NodeId& id) const {
  const auto at =
      std::lower_bound(nodes_.begin(), nodes_.end(), id, [](const auto& node, const NodeId& x) { return node.id < x; });
  return at != nodes_.end() && at->id == id ? &*at : nullptr;
}

SwarmId Registry::swarm_of(const Account& account) const { return swarm_at(ids_, ring_point(account)); }

std::span<const NodeId> Registry::members(SwarmId swarm) const {
  const auto found = swarms_.find(swarm);
  return found == swarms_.end() ? std::span<const NodeId>{} : std::span<const NodeId>(found->second);
}

Result<RegistrySnapshot> from_wire(const wire::RegistryAnswer& answer) {
  if (answer.unchanged) return fail(ErrorCode::Malformed, "registry: the answer says only that nothing changed");
  auto network = answer.network.value_or(*pow::preset("today"));
  return std::make_shared<const Registry>(answer.height, answer.block_hash, std::move(network), answer.nodes);
}

wire::RegistryAnswer to_wire(const Registry& registry) {
  wire::RegistryAnswer answer;
  answer.height = registry.height();
  answer.block_hash = registry.block_hash();
  answer.nodes = registry.nodes();
  answer.network = registry.network();
  return answer;
}

wire::SwarmAnswer swarm_answer(const Registry& registry, SwarmId swarm, wire::AnswerHead head) {
  wire::SwarmAnswer answer{.swarm = swarm, .members = {}, .head = head};
  for (const NodeId& id : registry.members(swarm)) {
    const auto* node = registry.find(id);
    answer.members.push_back({node->id, node->x25519, node->address});
  }
  return answer;
}

}  // namespace session::swarm

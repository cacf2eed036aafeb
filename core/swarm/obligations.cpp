#include "core/swarm/obligations.h"

#include <algorithm>

#include "core/swarm/assignment.h"

namespace session::swarm {
namespace {

/// Bytes 8 to 15 of the hash: the first eight draw the swarms.
std::uint64_t quorum_seed(const ByteArray<32>& hash) {
  std::uint64_t seed = 0;
  for (std::size_t i = 8; i < 16; ++i) seed |= static_cast<std::uint64_t>(hash[i]) << (8 * (i - 8));
  return seed;
}

/// The first `count` places hold a uniform draw, in the order drawn.
void draw(std::vector<NodeId>& from, std::size_t count, SwarmDice& dice) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto other = static_cast<std::size_t>(dice.below(from.size() - i));
    std::swap(from[i], from[i + other]);
  }
}

bool has(const std::vector<NodeId>& nodes, const NodeId& node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

}  // namespace

bool Quorum::has_validator(const NodeId& node) const { return has(validators, node); }
bool Quorum::has_tested(const NodeId& node) const { return has(tested, node); }

Quorum quorum_of(const Registry& registry) {
  Quorum quorum{registry.height(), registry.block_hash(), {}, {}};
  std::vector<NodeId> active, others;
  for (const wire::RegistryEntry& node : registry.nodes()) {
    if (!node.funded) continue;
    (node.active ? active : others).push_back(node.id);
  }
  if (active.size() <= kValidators) return quorum;
  SwarmDice dice(quorum_seed(registry.block_hash()));
  draw(active, kValidators, dice);
  const auto split = active.begin() + static_cast<std::ptrdiff_t>(kValidators);
  quorum.validators.assign(active.begin(), split);
  quorum.tested.assign(split, active.end());
  quorum.tested.insert(quorum.tested.end(), others.begin(), others.end());
  const std::size_t wanted = std::max(kTestedAtLeast, registry.nodes().size() * kTestedPercent / 100);
  if (quorum.tested.size() > wanted) {
    draw(quorum.tested, wanted, dice);
    quorum.tested.resize(wanted);
  }
  return quorum;
}

std::int64_t Credit::at(std::uint64_t height) const {
  if (!is_active) return blocks - static_cast<std::int64_t>(height - since);
  const std::uint64_t earned = height / kBlocksPerCredit - since / kBlocksPerCredit;
  return std::min(kMaxCredit, blocks + static_cast<std::int64_t>(earned));
}

const char* name_of(Ruling ruling) {
  switch (ruling) {
    case Ruling::None: return "none";
    case Ruling::Decommission: return "decommission";
    case Ruling::Deregister: return "deregister";
    case Ruling::Recommission: return "recommission";
  }
  return "none";
}

Ruling ruling_for(bool passed, bool is_active, std::int64_t credit) {
  if (passed) return is_active ? Ruling::None : Ruling::Recommission;
  if (is_active) return credit >= kInitialCredit ? Ruling::Decommission : Ruling::Deregister;
  return credit < 0 ? Ruling::Deregister : Ruling::None;
}

}  // namespace session::swarm

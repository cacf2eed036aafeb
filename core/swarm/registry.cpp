#include "core/swarm/registry.h"

#include <algorithm>

#include "core/crypto/hash.h"
#include "core/swarm/ring.h"

namespace session::swarm {
namespace {

/// Some blocks are known to some while others know the next ones already.
constexpr std::size_t kMostKnown = 16;

struct KnownRegistry {
  std::weak_ptr<const Registry> snapshot;
  ByteArray<32> text{};  ///< the hash of the answer that it was read from; zeros: none
};
using Known = std::vector<KnownRegistry>;

/// The newest at the end.
Known& known_here() {
  thread_local Known known;
  return known;
}

/// What a layer for that node is sealed with follows from its id (service-node.md 1.2). Whoever could name another key would
/// open what is meant for others, or have it opened by nobody.
bool has_its_own_key(const wire::RegistryEntry& node) {
  const auto own = crypto::x25519_of(crypto::key_of(node.id));
  return own && *own == node.x25519;
}

void remember(KnownRegistry one) {
  Known& known = known_here();
  std::erase_if(known, [](const KnownRegistry& each) { return each.snapshot.expired(); });
  if (known.size() >= kMostKnown) known.erase(known.begin());
  known.push_back(std::move(one));
}

}  // namespace

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

RegistrySnapshot shared(Registry registry) {
  Known& known = known_here();
  for (const auto& each : known)
    if (auto other = each.snapshot.lock(); other && *other == registry) return other;
  auto snapshot = std::make_shared<const Registry>(std::move(registry));
  remember({snapshot, {}});
  return snapshot;
}

Result<RegistrySnapshot> from_wire(const wire::RegistryAnswer& answer) {
  if (answer.unchanged) return fail(ErrorCode::Malformed, "registry: the answer says only that nothing changed");
  auto network = answer.network.value_or(*pow::preset("today"));
  return shared(Registry(answer.height, answer.block_hash, std::move(network), answer.nodes));
}

Result<RegistrySnapshot> read_registry(BytesView text, const Registry* known, const Doubt& doubt) {
  const auto name = crypto::blake2b_256({text});
  RegistrySnapshot snapshot;
  for (const auto& each : known_here())
    if (!snapshot && each.text == name) snapshot = each.snapshot.lock();
  const bool is_read = snapshot != nullptr;
  if (!is_read) {
    const auto answer = wire::parse_registry_answer(text);
    if (!answer) return fail(answer);
    auto read = from_wire(*answer);
    if (!read) return read;
    snapshot = std::move(*read);
  }
  if (doubt)
    if (auto good = doubt(*snapshot); !good) return fail(good);
  if (is_read) return snapshot;
  for (const wire::RegistryEntry& node : snapshot->nodes()) {
    const auto* before = known == nullptr ? nullptr : known->find(node.id);
    if (before != nullptr && before->x25519 == node.x25519) continue;
    if (!has_its_own_key(node))
      return fail(ErrorCode::Unauthentic, "registry: pubkey_x25519 of " + node.id.hex() + " is not the image of its key");
  }
  remember({snapshot, name});
  return snapshot;
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

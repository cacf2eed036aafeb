#include "core/client/witnesses.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace session::client {
namespace {

/// More than the blocks that a fork seals at once.
constexpr std::uint64_t kFewBlocks = 16;

bool is_same_node(const wire::RegistryEntry& a, const wire::RegistryEntry& b) {
  return a.id == b.id && a.x25519 == b.x25519 && a.address == b.address && a.swarm == b.swarm && a.active == b.active;
}

/// "10.0.3" of 10.0.3.1: its /24.
std::string_view network_of(const wire::RegistryEntry& node) {
  const std::string_view host = node.address.host;
  return host.substr(0, host.rfind('.'));
}

}  // namespace

bool says_the_same(const swarm::Registry& one, const swarm::Registry& two) {
  return one.network() == two.network() && std::ranges::equal(one.nodes(), two.nodes(), is_same_node);
}

bool is_another_network(const swarm::Registry& known, const swarm::Registry& heard) {
  std::size_t common = 0;
  for (const wire::RegistryEntry& node : heard.nodes())
    if (const auto* before = known.find(node.id); before != nullptr && is_same_node(*before, node)) ++common;
  const auto is_other = [&](std::size_t all) { return all - common > std::max<std::size_t>(2, all / 4); };
  return is_other(known.nodes().size()) || is_other(heard.nodes().size());
}

bool is_too_far_ahead(const swarm::Registry& known, const swarm::Registry& heard, Millis passed) {
  if (heard.height() <= known.height()) return false;
  const std::int64_t block_time = std::max<std::int64_t>(known.network().block_time.count, 1);
  const auto blocks = static_cast<std::uint64_t>(std::max<std::int64_t>(passed.count, 0) / block_time);
  return heard.height() - known.height() > kFewBlocks + blocks + blocks / 4;
}

std::optional<NodeId> Witnesses::next(const swarm::Registry& known, Rng& rng) {
  if (drawn_.empty()) {
    std::vector<const wire::RegistryEntry*> all;
    for (const wire::RegistryEntry& node : known.nodes()) all.push_back(&node);
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[rng.below(i)]);
    std::set<std::string_view> networks;
    std::ranges::stable_partition(all, [&](const auto* node) { return networks.insert(network_of(*node)).second; });
    for (const auto* node : all) drawn_.push_back(node->id);
    wanted_ = std::min(kMost, networks.size());
  }
  if (!has_more()) return std::nullopt;
  return drawn_[next_++];
}

std::optional<Witnesses::Testimony> Witnesses::end_round() {
  next_ = 0;
  const std::vector<Testimony> said = std::exchange(said_, {});
  for (const Testimony& one : said) {
    std::size_t alike = 0;
    const Testimony* lowest = &one;
    for (const Testimony& other : said) {
      if (!says_the_same(*one.registry, *other.registry)) continue;
      ++alike;
      if (other.registry->height() < lowest->registry->height()) lowest = &other;
    }
    if (alike >= kFewest && 4 * alike >= 3 * said.size() && 2 * alike > wanted_) return *lowest;
  }
  return std::nullopt;
}

}  // namespace session::client

#include "core/swarm/assignment.h"

#include <algorithm>
#include <compare>

#include "core/base/mutant.h"
#include "core/swarm/ring.h"

namespace session::swarm {
namespace {

struct Sized {
  std::size_t size;
  SwarmId id;
  friend std::strong_ordering operator<=>(const Sized& a, const Sized& b) {
    const auto by_size = a.size <=> b.size;
    return by_size != 0 || mutant::is_on(Mutant::S1) ? by_size : a.id <=> b.id;
  }
};

std::size_t excess_of(std::size_t size) { return size > kMinimumSize ? size - kMinimumSize : 0; }

/// One calculation. Keeps the order by size and the total excess up to date, so that a node costs the logarithm of the number
/// of swarms and not a new sort.
class Calculation {
 public:
  Calculation(SwarmMap& map, std::uint64_t seed) : map_(map), dice_(seed) {}

  void run() {
    std::vector<NodeId> fresh;
    if (const auto waiting = map_.find(kNoSwarm); waiting != map_.end()) {
      fresh = std::move(waiting->second);
      map_.erase(waiting);
    }
    if (map_.empty()) {
      if (fresh.empty()) return;
      map_.emplace(new_swarm_id({}), std::vector<NodeId>{});
    }
    index();
    assign(fresh, kFillPercentile);
    feed_the_starving();
    create_from_excess();
    dissolve_the_starving();
  }

 private:
  void index() {
    order_.clear();
    excess_ = starving_ = 0;
    for (const auto& [id, members] : map_) {
      order_.push_back({members.size(), id});
      count(members.size(), +1);
    }
    std::sort(order_.begin(), order_.end());
  }
  void count(std::size_t size, int sign) {
    const auto by = [sign](std::size_t& sum, std::size_t n) { sign > 0 ? sum += n : sum -= n; };
    by(excess_, excess_of(size));
    by(starving_, size < kMinimumSize ? 1 : 0);
  }
  /// Moves one swarm to its new place in the order.
  void resize(SwarmId id, std::size_t from, std::size_t to) {
    count(from, -1);
    count(to, +1);
    const auto old_place = std::lower_bound(order_.begin(), order_.end(), Sized{from, id});
    const auto new_place = std::lower_bound(order_.begin(), order_.end(), Sized{to, id});
    if (new_place > old_place) {
      std::rotate(old_place, old_place + 1, new_place);
      *(new_place - 1) = {to, id};
    } else {
      std::rotate(new_place, old_place, old_place + 1);
      *new_place = {to, id};
    }
  }

  void assign(const std::vector<NodeId>& nodes, std::size_t percentile) {
    for (const NodeId& node : nodes) {
      const std::size_t at = percentile * (order_.size() - 1) / 100;
      const auto beyond = std::upper_bound(order_.begin(), order_.end(), Sized{order_[at].size, kNoSwarm});
      const SwarmId id = order_[dice_.below(static_cast<std::uint64_t>(beyond - order_.begin()))].id;
      auto& members = map_.at(id);
      members.push_back(node);
      resize(id, members.size() - 1, members.size());
      create_from_excess();
    }
  }

  void create_from_excess() {
    if (starving_ > 0) return;
    while (excess_ >= kNewSwarmSize + kIdealMargin * map_.size()) {
      std::vector<NodeId> picked;
      for (std::size_t i = 0; i < kNewSwarmSize; ++i) picked.push_back(take(kMinimumSize));
      std::vector<SwarmId> ids;
      for (const auto& [id, members] : map_) ids.push_back(id);
      map_.emplace(new_swarm_id(ids), std::move(picked));
      index();
    }
  }

  /// Removes a node drawn from all swarms with more than `size` members, in ascending order of ids.
  NodeId take(std::size_t size) {
    std::uint64_t pool = 0;
    for (const auto& [id, members] : map_)
      if (members.size() > size) pool += members.size();
    std::uint64_t draw = dice_.below(pool);
    for (auto& [id, members] : map_) {
      if (members.size() <= size) continue;
      if (draw >= members.size()) {
        draw -= members.size();
        continue;
      }
      const NodeId node = members[draw];
      members.erase(members.begin() + static_cast<std::ptrdiff_t>(draw));
      resize(id, members.size() + 1, members.size());
      return node;
    }
    return {};
  }

  /// Starving swarms steal from the largest quarter; the sizes that decide who steals and from which size on are those of
  /// before the round.
  void feed_the_starving() {
    const std::vector<Sized> before = order_;
    for (const Sized& swarm : before) {
      if (swarm.size >= kMinimumSize) break;
      auto& members = map_.at(swarm.id);
      do {
        const std::size_t rich = before[kStealPercentile * (before.size() - 1) / 100].size;
        const std::size_t floor = std::max(kMinimumSize, rich > 0 ? rich - 1 : 0);
        std::size_t spare = 0;
        for (const auto& [id, others] : map_)
          if (others.size() > floor) spare += others.size() - kMinimumSize;
        if (members.size() < kMinimumSize && spare < kMinimumSize - members.size()) return;
        const NodeId stolen = take(floor);
        members.push_back(stolen);
        resize(swarm.id, members.size() - 1, members.size());
      } while (members.size() < kMinimumSize);
    }
  }

  void dissolve_the_starving() {
    while (map_.size() > 1 && starving_ > 0) {
      const auto starving =
          std::find_if(map_.begin(), map_.end(), [](const auto& swarm) { return swarm.second.size() < kMinimumSize; });
      const std::vector<NodeId> nodes = std::move(starving->second);
      map_.erase(starving);
      index();
      assign(nodes, kDissolvePercentile);
    }
  }

  SwarmMap& map_;
  SwarmDice dice_;
  std::vector<Sized> order_;
  std::size_t excess_ = 0;
  std::size_t starving_ = 0;
};

}  // namespace

std::uint64_t SwarmDice::below(std::uint64_t n) {
  constexpr std::uint64_t kMax = ~std::uint64_t{0};
  const std::uint64_t limit = kMax - kMax % n;
  std::uint64_t draw = twister_();
  while (draw >= limit) draw = twister_();
  return draw / (limit / n);
}

std::uint64_t seed_of(const ByteArray<32>& block_hash) { return load_little<std::uint64_t>(block_hash.data()); }

void assign_swarms(SwarmMap& map, std::uint64_t seed) {
  if (map.empty()) return;
  Calculation(map, seed).run();
}

}  // namespace session::swarm

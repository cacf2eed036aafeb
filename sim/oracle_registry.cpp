// What the nodes believe of one another.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "core/swarm/obligations.h"
#include "core/swarm/ring.h"
#include "sim/oracles.h"

namespace session::sim {
namespace {

constexpr std::size_t kFewestMembers = 5;

/// N2, from the votes that the seed said it counted and the blocks that it sealed.
class Rulings {
 public:
  void on(const trace::Voted& vote, Court& court) {
    court.look("N2");
    const auto block = blocks_.find(vote.height);
    if (block == blocks_.end()) return;  // of before the first block that was seen
    const auto [quorum, is_new] = quorums_.try_emplace(vote.height);
    if (is_new) quorum->second = swarm::quorum_of(*block->second);
    if (!quorum->second.has_validator(vote.voter) || !quorum->second.has_tested(vote.subject))
      court.violate("N2", fmt::format("a vote on block {} counted that is not of its quorum", vote.height));
    votes_[{vote.height, vote.subject, vote.passed}].insert(vote.voter);
  }
  void on(const trace::Ruled& ruled, Court& court) {
    court.look("N2");
    ruled_.insert(ruled.node);
    if (ruled.height == 0) return;  // by decree
    std::size_t most = 0;
    for (const bool passed : {false, true}) {
      const auto found = votes_.find({ruled.height, ruled.node, passed});
      if (found == votes_.end()) continue;
      most = std::max(most, found->second.size());
      if (found->second.size() >= swarm::kVotesToAct) done_[found->first] = court.world().registry()->height();
    }
    if (ruled.height >= first_height_ && most < swarm::kVotesToAct)
      court.violate("N2", fmt::format("{} of node {} by {} distinct votes", ruled.ruling, ruled.node.hex().substr(0, 8), most));
  }
  /// `f.height` is the newest block now.
  void on(const trace::Undone& f) {
    const auto is_undone = [&](const auto& row) { return row.first > f.height; };
    std::erase_if(blocks_, is_undone);
    std::erase_if(quorums_, is_undone);
    std::erase_if(votes_, [&](const auto& row) { return std::get<0>(row.first) > f.height; });
    std::erase_if(done_, [&](const auto& row) { return row.second > f.height; });  // what was ruled earlier holds
    last_ = nullptr;
  }
  void on_block(const swarm::RegistrySnapshot& registry, Court& court) {
    const std::uint64_t height = registry->height();
    if (first_height_ == 0) first_height_ = height;
    blocks_[height] = registry;
    if (last_ && last_->height() + 1 == height) {
      compare(*last_, *registry, court);
      for (const auto& [key, voters] : votes_)
        if (voters.size() >= swarm::kVotesToAct && !done_.contains(key) && height - std::get<0>(key) <= swarm::kVoteLifetime)
          court.violate(
              "N2", fmt::format("{} validators of block {} agreed, and nothing was ruled", voters.size(), std::get<0>(key)));
    }
    ruled_.clear();
    last_ = registry;
    if (height < swarm::kVoteLifetime + swarm::kReorgBuffer) return;
    const std::uint64_t oldest = height - swarm::kVoteLifetime - swarm::kReorgBuffer;
    blocks_.erase(blocks_.begin(), blocks_.lower_bound(oldest));
    quorums_.erase(quorums_.begin(), quorums_.lower_bound(oldest));
    const auto is_old = [&](const auto& key) { return std::get<0>(key) < oldest; };
    std::erase_if(votes_, [&](const auto& row) { return is_old(row.first); });
    std::erase_if(done_, [&](const auto& row) { return is_old(row.first); });
  }

 private:
  using Key = std::tuple<std::uint64_t, NodeId, bool>;

  /// Nobody comes out of its swarm or back, and nobody is dropped, unless it was ruled.
  void compare(const swarm::Registry& before, const swarm::Registry& after, Court& court) {
    for (const wire::RegistryEntry& node : before.nodes()) {
      const auto* now = after.find(node.id);
      const auto machine = court.world().machine_of(node.id);
      const bool is_gone = now == nullptr && machine && !court.world().has_left(*machine);
      const bool is_changed =
          now != nullptr && now->active != node.active && now->registration_height == node.registration_height;
      if ((is_gone || is_changed) && !ruled_.contains(node.id))
        court.violate("N2", fmt::format("node {} changed its state at height {} without a ruling", node.id.hex().substr(0, 8),
                                        after.height()));
    }
  }

  std::map<std::uint64_t, swarm::RegistrySnapshot> blocks_;
  std::map<std::uint64_t, swarm::Quorum> quorums_;
  std::map<Key, std::set<NodeId>> votes_;
  std::map<Key, std::uint64_t> done_;  ///< ruled by the block of this height
  std::set<NodeId> ruled_;             ///< since the last block
  swarm::RegistrySnapshot last_;
  std::uint64_t first_height_ = 0;
};

bool is_what_people_hear(const swarm::Registry& heard, const swarm::Registry& sealed) {
  if (heard.height() != sealed.height() || heard.network() != sealed.network()) return false;
  auto at = sealed.nodes().begin();
  const auto is_next = [&](const wire::RegistryEntry& node) {
    while (at != sealed.nodes().end() && !at->active) ++at;
    if (at == sealed.nodes().end()) return false;
    const wire::RegistryEntry& there = *at++;
    return node.id == there.id && node.x25519 == there.x25519 && node.address == there.address && node.swarm == there.swarm;
  };
  return std::ranges::all_of(heard.nodes(), is_next) &&
         std::none_of(at, sealed.nodes().end(), [](const auto& node) { return node.active; });
}

class RegistryOracle final : public Oracle {
 public:
  void on(const trace::Record& record, Court& court) override {
    if (const auto* vote = std::get_if<trace::Voted>(&record.fact)) return rulings_.on(*vote, court);
    if (const auto* ruled = std::get_if<trace::Ruled>(&record.fact)) return rulings_.on(*ruled, court);
    if (const auto* undone = std::get_if<trace::Undone>(&record.fact)) return rulings_.on(*undone);
    const auto* block = std::get_if<trace::Block>(&record.fact);
    // Blocks of a new branch are sealed together: only the last of them is ever told.
    if (block == nullptr || court.world().registry()->height() != block->height) return;
    learn(court.world().registry(), court);
    rulings_.on_block(court.world().registry(), court);
  }

  void check(Court& court) override {
    learn(court.world().registry(), court);
    for (std::size_t i = 0; i < court.world().nodes(); ++i) {
      const MachineIndex node = court.world().node(i);
      look_at(court.world().service_node(node).registry(), court.name(node), court);
    }
    for (const MachineIndex person : court.people()) look_at_list(person, court);
    court.look("N2");
    const swarm::Stakes& stakes = court.world().chain().stakes();
    std::uint64_t staked = 0;
    for (const wire::RegistryEntry& node : court.world().registry()->nodes()) staked += node.stake;
    if (stakes.sum() != stakes.issued() || stakes.staked() != staked)
      court.violate(
          "N2", fmt::format("of a stake of {}, {} is there and {} stands for nodes", stakes.issued(), stakes.sum(), staked));
  }

 private:
  /// A block that the seed has sealed.
  void learn(const swarm::RegistrySnapshot& registry, Court& court) {
    const auto [at, is_new] = sealed_.emplace(registry->block_hash(), registry);
    court.look("N1");
    if (!are_same(*at->second, *registry)) court.violate("N1", fmt::format("block {} is not what it was", registry->height()));
    if (!is_new) return;
    if (first_height_ == 0) first_height_ = registry->height();
    court.look("S1");
    if (const auto wrong = wrong_with_swarms(*registry))
      court.violate("S1", fmt::format("at height {}: {}", registry->height(), *wrong));
    court.look("S2");
    for (const MachineIndex person : court.people()) {
      const Account account = court.world().client(person).id().account;
      if (const auto wrong = wrong_with_key(registry->swarm_ids(), swarm::ring_point(account), registry->swarm_of(account)))
        court.violate("S2", fmt::format("at height {}: {}", registry->height(), *wrong));
    }
  }
  /// What a node believes: a block that was sealed, on this branch or on one that is no more.
  void look_at(const swarm::RegistrySnapshot& registry, const std::string& whose, Court& court) {
    if (!registry) return;
    court.look("N1");
    const auto known = sealed_.find(registry->block_hash());
    if (known == sealed_.end()) {
      if (registry->height() >= first_height_)
        court.violate("N1", fmt::format("at height {} {} knows a block that nobody sealed", registry->height(), whose));
      return;
    }
    if (!are_same(*known->second, *registry))
      court.violate("N1", fmt::format("at height {} {} knows another network than others", registry->height(), whose));
    court.look("S2", court.people().size());
    if (registry == known->second) return;
    for (const MachineIndex person : court.people()) {
      const Account account = court.world().client(person).id().account;
      if (registry->swarm_of(account) != known->second->swarm_of(account))
        court.violate("S2", fmt::format("at height {} {} has another swarm for {}", registry->height(), whose, account.hex()));
    }
  }

  /// What a person believes: the active nodes of such a block. A seed that lies has lied to nobody.
  void look_at_list(MachineIndex person, Court& court) {
    const swarm::Registry* registry = court.world().client(person).courier().registry();
    if (registry == nullptr || !court.world().are_seeds_trustworthy()) return;
    court.look("N1");
    const auto known = sealed_.find(registry->block_hash());
    if (known == sealed_.end() && registry->height() < first_height_) return;
    if (known == sealed_.end() || !is_what_people_hear(*registry, *known->second))
      court.violate("N1",
                    fmt::format("{} believes a list of height {} that is of no block", court.name(person), registry->height()));
  }

  std::map<ByteArray<32>, swarm::RegistrySnapshot> sealed_;
  std::uint64_t first_height_ = 0;
  Rulings rulings_;
};

}  // namespace

bool are_same(const swarm::Registry& a, const swarm::Registry& b) {
  return &a == &b || (a.height() == b.height() && a.block_hash() == b.block_hash() && a.nodes() == b.nodes() &&
                      a.network() == b.network() &&
                      std::equal(a.swarm_ids().begin(), a.swarm_ids().end(), b.swarm_ids().begin(), b.swarm_ids().end()));
}

std::optional<std::string> wrong_with_swarms(const swarm::Registry& registry) {
  std::set<NodeId> members;
  for (const SwarmId id : registry.swarm_ids()) {
    const auto swarm = registry.members(id);
    if (registry.swarm_ids().size() > 1 && swarm.size() < kFewestMembers)
      return fmt::format("a swarm of {} nodes among {}", swarm.size(), registry.swarm_ids().size());
    for (const NodeId& node : swarm)
      if (!members.insert(node).second) return fmt::format("node {} is in two swarms", node.hex().substr(0, 8));
  }
  for (const wire::RegistryEntry& node : registry.nodes())
    if (node.active != members.contains(node.id))
      return fmt::format("node {} is in no swarm, or inactive in one", node.id.hex().substr(0, 8));
  return std::nullopt;
}

std::optional<std::string> wrong_with_key(std::span<const SwarmId> ids, std::uint64_t point, SwarmId claimed) {
  // From every swarm to the point, the short way around the ring; of two as near, the one that the ring reaches first.
  SwarmId nearest = kNoSwarm;
  std::uint64_t least = ~std::uint64_t{0};
  for (const SwarmId id : ids) {
    const std::uint64_t after = point - id.value, before = id.value - point;
    const std::uint64_t distance = std::min(after, before);
    if (nearest == kNoSwarm || distance < least || (distance == least && after <= before)) nearest = id, least = distance;
  }
  if (nearest == claimed) return std::nullopt;
  return fmt::format("the key at {:016x} maps to swarm {:016x}, not to {:016x}", point, nearest.value, claimed.value);
}

std::unique_ptr<Oracle> registry_oracle() { return std::make_unique<RegistryOracle>(); }

}  // namespace session::sim

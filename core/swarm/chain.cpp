#include "core/swarm/chain.h"

#include <algorithm>

#include "core/base/mutant.h"
#include "core/crypto/hash.h"

namespace session::swarm {

Chain::Chain(pow::NetworkParameters network) : network_(std::move(network)) {
  hash_ = crypto::blake2b_256({bytes_of("session private chain"), bytes_of(network_.name)});
  registry_ = std::make_shared<const Registry>(height_, hash_, network_, std::vector<wire::RegistryEntry>{});
}

Chain::Chain(RegistrySnapshot kept)
    : network_(kept->network()), height_(kept->height()), hash_(kept->block_hash()), registry_(std::move(kept)) {
  for (const auto& node : registry_->nodes()) {
    nodes_.emplace(node.id, Record{node, {node.earned_downtime_blocks, height_, node.active}});
    stakes_.stake(node.id, node.stake, height_);
  }
  quorums_.emplace(height_, quorum_of(*registry_));
}

void Chain::enter(const wire::RegistryEntry& node) { queue_.emplace_back(Entered{node}); }
void Chain::leave(const NodeId& node) { queue_.emplace_back(Left{node}); }
void Chain::decommission(const NodeId& node) { queue_.emplace_back(Activity{node, false}); }
void Chain::recommission(const NodeId& node) { queue_.emplace_back(Activity{node, true}); }
void Chain::set_difficulty(std::uint64_t difficulty) { queue_.emplace_back(Difficulty{difficulty}); }
void Chain::prove(const NodeId& node, std::uint64_t time_s) { queue_.emplace_back(Proved{node, time_s}); }

Result<bool> Chain::vote(const wire::ObligationsVote& vote) {
  const auto quorum = quorums_.find(vote.height);
  if (quorum == quorums_.end() || quorum->second.block_hash != vote.block_hash)
    return fail(ErrorCode::Refused, "block_hash: no block that is voted on");
  if (height_ - vote.height > kVoteLifetime) return fail(ErrorCode::Expired, "height: too long ago");
  if (!quorum->second.has_validator(vote.voter)) return fail(ErrorCode::Refused, "voter: no validator of this block");
  const auto subject = nodes_.find(vote.subject);
  if (subject == nodes_.end() || !quorum->second.has_tested(vote.subject))
    return fail(ErrorCode::Refused, "subject: not tested at this block");
  if (subject->second.entry.state_height > vote.height) return fail(ErrorCode::Expired, "subject: its state is newer");
  if (!wire::verify_vote(vote)) return fail(ErrorCode::Unauthentic, "signature: not made by the voter's key");
  auto& counted = votes_[{vote.height, vote.subject}];
  if (counted[vote.passed ? 0 : 1].contains(vote.voter)) return fail(ErrorCode::Refused, "passed: the voter said otherwise");
  return counted[vote.passed ? 1 : 0].insert(vote.voter).second;
}

void Chain::remember(const NodeId& node) {
  Block& block = history_.back();
  if (block.nodes.contains(node)) return;
  const auto found = nodes_.find(node);
  block.nodes.emplace(node, found == nodes_.end() ? std::nullopt : std::optional(found->second));
  const Purse* purse = stakes_.find(node);
  block.purses.emplace(node, purse == nullptr ? std::nullopt : std::optional(*purse));
}

void Chain::remove(const NodeId& node, std::uint64_t lock) {
  remember(node);
  const auto found = nodes_.find(node);
  active_changed_ = active_changed_ || found->second.entry.active;
  nodes_.erase(found);
  stakes_.lock(node, height_ + lock);
}

void Chain::set_active(const NodeId& node, bool active) {
  remember(node);
  Record& record = nodes_.at(node);
  const std::int64_t credit = record.credit.at(height_);
  record.credit = {active ? std::max<std::int64_t>(0, credit) : credit, height_, active};
  record.entry.active = active;
  record.entry.swarm = kNoSwarm;
  record.entry.state_height = height_;
  if (!active) ++record.entry.decommission_count;
  active_changed_ = true;
}

void Chain::apply(const Change& change) {
  std::visit([this](const auto& each) { apply(each); }, change);
}

void Chain::apply(const Entered& entered) {
  remember(entered.node.id);
  const auto known = nodes_.find(entered.node.id);
  if (known != nodes_.end()) {
    known->second.entry.address = entered.node.address;
    return;
  }
  wire::RegistryEntry node = entered.node;
  node.swarm = kNoSwarm;
  node.registration_height = node.state_height = height_;
  node.stake = network_.staking_requirement;
  stakes_.stake(node.id, node.stake, height_);
  active_changed_ = active_changed_ || node.active;
  nodes_.emplace(node.id, Record{node, {kInitialCredit, height_, node.active}});
}

void Chain::apply(const Left& left) {
  if (nodes_.contains(left.node)) remove(left.node, kUnlockTime);
}

void Chain::apply(const Activity& activity) {
  const auto known = nodes_.find(activity.node);
  if (known == nodes_.end() || known->second.entry.active == activity.active) return;
  set_active(activity.node, activity.active);
  rulings_.push_back({activity.node, activity.active ? Ruling::Recommission : Ruling::Decommission, activity.active, 0, {}});
}

void Chain::apply(const Difficulty& difficulty) { network_.difficulty = std::max<std::uint64_t>(1, difficulty.value); }

void Chain::apply(const Proved& proved) {
  const auto known = nodes_.find(proved.node);
  if (known == nodes_.end()) return;
  remember(proved.node);
  known->second.entry.last_uptime_proof_s = proved.time_s;
}

void Chain::apply(const Verdict& verdict) {
  const auto known = nodes_.find(verdict.node);
  // What the votes were about may not be how it is any more.
  const bool is_current = known != nodes_.end() && known->second.entry.state_height <= verdict.height;
  const Ruling ruling =
      is_current ? ruling_for(verdict.passed, known->second.entry.active, known->second.credit.at(height_)) : Ruling::None;
  if (ruling == Ruling::Deregister) remove(verdict.node, kDeregistrationLock);
  if (ruling == Ruling::Decommission || ruling == Ruling::Recommission)
    set_active(verdict.node, ruling == Ruling::Recommission);
  rulings_.push_back({verdict.node, ruling, verdict.passed, verdict.height, verdict.voters});
}

/// What enough validators of one block agree on becomes a change of this one.
void Chain::take_verdicts() {
  for (auto at = votes_.begin(); at != votes_.end();) {
    const auto& [height, subject] = at->first;
    bool is_done = height_ - height > kVoteLifetime;
    for (const bool passed : {false, true}) {
      const std::set<NodeId>& voters = at->second[passed ? 1 : 0];
      if (is_done || voters.size() * (mutant::is_on(Mutant::N2) ? 2 : 1) < kVotesToAct) continue;
      queue_.emplace_back(Verdict{subject, passed, height, {voters.begin(), voters.end()}});
      is_done = true;
    }
    at = is_done ? votes_.erase(at) : std::next(at);
  }
}

/// From the list alone, in ascending order of ids: whoever knows the same nodes and the same block computes the same swarms,
/// and a swarm that everybody has left is gone. Source: service-node.md 2.2.
void Chain::compute_swarms() {
  SwarmMap swarms;
  for (const auto& [id, record] : nodes_)
    if (record.entry.active) swarms[record.entry.swarm].push_back(id);
  assign_swarms(swarms, seed_of(hash_));
  for (const auto& [swarm, members] : swarms)
    for (const NodeId& node : members) {
      if (nodes_.at(node).entry.swarm == swarm) continue;
      remember(node);
      nodes_.at(node).entry.swarm = swarm;
    }
}

void Chain::make_snapshot() {
  std::vector<wire::RegistryEntry> nodes;
  nodes.reserve(nodes_.size());
  for (const auto& [id, record] : nodes_) {
    nodes.push_back(record.entry);
    nodes.back().earned_downtime_blocks = record.credit.at(height_);
  }
  registry_ = shared(Registry(height_, hash_, network_, std::move(nodes)));
}

RegistrySnapshot Chain::seal_block() {
  history_.push_back({{}, hash_, network_, {}, {}, stakes_.issued()});
  if (history_.size() > kReorgBuffer) history_.pop_front();
  ++height_;
  take_verdicts();
  rulings_.clear();
  active_changed_ = false;
  Bytes text = concat(hash_, little(height_));
  if (abandoned_) append(text, *std::exchange(abandoned_, std::nullopt));
  for (const Change& change : queue_) {
    append(text, little(static_cast<std::uint64_t>(change.index())));
    if (const auto* entered = std::get_if<Entered>(&change)) append(text, entered->node.id.key);
    if (const auto* left = std::get_if<Left>(&change)) append(text, left->node.key);
    if (const auto* activity = std::get_if<Activity>(&change)) append(text, activity->node.key);
    if (const auto* difficulty = std::get_if<Difficulty>(&change)) append(text, little(difficulty->value));
    if (const auto* proved = std::get_if<Proved>(&change)) append(text, concat(proved->node.key, little(proved->time_s)));
    if (const auto* verdict = std::get_if<Verdict>(&change)) append(text, concat(verdict->node.key, little(verdict->height)));
    apply(change);
  }
  history_.back().changes = std::exchange(queue_, {});
  hash_ = crypto::blake2b_256({text});
  if (active_changed_) compute_swarms();
  make_snapshot();
  quorums_.emplace(height_, quorum_of(*registry_));
  // Those that may be reached again by undoing blocks stay.
  quorums_.erase(quorums_.begin(), quorums_.lower_bound(height_ - kVoteLifetime - kReorgBuffer));
  return registry_;
}

std::size_t Chain::undo(std::size_t blocks) {
  blocks = std::min(blocks, history_.size());
  if (blocks == 0) return 0;
  if (!abandoned_) abandoned_ = hash_;
  std::vector<Change> again;
  for (std::size_t i = 0; i < blocks; ++i) {
    Block& block = history_.back();
    again.insert(again.begin(), block.changes.begin(), block.changes.end());
    for (auto& [id, record] : block.nodes) {
      if (record)
        nodes_.insert_or_assign(id, std::move(*record));
      else
        nodes_.erase(id);
    }
    for (auto& [id, purse] : block.purses) stakes_.restore(id, std::move(purse));
    stakes_.restore_issued(block.issued);
    network_ = block.network;
    hash_ = block.hash;
    --height_;
    history_.pop_back();
  }
  std::erase_if(again, [&](const Change& change) {
    const auto* verdict = std::get_if<Verdict>(&change);
    return verdict != nullptr && verdict->height > height_;
  });
  again.insert(again.end(), queue_.begin(), queue_.end());
  queue_ = std::move(again);
  quorums_.erase(quorums_.upper_bound(height_), quorums_.end());
  std::erase_if(votes_, [&](const auto& counted) { return counted.first.first > height_; });
  rulings_.clear();
  make_snapshot();
  return blocks;
}

}  // namespace session::swarm

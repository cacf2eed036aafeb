// When swarms change: what this node keeps for accounts that are another swarm's now goes there. It is offered to the members
// of that swarm, one after another, they say what they lack, and when most of them have it, it is dropped here. Source:
// service-node.md 2.9 and 5.3, profile.md 4.
#include <algorithm>

#include "core/base/mutant.h"
#include "core/crypto/hash.h"
#include "core/node/service_node.h"
#include "core/node/tombstones.h"

namespace session::node {
namespace {

using store::Entry;
using store::Print;

constexpr std::uint32_t kMoveTimer = 6;
constexpr Millis kSoon{10}, kTryAgain = seconds(30);
constexpr std::size_t kSeenAtOnce = 20'000, kMovedAtOnce = 4'096;
/// Under which the store remembers for which swarms all that it has was in its place.
constexpr std::string_view kPlaceKey = "place";

Print after(Print print) {
  for (std::size_t i = print.size(); i-- > 0;) {
    print[i] = static_cast<std::byte>(std::to_integer<unsigned>(print[i]) + 1);
    if (print[i] != std::byte{0}) break;
  }
  return print;
}

}  // namespace

/// What decides which accounts are whose.
Bytes ServiceNode::place() const {
  Bytes ids = to_bytes(big(swarm_.value));
  for (const SwarmId id : registry_->swarm_ids()) append(ids, big(id.value));
  return to_bytes(crypto::blake2b_128({ids}));
}

/// After every change of the registry, and when this node begins: what was not moved to its end is begun anew.
void ServiceNode::look_for_moves(Context& context) {
  if (!is_ready()) {
    move_.reset();
    std::erase_if(calls_, [](const auto& each) { return std::holds_alternative<MoveCall>(each.second); });
    place_.clear();
    return;
  }
  if (place_ == place() || mutant::is_on(Mutant::S5)) return;
  place_ = place();
  const auto known = must(context.store.setting(kPlaceKey));
  is_placed_ = known && *known == place_;
  if (is_placed_) return;
  move_from_ = {};
  unreachable_.clear();
  // Those who have the same to move do not begin together, nor before the others know of the change.
  if (!move_) context.effects.wake(kMoveTimer, context.now + Millis{context.rng.between(2'000, 12'000)});
}

void ServiceNode::begin_move(Context& context) {
  if (!is_ready() || is_placed_) return;
  Move move;
  std::size_t seen = 0;
  std::optional<Print> next;  // of what is left for later
  must(context.store.visit_entries(move_from_, [&](const Entry& entry) {
    if (++seen > kSeenAtOnce || move.entries.size() >= kMovedAtOnce) {
      if (!next) next = entry.print;
      return false;
    }
    const SwarmId owner = registry_->swarm_of(entry.account);
    if (owner == swarm_ || unreachable_.contains(owner) || entry.expiry <= context.now) return true;
    if (move.entries.empty()) move.to = owner;
    if (move.to == owner)
      move.entries.push_back({entry.print, entry.taken.unix_millis(), entry.expiry.unix_millis()});
    else if (!next)
      next = entry.print;
    return true;
  }));
  if (move.entries.empty()) {
    if (next) {
      move_from_ = *next;
      return context.effects.wake(kMoveTimer, context.now + kSoon);
    }
    if (unreachable_.empty()) {
      is_placed_ = true;
      return must(context.store.put_setting(kPlaceKey, place_));
    }
    unreachable_.clear();
    move_from_ = {};
    return context.effects.wake(kMoveTimer, context.now + kTryAgain);
  }
  move_from_ = next.value_or(after(move.entries.back().print));
  move.acknowledged.resize(move.entries.size());
  move.needed = static_cast<std::uint32_t>(registry_->members(move.to).size() / 2 + 1);
  for (const NodeId& member : registry_->members(move.to))
    if (registry_->find(member)->has_address()) move.members.push_back(member);
  context.rng.shuffle(move.members);
  move_ = std::move(move);
  offer_to_next(context);
}

void ServiceNode::offer_to_next(Context& context) {
  const auto is_safe = [&](std::uint32_t by) { return by >= move_->needed; };
  if (move_->members.empty() || std::ranges::all_of(move_->acknowledged, is_safe)) return end_move(context);
  move_->state = Move::State::Offering;
  ask_for_move(wire::Offer{move_->entries}, context);
}

/// Of the member that comes next, until it is done with.
void ServiceNode::ask_for_move(const wire::RepairRequest& request, Context& context) {
  const auto* member = registry_->find(move_->members.back());
  if (member == nullptr || !member->has_address()) {
    move_->members.pop_back();
    return offer_to_next(context);
  }
  const Bytes body = wire::encode(request);
  const CallId call = next_call();
  context.effects.call({call, wire::NodePeer{member->id, member->address},
                        signed_for(member->id, wire::Route::SwarmRepair, body, crypto::blake2b_128({body}), context.now),
                        config_.repair_timeout});
  calls_.emplace(call, MoveCall{});
}

void ServiceNode::on_move_answer(const wire::Answer* answer, Context& context) {
  if (!move_) return;
  const auto parsed =
      answer != nullptr && answer->status == 200 ? wire::decode_repair_answer(answer->body) : fail(ErrorCode::Unavailable, "");
  const auto* offered = parsed ? std::get_if<wire::Offered>(&*parsed) : nullptr;
  const bool is_pushed = parsed && std::holds_alternative<wire::Pushed>(*parsed);
  if (move_->state == Move::State::Pushing ? !is_pushed : offered == nullptr) {
    move_->members.pop_back();
    return offer_to_next(context);
  }
  if (move_->state == Move::State::Offering && !offered->wanted.empty()) {
    move_->wanted = offered->wanted;
  } else if (move_->state != Move::State::Pushing) {
    // What it does not ask for any more it has.
    const std::set<Print> lacking(offered->wanted.begin(), offered->wanted.end());
    for (std::size_t i = 0; i < move_->entries.size(); ++i)
      if (!lacking.contains(move_->entries[i].print)) ++move_->acknowledged[i];
    move_->members.pop_back();
    return offer_to_next(context);
  }
  move_->state = Move::State::Pausing;
  go_on_moving(context);
}

void ServiceNode::go_on_moving(Context& context) {
  if (!move_) return begin_move(context);
  if (move_->state != Move::State::Pausing) return;
  wire::Items items;
  std::size_t bytes = 0;
  while (!move_->wanted.empty() && bytes < config_.repair_bytes && items.rows.size() + items.stones.size() < wire::kMaxItems) {
    const Print print = move_->wanted.back();
    move_->wanted.pop_back();
    // Nothing but what was offered.
    if (std::ranges::binary_search(move_->entries, print, {}, &wire::Listing::print))
      read_item(print, move_->to, items, bytes, context);
  }
  if (items.rows.empty() && items.stones.empty()) {
    move_->state = Move::State::Confirming;
    return ask_for_move(wire::Offer{move_->entries}, context);
  }
  move_->state = Move::State::Pushing;
  ask_for_move(wire::Push{std::move(items)}, context);
}

/// What most of the members have, goes.
void ServiceNode::end_move(Context& context) {
  std::erase_if(calls_, [](const auto& each) { return std::holds_alternative<MoveCall>(each.second); });
  const Move done = *std::exchange(move_, std::nullopt);
  std::map<Account, std::uint32_t> moved;
  std::uint32_t fewest = ~std::uint32_t{0};
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < done.entries.size(); ++i) {
    if (done.acknowledged[i] < done.needed) {
      unreachable_.insert(done.to);
      continue;
    }
    const auto entry = must(context.store.find_entry(done.entries[i].print));
    // What changed meanwhile is offered again.
    if (!entry) continue;
    if (entry->taken.unix_millis() != done.entries[i].taken_ms) {
      unreachable_.insert(done.to);
      continue;
    }
    fewest = std::min(fewest, done.acknowledged[i]);
    if (entry->is_tombstone) {
      if (const auto stone = must(context.store.find_tombstone(entry->print))) must(unindex(context.store, *stone));
      must(context.store.forget(entry->print));
    } else if (const auto gone = must(context.store.remove(entry->account, entry->hash))) {
      ++moved[entry->account];
      bytes += gone->size;
    }
  }
  for (const auto& [account, messages] : moved) context.effects.note(trace::Moved{account, done.to, messages, fewest});
  const std::int64_t pause = static_cast<std::int64_t>(bytes) * 1000 / config_.repair_bytes_per_second;
  context.effects.wake(kMoveTimer, context.now + kSoon + Millis{pause});
}

}  // namespace session::node

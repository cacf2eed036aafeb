#include "core/node/service_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/base/mutant.h"
#include "core/node/revocations.h"
#include "core/node/tombstones.h"
#include "core/swarm/obligations.h"
#include "core/wire/registry.h"

namespace session::node {
namespace {

constexpr Millis kSweepSoon{10};
/// A proof is good for a minute on either side of its time.
constexpr Millis kProofMemory = seconds(121);

template <class Body>
Result<void> guarded(Body&& body) {
  try {
    body();
    return {};
  } catch (StoreFailure& failure) {
    return std::unexpected(std::move(failure.error));
  }
}

/// One on each node that is tested, of every block that is voted on.
std::size_t most_votes(std::size_t nodes) {
  return (swarm::kVoteLifetime + 1) * std::max(swarm::kTestedAtLeast, nodes * swarm::kTestedPercent / 100);
}

}  // namespace

ServiceNode::ServiceNode(Config config)
    : config_(std::move(config)),
      x25519_(crypto::x25519_of(config_.keys)),
      replay_(config_.limits.replay_keys),
      proofs_(config_.limits.proof_keys, kProofMemory),
      callers_(config_.limits.per_second, config_.limits.burst, config_.limits.callers),
      peers_(config_.limits.peer_per_second, config_.limits.peer_burst, config_.limits.callers),
      relayed_(config_.limits.relays_per_second, config_.limits.relays_per_second, config_.limits.callers),
      tests_(config_.test_every) {}

void ServiceNode::set_limits(const Limits& limits) {
  config_.limits = limits;
  replay_.set_capacity(limits.replay_keys);
  proofs_.set_capacity(limits.proof_keys);
  callers_ = TokenBuckets(limits.per_second, limits.burst, limits.callers);
  peers_ = TokenBuckets(limits.peer_per_second, limits.peer_burst, limits.callers);
  relayed_ = TokenBuckets(limits.relays_per_second, limits.relays_per_second, limits.callers);
}

void ServiceNode::take_over(ServiceNode& old) {
  difficulty_ = std::move(old.difficulty_);
  difficulty_since_ = old.difficulty_since_;
  replay_ = std::move(old.replay_);
  proofs_ = std::move(old.proofs_);
  sent_ = std::move(old.sent_);
  callers_ = std::move(old.callers_);
  peers_ = std::move(old.peers_);
  relayed_ = std::move(old.relayed_);
  tests_ = std::move(old.tests_);
  proved_ = old.proved_;
}

Result<void> ServiceNode::start(Context context) {
  return guarded([&] {
    if (config_.known) {
      adopt(config_.known, context);
      // Whoever is set up together does not ask together.
      const auto first = static_cast<std::int64_t>(context.rng.below(static_cast<std::uint64_t>(config_.registry_every.count)));
      context.effects.wake(static_cast<std::uint32_t>(Timer::Registry), context.now + Millis{first});
    } else {
      ask_registry(context);
    }
    begin_peer_tests(context);
    // The first sweep comes by its timer: on a full disk a node still begins, and what it has can be read.
    context.effects.wake(static_cast<std::uint32_t>(Timer::Sweep), context.now + config_.sweep_every);
  });
}

Result<void> ServiceNode::on(const Input& input, Context context) {
  return guarded([&] {
    if (const auto* requested = std::get_if<wire::Requested>(&input)) {
      on_request(*requested, context);
    } else if (const auto* answered = std::get_if<wire::Answered>(&input)) {
      on_call_ended(answered->id, &answered->answer, {}, context);
    } else if (const auto* failed = std::get_if<wire::CallFailed>(&input)) {
      on_call_ended(failed->id, nullptr, failed->why, context);
    } else if (const auto* woken = std::get_if<wire::Woken>(&input)) {
      if (woken->timer == static_cast<std::uint32_t>(Timer::Registry)) ask_registry(context);
      if (woken->timer == static_cast<std::uint32_t>(Timer::Sweep)) sweep(context);
      if (woken->timer == static_cast<std::uint32_t>(Timer::Listen)) end_late_listeners(context);
      if (woken->timer == static_cast<std::uint32_t>(Timer::Repair)) begin_repairs(context);
      if (woken->timer == static_cast<std::uint32_t>(Timer::RepairOn)) go_on_repairing(context);
      if (woken->timer == static_cast<std::uint32_t>(Timer::Move)) go_on_moving(context);
      if (woken->timer == static_cast<std::uint32_t>(Timer::Tests)) test_peers(context);
      if (woken->timer == static_cast<std::uint32_t>(Timer::Proof)) prove_uptime(context);
    }
  });
}

void ServiceNode::on_request(const wire::Requested& input, Context& context) {
  if (auto refusal = check_caller(input, context.now)) return answer({input.id, {}}, std::move(*refusal), context);
  switch (input.request.route) {
    case wire::Route::StorageRpc:
      if (!is_ready())
        return answer({input.id, {}}, wire::refusal(503, "Service node is not ready: not in a swarm yet"), context);
      return on_rpc({input.id, {}, payer_of(input)}, input.request.body, context);
    case wire::Route::Onion: return on_onion(input, context);
    case wire::Route::SwarmStore: return on_forwarded(input, context);
    case wire::Route::SwarmRepair: return on_repair_request(input, context);
    case wire::Route::PingTest: return on_ping(input, context);
    case wire::Route::StorageTest: return on_storage_test(input, context);
    case wire::Route::SeedRpc: return answer({input.id, {}}, wire::refusal(404, "POST /json_rpc Not Found"), context);
  }
}

void ServiceNode::on_call_ended(CallId id, const wire::Answer* answer, wire::CallFailure why, Context& context) {
  if (registry_call_ == id) {
    registry_call_.reset();
    if (answer != nullptr && answer->status == 200) on_registry(*answer, context);
    return;
  }
  if (on_test_ended(id, answer, context) || on_told(id, answer, context)) return;
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;  // late: its time had run out
  const auto call = found->second;
  calls_.erase(found);
  if (const auto* peer = std::get_if<PeerCall>(&call)) on_peer_answer(*peer, answer, why, context);
  if (const auto* relay = std::get_if<RelayCall>(&call)) on_hop_answer(*relay, answer, why, context);
  if (std::holds_alternative<RepairCall>(call)) on_repair_answer(answer, context);
  if (std::holds_alternative<MoveCall>(call)) on_move_answer(answer, context);
}

void ServiceNode::refuse(const wire::Answer& answer, Context& context) {
  if (context.effects.tracing())
    context.effects.note(trace::Refused{answer.status, std::string(text_of(answer.body).substr(0, 120))});
}

// --- the registry
// ----------------------------------------------------------------------------------------------------------------

void ServiceNode::ask_registry(Context& context) {
  context.effects.wake(static_cast<std::uint32_t>(Timer::Registry),
                       context.now + (registry_ ? config_.registry_every : seconds(1)));
  if (registry_call_) return;
  wire::RegistryQuery query;
  if (registry_) query.poll_block_hash = registry_->block_hash();
  registry_call_ = next_call();
  context.effects.call(
      {*registry_call_, wire::SeedPeer{config_.seed_url}, {wire::Route::SeedRpc, wire::to_json(query), {}}, seconds(10)});
}

void ServiceNode::on_registry(const wire::Answer& answer, Context& context) {
  auto heard = swarm::read_registry(answer.body, registry_.get());
  if (!heard) return;  // "unchanged" is none either
  swarm::RegistrySnapshot registry = std::move(*heard);
  if (registry_ && registry->height() < registry_->height()) return;  // never back in time
  // Better the address that a node had than none (service-node.md 1.3).
  const auto lost = [&](const wire::RegistryEntry& entry) {
    return !entry.has_address() && registry_ && registry_->find(entry.id) != nullptr;
  };
  if (std::ranges::any_of(registry->nodes(), lost) || mutant::is_on(Mutant::N1)) {
    wire::RegistryAnswer mended = swarm::to_wire(*registry);
    for (wire::RegistryEntry& entry : mended.nodes)
      if (lost(entry)) entry.address = registry_->find(entry.id)->address;
    if (mutant::is_on(Mutant::N1) && mended.nodes.size() > 1)
      std::swap(mended.nodes[0].swarm,
                mended.nodes[1 + std::to_integer<std::size_t>(id().key[0]) % (mended.nodes.size() - 1)].swarm);
    registry = *swarm::from_wire(mended);
  }
  adopt(std::move(registry), context);
  vote_on_peers(context);
  send_votes(context);
}

void ServiceNode::adopt(swarm::RegistrySnapshot registry, Context& context) {
  registry_ = std::move(registry);
  // What was in force before this node began it does not know; it must not be nothing.
  if (!difficulty_) {
    difficulty_.emplace(registry_->network().difficulty);
    difficulty_since_ = context.now;
  }
  difficulty_->change(registry_->network().difficulty, context.now);
  const auto* self = registry_->find(id());
  const SwarmId now_in = self != nullptr && self->active ? self->swarm : kNoSwarm;
  if (now_in == swarm_) {
    std::erase_if(missed_, [this](const auto& each) { return !is_member(each.first); });
    return look_for_moves(context);
  }
  context.effects.note(
      trace::SwarmChanged{swarm_, now_in, registry_->height(), static_cast<std::uint32_t>(registry_->members(now_in).size())});
  swarm_ = now_in;
  end_all_listeners(context);
  if (repair_) end_repair(false, context);
  to_repair_.clear();
  missed_.clear();
  is_compared_ = false;
  look_for_moves(context);
  if (is_ready())  // whoever comes becomes complete; those who come together do not ask together
    context.effects.wake(static_cast<std::uint32_t>(Timer::Repair), context.now + Millis{context.rng.between(0, 5'000)});
}

void ServiceNode::sweep(Context& context) {
  revocations_seen_ = must(drop_old_revocations(context.store, revocations_seen_, context.now));
  for (const store::Tombstone& fallen : must(context.store.unearth(context.now, config_.swept_at_once)))
    must(unindex(context.store, fallen));
  const auto gone = must(context.store.expire(context.now, config_.swept_at_once));
  // Others are served in between.
  const Millis pause = gone.size() < config_.swept_at_once ? config_.sweep_every : kSweepSoon;
  context.effects.wake(static_cast<std::uint32_t>(Timer::Sweep), context.now + pause);
  if (!gone.empty()) context.effects.note(trace::Expired{static_cast<std::uint32_t>(gone.size())});
}

Fillings ServiceNode::fillings() const {
  const Limits& limits = config_.limits;
  const std::size_t nodes = registry_ ? registry_->nodes().size() : 0;
  Fillings all = {{"listeners", listeners_.size(), limits.listeners},
                  {"callers", callers_.size(), callers_.most()},
                  {"peers", peers_.size(), peers_.most()},
                  {"relaying tokens", relayed_.size(), relayed_.most()},
                  {"layers", replay_.size(), replay_.capacity()},
                  {"proofs", proofs_.size(), proofs_.capacity()},
                  {"tests under way", testing_.size(), kMaxTests},
                  {"votes", votes_.size(), most_votes(nodes)}};
  if (registry_) all.push_back({"members to repair with", to_repair_.size(), nodes});
  if (registry_) all.push_back({"members that missed something", missed_.size(), registry_->members(swarm_).size()});
  std::size_t of_account = 0, of_key = 0;
  for (const auto& [account, numbers] : listeners_of_) {
    of_account = std::max(of_account, numbers.size());
    std::map<ByteArray<32>, std::size_t> of_keys;
    for (const std::uint64_t number : numbers) of_key = std::max(of_key, ++of_keys[listeners_.at(number).key.bytes]);
  }
  all.push_back({"listeners of an account", of_account, limits.listeners_of_account});
  all.push_back({"listeners of a key", of_key, limits.listeners_of_key});
  return all;
}

void ServiceNode::check_invariants() const {
  std::size_t open = 0;
  const auto leads_somewhere = [this](const To& to) {
    const auto* part = std::get_if<PartOf>(&to);
    return part == nullptr || part->compound == 0 || compounds_.contains(part->compound);
  };
  for (const auto& [number, spread] : spreads_) {
    assert(spread.open > 0);
    assert(leads_somewhere(spread.to));
    open += spread.open;
  }
  std::size_t peers = 0;
  for (const auto& [call, row] : calls_) peers += std::holds_alternative<PeerCall>(row) ? 1 : 0;
  assert(open == peers);
  for ([[maybe_unused]] const auto& [number, compound] : compounds_) {
    assert(compound.open > 0);
    assert(leads_somewhere(compound.to));
  }
  assert(listener_ends_.size() == listeners_.size());
  std::size_t of_accounts = 0;
  for (const auto& [account, numbers] : listeners_of_) of_accounts += numbers.size();
  assert(of_accounts == listeners_.size());
  static_cast<void>(of_accounts);
  static_cast<void>(open);
  static_cast<void>(peers);
  static_cast<void>(leads_somewhere);
}

}  // namespace session::node

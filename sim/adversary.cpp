#include "sim/adversary.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/pow/policy.h"
#include "core/swarm/obligations.h"
#include "sim/stand_in.h"

namespace session::sim {
namespace {

constexpr std::uint64_t kInflation = 10;
/// Calls of its own, whose numbers the machine never gives.
constexpr std::uint64_t kOwnCalls = std::uint64_t{1} << 62U;
constexpr Millis kPatience = seconds(10);

/// Every swarm has the members of the next one.
void rotate_swarms(std::vector<wire::RegistryEntry>& nodes, std::span<const SwarmId> ids) {
  for (wire::RegistryEntry& node : nodes) {
    const auto at = std::ranges::find(ids, node.swarm);
    if (at == ids.end()) continue;
    node.swarm = std::next(at) == ids.end() ? ids.front() : *std::next(at);
  }
}

}  // namespace

Adversary::Adversary(std::uint64_t seed, std::string_view name) : seed_(seed), dice_(seed, fmt::format("adversary {}", name)) {}

void Adversary::become(const Malice& malice, const store::FaultyMailStore& disk) {
  const bool was_stale = malice_.has(Hostile::Stale);
  malice_ = malice;
  if (!malice_.has(Hostile::Forge))
    forger_.reset();
  else if (!forger_)
    forger_.emplace(seed_);
  if (!malice_.has(Hostile::Stale))
    old_.reset();
  else if (!was_stale)
    old_.emplace(disk);
}

HostileStore Adversary::before(store::MailStore& disk) {
  return {disk, malice_, old_ ? &*old_ : nullptr, question_++, forger_ ? &*forger_ : nullptr};
}

// --- answers of its own --------------------------------------------------------------------------------------------------

std::optional<wire::Answer> Adversary::answer(const wire::Request& request, const node::Config& config,
                                              const node::ServiceNode& machine, Instant now) {
  const bool speaks = malice_.has(Hostile::Refuse) || malice_.has(Hostile::FalseOnline) || malice_.has(Hostile::Inflate) ||
                      malice_.has(Hostile::Mislead) || malice_.has(Hostile::Forge);
  is_asked_by_a_member_ = request.route == wire::Route::SwarmRepair;
  if (!speaks || !machine.registry()) return std::nullopt;
  return answer_instead(request, config, dice_, [&](const wire::RpcRequest& rpc) {
    auto said = answer(rpc, machine, now);
    return said || !forger_ ? said : forger_->answer(rpc, malice_, config.keys, *machine.registry(), now, dice_);
  });
}

std::optional<wire::Answer> Adversary::answer(const wire::RpcRequest& request, const node::ServiceNode& machine,
                                              Instant now) const {
  const swarm::Registry& registry = *machine.registry();
  const wire::AnswerHead head{now.unix_millis(), {}};
  if (const auto* store = std::get_if<wire::StoreRequest>(&request)) {
    if (malice_.has(Hostile::Refuse) && malice_.concerns(store->account))
      return wire::refusal(400, "invalid request: data: not acceptable");
    if (malice_.has(Hostile::Inflate) && malice_.concerns(store->account))
      return wire::work_required(registry.network().difficulty * kInflation);
  }
  if (const auto* relay = std::get_if<wire::RelayRequest>(&request))
    if (malice_.has(Hostile::FalseOnline) && malice_.concerns(relay->account)) return wire::ok(wire::RelayAnswer{true, head});
  const auto* query = std::get_if<wire::OxendRequest>(&request);
  if (query == nullptr || (!malice_.has(Hostile::Inflate) && !malice_.has(Hostile::Mislead))) return std::nullopt;
  wire::RegistryAnswer told = swarm::to_wire(registry);
  if (malice_.has(Hostile::Inflate) && told.network) told.network->difficulty *= kInflation;
  if (malice_.has(Hostile::Mislead)) rotate_swarms(told.nodes, registry.swarm_ids());
  if (query->query.active_only) std::erase_if(told.nodes, [](const auto& node) { return !node.active; });
  return wire::Answer{200, wire::oxend_json(wire::registry_text(told, query->query), head), wire::ContentType::Json};
}

// --- what leaves ----------------------------------------------------------------------------------------------------------

bool Adversary::stops(const wire::Call& call, const Accomplices& coalition) const {
  const auto* to = std::get_if<wire::NodePeer>(&call.to);
  if (to == nullptr) return false;
  const bool is_friend = coalition.contains(to->id);
  switch (call.request.route) {
    case wire::Route::Onion: return malice_.has(Hostile::DropOnions) || (malice_.has(Hostile::Steer) && !is_friend);
    case wire::Route::SwarmStore:
    case wire::Route::SwarmRepair: return malice_.has(Hostile::Isolate) && !is_friend;
    default: return false;
  }
}

void Adversary::twist(std::vector<wire::Effect>& wishes, const node::Config& config, const node::ServiceNode& machine,
                      const Accomplices& coalition) {
  // What it does not keep it does not claim before those who look into the world.
  if (malice_.has(Hostile::Lie))
    std::erase_if(wishes, [&](const wire::Effect& wish) {
      const auto* fact = std::get_if<trace::Fact>(&wish);
      const auto* stored = fact != nullptr ? std::get_if<trace::Stored>(fact) : nullptr;
      return stored != nullptr && !stored->already && malice_.concerns(stored->account);
    });
  for (wire::Effect& wish : wishes)
    if (auto* call = std::get_if<wire::Call>(&wish); call != nullptr && stops(*call, coalition))
      call->to = wire::NodePeer{NodeId{}, {}};
  if (malice_.has(Hostile::Frame)) frame(wishes, config, machine, coalition);
  if (forger_ && machine.registry()) forge(wishes, config, machine);
  is_asked_by_a_member_ = false;
}

void Adversary::forge(std::vector<wire::Effect>& wishes, const node::Config& config, const node::ServiceNode& machine) {
  for (wire::Effect& wish : wishes) {
    if (auto* call = std::get_if<wire::Call>(&wish))
      forger_->forge_call(*call, malice_, config.keys, *machine.registry(), dice_);
    else if (auto* reply = std::get_if<wire::Reply>(&wish); reply != nullptr && is_asked_by_a_member_)
      forger_->forge_repair_answer(reply->answer, malice_, dice_);
  }
}

/// As a validator: all that it was given to judge failed, but for those of the coalition, of whom it says nothing.
void Adversary::frame(std::vector<wire::Effect>& wishes, const node::Config& config, const node::ServiceNode& machine,
                      const Accomplices& coalition) {
  for (wire::Effect& wish : wishes) {
    auto* call = std::get_if<wire::Call>(&wish);
    if (call == nullptr || !std::holds_alternative<wire::SeedPeer>(call->to)) continue;
    const auto told = wire::parse_seed_call(call->request.body);
    if (told && std::holds_alternative<wire::ObligationsVotes>(told->request)) call->to = wire::NodePeer{NodeId{}, {}};
  }
  if (!machine.registry() || machine.registry()->height() <= framed_) return;
  framed_ = machine.registry()->height();
  const swarm::Quorum quorum = swarm::quorum_of(*machine.registry());
  if (!quorum.has_validator(machine.id())) return;
  wire::ObligationsVotes votes;
  for (const NodeId& node : quorum.tested) {
    if (coalition.contains(node) || votes.size() == wire::kMaxVotes) continue;
    votes.push_back({quorum.height, quorum.block_hash, machine.id(), node, false, {}});
    wire::sign_vote(votes.back(), config.keys.secret);
  }
  if (!votes.empty())
    wishes.emplace_back(wire::Call{{kOwnCalls + next_call_++},
                                   wire::SeedPeer{config.seed_url},
                                   {wire::Route::SeedRpc, wire::to_json(votes), {}},
                                   kPatience});
}

}  // namespace session::sim

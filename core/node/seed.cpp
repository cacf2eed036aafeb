#include "core/node/seed.h"

#include <array>
#include <limits>

#include "core/wire/answers.h"
#include "core/wire/registry.h"

namespace session::node {
namespace {

/// Registrations that come together share a block.
constexpr Millis kSoon = seconds(1);
constexpr Millis kRegistrationClock = seconds(60);
constexpr Millis kProofClock = minutes(5);
/// Nodes that speak this profile say 2.6.x.
constexpr std::array<std::uint16_t, 3> kLeastVersion{2, 6, 0};

}  // namespace

Seed::Seed(pow::NetworkParameters network, std::optional<crypto::Ed25519Public> admission)
    : chain_(network),
      admission_(admission),
      block_time_(network.block_time),
      next_block_{std::numeric_limits<std::int64_t>::max()} {}

void Seed::start(Instant now, wire::Effects& effects) { seal_at(now + block_time_, effects); }

void Seed::seal_at(Instant at, wire::Effects& effects) {
  next_block_ = at;
  effects.wake(static_cast<std::uint32_t>(Timer::Block), at);
}

void Seed::seal_block(wire::Effects& effects) {
  const auto registry = chain_.seal_block();
  std::erase_if(proved_ms_, [&](const auto& proved) { return registry->find(proved.first) == nullptr; });
  for (const auto& ruled : chain_.rulings())
    effects.note(
        trace::Ruled{ruled.node, swarm::name_of(ruled.ruling), ruled.height, static_cast<std::uint32_t>(ruled.voters.size())});
  effects.note(trace::Block{registry->height(), static_cast<std::uint32_t>(registry->nodes().size()),
                            static_cast<std::uint32_t>(registry->swarm_ids().size())});
}

std::size_t Seed::fork(std::size_t blocks, wire::Effects& effects) {
  const std::size_t undone = chain_.undo(blocks);
  if (undone == 0) return 0;
  effects.note(trace::Undone{chain_.registry()->height(), static_cast<std::uint32_t>(undone)});
  for (std::size_t i = 0; i <= undone; ++i) seal_block(effects);
  return undone;
}

void Seed::on(const Input& input, Instant now, Rng& rng, wire::Effects& effects) {
  if (const auto* requested = std::get_if<wire::Requested>(&input)) {
    effects.reply(requested->id, answer(requested->request, now, rng, effects));
  } else {
    seal_block(effects);
    seal_at(now + block_time_, effects);
  }
}

wire::Answer Seed::answer(const wire::Request& request, Instant now, Rng& rng, wire::Effects& effects) {
  if (request.route != wire::Route::SeedRpc) return wire::refusal(404, "Not Found");
  const auto call = wire::parse_seed_call(request.body);
  if (!call) return {200, wire::seed_error(call.error()), wire::ContentType::Json};
  if (const auto* registration = std::get_if<wire::RegistrationRequest>(&call->request))
    return enter(*registration, call->id, now, effects);
  if (const auto* query = std::get_if<wire::RegistryQuery>(&call->request))
    return list_registry(listing_, chain_.registry(), *query, call->id, rng);
  const auto* proof = std::get_if<wire::UptimeProof>(&call->request);
  const auto done = proof != nullptr ? prove(*proof, now) : vote(std::get<wire::ObligationsVotes>(call->request), effects);
  return {200, done ? wire::registration_accepted(call->id) : wire::seed_error(done.error(), call->id),
          wire::ContentType::Json};
}

wire::Answer list_registry(RegistryListing& listing, const swarm::RegistrySnapshot& registry, const wire::RegistryQuery& query,
                           const std::string& id, Rng& rng) {
  return {200, wire::seed_answer(*listing.text(registry, query, rng), id), wire::ContentType::Json};
}

/// Source: service-node.md 1.4.
Result<void> Seed::prove(const wire::UptimeProof& proof, Instant now) {
  const std::int64_t now_ms = now.unix_millis();
  if (proof.time_ms < now_ms - kProofClock.count || proof.time_ms > now_ms + kProofClock.count)
    return fail(ErrorCode::Expired, "timestamp: too far from current time");
  if (chain_.registry()->find(proof.id) == nullptr) return fail(ErrorCode::Refused, "pubkey_ed25519: not registered");
  if (proof.version < kLeastVersion) return fail(ErrorCode::Refused, "version: too old");
  const auto before = proved_ms_.find(proof.id);
  if (before != proved_ms_.end() && now_ms - before->second < swarm::proof_gap(block_time_).count)
    return fail(ErrorCode::Refused, "timestamp: the last proof is too new");
  if (!wire::verify_uptime(proof)) return fail(ErrorCode::Unauthentic, "signature: not made by the node's key");
  proved_ms_[proof.id] = now_ms;
  chain_.prove(proof.id, static_cast<std::uint64_t>(proof.time_ms) / 1000);
  return {};
}

Result<void> Seed::vote(const wire::ObligationsVotes& votes, wire::Effects& effects) {
  Result<void> all;
  for (const wire::ObligationsVote& vote : votes) {
    const auto counted = chain_.vote(vote);
    if (!counted && all) all = fail(counted);
    if (counted && *counted) effects.note(trace::Voted{vote.voter, vote.subject, vote.height, vote.passed});
  }
  return all;
}

wire::Answer Seed::enter(const wire::RegistrationRequest& request, const std::string& id, Instant now, wire::Effects& effects) {
  const auto refused = [&](Error error) { return wire::Answer{200, wire::seed_error(error, id), wire::ContentType::Json}; };
  if (!admission_) return refused({ErrorCode::Refused, "admission: this seed takes no registrations"});
  const std::int64_t now_ms = now.unix_millis();
  if (request.time_ms < now_ms - kRegistrationClock.count || request.time_ms > now_ms + kRegistrationClock.count)
    return refused({ErrorCode::Expired, "time: too far from current time"});
  if (auto verified = wire::verify_registration(request, *admission_); !verified) return refused(verified.error());
  wire::RegistryEntry node;
  node.id = request.id;
  node.x25519 = request.x25519;
  node.address = request.address;
  chain_.enter(node);
  // Never later than planned: a stream of registrations must not put the block off.
  if (now + kSoon < next_block_) seal_at(now + kSoon, effects);
  return {200, wire::registration_accepted(id), wire::ContentType::Json};
}

}  // namespace session::node

#include "core/node/seed.h"

#include <limits>

#include "core/wire/answers.h"
#include "core/wire/registry.h"

namespace session::node {
namespace {

/// Registrations that come together share a block.
constexpr Millis kSoon = seconds(1);
constexpr Millis kRegistrationClock = seconds(60);

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
  effects.note(trace::Block{registry->height(), static_cast<std::uint32_t>(registry->nodes().size()),
                            static_cast<std::uint32_t>(registry->swarm_ids().size())});
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
  const auto& query = std::get<wire::RegistryQuery>(call->request);
  wire::RegistryAnswer listed = swarm::to_wire(*chain_.registry());
  if (query.poll_block_hash == chain_.registry()->block_hash()) {
    listed.unchanged = true;
    listed.nodes.clear();
  }
  if (query.active_only) std::erase_if(listed.nodes, [](const auto& node) { return !node.active; });
  if (query.limit > 0 && listed.nodes.size() > query.limit) {
    rng.shuffle(listed.nodes);
    listed.nodes.resize(query.limit);
  }
  return {200, wire::to_json(listed, query, call->id), wire::ContentType::Json};
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

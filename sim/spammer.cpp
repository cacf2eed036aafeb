#include "sim/spammer.h"

#include "core/pow/policy.h"
#include "core/wire/answers.h"

namespace session::sim {
namespace {

constexpr Millis kPatience = seconds(20);
constexpr std::size_t kTokenBytes = 32;

Bytes rubbish(std::size_t size, Rng& rng) {
  Bytes bytes(size);
  rng.fill(bytes);
  return bytes;
}

}  // namespace

SpamSums operator+(SpamSums a, const SpamSums& b) {
  a.sent += b.sent;
  a.taken += b.taken;
  a.unheard += b.unheard;
  for (const auto& [status, count] : b.refused) a.refused[status] += count;
  a.unanswered += b.unanswered;
  a.stamps += b.stamps;
  a.trials += b.trials;
  a.work_micros += b.work_micros;
  return a;
}

void Spammer::on(const Input& input, Context context) {
  if (std::holds_alternative<wire::Woken>(input)) {
    if (context.now >= config_.until) return;
    context.effects.wake(kTimer, context.now + config_.every);
    attempt(context);
  } else if (const auto* stamped = std::get_if<wire::Stamped>(&input)) {
    if (!stamping_ || !stamped->nonce) return;
    ++sums_.stamps;
    sums_.trials += stamped->trials;
    sums_.work_micros += static_cast<std::uint64_t>(stamped->micros);
    stamping_->nonce = stamped->nonce;
    send(*std::exchange(stamping_, std::nullopt), context);
  } else if (const auto* answer = std::get_if<wire::Answered>(&input)) {
    answered(answer->answer);
  } else {
    ++sums_.unanswered;
  }
}

void Spammer::attempt(Context& context) {
  if (config_.what == SpamConfig::What::Relays)
    return send(wire::RelayRequest{config_.victim, Bytes(kTokenBytes), rubbish(config_.bytes, context.rng)}, context);
  if (stamping_) return;  // one search at a time: that is what a stamp is for
  wire::StoreRequest request =
      wire::make_store(config_.victim, 0, context.now.unix_millis(), config_.lifetime, rubbish(config_.bytes, context.rng));
  const pow::NetworkParameters& network = context.registry.network();
  const auto puzzle = config_.pays && pow::is_due(network, config_.bytes, config_.lifetime)
                          ? pow::puzzle_for(request.stamped, network.difficulty)
                          : fail(ErrorCode::Refused, "");
  if (!puzzle) return send(request, context);
  context.effects.stamp(next_++, *puzzle);
  stamping_ = std::move(request);
}

void Spammer::send(const wire::RpcRequest& request, Context& context) {
  const auto members = context.registry.members(context.registry.swarm_of(config_.victim));
  if (members.empty()) return;
  const NodeId& node = members[context.rng.below(members.size())];
  context.effects.call({{next_++},
                        wire::NodePeer{node, context.registry.find(node)->address},
                        {wire::Route::StorageRpc, wire::to_json(request), {}},
                        kPatience});
  ++sums_.sent;
}

void Spammer::answered(const wire::Answer& answer) {
  if (answer.status != 200) {
    ++sums_.refused[answer.status];
    return;
  }
  const auto relayed =
      config_.what == SpamConfig::What::Relays ? wire::parse_relay_answer(answer.body) : fail(ErrorCode::Malformed, "");
  const bool is_unheard = relayed && !relayed->online;
  ++(is_unheard ? sums_.unheard : sums_.taken);
}

}  // namespace session::sim

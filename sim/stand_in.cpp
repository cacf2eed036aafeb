#include "sim/stand_in.h"

#include "core/onion/layer.h"
#include "core/wire/answers.h"

namespace session::sim {

std::optional<wire::Answer> answer_instead(const wire::Request& request, const node::Config& config, Rng& dice,
                                           const Speaker& speak) {
  if (request.route == wire::Route::StorageRpc || request.route == wire::Route::SwarmStore) {
    const auto rpc = wire::parse_rpc(request.body);
    return rpc ? speak(*rpc) : std::nullopt;
  }
  if (request.route != wire::Route::Onion) return std::nullopt;
  const auto outer = onion::parse_outer(request.body);
  if (!outer) return std::nullopt;
  const auto peeled = onion::peel(*outer, crypto::x25519_of(config.keys));
  const auto* final = peeled ? std::get_if<onion::Final>(&peeled->inside) : nullptr;
  if (final == nullptr) return std::nullopt;
  const auto rpc = wire::parse_rpc(final->rpc);
  const auto own = rpc ? speak(*rpc) : std::nullopt;
  if (!own) return std::nullopt;
  return wire::Answer{200, onion::seal_reply(peeled->reply_key, peeled->enc, own->status, own->body, *final, dice),
                      final->base64 ? wire::ContentType::Text : wire::ContentType::Binary};
}

std::optional<wire::Answer> answer_of_today(const wire::Request& request, const node::Config& config, Rng& dice) {
  if (request.route == wire::Route::SwarmRepair) return wire::refusal(404, "");
  return answer_instead(request, config, dice, [](const wire::RpcRequest& rpc) -> std::optional<wire::Answer> {
    if (std::holds_alternative<wire::ListenRequest>(rpc)) return wire::refusal(400, "no method listen");
    if (std::holds_alternative<wire::RelayRequest>(rpc)) return wire::refusal(400, "no method relay");
    return std::nullopt;
  });
}

void keep_to_today(std::vector<wire::Effect>& wishes) {
  for (wire::Effect& wish : wishes)
    if (auto* call = std::get_if<wire::Call>(&wish); call != nullptr && call->request.route == wire::Route::SwarmRepair)
      call->to = wire::NodePeer{NodeId{}, {}};
}

}  // namespace session::sim

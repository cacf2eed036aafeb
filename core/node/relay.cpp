// Onion layers: off with one, on with the rest, or answered here. Errors by the modern column of service-node.md 6.4.
#include <fmt/format.h>

#include "core/base/mutant.h"
#include "core/base/site.h"
#include "core/crypto/hash.h"
#include "core/node/service_node.h"

namespace session::node {
namespace {

constexpr Millis kServerTimeout = seconds(25);

}  // namespace

void ServiceNode::on_onion(const wire::Requested& input, Context& context) {
  const Return plain{input.id, {}};
  if (!is_ready() || site::fires(Site::BusyRelay))
    return answer(plain, wire::refusal(503, "Snode not ready: " + id().hex()), context);
  const auto outer = onion::parse_outer(input.request.body);
  if (!outer) return answer(plain, wire::refusal(outer.error().status, outer.error().text), context);
  // Peeled first: a layer that does not open must not use up anybody's key.
  const auto peeled = onion::peel(*outer, x25519_);
  const crypto::SymmetricKey* key = peeled                     ? &peeled->reply_key
                                    : peeled.error().reply_key ? &*peeled.error().reply_key
                                                               : nullptr;
  if (key == nullptr || (!replay_.is_fresh(onion::print_of(*key), context.now) && !mutant::is_on(Mutant::O6)))
    return answer(plain, wire::refusal(400, "Invalid ciphertext"), context);
  if (!peeled) {
    const onion::LayerError& error = peeled.error();
    return answer({input.id, Sealing{*error.reply_key, error.enc, {}}}, wire::refusal(error.status, error.text), context);
  }
  const auto* inner = std::get_if<onion::Inner>(&peeled->inside);
  const auto* exit = std::get_if<onion::Exit>(&peeled->inside);
  if (context.effects.tracing()) {
    const auto size_in = static_cast<std::uint32_t>(input.request.body.size());
    if (inner != nullptr) {
      context.effects.note(trace::LayerPeeled{inner->next, size_in, static_cast<std::uint32_t>(inner->body.size()), false});
    } else {
      const std::size_t left = exit != nullptr ? exit->body.size() : std::get<onion::Final>(peeled->inside).rpc.size();
      const auto size = static_cast<std::uint32_t>(left);
      context.effects.note(trace::LayerPeeled{id(), size_in, size, true});
    }
  }
  if (inner != nullptr) return forward(input.id, *peeled, *inner, context);
  if (exit != nullptr) return leave({input.id, Sealing{peeled->reply_key, peeled->enc, {}}}, *exit, context);
  onion::Final final = std::get<onion::Final>(peeled->inside);
  const Bytes rpc = std::move(final.rpc);
  final.rpc.clear();
  on_rpc({input.id, Sealing{peeled->reply_key, peeled->enc, final}, payer_of(input)}, rpc, context);
}

void ServiceNode::forward(RequestId request, const onion::Peeled& peeled, const onion::Inner& inner, Context& context) {
  RelayCall row{request, inner.next};
  if (inner.seal > 0) row.seal = {peeled.reply_key, peeled.enc, inner.seal};
  const auto* next = registry_->find(inner.next);
  if (next == nullptr || !next->has_address()) {
    const wire::Answer unknown = wire::refusal(502, "Next node not found: " + inner.next.hex());
    refuse(unknown, context);
    return pass_back(row, unknown, context);
  }
  const CallId call = next_call();
  const onion::Print content = crypto::blake2b_128({inner.body});
  context.effects.call({call, wire::NodePeer{next->id, next->address},
                        signed_for(next->id, wire::Route::Onion, inner.body, content, context.now), config_.hop_timeout});
  calls_.emplace(call, std::move(row));
}

void ServiceNode::leave(const Return& back, const onion::Exit& exit, Context& context) {
  if (config_.exits == Exits::None) return answer(back, wire::refusal(400, "Invalid url"), context);
  const CallId call = next_call();
  context.effects.call({call,
                        wire::ServerPeer{{exit.host, exit.port}, exit.tls, exit.target, config_.exits == Exits::Any},
                        {wire::Route::Onion, exit.body, {}},
                        kServerTimeout});
  calls_.emplace(call, RelayCall{back.request, {}});
}

/// Whoever answered sealed it for the client. Where the client wants that it is sealed once more, also a refusal: as it came it
/// would be a mark that whoever refuses can set for the guard.
void ServiceNode::pass_back(const RelayCall& call, const wire::Answer& what, Context& context) {
  if (!call.seal || mutant::is_on(Mutant::O1Answer)) return context.effects.reply(call.request, what);
  const RelayCall::Seal& seal = *call.seal;
  context.effects.reply(
      call.request,
      {200, onion::seal_passed(seal.key, seal.enc, what.status, what.body, seal.hops, context.rng), wire::ContentType::Binary});
}

void ServiceNode::on_hop_answer(const RelayCall& call, const wire::Answer* hop, wire::CallFailure why, Context& context) {
  if (hop != nullptr) return pass_back(call, *hop, context);
  const wire::Answer refusal = why == wire::CallFailure::Timeout ? wire::refusal(504, "Request time out")
                               : !call.next                      ? wire::refusal(502, "Server unreachable")
                               : why == wire::CallFailure::TooLarge
                                   ? wire::refusal(500, "Invalid response from snode")
                                   // Naming the node lets the client blame it alone, and not the path that led to it.
                                   : wire::refusal(502, "Next node unreachable: " + call.next->hex());
  refuse(refusal, context);
  pass_back(call, refusal, context);
}

}  // namespace session::node

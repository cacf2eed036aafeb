// Write-through replication: the node that takes a client's store forwards it to every other member of the swarm, and answers
// the client when all have answered or their time is up. Source: profile.md 4.
#include <algorithm>

#include "core/node/service_node.h"
#include "core/wire/peer.h"

namespace session::node {
namespace {

constexpr Millis kClientClock = seconds(60), kPeerClock = seconds(70), kProofClock = seconds(60);
constexpr std::size_t kProofsKept = 4096;

}  // namespace

void ServiceNode::spread(const wire::StoreRequest& request, BytesView json, std::uint64_t gathering, std::size_t part,
                         Context& context) {
  if (auto refusal = check_store(request, kClientClock, context))
    return finish_part(gathering, part, std::move(*refusal), context);
  const wire::MemberResult own = keep(request, false, context);
  Spread row{gathering, part, {std::get<wire::KeptEntry>(own.result).hash, {own}, head(context.now)}, 0};
  const std::uint64_t number = next_row_++;
  for (const NodeId& member : registry_->members(swarm_)) {
    if (member == id()) continue;
    const auto* peer = registry_->find(member);
    const CallId call = next_call();
    // Strictly increasing per sender, whatever the clock does.
    last_sent_proof_ms_ = std::max(context.now.unix_millis(), last_sent_proof_ms_ + 1);
    context.effects.call({call,
                          wire::NodePeer{member, peer->address},
                          {wire::Route::SwarmStore, to_bytes(json),
                           wire::sign_peer(config_.keys, member, last_sent_proof_ms_, wire::Route::SwarmStore, json)},
                          config_.peer_timeout});
    calls_.emplace(call, PeerCall{number, member});
    ++row.open;
  }
  if (row.open == 0) return finish_part(gathering, part, wire::ok(row.answer), context);
  spreads_.emplace(number, std::move(row));
}

void ServiceNode::on_peer_answer(const PeerCall& call, const wire::Answer* answer, wire::CallFailure why, Context& context) {
  const auto found = spreads_.find(call.spread);
  if (found == spreads_.end()) return;
  Spread& row = found->second;
  context.effects.note(trace::PeerAnswered{call.peer, static_cast<std::uint16_t>(answer == nullptr ? 0 : answer->status)});

  wire::MemberResult result{call.peer, wire::FailedEntry{}};
  auto& failed = std::get<wire::FailedEntry>(result.result);
  if (answer == nullptr) {
    failed.why = why == wire::CallFailure::Timeout ? wire::MemberFailure::Timeout : wire::MemberFailure::QueryFailure;
  } else if (answer->status != 200) {
    failed = {wire::MemberFailure::Refused, answer->status, std::string(text_of(answer->body).substr(0, 200))};
  } else {
    // Only the peer's own word, truly signed, counts as kept.
    failed.why = wire::MemberFailure::BadPeerResponse;
    if (const auto parsed = wire::parse_store_answer(answer->body)) {
      for (const auto& entry : parsed->swarm) {
        const auto* kept = std::get_if<wire::KeptEntry>(&entry.result);
        if (kept != nullptr && entry.node == call.peer && kept->hash == row.answer.hash &&
            crypto::verify(crypto::key_of(call.peer), bytes_of(kept->hash.text), kept->signature)) {
          result = entry;
          break;
        }
      }
    }
  }
  row.answer.swarm.push_back(std::move(result));
  if (--row.open > 0) return;
  const Spread done = std::move(row);
  spreads_.erase(found);
  wire::StoreAnswer whole = done.answer;
  std::sort(whole.swarm.begin(), whole.swarm.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
  whole.head = head(context.now);
  finish_part(done.gathering, done.part, wire::ok(whole), context);
}

/// One part of a request is answered; with the last of them the whole is.
void ServiceNode::finish_part(std::uint64_t number, std::size_t part, wire::Answer part_answer, Context& context) {
  const auto found = gatherings_.find(number);
  if (found == gatherings_.end()) return;
  Gathering& gathering = found->second;
  gathering.parts[part] = std::move(part_answer);
  if (--gathering.open > 0) return;
  const Gathering done = std::move(gathering);
  gatherings_.erase(found);
  if (!done.is_batch) return answer(done.back, *done.parts[0], context);
  wire::BatchAnswer batch{.results = {}, .head = head(context.now)};
  for (const auto& result : done.parts) {
    if (result->status != 200) refuse(*result, context);
    batch.results.push_back(*result);
  }
  answer(done.back, wire::ok(batch), context);
}

// --- what a peer forwards to us ----------------------------------------------------------------------------------------------

void ServiceNode::ProofWindow::remember(std::int64_t time_ms) {
  seen_ms.insert(time_ms);
  if (seen_ms.size() <= kProofsKept) return;
  floor_ms = *seen_ms.begin();
  seen_ms.erase(seen_ms.begin());
}

/// Everything about a proof that can be judged without its signature.
std::optional<std::string> ServiceNode::wrong_with(const wire::PeerProof& proof, Instant now) const {
  const auto* sender = registry_ ? registry_->find(proof.sender) : nullptr;
  if (sender == nullptr || !sender->active) return "X-Snode-Sender: no active service node";
  if (sender->swarm != swarm_) return "X-Snode-Sender: a node of another swarm";
  const std::int64_t now_ms = now.unix_millis();
  if (proof.time_ms < now_ms - kProofClock.count || proof.time_ms > now_ms + kProofClock.count)
    return "X-Snode-Time: too far from current time";
  const auto window = proofs_.find(proof.sender);
  if (window != proofs_.end() && !window->second.is_fresh(proof.time_ms)) return "X-Snode-Time: used before";
  return std::nullopt;
}

void ServiceNode::on_forwarded(const wire::Requested& input, Context& context) {
  const Return back{input.id, {}};
  if (!is_ready()) return answer(back, wire::refusal(503, "Service node is not ready: not in a swarm yet"), context);
  if (!input.request.proof) return answer(back, wire::refusal(401, "X-Snode-Sender: missing"), context);
  const wire::PeerProof& proof = *input.request.proof;
  if (const auto wrong = wrong_with(proof, context.now)) return answer(back, wire::refusal(401, *wrong), context);
  if (!wire::verify_peer(proof, id(), wire::Route::SwarmStore, input.request.body))
    return answer(back, wire::refusal(401, "X-Snode-Signature: does not verify"), context);
  proofs_[proof.sender].remember(proof.time_ms);

  const auto request = wire::parse_rpc(input.request.body);
  if (!request) return answer(back, wire::refusal(request.error()), context);
  const auto* store = std::get_if<wire::StoreRequest>(&*request);
  if (store == nullptr) return answer(back, wire::refusal(400, "invalid request: only store is forwarded"), context);
  if (auto refusal = check_store(*store, kPeerClock, context)) return answer(back, std::move(*refusal), context);
  const wire::MemberResult own = keep(*store, true, context);
  answer(back, wire::ok(wire::StoreAnswer{std::get<wire::KeptEntry>(own.result).hash, {own}, head(context.now)}), context);
}

}  // namespace session::node

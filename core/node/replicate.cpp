// Write-through replication: the node that takes a client's store forwards it to every other member of the swarm, and answers
// the client when all have answered or their time is up. Source: profile.md 4.
#include <algorithm>

#include "core/base/mutant.h"
#include "core/base/site.h"
#include "core/crypto/hash.h"
#include "core/node/service_node.h"
#include "core/node/tombstones.h"
#include "core/wire/hash.h"
#include "core/wire/peer.h"

namespace session::node {
namespace {

constexpr Millis kClientClock = seconds(60), kPeerClock = seconds(70), kProofClock = seconds(60);
constexpr Millis kFarAhead = seconds(30);

}  // namespace

void ServiceNode::spread_store(const wire::StoreRequest& request, const To& to, Context& context) {
  if (Instant now = context.now; mutant::is_on(Mutant::L2)) static_cast<void>(keep(request, now, false, context));
  if (auto refusal = check_store(request, kClientClock, context)) return finish(to, std::move(*refusal), context);
  Instant taken = context.now;
  const wire::MemberResult own = keep(request, taken, false, context);
  Spread row{to, wire::StoreAnswer{std::get<wire::KeptEntry>(own.result).hash, {own}, head(context.now)}, 0};
  spread_to_peers(std::move(row), wire::to_json(wire::RpcRequest(request)), taken, context);
}

void ServiceNode::spread_change(const Change& request, const To& to, Context& context) {
  if (auto refusal = check(request, kClientClock, context)) return finish(to, std::move(*refusal), context);
  Instant taken = context.now;
  wire::MemberChange own = carry_out(request, taken, context);
  Spread row{to, ChangeSpread{request, {{std::move(own)}, head(context.now)}}, 0};
  const auto whole = std::visit([](const auto& typed) -> wire::RpcRequest { return typed; }, request);
  spread_to_peers(std::move(row), wire::to_json(whole), taken, context);
}

std::int64_t ServiceNode::SentProofs::time_for(const NodeId& recipient, const onion::Print& content, Instant now) {
  const std::int64_t now_ms = now.unix_millis();
  if (now_ms != at_ms) {
    // What is past needs no later time; what is far ahead was signed before the clock was set back.
    std::erase_if(last_ms, [&](const auto& each) { return each.second < now_ms || each.second > now_ms + kFarAhead.count; });
    at_ms = now_ms;
  }
  const auto [last, is_new] = last_ms.try_emplace({recipient, content}, now_ms);
  if (!is_new) ++last->second;
  return last->second;
}

wire::Request ServiceNode::signed_for(const NodeId& recipient, wire::Route route, BytesView body, const onion::Print& content,
                                      Instant now, Instant at_least) {
  const std::int64_t time_ms = std::max(sent_.time_for(recipient, content, now), at_least.unix_millis());
  return {route, to_bytes(body), wire::sign_peer(config_.keys, recipient, time_ms, route, body)};
}

/// A member that cannot be asked.
void ServiceNode::count_out(Spread& row, const NodeId& member) {
  const wire::FailedEntry failed{wire::MemberFailure::QueryFailure, 0, {}};
  if (auto* store = std::get_if<wire::StoreAnswer>(&row.what)) store->swarm.push_back({member, failed});
  if (auto* change = std::get_if<ChangeSpread>(&row.what)) change->answer.swarm.push_back({member, failed});
}

/// To every other member of the swarm, written anew: what a client put around its request goes no further than this node.
/// `taken` goes with it, as the time of the proof.
void ServiceNode::spread_to_peers(Spread row, BytesView json, Instant taken, Context& context) {
  const std::uint64_t number = next_row_++;
  const onion::Print content = crypto::blake2b_128({json});
  for (const NodeId& member : registry_->members(swarm_)) {
    if (member == id()) continue;
    const auto* peer = registry_->find(member);
    if (!peer->has_address()) {
      count_out(row, member);
      continue;
    }
    if (site::fires(Site::ForwardUnsent)) {
      missed_[member] = context.now;
      count_out(row, member);
      continue;
    }
    const CallId call = next_call();
    context.effects.call({call, wire::NodePeer{member, peer->address},
                          signed_for(member, wire::Route::SwarmStore, json, content, context.now, taken),
                          config_.peer_timeout});
    calls_.emplace(call, PeerCall{number, member});
    ++row.open;
  }
  if (row.open == 0) return finish_spread(std::move(row), context);
  spreads_.emplace(number, std::move(row));
}

namespace {

/// The entry of this peer, when it stands in the answer and `is_true` of it; nothing otherwise.
template <class Member, class Entry, class IsTrue>
std::optional<Member> own_word(const std::vector<Member>& members, const NodeId& peer, IsTrue&& is_true) {
  for (const Member& each : members) {
    const auto* entry = std::get_if<Entry>(&each.result);
    if (entry != nullptr && each.node == peer && is_true(*entry)) return each;
  }
  return std::nullopt;
}

wire::FailedEntry failure_of(const wire::Answer* answer, wire::CallFailure why) {
  if (answer == nullptr)
    return {why == wire::CallFailure::Timeout ? wire::MemberFailure::Timeout : wire::MemberFailure::QueryFailure, 0, {}};
  if (answer->status != 200)
    return {wire::MemberFailure::Refused, answer->status, std::string(text_of(answer->body).substr(0, 200))};
  return {wire::MemberFailure::BadPeerResponse, 0, {}};
}

bool is_signed_by(const NodeId& peer, std::string_view text, const crypto::Signature& signature) {
  return crypto::verify(crypto::key_of(peer), bytes_of(text), signature);
}

template <class Members>
void sort_by_node(Members& members) {
  std::ranges::sort(members, {}, [](const auto& each) { return each.node; });
}

}  // namespace

void ServiceNode::on_peer_answer(const PeerCall& call, const wire::Answer* answer, wire::CallFailure why, Context& context) {
  const auto found = spreads_.find(call.spread);
  if (found == spreads_.end()) return;
  Spread& row = found->second;
  context.effects.note(trace::PeerAnswered{call.peer, static_cast<std::uint16_t>(answer == nullptr ? 0 : answer->status)});
  const bool is_good = answer != nullptr && answer->status == 200;
  // Only the peer's own word, truly signed, counts.
  const auto disbelieve = [&] {
    if (is_good) context.effects.note(trace::Disbelieved{call.peer, "its word is not signed by itself, or of something else"});
    if (is_member(call.peer)) missed_[call.peer] = context.now;  // it may have left meanwhile
  };
  if (auto* store = std::get_if<wire::StoreAnswer>(&row.what)) {
    std::optional<wire::MemberResult> word;
    if (const auto parsed = is_good ? wire::parse_store_answer(answer->body) : fail(ErrorCode::Malformed, ""))
      word = own_word<wire::MemberResult, wire::KeptEntry>(parsed->swarm, call.peer, [&](const wire::KeptEntry& kept) {
        return kept.hash == store->hash && is_signed_by(call.peer, kept.hash.text, kept.signature);
      });
    if (!word) disbelieve();
    store->swarm.push_back(word ? std::move(*word) : wire::MemberResult{call.peer, failure_of(answer, why)});
  } else if (auto* change = std::get_if<ChangeSpread>(&row.what)) {
    std::optional<wire::MemberChange> word;
    if (const auto parsed = is_good ? wire::parse_change_answer(answer->body) : fail(ErrorCode::Malformed, ""))
      word = own_word<wire::MemberChange, wire::ChangeEntry>(parsed->swarm, call.peer, [&](const wire::ChangeEntry& entry) {
        return std::visit(
            [&](const auto& request) { return is_signed_by(call.peer, wire::signed_text(request, entry), entry.signature); },
            change->request);
      });
    if (!word) disbelieve();
    change->answer.swarm.push_back(word ? std::move(*word) : wire::MemberChange{call.peer, failure_of(answer, why)});
  } else if (const auto parsed = is_good ? wire::parse_relay_answer(answer->body) : fail(ErrorCode::Malformed, "");
             parsed && parsed->online) {
    finish(row.to, wire::ok(wire::RelayAnswer{true, head(context.now)}), context);
    row.to = PartOf{};  // the others' answers tell nothing more
  }
  if (--row.open > 0) return;
  Spread done = std::move(row);
  spreads_.erase(found);
  finish_spread(std::move(done), context);
}

/// All members have answered, or their time is up.
void ServiceNode::finish_spread(Spread done, Context& context) {
  if (auto* store = std::get_if<wire::StoreAnswer>(&done.what)) {
    sort_by_node(store->swarm);
    store->head = head(context.now);
    return finish(done.to, wire::ok(*store), context);
  }
  if (auto* change = std::get_if<ChangeSpread>(&done.what)) {
    sort_by_node(change->answer.swarm);
    change->answer.head = head(context.now);
    wire::Answer whole = wire::ok(change->answer);
    const auto* deleting = std::get_if<wire::DeleteRequest>(&change->request);
    const bool any = std::ranges::any_of(change->answer.swarm, [](const wire::MemberChange& each) {
      const auto* entry = std::get_if<wire::ChangeEntry>(&each.result);
      return entry != nullptr && !entry->changed.empty();
    });
    if (deleting != nullptr && deleting->required && !any) whole.status = 404;
    return finish(done.to, std::move(whole), context);
  }
  finish(done.to, wire::ok(wire::RelayAnswer{false, head(context.now)}), context);
}

// --- what a peer forwards to us ----------------------------------------------------------------------------------------------

/// Everything about a proof that can be judged without its signature.
std::optional<std::string> ServiceNode::wrong_with(const wire::PeerProof& proof, Instant now) const {
  const auto* sender = registry_ ? registry_->find(proof.sender) : nullptr;
  if (sender == nullptr || !sender->active) return "X-Snode-Sender: no active service node";
  const std::int64_t now_ms = now.unix_millis();
  if (proof.time_ms < now_ms - kProofClock.count || proof.time_ms > now_ms + kProofClock.count)
    return "X-Snode-Time: too far from current time";
  return std::nullopt;
}

std::optional<wire::Answer> ServiceNode::check_caller(const wire::Requested& input, Instant now) {
  const auto too_many = [](std::string_view text) { return wire::refusal(429, text); };
  const wire::Request& request = input.request;
  const bool is_spared = input.from.is_loopback && config_.limits.spares_loopback;
  if (!request.proof) {
    if (is_spared || callers_.take(mutant::is_on(Mutant::L4) ? "all" : input.from.name, now)) return std::nullopt;
    return too_many("too many requests\n");
  }
  // Who claims to be a node pays as the stranger that he may be, before anything dear is done, and has it back when it was
  // true. From the address that the registry has for that node he pays as the node, so that a table full of strangers keeps no
  // node out.
  const NodeId& sender = request.proof->sender;
  const auto* entry = registry_ ? registry_->find(sender) : nullptr;
  const bool is_at_home = entry != nullptr && entry->active && entry->address.host == input.from.name;
  if (is_at_home) {
    if (!peers_.take(sender.hex(), now)) return too_many("Too many requests");
  } else if (!is_spared && !callers_.take(input.from.name, now)) {
    return too_many("too many requests\n");
  }
  if (const auto wrong = wrong_with(*request.proof, now)) return wire::refusal(401, *wrong);
  const auto digest = wire::verify_peer(*request.proof, id(), request.route, request.body);
  if (!digest) return wire::refusal(401, "X-Snode-Signature: does not verify");
  if (!proofs_.is_fresh(crypto::blake2b_128({sender.key, *digest}), now))
    return wire::refusal(401, "X-Snode-Time: used before");
  if (is_at_home) return std::nullopt;
  if (!is_spared) callers_.give_back(input.from.name);
  if (!peers_.take(sender.hex(), now)) return too_many("Too many requests");
  return std::nullopt;
}

void ServiceNode::on_forwarded(const wire::Requested& input, Context& context) {
  const Return back{input.id, {}};
  if (!is_ready()) return answer(back, wire::refusal(503, "Service node is not ready: not in a swarm yet"), context);
  if (!input.request.proof) return answer(back, wire::refusal(401, "X-Snode-Sender: missing"), context);
  if (registry_->find(input.request.proof->sender)->swarm != swarm_)
    return answer(back, wire::refusal(401, "X-Snode-Sender: a node of another swarm"), context);
  const auto request = wire::parse_rpc(input.request.body);
  if (!request) return answer(back, wire::refusal(request.error()), context);
  // What is compared later is when the first node took it, by its clock.
  const Instant taken = Instant::from_unix_millis(input.request.proof->time_ms);
  answer(back, std::visit([&](const auto& typed) { return run_forwarded(typed, taken, context); }, *request), context);
}

template <class Request>
wire::Answer ServiceNode::run_forwarded(const Request& request, [[maybe_unused]] Instant taken, Context& context) {
  if constexpr (std::is_same_v<Request, wire::StoreRequest>) {
    if (auto refusal = check_store(request, kPeerClock, context); refusal && !mutant::is_on(Mutant::S3))
      return std::move(*refusal);
    const MessageHash hash = wire::message_hash(request.account, request.ns, request.data);
    const Instant sent = Instant::from_unix_millis(request.timestamp_ms);
    if (must(verdict_on(context.store, request.account, request.ns, hash, sent, taken)).is_deleted)
      return wire::refusal(406, "store: deleted since");
    const wire::MemberResult own = keep(request, taken, true, context);
    return wire::ok(wire::StoreAnswer{std::get<wire::KeptEntry>(own.result).hash, {own}, head(context.now)});
  } else if constexpr (std::is_constructible_v<Change, Request>) {
    const Change change(request);
    if (auto refusal = check(change, kPeerClock, context)) return std::move(*refusal);
    return wire::ok(wire::ChangeAnswer{{carry_out(change, taken, context)}, head(context.now)});
  } else if constexpr (std::is_same_v<Request, wire::RelayRequest>) {
    if (auto wrong = check_swarm(request.account, context)) return std::move(*wrong);
    // Here too, or a flood would come through the other members.
    if (!relayed_.take(to_hex(crypto::blake2b_256({request.token})), context.now))
      return wire::refusal(429, "Too many requests");
    return wire::ok(wire::RelayAnswer{hand_over(request, context) > 0, head(context.now)});
  } else {
    return wire::refusal(400, "invalid request: only what changes a mailbox is forwarded");
  }
}

}  // namespace session::node

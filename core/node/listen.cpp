// Who is online: listeners that wait for what comes, and what their contacts hand to them without keeping it.
// Source: profile.md 3 and 10.1, reliability.md 7.
#include <algorithm>

#include "core/base/mutant.h"
#include "core/base/site.h"
#include "core/crypto/hash.h"
#include "core/node/auth.h"
#include "core/node/service_node.h"

namespace session::node {
namespace {

constexpr Millis kClockSlack = seconds(60);
constexpr std::int64_t kBudget = 1'560'000;  ///< a fifth of what a retrieve may have, as when it does not say

}  // namespace

wire::ListenAnswer ServiceNode::newer_for(const wire::ListenRequest& request, Context& context) {
  wire::ListenAnswer found{.head = head(context.now)};
  std::int64_t budget = kBudget;
  for (const auto& [ns, last] : request.last_hashes) {
    if (budget <= 0) break;
    std::vector<wire::RetrievedMessage> messages;
    read_newer(request.account, ns, last, kBudget, budget, messages, context);
    if (!messages.empty()) found.messages.emplace(ns, std::move(messages));
  }
  return found;
}

void ServiceNode::start_listening(const wire::ListenRequest& request, const To& to, Context& context) {
  if (auto wrong = check_swarm(request.account, context)) return finish(to, std::move(*wrong), context);
  if (!is_near(*request.auth.timestamp, context.now, kClockSlack))
    return finish(to, wire::refusal(406, "listen timestamp too far from current time"), context);
  // Revoked subaccounts may read some namespaces still, and so wait for what comes there (service-node.md 3B.4).
  const bool is_open =
      std::ranges::all_of(request.last_hashes, [](const auto& each) { return wire::is_revocation_proof(each.first); });
  if (!is_signed(request.account, request.auth, wire::signed_text(request), {wire::Access::Read},
                 is_open ? IsRevoked(none_revoked) : revoked_in(context, request.account)))
    return finish(to, wire::refusal(401, "listen signature verification failed"), context);
  wire::ListenAnswer found = newer_for(request, context);
  const auto* back = std::get_if<Return>(&to);
  if (!found.messages.empty() || request.wait_ms == 0 || back == nullptr || site::fires(Site::ListenerSentAway))
    return finish(to, wire::ok(found), context);

  const crypto::Ed25519Public key =
      request.auth.subaccount ? crypto::Ed25519Public{to_array<32>(BytesView(request.auth.subaccount->token).subspan(4))}
                              : signing_key(request.account, request.auth).value_or(crypto::Ed25519Public{});
  auto& of_account = listeners_of_[request.account];
  const auto of_key = std::ranges::count_if(of_account, [&](std::uint64_t number) { return listeners_.at(number).key == key; });
  const Limits& limits = config_.limits;
  const bool is_crowded =
      of_account.size() >= limits.listeners_of_account || static_cast<std::size_t>(of_key) >= limits.listeners_of_key;
  if (listeners_.size() >= limits.listeners || (is_crowded && !mutant::is_on(Mutant::L1))) {
    if (of_account.empty()) listeners_of_.erase(request.account);
    return finish(to, wire::refusal(429, "too many listeners"), context);
  }
  const std::uint64_t number = next_row_++;
  const Instant until = context.now + Millis{request.wait_ms};
  of_account.insert(number);
  listener_ends_.emplace(until, number);
  listeners_.emplace(number, Listener{*back, request, key, until});
  context.effects.wake(static_cast<std::uint32_t>(Timer::Listen), listener_ends_.begin()->first);
}

void ServiceNode::end_listening(std::uint64_t number, wire::ListenAnswer found, Context& context) {
  const auto row = listeners_.find(number);
  const Listener done = std::move(row->second);
  listeners_.erase(row);
  listener_ends_.erase({done.until, number});
  const auto of_account = listeners_of_.find(done.request.account);
  of_account->second.erase(number);
  if (of_account->second.empty()) listeners_of_.erase(of_account);
  answer(done.back, wire::ok(found), context);
}

void ServiceNode::end_late_listeners(Context& context) {
  while (!listener_ends_.empty() && listener_ends_.begin()->first <= context.now)
    end_listening(listener_ends_.begin()->second, {.head = head(context.now)}, context);
  // Nobody waits for longer than that, unless the clock was set back.
  while (!listener_ends_.empty() && listener_ends_.rbegin()->first > context.now + Millis{wire::kMaxWait})
    end_listening(listener_ends_.rbegin()->second, {.head = head(context.now)}, context);
  if (!listener_ends_.empty()) context.effects.wake(static_cast<std::uint32_t>(Timer::Listen), listener_ends_.begin()->first);
}

void ServiceNode::end_all_listeners(Context context) {
  while (!listeners_.empty()) end_listening(listeners_.begin()->first, {.head = head(context.now)}, context);
}

/// A message came.
void ServiceNode::wake_listeners(const Account& account, Namespace ns, Context& context) {
  const auto of_account = listeners_of_.find(account);
  if (of_account == listeners_of_.end()) return;
  const std::vector<std::uint64_t> all(of_account->second.begin(), of_account->second.end());
  for (const std::uint64_t number : all) {
    const wire::ListenRequest& request = listeners_.at(number).request;
    if (!request.last_hashes.contains(ns)) continue;
    end_listening(number, newer_for(request, context), context);
  }
}

/// To everybody who listens here and gave out this token; to how many.
std::uint32_t ServiceNode::hand_over(const wire::RelayRequest& request, Context& context) {
  const auto of_account = listeners_of_.find(request.account);
  if (of_account == listeners_of_.end()) return 0;
  const wire::TokenHash token = crypto::blake2b_256({request.token});
  std::vector<std::uint64_t> takers;
  for (const std::uint64_t number : of_account->second)
    if (std::ranges::find(listeners_.at(number).request.tokens, token) != listeners_.at(number).request.tokens.end())
      takers.push_back(number);
  for (const std::uint64_t number : takers)
    end_listening(number, {.relayed = {request.data}, .head = head(context.now)}, context);
  const auto count = static_cast<std::uint32_t>(takers.size());
  if (count > 0) context.effects.note(trace::Relayed{request.account, count, static_cast<std::uint32_t>(request.data.size())});
  return count;
}

void ServiceNode::start_relaying(const wire::RelayRequest& request, const To& to, Context& context) {
  if (auto wrong = check_swarm(request.account, context)) return finish(to, std::move(*wrong), context);
  if (!relayed_.take(to_hex(crypto::blake2b_256({request.token})), context.now))
    return finish(to, wire::refusal(429, "too many requests\n"), context);
  // Others are asked in any case: another device may listen there.
  const bool is_here = hand_over(request, context) > 0;
  if (is_here) finish(to, wire::ok(wire::RelayAnswer{true, head(context.now)}), context);
  spread_to_peers({is_here ? To(PartOf{}) : to, RelaySpread{}, 0}, wire::to_json(wire::RpcRequest(request)), context.now,
                  context);
}

}  // namespace session::node

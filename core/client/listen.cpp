// What comes while we are online: two members of the own swarm, each asked through another path, hand over at once what is
// written to us. Members of an older version are passed over; where none lets us listen, the mailbox is fetched by the clock.
// Source: profile.md 3 and 8.
#include <fmt/format.h>

#include <algorithm>

#include "core/client/caps.h"
#include "core/client/client.h"
#include "core/crypto/hash.h"
#include "core/wire/hash.h"
#include "core/wire/rpc.h"
#include "core/wire/signed_text.h"

namespace session::client {
namespace {

constexpr Millis kSlack = seconds(8);  // beyond the wait that was asked for; less than a hop's own limit of 30 s
constexpr Millis kLongestPause = seconds(60);
constexpr Millis kAtOnce = seconds(1);         // an answer that came sooner did not wait for anything
constexpr std::size_t kMostRelayed = 256;      // packets of one answer
constexpr std::uint32_t kFruitless = 8;        // of those in a row that brought nothing, before the node is left
constexpr Millis kEcho = minutes(1);           // within which two listeners bring the same
constexpr Millis kDeafFor = hours(1);          // a node that does not know the method, before it may have learnt it
constexpr Millis kRelayedLifetime = days(14);  // as long as a copy of it may wait in the swarm

Millis pause_after(std::uint32_t failures) {
  return std::min(seconds(std::int64_t{1} << std::min<std::uint32_t>(failures, 6)), kLongestPause);
}

}  // namespace

void Client::stop_listening() {
  listeners_.clear();  // what is still under way is answered to nobody
  listen_failures_ = 0;
  listen_again_ = {};
}

bool Client::can_listen(Instant now) const {
  if (config_.listen_for.count <= 0 || !courier_.registry()) return false;
  const swarm::Registry& registry = *courier_.registry();
  return std::ranges::any_of(registry.members(registry.swarm_of(identity_.id.account)), [&](const NodeId& node) {
    const auto deaf = deaf_.find(node);
    return deaf == deaf_.end() || deaf->second <= now;
  });
}

void Client::keep_listening(Context& context) {
  if (!online_ || !can_listen(context.now) || context.now < listen_again_) return;
  std::erase_if(deaf_, [&](const auto& each) { return each.second <= context.now; });
  auto lasting = [&] {
    return static_cast<std::size_t>(
        std::count_if(listeners_.begin(), listeners_.end(), [](const auto& entry) { return !entry.second.is_last; }));
  };
  while (lasting() < kListeners && listeners_.size() < kMostListeners) {
    std::set<NodeId> taken;
    for (const auto& [number, listener] : listeners_)
      if (!listener.is_last) taken.insert(listener.node);
    for (const auto& [node, until] : deaf_) taken.insert(node);
    const auto node = pick_member(identity_.id.account, taken, context.rng);
    if (!node) return;
    const std::uint64_t number = next_listener_++;
    listeners_.emplace(number, Listener{*node, false});
    listen(number, context);
    if (!listeners_.contains(number)) return;  // no path; tried again when the timer says so
  }
}

void Client::listen(std::uint64_t number, Context& context) {
  const NodeId node = listeners_.at(number).node;
  const std::int64_t now_ms = network_now(context).unix_millis();
  wire::ListenRequest request{.account = identity_.id.account,
                              .last_hashes = {{0, must(context.store.last_hash(node, 0))}},
                              .tokens = {},
                              .wait_ms = std::min(config_.listen_for.count, wire::kMaxWait),
                              .auth = {}};
  auto contacts = must(context.store.contacts());
  std::stable_sort(contacts.begin(), contacts.end(), [](const auto& a, const auto& b) { return a.heard > b.heard; });
  for (const store::ContactRow& contact : contacts)
    if (!contact.own_token.empty() && !contact.blocked && request.tokens.size() < wire::kMaxTokens)
      request.tokens.push_back(crypto::blake2b_256({contact.own_token}));
  request.auth.timestamp = now_ms;
  request.auth.signature = sign_text(wire::signed_text(request), request.auth, context.rng);
  // The other listener's guard is spared: what one path withholds comes by the other.
  std::optional<NodeId> other;
  for (const auto& [call, purpose] : purposes_)
    if (const auto* heard = std::get_if<ListenCall>(&purpose); heard != nullptr && heard->listener != number)
      other = heard->guard;
  auto sent =
      courier_.send(node, wire::to_json(request), "listen", context, {.timeout = config_.listen_for + kSlack, .spare = other});
  if (!sent) {
    listeners_.erase(number);
    listen_again_ = context.now + pause_after(listen_failures_++);
    return context.effects.wake(static_cast<std::uint32_t>(Timer::Listen), listen_again_);
  }
  context.effects.note(trace::ListenBegan{node});
  purposes_.emplace(sent->call, ListenCall{number, sent->path.relays[0].id});
}

/// Whether the other listener brought any of this a moment ago. Each message excuses a listener once: who repeats what is known
/// is of no use.
bool Client::is_echo(const std::vector<MessageHash>& hashes, std::uint64_t listener, bool opened, Instant now) {
  std::erase_if(heard_lately_, [&](const auto& each) { return now - each.second.at > kEcho; });
  bool is_echo = false;
  for (const MessageHash& hash : hashes) {
    const auto known = heard_lately_.find(hash);
    if (known != heard_lately_.end())
      is_echo = known->second.by.insert(listener).second || is_echo;
    else if (opened && heard_lately_.size() < kMostHeardLately)
      heard_lately_.emplace(hash, HeardLately{now, {listener}});
  }
  return is_echo;
}

void Client::on_heard(const ListenCall& call, const Courier::Outcome& outcome, Context& context) {
  const auto found = listeners_.find(call.listener);
  auto answer = outcome.failure || outcome.status != 200 ? Result<wire::ListenAnswer>(fail(ErrorCode::Unavailable, ""))
                                                         : wire::parse_listen_answer(outcome.body);
  std::size_t opened = 0;
  std::vector<MessageHash> brought;
  if (answer) {
    std::uint32_t messages = 0;
    bool is_true = true;
    for (const auto& [ns, list] : answer->messages) {
      if (ns != 0) continue;  // nothing else was asked for
      messages += static_cast<std::uint32_t>(list.size());
      for (const wire::RetrievedMessage& message : list) brought.push_back(message.hash);
      is_true = journal_messages(outcome.destination, list, context).is_true && is_true;
    }
    if (answer->relayed.size() > kMostRelayed) answer->relayed.resize(kMostRelayed);
    for (const Bytes& packet : answer->relayed) {
      const MessageHash hash = wire::message_hash(identity_.id.account, 0, packet);
      brought.push_back(hash);
      const Instant expiry = context.now + kRelayedLifetime;
      if (!must(context.store.mark_seen(hash, expiry))) continue;
      must(context.store.add_journal({.hash = hash,
                                      .data = packet,
                                      .received_at = context.now,
                                      .expiry = expiry,
                                      .way = static_cast<std::int32_t>(Way::Relay)}));
      context.effects.note(trace::Journalled{hash, 0});
    }
    context.effects.note(trace::ListenEnded{outcome.destination, messages, static_cast<std::uint32_t>(answer->relayed.size())});
    opened = open_journal(context);
    if (!is_true) answer = fail(ErrorCode::Malformed, "messages that are not what their names say");
  }
  if (found == listeners_.end()) return;  // we went offline, or the network was reset
  if (!answer) {
    listeners_.erase(found);
    if (outcome.status == 421) courier_.doubt();
    if (outcome.status == 406) ask_time(context);
    // A node of the live network has no such method. Others of the swarm may have; if none has, the mailbox is fetched by the
    // clock.
    if (outcome.status == 400 && text_of(outcome.body).find("no method") != std::string_view::npos) {
      deaf_.insert_or_assign(outcome.destination, context.now + kDeafFor);
      return can_listen(context.now) ? keep_listening(context) : begin_fetch(context);
    }
    // One that fails now and then is replaced at once, and not for ever.
    listen_again_ = context.now + (listen_failures_ < kListeners ? Millis{} : pause_after(listen_failures_));
    ++listen_failures_;
    return context.effects.wake(static_cast<std::uint32_t>(Timer::Listen), std::max(listen_again_, context.now));
  }
  // A node that answers at once, or with what nobody can open, over and over, would keep us and the network busy for nothing.
  const bool waited = context.now - outcome.sent >= kAtOnce;
  const bool is_good = is_echo(brought, call.listener, opened > 0, context.now) || opened > 0;
  found->second.fruitless = !is_good && (!brought.empty() || !waited) ? found->second.fruitless + 1 : 0;
  if (found->second.fruitless >= kFruitless) {
    listeners_.erase(found);
    listen_again_ = context.now + pause_after(listen_failures_++);
    return context.effects.wake(static_cast<std::uint32_t>(Timer::Listen), listen_again_);
  }
  if (found->second.fruitless == 0) listen_failures_ = fetch_failures_ = 0;
  fetch_report_.last_good = context.now;
  if (found->second.is_last) {
    listeners_.erase(found);
    return keep_listening(context);
  }
  listen(call.listener, context);
}

void Client::renew_listeners(Context& context) {
  for (auto& [number, listener] : listeners_) listener.is_last = true;
  keep_listening(context);
}

}  // namespace session::client

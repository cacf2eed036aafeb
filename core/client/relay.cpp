// Online first: what is small is offered to whoever listens for the recipient at this moment, which costs no work and keeps
// nothing. Unless a receipt comes within 3 s the swarm keeps it as well. Source: profile.md 3, 7 and 10.1.
#include <fmt/format.h>

#include "core/base/site.h"
#include "core/client/client.h"
#include "core/wire/message.h"
#include "core/wire/rpc.h"

namespace session::client {
namespace {

constexpr Millis kReceiptWait = seconds(3);
constexpr Millis kAwayFor = seconds(30);      // after "not online", before it is tried again
constexpr Millis kTypingEvery = seconds(10);  // client.md 10.3

std::string short_name(const NodeId& node) { return node.hex().substr(0, 8); }
Error refused(std::string message) { return {ErrorCode::Refused, std::move(message)}; }

}  // namespace

bool Client::may_relay(const store::OutboxRow& row, Context& context) {
  const auto kind = static_cast<Kind>(row.kind);
  if (!wants_receipt(kind) && !(kind == Kind::Receipt && static_cast<Way>(row.way) == Way::Relay)) return false;
  if (site::fires(Site::RelaySkipped)) return false;
  if (row.handed != Instant{} || row.sealed.size() > wire::kMaxRelayBytes || attempts_[row.id].is_relayed) return false;
  if (const auto away = away_.find(row.to); away != away_.end() && context.now < away->second) return false;
  const auto contact = must(context.store.contact(row.to));
  return contact && !contact->their_token.empty() && contact->forward_secrecy;
}

void Client::relay(store::OutboxRow& row, Context& context) {
  attempts_[row.id].is_relayed = true;
  const auto contact = must(context.store.contact(row.to));
  const auto node = pick_member(row.to.account, {}, context.rng);
  if (!node) return stamp_or_route(row, context);
  const wire::RelayRequest request{.account = row.to.account, .token = contact->their_token, .data = row.sealed};
  auto sent = courier_.send(*node, wire::to_json(request), "relay", context);
  if (!sent) return stamp_or_route(row, context);
  purposes_.emplace(sent->call, RelayCall{row.id, row.to, context.now});
  move(row, State::Relaying, fmt::format("asking {} who listens", short_name(*node)), context,
       {.hops = {sent->path.relays[0].id, sent->path.relays[1].id, sent->path.relays[2].id, *node}, .bytes = sent->bytes});
}

void Client::on_relayed(const RelayCall& call, const Courier::Outcome& outcome, Context& context) {
  const auto answer = outcome.failure || outcome.status != 200 ? Result<wire::RelayAnswer>(fail(ErrorCode::Unavailable, ""))
                                                               : wire::parse_relay_answer(outcome.body);
  const bool is_online = answer && answer->online;
  if (answer) context.effects.note(trace::RelayOffered{call.delivery, call.to, is_online});
  if (answer && !is_online) away_.insert_or_assign(call.to, context.now + kAwayFor);
  const auto found = active_.find(call.delivery);
  if (found == active_.end() || static_cast<State>(found->second.state) != State::Relaying) return;
  store::OutboxRow& row = found->second;
  const std::int64_t micros = context.now.micros - call.begun.micros;
  if (!is_online)
    return move(row, State::Queued,
                answer ? "nobody listens; the swarm shall keep it" : "not handed over; the swarm shall keep it", context,
                {.step = static_cast<std::int32_t>(Step::NotOnline), .micros = micros});
  row.way = static_cast<std::int32_t>(Way::Relay);
  row.handed = context.now;
  if (!wants_receipt(static_cast<Kind>(row.kind)))
    return move(row, State::Relayed, "a listener took it", context, {.hops = {outcome.destination}, .micros = micros});
  row.next_attempt = context.now + kReceiptWait;
  move(row, State::Handed, "a listener took it; a receipt is awaited", context,
       {.hops = {outcome.destination}, .micros = micros});
}

/// "Online" is one node's word, and a device may die with what it was handed: without a receipt the swarm keeps it.
void Client::give_up_waiting(store::OutboxRow& row, Context& context) {
  away_.insert_or_assign(row.to, context.now + kAwayFor);
  move(row, State::Queued, "no receipt in 3 s; the swarm shall keep it as well", context);
}

Outcome Client::run(const Typing& command, Context& context) {
  const auto contact = must(context.store.contact(command.to));
  if (!contact || static_cast<ContactState>(contact->state) != ContactState::Accepted)
    return {0, refused("only accepted contacts are told that one writes")};
  if (!settings_.typing || contact->blocked || contact->their_token.empty() || !courier_.registry()) return {};
  if (const auto away = away_.find(command.to); away != away_.end() && context.now < away->second) return {};
  const auto told = typed_.find(command.to);
  if (command.started && told != typed_.end() && context.now - told->second < kTypingEvery) return {};
  if (!command.started && told == typed_.end()) return {};
  if (contact->device == 0 || !must(has_session(context.store, sealer(), command.to, contact->device))) return {};
  if (command.started) {
    typed_.insert_or_assign(command.to, context.now);
  } else {
    typed_.erase(told);
  }
  const std::int64_t sent_at = next_sent_at(context);
  wire::Content content;
  content.typing =
      wire::TypingMessage{static_cast<std::uint64_t>(sent_at),
                          command.started ? wire::TypingMessage::Action::Started : wire::TypingMessage::Action::Stopped};
  auto sealed = unless_store_failed(
      seal(context.store, sealer(), command.to, contact->device, content, sent_at, network_now(context), context.rng));
  has_turned_ |= sealed.has_value();
  const auto node = pick_member(command.to.account, {}, context.rng);
  if (!sealed || !node || sealed->size() > wire::kMaxRelayBytes) return {};
  const wire::RelayRequest request{.account = command.to.account, .token = contact->their_token, .data = std::move(*sealed)};
  auto sent = courier_.send(*node, wire::to_json(request), "relay", context);
  if (sent) purposes_.emplace(sent->call, RelayCall{0, command.to, context.now});
  return {};
}

}  // namespace session::client

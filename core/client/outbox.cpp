// Deliveries on their way: each is a row with a named state (delivery.h). Whatever is sealed is saved before it leaves, and the
// same bytes are sent again, so a retry is the same message to the swarm and never a second step of the ratchet.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "core/client/client.h"
#include "core/pow/policy.h"
#include "core/pow/stamp.h"
#include "core/wire/hash.h"
#include "core/wire/namespaces.h"
#include "core/wire/rpc.h"
#include "core/wire/signed_text.h"

namespace session::client {
namespace {

/// Nodes that refuse one message, one after another, before it is believed that the message is at fault.
constexpr std::uint32_t kRefusals = 3;
constexpr std::uint32_t kDetours = 2;  // at once, round a node that cannot be reached
/// 1 s, 2 s, 4 s ... 64 s between attempts.
Millis backoff(std::uint32_t attempts) { return seconds(std::int64_t{1} << std::min<std::uint32_t>(attempts, 6)); }
constexpr Millis kLongestPause = seconds(64);

std::string short_name(const NodeId& node) { return node.hex().substr(0, 8); }

Error refused(std::string message) { return {ErrorCode::Refused, std::move(message)}; }

}  // namespace

std::uint64_t Client::enqueue(store::OutboxRow row, Context& context) {
  row.created = context.now;
  row.state = static_cast<std::int32_t>(State::Queued);
  row.id = must(context.store.add_outbox(row));
  const std::uint64_t id = row.id;
  must(context.store.add_journey(
      {id, context.now, fmt::format("queued: {}, {} ms lifetime", name_of(static_cast<Kind>(row.kind)), row.ttl.count)}));
  context.effects.note(trace::DeliveryMoved{id, row.to, "new", name_of(State::Queued), ""});
  active_.emplace(id, std::move(row));
  return id;
}

void Client::move(store::OutboxRow& row, State to, std::string_view detail, Context& context, store::JourneyRow) {
  const auto from = static_cast<State>(row.state);
  assert(may_move(from, to));
  row.state = static_cast<std::int32_t>(to);
  must(context.store.update_outbox(row));
  must(context.store.add_journey(
      {row.id, context.now, detail.empty() ? std::string(name_of(to)) : fmt::format("{}: {}", name_of(to), detail)}));
  if (row.message != 0) {
    if (auto message = must(context.store.message(row.message))) {
      message->state = row.state;
      if (to == State::Kept) message->hash = row.hash;
      must(context.store.update_message(*message));
    }
  }
  context.effects.note(trace::DeliveryMoved{row.id, row.to, name_of(from), name_of(to), std::string(detail)});
}

void Client::wait(store::OutboxRow& row, std::string reason, Context& context) {
  attempts_[row.id].detours = 0;
  row.next_attempt = context.now + backoff(row.attempts++);
  row.last_error = std::move(reason);
  move(row, State::Waiting, row.last_error, context);
}

/// Brings every delivery as far as it gets now, then forgets the settled ones and sets the timer for the rest.
void Client::advance(Context& context) {
  if (courier_.wants_refresh(context.now) && (!active_.empty() || fetch_wanted_)) courier_.refresh(context);
  for (auto& [id, row] : active_) {
    if (!is_in_flight(static_cast<State>(row.state))) {  // a clock that was fast may be right again
      if (row.next_attempt > context.now + kLongestPause) row.next_attempt = context.now;
      if (row.timestamp > context.now) row.timestamp = context.now, row.nonce.reset();  // what is sealed does not cover it
    }
    if (static_cast<State>(row.state) == State::Waiting && row.next_attempt <= context.now)
      move(row, State::Queued, "", context);
    if (static_cast<State>(row.state) == State::Queued) step(row, context);
  }
  std::erase_if(active_, [&](const auto& entry) {
    const bool settled = is_settled(static_cast<State>(entry.second.state));
    if (settled) attempts_.erase(entry.first);
    return settled;
  });
  arm(context);
}

void Client::arm(Context& context) {
  std::optional<Instant> next;
  for (const auto& [id, row] : active_)
    if (static_cast<State>(row.state) == State::Waiting && (!next || row.next_attempt < *next)) next = row.next_attempt;
  if (!courier_.registry() && !courier_.is_refreshing() && !active_.empty()) {
    const Instant again = context.now + seconds(2);
    if (!next || again < *next) next = again;
  }
  if (next) context.effects.wake(static_cast<std::uint32_t>(Timer::Outbox), std::max(*next, context.now));
}

void Client::step(store::OutboxRow& row, Context& context) {
  if (row.created + row.ttl <= context.now) return move(row, State::Expired, "its lifetime has passed", context);
  if (!courier_.registry()) {
    if (!courier_.trouble().empty() && !courier_.is_refreshing()) {
      wait(row, courier_.trouble(), context);
      courier_.refresh(context);
    }
    return;
  }
  if (row.sealed.empty() && !prepare(row, context)) return;
  stamp_or_route(row, context);
}

/// Seals the row if there is a ratchet to seal with; otherwise sends for the recipient's bundle. True when it is sealed.
bool Client::prepare(store::OutboxRow& row, Context& context) {
  const auto contact = must(context.store.contact(row.to));
  if (!contact) {
    move(row, State::Failed, "the contact is gone", context);
    return false;
  }
  if (contact->device != 0 && must(has_session(context.store, sealer(), row.to, contact->device)))
    return seal_row(row, context);
  if (attempts_[row.id].bundle_absent) {
    if (contact->bundle_seen) {
      attempts_[row.id].bundle_absent = false;
      wait(row, "their prekey bundle is missing, and without it there is no forward secrecy", context);
      return false;
    }
    return seal_row(row, context);
  }
  address(row, context);
  return false;
}

bool Client::seal_row(store::OutboxRow& row, Context& context) {
  const auto contact = must(context.store.contact(row.to));
  const auto message = row.message == 0 ? std::nullopt : must(context.store.message(row.message));
  const std::int64_t sent_at = message ? message->sent_at.unix_millis() : next_sent_at(context);
  const wire::Content content = content_of(row, context);
  const bool anonymous = attempts_[row.id].bundle_absent;
  auto sealed = anonymous ? seal_anonymously(sealer(), row.to, content, sent_at, context.rng)
                          : seal(context.store, sealer(), row.to, contact->device, content, sent_at, context.now, context.rng);
  if (!sealed) {
    row.last_error = sealed.error().message;
    move(row, State::Failed, row.last_error, context);
    return false;
  }
  if (sealed->size() > wire::kMaxDataBytes) {
    row.last_error = fmt::format("the message is too large: {} bytes sealed, at most {}", sealed->size(), wire::kMaxDataBytes);
    move(row, State::Failed, row.last_error, context);
    return false;
  }
  row.sealed = std::move(*sealed);
  row.timestamp = context.now;
  must(context.store.update_outbox(row));
  must(context.store.add_journey(
      {row.id, context.now,
       fmt::format("sealed: {} bytes, {}", row.sealed.size(),
                   anonymous ? "anonymous box, no forward secrecy" : "ratchet under sealed sender")}));
  if (contact->forward_secrecy == anonymous) {
    store::ContactRow changed = *contact;
    changed.forward_secrecy = !anonymous;
    must(context.store.put_contact(changed));
  }
  return true;
}

std::optional<NodeId> Client::pick_member(const Account& account, const std::set<NodeId>& except, Rng& rng) const {
  const swarm::Registry& registry = *courier_.registry();
  std::vector<NodeId> candidates;
  for (const auto& node : registry.members(registry.swarm_of(account)))
    if (!except.contains(node)) candidates.push_back(node);
  if (candidates.empty()) return std::nullopt;
  return candidates[rng.below(candidates.size())];
}

/// Asks the recipient's public outbox for the bundle. Several messages to one person wait for one answer each; the first that
/// comes starts the session, the others find it.
void Client::address(store::OutboxRow& row, Context& context) {
  Attempt& attempt = attempts_[row.id];
  auto node = pick_member(row.to.account, attempt.tried, context.rng);
  if (!node) {
    attempt.tried.clear();
    return wait(row, "no node of their swarm answers for the prekey bundle", context);
  }
  attempt.tried.insert(*node);
  const wire::RetrieveRequest request{.account = row.to.account,
                                      .ns = wire::bundle_namespace(0),
                                      .ns_given = true,
                                      .last_hash = {},
                                      .max_count = 1,
                                      .max_size = {},
                                      .auth = {}};
  auto sent = courier_.send(*node, wire::to_json(request), "retrieve", context);
  if (!sent) return wait(row, sent.error().message, context);
  purposes_.emplace(sent->call, BundleCall{row.id, context.now});
  move(row, State::Addressing, fmt::format("asking {} for their prekey bundle", short_name(*node)), context);
}

void Client::on_bundle(const BundleCall& call, const Courier::Outcome& outcome, Context& context) {
  const std::uint64_t delivery = call.delivery;
  const auto found = active_.find(delivery);
  if (found == active_.end() || static_cast<State>(found->second.state) != State::Addressing) return;
  store::OutboxRow& row = found->second;
  if (outcome.failure) return on_lost(row, outcome, context);
  if (outcome.status != 200) {
    if (outcome.status == 421) courier_.doubt();
    return wait(row, fmt::format("status {} for the bundle", outcome.status), context);
  }
  const auto answer = wire::parse_retrieve_answer(outcome.body);
  if (!answer) return wait(row, "the node's answer is no use: " + answer.error().message, context);
  auto contact = must(context.store.contact(row.to));
  if (!contact) return move(row, State::Failed, "the contact is gone", context);
  context.effects.note(trace::BundleRead{row.to, !answer->messages.empty()});
  if (answer->messages.empty()) {
    attempts_[delivery].bundle_absent = true;
    return move(row, State::Queued, "no prekey bundle is published", context);
  }
  const auto bundle = usable_bundle(answer->messages.back().data, *contact, context.now);
  if (!bundle) return wait(row, bundle.error().message, context);
  const Instant date = Instant::from_unix_millis(bundle->date_ms);
  if (auto begun = start_session(context.store, sealer(), *bundle, context.now, context.rng); !begun)
    return wait(row, begun.error().message, context);
  contact->bundle_seen = true;
  contact->bundle_date = date;
  contact->device = bundle->device_id;
  must(context.store.put_contact(*contact));
  attempts_[delivery].tried.clear();
  move(row, State::Queued, fmt::format("their bundle of device {} starts the ratchet", bundle->device_id), context);
}

void Client::stamp_or_route(store::OutboxRow& row, Context& context) {
  const pow::NetworkParameters& network = courier_.registry()->network();
  const bool due = pow::is_due(network, row.sealed.size(), row.ttl);
  if (!due || (row.nonce && row.difficulty >= network.difficulty)) return route(row, context);

  const auto searching = std::count_if(active_.begin(), active_.end(), [](const auto& entry) {
    return static_cast<State>(entry.second.state) == State::Stamping;
  });
  if (searching >= static_cast<std::ptrdiff_t>(config_.stamps_at_once)) return;  // its turn comes when one is found
  const wire::StoreRequest request = wire::make_store(row.to.account, row.ns, row.timestamp.unix_millis(), row.ttl, row.sealed);
  const auto puzzle = pow::puzzle_for(request.stamped, network.difficulty);
  if (!puzzle) return move(row, State::Failed, puzzle.error().message, context);
  row.difficulty = network.difficulty;
  row.nonce.reset();
  context.effects.stamp(row.id, *puzzle);
  const auto trials = pow::expected_trials(request.stamped.size(), row.ttl, network.difficulty).value_or(0);
  move(row, State::Stamping, fmt::format("difficulty {}, about {} trials", network.difficulty, trials), context);
}

void Client::on_stamped(const wire::Stamped& input, Context& context) {
  const auto found = active_.find(input.id);
  if (found == active_.end() || static_cast<State>(found->second.state) != State::Stamping) return;
  store::OutboxRow& row = found->second;
  if (!input.nonce) return wait(row, "the search for a stamp was cancelled", context);
  row.nonce = input.nonce;
  row.trials = input.trials;
  row.work_micros = input.micros;
  context.effects.note(trace::StampFound{row.id, input.trials, input.micros});
  must(context.store.add_journey(
      {row.id, context.now, fmt::format("stamped: {} trials in {} ms", input.trials, input.micros / 1000)}));
  route(row, context);
}

void Client::route(store::OutboxRow& row, Context& context) {
  Attempt& attempt = attempts_[row.id];
  auto node = pick_member(row.to.account, attempt.tried, context.rng);
  if (!node) {
    attempt.tried.clear();
    return wait(row, row.last_error.empty() ? "no node of the swarm answers" : row.last_error, context);
  }
  attempt.tried.insert(*node);
  wire::StoreRequest request = wire::make_store(row.to.account, row.ns, row.timestamp.unix_millis(), row.ttl, row.sealed);
  request.nonce = row.nonce;
  if (wire::store_needs_signature(row.ns)) {
    const std::int64_t now_ms = context.now.unix_millis();
    request.auth.timestamp = now_ms;
    request.auth.signature = sign_text(wire::signed_text_store(row.ns, now_ms), request.auth, context.rng);
  }
  auto sent = courier_.send(*node, wire::to_json(request), "store", context);
  if (!sent) return wait(row, sent.error().message, context);
  attempt.path.clear();
  for (const onion::Relay& relay : sent->path.relays) attempt.path.push_back(relay.id);
  purposes_.emplace(sent->call, StoreCall{row.id, context.now});
  move(row, State::Routing,
       fmt::format("{} > {} > {} to {}", short_name(attempt.path[0]), short_name(attempt.path[1]), short_name(attempt.path[2]),
                   short_name(*node)),
       context);
}

void Client::on_stored(const StoreCall& call, const Courier::Outcome& outcome, Context& context) {
  const std::uint64_t delivery = call.delivery;
  const auto found = active_.find(delivery);
  if (found == active_.end() || static_cast<State>(found->second.state) != State::Routing) return;
  store::OutboxRow& row = found->second;
  if (outcome.failure) return on_lost(row, outcome, context);
  if (outcome.status != 200) return on_store_refused(row, outcome, context);
  const auto answer = wire::parse_store_answer(outcome.body);
  if (!answer) return wait(row, "the node's answer is no use: " + answer.error().message, context);

  const MessageHash hash = wire::message_hash(row.to.account, row.ns, row.sealed);
  const auto& registry = *courier_.registry();
  const auto members = registry.members(registry.swarm_of(row.to.account));
  std::uint32_t kept = 0;
  for (const wire::MemberResult& member : answer->swarm) {
    const auto* entry = std::get_if<wire::KeptEntry>(&member.result);
    const bool is_member = std::find(members.begin(), members.end(), member.node) != members.end();
    if (entry != nullptr && is_member && entry->hash == hash &&
        crypto::verify(crypto::key_of(member.node), bytes_of(hash.text), entry->signature))
      ++kept;
  }
  if (kept == 0) return wait(row, "no member of the swarm signed that it keeps the message", context);
  row.kept_by = kept;
  row.of = static_cast<std::uint32_t>(members.size());
  row.hash = hash;
  row.path = attempts_[delivery].path;
  row.last_error.clear();
  if (static_cast<Kind>(row.kind) == Kind::Bundle && row.ns != wire::kSlotListNamespace) {
    must(context.store.put_setting("bundle_kept", little(static_cast<std::uint64_t>(row.created.micros))));
    context.effects.note(trace::BundlePublished{slot_, static_cast<std::uint32_t>(wire::kMaxOneTimeKeys)});
  }
  context.effects.note(trace::Kept{row.id, hash, row.kept_by, row.of});
  move(row, State::Kept, fmt::format("by {} of {}", row.kept_by, row.of), context);
}

/// Where one node could not be reached nothing left for it: there is nothing to wait for before the next way is tried.
void Client::on_lost(store::OutboxRow& row, const Courier::Outcome& outcome, Context& context) {
  Attempt& attempt = attempts_[row.id];
  if (!outcome.culprit || attempt.detours >= kDetours) return wait(row, outcome.failure->message, context);
  ++attempt.detours;
  row.last_error = outcome.failure->message;
  if (*outcome.culprit != outcome.destination) attempt.tried.erase(outcome.destination);
  move(row, State::Queued, fmt::format("{} cannot be reached: another way", short_name(*outcome.culprit)), context);
}

/// The destination answered, and not with "kept". What one node says is believed for a retry only; what three say, for good.
void Client::on_store_refused(store::OutboxRow& row, const Courier::Outcome& outcome, Context& context) {
  const std::string text(text_of(outcome.body).substr(0, 200));
  switch (outcome.status) {
    case 421: courier_.doubt(); return wait(row, "the node says that another swarm keeps these messages", context);
    case 432:
      // Never more work than the registry asks for, whatever a node says (profile.md 10.5).
      courier_.doubt();
      return wait(row, "the node wants more work; asking the registry for the price", context);
    case 400:
    case 401:
    case 403:
    case 406:
    case 413: {
      const std::string reason = outcome.status == 406 ? "the nodes say that this device's clock is wrong; set it and try again"
                                                       : fmt::format("refused with {}: {}", outcome.status, text);
      if (++attempts_[row.id].refusals >= kRefusals) {
        row.last_error = reason;
        return move(row, State::Failed, reason, context);
      }
      return wait(row, reason, context);
    }
    default: return wait(row, fmt::format("status {}: {}", outcome.status, text), context);
  }
}

Outcome Client::run(const TryAgain& command, Context& context) {
  auto row = must(context.store.outbox(command.delivery));
  if (!row) return {0, Error{ErrorCode::NotFound, fmt::format("there is no delivery {}", command.delivery)}};
  if (const auto state = static_cast<State>(row->state); state != State::Failed && state != State::Waiting)
    return {0, refused(fmt::format("delivery {} is {}, neither failed nor waiting", row->id, name_of(state)))};
  row->attempts = 0;
  row->next_attempt = context.now;
  const auto [at, fresh] = active_.insert_or_assign(row->id, std::move(*row));
  attempts_.erase(command.delivery);
  move(at->second, State::Queued, "tried again", context);
  return {command.delivery, {}};
}

}  // namespace session::client

// Deliveries on their way: each is a row with a named state (delivery.h). Whatever is sealed is saved before it leaves, and the
// same bytes are sent again, so a retry is the same message to the swarm and never a second step of the ratchet.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "core/base/mutant.h"
#include "core/base/site.h"
#include "core/base/text.h"
#include "core/client/client.h"
#include "core/crypto/secret.h"
#include "core/pow/policy.h"
#include "core/pow/stamp.h"
#include "core/wire/hash.h"
#include "core/wire/namespaces.h"
#include "core/wire/rpc.h"
#include "core/wire/signed_text.h"

namespace session::client {
namespace {

/// Nodes that refuse one message before it is believed that the message is at fault.
constexpr std::size_t kRefusals = 3;
constexpr std::uint32_t kDetours = 2;  // at once, round a node that cannot be reached
/// Members of a swarm that must say that there is no prekey bundle before it is believed.
constexpr std::size_t kAbsences = 3;
/// Members that must sign before a message is taken for kept: two that collude may have thrown it away. Where so many do not
/// answer, others are asked so many times; each that is asked signs for itself, and the third is sound if two are not.
constexpr std::size_t kSigners = 3;
constexpr std::uint32_t kFew = 2;
/// 1 s, 2 s, 4 s ... 64 s between attempts, each a quarter more or less, so that those who failed together do not try together.
Millis backoff(std::uint32_t attempts, Rng& rng) {
  const std::int64_t whole = 1000 * (std::int64_t{1} << std::min<std::uint32_t>(attempts, 6));
  return {rng.between(whole * 3 / 4, whole * 5 / 4)};
}
constexpr Millis kLongestPause = seconds(80);
constexpr Millis kReceiptsCome = minutes(10);  // after a message's lifetime, for one that was fetched at its end

std::string short_name(const NodeId& node) { return node.hex().substr(0, 8); }
std::int64_t micros_since(Instant begun, const Context& context) { return context.now.micros - begun.micros; }

Step step_of(State state) {
  switch (state) {
    case State::Queued: return Step::Queued;
    case State::Addressing: return Step::Addressed;
    case State::Stamping: return Step::Stamping;
    case State::Routing: return Step::Routed;
    case State::Waiting: return Step::Waiting;
    case State::Kept: return Step::Kept;
    case State::Fetched: return Step::Fetched;
    case State::Failed: return Step::Failed;
    case State::Expired: return Step::Expired;
    case State::Relaying: return Step::Relaying;
    case State::Handed: return Step::Handed;
    case State::Relayed: return Step::Relayed;
    case State::Read: return Step::Read;
    case State::Cancelled: return Step::Cancelled;
  }
  return Step::Other;
}

std::vector<NodeId> hops_of(const onion::Path& path, const NodeId& destination) {
  return {path.relays[0].id, path.relays[1].id, path.relays[2].id, destination};
}

Error refused(std::string message) { return {ErrorCode::Refused, std::move(message)}; }

}  // namespace

std::uint64_t Client::enqueue(store::OutboxRow row, Context& context) {
  row.created = context.now;
  row.state = static_cast<std::int32_t>(State::Queued);
  row.id = must(context.store.add_outbox(row));
  const std::uint64_t id = row.id;
  must(context.store.add_journey(
      {.outbox = id,
       .at = context.now,
       .text = fmt::format("queued: {}, {} ms lifetime", name_of(static_cast<Kind>(row.kind)), row.ttl.count),
       .step = static_cast<std::int32_t>(Step::Queued)}));
  context.effects.note(trace::DeliveryMoved{id, row.to, "new", name_of(State::Queued), ""});
  active_.emplace(id, std::move(row));
  return id;
}

/// `step` may bring what the journey is to tell as data; its words, time and place are filled in here.
void Client::move(store::OutboxRow& row, State to, std::string_view detail, Context& context, store::JourneyRow step) {
  const auto from = static_cast<State>(row.state);
  assert(may_move(from, to));
  row.state = static_cast<std::int32_t>(to);
  if (is_settled(to) && !row.sealed.empty()) {
    crypto::wipe(row.content);
    row.content.clear();
  }
  must(context.store.update_outbox(row));
  step.outbox = row.id;
  step.at = context.now;
  step.text = detail.empty() ? std::string(name_of(to)) : fmt::format("{}: {}", name_of(to), detail);
  if (step.step == 0) step.step = static_cast<std::int32_t>(step_of(to));
  if (to == State::Fetched || to == State::Read) step.micros = micros_since(row.created, context);
  must(context.store.add_journey(step));
  if (row.message == row.id) {  // the delivery that carries a message, not one about it
    if (auto message = must(context.store.message(row.message))) {
      message->state = row.state;
      message->way = row.way;
      if (to == State::Kept) message->hash = row.hash;
      if (to == State::Read) message->read = context.now;
      must(context.store.update_message(*message));
    }
  }
  context.effects.note(trace::DeliveryMoved{row.id, row.to, name_of(from), name_of(to), std::string(detail)});
}

void Client::wait(store::OutboxRow& row, std::string reason, Context& context) {
  attempts_[row.id].detours = 0;
  row.next_attempt = context.now + backoff(row.attempts++, context.rng);
  row.last_error = std::move(reason);
  move(row, State::Waiting, row.last_error, context);
}

/// Brings every delivery as far as it gets now, then forgets the settled ones and sets the timer for the rest.
void Client::advance(Context& context) {
  // Who only listens needs the list too: its swarm may be another by now.
  if (courier_.wants_refresh(context.now) && (online_ || !active_.empty() || fetch_wanted_)) courier_.refresh(context);
  for (auto& [id, row] : active_) {
    if (!is_in_flight(static_cast<State>(row.state))) {  // a clock that was fast may be right again
      if (row.next_attempt > context.now + kLongestPause) row.next_attempt = context.now;
      // What is sealed does not cover the time, a stamp does.
      if (row.timestamp > network_now(context)) row.timestamp = network_now(context), row.nonce.reset();
    }
    if (static_cast<State>(row.state) == State::Waiting && row.next_attempt <= context.now && !mutant::is_on(Mutant::L3))
      move(row, State::Queued, "", context);
    if (static_cast<State>(row.state) == State::Handed && row.next_attempt <= context.now && !mutant::is_on(Mutant::D5))
      give_up_waiting(row, context);
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
    if (((static_cast<State>(row.state) == State::Waiting && !mutant::is_on(Mutant::L3)) ||
         (static_cast<State>(row.state) == State::Handed && !mutant::is_on(Mutant::D5))) &&
        (!next || row.next_attempt < *next))
      next = row.next_attempt;
  if (!courier_.registry() && !courier_.is_refreshing() && !active_.empty()) {
    const Instant again = std::max(context.now + seconds(2), courier_.refresh_again(context.now));
    if (!next || again < *next) next = again;
  }
  if (next) context.effects.wake(static_cast<std::uint32_t>(Timer::Outbox), std::max(*next, context.now));
}

void Client::step(store::OutboxRow& row, Context& context) {
  if (row.created + row.ttl <= context.now) return move(row, State::Expired, "its lifetime has passed", context);
  if (!courier_.registry()) {
    if (!courier_.trouble().empty() && !courier_.is_refreshing()) wait(row, courier_.trouble(), context);
    return;  // what it waits for is asked for by `advance`
  }
  if (site::fires(Site::OutboxWaits)) return wait(row, "it waits for no reason", context);
  if (row.sealed.empty() ? !prepare(row, context) : !seal_again(row, context)) return;
  if (may_relay(row, context)) return relay(row, context);
  stamp_or_route(row, context);
}

/// Seals the row if there is a ratchet to seal with; otherwise sends for the recipient's bundle. True when it is sealed.
bool Client::prepare(store::OutboxRow& row, Context& context) {
  const auto contact = must(context.store.contact(row.to));
  if (!contact) {
    move(row, State::Failed, "the contact is gone", context);
    return false;
  }
  const bool begins_anew = static_cast<Kind>(row.kind) == Kind::Reset && !attempts_[row.id].has_fresh_session;
  if (!begins_anew && contact->device != 0 && must(has_session(context.store, sealer(), row.to, contact->device))) {
    attempts_[row.id].bundle_absent = false;  // theirs came meanwhile: no box where there is a ratchet (profile.md 9)
    return seal_row(row, context);
  }
  if (attempts_[row.id].bundle_absent) {
    if (!mutant::is_on(Mutant::R5) && (contact->bundle_seen || static_cast<Kind>(row.kind) == Kind::Reset)) {
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
  wire::Content content = content_of(row, context);  // first: it may number the message, and count it for the contact
  const auto contact = must(context.store.contact(row.to));
  const auto message = row.message == 0 ? std::nullopt : must(context.store.message(row.message));
  const bool carries_it = message && row.message == row.id;
  // What is about a message, such as an edit, has a name of its own, and keeps it.
  if (row.sent_at == 0) row.sent_at = carries_it ? message->sent_at.unix_millis() : next_sent_at(context);
  const std::int64_t sent_at = row.sent_at;
  if (content.data) content.data->timestamp_ms = static_cast<std::uint64_t>(sent_at);  // sealed: no node can change it
  const bool anonymous = attempts_[row.id].bundle_absent;
  auto sealed = anonymous ? seal_anonymously(sealer(), row.to, content, sent_at, context.rng)
                          : unless_store_failed(seal(context.store, sealer(), row.to, contact->device, content, sent_at,
                                                     network_now(context), context.rng));
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
  has_turned_ |= !anonymous;
  row.sealed = std::move(*sealed);
  row.device = anonymous ? 0 : contact->device;
  row.timestamp = network_now(context);
  must(context.store.update_outbox(row));
  must(context.store.add_journey(
      {.outbox = row.id,
       .at = context.now,
       .text = fmt::format("sealed: {} bytes, {}", row.sealed.size(),
                           anonymous ? "anonymous box, no forward secrecy" : "ratchet under sealed sender"),
       .step = static_cast<std::int32_t>(Step::Sealed),
       .bytes = row.sealed.size()}));
  if (carries_it && message->forward_secrecy == anonymous) {
    store::MessageRow changed = *message;
    changed.forward_secrecy = !anonymous;
    must(context.store.update_message(changed));
  }
  if (contact->forward_secrecy == anonymous) {
    store::ContactRow changed = *contact;
    changed.forward_secrecy = !anonymous;
    must(context.store.put_contact(changed));
  }
  return true;
}

std::optional<NodeId> Client::pick_member(const Account& account, const std::set<NodeId>& except, Rng& rng) const {
  if (!courier_.registry()) return std::nullopt;
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
  move(row, State::Addressing, fmt::format("asking {} for their prekey bundle", short_name(*node)), context,
       {.hops = hops_of(sent->path, *node), .bytes = sent->bytes});
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
    // One node alone could take the forward secrecy away by hiding the bundle.
    Attempt& attempt = attempts_[delivery];
    attempt.absences.insert(outcome.destination);
    const auto* registry = courier_.registry();
    const std::size_t members = registry ? registry->members(registry->swarm_of(row.to.account)).size() : 0;
    attempt.bundle_absent = attempt.absences.size() >= std::min(kAbsences, members);
    return move(row, State::Queued,
                attempt.bundle_absent ? "no prekey bundle is published" : "no prekey bundle there; another member is asked",
                context);
  }
  const auto bundle = usable_bundle(answer->messages.back().data, *contact, network_now(context));
  const bool is_forged =
      !bundle && (bundle.error().code == ErrorCode::Unauthentic || bundle.error().code == ErrorCode::Malformed);
  if (is_forged)  // it shows nothing, not even that there is one
    context.effects.note(trace::Disbelieved{outcome.destination, bundle.error().message});
  else
    attempts_[delivery].absences.clear();
  if (!bundle) return wait(row, bundle.error().message, context);
  const Instant date = Instant::from_unix_millis(bundle->date_ms);
  const bool is_there = static_cast<Kind>(row.kind) != Kind::Reset && contact->device == bundle->device_id &&
                        must(has_session(context.store, sealer(), row.to, contact->device));
  if (is_there) return move(row, State::Queued, "another message began the session meanwhile", context);
  const auto begun = unless_store_failed(start_session(context.store, sealer(), *bundle, network_now(context), context.rng));
  if (!begun) return wait(row, begun.error().message, context);
  context.effects.note(trace::SessionBegun{row.to, *begun});
  attempts_[delivery].has_fresh_session = true;
  contact->bundle_seen = true;
  contact->bundle_date = date;
  contact->device = bundle->device_id;
  must(context.store.put_contact(*contact));
  attempts_[delivery].tried.clear();
  move(row, State::Queued, fmt::format("their bundle of device {} starts the ratchet", bundle->device_id), context,
       {.step = static_cast<std::int32_t>(Step::Bundle),
        .hops = {outcome.destination},
        .bytes = outcome.body.size(),
        .micros = micros_since(call.begun, context)});
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
  const auto price = mutant::is_on(Mutant::W2) ? std::max(row.difficulty, network.difficulty) : network.difficulty;
  const auto puzzle = pow::puzzle_for(request.stamped, price);
  if (!puzzle) return move(row, State::Failed, puzzle.error().message, context);
  row.difficulty = price;
  row.nonce.reset();
  context.effects.stamp(row.id, *puzzle);
  const auto trials = pow::expected_trials(request.stamped.size(), row.ttl, network.difficulty).value_or(0);
  move(row, State::Stamping, fmt::format("difficulty {}, about {} trials", network.difficulty, trials), context,
       {.trials = trials});
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
  must(context.store.add_journey({.outbox = row.id,
                                  .at = context.now,
                                  .text = fmt::format("stamped: {} trials in {} ms", input.trials, input.micros / 1000),
                                  .step = static_cast<std::int32_t>(Step::Stamped),
                                  .trials = input.trials,
                                  .micros = input.micros}));
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
    const std::int64_t now_ms = network_now(context).unix_millis();
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
       context, {.hops = hops_of(sent->path, *node), .bytes = sent->bytes});
}

/// The members of the recipient's swarm that say, under their signatures, that they keep it.
std::vector<NodeId> Client::keepers(const store::OutboxRow& row, const wire::StoreAnswer& answer) const {
  std::vector<NodeId> kept;
  if (!courier_.registry()) return kept;
  const MessageHash hash = wire::message_hash(row.to.account, row.ns, row.sealed);
  const auto members = courier_.registry()->members(courier_.registry()->swarm_of(row.to.account));
  for (const wire::MemberResult& member : answer.swarm) {
    const auto* entry = std::get_if<wire::KeptEntry>(&member.result);
    const bool is_member = std::find(members.begin(), members.end(), member.node) != members.end();
    if (mutant::is_on(Mutant::D4) && entry == nullptr && is_member) kept.push_back(member.node);
    if (entry != nullptr && is_member && entry->hash == hash &&
        crypto::verify(crypto::key_of(member.node), bytes_of(hash.text), entry->signature))
      kept.push_back(member.node);
  }
  return kept;
}

void Client::on_stored(const StoreCall& call, const Courier::Outcome& outcome, Context& context) {
  const std::uint64_t delivery = call.delivery;
  const auto found = active_.find(delivery);
  if (found == active_.end()) return on_stored_late(call, outcome, context);
  if (static_cast<State>(found->second.state) != State::Routing) return;
  store::OutboxRow& row = found->second;
  if (outcome.failure) return on_lost(row, outcome, context);
  if (outcome.status != 200) return on_store_refused(row, outcome, context);
  const auto answer = wire::parse_store_answer(outcome.body);
  if (!answer) return wait(row, "the node's answer is no use: " + answer.error().message, context);
  std::vector<NodeId> kept = keepers(row, *answer);
  const auto claimed = std::ranges::count_if(
      answer->swarm, [](const auto& each) { return std::holds_alternative<wire::KeptEntry>(each.result); });
  if (static_cast<std::size_t>(claimed) > kept.size())
    context.effects.note(
        trace::Disbelieved{outcome.destination, "not all who keep the message signed so, or are of the swarm"});
  if (kept.empty()) return wait(row, "no member of the swarm signed that it keeps the message", context);
  const auto members = courier_.registry()->members(courier_.registry()->swarm_of(row.to.account));
  Attempt& attempt = attempts_[delivery];
  attempt.signers.insert(kept.begin(), kept.end());
  // Those of a swarm that was theirs do not count.
  std::erase_if(attempt.signers, [&](const NodeId& node) { return std::ranges::find(members, node) == members.end(); });
  if (attempt.signers.size() < std::min(kSigners, members.size()) && attempt.few++ < kFew)
    return wait(row, fmt::format("only {} of the swarm's members sign that they keep the message", attempt.signers.size()),
                context);
  kept.assign(attempt.signers.begin(), attempt.signers.end());
  note_keepers(row, kept, context);
  row.path = attempt.path;
  row.last_error.clear();
  if (static_cast<Kind>(row.kind) == Kind::Bundle && row.ns != wire::kSlotListNamespace && !bundle_is_misdated_) {
    must(context.store.put_setting("bundle_kept", little(static_cast<std::uint64_t>(network_now(context).micros))));
    context.effects.note(trace::BundlePublished{slot_, static_cast<std::uint32_t>(wire::kMaxOneTimeKeys)});
  }
  move(row, State::Kept, fmt::format("by {} of {}", row.kept_by, row.of), context,
       {.hops = std::move(kept), .bytes = outcome.body.size(), .micros = micros_since(call.begun, context)});
}

/// The recipient's receipt was faster than the slowest member of the swarm. Who keeps the message is told all the same.
void Client::on_stored_late(const StoreCall& call, const Courier::Outcome& outcome, Context& context) {
  if (outcome.failure || outcome.status != 200) return;
  auto row = must(context.store.outbox(call.delivery));
  if (!row || (static_cast<State>(row->state) != State::Fetched && static_cast<State>(row->state) != State::Read)) return;
  const auto answer = wire::parse_store_answer(outcome.body);
  std::vector<NodeId> kept = answer ? keepers(*row, *answer) : std::vector<NodeId>{};
  if (kept.empty()) return;
  note_keepers(*row, kept, context);
  must(context.store.update_outbox(*row));
  must(context.store.add_journey({.outbox = row->id,
                                  .at = context.now,
                                  .text = fmt::format("kept: by {} of {}, after it was fetched", row->kept_by, row->of),
                                  .step = static_cast<std::int32_t>(Step::Kept),
                                  .hops = std::move(kept),
                                  .bytes = outcome.body.size(),
                                  .micros = micros_since(call.begun, context)}));
}

void Client::note_keepers(store::OutboxRow& row, const std::vector<NodeId>& kept, Context& context) {
  row.kept_by = static_cast<std::uint32_t>(kept.size());
  row.of = static_cast<std::uint32_t>(courier_.registry()->members(courier_.registry()->swarm_of(row.to.account)).size());
  row.way = static_cast<std::int32_t>(Way::Swarm);
  row.hash = wire::message_hash(row.to.account, row.ns, row.sealed);
  context.effects.note(trace::Kept{row.id, row.hash, row.kept_by, row.of});
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
  const std::string text = printable(text_of(outcome.body).substr(0, 200));
  switch (outcome.status) {
    case 421: courier_.doubt(); return wait(row, "the node says that another swarm keeps these messages", context);
    case 432:
      // Never more work than the registry asks for, whatever a node says (profile.md 10.5).
      courier_.doubt();
      if (mutant::is_on(Mutant::W2)) row.difficulty *= 10, row.nonce.reset();
      return wait(row, "the node wants more work; asking the registry for the price", context);
    case 400:
    case 401:
    case 403:
    case 406:
    case 413: {
      const std::string reason = outcome.status == 406 ? "the nodes say that this device's clock is wrong"
                                                       : fmt::format("refused with {}: {}", outcome.status, text);
      if (outcome.status == 406) ask_time(context);
      std::set<NodeId>& refusals = attempts_[row.id].refusals;
      refusals.insert(outcome.destination);
      const swarm::Registry& registry = *courier_.registry();
      if (refusals.size() >= std::min(kRefusals, registry.members(registry.swarm_of(row.to.account)).size())) {
        row.last_error = reason;
        return move(row, State::Failed, reason, context);
      }
      return wait(row, reason, context);
    }
    default: return wait(row, fmt::format("status {}: {}", outcome.status, text), context);
  }
}

/// Only of those whose devices say what they open: a client without a ratchet sends no receipts. And only when our own mailbox,
/// where receipts wait, was read.
void Client::expire_kept(Context& context) {
  const Instant now = network_now(context);
  for (store::OutboxRow& row : must(context.store.outbox())) {
    if (static_cast<State>(row.state) != State::Kept || !wants_receipt(static_cast<Kind>(row.kind))) continue;
    if (row.timestamp + row.ttl + kReceiptsCome > now) continue;
    const auto contact = must(context.store.contact(row.to));
    if (contact && contact->forward_secrecy)
      move(row, State::Expired, "the swarm keeps it no longer, and no receipt came", context);
  }
}

Outcome Client::run(const TryAgain& command, Context& context) {
  auto row = must(context.store.outbox(command.delivery));
  if (!row) return {0, Error{ErrorCode::NotFound, fmt::format("there is no delivery {}", command.delivery)}};
  if (const auto state = static_cast<State>(row->state); state != State::Failed && state != State::Waiting)
    return {0, refused(fmt::format("delivery {} is {}, neither failed nor waiting", row->id, name_of(state)))};
  if (const auto contact = must(context.store.contact(row->to)); contact && contact->blocked)
    return {0, refused("they are blocked; unblock them first")};
  if (row->message != 0) {
    const auto message = must(context.store.message(row->message));
    if (!message) return {0, refused("its message was removed")};
    if (message->unsent && static_cast<Kind>(row->kind) != Kind::Unsend) return {0, refused("its message was taken back")};
  }
  if (!courier_.registry()) courier_.refresh(context);
  row->attempts = 0;
  row->next_attempt = context.now;
  const auto [at, fresh] = active_.insert_or_assign(row->id, std::move(*row));
  attempts_.erase(command.delivery);
  move(at->second, State::Queued, "tried again", context);
  return {command.delivery, {}};
}

Outcome Client::run(const Cancel& command, Context& context) {
  const auto active = active_.find(command.delivery);
  auto kept = active == active_.end() ? must(context.store.outbox(command.delivery)) : std::nullopt;
  if (active == active_.end() && !kept)
    return {0, Error{ErrorCode::NotFound, fmt::format("there is no delivery {}", command.delivery)}};
  store::OutboxRow& row = kept ? *kept : active->second;
  const auto state = static_cast<State>(row.state);
  if (!may_move(state, State::Cancelled))
    return {0, refused(fmt::format("delivery {} is {}; it is too late to give it up", row.id, name_of(state)))};
  if (state == State::Stamping) context.effects.cancel_stamp(row.id);
  move(row, State::Cancelled, "given up by you", context);
  return {row.id, {}};
}

store::OutboxRow* Client::delivery_to(const SessionId& to, std::int64_t sent_at, store::OutboxRow& kept, Context& context) {
  for (auto& [id, row] : active_)
    if (row.sent_at == sent_at && row.to == to) return &row;
  const auto message = must(context.store.find_message({to, true, device_, Instant::from_unix_millis(sent_at)}));
  if (!message || message->outbox == 0) return nullptr;
  if (const auto active = active_.find(message->outbox); active != active_.end()) return &active->second;
  auto row = must(context.store.outbox(message->outbox));
  if (!row) return nullptr;
  kept = std::move(*row);
  return &kept;
}

Client::Price Client::price_of(std::string_view text, Millis lifetime) const {
  // Padding to 160, the ratchet's and the sealed sender's frames, the envelope and its wrapper (client.md 2 and 3).
  constexpr std::size_t kContent = 80, kFrames = 400;
  Price price{.bytes = (text.size() + kContent + 2 + 159) / 160 * 160 + kFrames};
  if (!courier_.registry()) return price;
  const pow::NetworkParameters& network = courier_.registry()->network();
  price.is_due = pow::is_due(network, price.bytes, lifetime);
  if (!price.is_due) return price;
  const std::size_t payload = 13 + std::to_string(lifetime.count).size() + 66 + (price.bytes + 2) / 3 * 4;
  price.trials = pow::expected_trials(payload, lifetime, network.difficulty).value_or(0);
  return price;
}

}  // namespace session::client

// Anti-entropy: every minute this node compares digests with a member of its swarm, and both take from one another what they
// lack; so whoever missed something, came back or came anew becomes complete. Source: profile.md 4 and 10.2.
#include <algorithm>
#include <cstdlib>

#include "core/base/mutant.h"
#include "core/base/site.h"
#include "core/crypto/hash.h"
#include "core/node/outbox.h"
#include "core/node/service_node.h"
#include "core/node/tombstones.h"
#include "core/node/work.h"
#include "core/wire/hash.h"

namespace session::node {
namespace {

using store::Entry;
using store::Print;

constexpr Millis kRetrySoon = seconds(10), kNextSoon{200};
/// What is younger is on its way to all members, what expires sooner is not worth a way.
constexpr Millis kInFlight = minutes(2);
/// That another node's clock may be ahead.
constexpr Millis kAhead = seconds(70);
constexpr std::size_t kItemBytes = 96;  ///< of a row on the wire, beside its data and stamp; at most
constexpr std::size_t kSentAtOnce = 4'096;
constexpr std::uint32_t kRepairTimer = 4, kRepairOnTimer = 5;

std::size_t bucket_of(const Print& print) { return std::to_integer<std::size_t>(print[0]); }

Print first_of(std::size_t bucket) {
  Print print{};
  print[0] = static_cast<std::byte>(bucket);
  return print;
}
constexpr Print last_print() {
  Print print{};
  print.fill(std::byte{0xff});
  return print;
}
/// The one after it; nothing after the last.
std::optional<Print> after(Print print) {
  for (std::size_t i = print.size(); i-- > 0;) {
    if (print[i] != std::byte{0xff}) {
      print[i] = static_cast<std::byte>(std::to_integer<unsigned>(print[i]) + 1);
      return print;
    }
    print[i] = std::byte{0};
  }
  return std::nullopt;
}

/// In ascending order, of the buckets that are named, from `first` to `last`; false stops.
template <class Visit>
void visit_buckets(const store::MailStore& store, const wire::Buckets& buckets, const Print& first, const Print& last,
                   Visit&& visit) {
  bool goes_on = true;
  for (std::size_t bucket = bucket_of(first); goes_on && bucket <= bucket_of(last); ++bucket) {
    if (!buckets[bucket]) continue;
    must(store.visit_entries(std::max(first, first_of(bucket)), [&](const Entry& entry) {
      if (bucket_of(entry.print) != bucket || entry.print > last) return false;
      goes_on = visit(entry);
      return goes_on;
    }));
  }
}

wire::Listing listing_of(const Entry& entry) { return {entry.print, entry.taken.unix_millis(), entry.expiry.unix_millis()}; }

bool is_in_flight(const wire::Listing& listing, Instant now) {
  return listing.taken_ms > (now - kInFlight).unix_millis() || listing.expiry_ms <= (now + kInFlight).unix_millis();
}

/// `mine` has something that `other` has not. The later expiry holds; what made one earlier is a tombstone.
bool has_more(const Entry& mine, const wire::Listing& other) {
  return mine.expiry.unix_millis() > other.expiry_ms || (mine.is_tombstone && mine.taken.unix_millis() > other.taken_ms);
}
bool has_more(const wire::Listing& other, const Entry& mine) {
  return other.expiry_ms > mine.expiry.unix_millis() || (mine.is_tombstone && other.taken_ms > mine.taken.unix_millis());
}

wire::Answer binary(const wire::RepairAnswer& answer) { return {200, wire::encode(answer), wire::ContentType::Binary}; }

}  // namespace

// --- asking ------------------------------------------------------------------------------------------------------------------

std::vector<NodeId> ServiceNode::other_members() const {
  std::vector<NodeId> others;
  for (const NodeId& member : registry_->members(swarm_))
    if (member != id() && registry_->find(member)->has_address()) others.push_back(member);
  return others;
}

void ServiceNode::begin_repairs(Context& context) {
  context.effects.wake(kRepairTimer, context.now + config_.repair_every);
  if (!is_ready() || repair_ || site::fires(Site::RepairLater)) return;
  std::vector<NodeId> others = other_members();
  std::erase_if(missed_, [&](const auto& each) { return std::ranges::find(others, each.first) == others.end(); });
  if (others.empty()) return;
  to_repair_ = {context.rng.pick(others)};
  // Who is known to lack something comes first; and should he still be away, another member does.
  for (const auto& [member, when] : missed_)
    if (when + kInFlight < context.now && member != to_repair_.front()) {
      to_repair_.push_back(member);
      break;
    }
  repair_next(context);
}

void ServiceNode::repair_next(Context& context) {
  if (to_repair_.empty()) return;
  const NodeId peer = to_repair_.back();
  to_repair_.pop_back();
  repair_with(peer, context);
}

void ServiceNode::repair_with(const NodeId& peer, Context& context) {
  repair_ = Repair{};
  repair_->peer = peer;
  must(context.store.settle(context.now));
  ask_for_repair(wire::Compare{must(context.store.digests())}, context);
}

void ServiceNode::ask_for_repair(const wire::RepairRequest& request, Context& context) {
  const auto* peer = registry_->find(repair_->peer);
  if (peer == nullptr || !peer->has_address() || peer->swarm != swarm_) return end_repair(false, context);
  const Bytes body = wire::encode(request);
  const CallId call = next_call();
  context.effects.call({call, wire::NodePeer{peer->id, peer->address},
                        signed_for(peer->id, wire::Route::SwarmRepair, body, crypto::blake2b_128({body}), context.now),
                        config_.repair_timeout});
  calls_.emplace(call, RepairCall{});
}

void ServiceNode::end_repair(bool is_whole, Context& context) {
  const Repair done = *std::exchange(repair_, std::nullopt);
  std::erase_if(calls_, [](const auto& each) { return std::holds_alternative<RepairCall>(each.second); });
  if (done.taken + done.given > 0) context.effects.note(trace::Repaired{done.peer, done.taken, done.given});
  if (const auto missed = missed_.find(done.peer); missed != missed_.end()) {
    if (!is_whole)
      missed->second = context.now;
    else if (missed->second + kInFlight < context.now)
      missed_.erase(missed);
  }
  if (is_whole) is_compared_ = true;
  if (!is_ready()) return;
  // What one lacked others may lack: now all of them, so that everybody is complete within the minute.
  if (done.taken + done.given > 0 && is_whole && to_repair_.empty()) {
    to_repair_ = other_members();
    std::erase(to_repair_, done.peer);
    context.rng.shuffle(to_repair_);
  }
  if (!to_repair_.empty()) return context.effects.wake(kRepairOnTimer, context.now + kNextSoon);
  if (!is_compared_) context.effects.wake(kRepairTimer, context.now + kRetrySoon);
}

wire::List ServiceNode::list_from(const Repair& repair, Context& context) {
  wire::List list;
  list.first = repair.first;
  list.last = last_print();
  list.buckets = repair.differing;
  visit_buckets(context.store, list.buckets, list.first, list.last, [&](const Entry& entry) {
    if (registry_->swarm_of(entry.account) != swarm_ || entry.expiry <= context.now) return true;
    list.entries.push_back(listing_of(entry));
    if (list.entries.size() < config_.repair_entries && !site::fires(Site::ListingShort)) return true;
    list.last = entry.print;
    return false;
  });
  return list;
}

void ServiceNode::on_repair_answer(const wire::Answer* answer, Context& context) {
  if (!repair_) return;
  const auto parsed =
      answer != nullptr && answer->status == 200 ? wire::decode_repair_answer(answer->body) : fail(ErrorCode::Unavailable, "");
  if (!parsed) return end_repair(false, context);
  switch (repair_->state) {
    case Repair::State::Comparing: {
      const auto* compared = std::get_if<wire::Compared>(&*parsed);
      if (compared == nullptr) return end_repair(false, context);
      repair_->differing = compared->differing;
      repair_->is_listed = compared->differing.none();
      break;
    }
    case Repair::State::Listing: {
      const auto* listed = std::get_if<wire::Listed>(&*parsed);
      if (listed == nullptr || listed->last < repair_->first || listed->last > repair_->listed_to)
        return end_repair(false, context);
      repair_->taken += take(listed->items, context);
      repair_->wanted = listed->wanted;
      const auto next = after(listed->last);
      repair_->is_listed = !next;
      if (next) repair_->first = *next;
      break;
    }
    case Repair::State::Pushing: {
      const auto* pushed = std::get_if<wire::Pushed>(&*parsed);
      if (pushed == nullptr) return end_repair(false, context);
      repair_->given += pushed->taken;
      break;
    }
    case Repair::State::Pausing: return end_repair(false, context);  // nothing was asked
  }
  pause_repair(answer->body.size(), context);
}

/// So long that no more bytes a second are moved than may be.
void ServiceNode::pause_repair(std::size_t bytes, Context& context) {
  const std::int64_t pause = static_cast<std::int64_t>(bytes) * 1000 / config_.repair_bytes_per_second;
  repair_->state = Repair::State::Pausing;
  if (pause == 0) return go_on_repairing(context);
  context.effects.wake(kRepairOnTimer, context.now + Millis{pause});
}

void ServiceNode::go_on_repairing(Context& context) {
  if (!repair_) return is_ready() ? repair_next(context) : void();
  if (repair_->state != Repair::State::Pausing) return;
  wire::Items items;
  std::size_t bytes = 0;
  while (!repair_->wanted.empty() && bytes < config_.repair_bytes &&
         items.rows.size() + items.stones.size() < wire::kMaxItems) {
    read_item(repair_->wanted.back(), swarm_, items, bytes, context);
    repair_->wanted.pop_back();
  }
  if (!items.rows.empty() || !items.stones.empty()) {
    repair_->state = Repair::State::Pushing;
    return ask_for_repair(wire::Push{std::move(items)}, context);
  }
  if (repair_->is_listed) return end_repair(true, context);
  repair_->state = Repair::State::Listing;
  const wire::List list = list_from(*repair_, context);
  repair_->listed_to = list.last;
  ask_for_repair(list, context);
}

bool ServiceNode::read_item(const Print& print, SwarmId of, wire::Items& out, std::size_t& bytes, Context& context) {
  const auto entry = must(context.store.find_entry(print));
  if (!entry || registry_->swarm_of(entry->account) != of) return false;
  if (entry->is_tombstone) {
    if (mutant::is_on(Mutant::S7)) return false;
    auto stone = must(context.store.find_tombstone(print));
    if (!stone) return false;
    bytes += kItemBytes + stone->request.size();
    out.stones.push_back({stone->taken.unix_millis(), stone->falls.unix_millis(), std::move(stone->request)});
    return true;
  }
  const auto row = must(context.store.find(entry->hash));
  if (!row || row->head.expiry <= context.now) return false;
  const store::MailHead& head = row->head;
  out.rows.push_back({head.account, mutant::is_on(Mutant::S6) ? Namespace{} : head.ns, head.timestamp.unix_millis(),
                      head.expiry.unix_millis(), head.arrived.unix_millis(), row->data, row->stamp});
  bytes += kItemBytes + row->data.size() + row->stamp.size();
  return true;
}

// --- answering ---------------------------------------------------------------------------------------------------------------

void ServiceNode::on_repair_request(const wire::Requested& input, Context& context) {
  const Return back{input.id, {}};
  if (!is_ready()) return answer(back, wire::refusal(503, "Service node is not ready: not in a swarm yet"), context);
  if (!input.request.proof) return answer(back, wire::refusal(401, "X-Snode-Sender: missing"), context);
  const auto request = wire::decode_repair_request(input.request.body);
  if (!request) return answer(back, wire::refusal(400, "invalid request: " + request.error().message), context);
  // What moves comes from other swarms; what is here, members of this one alone are told.
  const bool is_move = std::holds_alternative<wire::Offer>(*request) || std::holds_alternative<wire::Push>(*request);
  if (!is_move && registry_->find(input.request.proof->sender)->swarm != swarm_)
    return answer(back, wire::refusal(401, "X-Snode-Sender: a node of another swarm"), context);
  answer(back, std::visit([&](const auto& typed) { return run(typed, context); }, *request), context);
}

wire::Answer ServiceNode::run(const wire::Compare& request, Context& context) {
  must(context.store.settle(context.now));
  const store::Digests own = must(context.store.digests());
  wire::Compared compared;
  for (std::size_t i = 0; i < own.size(); ++i) compared.differing[i] = own[i] != request.digests[i];
  if (mutant::is_on(Mutant::S4)) compared.differing[0] = false;
  return binary(compared);
}

wire::Answer ServiceNode::run(const wire::List& request, Context& context) {
  wire::Listed listed;
  listed.last = request.last;
  std::vector<Print> more;  // of what is here, in order
  auto theirs = request.entries.begin();
  const auto want_before = [&](const Print& print) {
    for (; theirs != request.entries.end() && theirs->print < print; ++theirs)
      if (!is_in_flight(*theirs, context.now)) listed.wanted.push_back(theirs->print);
  };
  visit_buckets(context.store, request.buckets, request.first, request.last, [&](const Entry& entry) {
    want_before(entry.print);
    const wire::Listing* other = theirs != request.entries.end() && theirs->print == entry.print ? &*theirs++ : nullptr;
    if (registry_->swarm_of(entry.account) != swarm_) return true;
    if (other != nullptr && has_more(*other, entry) && !is_in_flight(*other, context.now)) listed.wanted.push_back(entry.print);
    if ((other == nullptr || has_more(entry, *other)) && !is_in_flight(listing_of(entry), context.now))
      more.push_back(entry.print);
    if (more.size() < kSentAtOnce) return true;
    listed.last = entry.print;
    return false;
  });
  if (listed.last == request.last)
    for (; theirs != request.entries.end(); ++theirs)
      if (!is_in_flight(*theirs, context.now)) listed.wanted.push_back(theirs->print);
  std::size_t bytes = 0;
  for (const Print& print : more) {
    read_item(print, swarm_, listed.items, bytes, context);
    if (bytes < config_.repair_bytes || print == more.back()) continue;
    listed.last = print;
    break;
  }
  std::erase_if(listed.wanted, [&](const Print& print) { return print > listed.last; });
  return binary(listed);
}

wire::Answer ServiceNode::run(const wire::Offer& request, Context& context) {
  wire::Offered offered;
  for (const wire::Listing& each : request.entries) {
    if (each.expiry_ms <= context.now.unix_millis()) continue;
    const auto mine = must(context.store.find_entry(each.print));
    if (!mine || has_more(each, *mine)) offered.wanted.push_back(each.print);
  }
  return binary(offered);
}

wire::Answer ServiceNode::run(const wire::Push& request, Context& context) {
  for (const wire::Row& row : request.items.rows)
    if (auto wrong = check_swarm(row.account, context)) return std::move(*wrong);
  return binary(wire::Pushed{take(request.items, context)});
}

// --- taking ------------------------------------------------------------------------------------------------------------------

std::uint32_t ServiceNode::take(const wire::Items& items, Context& context) {
  std::uint32_t taken = 0;
  for (const wire::Stone& stone : items.stones)
    if (take(stone, context)) ++taken;
  // In the order in which they were taken first: mailboxes are read in the order of insertion.
  std::vector<const wire::Row*> rows;
  for (const wire::Row& row : items.rows) rows.push_back(&row);
  std::ranges::stable_sort(rows, {}, [](const wire::Row* row) {
    return std::tuple(row->taken_ms, row->timestamp_ms, row->account, row->ns, row->data.size());
  });
  for (const wire::Row* row : rows)
    if (take(*row, context)) ++taken;
  return taken;
}

/// Within the limits that hold for what clients store, and what was done to it since.
bool ServiceNode::is_sound(const wire::Row& row, const Context& context) const {
  const pow::NetworkParameters& network = registry_->network();
  const std::int64_t now_ms = context.now.unix_millis(), ahead_ms = now_ms + kAhead.count;
  return registry_->swarm_of(row.account) == swarm_ && row.data.size() <= network.max_data_bytes && row.expiry_ms > now_ms &&
         row.expiry_ms <= ahead_ms + network.max_ttl_authenticated.count && row.timestamp_ms <= ahead_ms &&
         row.taken_ms <= ahead_ms;
}

/// Of a message whose life was made longer by its owner only the size tells whether work was due.
bool ServiceNode::has_worked(const wire::Row& row) const {
  const pow::NetworkParameters& network = registry_->network();
  const auto work = work_of(row);
  if (!pow::is_due(network, row.data.size(), work ? work->ttl : network.min_ttl)) return true;
  if (!work) return false;
  // What was in force before this node knew, it does not know: then the least that a network can ask for.
  const Instant since = Instant::from_unix_millis(row.timestamp_ms) - pow::kDifficultyGrace;
  const auto puzzle = pow::puzzle_for(work->payload, since < difficulty_since_ ? 1 : difficulty_->lowest_since(since));
  return puzzle && pow::is_met(*puzzle, work->nonce);
}

bool ServiceNode::take(const wire::Row& row, Context& context) {
  if (!is_sound(row, context)) return false;
  const OutboxEntry entry{row.account, row.ns, row.timestamp_ms, row.data};
  if (!is_of_owner(entry)) {
    context.effects.note(trace::Refused{401, "repair: what lies in an outbox is not signed by its owner"});
    return false;
  }
  const MessageHash hash = wire::message_hash(row.account, row.ns, row.data);
  Instant expiry = Instant::from_unix_millis(row.expiry_ms);
  const Instant taken = Instant::from_unix_millis(row.taken_ms), sent = Instant::from_unix_millis(row.timestamp_ms);
  const Verdict verdict = must(verdict_on(context.store, row.account, row.ns, hash, sent, taken));
  if (verdict.latest_expiry) expiry = std::min(expiry, *verdict.latest_expiry);
  if (verdict.is_deleted || expiry <= context.now) return false;
  const auto note = [&](bool already) {
    context.effects.note(
        trace::Stored{row.account, hash, row.ns, expiry, static_cast<std::uint32_t>(row.data.size()), already, true});
  };
  if (const auto known = must(context.store.find_head(hash))) {
    if (known->account != row.account || known->ns != row.ns || known->expiry >= expiry) return false;
    must(context.store.set_expiry(row.account, hash, expiry, taken));
    note(true);
    return true;
  }
  if (!has_worked(row) || !has_share_for(row.account, row.ns, row.data.size(), context) || !has_room(row.data.size(), context))
    return false;
  const store::MailRow kept{
      {.account = row.account, .ns = row.ns, .hash = hash, .timestamp = sent, .expiry = expiry, .arrived = taken},
      row.data,
      row.stamp};
  must(make_way(context.store, entry));
  const auto done = must(wire::is_public_outbox(row.ns) ? context.store.replace(kept) : context.store.insert(kept));
  if (done.outcome == store::Inserted::Outcome::Beaten) return false;
  note(false);
  wake_listeners(row.account, row.ns, context);
  return true;
}

}  // namespace session::node

// What clients ask: store, retrieve, get_swarm, info, oxend_request and batches of them. Checks go from cheap to dear, and
// nothing changes before the last has passed.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/mutant.h"
#include "core/base/site.h"
#include "core/node/auth.h"
#include "core/node/outbox.h"
#include "core/node/revocations.h"
#include "core/node/service_node.h"
#include "core/node/tombstones.h"
#include "core/node/work.h"
#include "core/wire/hash.h"

namespace session::node {
namespace {

constexpr std::int64_t kDefaultShare = -5;
constexpr std::size_t kHashesOfToken = 100;

/// Whether each of many hashes is looked up for it.
template <class Request>
constexpr bool kNamesHashes = std::is_same_v<Request, wire::DeleteRequest> || std::is_same_v<Request, wire::ExpireRequest> ||
                              std::is_same_v<Request, wire::GetExpiriesRequest>;

OutboxEntry entry_of(const wire::StoreRequest& request) {
  return {request.account, request.ns, request.timestamp_ms, request.data};
}
bool is_outbox(Namespace ns) { return wire::is_public_outbox(ns); }

/// Bytes that an answer may have (service-node.md 3B.3).
std::int64_t budget_of(const wire::RetrieveRequest& request, std::int64_t whole) {
  const std::int64_t size = request.max_size.value_or(request.max_count ? whole : kDefaultShare);
  if (size > 0) return std::min(size, whole);
  return size < 0 ? whole / -std::max<std::int64_t>(size, -whole) : whole;
}
std::int64_t cost_of(const store::MailRow& row) {
  return 100 + static_cast<std::int64_t>(row.head.hash.text.size()) + static_cast<std::int64_t>(row.data.size()) * 4 / 3;
}

}  // namespace

void ServiceNode::on_rpc(Return back, BytesView body, Context& context) {
  if (site::fires(Site::BusyNode)) return answer(back, wire::refusal(503, "Service node is busy"), context);
  auto request = wire::parse_rpc(body);
  if (!request) return answer(back, wire::refusal(request.error()), context);
  start_request(*request, std::move(back), context);
}

void ServiceNode::start_request(const wire::RpcRequest& request, To to, Context& context) {
  std::visit(
      [&](const auto& typed) {
        using Request = std::decay_t<decltype(typed)>;
        if constexpr (kNamesHashes<Request>)
          if (!charge(to, typed.messages.size(), context.now))
            return finish(to, wire::refusal(429, "too many requests\n"), context);
        if constexpr (std::is_same_v<Request, wire::StoreRequest>) {
          spread_store(typed, to, context);
        } else if constexpr (std::is_constructible_v<Change, Request>) {
          spread_change(Change(typed), to, context);
        } else if constexpr (std::is_same_v<Request, wire::BatchRequest>) {
          start_batch(typed, std::move(to), context);
        } else if constexpr (std::is_same_v<Request, wire::SequenceRequest>) {
          start_sequence(typed, std::move(to), context);
        } else if constexpr (std::is_same_v<Request, wire::IfElseRequest>) {
          start_if_else(typed, std::move(to), context);
        } else if constexpr (std::is_same_v<Request, wire::ListenRequest>) {
          start_listening(typed, to, context);
        } else if constexpr (std::is_same_v<Request, wire::RelayRequest>) {
          start_relaying(typed, to, context);
        } else if constexpr (std::is_same_v<Request, wire::RetrieveRequest> || std::is_same_v<Request, wire::OxendRequest>) {
          finish(to, run(typed, left_for(to), context), context);
        } else {
          finish(to, run(typed, context), context);
        }
      },
      request);
}

std::optional<ServiceNode::Payer> ServiceNode::payer_of(const wire::Requested& input) const {
  if (input.request.proof) return Payer{input.request.proof->sender.hex(), true};
  if (input.from.is_loopback && config_.limits.spares_loopback) return std::nullopt;
  return Payer{input.from.name, false};
}

/// One more token for every hundred hashes; false when the caller has too few.
bool ServiceNode::charge(const To& to, std::size_t hashes, Instant now) {
  const Compound* whole = outermost(to);
  const std::optional<Payer>& payer = std::get<Return>(whole != nullptr ? whole->to : to).payer;
  const std::size_t tokens = hashes / kHashesOfToken;
  return !payer || tokens == 0 || (payer->is_peer ? peers_ : callers_).take(payer->name, now, tokens);
}

void ServiceNode::finish(const To& to, wire::Answer result, Context& context) {
  if (const auto* back = std::get_if<Return>(&to)) return answer(*back, std::move(result), context);
  finish_part(std::get<PartOf>(to), std::move(result), context);
}

void ServiceNode::answer(const Return& back, wire::Answer answer, Context& context) {
  if (answer.status != 200) refuse(answer, context);
  if (!back.sealing) return context.effects.reply(back.request, std::move(answer));
  const Sealing& s = *back.sealing;
  context.effects.reply(back.request, {200, onion::seal_reply(s.key, s.enc, answer.status, answer.body, s.final, context.rng),
                                       s.final.base64 ? wire::ContentType::Text : wire::ContentType::Binary});
}

std::optional<wire::Answer> ServiceNode::check_swarm(const Account& account, const Context& context) const {
  const SwarmId right = registry_->swarm_of(account);
  if (right == swarm_) return std::nullopt;
  return wire::wrong_swarm(swarm::swarm_answer(*registry_, right, head(context.now)));
}

/// Everything that can be wrong with a store, in the order of service-node.md 3A.3 and 3B.3; the stamp comes last.
std::optional<wire::Answer> ServiceNode::check_store(const wire::StoreRequest& request, Millis clock_slack,
                                                     Context& context) const {
  if (auto wrong = check_swarm(request.account, context)) return wrong;
  const pow::NetworkParameters& network = registry_->network();
  const Millis longest = wire::store_needs_signature(request.ns) ? network.max_ttl_authenticated : network.max_ttl;
  const Millis ttl{request.ttl_ms};
  if (ttl < network.min_ttl || ttl > longest) return wire::refusal(403, "Provided expiry/TTL is not valid.");
  const std::int64_t now_ms = context.now.unix_millis();
  if (request.timestamp_ms > now_ms + 10'000 || request.timestamp_ms + request.ttl_ms < now_ms - 10'000)
    return wire::refusal(406, "Timestamp error: check your clock");
  if (request.data.size() > network.max_data_bytes)
    return wire::refusal(
        400, fmt::format("invalid request: Message body exceeds maximum allowed length of {} bytes", network.max_data_bytes));
  if (const auto error = check_store_auth(request, context.now, clock_slack, revoked_in(context, request.account)))
    return wire::refusal(*error);
  if (pow::is_due(network, request.data.size(), ttl)) {
    const auto puzzle = pow::puzzle_for(request.stamped, difficulty_->lowest_since(context.now - pow::kDifficultyGrace));
    if (!request.nonce || !puzzle || !pow::is_met(*puzzle, *request.nonce)) return wire::work_required(difficulty_->current());
  }
  return check_room(request, context);
}

/// Whether it can be kept beside what is there.
std::optional<wire::Answer> ServiceNode::check_room(const wire::StoreRequest& request, Context& context) const {
  const auto known = must(context.store.find_head(wire::message_hash(request.account, request.ns, request.data)));
  // Nothing divides namespace and data in a hash: the same one can stand for 1 with "0x" and for 10 with "x".
  if (known && (known->account != request.account || known->ns != request.ns))
    return wire::refusal(400, fmt::format("invalid request: data: its hash is that of a message in namespace {}", known->ns));
  if (known) return std::nullopt;  // it takes no more room
  if (is_outbox(request.ns) && must(is_beaten(context.store, entry_of(request))))
    return wire::refusal(406, fmt::format("store: a newer message is kept in namespace {}", request.ns));
  if (!has_share_for(request.account, request.ns, request.data.size(), context))
    return wire::refusal(507, "this account has no room left");
  if (!has_room(request.data.size(), context)) return wire::refusal(507, "no room left on this node");
  return std::nullopt;
}

/// So many bytes of data more in this account's mailbox leave it within its share.
bool ServiceNode::has_share_for(const Account& account, Namespace ns, std::size_t bytes, Context& context) const {
  const auto sums = must(context.store.account_sums(account));
  std::uint64_t kept = sums.bytes + sums.messages * kRowBytes + sums.tombstones +
                       bytes_of_revocations(must(revocations_of(context.store, account)).size());
  if (is_outbox(ns))  // what it replaces makes room
    must(context.store.visit_mailbox(account, ns, [&](const store::MailHead& head) {
      kept -= head.size + kRowBytes;
      return true;
    }));
  return kept + bytes + kRowBytes <= config_.limits.account_bytes;
}

/// For so much more in the file. Asked before anything is written: a write that finds the file full takes back those of others.
bool ServiceNode::has_room(std::uint64_t bytes, const Context& context) const {
  if (config_.limits.store_bytes == 0) return true;
  const std::uint64_t data = context.store.total_bytes() + context.store.tombstone_bytes() + bytes,
                      rows = context.store.count() + 1;
  return data + data / 16 + rows * kFileRowBytes <= config_.limits.store_bytes;
}

/// Into the store, and this node's signed word for it.
wire::MemberResult ServiceNode::keep(const wire::StoreRequest& request, Instant& taken, bool from_peer, Context& context) {
  store::MailRow row;
  row.head.account = request.account;
  row.head.ns = request.ns;
  row.head.hash = wire::message_hash(request.account, request.ns, request.data);
  row.head.timestamp = Instant::from_unix_millis(request.timestamp_ms);
  row.head.expiry = Instant::from_unix_millis(request.timestamp_ms + request.ttl_ms);
  taken = Instant::from_unix_millis(taken.unix_millis());
  const Verdict verdict =
      must(verdict_on(context.store, request.account, request.ns, row.head.hash, row.head.timestamp, taken));
  // A client's store comes after whatever was done before, by any clock; a peer says when that was.
  if (!from_peer && verdict.newest) taken = std::max(taken, *verdict.newest);
  if (from_peer && verdict.latest_expiry) row.head.expiry = std::min(row.head.expiry, *verdict.latest_expiry);
  row.head.arrived = taken;
  row.data = request.data;
  if (pow::is_due(registry_->network(), request.data.size(), Millis{request.ttl_ms})) row.stamp = stamp_of(request);
  if (is_outbox(request.ns)) must(make_way(context.store, entry_of(request)));
  const auto kept = must(is_outbox(request.ns) ? context.store.replace(row) : context.store.insert(row));
  if (mutant::is_on(Mutant::D1)) must(context.store.remove(request.account, row.head.hash));
  context.effects.note(trace::Stored{request.account, row.head.hash, request.ns, kept.head.expiry,
                                     static_cast<std::uint32_t>(request.data.size()), kept.already(), from_peer});
  if (!kept.already()) wake_listeners(request.account, request.ns, context);
  wire::KeptEntry entry{row.head.hash, crypto::sign(config_.keys.secret, bytes_of(row.head.hash.text)),
                        kept.head.expiry.unix_millis(), kept.already(), context.now.unix_millis()};
  return {id(), std::move(entry)};
}

/// The compound that a request is a part of, however deep; null when it stands alone.
ServiceNode::Compound* ServiceNode::outermost(const To& to) {
  Compound* outer = nullptr;
  for (const To* at = &to; const auto* part = std::get_if<PartOf>(at); at = &outer->to) outer = &compounds_.at(part->compound);
  return outer;
}

/// What the other parts of a compound have left of the bytes that one answer may have; null when it stands alone.
std::int64_t* ServiceNode::left_for(const To& to) {
  Compound* outer = outermost(to);
  return outer != nullptr ? &outer->left : nullptr;
}

wire::Answer ServiceNode::run(const wire::RetrieveRequest& request, std::int64_t* left, Context& context) {
  if (auto wrong = check_swarm(request.account, context)) return std::move(*wrong);
  if (const auto error = check_retrieve_auth(request, context.now, revoked_in(context, request.account)))
    return wire::refusal(*error);
  wire::RetrieveAnswer found{.messages = {}, .more = false, .head = head(context.now)};
  std::int64_t budget = budget_of(request, config_.answer_bytes);
  if (left != nullptr) budget = std::clamp<std::int64_t>(*left, 0, budget);
  const std::int64_t before = budget;
  found.more = read_newer(request.account, request.ns, request.last_hash, request.max_count.value_or(config_.answer_bytes),
                          budget, found.messages, context);
  if (left != nullptr) *left -= before - budget;
  context.effects.note(trace::Retrieved{request.account, request.ns, static_cast<std::uint32_t>(found.messages.size())});
  return wire::ok(found);
}

bool ServiceNode::read_newer(const Account& account, Namespace ns, const std::optional<MessageHash>& last, std::int64_t most,
                             std::int64_t& budget, std::vector<wire::RetrievedMessage>& out, Context& context) {
  bool more = false;
  const std::size_t before = out.size();
  const bool is_short = site::fires(Site::PageShort);
  must(context.store.retrieve(account, ns, last.value_or(MessageHash{}), store::kNoLimit, [&](const store::MailRow& row) {
    if (row.head.expiry <= context.now) return true;
    const std::int64_t cost = cost_of(row);
    const bool first = out.size() == before;
    if (!first && (cost > budget || static_cast<std::int64_t>(out.size() - before) >= most || is_short)) {
      more = true;
      return false;
    }
    budget -= cost;
    out.push_back({row.head.hash, row.head.timestamp.unix_millis(), row.head.expiry.unix_millis(), row.data});
    return true;
  }));
  return more;
}

wire::Answer ServiceNode::run(const wire::GetSwarmRequest& request, Context& context) {
  return wire::ok(swarm::swarm_answer(*registry_, registry_->swarm_of(request.account), head(context.now)));
}

wire::Answer ServiceNode::run(const wire::InfoRequest&, Context& context) {
  return wire::ok(wire::InfoAnswer{.timestamp_ms = context.now.unix_millis(), .head = head(context.now)});
}

wire::Answer ServiceNode::run(const wire::OxendRequest& request, std::int64_t* left, Context& context) {
  if (left != nullptr && *left <= 0) return wire::refusal(413, "the answers to this request are too long");
  const auto text = listing_.text(registry_, request.query, context.rng);
  if (left != nullptr) *left -= static_cast<std::int64_t>(text->size());
  return {200, wire::oxend_json(*text, head(context.now)), wire::ContentType::Json};
}

}  // namespace session::node

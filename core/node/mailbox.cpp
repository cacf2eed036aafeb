// What changes a mailbox otherwise than by storing: deleting, other expiries, revoking. Each is checked and carried out by
// every member of the swarm, which signs what it did. Source: service-node.md 3B.2, 3B.3 and 3B.5.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/node/auth.h"
#include "core/node/revocations.h"
#include "core/node/service_node.h"
#include "core/node/tombstones.h"

namespace session::node {
namespace {

using wire::ChangeEntry;
constexpr Millis kAhead = seconds(60);
/// Of a tombstone's time: another node's clock, and beyond what a client's may be wrong by.
constexpr Millis kStoneAhead = seconds(70), kStoneSlack = minutes(3);
constexpr std::uint64_t kStoneShare = 3;

/// `<name> signature verification failed`.
template <class Request>
constexpr const char* name_of_change() {
  if constexpr (std::is_same_v<Request, wire::DeleteRequest>) return "delete_msgs";
  if constexpr (std::is_same_v<Request, wire::DeleteAllRequest>) return "delete_all";
  if constexpr (std::is_same_v<Request, wire::DeleteBeforeRequest>) return "delete_before";
  if constexpr (std::is_same_v<Request, wire::ExpireRequest>) return "expire";
  if constexpr (std::is_same_v<Request, wire::ExpireAllRequest>) return "expire_all";
  if constexpr (std::is_same_v<Request, wire::RevokeRequest>) return "revoke_subaccount";
  if constexpr (std::is_same_v<Request, wire::UnrevokeRequest>) return "unrevoke_subaccount";
}

template <class Request>
constexpr bool kOwnerOnly = std::is_same_v<Request, wire::RevokeRequest> || std::is_same_v<Request, wire::UnrevokeRequest>;

/// What a request's time, if it has one, must be like.
template <class Request>
std::optional<wire::Answer> check_clock(const Request& request, Instant now, Millis slack) {
  constexpr const char* kName = name_of_change<Request>();
  const std::int64_t now_ms = now.unix_millis();
  if constexpr (std::is_same_v<Request, wire::DeleteBeforeRequest>) {
    if (request.before_ms > now_ms + kAhead.count) return wire::refusal(401, "delete_before timestamp too far in the future");
  } else if constexpr (std::is_same_v<Request, wire::ExpireAllRequest>) {
    if (request.expiry_ms < now_ms - slack.count) return wire::refusal(406, "expire_all timestamp should be >= current time");
  } else if constexpr (std::is_same_v<Request, wire::ExpireRequest>) {
    if (std::ranges::any_of(request.expiries_ms, [&](std::int64_t each) { return each < now_ms - slack.count; }))
      return wire::refusal(401, "expire: timestamp should be >= current time");
  } else if constexpr (!std::is_same_v<Request, wire::DeleteRequest>) {
    if (!is_near(request.auth.timestamp.value_or(0), now, slack))
      return wire::refusal(406, fmt::format("{} timestamp too far from current time", kName));
  }
  return std::nullopt;
}

bool may_delete(const wire::Authentication& auth) {
  return !auth.subaccount || wire::allows(auth.subaccount->token, wire::Access::Delete);
}

/// What of an account's messages a request over namespaces is about.
template <class Wanted>
std::vector<store::MailHead> heads_of(const store::MailStore& store, const Account& account, const wire::NamespaceChoice& ns,
                                      Wanted&& is_wanted) {
  std::vector<store::MailHead> out;
  must(store.visit_account(account, [&](const store::MailHead& head) {
    if ((!ns || head.ns == *ns) && is_wanted(head)) out.push_back(head);
    return true;
  }));
  return out;
}

/// Sorted by hash, and by namespace too when all were asked for.
void tell(ChangeEntry& entry, std::vector<store::MailHead> heads, const wire::NamespaceChoice& ns) {
  std::ranges::sort(heads, {}, &store::MailHead::hash);
  entry.is_by_namespace = !ns;
  for (const store::MailHead& head : heads) {
    entry.changed.push_back(head.hash);
    if (!ns) entry.by_namespace[head.ns].push_back(head.hash);
  }
}

/// What of this node's messages a request is about.
template <class Request>
std::vector<store::MailHead> named_by(const Request& request, const store::MailStore& store) {
  std::vector<store::MailHead> heads;
  if constexpr (std::is_same_v<Request, wire::DeleteRequest> || std::is_same_v<Request, wire::ExpireRequest>) {
    for (const MessageHash& hash : std::set<MessageHash>(request.messages.begin(), request.messages.end()))
      if (auto head = must(store.find_head(hash)); head && head->account == request.account) heads.push_back(std::move(*head));
  } else if constexpr (!kOwnerOnly<Request>) {
    heads = heads_of(store, request.account, request.ns, [&](const store::MailHead& head) {
      if constexpr (std::is_same_v<Request, wire::DeleteBeforeRequest>)
        return head.timestamp.unix_millis() <= request.before_ms;
      return true;
    });
  }
  return heads;
}

/// The account's key, or one that it gave the right to, signed it.
template <class Request>
bool is_authentic(const Request& request, const IsRevoked& is_revoked) {
  const std::string text = wire::signed_text(request);
  if constexpr (kOwnerOnly<Request>) return is_signed_by_owner(request.account, request.auth, text);
  const auto access = std::is_same_v<Request, wire::ExpireRequest> ? wire::Access::Write : wire::Access::Delete;
  return is_signed(request.account, request.auth, text, {access}, is_revoked);
}

// --- carrying out, one function for each ------------------------------------------------------------------------------------

ChangeEntry apply(const wire::DeleteRequest& request, Context& context) {
  ChangeEntry entry{.kind = ChangeEntry::Kind::Deleted};
  for (const MessageHash& hash : request.messages)
    if (must(context.store.remove(request.account, hash))) entry.changed.push_back(hash);
  std::ranges::sort(entry.changed);
  return entry;
}

ChangeEntry take_away(const Account& account, std::vector<store::MailHead> heads, const wire::NamespaceChoice& ns,
                      Context& context) {
  for (const store::MailHead& head : heads) must(context.store.remove(account, head.hash));
  ChangeEntry entry{.kind = ChangeEntry::Kind::Deleted};
  tell(entry, std::move(heads), ns);
  return entry;
}

ChangeEntry apply(const wire::DeleteAllRequest& request, Context& context) {
  auto heads = heads_of(context.store, request.account, request.ns, [](const auto&) { return true; });
  return take_away(request.account, std::move(heads), request.ns, context);
}

ChangeEntry apply(const wire::DeleteBeforeRequest& request, Context& context) {
  auto heads = heads_of(context.store, request.account, request.ns,
                        [&](const auto& head) { return head.timestamp.unix_millis() <= request.before_ms; });
  return take_away(request.account, std::move(heads), request.ns, context);
}

ChangeEntry apply(const wire::ExpireAllRequest& request, Context& context) {
  auto heads = heads_of(context.store, request.account, request.ns,
                        [&](const auto& head) { return head.expiry.unix_millis() > request.expiry_ms; });
  for (const store::MailHead& head : heads)
    must(context.store.set_expiry(request.account, head.hash, Instant::from_unix_millis(request.expiry_ms)));
  ChangeEntry entry{.kind = ChangeEntry::Kind::Updated};
  tell(entry, std::move(heads), request.ns);
  return entry;
}

/// `taken`: when an expiry that is later than before came to be.
ChangeEntry apply(const wire::ExpireRequest& request, Millis longest, Instant taken, Context& context) {
  const std::int64_t latest = (context.now + longest).unix_millis();
  const auto wanted = [&](std::size_t i) {
    return std::min(request.expiries_ms.size() == 1 ? request.expiries_ms[0] : request.expiries_ms[i], latest);
  };
  // A right to write is none to delete, and an early expiry is as good as deleting.
  const bool only_later = request.change == wire::ExpiryChange::Extend || !may_delete(request.auth);
  const bool only_earlier = request.change == wire::ExpiryChange::Shorten;

  std::map<MessageHash, std::int64_t> updated, unchanged;
  std::map<MessageHash, std::optional<std::int64_t>> known;  // a hash may come many times: looked up once
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    const MessageHash& hash = request.messages[i];
    const auto [at, is_new] = known.try_emplace(hash);
    if (is_new)
      if (const auto head = must(context.store.find_head(hash)); head && head->account == request.account)
        at->second = head->expiry.unix_millis();
    if (!at->second || updated.contains(hash)) continue;
    const std::int64_t before = *at->second;
    if ((only_later && wanted(i) <= before) || (only_earlier && wanted(i) >= before)) {
      unchanged.emplace(hash, before);
      continue;
    }
    must(context.store.set_expiry(request.account, hash, Instant::from_unix_millis(wanted(i)),
                                  wanted(i) > before ? taken : Instant{}));
    updated.emplace(hash, wanted(i));
    unchanged.erase(hash);
  }
  ChangeEntry entry{.kind = ChangeEntry::Kind::Updated};
  entry.is_each = request.expiries_ms.size() > 1;
  for (const auto& [hash, expiry] : updated) {
    entry.changed.push_back(hash);
    if (entry.is_each) entry.expiries_ms.push_back(expiry);
  }
  if (!entry.is_each) entry.expiries_ms.push_back(wanted(0));
  entry.tells_unchanged = request.change != wire::ExpiryChange::Set;
  if (entry.tells_unchanged) entry.unchanged = std::move(unchanged);
  return entry;
}

Source source_of(const wire::RpcRequest& request) {
  const store::Tombstone stone = tombstone_of(request, {}, {});
  return {stone.id, static_cast<std::uint32_t>(stone.request.size())};
}

ChangeEntry apply(const wire::RevokeRequest& request, Instant taken, Context& context) {
  const Source by = source_of(request);
  must(revoke(context.store, request.account, request.tokens, taken, by));
  return {.kind = ChangeEntry::Kind::Revoked};
}

ChangeEntry apply(const wire::UnrevokeRequest& request, Instant taken, Context& context) {
  return {.kind = ChangeEntry::Kind::Revoked,
          .count = must(unrevoke(context.store, request.account, request.tokens, taken, source_of(request)))};
}

}  // namespace

std::function<bool(const wire::SubaccountToken&)> revoked_in(Context& context, const Account& account) {
  return [&context, account](const wire::SubaccountToken& token) {
    const auto revoked = must(revocations_of(context.store, account));
    return std::ranges::find(revoked, token) != revoked.end();
  };
}

template <class Request>
std::optional<wire::Answer> ServiceNode::check_change(const Request& request, Millis clock_slack, Context& context) const {
  if (auto wrong = check_swarm(request.account, context)) return wrong;
  if (auto wrong = check_clock(request, context.now, clock_slack)) return wrong;
  if (!is_authentic(request, revoked_in(context, request.account)))
    return wire::refusal(401, fmt::format("{} signature verification failed", name_of_change<Request>()));
  if constexpr (std::is_same_v<Request, wire::RevokeRequest>)
    if (auto full = check_revocations(request, context)) return full;
  if constexpr (std::is_same_v<Request, wire::ExpireRequest>)
    if (request.change == wire::ExpiryChange::Shorten && !may_delete(request.auth))
      return wire::refusal(400, "expire: shorten parameter cannot be used with this subaccount token (missing delete access)");
  return std::nullopt;
}

/// They cost no work and outlive messages: they count in the account's share, and of accounts that keep nothing here there is
/// room for so many.
std::optional<wire::Answer> ServiceNode::check_revocations(const wire::RevokeRequest& request, Context& context) const {
  auto tokens = must(revocations_of(context.store, request.account));
  const std::uint64_t before = bytes_of_revocations(tokens.size());
  for (const auto& each : request.tokens)
    if (tokens.size() < kMostRevocations && std::ranges::find(tokens, each) == tokens.end()) tokens.push_back(each);
  const std::uint64_t more = bytes_of_revocations(tokens.size()) - before;
  // The request itself takes the place of those that changed the same rights before.
  const std::uint64_t size = store::kTombstoneBytes + wire::to_json(wire::RpcRequest(request)).size();
  if (!has_room(more + size, context)) return wire::refusal(507, "no room left on this node");
  const auto sums = must(context.store.account_sums(request.account));
  if (more > 0 &&
      sums.bytes + sums.messages * kRowBytes + sums.tombstones + before + more + size > config_.limits.account_bytes)
    return wire::refusal(507, "this account has no room left");
  if (sums.messages == 0 && must(bytes_of_revocations(context.store)) + more + size > config_.limits.revocation_bytes)
    return wire::refusal(507, "no room for revocations of an account without messages");
  return std::nullopt;
}

template <class Request>
wire::MemberChange ServiceNode::carry_out_change(const Request& request, Instant& taken, Context& context) {
  // It comes after everything that it changes here, whatever the clock of the node was that took that.
  const std::vector<store::MailHead> before = named_by(request, context.store);
  taken = Instant::from_unix_millis(taken.unix_millis());
  for (const store::MailHead& head : before) taken = std::max(taken, head.arrived + Millis{1});
  if constexpr (kOwnerOnly<Request>) taken = std::max(taken, must(newest_right(context.store, request.account)) + Millis{1});
  // Before what it is the source of.
  if constexpr (kOwnerOnly<Request>) must(bury(context.store, request, taken, taken + kRevocationsKept));
  ChangeEntry entry;
  if constexpr (std::is_same_v<Request, wire::ExpireRequest>)
    entry = apply(request, registry_->network().max_ttl_authenticated, taken, context);
  else if constexpr (kOwnerOnly<Request>)
    entry = apply(request, taken, context);
  else
    entry = apply(request, context);
  // It falls when the last of what it took away, or shortened, would have expired; where nothing was, there is nothing to keep.
  Instant falls{};
  for (const store::MailHead& head : before) {
    const auto left = must(context.store.find_head(head.hash));
    if (!left || left->expiry < head.expiry) falls = std::max(falls, head.expiry);
  }
  if (falls > context.now) must(bury(context.store, request, taken, falls));
  entry.signature = crypto::sign(config_.keys.secret, bytes_of(wire::signed_text(request, entry)));
  if (context.effects.tracing())
    context.effects.note(trace::Changed{request.account, wire::method_of(wire::RpcRequest(request)),
                                        static_cast<std::uint32_t>(entry.changed.size())});
  return {id(), std::move(entry)};
}

std::optional<wire::Answer> ServiceNode::check(const Change& request, Millis clock_slack, Context& context) const {
  return std::visit([&](const auto& typed) { return check_change(typed, clock_slack, context); }, request);
}

wire::MemberChange ServiceNode::carry_out(const Change& request, Instant& taken, Context& context) {
  return std::visit([&](const auto& typed) { return carry_out_change(typed, taken, context); }, request);
}

namespace {

/// The signature of these holds for a time only; a tombstone is not taken later than a node would have taken the request.
template <class Request>
std::optional<std::int64_t> signed_at(const Request& request) {
  if constexpr (std::is_same_v<Request, wire::DeleteAllRequest> || kOwnerOnly<Request>)
    return request.auth.timestamp.value_or(0);
  return std::nullopt;
}

/// What a node makes a tombstone of.
template <class Request>
bool takes_away(const Request& request) {
  if constexpr (std::is_same_v<Request, wire::ExpireRequest>)
    return request.change != wire::ExpiryChange::Extend && may_delete(request.auth);
  return true;
}

}  // namespace

template <class Request>
bool ServiceNode::obey_stone(const Request& request, const wire::Stone& stone, Context& context) {
  const Instant taken = Instant::from_unix_millis(stone.taken_ms), falls = Instant::from_unix_millis(stone.falls_ms);
  if (registry_->swarm_of(request.account) != swarm_ || !takes_away(request)) return false;
  if (taken > context.now + kStoneAhead || falls <= context.now || falls > taken + kRevocationsKept) return false;
  if (const auto at = signed_at(request); at && !is_near(*at, taken, kStoneSlack)) return false;
  const auto known = must(context.store.find_tombstone(store::print_of(tombstone_of(request, taken, falls))));
  if (known && known->taken >= taken && known->falls >= falls) return false;
  if (!is_authentic(request, none_revoked)) {
    context.effects.note(trace::Refused{401, "repair: a tombstone's request is not signed by its owner"});
    return false;
  }
  const auto sums = must(context.store.account_sums(request.account));
  // A deletion must not fail because the account is full: tombstones have room beyond.
  if (sums.tombstones + stone.request.size() + store::kTombstoneBytes > kStoneShare * config_.limits.account_bytes)
    return false;
  if (!has_room(stone.request.size(), context)) return false;
  if constexpr (kOwnerOnly<Request>)
    if (sums.messages == 0 &&
        must(bytes_of_revocations(context.store)) + kRowBytes + stone.request.size() > config_.limits.revocation_bytes)
      return false;
  must(bury(context.store, request, taken, falls));
  std::uint32_t changed = 0;
  if constexpr (std::is_same_v<Request, wire::RevokeRequest>) {
    must(revoke(context.store, request.account, request.tokens, taken, source_of(request)));
  } else if constexpr (std::is_same_v<Request, wire::UnrevokeRequest>) {
    must(unrevoke(context.store, request.account, request.tokens, taken, source_of(request)));
  } else {
    for (const store::MailHead& head : named_by(request, context.store)) {
      const Verdict verdict =
          must(verdict_on(context.store, request.account, head.ns, head.hash, head.timestamp, head.arrived));
      if (verdict.is_deleted) {
        must(context.store.remove(request.account, head.hash));
      } else if (verdict.latest_expiry && *verdict.latest_expiry < head.expiry) {
        must(context.store.set_expiry(request.account, head.hash, *verdict.latest_expiry));
      } else {
        continue;
      }
      ++changed;
    }
  }
  if (context.effects.tracing())
    context.effects.note(trace::Changed{request.account, wire::method_of(wire::RpcRequest(request)), changed});
  return true;
}

bool ServiceNode::take(const wire::Stone& stone, Context& context) {
  const auto request = wire::parse_rpc(stone.request);
  if (!request || wire::to_json(*request) != stone.request) return false;  // one request, one tombstone
  return std::visit(
      [&](const auto& typed) {
        if constexpr (std::is_constructible_v<Change, std::decay_t<decltype(typed)>>)
          return obey_stone(typed, stone, context);
        else
          return false;
      },
      *request);
}

wire::Answer ServiceNode::run(const wire::GetExpiriesRequest& request, Context& context) {
  if (auto wrong = check_swarm(request.account, context)) return std::move(*wrong);
  if (!is_near(*request.auth.timestamp, context.now, kAhead))
    return wire::refusal(406, "get_expiries timestamp too far from current time");
  if (!is_signed(request.account, request.auth, wire::signed_text(request), {wire::Access::Read},
                 revoked_in(context, request.account)))
    return wire::refusal(401, "get_expiries signature verification failed");
  wire::ExpiriesAnswer found;
  const std::set<MessageHash> wanted(request.messages.begin(), request.messages.end());
  for (const MessageHash& hash : wanted)
    if (const auto head = must(context.store.find_head(hash));
        head && head->account == request.account && head->expiry > context.now)
      found.expiries_ms.emplace(hash, head->expiry.unix_millis());
  return wire::ok(found);
}

}  // namespace session::node

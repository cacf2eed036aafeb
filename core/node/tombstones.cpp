#include "core/node/tombstones.h"

#include <algorithm>
#include <limits>

#include "core/crypto/hash.h"

namespace session::node {
namespace {

/// One tombstone, as it lies under a hash, or under an account when it names none.
struct Mark {
  ByteArray<16> id{};
  std::int64_t taken_ms = 0, falls_ms = 0;
  std::int64_t until_ms = kDeleted;            ///< the expiry it leaves
  std::int64_t before_ms = kAnyTime;           ///< messages sent until then; of those without hashes
  std::optional<Namespace> ns = std::nullopt;  ///< the same; nothing: all
  static constexpr std::int64_t kDeleted = -1, kAnyTime = std::numeric_limits<std::int64_t>::max();
};
constexpr std::size_t kMarkSize = 16 + 4 * 8 + 3;
/// Of one hash; more say nothing that these do not.
constexpr std::size_t kMostOfHash = 8;
/// Of one account, without hashes; beyond it the oldest go.
constexpr std::size_t kMostWide = 64;

std::string hash_key(const Account& account, const MessageHash& hash) {
  return "dead/" + std::string(text_of(account.bytes)) + hash.text;
}
std::string wide_key(const Account& account) { return "wide/" + std::string(text_of(account.bytes)); }

Result<std::vector<Mark>> marks_under(const store::MailStore& store, const std::string& key) {
  std::vector<Mark> marks;
  const auto bytes = store.setting(key);
  if (!bytes) return fail(bytes);
  if (!*bytes) return marks;
  for (BytesView rest = **bytes; rest.size() >= kMarkSize; rest = rest.subspan(kMarkSize)) {
    const auto number = [&](std::size_t i) {
      return static_cast<std::int64_t>(load_big<std::uint64_t>(rest.data() + 16 + 8 * i));
    };
    Mark mark{to_array<16>(rest), number(0), number(1), number(2), number(3), std::nullopt};
    if (rest[48] != std::byte{0}) mark.ns = static_cast<Namespace>(load_big<std::uint16_t>(rest.data() + 49));
    marks.push_back(mark);
  }
  return marks;
}

Result<void> put_marks(store::MailStore& store, const std::string& key, const std::vector<Mark>& marks) {
  Bytes bytes;
  for (const Mark& each : marks) {
    append(bytes, each.id);
    for (const std::int64_t number : {each.taken_ms, each.falls_ms, each.until_ms, each.before_ms})
      append(bytes, big(static_cast<std::uint64_t>(number)));
    bytes.push_back(each.ns ? std::byte{1} : std::byte{0});
    append(bytes, big(static_cast<std::uint16_t>(each.ns.value_or(0))));
  }
  if (!bytes.empty()) return store.put_setting(key, bytes);
  const auto gone = store.remove_setting(key);
  return gone ? Result<void>{} : fail(gone);
}

/// Everything that `b` says of a message, `a` says too, and for as long.
bool covers(const Mark& a, const Mark& b) {
  return a.taken_ms >= b.taken_ms && a.falls_ms >= b.falls_ms && a.until_ms <= b.until_ms && a.before_ms >= b.before_ms &&
         (!a.ns || a.ns == b.ns);
}

Result<void> add_mark(store::MailStore& store, const std::string& key, const Mark& mark, std::size_t most) {
  auto marks = marks_under(store, key);
  if (!marks) return fail(marks);
  std::erase_if(*marks, [&](const Mark& each) { return each.id == mark.id; });
  if (std::ranges::none_of(*marks, [&](const Mark& each) { return covers(each, mark); })) {
    std::erase_if(*marks, [&](const Mark& each) { return covers(mark, each); });
    marks->push_back(mark);
    std::ranges::sort(*marks, {}, [](const Mark& each) { return std::pair(each.taken_ms, each.id); });
    if (marks->size() > most) marks->erase(marks->begin());
  }
  return put_marks(store, key, *marks);
}

void obey(Verdict& verdict, const Mark& mark, std::int64_t taken_ms) {
  const Instant taken = Instant::from_unix_millis(mark.taken_ms);
  verdict.newest = std::max(verdict.newest.value_or(taken), taken);
  if (taken_ms >= mark.taken_ms) return;
  if (mark.until_ms == Mark::kDeleted) {
    verdict.is_deleted = true;
  } else {
    const Instant until = Instant::from_unix_millis(mark.until_ms);
    verdict.latest_expiry = std::min(verdict.latest_expiry.value_or(until), until);
  }
}

/// The mark of a request without hashes; nothing when it says nothing of messages, or names them.
std::optional<Mark> wide_mark_of(const wire::RpcRequest& request, Mark mark) {
  if (const auto* all = std::get_if<wire::DeleteAllRequest>(&request)) {
    mark.ns = all->ns;
  } else if (const auto* before = std::get_if<wire::DeleteBeforeRequest>(&request)) {
    mark.ns = before->ns;
    mark.before_ms = before->before_ms;
  } else if (const auto* expire = std::get_if<wire::ExpireAllRequest>(&request)) {
    mark.ns = expire->ns;
    mark.until_ms = expire->expiry_ms;
  } else {
    return std::nullopt;
  }
  return mark;
}

/// Of a request that names hashes: each with its mark.
std::vector<std::pair<MessageHash, Mark>> marks_of(const wire::RpcRequest& request, Mark mark) {
  std::vector<std::pair<MessageHash, Mark>> marks;
  if (const auto* gone = std::get_if<wire::DeleteRequest>(&request))
    for (const MessageHash& hash : gone->messages) marks.emplace_back(hash, mark);
  if (const auto* expire = std::get_if<wire::ExpireRequest>(&request))
    for (std::size_t i = 0; i < expire->messages.size(); ++i) {
      mark.until_ms = expire->expiries_ms[expire->expiries_ms.size() == 1 ? 0 : i];
      marks.emplace_back(expire->messages[i], mark);
    }
  return marks;
}

Mark mark_of(const store::Tombstone& stone) {
  Mark mark;
  mark.id = stone.id;
  mark.taken_ms = stone.taken.unix_millis();
  mark.falls_ms = stone.falls.unix_millis();
  return mark;
}

}  // namespace

const Account& account_of(const wire::RpcRequest& request) {
  static const Account kNone{};
  return std::visit(
      [](const auto& typed) -> const Account& {
        if constexpr (requires { typed.account; })
          return typed.account;
        else
          return kNone;
      },
      request);
}

store::Tombstone tombstone_of(const wire::RpcRequest& request, Instant taken, Instant falls) {
  Bytes json = wire::to_json(request);
  const auto id = crypto::blake2b_128({json});
  return {account_of(request), id, taken, falls, std::move(json)};
}

Result<Verdict> verdict_on(const store::MailStore& store, const Account& account, Namespace ns, const MessageHash& hash,
                           Instant timestamp, Instant taken) {
  Verdict verdict;
  const auto own = marks_under(store, hash_key(account, hash));
  if (!own) return fail(own);
  for (const Mark& mark : *own) obey(verdict, mark, taken.unix_millis());
  const auto wide = marks_under(store, wide_key(account));
  if (!wide) return fail(wide);
  for (const Mark& mark : *wide)
    if ((!mark.ns || *mark.ns == ns) && timestamp.unix_millis() <= mark.before_ms) obey(verdict, mark, taken.unix_millis());
  return verdict;
}

Result<bool> bury(store::MailStore& store, const wire::RpcRequest& request, Instant taken, Instant falls) {
  store::Tombstone stone = tombstone_of(request, taken, falls);
  const auto known = store.find_tombstone(store::print_of(stone));
  if (!known) return fail(known);
  if (*known) {
    stone.taken = std::max(stone.taken, (*known)->taken);
    stone.falls = std::max(stone.falls, (*known)->falls);
  }
  if (const auto wide = wide_mark_of(request, mark_of(stone)))
    if (auto added = add_mark(store, wide_key(stone.account), *wide, kMostWide); !added) return fail(added);
  for (const auto& [hash, mark] : marks_of(request, mark_of(stone)))
    if (auto added = add_mark(store, hash_key(stone.account, hash), mark, kMostOfHash); !added) return fail(added);
  return store.bury(stone);
}

Result<void> unindex(store::MailStore& store, const store::Tombstone& gone) {
  const auto request = wire::parse_rpc(gone.request);
  if (!request) return {};
  const auto take_out = [&](const std::string& key) -> Result<void> {
    auto marks = marks_under(store, key);
    if (!marks) return fail(marks);
    if (std::erase_if(*marks, [&](const Mark& mark) { return mark.id == gone.id; }) == 0) return {};
    return put_marks(store, key, *marks);
  };
  if (wide_mark_of(*request, mark_of(gone))) return take_out(wide_key(gone.account));
  for (const auto& [hash, mark] : marks_of(*request, mark_of(gone)))
    if (auto done = take_out(hash_key(gone.account, hash)); !done) return done;
  return {};
}

}  // namespace session::node

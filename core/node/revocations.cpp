#include "core/node/revocations.h"

#include <algorithm>
#include <set>

#include "core/node/limits.h"

namespace session::node {
namespace {

using Token = wire::SubaccountToken;
constexpr std::size_t kTokenSize = std::tuple_size_v<Token>;
constexpr std::string_view kPrefix = "revoked/";
/// Of an account: what was revoked or given back, and when that was, so that members end alike whatever reaches them first.
constexpr std::string_view kTimesPrefix = "rights/";
constexpr std::string_view kSumKey = "revoked bytes";
constexpr std::size_t kLookedAtOnce = 100;

std::string key_of(const Account& account) { return std::string(kPrefix) + account.hex(); }

/// What is kept of one account: when it was last active (ms, u64; not in files from before), and its tokens.
struct Row {
  std::optional<Instant> active;
  std::vector<Token> tokens;
};

Row decode(BytesView bytes) {
  Row row;
  if (bytes.size() % kTokenSize == sizeof(std::uint64_t)) {
    row.active = Instant::from_unix_millis(static_cast<std::int64_t>(load_big<std::uint64_t>(bytes.data())));
    bytes = bytes.subspan(sizeof(std::uint64_t));
  }
  for (; bytes.size() >= kTokenSize; bytes = bytes.subspan(kTokenSize))
    row.tokens.push_back(to_array<kTokenSize>(bytes.first(kTokenSize)));
  return row;
}

Bytes encode(const Row& row, Instant now) {
  Bytes bytes;
  append(bytes, big(static_cast<std::uint64_t>(row.active.value_or(now).unix_millis())));
  for (const Token& each : row.tokens) append(bytes, each);
  return bytes;
}

Result<Row> row_of(const store::MailStore& store, const Account& account) {
  const auto bytes = store.setting(key_of(account));
  if (!bytes) return fail(bytes);
  return *bytes ? decode(**bytes) : Row{};
}

/// Instead of what had `tokens_before`. Beside the tokens, so many bytes of requests came and went.
Result<void> put(store::MailStore& store, const Account& account, const Row& row, std::size_t tokens_before, Instant now,
                 std::uint64_t came = 0, std::uint64_t went = 0) {
  const auto sum = bytes_of_revocations(store);
  if (!sum) return fail(sum);
  const std::uint64_t with = *sum + bytes_of_revocations(row.tokens.size()) + came;
  const std::uint64_t before = bytes_of_revocations(tokens_before) + went;
  // Rows from before the sum was kept are not in it.
  if (auto kept = store.put_setting(kSumKey, big(with - std::min(with, before))); !kept) return kept;
  if (!row.tokens.empty()) return store.put_setting(key_of(account), encode(row, now));
  const auto gone = store.remove_setting(key_of(account));
  return gone ? Result<void>{} : fail(gone);
}

}  // namespace

std::uint64_t bytes_of_revocations(std::size_t tokens) { return tokens == 0 ? 0 : kRowBytes + tokens * kTokenSize; }

Result<std::uint64_t> bytes_of_revocations(const store::MailStore& store) {
  const auto kept = store.setting(kSumKey);
  if (!kept) return fail(kept);
  return *kept && (*kept)->size() == sizeof(std::uint64_t) ? load_big<std::uint64_t>((*kept)->data()) : 0;
}

Result<std::vector<Token>> revocations_of(const store::MailStore& store, const Account& account) {
  auto row = row_of(store, account);
  if (!row) return fail(row);
  return std::move(row->tokens);
}

namespace {

struct Right {
  Token token{};
  std::int64_t taken_ms = 0;
  bool is_revoked = false;
  Source by;
};
constexpr std::size_t kRightSize = kTokenSize + sizeof(std::uint64_t) + 1 + 16 + sizeof(std::uint32_t);

std::string times_key_of(const Account& account) { return std::string(kTimesPrefix) + account.hex(); }

/// In the order in which they were taken.
Result<std::vector<Right>> rights_of(const store::MailStore& store, const Account& account) {
  std::vector<Right> rights;
  const auto bytes = store.setting(times_key_of(account));
  if (!bytes) return fail(bytes);
  if (*bytes)
    for (BytesView rest = **bytes; rest.size() >= kRightSize; rest = rest.subspan(kRightSize))
      rights.push_back({to_array<kTokenSize>(rest),
                        static_cast<std::int64_t>(load_big<std::uint64_t>(rest.data() + kTokenSize)),
                        rest[kTokenSize + 8] != std::byte{0},
                        {to_array<16>(rest.subspan(kTokenSize + 9)), load_big<std::uint32_t>(rest.data() + kTokenSize + 25)}});
  return rights;
}

Result<void> put_rights(store::MailStore& store, const Account& account, const std::vector<Right>& rights) {
  Bytes bytes;
  for (const Right& each : rights) {
    append(bytes, each.token);
    append(bytes, big(static_cast<std::uint64_t>(each.taken_ms)));
    bytes.push_back(each.is_revoked ? std::byte{1} : std::byte{0});
    append(bytes, each.by.id);
    append(bytes, big(each.by.size));
  }
  if (!bytes.empty()) return store.put_setting(times_key_of(account), bytes);
  const auto gone = store.remove_setting(times_key_of(account));
  return gone ? Result<void>{} : fail(gone);
}

std::set<Source> sources_of(const std::vector<Right>& rights) {
  std::set<Source> sources;
  for (const Right& each : rights)
    if (each.by.size > 0) sources.insert(each.by);
  return sources;
}
std::uint64_t bytes_of(const std::set<Source>& sources) {
  std::uint64_t sum = 0;
  for (const Source& each : sources) sum += store::kTombstoneBytes + each.size;
  return sum;
}

/// What was revoked or given back at this time; how many tokens that changed.
Result<std::uint64_t> change(store::MailStore& store, const Account& account, const std::vector<Token>& tokens, bool is_revoked,
                             Instant taken, const Source& by) {
  auto rights = rights_of(store, account);
  if (!rights) return fail(rights);
  auto row = row_of(store, account);
  if (!row) return fail(row);
  const std::size_t before = row->tokens.size();
  std::set<Source> sources_before = sources_of(*rights);
  // Of a file from before: when they were revoked is not known, and they are older than what is.
  for (std::size_t i = row->tokens.size(); i-- > 0;)
    if (std::ranges::find(*rights, row->tokens[i], &Right::token) == rights->end())
      rights->insert(rights->begin(), {row->tokens[i], 0, true, {}});
  std::uint64_t count = 0;
  for (const Token& token : tokens) {
    const auto known = std::ranges::find(*rights, token, &Right::token);
    if (known != rights->end() && known->taken_ms > taken.unix_millis()) continue;
    if (known != rights->end() && known->is_revoked != is_revoked) ++count;
    if (known != rights->end()) rights->erase(known);
    const auto later = std::ranges::find_if(*rights, [&](const Right& each) { return each.taken_ms > taken.unix_millis(); });
    rights->insert(later, {token, taken.unix_millis(), is_revoked, by});
  }
  // The newest of each kind.
  std::size_t revoked = 0, given_back = 0;
  for (std::size_t i = rights->size(); i-- > 0;)
    if (++((*rights)[i].is_revoked ? revoked : given_back) > kMostRevocations)
      rights->erase(rights->begin() + static_cast<std::ptrdiff_t>(i));
  row->tokens.clear();
  for (const Right& each : *rights)
    if (each.is_revoked) row->tokens.push_back(each.token);
  row->active = std::max(row->active.value_or(taken), taken);
  if (auto kept = put_rights(store, account, *rights); !kept) return fail(kept);
  const std::set<Source> sources = sources_of(*rights);
  if (auto kept = put(store, account, *row, before, taken, bytes_of(sources), bytes_of(sources_before)); !kept)
    return fail(kept);
  if (by.size > 0) sources_before.insert(by);
  for (const Source& each : sources_before)
    if (!sources.contains(each))
      if (auto gone = store.forget(store::print_of(store::Tombstone{account, each.id, {}, {}, {}})); !gone) return fail(gone);
  return count;
}

}  // namespace

Result<void> revoke(store::MailStore& store, const Account& account, const std::vector<Token>& tokens, Instant taken,
                    const Source& by) {
  const auto done = change(store, account, tokens, true, taken, by);
  return done ? Result<void>{} : fail(done);
}

Result<std::uint64_t> unrevoke(store::MailStore& store, const Account& account, const std::vector<Token>& tokens, Instant taken,
                               const Source& by) {
  return change(store, account, tokens, false, taken, by);
}

Result<Instant> newest_right(const store::MailStore& store, const Account& account) {
  const auto rights = rights_of(store, account);
  if (!rights) return fail(rights);
  return rights->empty() ? Instant{} : Instant::from_unix_millis(rights->back().taken_ms);
}

Result<std::string> drop_old_revocations(store::MailStore& store, std::string_view after, Instant now) {
  std::vector<std::pair<std::string, Row>> some;
  const auto visited = store.visit_settings(kPrefix, after, [&](std::string_view key, BytesView value) {
    some.emplace_back(key, decode(value));
    return some.size() < kLookedAtOnce;
  });
  if (!visited) return fail(visited);
  for (auto& [key, row] : some) {
    const auto account = Account::parse(key.substr(kPrefix.size()));
    if (!account) continue;
    const auto sums = store.account_sums(*account);
    if (!sums) return fail(sums);
    const bool is_active = sums->messages > 0 || !row.active;
    if (is_active && row.active && *row.active + days(1) > now) continue;  // once a day is exact enough
    if (!is_active && *row.active + kRevocationsKept > now) continue;
    const std::size_t before = row.active ? row.tokens.size() : 0;
    std::uint64_t went = 0;
    if (!is_active) {
      row.tokens.clear();
      const auto rights = rights_of(store, *account);
      if (!rights) return fail(rights);
      went = bytes_of(sources_of(*rights));  // the requests themselves fall as late
      if (auto gone = put_rights(store, *account, {}); !gone) return fail(gone);
    }
    row.active = now;
    if (auto kept = put(store, *account, row, before, now, 0, went); !kept) return fail(kept);
  }
  return some.size() < kLookedAtOnce ? std::string() : some.back().first;
}

}  // namespace session::node

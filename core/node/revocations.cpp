#include "core/node/revocations.h"

#include <algorithm>

#include "core/node/limits.h"

namespace session::node {
namespace {

using Token = wire::SubaccountToken;
constexpr std::size_t kTokenSize = std::tuple_size_v<Token>;
constexpr std::string_view kPrefix = "revoked/";
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

/// Instead of what had `tokens_before`.
Result<void> put(store::MailStore& store, const Account& account, const Row& row, std::size_t tokens_before, Instant now) {
  const auto sum = bytes_of_revocations(store);
  if (!sum) return fail(sum);
  const std::uint64_t with = *sum + bytes_of_revocations(row.tokens.size()), before = bytes_of_revocations(tokens_before);
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

Result<void> revoke(store::MailStore& store, const Account& account, const std::vector<Token>& tokens, Instant now) {
  auto row = row_of(store, account);
  if (!row) return fail(row);
  const std::size_t before = row->tokens.size();
  for (const Token& each : tokens) {
    std::erase(row->tokens, each);
    row->tokens.push_back(each);
    if (row->tokens.size() > kMostRevocations) row->tokens.erase(row->tokens.begin());
  }
  row->active = now;
  return put(store, account, *row, before, now);
}

Result<std::uint64_t> unrevoke(store::MailStore& store, const Account& account, const std::vector<Token>& tokens, Instant now) {
  auto row = row_of(store, account);
  if (!row) return fail(row);
  const std::size_t before = row->tokens.size();
  std::uint64_t count = 0;
  for (const Token& each : tokens) count += std::erase(row->tokens, each);
  if (count == 0) return count;
  row->active = now;
  if (auto kept = put(store, account, *row, before, now); !kept) return fail(kept);
  return count;
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
    if (!is_active) row.tokens.clear();
    row.active = now;
    if (auto kept = put(store, *account, row, before, now); !kept) return fail(kept);
  }
  return some.size() < kLookedAtOnce ? std::string() : some.back().first;
}

}  // namespace session::node

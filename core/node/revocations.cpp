#include "core/node/revocations.h"

#include <algorithm>

namespace session::node {
namespace {

using Token = wire::SubaccountToken;
constexpr std::size_t kTokenSize = std::tuple_size_v<Token>;

std::string key_of(const Account& account) { return "revoked/" + account.hex(); }

Result<void> put(store::MailStore& store, const Account& account, const std::vector<Token>& tokens) {
  if (tokens.empty()) {
    const auto gone = store.remove_setting(key_of(account));
    return gone ? Result<void>{} : fail(gone);
  }
  Bytes all;
  for (const Token& each : tokens) all.insert(all.end(), each.begin(), each.end());
  return store.put_setting(key_of(account), all);
}

}  // namespace

Result<std::vector<Token>> revocations_of(const store::MailStore& store, const Account& account) {
  const auto bytes = store.setting(key_of(account));
  if (!bytes) return fail(bytes);
  std::vector<Token> out;
  if (!*bytes) return out;
  for (BytesView rest = **bytes; rest.size() >= kTokenSize; rest = rest.subspan(kTokenSize))
    out.push_back(to_array<kTokenSize>(rest.first(kTokenSize)));
  return out;
}

Result<void> revoke(store::MailStore& store, const Account& account, const std::vector<Token>& tokens) {
  auto known = revocations_of(store, account);
  if (!known) return fail(known);
  for (const Token& each : tokens) {
    std::erase(*known, each);
    known->push_back(each);
    if (known->size() > kMostRevocations) known->erase(known->begin());
  }
  return put(store, account, *known);
}

Result<std::uint64_t> unrevoke(store::MailStore& store, const Account& account, const std::vector<Token>& tokens) {
  auto known = revocations_of(store, account);
  if (!known) return fail(known);
  std::uint64_t count = 0;
  for (const Token& each : tokens) count += std::erase(*known, each);
  if (count == 0) return count;
  if (auto kept = put(store, account, *known); !kept) return fail(kept);
  return count;
}

}  // namespace session::node

// Subaccounts that an account has taken its right back from: the newest 50, by when this node learnt of them. They do not fall
// with the account's last message. Source: service-node.md 3B.5, profile.md 3 and 10.2.
#pragma once

#include "core/store/mail_store.h"
#include "core/wire/rpc.h"

namespace session::node {

inline constexpr std::size_t kMostRevocations = 50;

/// In the order of their arrival.
[[nodiscard]] Result<std::vector<wire::SubaccountToken>> revocations_of(const store::MailStore& store, const Account& account);
/// A token that is revoked again counts as new.
[[nodiscard]] Result<void> revoke(store::MailStore& store, const Account& account,
                                  const std::vector<wire::SubaccountToken>& tokens);
/// How many of them had been revoked.
[[nodiscard]] Result<std::uint64_t> unrevoke(store::MailStore& store, const Account& account,
                                             const std::vector<wire::SubaccountToken>& tokens);

}  // namespace session::node

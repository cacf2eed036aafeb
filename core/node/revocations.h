// Subaccounts that an account has taken its right back from: the newest 50, by when this node learnt of them. They do not fall
// with the account's last message, but 60 days after it. Source: service-node.md 3B.5, profile.md 3 and 10.2.
#pragma once

#include "core/store/mail_store.h"
#include "core/wire/rpc.h"

namespace session::node {

inline constexpr std::size_t kMostRevocations = 50;
/// No message of the account's can live for longer after it was stored, nor a second one that was stored on the first's last
/// day.
inline constexpr Millis kRevocationsKept = days(60);

/// In the order of their arrival.
[[nodiscard]] Result<std::vector<wire::SubaccountToken>> revocations_of(const store::MailStore& store, const Account& account);
/// A token that is revoked again counts as new.
[[nodiscard]] Result<void> revoke(store::MailStore& store, const Account& account,
                                  const std::vector<wire::SubaccountToken>& tokens, Instant now);
/// How many of them had been revoked.
[[nodiscard]] Result<std::uint64_t> unrevoke(store::MailStore& store, const Account& account,
                                             const std::vector<wire::SubaccountToken>& tokens, Instant now);

/// What so many tokens of an account count for.
[[nodiscard]] std::uint64_t bytes_of_revocations(std::size_t tokens);
/// The same of all that are kept.
[[nodiscard]] Result<std::uint64_t> bytes_of_revocations(const store::MailStore& store);
/// Looks at some of the accounts after `after`, in the order of their keys, and drops what is too old; from where to go on,
/// empty at the end. An account that keeps messages is active.
[[nodiscard]] Result<std::string> drop_old_revocations(store::MailStore& store, std::string_view after, Instant now);

}  // namespace session::node

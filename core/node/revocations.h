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
/// The request that a right was changed by, as it is kept: a tombstone, that goes when no right is left that it changed last.
struct Source {
  ByteArray<16> id{};
  std::uint32_t size = 0;  ///< bytes of the request; 0: none is kept
  friend auto operator<=>(const Source&, const Source&) = default;
};
/// A token that is revoked again counts as new. `taken`: when the first node took it; what is known to be later stays as it is.
[[nodiscard]] Result<void> revoke(store::MailStore& store, const Account& account,
                                  const std::vector<wire::SubaccountToken>& tokens, Instant taken, const Source& by = {});
/// How many of them had been revoked.
[[nodiscard]] Result<std::uint64_t> unrevoke(store::MailStore& store, const Account& account,
                                             const std::vector<wire::SubaccountToken>& tokens, Instant taken,
                                             const Source& by = {});
/// When the newest of either was taken that is known; what is taken after it comes after it.
[[nodiscard]] Result<Instant> newest_right(const store::MailStore& store, const Account& account);

/// What so many tokens of an account count for.
[[nodiscard]] std::uint64_t bytes_of_revocations(std::size_t tokens);
/// The same of all that are kept, and of their requests.
[[nodiscard]] Result<std::uint64_t> bytes_of_revocations(const store::MailStore& store);
/// Looks at some of the accounts after `after`, in the order of their keys, and drops what is too old; from where to go on,
/// empty at the end. An account that keeps messages is active.
[[nodiscard]] Result<std::string> drop_old_revocations(store::MailStore& store, std::string_view after, Instant now);

}  // namespace session::node

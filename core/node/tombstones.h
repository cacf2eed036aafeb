// Requests that took messages away or shortened their lives: they hold for copies that come later, too. Where they lie in the
// store, and what they say of a message. Source: profile.md 10.2.
#pragma once

#include <optional>

#include "core/store/mail_store.h"
#include "core/wire/rpc.h"

namespace session::node {

/// What all tombstones of an account say of one message.
struct Verdict {
  bool is_deleted = false;
  std::optional<Instant> latest_expiry;  ///< it lives no longer than this
  std::optional<Instant> newest;         ///< when the newest was taken that says anything of this message, obeyed or not
};
/// Of a message whose store, or later expiry, was taken at `taken`: what was taken after it is obeyed.
[[nodiscard]] Result<Verdict> verdict_on(const store::MailStore& store, const Account& account, Namespace ns,
                                         const MessageHash& hash, Instant timestamp, Instant taken);

/// Whose mailbox it is about; of all zeros for a request that is about none.
[[nodiscard]] const Account& account_of(const wire::RpcRequest& request);
/// Keeps the request; of the same one again, the later times. Revocations are kept as well, but say nothing of messages. False
/// when nothing changed.
[[nodiscard]] Result<bool> bury(store::MailStore& store, const wire::RpcRequest& request, Instant taken, Instant falls);
/// It fell, or moved away.
[[nodiscard]] Result<void> unindex(store::MailStore& store, const store::Tombstone& gone);
/// A tombstone of this request, with the times as given.
[[nodiscard]] store::Tombstone tombstone_of(const wire::RpcRequest& request, Instant taken, Instant falls);

}  // namespace session::node

// A mailbox's public outbox, which has room for one message in each namespace: which of two it is. Source: profile.md 4 and 7.
#pragma once

#include "core/store/mail_store.h"

namespace session::node {

/// What lies, or shall lie, in an outbox.
struct OutboxEntry {
  const Account& account;
  Namespace ns = 0;
  std::int64_t timestamp_ms = 0;
  BytesView data;
};

/// The data is what the profile puts there: a bundle, or a list of devices, that the owner signed about that time. True in all
/// namespaces of which the profile says nothing. A store's own signature does not cover the data: whoever passes it on could
/// put nothing, or what was long ago, in its place.
[[nodiscard]] bool is_of_owner(const OutboxEntry& entry);
/// What is kept there stays: it is of its owner, and this is not; or else it has the greater (timestamp, hash).
[[nodiscard]] Result<bool> is_beaten(const store::MailStore& store, const OutboxEntry& entry);
/// Whatever is not of the owner goes, where this is.
[[nodiscard]] Result<void> make_way(store::MailStore& store, const OutboxEntry& entry);

}  // namespace session::node

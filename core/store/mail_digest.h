// What members of a swarm compare with one another instead of all their mail: one digest for each of 256 buckets, kept up to
// date by every change, and an index by which a bucket is listed. On the mail store's tables. Source: profile.md 4 and 10.2.
#pragma once

#include "core/store/mail_store.h"
#include "core/store/tables.h"

namespace session::store {

/// The tables of a mail store.
enum MailTable : TableId {
  kRows = 1,      // id -> head as it was when the message came, data, stamp
  kByHash = 2,    // hash -> id, head as it is; in files from before, until it changes: id, and the row's head holds
  kMailbox = 3,   // account, namespace, id -> hash; in files from before: nothing
  kByExpiry = 4,  // expiry, id -> hash; in files from before: nothing
  kAccounts = 5,  // account -> messages, bytes, bytes of tombstones
  kSums = 6,      // nothing -> messages, bytes, next id, bytes of tombstones
  kSettings = 7,
  kPrints = 8,       // print -> kind, account, namespace, taken, expiry, hash or nothing
  kSettling = 9,     // taken, print -> nothing: what takes no part in the digests yet
  kDigests = 10,     // bucket -> digest; nothing -> up to which expiry nothing takes part
  kTombstones = 11,  // print -> account, id, taken, falls, request
  kByFall = 12,      // falls, print -> nothing
};

[[nodiscard]] Entry entry_of(const MailHead& head);
[[nodiscard]] Entry entry_of(const Tombstone& tombstone);

/// A new one; it waits until it is settled.
[[nodiscard]] Result<void> enlist(Tables& tables, const Entry& entry);
/// It is gone, or will be enlisted anew.
[[nodiscard]] Result<void> strike(Tables& tables, const Print& print);
[[nodiscard]] Result<std::optional<Entry>> find_entry(const Tables& tables, const Print& print);
[[nodiscard]] Result<void> visit_entries(const Tables& tables, const Print& from, const EntryVisitor& visit);
/// `due`: the prints of messages whose expiry lies in (first, second], for the caller knows them.
using PrintsDue = std::function<Result<std::vector<Print>>(Instant first, Instant second)>;
[[nodiscard]] Result<void> settle(Tables& tables, Instant now, const PrintsDue& due);
[[nodiscard]] Result<Digests> digests(const Tables& tables);
/// The tables above are there: a file from before has none of them.
[[nodiscard]] Result<bool> has_digests(const Tables& tables);

}  // namespace session::store

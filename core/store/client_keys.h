// The client's tables, their keys, and how rows are read from them. For the sources of this room.
#pragma once

#include <algorithm>
#include <functional>
#include <string>

#include "core/base/mutant.h"
#include "core/store/client_rows.h"
#include "core/store/codec.h"
#include "core/store/tables.h"

namespace session::store {

enum Table : TableId {
  kAccount = 1,
  kContacts = 2,        // id
  kMessages = 3,        // id
  kMessageKeys = 4,     // contact, outgoing, device, sent_at -> id
  kConversations = 5,   // contact, id -> nothing
  kMessageExpiry = 6,   // expiry, id -> nothing
  kOutbox = 7,          // id
  kJourney = 8,         // outbox, number -> at, text
  kJournal = 9,         // id
  kJournalHashes = 10,  // hash -> id
  kSeen = 11,           // hash -> expiry
  kLastHashes = 12,     // node, namespace -> expiry, hash
  kGuards = 13,
  kRegistry = 14,
  kSessions = 15,  // who, device -> record
  kKeys = 16,      // kind, id
  kBaseKeys = 17,  // key -> expiry
  kSettings = 18,
  kEvents = 19,        // sequence -> text
  kNumbers = 20,       // table -> the number given last
  kTalks = 21,         // contact -> how a conversation is kept
  kEdits = 22,         // message, number
  kOrphans = 23,       // contact, author, sent_at, id
  kOrphanKeys = 24,    // id -> the key of the orphan
  kOrphanExpiry = 25,  // expiry, id -> nothing
  kDelivered = 26,     // message -> nothing: its own number served a delivery that is gone
  kDays = 27,          // day of sent_at -> the lowest and the highest id of its messages
};

inline Bytes number_key(std::uint64_t n) { return to_bytes(big(n)); }
inline std::uint64_t number_of(BytesView key) {
  return key.size() >= 8 ? load_big<std::uint64_t>(key.data() + key.size() - 8) : 0;
}
inline Bytes message_key(const MessageKey& key) {
  return Writer()
      .raw(key.contact.account.bytes)
      .flag(key.outgoing)
      .number(mutant::is_on(Mutant::D2) ? 0 : key.device)
      .time(key.sent_at)
      .bytes();
}
inline Bytes conversation_key(const SessionId& contact, std::uint64_t id) {
  return Writer().raw(contact.account.bytes).number(id).bytes();
}
inline Bytes expiry_key(Instant expiry, std::uint64_t id) { return Writer().time(expiry).number(id).bytes(); }
inline Bytes peer_key(const SignalPeer& peer) { return Writer().raw(peer.who.account.bytes).number(peer.device).bytes(); }
inline Bytes key_key(KeyKind kind, std::uint32_t id) {
  return Writer().number(static_cast<std::uint8_t>(kind)).number(id).bytes();
}
inline Bytes node_key(const NodeId& node, Namespace ns) { return Writer().raw(node.key).number(ns).bytes(); }

inline Bytes orphan_prefix(const SessionId& contact, const MessageRef& about) {
  return Writer().raw(contact.account.bytes).raw(about.author.account.bytes).time(about.sent_at).bytes();
}
inline Bytes orphan_key(const OrphanRow& row) {
  return Writer().raw(orphan_prefix(row.contact, row.about)).number(row.id).bytes();
}

/// One row by its key.
template <class Decode>
auto row_at(const Tables& tables, TableId table, BytesView key, Decode decode)
    -> Result<std::optional<decltype(decode(BytesView{}))>> {
  auto bytes = tables.get(table, key);
  if (!bytes) return fail(bytes);
  if (!*bytes) return std::nullopt;
  auto row = decode(**bytes);
  crypto::wipe(**bytes);
  return row;
}
/// All rows of a table whose keys begin with `prefix`.
template <class Decode>
auto rows_of(const Tables& tables, TableId table, BytesView prefix, Decode decode)
    -> Result<std::vector<decltype(decode(BytesView{}))>> {
  std::vector<decltype(decode(BytesView{}))> rows;
  const auto scanned = tables.scan(table, prefix, [&](BytesView key, BytesView value) {
    if (!starts_with(key, prefix)) return false;
    rows.push_back(decode(value));
    return true;
  });
  if (!scanned) return fail(scanned);
  return rows;
}
inline Result<std::uint64_t> erase_if(Tables& tables, TableId table, const std::function<bool(BytesView)>& is_due) {
  std::vector<Bytes> due;
  const auto scanned = tables.scan(table, {}, [&](BytesView key, BytesView value) {
    if (is_due(value)) due.push_back(to_bytes(key));
    return true;
  });
  if (!scanned) return fail(scanned);
  for (const Bytes& key : due)
    if (auto gone = tables.erase(table, key); !gone) return fail(gone);
  return due.size();
}
/// Everything whose key begins with `prefix`.
inline Result<void> erase_all(Tables& tables, TableId table, BytesView prefix) {
  std::vector<Bytes> keys;
  const auto scanned = tables.scan(table, prefix, [&](BytesView key, BytesView) {
    if (!starts_with(key, prefix)) return false;
    keys.push_back(to_bytes(key));
    return true;
  });
  if (!scanned) return scanned;
  for (const Bytes& key : keys)
    if (auto gone = tables.erase(table, key); !gone) return fail(gone);
  return {};
}
/// The ids of a table of (expiry, id) whose expiry came, ascending.
inline Result<std::vector<std::uint64_t>> due_before(const Tables& tables, TableId table, Instant now) {
  std::vector<std::uint64_t> ids;
  const auto scanned = tables.scan(table, {}, [&](BytesView key, BytesView) {
    if (Reader(key).time() > now) return false;
    ids.push_back(number_of(key));
    return true;
  });
  if (!scanned) return fail(scanned);
  std::sort(ids.begin(), ids.end());
  return ids;
}
/// False, and the later expiry kept, when the key was there.
inline Result<bool> mark(Tables& tables, TableId table, BytesView key, Instant expiry) {
  const auto known = tables.get(table, key);
  if (!known) return fail(known);
  if (*known) expiry = std::max(expiry, Reader(**known).time());
  if (auto put = tables.put(table, key, Writer().time(expiry).bytes()); !put) return fail(put);
  return !known->has_value();
}
inline Result<bool> is_there(const Tables& tables, TableId table, BytesView key) {
  const auto known = tables.get(table, key);
  if (!known) return fail(known);
  return known->has_value();
}
inline std::unexpected<Error> no_row(const char* what, std::uint64_t id) {
  return fail(ErrorCode::NotFound, std::string("store: no ") + what + " " + std::to_string(id));
}

/// Makes a message findable by its words, if it has any (client_search.cpp), and takes it out again.
[[nodiscard]] Result<void> index_message(Tables& tables, const MessageRow& row);
[[nodiscard]] Result<void> unindex_message(Tables& tables, const MessageRow& row);

}  // namespace session::store

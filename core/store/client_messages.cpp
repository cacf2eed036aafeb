// Messages, the words they had before, and what waits for one that has not come.
#include <tuple>

#include "core/store/client_codec.h"
#include "core/store/client_keys.h"
#include "core/store/client_tables.h"

namespace session::store {

Result<Added> ClientOnTables::add_message(const MessageRow& given) {
  return whole(tables(), [&]() -> Result<Added> {
    const auto known = tables().get(kMessageKeys, message_key(key_of(given)));
    if (!known) return fail(known);
    if (*known) return Added{number_of(**known), false};
    const auto id = next_number(kMessages);
    if (!id) return fail(id);
    MessageRow row = given;
    row.id = *id;
    if (auto put = tables().put(kMessageKeys, message_key(key_of(row)), number_key(row.id)); !put) return fail(put);
    if (auto put = tables().put(kConversations, conversation_key(row.contact, row.id), {}); !put) return fail(put);
    if (row.expiry != Instant{})
      if (auto put = tables().put(kMessageExpiry, expiry_key(row.expiry, row.id), {}); !put) return fail(put);
    if (auto put = tables().put(kMessages, number_key(row.id), encode(row).bytes()); !put) return fail(put);
    if (auto indexed = index_message(tables(), row); !indexed) return fail(indexed);
    return Added{row.id, true};
  });
}

Result<void> ClientOnTables::update_message(const MessageRow& given) {
  return whole(tables(), [&]() -> Result<void> {
    const auto known = message(given.id);
    if (!known) return fail(known);
    if (!*known) return no_row("message", given.id);
    MessageRow row = given;
    std::tie(row.contact, row.outgoing, row.device, row.sent_at) =
        std::tie((*known)->contact, (*known)->outgoing, (*known)->device, (*known)->sent_at);
    if ((*known)->expiry != row.expiry) {
      if (auto gone = tables().erase(kMessageExpiry, expiry_key((*known)->expiry, row.id)); !gone) return fail(gone);
      if (row.expiry != Instant{})
        if (auto put = tables().put(kMessageExpiry, expiry_key(row.expiry, row.id), {}); !put) return put;
    }
    if ((*known)->body != row.body || (*known)->unsent != row.unsent) {
      if (auto gone = unindex_message(tables(), **known); !gone) return gone;
      if (auto indexed = index_message(tables(), row); !indexed) return indexed;
    }
    return tables().put(kMessages, number_key(row.id), encode(row).bytes());
  });
}

Result<std::optional<MessageRow>> ClientOnTables::message(std::uint64_t id) const {
  return row_at(tables(), kMessages, number_key(id), decode_message);
}

Result<std::optional<MessageRow>> ClientOnTables::find_message(const MessageKey& key) const {
  const auto id = tables().get(kMessageKeys, message_key(key));
  if (!id) return fail(id);
  if (!*id) return std::nullopt;
  return message(number_of(**id));
}

Result<std::vector<MessageRow>> ClientOnTables::messages(const SessionId& contact, std::size_t max_count,
                                                         std::uint64_t before_id) const {
  std::vector<std::uint64_t> ids;
  const auto scanned = tables().scan_back(kConversations, conversation_key(contact, before_id), [&](BytesView key, BytesView) {
    if (!starts_with(key, contact.account.bytes) || ids.size() >= max_count) return false;
    ids.push_back(number_of(key));
    return true;
  });
  if (!scanned) return fail(scanned);
  std::vector<MessageRow> rows;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    auto row = message(*id);
    if (!row) return fail(row);
    if (*row) rows.push_back(std::move(**row));
  }
  return rows;
}

Result<bool> ClientOnTables::remove_message(std::uint64_t id) {
  return whole(tables(), [&]() -> Result<bool> {
    const auto row = message(id);
    if (!row) return fail(row);
    if (!*row) return false;
    if (auto gone = unindex_message(tables(), **row); !gone) return fail(gone);
    if (auto gone = erase_all(tables(), kEdits, number_key(id)); !gone) return fail(gone);
    for (const auto& [table, key] : {std::pair<TableId, Bytes>{kMessages, number_key(id)},
                                     {kMessageKeys, message_key(key_of(**row))},
                                     {kConversations, conversation_key((*row)->contact, id)},
                                     {kMessageExpiry, expiry_key((*row)->expiry, id)},
                                     {kDelivered, number_key(id)}})
      if (auto gone = tables().erase(table, key); !gone) return fail(gone);
    return true;
  });
}

Result<std::optional<Instant>> ClientOnTables::next_expiry() const {
  std::optional<Instant> next;
  const auto scanned = tables().scan(kMessageExpiry, {}, [&](BytesView key, BytesView) {
    next = Reader(key).time();
    return false;
  });
  if (!scanned) return fail(scanned);
  return next;
}

Result<std::vector<std::uint64_t>> ClientOnTables::expire_messages(Instant now) {
  return whole(tables(), [&]() -> Result<std::vector<std::uint64_t>> {
    auto ids = due_before(tables(), kMessageExpiry, now);
    if (!ids) return ids;
    for (const std::uint64_t id : *ids)
      if (auto gone = remove_message(id); !gone) return fail(gone);
    return ids;
  });
}

// --- edits and orphans
// --------------------------------------------------------------------------------------------------------

Result<void> ClientOnTables::add_edit(std::uint64_t message, const EditRow& row) {
  return whole(tables(), [&]() -> Result<void> {
    const auto known = is_there(tables(), kMessages, number_key(message));
    if (!known) return fail(known);
    if (!*known) return no_row("message", message);
    const auto number = next_number(kEdits);
    if (!number) return fail(number);
    return tables().put(kEdits, Writer().number(message).number(*number).bytes(), encode(row).bytes());
  });
}
Result<std::vector<EditRow>> ClientOnTables::edits(std::uint64_t message) const {
  auto rows = rows_of(tables(), kEdits, number_key(message), decode_edit);
  if (rows) std::stable_sort(rows->begin(), rows->end(), [](const EditRow& a, const EditRow& b) { return a.at < b.at; });
  return rows;
}
Result<void> ClientOnTables::remove_edits(std::uint64_t message) {
  return whole(tables(), [&]() -> Result<void> { return erase_all(tables(), kEdits, number_key(message)); });
}

Result<std::uint64_t> ClientOnTables::add_orphan(const OrphanRow& given) {
  return whole(tables(), [&]() -> Result<std::uint64_t> {
    const auto id = next_number(kOrphans);
    if (!id) return fail(id);
    OrphanRow row = given;
    row.id = *id;
    const Bytes key = orphan_key(row);
    if (auto put = tables().put(kOrphanKeys, number_key(row.id), key); !put) return fail(put);
    if (auto put = tables().put(kOrphanExpiry, expiry_key(row.expiry, row.id), {}); !put) return fail(put);
    const auto put = tables().put(kOrphans, key, encode(row).bytes());
    crypto::wipe(row.content);
    if (!put) return fail(put);
    return *id;
  });
}
Result<std::vector<OrphanRow>> ClientOnTables::orphans(const SessionId& contact, const MessageRef& about) const {
  return rows_of(tables(), kOrphans, orphan_prefix(contact, about), decode_orphan);
}
Result<std::uint64_t> ClientOnTables::count_orphans(const SessionId& contact) const {
  std::uint64_t count = 0;
  const auto scanned = tables().scan(kOrphans, contact.account.bytes, [&](BytesView key, BytesView) {
    if (!starts_with(key, contact.account.bytes)) return false;
    ++count;
    return true;
  });
  if (!scanned) return fail(scanned);
  return count;
}
Result<bool> ClientOnTables::remove_orphan(std::uint64_t id) {
  return whole(tables(), [&]() -> Result<bool> {
    const auto key = tables().get(kOrphanKeys, number_key(id));
    if (!key) return fail(key);
    if (!*key) return false;
    const auto row = row_at(tables(), kOrphans, **key, decode_orphan);
    if (!row) return fail(row);
    if (*row)
      if (auto gone = tables().erase(kOrphanExpiry, expiry_key((*row)->expiry, id)); !gone) return fail(gone);
    if (auto gone = tables().erase(kOrphans, **key); !gone) return fail(gone);
    return tables().erase(kOrphanKeys, number_key(id));
  });
}
Result<std::uint64_t> ClientOnTables::expire_orphans(Instant now) {
  return whole(tables(), [&]() -> Result<std::uint64_t> {
    const auto due = due_before(tables(), kOrphanExpiry, now);
    if (!due) return fail(due);
    for (const std::uint64_t id : *due)
      if (auto gone = remove_orphan(id); !gone) return fail(gone);
    return due->size();
  });
}

}  // namespace session::store

#include "core/store/client_tables.h"

#include "core/store/client_codec.h"
#include "core/store/client_keys.h"

namespace session::store {

Result<std::uint64_t> ClientOnTables::next_number(TableId table) {
  const ByteArray<1> key{static_cast<std::byte>(table)};
  const auto last = tables().get(kNumbers, key);
  if (!last) return fail(last);
  const std::uint64_t next = (*last ? number_of(**last) : 0) + 1;
  if (auto put = tables().put(kNumbers, key, number_key(next)); !put) return fail(put);
  return next;
}

// --- account and contacts
// -----------------------------------------------------------------------------------------------------

Result<std::optional<AccountRow>> ClientOnTables::account() const { return row_at(tables(), kAccount, {}, decode_account); }
Result<void> ClientOnTables::put_account(const AccountRow& row) { return tables().put(kAccount, {}, encode(row).bytes()); }
Result<void> ClientOnTables::put_contact(const ContactRow& row) {
  return tables().put(kContacts, row.id.account.bytes, encode(row).bytes());
}
Result<std::optional<ContactRow>> ClientOnTables::contact(const SessionId& id) const {
  return row_at(tables(), kContacts, id.account.bytes, decode_contact);
}
Result<std::vector<ContactRow>> ClientOnTables::contacts() const { return rows_of(tables(), kContacts, {}, decode_contact); }
Result<bool> ClientOnTables::remove_contact(const SessionId& id) { return tables().erase(kContacts, id.account.bytes); }

// --- conversations
// ------------------------------------------------------------------------------------------------------------

Result<void> ClientOnTables::put_conversation(const ConversationRow& row) {
  return tables().put(kTalks, row.with.account.bytes, encode(row).bytes());
}
Result<std::optional<ConversationRow>> ClientOnTables::conversation(const SessionId& with) const {
  return row_at(tables(), kTalks, with.account.bytes, decode_conversation);
}
Result<std::vector<ConversationRow>> ClientOnTables::conversations() const {
  return rows_of(tables(), kTalks, {}, decode_conversation);
}
Result<bool> ClientOnTables::remove_conversation(const SessionId& with) {
  return whole(tables(), [&]() -> Result<bool> {
    const auto waiting = rows_of(tables(), kOrphans, with.account.bytes, decode_orphan);
    if (!waiting) return fail(waiting);
    for (const OrphanRow& orphan : *waiting)
      if (auto gone = remove_orphan(orphan.id); !gone) return fail(gone);
    return tables().erase(kTalks, with.account.bytes);
  });
}

// --- receiving
// ----------------------------------------------------------------------------------------------------------------

Result<Added> ClientOnTables::add_journal(const JournalRow& given) {
  return whole(tables(), [&]() -> Result<Added> {
    const Bytes hash = to_bytes(given.hash.text);
    const auto known = tables().get(kJournalHashes, hash);
    if (!known) return fail(known);
    if (*known) return Added{number_of(**known), false};
    const auto id = next_number(kJournal);
    if (!id) return fail(id);
    JournalRow row = given;
    row.id = *id;
    if (auto put = tables().put(kJournalHashes, hash, number_key(row.id)); !put) return fail(put);
    if (auto put = tables().put(kJournal, number_key(row.id), encode(row)); !put) return fail(put);
    return Added{row.id, true};
  });
}
Result<std::vector<JournalRow>> ClientOnTables::journal(std::size_t max_count, std::uint64_t after_id) const {
  std::vector<JournalRow> rows;
  const auto scanned = tables().scan(kJournal, number_key(after_id + 1), [&](BytesView, BytesView value) {
    if (rows.size() >= max_count) return false;
    rows.push_back(decode_journal(value));
    return true;
  });
  if (!scanned) return fail(scanned);
  return rows;
}
Result<void> ClientOnTables::set_journal_attempts(std::uint64_t id, std::uint32_t attempts) {
  return whole(tables(), [&]() -> Result<void> {
    auto row = row_at(tables(), kJournal, number_key(id), decode_journal);
    if (!row) return fail(row);
    if (!*row) return no_row("journal row", id);
    (*row)->attempts = attempts;
    return tables().put(kJournal, number_key(id), encode(**row));
  });
}
Result<bool> ClientOnTables::remove_journal(std::uint64_t id) {
  return whole(tables(), [&]() -> Result<bool> {
    const auto row = row_at(tables(), kJournal, number_key(id), decode_journal);
    if (!row) return fail(row);
    if (!*row) return false;
    if (auto gone = tables().erase(kJournalHashes, bytes_of((*row)->hash.text)); !gone) return fail(gone);
    return tables().erase(kJournal, number_key(id));
  });
}
Result<bool> ClientOnTables::mark_seen(const MessageHash& hash, Instant expiry) {
  return whole(tables(), [&]() -> Result<bool> { return mark(tables(), kSeen, bytes_of(hash.text), expiry); });
}
Result<bool> ClientOnTables::was_seen(const MessageHash& hash) const { return is_there(tables(), kSeen, bytes_of(hash.text)); }
Result<void> ClientOnTables::put_last_hash(const NodeId& node, Namespace ns, const MessageHash& hash, Instant expiry) {
  return tables().put(kLastHashes, node_key(node, ns), Writer().time(expiry).text(hash.text).bytes());
}
Result<std::optional<MessageHash>> ClientOnTables::last_hash(const NodeId& node, Namespace ns) const {
  return row_at(tables(), kLastHashes, node_key(node, ns), [](BytesView bytes) {
    Reader in(bytes);
    static_cast<void>(in.time());
    return MessageHash{in.text()};
  });
}
Result<void> ClientOnTables::forget_last_hashes() {
  return whole(tables(), [&]() -> Result<void> {
    const auto gone = erase_if(tables(), kLastHashes, [](BytesView) { return true; });
    if (!gone) return fail(gone);
    return {};
  });
}
Result<std::uint64_t> ClientOnTables::expire_hashes(Instant now) {
  return whole(tables(), [&]() -> Result<std::uint64_t> {
    std::uint64_t count = 0;
    for (const TableId table : {kSeen, kLastHashes, kBaseKeys}) {
      const auto gone = erase_if(tables(), table, [now](BytesView value) { return Reader(value).time() <= now; });
      if (!gone) return fail(gone);
      count += *gone;
    }
    return count;
  });
}

// --- guards and registry
// ------------------------------------------------------------------------------------------------------

Result<void> ClientOnTables::put_guard(const GuardRow& row) { return tables().put(kGuards, row.node.key, encode(row)); }
Result<std::vector<GuardRow>> ClientOnTables::guards() const { return rows_of(tables(), kGuards, {}, decode_guard); }
Result<bool> ClientOnTables::remove_guard(const NodeId& node) { return tables().erase(kGuards, node.key); }
Result<void> ClientOnTables::put_registry(const RegistryRow& row) {
  const Bytes kept = Writer().time(row.at).blob(row.snapshot).bytes();
  return tables().put(kRegistry, {}, kept, part_of(kept, row.snapshot));
}
Result<std::optional<RegistryRow>> ClientOnTables::registry() const {
  return row_at(tables(), kRegistry, {}, [](BytesView bytes) {
    Reader in(bytes);
    const Instant at = in.time();
    return RegistryRow{to_bytes(in.blob()), at};
  });
}

// --- settings and events
// ------------------------------------------------------------------------------------------------------

Result<void> ClientOnTables::put_setting(std::string_view key, BytesView value) {
  return tables().put(kSettings, bytes_of(key), value, Part{0, value.size()});
}
Result<std::optional<Bytes>> ClientOnTables::setting(std::string_view key) const {
  return tables().get(kSettings, bytes_of(key));
}
Result<bool> ClientOnTables::remove_setting(std::string_view key) { return tables().erase(kSettings, bytes_of(key)); }
Result<std::uint64_t> ClientOnTables::add_event(std::string_view text) {
  return whole(tables(), [&]() -> Result<std::uint64_t> {
    const auto sequence = next_number(kEvents);
    if (!sequence) return fail(sequence);
    if (auto put = tables().put(kEvents, number_key(*sequence), bytes_of(text)); !put) return fail(put);
    return *sequence;
  });
}
Result<std::vector<EventRow>> ClientOnTables::events(std::size_t max_count) const {
  std::vector<EventRow> rows;
  const auto scanned = tables().scan(kEvents, {}, [&](BytesView key, BytesView value) {
    if (rows.size() >= max_count) return false;
    rows.push_back({number_of(key), std::string(text_of(value))});
    return true;
  });
  if (!scanned) return fail(scanned);
  return rows;
}
Result<void> ClientOnTables::printed(std::uint64_t sequence) {
  return whole(tables(), [&]() -> Result<void> {
    const auto pending = events(~std::size_t{0});
    if (!pending) return fail(pending);
    for (const EventRow& row : *pending) {
      if (row.sequence > sequence) break;
      if (auto gone = tables().erase(kEvents, number_key(row.sequence)); !gone) return fail(gone);
    }
    return {};
  });
}

}  // namespace session::store

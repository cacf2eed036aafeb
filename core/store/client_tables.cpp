#include "core/store/client_tables.h"

#include <algorithm>

#include "core/store/client_codec.h"
#include "core/store/codec.h"

namespace session::store {
namespace {

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
  kEvents = 19,   // sequence -> text
  kNumbers = 20,  // table -> the number given last
};

Bytes number_key(std::uint64_t n) { return to_bytes(big(n)); }
std::uint64_t number_of(BytesView key) { return key.size() >= 8 ? load_big<std::uint64_t>(key.data() + key.size() - 8) : 0; }
Bytes message_key(const MessageKey& key) {
  return Writer().raw(key.contact.account.bytes).flag(key.outgoing).number(key.device).time(key.sent_at).bytes();
}
Bytes conversation_key(const SessionId& contact, std::uint64_t id) {
  return Writer().raw(contact.account.bytes).number(id).bytes();
}
Bytes expiry_key(Instant expiry, std::uint64_t id) { return Writer().time(expiry).number(id).bytes(); }
Bytes peer_key(const SignalPeer& peer) { return Writer().raw(peer.who.account.bytes).number(peer.device).bytes(); }
Bytes key_key(KeyKind kind, std::uint32_t id) { return Writer().number(static_cast<std::uint8_t>(kind)).number(id).bytes(); }
Bytes node_key(const NodeId& node, Namespace ns) { return Writer().raw(node.key).number(ns).bytes(); }

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
Result<std::uint64_t> erase_if(Tables& tables, TableId table, const std::function<bool(BytesView)>& is_due) {
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
/// False, and the later expiry kept, when the key was there.
Result<bool> mark(Tables& tables, TableId table, BytesView key, Instant expiry) {
  const auto known = tables.get(table, key);
  if (!known) return fail(known);
  if (*known) expiry = std::max(expiry, Reader(**known).time());
  if (auto put = tables.put(table, key, Writer().time(expiry).bytes()); !put) return fail(put);
  return !known->has_value();
}
Result<bool> is_there(const Tables& tables, TableId table, BytesView key) {
  const auto known = tables.get(table, key);
  if (!known) return fail(known);
  return known->has_value();
}
std::unexpected<Error> no_row(const char* what, std::uint64_t id) {
  return fail(ErrorCode::NotFound, std::string("store: no ") + what + " " + std::to_string(id));
}

}  // namespace

Result<std::uint64_t> ClientOnTables::next_number(TableId table) {
  const ByteArray<1> key{static_cast<std::byte>(table)};
  const auto last = tables().get(kNumbers, key);
  if (!last) return fail(last);
  const std::uint64_t next = (*last ? number_of(**last) : 0) + 1;
  if (auto put = tables().put(kNumbers, key, number_key(next)); !put) return fail(put);
  return next;
}

// --- account and contacts
// ------------------------------------------------------------------------------------------------------

Result<std::optional<AccountRow>> ClientOnTables::account() const { return row_at(tables(), kAccount, {}, decode_account); }
Result<void> ClientOnTables::put_account(const AccountRow& row) { return tables().put(kAccount, {}, encode(row).bytes()); }
Result<void> ClientOnTables::put_contact(const ContactRow& row) {
  return tables().put(kContacts, row.id.account.bytes, encode(row));
}
Result<std::optional<ContactRow>> ClientOnTables::contact(const SessionId& id) const {
  return row_at(tables(), kContacts, id.account.bytes, decode_contact);
}
Result<std::vector<ContactRow>> ClientOnTables::contacts() const { return rows_of(tables(), kContacts, {}, decode_contact); }
Result<bool> ClientOnTables::remove_contact(const SessionId& id) { return tables().erase(kContacts, id.account.bytes); }

// --- messages
// --------------------------------------------------------------------------------------------------------------------

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
    if (auto put = tables().put(kMessages, number_key(row.id), encode(row)); !put) return fail(put);
    return Added{row.id, true};
  });
}

Result<void> ClientOnTables::update_message(const MessageRow& row) {
  return whole(tables(), [&]() -> Result<void> {
    const auto known = message(row.id);
    if (!known) return fail(known);
    if (!*known) return no_row("message", row.id);
    if ((*known)->expiry != row.expiry) {
      if (auto gone = tables().erase(kMessageExpiry, expiry_key((*known)->expiry, row.id)); !gone) return fail(gone);
      if (row.expiry != Instant{})
        if (auto put = tables().put(kMessageExpiry, expiry_key(row.expiry, row.id), {}); !put) return put;
    }
    return tables().put(kMessages, number_key(row.id), encode(row));
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
    for (const auto& [table, key] : {std::pair<TableId, Bytes>{kMessages, number_key(id)},
                                     {kMessageKeys, message_key(key_of(**row))},
                                     {kConversations, conversation_key((*row)->contact, id)},
                                     {kMessageExpiry, expiry_key((*row)->expiry, id)}})
      if (auto gone = tables().erase(table, key); !gone) return fail(gone);
    return true;
  });
}

Result<std::vector<std::uint64_t>> ClientOnTables::expire_messages(Instant now) {
  return whole(tables(), [&]() -> Result<std::vector<std::uint64_t>> {
    std::vector<std::uint64_t> ids;
    const auto scanned = tables().scan(kMessageExpiry, {}, [&](BytesView key, BytesView) {
      if (Reader(key).time() > now) return false;
      ids.push_back(number_of(key));
      return true;
    });
    if (!scanned) return fail(scanned);
    for (const auto id : ids)
      if (auto gone = remove_message(id); !gone) return fail(gone);
    std::sort(ids.begin(), ids.end());
    return ids;
  });
}

// --- outbox and journeys
// -----------------------------------------------------------------------------------------------------------

Result<std::uint64_t> ClientOnTables::add_outbox(const OutboxRow& given) {
  return whole(tables(), [&]() -> Result<std::uint64_t> {
    const auto id = next_number(kOutbox);
    if (!id) return fail(id);
    OutboxRow row = given;
    row.id = *id;
    if (auto put = tables().put(kOutbox, number_key(row.id), encode(row)); !put) return fail(put);
    return row.id;
  });
}
Result<void> ClientOnTables::update_outbox(const OutboxRow& row) {
  return whole(tables(), [&]() -> Result<void> {
    const auto known = is_there(tables(), kOutbox, number_key(row.id));
    if (!known) return fail(known);
    if (!*known) return no_row("delivery", row.id);
    return tables().put(kOutbox, number_key(row.id), encode(row));
  });
}
Result<std::optional<OutboxRow>> ClientOnTables::outbox(std::uint64_t id) const {
  return row_at(tables(), kOutbox, number_key(id), decode_outbox);
}
Result<std::vector<OutboxRow>> ClientOnTables::outbox() const { return rows_of(tables(), kOutbox, {}, decode_outbox); }
Result<bool> ClientOnTables::remove_outbox(std::uint64_t id) { return tables().erase(kOutbox, number_key(id)); }

Result<void> ClientOnTables::add_journey(const JourneyRow& row) {
  return whole(tables(), [&]() -> Result<void> {
    const auto number = next_number(kJourney);
    if (!number) return fail(number);
    return tables().put(kJourney, Writer().number(row.outbox).number(*number).bytes(),
                        Writer().time(row.at).text(row.text).bytes());
  });
}
Result<std::vector<JourneyRow>> ClientOnTables::journey(std::uint64_t outbox) const {
  return rows_of(tables(), kJourney, number_key(outbox), [outbox](BytesView bytes) {
    Reader in(bytes);
    const Instant at = in.time();
    return JourneyRow{outbox, at, in.text()};
  });
}
Result<std::uint64_t> ClientOnTables::trim_journeys(Instant before) {
  return whole(tables(), [&]() -> Result<std::uint64_t> {
    return erase_if(tables(), kJourney, [before](BytesView value) { return Reader(value).time() < before; });
  });
}

// --- receiving
// ---------------------------------------------------------------------------------------------------------------------

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
// -------------------------------------------------------------------------------------------------------

Result<void> ClientOnTables::put_guard(const GuardRow& row) { return tables().put(kGuards, row.node.key, encode(row)); }
Result<std::vector<GuardRow>> ClientOnTables::guards() const { return rows_of(tables(), kGuards, {}, decode_guard); }
Result<bool> ClientOnTables::remove_guard(const NodeId& node) { return tables().erase(kGuards, node.key); }
Result<void> ClientOnTables::put_registry(const RegistryRow& row) {
  return tables().put(kRegistry, {}, Writer().time(row.at).blob(row.snapshot).bytes());
}
Result<std::optional<RegistryRow>> ClientOnTables::registry() const {
  return row_at(tables(), kRegistry, {}, [](BytesView bytes) {
    Reader in(bytes);
    const Instant at = in.time();
    return RegistryRow{to_bytes(in.blob()), at};
  });
}

// --- Signal state
// --------------------------------------------------------------------------------------------------------------

Result<void> ClientOnTables::put_session(const SignalPeer& peer, const crypto::SecretBytes& record) {
  return tables().put(kSessions, peer_key(peer), record.bytes());
}
Result<std::optional<crypto::SecretBytes>> ClientOnTables::find_session(const SignalPeer& peer) const {
  return row_at(tables(), kSessions, peer_key(peer), [](BytesView bytes) { return crypto::SecretBytes(to_bytes(bytes)); });
}
Result<std::vector<std::uint32_t>> ClientOnTables::session_devices(const SessionId& who) const {
  std::vector<std::uint32_t> devices;
  const auto scanned = tables().scan(kSessions, who.account.bytes, [&](BytesView key, BytesView) {
    if (!starts_with(key, who.account.bytes)) return false;
    devices.push_back(load_big<std::uint32_t>(key.data() + 33));
    return true;
  });
  if (!scanned) return fail(scanned);
  return devices;
}
Result<bool> ClientOnTables::remove_session(const SignalPeer& peer) { return tables().erase(kSessions, peer_key(peer)); }
Result<void> ClientOnTables::put_key(KeyKind kind, const KeyRow& row) {
  return tables().put(kKeys, key_key(kind, row.id), encode(row).bytes());
}
Result<std::optional<KeyRow>> ClientOnTables::key(KeyKind kind, std::uint32_t id) const {
  return row_at(tables(), kKeys, key_key(kind, id), decode_key);
}
Result<std::vector<KeyRow>> ClientOnTables::keys(KeyKind kind) const {
  return rows_of(tables(), kKeys, Writer().number(static_cast<std::uint8_t>(kind)).bytes(), decode_key);
}
Result<bool> ClientOnTables::remove_key(KeyKind kind, std::uint32_t id) { return tables().erase(kKeys, key_key(kind, id)); }
Result<bool> ClientOnTables::mark_base_key(const ByteArray<32>& key, Instant expiry) {
  return whole(tables(), [&]() -> Result<bool> { return mark(tables(), kBaseKeys, key, expiry); });
}
Result<bool> ClientOnTables::base_key_was_seen(const ByteArray<32>& key) const { return is_there(tables(), kBaseKeys, key); }

// --- settings and events
// -------------------------------------------------------------------------------------------------------

Result<void> ClientOnTables::put_setting(std::string_view key, BytesView value) {
  return tables().put(kSettings, bytes_of(key), value);
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

#include "core/store/mail_tables.h"

#include "core/store/codec.h"
#include "core/store/mail_digest.h"

namespace session::store {
namespace {

Bytes key_of(std::uint64_t id) { return to_bytes(big(id)); }
Bytes mailbox_key(const Account& account, Namespace ns, std::uint64_t id) {
  return Writer().raw(account.bytes).number(ns).number(id).bytes();
}
Bytes expiry_key(Instant expiry, std::uint64_t id) { return Writer().time(expiry).number(id).bytes(); }

Bytes encode(const MailRow& row) {
  const MailHead& h = row.head;
  return Writer()
      .raw(h.account.bytes)
      .number(h.ns)
      .text(h.hash.text)
      .time(h.timestamp)
      .time(h.expiry)
      .time(h.arrived)
      .blob(row.data)
      .blob(row.stamp)
      .bytes();
}
MailRow decode(std::uint64_t id, BytesView bytes) {
  Reader in(bytes);
  MailRow row;
  MailHead& h = row.head;
  h.id = id;
  h.account.bytes = in.array<33>();
  h.ns = in.number<Namespace>();
  h.hash.text = in.text();
  h.timestamp = in.time();
  h.expiry = in.time();
  h.arrived = in.time();
  row.data = to_bytes(in.blob());
  row.stamp = to_bytes(in.blob());
  h.size = static_cast<std::uint32_t>(row.data.size());
  return row;
}

constexpr std::size_t kIdSize = 8;
Bytes encode_head(const MailHead& h) {
  return Writer()
      .raw(big(h.id))
      .raw(h.account.bytes)
      .number(h.ns)
      .time(h.timestamp)
      .time(h.expiry)
      .time(h.arrived)
      .number(h.size)
      .bytes();
}
MailHead decode_head(const MessageHash& hash, BytesView bytes) {
  MailHead h;
  h.id = load_big<std::uint64_t>(bytes.data());
  Reader in(bytes.subspan(kIdSize));
  h.account.bytes = in.array<33>();
  h.ns = in.number<Namespace>();
  h.hash = hash;
  h.timestamp = in.time();
  h.expiry = in.time();
  h.arrived = in.time();
  h.size = in.number<std::uint32_t>();
  return h;
}

struct Sums {
  std::uint64_t messages = 0, bytes = 0, next_id = 1, tombstones = 0;
};
Result<Sums> sums_of(const Tables& tables) {
  const auto kept = tables.get(kSums, {});
  if (!kept) return fail(kept);
  if (!*kept) return Sums{};
  Reader in(**kept);
  Sums sums;
  sums.messages = in.number<std::uint64_t>();
  sums.bytes = in.number<std::uint64_t>();
  sums.next_id = in.number<std::uint64_t>();
  sums.tombstones = in.number<std::uint64_t>();
  return sums;
}
Result<void> put_sums(Tables& tables, const Sums& sums) {
  return tables.put(kSums, {},
                    Writer().number(sums.messages).number(sums.bytes).number(sums.next_id).number(sums.tombstones).bytes());
}

Result<MailSums> sums_of(const Tables& tables, const Account& account) {
  const auto kept = tables.get(kAccounts, account.bytes);
  if (!kept) return fail(kept);
  MailSums sums;
  if (!*kept) return sums;
  Reader in(**kept);
  sums.messages = in.number<std::uint64_t>();
  sums.bytes = in.number<std::uint64_t>();
  sums.tombstones = in.number<std::uint64_t>();
  return sums;
}
Result<void> put_sums(Tables& tables, const Account& account, const MailSums& sums) {
  if (sums.messages > 0 || sums.tombstones > 0)
    return tables.put(kAccounts, account.bytes,
                      Writer().number(sums.messages).number(sums.bytes).number(sums.tombstones).bytes());
  const auto gone = tables.erase(kAccounts, account.bytes);
  return gone ? Result<void>{} : fail(gone);
}

std::uint64_t change(std::uint64_t sum, std::uint64_t by, bool more) { return more ? sum + by : sum - by; }

/// A message more or less, in the sums of the store and of its account.
Result<void> count_in(Tables& tables, Sums sums, const MailHead& head, bool more) {
  sums.messages = change(sums.messages, 1, more);
  sums.bytes = change(sums.bytes, head.size, more);
  if (auto put = put_sums(tables, sums); !put) return put;
  auto own = sums_of(tables, head.account);
  if (!own) return fail(own);
  own->messages = change(own->messages, 1, more);
  own->bytes = change(own->bytes, head.size, more);
  return put_sums(tables, head.account, *own);
}

/// The same of a tombstone.
Result<void> count_in(Tables& tables, const Tombstone& tombstone, bool more) {
  const std::uint64_t size = kTombstoneBytes + tombstone.request.size();
  auto sums = sums_of(tables);
  if (!sums) return fail(sums);
  sums->tombstones = change(sums->tombstones, size, more);
  if (auto put = put_sums(tables, *sums); !put) return put;
  auto own = sums_of(tables, tombstone.account);
  if (!own) return fail(own);
  own->tombstones = change(own->tombstones, size, more);
  return put_sums(tables, tombstone.account, *own);
}

Bytes encode(const Tombstone& t) {
  return Writer().raw(t.account.bytes).raw(t.id).time(t.taken).time(t.falls).blob(t.request).bytes();
}
Tombstone decode_tombstone(BytesView bytes) {
  Reader in(bytes);
  Tombstone t;
  t.account.bytes = in.array<33>();
  t.id = in.array<16>();
  t.taken = in.time();
  t.falls = in.time();
  t.request = to_bytes(in.blob());
  return t;
}
Bytes fall_key(Instant falls, const Print& print) { return Writer().time(falls).raw(print).bytes(); }

}  // namespace

namespace {

/// A hash covers account, namespace and data one after another, so that those of two mailboxes can be the same text.
bool is_same_mailbox(const MailHead& a, const MailHead& b) { return a.account == b.account && a.ns == b.ns; }

}  // namespace

Result<std::optional<MailRow>> MailOnTables::row(std::uint64_t id) const {
  const auto bytes = tables().get(kRows, key_of(id));
  if (!bytes) return fail(bytes);
  if (!*bytes) return std::nullopt;
  MailRow row = decode(id, **bytes);
  if (auto renewed = renew(row.head); !renewed) return fail(renewed);
  return row;
}

/// The head of a row, as it is now.
Result<void> MailOnTables::renew(MailHead& head) const {
  const auto kept = tables().get(kByHash, bytes_of(head.hash.text));
  if (!kept) return fail(kept);
  if (*kept && (*kept)->size() > kIdSize) head = decode_head(head.hash, **kept);
  return {};
}

/// Of what an index leads to, without its data if the file is not too old for that.
Result<std::optional<MailHead>> MailOnTables::head_at(std::uint64_t id, BytesView hash) const {
  if (!hash.empty()) return find_head(MessageHash{std::string(text_of(hash))});
  const auto found = row(id);
  if (!found) return fail(found);
  return *found ? std::optional((*found)->head) : std::nullopt;
}

Result<Inserted> MailOnTables::add(const MailRow& given) {
  auto sums = sums_of(tables());
  if (!sums) return fail(sums);
  MailRow row = given;
  row.head.id = sums->next_id++;
  row.head.size = static_cast<std::uint32_t>(row.data.size());
  const MailHead& h = row.head;
  const Bytes kept = encode(row);
  if (auto put = tables().put(kRows, key_of(h.id), kept, part_of(kept, row.data)); !put) return fail(put);
  const BytesView hash = bytes_of(h.hash.text);
  if (auto put = tables().put(kByHash, hash, encode_head(h)); !put) return fail(put);
  if (auto put = tables().put(kMailbox, mailbox_key(h.account, h.ns, h.id), hash); !put) return fail(put);
  if (auto put = tables().put(kByExpiry, expiry_key(h.expiry, h.id), hash); !put) return fail(put);
  if (auto listed = enlist(tables(), entry_of(h)); !listed) return fail(listed);
  if (auto counted = count_in(tables(), *sums, h, true); !counted) return fail(counted);
  return Inserted{Inserted::Outcome::New, h, {}, {}};
}

Result<void> MailOnTables::drop(const MailHead& h) {
  for (const auto& [table, key] : {std::pair<TableId, Bytes>{kRows, key_of(h.id)},
                                   {kByHash, to_bytes(h.hash.text)},
                                   {kMailbox, mailbox_key(h.account, h.ns, h.id)},
                                   {kByExpiry, expiry_key(h.expiry, h.id)}})
    if (auto gone = tables().erase(table, key); !gone) return fail(gone);
  if (auto struck = strike(tables(), entry_of(h).print); !struck) return struck;
  const auto sums = sums_of(tables());
  if (!sums) return fail(sums);
  return count_in(tables(), *sums, h, false);
}

Result<Inserted> MailOnTables::insert(const MailRow& row) {
  return whole(tables(), [&]() -> Result<Inserted> {
    const auto known = find_head(row.head.hash);
    if (!known) return fail(known);
    if (!*known) return add(row);
    Inserted result{Inserted::Outcome::Already, **known, (*known)->expiry, {}};
    if (!is_same_mailbox(**known, row.head) || row.head.expiry < result.head.expiry) return result;
    const bool is_later = row.head.expiry > result.head.expiry;
    if (!is_later && row.head.arrived <= result.head.arrived) return result;
    const auto raised = set_expiry(result.head.account, result.head.hash, row.head.expiry, row.head.arrived);
    if (!raised) return fail(raised);
    if (is_later) result.outcome = Inserted::Outcome::Raised;
    result.head.expiry = row.head.expiry;
    result.head.arrived = std::max(result.head.arrived, row.head.arrived);
    return result;
  });
}

Result<Inserted> MailOnTables::replace(const MailRow& row) {
  return whole(tables(), [&]() -> Result<Inserted> {
    const auto known = find_head(row.head.hash);
    if (!known) return fail(known);
    // It takes nobody's place when it cannot be kept.
    if (*known && !is_same_mailbox(**known, row.head))
      return Inserted{Inserted::Outcome::Already, **known, (*known)->expiry, {}};
    std::vector<MailHead> others;
    const MailHead& newest = *known && (*known)->timestamp > row.head.timestamp ? **known : row.head;
    std::optional<MailHead> greater;
    const auto visited = visit_mailbox(row.head.account, row.head.ns, [&](const MailHead& other) {
      if (other.hash != row.head.hash) others.push_back(other);
      if (std::tie(other.timestamp, other.hash.text) > std::tie(newest.timestamp, newest.hash.text)) greater = other;
      return true;
    });
    if (!visited) return fail(visited);
    if (greater) return Inserted{Inserted::Outcome::Beaten, *greater, greater->expiry, {}};
    for (const MailHead& other : others)
      if (auto gone = drop(other); !gone) return fail(gone);
    auto inserted = insert(row);
    if (inserted) inserted->replaced = std::move(others);
    return inserted;
  });
}

Result<bool> MailOnTables::set_expiry(const Account& account, const MessageHash& hash, Instant expiry, Instant taken) {
  return whole(tables(), [&]() -> Result<bool> {
    auto known = find_head(hash);
    if (!known) return fail(known);
    if (!*known || (*known)->account != account) return false;
    MailHead& head = **known;
    if (auto gone = tables().erase(kByExpiry, expiry_key(head.expiry, head.id)); !gone) return fail(gone);
    if (auto struck = strike(tables(), entry_of(head).print); !struck) return fail(struck);
    head.expiry = expiry;
    head.arrived = std::max(head.arrived, taken);
    if (auto listed = enlist(tables(), entry_of(head)); !listed) return fail(listed);
    if (auto put = tables().put(kByExpiry, expiry_key(expiry, head.id), bytes_of(hash.text)); !put) return fail(put);
    if (auto put = tables().put(kByHash, bytes_of(hash.text), encode_head(head)); !put) return fail(put);
    return true;
  });
}

Result<std::optional<MailHead>> MailOnTables::remove(const Account& account, const MessageHash& hash) {
  return whole(tables(), [&]() -> Result<std::optional<MailHead>> {
    const auto known = find_head(hash);
    if (!known) return fail(known);
    if (!*known || (*known)->account != account) return std::nullopt;
    if (auto gone = drop(**known); !gone) return fail(gone);
    return *known;
  });
}

Result<std::vector<MailHead>> MailOnTables::expire(Instant now, std::size_t max_count) {
  return whole(tables(), [&]() -> Result<std::vector<MailHead>> {
    std::vector<std::pair<std::uint64_t, Bytes>> due;
    const auto scanned = tables().scan(kByExpiry, {}, [&](BytesView key, BytesView hash) {
      Reader in(key);
      if (in.time() > now || due.size() >= max_count) return false;
      due.emplace_back(in.number<std::uint64_t>(), to_bytes(hash));
      return true;
    });
    if (!scanned) return fail(scanned);
    std::vector<MailHead> removed;
    for (const auto& [id, hash] : due) {
      const auto known = head_at(id, hash);
      if (!known) return fail(known);
      if (!*known) continue;
      if (auto gone = drop(**known); !gone) return fail(gone);
      removed.push_back(**known);
    }
    return removed;
  });
}

Result<bool> MailOnTables::bury(const Tombstone& given) {
  return whole(tables(), [&]() -> Result<bool> {
    Tombstone tombstone = given;
    const Print print = entry_of(tombstone).print;
    const auto known = find_tombstone(print);
    if (!known) return fail(known);
    if (*known) {
      tombstone.taken = std::max(tombstone.taken, (*known)->taken);
      tombstone.falls = std::max(tombstone.falls, (*known)->falls);
      if (tombstone == **known) return false;
      if (auto struck = strike(tables(), print); !struck) return fail(struck);
      if (auto gone = tables().erase(kByFall, fall_key((*known)->falls, print)); !gone) return fail(gone);
    } else if (auto counted = count_in(tables(), tombstone, true); !counted) {
      return fail(counted);
    }
    if (auto put = tables().put(kTombstones, print, encode(tombstone)); !put) return fail(put);
    if (auto put = tables().put(kByFall, fall_key(tombstone.falls, print), {}); !put) return fail(put);
    if (auto listed = enlist(tables(), entry_of(tombstone)); !listed) return fail(listed);
    return true;
  });
}

Result<std::vector<Tombstone>> MailOnTables::unearth(Instant now, std::size_t max_count) {
  return whole(tables(), [&]() -> Result<std::vector<Tombstone>> {
    std::vector<Bytes> due;
    const auto scanned = tables().scan(kByFall, {}, [&](BytesView key, BytesView) {
      if (Reader(key).time() > now || due.size() >= max_count) return false;
      due.push_back(to_bytes(key));
      return true;
    });
    if (!scanned) return fail(scanned);
    std::vector<Tombstone> gone;
    for (const Bytes& key : due) {
      const Print print = to_array<16>(BytesView(key).subspan(8));
      auto known = find_tombstone(print);
      if (!known) return fail(known);
      if (!*known) continue;
      if (auto dropped = drop(print, **known); !dropped) return fail(dropped);
      gone.push_back(std::move(**known));
    }
    return gone;
  });
}

Result<void> MailOnTables::drop(const Print& print, const Tombstone& tombstone) {
  if (auto struck = strike(tables(), print); !struck) return struck;
  if (auto gone = tables().erase(kByFall, fall_key(tombstone.falls, print)); !gone) return fail(gone);
  if (auto gone = tables().erase(kTombstones, print); !gone) return fail(gone);
  return count_in(tables(), tombstone, false);
}

Result<bool> MailOnTables::forget(const Print& print) {
  return whole(tables(), [&]() -> Result<bool> {
    const auto known = find_tombstone(print);
    if (!known) return fail(known);
    if (!*known) return false;
    if (auto dropped = drop(print, **known); !dropped) return fail(dropped);
    return true;
  });
}

Result<std::optional<Tombstone>> MailOnTables::find_tombstone(const Print& print) const {
  const auto kept = tables().get(kTombstones, print);
  if (!kept) return fail(kept);
  return *kept ? std::optional(decode_tombstone(**kept)) : std::nullopt;
}

/// Of the messages of a file from before.
Result<void> MailOnTables::build_digests() {
  std::vector<Entry> all;
  const auto visited = visit_heads(0, [&](const MailHead& head) {
    all.push_back(entry_of(head));
    return true;
  });
  if (!visited) return visited;
  for (const Entry& entry : all) {
    const auto known = find_entry(entry.print);
    if (!known) return fail(known);
    if (*known) continue;
    if (auto listed = enlist(tables(), entry); !listed) return listed;
  }
  return {};
}

Result<std::vector<Print>> MailOnTables::prints_due(Instant first, Instant second) const {
  std::vector<Print> prints;
  Result<void> inner;
  const auto scanned = tables().scan(kByExpiry, Writer().time(first).bytes(), [&](BytesView key, BytesView hash) {
    Reader in(key);
    const Instant expiry = in.time();
    if (expiry > second) return false;
    if (expiry <= first) return true;
    const auto head = head_at(in.number<std::uint64_t>(), hash);
    if (!head) {
      inner = fail(head);
      return false;
    }
    if (*head) prints.push_back(entry_of(**head).print);
    return true;
  });
  if (!inner) return fail(inner);
  if (!scanned) return fail(scanned);
  return prints;
}

Result<void> MailOnTables::settle(Instant now) {
  return whole(tables(), [&]() -> Result<void> {
    const auto has = has_digests(tables());
    if (!has) return fail(has);
    if (!*has)
      if (auto built = build_digests(); !built) return built;
    return store::settle(tables(), now, [&](Instant first, Instant second) { return prints_due(first, second); });
  });
}

Result<Digests> MailOnTables::digests() const { return store::digests(tables()); }
Result<void> MailOnTables::visit_entries(const Print& from, const EntryVisitor& visit) const {
  return store::visit_entries(tables(), from, visit);
}
Result<std::optional<Entry>> MailOnTables::find_entry(const Print& print) const { return store::find_entry(tables(), print); }

Result<void> MailOnTables::retrieve(const Account& account, Namespace ns, const MessageHash& after, std::size_t max_count,
                                    const MailVisitor& visit) const {
  std::uint64_t from = 0;
  if (!after.text.empty()) {
    const auto head = find_head(after);
    if (!head) return fail(head);
    if (*head && (*head)->account == account && (*head)->ns == ns) from = (*head)->id + 1;
  }
  const Bytes prefix = Writer().raw(account.bytes).number(ns).bytes();
  std::size_t count = 0;
  Result<void> inner;
  const auto scanned = tables().scan(kMailbox, mailbox_key(account, ns, from), [&](BytesView key, BytesView) {
    if (!starts_with(key, prefix) || count++ >= max_count) return false;
    const auto found = row(load_big<std::uint64_t>(key.data() + prefix.size()));
    if (!found) {
      inner = fail(found);
      return false;
    }
    return !*found || visit(**found);
  });
  return inner ? scanned : inner;
}

Result<std::optional<MailRow>> MailOnTables::find(const MessageHash& hash) const {
  const auto id = tables().get(kByHash, bytes_of(hash.text));
  if (!id) return fail(id);
  if (!*id || (*id)->size() < kIdSize) return std::nullopt;
  return row(load_big<std::uint64_t>((*id)->data()));
}

Result<std::optional<MailHead>> MailOnTables::find_head(const MessageHash& hash) const {
  const auto kept = tables().get(kByHash, bytes_of(hash.text));
  if (!kept) return fail(kept);
  if (!*kept || (*kept)->size() < kIdSize) return std::nullopt;
  if ((*kept)->size() > kIdSize) return decode_head(hash, **kept);
  const auto found = row(load_big<std::uint64_t>((*kept)->data()));
  if (!found) return fail(found);
  return *found ? std::optional((*found)->head) : std::nullopt;
}

Result<void> MailOnTables::visit_account(const Account& account, const HeadVisitor& visit) const {
  return visit_heads_of(account.bytes, visit);
}
Result<void> MailOnTables::visit_mailbox(const Account& account, Namespace ns, const HeadVisitor& visit) const {
  return visit_heads_of(Writer().raw(account.bytes).number(ns).bytes(), visit);
}

/// Of the messages whose place in the mailboxes begins with `prefix`.
Result<void> MailOnTables::visit_heads_of(BytesView prefix, const HeadVisitor& visit) const {
  Result<void> inner;
  const auto scanned = tables().scan(kMailbox, prefix, [&](BytesView key, BytesView hash) {
    if (!starts_with(key, prefix)) return false;
    const auto found = head_at(load_big<std::uint64_t>(key.data() + 35), hash);
    if (!found) {
      inner = fail(found);
      return false;
    }
    return !*found || visit(**found);
  });
  return inner ? scanned : inner;
}

Result<void> MailOnTables::visit_heads(std::uint64_t after_id, const HeadVisitor& visit) const {
  return visit_all(after_id, [&](const MailRow& row) { return visit(row.head); });
}

Result<void> MailOnTables::visit_all(std::uint64_t after_id, const MailVisitor& visit) const {
  Result<void> inner;
  const auto scanned = tables().scan(kRows, key_of(after_id + 1), [&](BytesView key, BytesView value) {
    MailRow found = decode(load_big<std::uint64_t>(key.data()), value);
    inner = renew(found.head);
    return inner && visit(found);
  });
  return inner ? scanned : inner;
}

Result<std::optional<MailRow>> MailOnTables::random_row(Rng& rng) const {
  std::optional<MailRow> found;
  const auto take_first = [&](std::uint64_t after) {
    return visit_all(after, [&](const MailRow& row) {
      found = row;
      return false;
    });
  };
  if (auto scanned = take_first(0); !scanned) return fail(scanned);
  if (!found) return found;
  const auto sums = sums_of(tables());
  if (!sums) return fail(sums);
  const std::uint64_t first = found->head.id, next = sums->next_id;
  if (auto scanned = take_first(first + rng.below(next - first) - 1); !scanned) return fail(scanned);
  return found;
}

Result<std::vector<Account>> MailOnTables::accounts() const {
  std::vector<Account> all;
  const auto scanned = tables().scan(kAccounts, {}, [&](BytesView key, BytesView value) {
    if (Reader(value).number<std::uint64_t>() > 0) all.push_back({to_array<33>(key)});
    return true;
  });
  if (!scanned) return fail(scanned);
  return all;
}

std::uint64_t MailOnTables::count() const { return sums_of(tables()).value_or(Sums{}).messages; }
std::uint64_t MailOnTables::total_bytes() const { return sums_of(tables()).value_or(Sums{}).bytes; }
std::uint64_t MailOnTables::tombstone_bytes() const { return sums_of(tables()).value_or(Sums{}).tombstones; }

Result<MailSums> MailOnTables::account_sums(const Account& account) const { return sums_of(tables(), account); }

Result<void> MailOnTables::put_setting(std::string_view key, BytesView value) {
  return tables().put(kSettings, bytes_of(key), value);
}
Result<std::optional<Bytes>> MailOnTables::setting(std::string_view key) const {
  return tables().get(kSettings, bytes_of(key));
}
Result<bool> MailOnTables::remove_setting(std::string_view key) { return tables().erase(kSettings, bytes_of(key)); }

Result<void> MailOnTables::visit_settings(std::string_view prefix, std::string_view after, const SettingVisitor& visit) const {
  return tables().scan(kSettings, bytes_of(std::max(prefix, after)), [&](BytesView key, BytesView value) {
    if (text_of(key) == after) return true;
    return starts_with(key, bytes_of(prefix)) && visit(text_of(key), value);
  });
}

}  // namespace session::store

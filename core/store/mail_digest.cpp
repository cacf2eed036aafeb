#include "core/store/mail_digest.h"

#include <limits>

#include "core/crypto/hash.h"
#include "core/store/codec.h"

namespace session::store {
namespace {

/// What is on its way to all members anyway, or about to go, is not compared.
constexpr Millis kWindow = minutes(2);
/// A clock that was put back leaves times behind that never come.
constexpr Millis kAhead = minutes(1);

Bytes settling_key(const Entry& entry) { return Writer().time(entry.taken).raw(entry.print).bytes(); }

Bytes encode(const Entry& entry) {
  return Writer()
      .flag(entry.is_tombstone)
      .raw(entry.account.bytes)
      .number(entry.ns)
      .time(entry.taken)
      .time(entry.expiry)
      .text(entry.hash.text)
      .bytes();
}
Entry decode(const Print& print, BytesView bytes) {
  Reader in(bytes);
  Entry entry;
  entry.print = print;
  entry.is_tombstone = in.flag();
  entry.account.bytes = in.array<33>();
  entry.ns = in.number<Namespace>();
  entry.taken = in.time();
  entry.expiry = in.time();
  entry.hash.text = in.text();
  return entry;
}

/// What an entry adds to its bucket, and takes away again. Of a message: account, ns, hash, expiry; when a node took it is its
/// own affair.
Print share_of(const Entry& entry) {
  Writer out;
  out.flag(entry.is_tombstone).raw(entry.account.bytes).number(entry.ns).number(entry.expiry.unix_millis());
  if (entry.is_tombstone)
    out.raw(entry.print).number(entry.taken.unix_millis());
  else
    out.raw(bytes_of(entry.hash.text));
  return crypto::blake2b_128({out.bytes()});
}

Result<void> mix(Tables& tables, const Entry& entry) {
  const BytesView bucket = BytesView(entry.print).first(1);
  const auto kept = tables.get(kDigests, bucket);
  if (!kept) return fail(kept);
  Print digest = *kept ? to_array<16>(**kept) : Print{};
  const Print share = share_of(entry);
  for (std::size_t i = 0; i < digest.size(); ++i) digest[i] ^= share[i];
  return tables.put(kDigests, bucket, digest);
}

/// What expires until then takes no part, and has been taken out.
Result<Instant> gone_until(const Tables& tables) {
  const auto kept = tables.get(kDigests, {});
  if (!kept) return fail(kept);
  return *kept ? Reader(**kept).time() : Instant{};
}

Result<bool> takes_part(const Tables& tables, const Entry& entry) {
  const auto waits = tables.get(kSettling, settling_key(entry));
  if (!waits) return fail(waits);
  if (*waits) return false;
  if (entry.is_tombstone) return true;
  const auto gone = gone_until(tables);
  if (!gone) return fail(gone);
  return entry.expiry > *gone;
}

/// Those in [from, to) take part from now on.
Result<void> let_in(Tables& tables, Instant from, Instant to) {
  std::vector<Bytes> ready;
  const auto scanned = tables.scan(kSettling, Writer().time(from).bytes(), [&](BytesView key, BytesView) {
    if (Reader(key).time() >= to) return false;
    ready.push_back(to_bytes(key));
    return true;
  });
  if (!scanned) return fail(scanned);
  for (const Bytes& key : ready) {
    const auto entry = find_entry(tables, to_array<16>(BytesView(key).subspan(8)));
    if (!entry) return fail(entry);
    if (auto gone = tables.erase(kSettling, key); !gone) return fail(gone);
    if (!*entry) continue;
    const auto part = takes_part(tables, **entry);
    if (!part) return fail(part);
    if (*part)
      if (auto mixed = mix(tables, **entry); !mixed) return mixed;
  }
  return {};
}

}  // namespace

Print print_of(const MessageHash& hash) { return crypto::blake2b_128({bytes_of(hash.text)}); }
Print print_of(const Tombstone& tombstone) {
  return crypto::blake2b_128({bytes_of("tombstone"), tombstone.account.bytes, tombstone.id});
}

Entry entry_of(const MailHead& head) {
  return {print_of(head.hash), false, head.account, head.ns, head.arrived, head.expiry, head.hash};
}

Entry entry_of(const Tombstone& tombstone) {
  return {print_of(tombstone), true, tombstone.account, 0, tombstone.taken, tombstone.falls, {}};
}

Result<void> enlist(Tables& tables, const Entry& entry) {
  if (auto put = tables.put(kPrints, entry.print, encode(entry)); !put) return put;
  return tables.put(kSettling, settling_key(entry), {});
}

Result<void> strike(Tables& tables, const Print& print) {
  const auto entry = find_entry(tables, print);
  if (!entry) return fail(entry);
  if (!*entry) return {};  // of a file from before, that was not settled yet
  const auto part = takes_part(tables, **entry);
  if (!part) return fail(part);
  if (*part)
    if (auto mixed = mix(tables, **entry); !mixed) return mixed;
  if (auto gone = tables.erase(kSettling, settling_key(**entry)); !gone) return fail(gone);
  if (auto gone = tables.erase(kPrints, print); !gone) return fail(gone);
  return {};
}

Result<std::optional<Entry>> find_entry(const Tables& tables, const Print& print) {
  const auto kept = tables.get(kPrints, print);
  if (!kept) return fail(kept);
  return *kept ? std::optional(decode(print, **kept)) : std::nullopt;
}

Result<void> visit_entries(const Tables& tables, const Print& from, const EntryVisitor& visit) {
  return tables.scan(kPrints, from, [&](BytesView key, BytesView value) { return visit(decode(to_array<16>(key), value)); });
}

Result<void> settle(Tables& tables, Instant now, const PrintsDue& due) {
  if (auto in = let_in(tables, Instant{}, now - kWindow); !in) return in;
  if (auto in = let_in(tables, now + kAhead, Instant{std::numeric_limits<std::int64_t>::max()}); !in) return in;
  const auto before = gone_until(tables);
  if (!before) return fail(before);
  const Instant until = now + kWindow;
  // What takes part no longer; or again, when the clock was put back.
  const auto prints = due(std::min(*before, until), std::max(*before, until));
  if (!prints) return fail(prints);
  for (const Print& print : *prints) {
    const auto entry = find_entry(tables, print);
    if (!entry) return fail(entry);
    if (!*entry) continue;
    const auto waits = tables.get(kSettling, settling_key(**entry));
    if (!waits) return fail(waits);
    if (!*waits)
      if (auto mixed = mix(tables, **entry); !mixed) return mixed;
  }
  return tables.put(kDigests, {}, Writer().time(until).bytes());
}

Result<Digests> digests(const Tables& tables) {
  Digests all{};
  const auto scanned = tables.scan(kDigests, {}, [&](BytesView key, BytesView value) {
    if (key.size() == 1) all[std::to_integer<std::size_t>(key[0])] = to_array<16>(value);
    return true;
  });
  if (!scanned) return fail(scanned);
  return all;
}

Result<bool> has_digests(const Tables& tables) {
  const auto kept = tables.get(kDigests, {});
  if (!kept) return fail(kept);
  return kept->has_value();
}

}  // namespace session::store

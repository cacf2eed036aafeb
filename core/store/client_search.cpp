// Messages found by their words.
#include <limits>

#include "core/store/client_codec.h"
#include "core/store/client_keys.h"
#include "core/store/client_tables.h"
#include "core/store/search_text.h"

namespace session::store {
namespace {

constexpr const char* kOurs = "ours";
constexpr const char* kTheirs = "theirs";

std::string with_label(const SessionId& contact) { return to_hex(contact.account.bytes); }
std::string labels_of(const MessageRow& row) { return with_label(row.contact) + ' ' + (row.outgoing ? kOurs : kTheirs); }
std::string_view words_of(const MessageRow& row) { return row.unsent ? std::string_view{} : std::string_view(row.body); }

std::int64_t day_of(Instant at) {
  constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000;
  return at.micros / kDay - (at.micros % kDay < 0 ? 1 : 0);
}
Bytes day_key(Instant at) { return Writer().number(day_of(at)).bytes(); }

struct Span {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t last = 0;
};
Span span_of(BytesView bytes) {
  Reader in(bytes);
  Span span;
  span.first = in.number<std::uint64_t>();
  span.last = in.number<std::uint64_t>();
  return span;
}

/// Ids follow the order of arrival and not of sending. That of each day the lowest and the highest are known spares a search
/// within a time from reading all that is newer.
Result<void> widen_day(Tables& tables, const MessageRow& row) {
  const Bytes key = day_key(row.sent_at);
  const auto known = row_at(tables, kDays, key, span_of);
  if (!known) return fail(known);
  const Span old = known->value_or(Span{});
  return tables.put(kDays, key, Writer().number(std::min(old.first, row.id)).number(std::max(old.last, row.id)).bytes());
}

/// The ids among which the messages sent in this time are.
Result<Span> span_between(const Tables& tables, Instant since, Instant until) {
  Span all;
  const Bytes from = since == Instant{} ? Bytes{} : day_key(since);
  const auto scanned = tables.scan(kDays, from, [&](BytesView key, BytesView value) {
    if (until != Instant{} && Reader(key).number<std::int64_t>() > day_of(until)) return false;
    const Span day = span_of(value);
    all = {std::min(all.first, day.first), std::max(all.last, day.last)};
    return true;
  });
  if (!scanned) return fail(scanned);
  return all;
}

}  // namespace

Result<void> index_message(Tables& tables, const MessageRow& row) {
  if (words_of(row).empty()) return {};
  if (auto widened = widen_day(tables, row); !widened) return widened;
  return tables.index(row.id, words_of(row), labels_of(row));
}

Result<void> unindex_message(Tables& tables, const MessageRow& row) {
  if (words_of(row).empty()) return {};
  return tables.unindex(row.id, words_of(row), labels_of(row));
}

Result<std::vector<MessageRow>> ClientOnTables::search(const SearchQuery& query) const {
  auto phrases = parse_search(query.text);
  if (!phrases) return fail(phrases);
  if (query.max_count == 0) return std::vector<MessageRow>{};
  TextQuery texts{.phrases = std::move(*phrases), .labels = {}, .before_id = query.before_id};
  if (query.with) texts.labels.push_back(with_label(*query.with));
  if (query.outgoing) texts.labels.emplace_back(*query.outgoing ? kOurs : kTheirs);
  if (query.since != Instant{} || query.until != Instant{}) {
    const auto span = span_between(tables(), query.since, query.until);
    if (!span) return fail(span);
    texts.from_id = span->first;
    texts.before_id = std::min(texts.before_id, span->last + 1);
  }

  std::vector<MessageRow> rows;
  Result<void> read;
  const auto found = tables().find(texts, [&](std::uint64_t id) {
    auto row = message(id);
    if (!row) read = fail(row);
    if (!row || !*row) return row.has_value();
    const Instant sent = (*row)->sent_at;
    const bool is_in_time =
        (query.since == Instant{} || sent >= query.since) && (query.until == Instant{} || sent < query.until);
    if (is_in_time) rows.push_back(std::move(**row));
    return rows.size() < query.max_count;
  });
  if (!found) return fail(found);
  if (!read) return fail(read);
  return rows;
}

}  // namespace session::store

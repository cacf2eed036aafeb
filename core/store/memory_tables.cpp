#include <algorithm>

#include "core/store/codec.h"
#include "core/store/search_text.h"
#include "core/store/tables.h"

namespace session::store {
namespace {

/// Where the texts lie: id -> text, labels.
constexpr TableId kTexts = 255;

}  // namespace

Result<void> MemoryTables::begin() {
  if (open_) return fail(ErrorCode::Internal, "store: a transaction is open already");
  open_ = true;
  return {};
}

Result<void> MemoryTables::commit() {
  if (!open_) return fail(ErrorCode::Internal, "store: no transaction is open");
  if (spoiled_) {
    const Error why = *spoiled_;
    rollback();
    return std::unexpected(why);
  }
  open_ = false;
  undo_.clear();
  return {};
}

void MemoryTables::rollback() {
  take_back();
  spoiled_.reset();
  open_ = false;
}

void MemoryTables::spoil(const Error& why) {
  if (!open_) return;
  take_back();
  if (!spoiled_) spoiled_ = why;
}

void MemoryTables::take_back() {
  for (auto step = undo_.rbegin(); step != undo_.rend(); ++step) {
    if (step->before.is_empty())
      static_cast<void>(remove(step->table, step->now.key()));
    else
      static_cast<void>(set(step->table, step->before));
  }
  undo_.clear();
}

const RowMap* MemoryTables::rows_of(TableId table) const {
  const auto found = std::ranges::lower_bound(*tables_, table, {}, &Table::id);
  return found != tables_->end() && found->id == table ? &found->rows : nullptr;
}

/// The row that stood in its place.
Row MemoryTables::set(TableId table, const Row& row) {
  auto& tables = tables_.own();
  auto found = std::ranges::lower_bound(tables, table, {}, &Table::id);
  if (found == tables.end() || found->id != table) found = tables.insert(found, Table{table, {}});
  return found->rows.put(row);
}

/// The row that stood there.
Row MemoryTables::remove(TableId table, BytesView key) {
  if (rows_of(table) == nullptr) return {};
  auto& tables = tables_.own();
  const auto found = std::ranges::lower_bound(tables, table, {}, &Table::id);
  Row gone = found->rows.erase(key);
  if (found->rows.empty()) tables.erase(found);
  return gone;
}

Result<void> MemoryTables::put(TableId table, BytesView key, BytesView value, Part alike) {
  if (spoiled_) return std::unexpected(*spoiled_);
  const Row row(key, value, alike);
  Row before = set(table, row);
  if (open_) undo_.push_back({table, std::move(before), row});
  return {};
}

Result<bool> MemoryTables::erase(TableId table, BytesView key) {
  if (spoiled_) return std::unexpected(*spoiled_);
  const RowMap* rows = rows_of(table);
  if (rows == nullptr || rows->find(key).is_empty()) return false;
  Row before = remove(table, key);
  if (open_) undo_.push_back({table, std::move(before), {}});
  return true;
}

Result<std::optional<Bytes>> MemoryTables::get(TableId table, BytesView key) const {
  const RowMap* rows = rows_of(table);
  if (rows == nullptr) return std::nullopt;
  const Row found = rows->find(key);
  return found.is_empty() ? std::nullopt : std::optional(found.value());
}

Result<void> MemoryTables::scan(TableId table, BytesView from, const Visitor& visit) const {
  const RowMap* rows = rows_of(table);
  if (rows == nullptr) return {};
  Bytes room;
  for (auto at = rows->lower_bound(from); !at.next().is_empty(); at.go_on())
    if (!visit(at.next().key(), at.next().value(room))) break;
  return {};
}

Result<void> MemoryTables::scan_back(TableId table, BytesView before, const Visitor& visit) const {
  const RowMap* rows = rows_of(table);
  if (rows == nullptr) return {};
  Bytes room;
  for (auto at = rows->lower_bound(before); !at.previous().is_empty(); at.go_back())
    if (!visit(at.previous().key(), at.previous().value(room))) break;
  return {};
}

std::size_t MemoryTables::footprint() const {
  std::size_t bytes = tables_->capacity() * sizeof(Table);
  for (const Table& table : *tables_) bytes += table.rows.footprint();
  return bytes;
}

Result<void> MemoryTables::index(std::uint64_t id, std::string_view text, std::string_view labels) {
  return put(kTexts, big(id), Writer().text(text).text(labels).bytes());
}

Result<void> MemoryTables::unindex(std::uint64_t id, std::string_view, std::string_view) {
  if (auto gone = erase(kTexts, big(id)); !gone) return fail(gone);
  return {};
}

Result<void> MemoryTables::find(const TextQuery& query, const IdVisitor& visit) const {
  return scan_back(kTexts, big(query.before_id), [&](BytesView key, BytesView value) {
    const auto id = load_big<std::uint64_t>(key.data());
    if (id < query.from_id) return false;
    Reader in(value);
    const auto words = split_words(text_of(in.blob()));
    const auto labels = split_words(text_of(in.blob()));
    const bool fits = std::ranges::all_of(query.phrases, [&](const Phrase& phrase) { return occurs(phrase, words); }) &&
                      std::ranges::all_of(query.labels, [&](const std::string& label) {
                        return std::ranges::find(labels, label) != labels.end();
                      });
    return !fits || visit(id);
  });
}

}  // namespace session::store

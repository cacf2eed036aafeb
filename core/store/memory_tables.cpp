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
  for (auto step = undo_.rbegin(); step != undo_.rend(); ++step) set(step->table, step->key, std::move(step->value));
  undo_.clear();
}

void MemoryTables::set(TableId table, const Bytes& key, std::optional<Bytes> value) {
  if (value) {
    tables_[table].insert_or_assign(key, std::move(*value));
  } else if (const auto rows = tables_.find(table); rows != tables_.end()) {
    rows->second.erase(key);
    if (rows->second.empty()) tables_.erase(rows);
  }
}

void MemoryTables::remember(TableId table, const Bytes& key) {
  if (open_) undo_.push_back({table, key, *get(table, key)});
}

Result<void> MemoryTables::put(TableId table, BytesView key, BytesView value) {
  if (spoiled_) return std::unexpected(*spoiled_);
  const Bytes owned = to_bytes(key);
  remember(table, owned);
  set(table, owned, to_bytes(value));
  return {};
}

Result<bool> MemoryTables::erase(TableId table, BytesView key) {
  if (spoiled_) return std::unexpected(*spoiled_);
  const Bytes owned = to_bytes(key);
  if (!*get(table, owned)) return false;
  remember(table, owned);
  set(table, owned, std::nullopt);
  return true;
}

Result<std::optional<Bytes>> MemoryTables::get(TableId table, BytesView key) const {
  const auto rows = tables_.find(table);
  if (rows == tables_.end()) return std::nullopt;
  const auto found = rows->second.find(to_bytes(key));
  return found == rows->second.end() ? std::nullopt : std::optional(found->second);
}

Result<void> MemoryTables::scan(TableId table, BytesView from, const Visitor& visit) const {
  const auto rows = tables_.find(table);
  if (rows == tables_.end()) return {};
  for (auto row = rows->second.lower_bound(to_bytes(from)); row != rows->second.end(); ++row)
    if (!visit(row->first, row->second)) break;
  return {};
}

Result<void> MemoryTables::scan_back(TableId table, BytesView before, const Visitor& visit) const {
  const auto rows = tables_.find(table);
  if (rows == tables_.end()) return {};
  for (auto row = rows->second.lower_bound(to_bytes(before)); row != rows->second.begin();) {
    --row;
    if (!visit(row->first, row->second)) break;
  }
  return {};
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

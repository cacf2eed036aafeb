#include "core/store/tables.h"

namespace session::store {

Result<void> MemoryTables::begin() {
  if (open_) return fail(ErrorCode::Internal, "store: a transaction is open already");
  open_ = true;
  return {};
}

Result<void> MemoryTables::commit() {
  if (!open_) return fail(ErrorCode::Internal, "store: no transaction is open");
  open_ = false;
  undo_.clear();
  return {};
}

void MemoryTables::rollback() {
  for (auto step = undo_.rbegin(); step != undo_.rend(); ++step) {
    if (step->value) {
      tables_[step->table][step->key] = std::move(*step->value);
    } else {
      tables_[step->table].erase(step->key);
    }
  }
  undo_.clear();
  open_ = false;
}

void MemoryTables::remember(TableId table, const Bytes& key) {
  if (!open_) return;
  const auto& rows = tables_[table];
  const auto found = rows.find(key);
  undo_.push_back({table, key, found == rows.end() ? std::nullopt : std::optional(found->second)});
}

Result<void> MemoryTables::put(TableId table, BytesView key, BytesView value) {
  Bytes owned = to_bytes(key);
  remember(table, owned);
  tables_[table].insert_or_assign(std::move(owned), to_bytes(value));
  return {};
}

Result<std::optional<Bytes>> MemoryTables::get(TableId table, BytesView key) const {
  const auto rows = tables_.find(table);
  if (rows == tables_.end()) return std::nullopt;
  const auto found = rows->second.find(to_bytes(key));
  return found == rows->second.end() ? std::nullopt : std::optional(found->second);
}

Result<bool> MemoryTables::erase(TableId table, BytesView key) {
  const Bytes owned = to_bytes(key);
  remember(table, owned);
  return tables_[table].erase(owned) > 0;
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

}  // namespace session::store

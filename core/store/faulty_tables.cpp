#include "core/store/faulty_tables.h"

#include <fmt/format.h>

#include "core/base/mutant.h"

namespace session::store {
namespace {

/// Counts one operation and says whether it fails.
Result<void> pass(const Fault& fault, std::uint64_t number) {
  if (fault.at == 0 || (fault.for_good ? number < fault.at : number != fault.at)) return {};
  return fail(fault.code, fmt::format("store: operation {} was told to fail", number));
}

}  // namespace

void FaultyTables::set(Fault fault) {
  fault_ = fault;
  count_ = 0;
}

Result<void> FaultyTables::read() const {
  if (fault_.code == ErrorCode::Full) return {};
  return pass(fault_, ++count_);
}

Result<void> FaultyTables::write() {
  has_written_ = true;
  if (mutant::is_on(Mutant::C4) && fault_.code == ErrorCode::Full) return {};
  auto passed = pass(fault_, ++count_);
  if (!passed) inner_.spoil(passed.error());
  return passed;
}

Result<void> FaultyTables::begin() {
  has_written_ = false;
  if (auto passed = read(); !passed) return passed;
  return inner_.begin();
}

Result<void> FaultyTables::commit() {
  if (has_written_ || fault_.code != ErrorCode::Full)
    static_cast<void>(write());  // a failure spoils the transaction, which the commit below then tells
  return inner_.commit();
}

Result<void> FaultyTables::put(TableId table, BytesView key, BytesView value, Part alike) {
  if (auto passed = write(); !passed) return passed;
  return inner_.put(table, key, value, alike);
}

Result<bool> FaultyTables::erase(TableId table, BytesView key) {
  if (auto passed = write(); !passed) return fail(passed);
  return inner_.erase(table, key);
}

Result<std::optional<Bytes>> FaultyTables::get(TableId table, BytesView key) const {
  if (auto passed = read(); !passed) return fail(passed);
  auto found = inner_.get(table, key);
  if (found && *found) bytes_read_ += (*found)->size();
  return found;
}

Result<void> FaultyTables::scan(TableId table, BytesView from, const Visitor& visit) const {
  if (auto passed = read(); !passed) return passed;
  return inner_.scan(table, from, visit);
}

Result<void> FaultyTables::scan_back(TableId table, BytesView before, const Visitor& visit) const {
  if (auto passed = read(); !passed) return passed;
  return inner_.scan_back(table, before, visit);
}

Result<void> FaultyTables::index(std::uint64_t id, std::string_view text, std::string_view labels) {
  if (auto passed = write(); !passed) return passed;
  return inner_.index(id, text, labels);
}

Result<void> FaultyTables::unindex(std::uint64_t id, std::string_view text, std::string_view labels) {
  if (auto passed = write(); !passed) return passed;
  return inner_.unindex(id, text, labels);
}

Result<void> FaultyTables::find(const TextQuery& query, const IdVisitor& visit) const {
  if (auto passed = read(); !passed) return passed;
  return inner_.find(query, visit);
}

}  // namespace session::store

#include "core/store/faulty_tables.h"

#include <fmt/format.h>

#include "core/base/mutant.h"

namespace session::store {
namespace {

constexpr std::size_t kPageBytes = 4096;

}  // namespace

void FaultyTables::set(Fault fault) {
  dice_ = SeededRng(fault.dice);
  fault_ = std::move(fault);
  count_ = 0;
}

bool FaultyTables::fails(std::uint64_t number) const {
  if (fault_.share_ppm > 0 && dice_.chance(fault_.share_ppm)) return true;
  return fault_.at != 0 && (fault_.for_good ? number >= fault_.at : number == fault_.at);
}

/// Counts one operation and says whether it fails.
Result<void> FaultyTables::pass() const {
  const std::uint64_t number = ++count_;
  if (!fails(number)) return {};
  return fail(fault_.code, fmt::format("store: operation {} was told to fail", number));
}

Result<void> FaultyTables::read() const {
  if (fault_.code == ErrorCode::Full) return {};
  return pass();
}

Result<void> FaultyTables::write() {
  has_written_ = true;
  if (mutant::is_on(Mutant::C4) && fault_.code == ErrorCode::Full) return {};
  auto passed = pass();
  if (!passed) inner_.spoil(passed.error());
  return passed;
}

Result<void> FaultyTables::touch(TableId table, BytesView key) const {
  if (!fault_.damaged || fault_.damaged->table != table) return {};
  const Bytes row = to_bytes(key);
  if (row < fault_.damaged->first || fault_.damaged->last < row) return {};
  return fail(ErrorCode::Damaged, "store: damaged: a page is not what was written");
}

Result<void> FaultyTables::touch_to_write(TableId table, BytesView key) {
  auto passed = touch(table, key);
  if (!passed) inner_.spoil(passed.error());
  return passed;
}

Tables::Visitor FaultyTables::careful(TableId table, const Visitor& visit, Result<void>& passed) const {
  return [this, table, &visit, &passed](BytesView key, BytesView value) {
    passed = touch(table, key);
    return passed && visit(key, value);
  };
}

std::optional<Page> FaultyTables::draw_page(Rng& dice) const {
  constexpr unsigned kTables = 256;
  std::uint64_t rows = 0;
  const auto count = [&](BytesView, BytesView) { return ++rows, true; };
  for (unsigned table = 0; table < kTables; ++table) static_cast<void>(inner_.scan(static_cast<TableId>(table), {}, count));
  if (rows == 0) return std::nullopt;
  std::uint64_t before = dice.below(rows);
  std::size_t bytes = 0;
  std::optional<Page> page;
  for (unsigned table = 0; table < kTables && !page; ++table) {
    const auto take = [&](BytesView key, BytesView value) {
      if (!page && before-- > 0) return true;
      if (!page) page = Page{static_cast<TableId>(table), to_bytes(key), {}};
      page->last = to_bytes(key);
      bytes += key.size() + value.size();
      return bytes < kPageBytes;
    };
    static_cast<void>(inner_.scan(static_cast<TableId>(table), {}, take));
  }
  return page;
}

Result<void> FaultyTables::begin() {
  has_written_ = false;
  if (auto passed = read(); !passed) return passed;
  return inner_.begin();
}

Result<void> FaultyTables::commit() {
  if (fault_.syncs && has_written()) {
    if (dice_.one_in(2))
      inner_.rollback();
    else if (auto done = inner_.commit(); !done)
      return done;
    return fail(ErrorCode::Unavailable, "store: a sync was told to fail");
  }
  if (has_written_ || fault_.code != ErrorCode::Full)
    static_cast<void>(write());  // a failure spoils the transaction, which the commit below then tells
  return inner_.commit();
}

Result<void> FaultyTables::put(TableId table, BytesView key, BytesView value, Part alike) {
  auto passed = write();
  if (passed) passed = touch_to_write(table, key);
  if (!passed) return passed;
  return inner_.put(table, key, value, alike);
}

Result<bool> FaultyTables::erase(TableId table, BytesView key) {
  auto passed = write();
  if (passed) passed = touch_to_write(table, key);
  if (!passed) return fail(passed);
  return inner_.erase(table, key);
}

Result<std::optional<Bytes>> FaultyTables::get(TableId table, BytesView key) const {
  auto passed = read();
  if (passed) passed = touch(table, key);
  if (!passed) return fail(passed);
  auto found = inner_.get(table, key);
  if (found && *found) bytes_read_ += (*found)->size();
  return found;
}

Result<void> FaultyTables::scan(TableId table, BytesView from, const Visitor& visit) const {
  if (auto passed = read(); !passed) return passed;
  if (!fault_.damaged) return inner_.scan(table, from, visit);
  Result<void> passed;
  auto scanned = inner_.scan(table, from, careful(table, visit, passed));
  return passed ? scanned : passed;
}

Result<void> FaultyTables::scan_back(TableId table, BytesView before, const Visitor& visit) const {
  if (auto passed = read(); !passed) return passed;
  if (!fault_.damaged) return inner_.scan_back(table, before, visit);
  Result<void> passed;
  auto scanned = inner_.scan_back(table, before, careful(table, visit, passed));
  return passed ? scanned : passed;
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

// Stores that fail as disks do, for tests and worlds: everything above them must refuse cleanly whatever fails.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/rng.h"
#include "core/store/client_tables.h"
#include "core/store/mail_tables.h"

namespace session::store {

/// Rows that lie on one page of a file, by their keys.
struct Page {
  TableId table = 0;
  Bytes first, last;
};

struct Fault {
  std::uint64_t at = 0;                     ///< the operation that fails, from 1; 0: none by its number
  ErrorCode code = ErrorCode::Unavailable;  ///< Full strikes writes, and commits of them, only
  bool for_good = false;                    ///< so do all after it
  std::uint32_t share_ppm = 0;              ///< of all operations, in a million: fail too, as drawn
  bool syncs = false;      ///< commits of writes fail; whether all of it is there afterwards, or nothing, is drawn
  std::uint64_t dice = 0;  ///< the seed of what is drawn
  /// Was written in part, elsewhere, or has flipped bits: its MAC tells, and whoever reads or changes a row of it is told
  /// Damaged, as by SQLCipher.
  std::optional<Page> damaged = std::nullopt;
};

/// Memory tables that count their operations (begin, commit, put, get, erase, scan, index, unindex, find) and fail where told.
class FaultyTables final : public Tables {
 public:
  /// Counts from now on.
  void set(Fault fault);
  [[nodiscard]] std::uint64_t operations() const { return count_; }
  /// Of values that `get` has handed out.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  /// Something was written in the open transaction.
  [[nodiscard]] bool has_written() const { return inner_.in_transaction() && has_written_; }
  /// One of a file's 4 KiB, evenly drawn by rows; nothing of an empty file.
  [[nodiscard]] std::optional<Page> draw_page(Rng& dice) const;

  [[nodiscard]] Result<void> begin() override;
  [[nodiscard]] Result<void> commit() override;
  void rollback() override { inner_.rollback(); }
  [[nodiscard]] bool in_transaction() const override { return inner_.in_transaction(); }
  using Tables::put;
  [[nodiscard]] Result<void> put(TableId table, BytesView key, BytesView value, Part alike) override;
  [[nodiscard]] Result<std::optional<Bytes>> get(TableId table, BytesView key) const override;
  [[nodiscard]] Result<bool> erase(TableId table, BytesView key) override;
  void spoil(const Error& why) override { inner_.spoil(why); }
  [[nodiscard]] Result<void> scan(TableId table, BytesView from, const Visitor& visit) const override;
  [[nodiscard]] Result<void> scan_back(TableId table, BytesView before, const Visitor& visit) const override;
  [[nodiscard]] Result<void> index(std::uint64_t id, std::string_view text, std::string_view labels) override;
  [[nodiscard]] Result<void> unindex(std::uint64_t id, std::string_view text, std::string_view labels) override;
  [[nodiscard]] Result<void> find(const TextQuery& query, const IdVisitor& visit) const override;
  friend bool operator==(const FaultyTables& a, const FaultyTables& b) { return a.inner_ == b.inner_; }

 private:
  [[nodiscard]] Result<void> read() const;
  [[nodiscard]] Result<void> write();
  [[nodiscard]] Result<void> touch(TableId table, BytesView key) const;
  [[nodiscard]] Result<void> touch_to_write(TableId table, BytesView key);
  [[nodiscard]] bool fails(std::uint64_t number) const;
  [[nodiscard]] Result<void> pass() const;
  /// A visitor that stops where a damaged row begins, and whether it did.
  [[nodiscard]] Visitor careful(TableId table, const Visitor& visit, Result<void>& passed) const;
  MemoryTables inner_;
  Fault fault_;
  bool has_written_ = false;                          ///< in the open transaction
  mutable std::uint64_t count_ = 0, bytes_read_ = 0;  // reads count too
  mutable SeededRng dice_{0};                         // and throw
};

/// Two of them are equal when what they keep is.
template <class OnTables>
class FaultyStore final : public OnTables {
 public:
  void set(Fault fault) { tables_.set(fault); }
  [[nodiscard]] std::uint64_t operations() const { return tables_.operations(); }
  [[nodiscard]] std::uint64_t bytes_read() const { return tables_.bytes_read(); }
  [[nodiscard]] bool has_written() const { return tables_.has_written(); }
  [[nodiscard]] std::optional<Page> draw_page(Rng& dice) const { return tables_.draw_page(dice); }
  friend bool operator==(const FaultyStore& a, const FaultyStore& b) { return a.tables_ == b.tables_; }

 protected:
  [[nodiscard]] Tables& tables() override { return tables_; }
  [[nodiscard]] const Tables& tables() const override { return tables_; }

 private:
  FaultyTables tables_;
};
using FaultyMailStore = FaultyStore<MailOnTables>;
using FaultyClientStore = FaultyStore<ClientOnTables>;

}  // namespace session::store

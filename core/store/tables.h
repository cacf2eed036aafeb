// What both kinds of stores are written on: ordered tables of bytes. The rows and their indices are written once
// (mail_tables.cpp, client_tables.cpp); where the tables lie, in memory or in an encrypted file, is the only difference.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/store/row_map.h"
#include "core/store/transactional.h"

namespace session::store {

/// A table's number; each store names its own.
using TableId = std::uint8_t;

/// Words that stand one after another; of the last one perhaps only the beginning.
struct Phrase {
  std::vector<std::string> words;
  bool is_beginning = false;
  friend bool operator==(const Phrase&, const Phrase&) = default;
};
/// What to look for among the texts: every phrase must occur, and every label must be the text's.
struct TextQuery {
  std::vector<Phrase> phrases;
  std::vector<std::string> labels;
  std::uint64_t from_id = 0;
  std::uint64_t before_id = ~std::uint64_t{0};
};

/// Keys are ordered by their bytes. A visitor returns false to stop, and must not write.
class Tables : public Transactional {
 public:
  using Visitor = std::function<bool(BytesView key, BytesView value)>;

  /// `alike`: what of the value others are likely to have as well; where it is kept once is the tables' business.
  [[nodiscard]] virtual Result<void> put(TableId table, BytesView key, BytesView value, Part alike) = 0;
  [[nodiscard]] Result<void> put(TableId table, BytesView key, BytesView value) { return put(table, key, value, Part{}); }
  [[nodiscard]] virtual Result<std::optional<Bytes>> get(TableId table, BytesView key) const = 0;
  /// True when it was there.
  [[nodiscard]] virtual Result<bool> erase(TableId table, BytesView key) = 0;
  /// The open transaction is lost: takes it back at once; writes and `commit` answer `why` until it ends.
  virtual void spoil(const Error& why) = 0;
  /// Upwards from the first key >= `from`.
  [[nodiscard]] virtual Result<void> scan(TableId table, BytesView from, const Visitor& visit) const = 0;
  /// Downwards from the last key < `before`.
  [[nodiscard]] virtual Result<void> scan_back(TableId table, BytesView before, const Visitor& visit) const = 0;

  // --- texts, found by their words -----------------------------------------------------------------------------------------
  using IdVisitor = std::function<bool(std::uint64_t id)>;
  /// `labels` are words of a-z and 0-9 with spaces between them. An id has one text: the caller takes the old one out first.
  [[nodiscard]] virtual Result<void> index(std::uint64_t id, std::string_view text, std::string_view labels) = 0;
  /// Text and labels must be those that `index` was given.
  [[nodiscard]] virtual Result<void> unindex(std::uint64_t id, std::string_view text, std::string_view labels) = 0;
  /// The ids of the texts that fit, from the highest downwards. Letters match in either case.
  [[nodiscard]] virtual Result<void> find(const TextQuery& query, const IdVisitor& visit) const = 0;
};

/// An operation of several writes is kept as a whole, also when no transaction is open.
template <class Write>
auto whole(Tables& tables, const Write& write) -> decltype(write()) {
  if (tables.in_transaction()) {
    auto result = write();
    // NotFound is the caller's mistake and comes before anything is written; all else may have left half an operation.
    if (!result && result.error().code != ErrorCode::NotFound) tables.spoil(result.error());
    return result;
  }
  auto transaction = Transaction::begin(tables);
  if (!transaction) return fail(transaction);
  auto result = write();
  if (!result) return result;
  if (auto done = transaction->commit(); !done) return fail(done);
  return result;
}

/// In memory, for the simulator: a value, copied with the world, and sharing with its copies what neither has changed. A
/// transaction keeps what it overwrote.
class MemoryTables final : public Tables {
 public:
  [[nodiscard]] Result<void> begin() override;
  [[nodiscard]] Result<void> commit() override;
  void rollback() override;
  [[nodiscard]] bool in_transaction() const override { return open_; }
  using Tables::put;
  [[nodiscard]] Result<void> put(TableId table, BytesView key, BytesView value, Part alike) override;
  [[nodiscard]] Result<std::optional<Bytes>> get(TableId table, BytesView key) const override;
  [[nodiscard]] Result<bool> erase(TableId table, BytesView key) override;
  void spoil(const Error& why) override;
  [[nodiscard]] Result<void> scan(TableId table, BytesView from, const Visitor& visit) const override;
  [[nodiscard]] Result<void> scan_back(TableId table, BytesView before, const Visitor& visit) const override;
  [[nodiscard]] Result<void> index(std::uint64_t id, std::string_view text, std::string_view labels) override;
  [[nodiscard]] Result<void> unindex(std::uint64_t id, std::string_view text, std::string_view labels) override;
  [[nodiscard]] Result<void> find(const TextQuery& query, const IdVisitor& visit) const override;
  friend bool operator==(const MemoryTables& a, const MemoryTables& b) { return *a.tables_ == *b.tables_; }
  /// Bytes that it takes, but for what it has alike with others.
  [[nodiscard]] std::size_t footprint() const;

 private:
  struct Table {
    TableId id = 0;
    RowMap rows;
    friend bool operator==(const Table&, const Table&) = default;
  };
  /// A row as it was, and as it is now; empty where there was or is none.
  struct Undo {
    TableId table;
    Row before, now;
  };
  [[nodiscard]] const RowMap* rows_of(TableId table) const;
  Row set(TableId table, const Row& row);
  Row remove(TableId table, BytesView key);
  void take_back();
  Cow<std::vector<Table>> tables_;  ///< by id, none of them empty
  std::vector<Undo> undo_;
  std::optional<Error> spoiled_;
  bool open_ = false;
};

}  // namespace session::store

// Tables in an SQLCipher file: every page encrypted, every commit synced. One program at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/store/client_tables.h"
#include "core/store/file_key.h"
#include "core/store/file_kind.h"
#include "core/store/mail_tables.h"
#include "core/store/tables.h"

struct sqlite3_stmt;

namespace session::store {

struct SqlDatabase;

struct FileOptions {
  std::uint32_t max_pages = 0;  ///< of 4 KiB; 0: no limit. Beyond it writes fail with Full
};

class SqlTables final : public Tables {
 public:
  /// Opens or makes the file, in a folder that only the owner may read. One of an earlier version becomes one of this version,
  /// a transaction for each step between. Errors: Refused (another program has it open; made by a newer version; not a store of
  /// this kind or damaged, in which case the file is left as it is), Unauthentic (the key does not fit), Unavailable, Full.
  [[nodiscard]] static Result<SqlTables> open(const std::filesystem::path& file, const FileKey& key, const FileKind& kind,
                                              FileOptions options = {});
  SqlTables(SqlTables&&) noexcept;
  SqlTables& operator=(SqlTables&&) noexcept;
  ~SqlTables() override;

  [[nodiscard]] Result<void> begin() override;
  [[nodiscard]] Result<void> commit() override;
  void rollback() override;
  [[nodiscard]] bool in_transaction() const override;
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
  [[nodiscard]] Result<void> check_integrity() const;
  [[nodiscard]] Result<void> back_up(const std::filesystem::path& to) const;
  /// Twice a day the log, which holds what was deleted since, is emptied into the file, where nothing of it is left: so it is
  /// gone within 24 hours (reliability.md C5), however little is written.
  void tidy(Instant now);

 private:
  explicit SqlTables(std::unique_ptr<SqlDatabase> database);
  [[nodiscard]] Result<void> prepare() const;
  void empty_log();
  [[nodiscard]] Result<void> look_at_kind(const FileKind& kind);
  [[nodiscard]] Result<void> make(const FileKind& kind);
  [[nodiscard]] Result<void> migrate(const FileKind& kind, int from);
  [[nodiscard]] Result<void> change_index(sqlite3_stmt*& statement, const char* sql, std::uint64_t id, std::string_view text,
                                          std::string_view labels);
  std::unique_ptr<SqlDatabase> database_;
};

class SqlMailStore final : public MailOnTables {
 public:
  /// Every page and every index, which `open` looks at in passing only. Errors: Refused, with what is wrong first.
  [[nodiscard]] Result<void> check_integrity() const { return tables_.check_integrity(); }
  /// A copy of what is committed, encrypted with the same key, that opens like the original. Errors: Refused when the file is
  /// there already, Unavailable, Full.
  [[nodiscard]] Result<void> back_up(const std::filesystem::path& to) const { return tables_.back_up(to); }
  [[nodiscard]] static Result<std::unique_ptr<SqlMailStore>> open(const std::filesystem::path& file, const FileKey& key,
                                                                  FileOptions options = {});
  [[nodiscard]] Result<std::vector<MailHead>> expire(Instant now, std::size_t max_count) override {
    tables_.tidy(now);
    return MailOnTables::expire(now, max_count);
  }

 protected:
  [[nodiscard]] Tables& tables() override { return tables_; }
  [[nodiscard]] const Tables& tables() const override { return tables_; }

 private:
  explicit SqlMailStore(SqlTables tables) : tables_(std::move(tables)) {}
  SqlTables tables_;
};

class SqlClientStore final : public ClientOnTables {
 public:
  [[nodiscard]] static Result<std::unique_ptr<SqlClientStore>> open(const std::filesystem::path& file, const FileKey& key,
                                                                    FileOptions options = {});
  [[nodiscard]] Result<std::uint64_t> expire_hashes(Instant now) override {
    tables_.tidy(now);
    return ClientOnTables::expire_hashes(now);
  }
  /// As SqlMailStore's.
  [[nodiscard]] Result<void> check_integrity() const { return tables_.check_integrity(); }

 protected:
  [[nodiscard]] Tables& tables() override { return tables_; }
  [[nodiscard]] const Tables& tables() const override { return tables_; }

 private:
  explicit SqlClientStore(SqlTables tables) : tables_(std::move(tables)) {}
  SqlTables tables_;
};

}  // namespace session::store

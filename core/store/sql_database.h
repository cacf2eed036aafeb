// An SQLCipher file that is open, set up as every store wants it. For the sources of this room.
#pragma once

#include <sqlcipher/sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "core/base/time.h"
#include "core/store/descriptor.h"
#include "core/store/file_key.h"
#include "core/store/tables.h"

namespace session::store {

/// The connection and its statements, prepared once.
///
/// After a sync that failed nobody knows what the disk has: the system may forget that there was something to be written, so
/// that the next sync succeeds without it. The file is then closed, opened, looked at and brought up to date with its log
/// before anything else is done with it (reliability.md C3).
struct SqlDatabase {
  /// Locks the file for this program, opens or makes it, gives the key and looks whether it is whole; writes nothing into it.
  /// Errors: as SqlTables::open.
  [[nodiscard]] static Result<std::unique_ptr<SqlDatabase>> open(const std::filesystem::path& file, const FileKey& key,
                                                                 std::uint32_t max_pages = 0);
  ~SqlDatabase();
  SqlDatabase(const SqlDatabase&) = delete;
  SqlDatabase& operator=(const SqlDatabase&) = delete;

  [[nodiscard]] Error error(int code);
  [[nodiscard]] Result<void> run(const std::string& sql);
  /// The first column of the last row; empty when there is none.
  [[nodiscard]] Result<std::string> ask(const std::string& sql);
  /// SQLite may have done so by itself, as when the disk is full.
  void take_back();
  [[nodiscard]] Result<void> prepare(sqlite3_stmt*& statement, const char* sql);
  /// Opens it anew where a sync failed. Errors: Unavailable (it still cannot be trusted), else as `open`.
  [[nodiscard]] Result<void> make_sure();
  /// Empties the log into the file, so that it holds nothing that was deleted meanwhile.
  [[nodiscard]] Result<void> empty_log();

  std::filesystem::path file;
  Descriptor lock;
  sqlite3* db = nullptr;
  sqlite3_stmt* put = nullptr;
  sqlite3_stmt* get = nullptr;
  sqlite3_stmt* erase = nullptr;
  sqlite3_stmt* index = nullptr;
  sqlite3_stmt* unindex = nullptr;
  bool open_transaction = false;
  std::optional<Error> spoiled;  ///< why the open transaction is lost
  Instant tidied;                ///< when the log was to be emptied last
  bool is_untidy = false;        ///< it still is to be

 private:
  SqlDatabase(std::filesystem::path path, Descriptor held, const FileKey& file_key, std::uint32_t pages)
      : file(std::move(path)), lock(std::move(held)), key_(file_key), max_pages_(pages) {}
  [[nodiscard]] Result<void> connect();
  [[nodiscard]] Result<void> connect(bool has_own_salt);
  void disconnect();
  static int on_log_grown(void* self, sqlite3* connection, const char* name, int pages);

  FileKey key_;
  std::uint32_t max_pages_ = 0;
  bool is_doubtful_ = false;  ///< a sync failed
  bool is_known_ = false;     ///< its key opened it
};

/// A statement's use: binds, steps and always resets.
class Run {
 public:
  explicit Run(sqlite3_stmt* statement) : statement_(statement) {}
  Run(sqlite3_stmt* statement, TableId table, BytesView key) : Run(statement) {
    sqlite3_bind_int(statement_, 1, table);
    bind(2, key);
  }
  ~Run() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  void bind(int at, BytesView bytes) {
    // A null pointer would be NULL and not an empty blob.
    sqlite3_bind_blob64(statement_, at, bytes.empty() ? "" : static_cast<const void*>(bytes.data()), bytes.size(),
                        SQLITE_STATIC);
  }
  void bind(int at, std::uint64_t id) { sqlite3_bind_int64(statement_, at, static_cast<sqlite3_int64>(std::min(id, kMostId))); }
  void bind(int at, std::string_view text) {
    sqlite3_bind_text64(statement_, at, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  int step() { return sqlite3_step(statement_); }
  [[nodiscard]] BytesView column(int at) const {
    const void* data = sqlite3_column_blob(statement_, at);
    return view(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, at)));
  }
  [[nodiscard]] std::uint64_t number(int at) const { return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, at)); }

 private:
  static constexpr std::uint64_t kMostId = std::numeric_limits<std::int64_t>::max();  // a row's number has a sign
  sqlite3_stmt* statement_;
};

/// A scan may begin another one inside its visitor, so it has a statement of its own.
class Scan {
 public:
  Scan(sqlite3* db, const char* sql) { code_ = sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr); }
  ~Scan() { sqlite3_finalize(statement_); }
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;
  [[nodiscard]] int code() const { return code_; }
  [[nodiscard]] sqlite3_stmt* get() const { return statement_; }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int code_ = SQLITE_OK;
};

}  // namespace session::store

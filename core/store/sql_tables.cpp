#include "core/store/sql_tables.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlcipher/sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <limits>

#include "core/store/descriptor.h"

namespace session::store {
namespace {

constexpr int kVersion = 1;

Error sql_error(sqlite3* db, int code, const std::filesystem::path& file) {
  const std::string why = fmt::format("{}: {}", file.string(), db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code));
  switch (code & 0xff) {
    case SQLITE_FULL: return {ErrorCode::Full, "no room left for " + why};
    case SQLITE_NOTADB: return {ErrorCode::Unauthentic, "the key does not open this file, or the file is damaged: " + why};
    case SQLITE_CORRUPT: return {ErrorCode::Refused, "damaged: " + why};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_BUSY: return {ErrorCode::Unavailable, why};
    default: return {ErrorCode::Internal, why};
  }
}

}  // namespace

/// The connection and its statements, prepared once.
struct SqlTables::Database {
  Database(std::filesystem::path path, Descriptor held) : file(std::move(path)), lock(std::move(held)) {}
  ~Database() {
    for (sqlite3_stmt* statement : {put, get, erase}) sqlite3_finalize(statement);
    sqlite3_close_v2(db);
  }
  [[nodiscard]] Error error(int code) const { return sql_error(db, code, file); }
  [[nodiscard]] Result<void> run(const std::string& sql) const {
    const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return std::unexpected(error(sqlite3_extended_errcode(db)));
    return {};
  }
  [[nodiscard]] Result<std::string> ask(const std::string& sql) const {
    std::string answer;
    const auto take = [](void* out, int count, char** columns, char**) {
      if (count > 0 && columns[0] != nullptr) *static_cast<std::string*>(out) = columns[0];
      return 0;
    };
    if (sqlite3_exec(db, sql.c_str(), take, &answer, nullptr) != SQLITE_OK)
      return std::unexpected(error(sqlite3_extended_errcode(db)));
    return answer;
  }
  /// SQLite may have done so by itself, as when the disk is full.
  void take_back() const {
    if (sqlite3_get_autocommit(db) == 0) static_cast<void>(run("ROLLBACK"));
  }
  [[nodiscard]] Result<void> prepare(sqlite3_stmt*& statement, const char* sql) const {
    const int code = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return std::unexpected(error(code));
    return {};
  }

  std::filesystem::path file;
  Descriptor lock;
  sqlite3* db = nullptr;
  sqlite3_stmt* put = nullptr;
  sqlite3_stmt* get = nullptr;
  sqlite3_stmt* erase = nullptr;
  bool open = false;
  std::optional<Error> spoiled;  ///< why the open transaction is lost
};

namespace {

/// Binds, steps and always resets.
class Run {
 public:
  Run(sqlite3_stmt* statement, TableId table, BytesView key) : statement_(statement) {
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
  int step() { return sqlite3_step(statement_); }
  [[nodiscard]] BytesView column(int at) const {
    const void* data = sqlite3_column_blob(statement_, at);
    return view(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, at)));
  }

 private:
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

constexpr const char* kScanSql = "SELECT k, v FROM rows WHERE t = ?1 AND k >= ?2 ORDER BY k";
constexpr const char* kScanBackSql = "SELECT k, v FROM rows WHERE t = ?1 AND k < ?2 ORDER BY k DESC";

/// The words are kept in an index without the texts, which stand in the rows already; what is taken out is overwritten at once.
constexpr const char* kMakeWordsSql =
    "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text, labels, content='', columnsize=0, "
    "tokenize=\"unicode61 remove_diacritics 2\");"
    "INSERT INTO words(words, rank) VALUES('secure-delete', 1)";
constexpr const char* kIndexSql = "INSERT INTO words(rowid, text, labels) VALUES(?1, ?2, ?3)";
constexpr const char* kUnindexSql = "INSERT INTO words(words, rowid, text, labels) VALUES('delete', ?1, ?2, ?3)";
constexpr const char* kFindSql =
    "SELECT rowid FROM words WHERE words MATCH ?1 AND rowid >= ?2 AND rowid <= ?3 ORDER BY rowid DESC";

/// In FTS5's language. Every word stands in quotation marks, so that none is taken for an operator.
std::string match_of(const TextQuery& query) {
  std::string match;
  const auto add = [&](std::string_view column, const std::vector<std::string>& words, bool is_beginning) {
    match += fmt::format("{}{} : \"", match.empty() ? "" : " ", column);
    for (const std::string& word : words) {
      for (const char c : word) match += c == '"' ? std::string("\"\"") : std::string(1, c);
      match += ' ';
    }
    match.back() = '"';
    if (is_beginning) match += " *";
  };
  for (const Phrase& phrase : query.phrases) add("text", phrase.words, phrase.is_beginning);
  for (const std::string& label : query.labels) add("labels", {label}, false);
  return match;
}

std::int64_t row_id(std::uint64_t id) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(id, std::numeric_limits<std::int64_t>::max()));
}
void bind_text(sqlite3_stmt* statement, int at, std::string_view text) {
  sqlite3_bind_text64(statement, at, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

/// A folder for the owner alone and an exclusive lock beside the file.
Result<Descriptor> lock_beside(const std::filesystem::path& file) {
  if (auto made = make_folder_of(file); !made) return fail(made);
  const std::filesystem::path lock = file.string() + ".lock";
  Descriptor held(::open(lock.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (held.get() < 0) return std::unexpected(system_error(lock, "cannot open"));
  if (::flock(held.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorCode::Refused, fmt::format("{} is in use by another program", file.string()));
  return held;
}

}  // namespace

SqlTables::SqlTables(std::unique_ptr<Database> database) : database_(std::move(database)) {}
SqlTables::SqlTables(SqlTables&&) noexcept = default;
SqlTables& SqlTables::operator=(SqlTables&&) noexcept = default;
SqlTables::~SqlTables() = default;

Result<SqlTables> SqlTables::open(const std::filesystem::path& file, const FileKey& key, std::string_view kind,
                                  FileOptions options) {
  auto lock = lock_beside(file);
  if (!lock) return fail(lock);
  auto database = std::make_unique<Database>(file, std::move(*lock));
  const mode_t before = ::umask(0077);
  const int code =
      sqlite3_open_v2(file.c_str(), &database->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  ::umask(before);
  if (code != SQLITE_OK) return std::unexpected(database->error(code));
  sqlite3_extended_result_codes(database->db, 1);
  sqlite3_db_config(database->db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);

  // Its errors come back as codes; its own lines on stderr tell nobody more.
  if (auto quiet = database->run("PRAGMA cipher_log_level=NONE"); !quiet) return fail(quiet);
  std::string hex = to_hex(key.bytes());
  std::string keyed = "x'" + hex + "'";
  const int key_code = sqlite3_key(database->db, keyed.data(), static_cast<int>(keyed.size()));
  crypto::wipe({reinterpret_cast<std::byte*>(hex.data()), hex.size()});
  crypto::wipe({reinterpret_cast<std::byte*>(keyed.data()), keyed.size()});
  if (key_code != SQLITE_OK) return std::unexpected(database->error(key_code));
  if (auto first = database->ask("SELECT count(*) FROM sqlite_master"); !first) return fail(first);

  for (const char* pragma :
       {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA secure_delete=ON", "PRAGMA cell_size_check=ON",
        "PRAGMA mmap_size=0", "PRAGMA cache_size=-16384", "PRAGMA temp_store=MEMORY"})
    if (auto done = database->run(pragma); !done) return fail(done);
  if (options.max_pages > 0)
    if (auto done = database->run(fmt::format("PRAGMA max_page_count={}", options.max_pages)); !done) return fail(done);

  const auto sound = database->ask("PRAGMA quick_check(1)");
  if (!sound) return fail(sound);
  if (*sound != "ok") return fail(ErrorCode::Refused, fmt::format("{} is damaged: {}", file.string(), *sound));
  const auto version = database->ask("PRAGMA user_version");
  if (!version) return fail(version);
  if (std::atoi(version->c_str()) > kVersion)
    return fail(ErrorCode::Refused, fmt::format("{} was made by a newer version of this program", file.string()));
  auto made = database->run(
      "CREATE TABLE IF NOT EXISTS rows(t INTEGER NOT NULL, k BLOB NOT NULL, v BLOB NOT NULL, PRIMARY KEY(t, k)) "
      "WITHOUT ROWID; PRAGMA user_version=1");
  if (!made) return fail(made);
  for (auto [statement, sql] :
       {std::pair{&database->put,
                  "INSERT INTO rows(t, k, v) VALUES(?1, ?2, ?3) ON CONFLICT(t, k) DO UPDATE SET v = excluded.v"},
        {&database->get, "SELECT v FROM rows WHERE t = ?1 AND k = ?2"},
        {&database->erase, "DELETE FROM rows WHERE t = ?1 AND k = ?2"}})
    if (auto prepared = database->prepare(*statement, sql); !prepared) return fail(prepared);

  if (kind != "mail")
    if (auto words = database->run(kMakeWordsSql); !words) return fail(words);

  SqlTables tables(std::move(database));
  // Table 0 says what the file is for, so that a mailbox is not taken for an account.
  const auto found = tables.get(0, bytes_of("kind"));
  if (!found) return fail(found);
  if (*found && text_of(**found) != kind)
    return fail(ErrorCode::Refused, fmt::format("{} is a store of kind '{}', not '{}'", file.string(), text_of(**found), kind));
  if (!*found)
    if (auto put = tables.put(0, bytes_of("kind"), bytes_of(kind)); !put) return fail(put);
  return tables;
}

Result<void> SqlTables::begin() {
  if (database_->open) return fail(ErrorCode::Internal, "store: a transaction is open already");
  if (auto done = database_->run("BEGIN IMMEDIATE"); !done) return done;
  database_->open = true;
  return {};
}

Result<void> SqlTables::commit() {
  if (!database_->open) return fail(ErrorCode::Internal, "store: no transaction is open");
  Result<void> done = database_->spoiled ? std::unexpected(*database_->spoiled) : database_->run("COMMIT");
  if (!done) rollback();
  database_->open = false;
  return done;
}

void SqlTables::rollback() {
  if (!database_->open) return;
  database_->take_back();
  database_->open = false;
  database_->spoiled.reset();
}

void SqlTables::spoil(const Error& why) {
  if (!database_->open) return;
  database_->take_back();
  if (!database_->spoiled) database_->spoiled = why;
}

bool SqlTables::in_transaction() const { return database_->open; }

Result<void> SqlTables::put(TableId table, BytesView key, BytesView value) {
  if (database_->spoiled) return std::unexpected(*database_->spoiled);
  Run run(database_->put, table, key);
  run.bind(3, value);
  if (const int code = run.step(); code != SQLITE_DONE) {
    const Error why = database_->error(code);
    spoil(why);
    return std::unexpected(why);
  }
  return {};
}

Result<std::optional<Bytes>> SqlTables::get(TableId table, BytesView key) const {
  Run run(database_->get, table, key);
  const int code = run.step();
  if (code == SQLITE_DONE) return std::nullopt;
  if (code != SQLITE_ROW) return std::unexpected(database_->error(code));
  return to_bytes(run.column(0));
}

Result<bool> SqlTables::erase(TableId table, BytesView key) {
  if (database_->spoiled) return std::unexpected(*database_->spoiled);
  Run run(database_->erase, table, key);
  if (const int code = run.step(); code != SQLITE_DONE) {
    const Error why = database_->error(code);
    spoil(why);
    return std::unexpected(why);
  }
  return sqlite3_changes(database_->db) > 0;
}

Result<void> SqlTables::scan(TableId table, BytesView from, const Visitor& visit) const {
  const Scan scan(database_->db, kScanSql);
  if (scan.code() != SQLITE_OK) return std::unexpected(database_->error(scan.code()));
  Run run(scan.get(), table, from);
  int code = SQLITE_ROW;
  while ((code = run.step()) == SQLITE_ROW)
    if (!visit(run.column(0), run.column(1))) return {};
  if (code != SQLITE_DONE) return std::unexpected(database_->error(code));
  return {};
}

Result<void> SqlTables::scan_back(TableId table, BytesView before, const Visitor& visit) const {
  const Scan scan(database_->db, kScanBackSql);
  if (scan.code() != SQLITE_OK) return std::unexpected(database_->error(scan.code()));
  Run run(scan.get(), table, before);
  int code = SQLITE_ROW;
  while ((code = run.step()) == SQLITE_ROW)
    if (!visit(run.column(0), run.column(1))) return {};
  if (code != SQLITE_DONE) return std::unexpected(database_->error(code));
  return {};
}

Result<void> SqlTables::change_index(const char* sql, std::uint64_t id, std::string_view text, std::string_view labels) {
  if (database_->spoiled) return std::unexpected(*database_->spoiled);
  const Scan change(database_->db, sql);
  int code = change.code();
  if (code == SQLITE_OK) {
    sqlite3_bind_int64(change.get(), 1, row_id(id));
    bind_text(change.get(), 2, text);
    bind_text(change.get(), 3, labels);
    code = sqlite3_step(change.get());
  }
  if (code == SQLITE_DONE) return {};
  const Error why = database_->error(code);
  spoil(why);
  return std::unexpected(why);
}

Result<void> SqlTables::index(std::uint64_t id, std::string_view text, std::string_view labels) {
  return change_index(kIndexSql, id, text, labels);
}

Result<void> SqlTables::unindex(std::uint64_t id, std::string_view text, std::string_view labels) {
  return change_index(kUnindexSql, id, text, labels);
}

Result<void> SqlTables::find(const TextQuery& query, const IdVisitor& visit) const {
  if (query.before_id == 0) return {};
  const Scan found(database_->db, kFindSql);
  if (found.code() != SQLITE_OK) return std::unexpected(database_->error(found.code()));
  const std::string match = match_of(query);
  bind_text(found.get(), 1, match);
  sqlite3_bind_int64(found.get(), 2, row_id(query.from_id));
  sqlite3_bind_int64(found.get(), 3, row_id(query.before_id - 1));
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(found.get())) == SQLITE_ROW)
    if (!visit(static_cast<std::uint64_t>(sqlite3_column_int64(found.get(), 0)))) return {};
  if (code != SQLITE_DONE) return std::unexpected(database_->error(code));
  return {};
}

Result<void> SqlTables::check_integrity() const {
  for (const char* pragma : {"PRAGMA cipher_integrity_check", "PRAGMA integrity_check(1)"}) {
    const auto found = database_->ask(pragma);
    if (!found) return fail(found);
    if (!found->empty() && *found != "ok")
      return fail(ErrorCode::Refused, fmt::format("{} is damaged: {}", database_->file.string(), *found));
  }
  return {};
}

Result<void> SqlTables::back_up(const std::filesystem::path& to) const {
  std::error_code error;
  if (std::filesystem::exists(to, error)) return fail(ErrorCode::Refused, to.string() + ": is there already");
  // The log goes into the file first, so that the file alone is whole; nobody else has it open.
  if (auto done = database_->run("PRAGMA wal_checkpoint(TRUNCATE)"); !done) return done;
  const auto fresh = to.string() + ".new";
  const mode_t before = ::umask(0077);
  const bool copied =
      std::filesystem::copy_file(database_->file, fresh, std::filesystem::copy_options::overwrite_existing, error);
  ::umask(before);
  if (copied) std::filesystem::rename(fresh, to, error);
  if (!copied || error) return fail(ErrorCode::Unavailable, fmt::format("{}: {}", to.string(), error.message()));
  return {};
}

Result<std::unique_ptr<SqlMailStore>> SqlMailStore::open(const std::filesystem::path& file, const FileKey& key,
                                                         FileOptions options) {
  auto tables = SqlTables::open(file, key, "mail", options);
  if (!tables) return fail(tables);
  return std::unique_ptr<SqlMailStore>(new SqlMailStore(std::move(*tables)));
}

Result<std::unique_ptr<SqlClientStore>> SqlClientStore::open(const std::filesystem::path& file, const FileKey& key,
                                                             FileOptions options) {
  auto tables = SqlTables::open(file, key, "client", options);
  if (!tables) return fail(tables);
  return std::unique_ptr<SqlClientStore>(new SqlClientStore(std::move(*tables)));
}

}  // namespace session::store

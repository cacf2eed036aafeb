#include "core/store/sql_database.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "core/base/encoding.h"
#include "core/base/mutant.h"
#include "core/crypto/hash.h"
#include "core/store/file_lock.h"

namespace session::store {
namespace {

/// Beyond so many pages of 4 KiB `open` looks at the structure only: every page has its own MAC, which is checked when it is
/// read.
constexpr int kMostCheckedPages = 1024;
/// From so many pages on the log is written into the file.
constexpr int kLogPages = 1000;

bool is_failed_sync(int code) { return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC; }

Error sql_error(sqlite3* db, int code, const std::filesystem::path& file) {
  const std::string why = fmt::format("{}: {}", file.string(), db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code));
  switch (code & 0xff) {
    case SQLITE_FULL: return {ErrorCode::Full, "no room left for " + why};
    case SQLITE_NOTADB: return {ErrorCode::Unauthentic, "the key does not open this file, or the file is damaged: " + why};
    case SQLITE_CORRUPT: return {ErrorCode::Damaged, "damaged: " + why};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_BUSY: return {ErrorCode::Unavailable, why};
    default: return {ErrorCode::Internal, why};
  }
}

/// The first 16 bytes of the file, from which SQLCipher makes the key of every page's MAC. Where they can be said, a first
/// sector that was half written when the power went does not cost the whole file: page 1 is in the log.
ByteArray<16> salt_of(const FileKey& key) { return crypto::blake2b_128({bytes_of("session store salt"), key.bytes()}); }

/// `has_own_salt`: the file was made when salts were drawn, and says its own.
Result<void> give_key(SqlDatabase& database, const FileKey& key, bool has_own_salt) {
  // Its errors come back as codes; its own lines on stderr tell nobody more.
  if (auto quiet = database.run("PRAGMA cipher_log_level=NONE"); !quiet) return quiet;
  std::string hex = to_hex(key.bytes());
  std::string keyed = "x'" + hex + (has_own_salt ? "" : to_hex(salt_of(key))) + "'";
  const int code = sqlite3_key(database.db, keyed.data(), static_cast<int>(keyed.size()));
  crypto::wipe({reinterpret_cast<std::byte*>(hex.data()), hex.size()});
  crypto::wipe({reinterpret_cast<std::byte*>(keyed.data()), keyed.size()});
  if (code != SQLITE_OK) return std::unexpected(database.error(code));
  if (auto first = database.ask("SELECT count(*) FROM sqlite_master"); !first) return fail(first);
  return {};
}

Result<void> look_whether_whole(SqlDatabase& database) {
  const auto pages = database.ask("PRAGMA page_count");
  if (!pages) return fail(pages);
  if (std::atoi(pages->c_str()) > kMostCheckedPages) return {};
  const auto sound = database.ask("PRAGMA quick_check(1)");
  if (!sound) return fail(sound);
  if (*sound != "ok") return fail(ErrorCode::Damaged, fmt::format("{} is damaged: {}", database.file.string(), *sound));
  return {};
}

}  // namespace

Result<std::unique_ptr<SqlDatabase>> SqlDatabase::open(const std::filesystem::path& file, const FileKey& key,
                                                       std::uint32_t max_pages) {
  auto lock = lock_beside(file);
  if (!lock) return fail(lock);
  std::unique_ptr<SqlDatabase> database(new SqlDatabase(file, std::move(*lock), key, max_pages));
  if (auto connected = database->connect(); !connected) return fail(connected);
  return database;
}

Result<void> SqlDatabase::connect() {
  auto connected = connect(false);
  if (connected || connected.error().code != ErrorCode::Unauthentic) return connected;
  disconnect();
  return connect(true);
}

Result<void> SqlDatabase::connect(bool has_own_salt) {
  const mode_t before = ::umask(0077);
  const int code =
      sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  ::umask(before);
  if (code != SQLITE_OK) return std::unexpected(error(code));
  sqlite3_extended_result_codes(db, 1);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (auto keyed = give_key(*this, key_, has_own_salt); !keyed) return keyed;
  for (const char* pragma :
       {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
        mutant::is_on(Mutant::C5) ? "PRAGMA secure_delete=OFF" : "PRAGMA secure_delete=ON", "PRAGMA cell_size_check=ON",
        "PRAGMA mmap_size=0", "PRAGMA cache_size=-16384", "PRAGMA temp_store=MEMORY"})
    if (auto done = run(pragma); !done) return done;
  sqlite3_wal_hook(db, &SqlDatabase::on_log_grown, this);
  if (auto whole = look_whether_whole(*this); !whole) return whole;
  is_known_ = true;
  return max_pages_ == 0 ? Result<void>() : run(fmt::format("PRAGMA max_page_count={}", max_pages_));
}

void SqlDatabase::disconnect() {
  for (sqlite3_stmt** statement : {&put, &get, &erase, &index, &unindex}) sqlite3_finalize(std::exchange(*statement, nullptr));
  sqlite3_close_v2(std::exchange(db, nullptr));
  is_known_ = false;
}

SqlDatabase::~SqlDatabase() { disconnect(); }

/// After a commit, which holds whatever happens here. SQLite's own hook would tell nobody of a sync that failed.
int SqlDatabase::on_log_grown(void* self, sqlite3* connection, const char* name, int pages) {
  if (pages < kLogPages) return SQLITE_OK;
  const int code = sqlite3_wal_checkpoint_v2(connection, name, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (is_failed_sync(code)) static_cast<SqlDatabase*>(self)->is_doubtful_ = true;
  return SQLITE_OK;
}

Result<void> SqlDatabase::make_sure() {
  if (!is_doubtful_) return {};
  if (open_transaction) return fail(ErrorCode::Unavailable, file.string() + ": a sync failed");
  disconnect();
  if (auto connected = connect(); !connected) return connected;
  // What the log holds may be in the system's memory alone, and is believed to be on the disk: written anew, it will be.
  if (auto emptied = empty_log(); !emptied) return emptied;
  is_doubtful_ = false;
  return {};
}

Result<void> SqlDatabase::empty_log() {
  const auto busy = ask("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!busy) return fail(busy);
  if (*busy != "0") return fail(ErrorCode::Unavailable, file.string() + ": its log is in use");
  return {};
}

Error SqlDatabase::error(int code) {
  if (is_failed_sync(code) && !mutant::is_on(Mutant::C3)) is_doubtful_ = true;
  // That the key opens the file is known then.
  if (is_known_ && (code & 0xff) == SQLITE_NOTADB) return sql_error(db, SQLITE_CORRUPT, file);
  return sql_error(db, code, file);
}

Result<void> SqlDatabase::run(const std::string& sql) {
  const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error(sqlite3_extended_errcode(db)));
  return {};
}

Result<std::string> SqlDatabase::ask(const std::string& sql) {
  std::string answer;
  const auto take = [](void* out, int count, char** columns, char**) {
    if (count > 0 && columns[0] != nullptr) *static_cast<std::string*>(out) = columns[0];
    return 0;
  };
  if (sqlite3_exec(db, sql.c_str(), take, &answer, nullptr) != SQLITE_OK)
    return std::unexpected(error(sqlite3_extended_errcode(db)));
  return answer;
}

void SqlDatabase::take_back() {
  if (sqlite3_get_autocommit(db) == 0) static_cast<void>(run("ROLLBACK"));
}

Result<void> SqlDatabase::prepare(sqlite3_stmt*& statement, const char* sql) {
  const int code = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error(code));
  return {};
}

}  // namespace session::store

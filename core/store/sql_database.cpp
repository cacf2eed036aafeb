#include "core/store/sql_database.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "core/base/encoding.h"
#include "core/store/file_lock.h"

namespace session::store {
namespace {

/// Beyond so many pages of 4 KiB `open` looks at the structure only: every page has its own MAC, which is checked when it is
/// read.
constexpr int kMostCheckedPages = 2048;

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

Result<void> give_key(const SqlDatabase& database, const FileKey& key) {
  // Its errors come back as codes; its own lines on stderr tell nobody more.
  if (auto quiet = database.run("PRAGMA cipher_log_level=NONE"); !quiet) return quiet;
  std::string hex = to_hex(key.bytes());
  std::string keyed = "x'" + hex + "'";
  const int code = sqlite3_key(database.db, keyed.data(), static_cast<int>(keyed.size()));
  crypto::wipe({reinterpret_cast<std::byte*>(hex.data()), hex.size()});
  crypto::wipe({reinterpret_cast<std::byte*>(keyed.data()), keyed.size()});
  if (code != SQLITE_OK) return std::unexpected(database.error(code));
  if (auto first = database.ask("SELECT count(*) FROM sqlite_master"); !first) return fail(first);
  return {};
}

Result<void> look_whether_whole(const SqlDatabase& database) {
  const auto pages = database.ask("PRAGMA page_count");
  if (!pages) return fail(pages);
  if (std::atoi(pages->c_str()) > kMostCheckedPages) return {};
  const auto sound = database.ask("PRAGMA quick_check(1)");
  if (!sound) return fail(sound);
  if (*sound != "ok") return fail(ErrorCode::Refused, fmt::format("{} is damaged: {}", database.file.string(), *sound));
  return {};
}

}  // namespace

Result<std::unique_ptr<SqlDatabase>> SqlDatabase::open(const std::filesystem::path& file, const FileKey& key) {
  auto lock = lock_beside(file);
  if (!lock) return fail(lock);
  std::unique_ptr<SqlDatabase> database(new SqlDatabase(file, std::move(*lock)));
  const mode_t before = ::umask(0077);
  const int code =
      sqlite3_open_v2(file.c_str(), &database->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  ::umask(before);
  if (code != SQLITE_OK) return std::unexpected(database->error(code));
  sqlite3_extended_result_codes(database->db, 1);
  sqlite3_db_config(database->db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (auto keyed = give_key(*database, key); !keyed) return fail(keyed);
  for (const char* pragma :
       {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA secure_delete=ON", "PRAGMA cell_size_check=ON",
        "PRAGMA mmap_size=0", "PRAGMA cache_size=-16384", "PRAGMA temp_store=MEMORY"})
    if (auto done = database->run(pragma); !done) return fail(done);
  if (auto whole = look_whether_whole(*database); !whole) return fail(whole);
  return database;
}

SqlDatabase::~SqlDatabase() {
  for (sqlite3_stmt* statement : {put, get, erase, index, unindex}) sqlite3_finalize(statement);
  sqlite3_close_v2(db);
}

Error SqlDatabase::error(int code) const { return sql_error(db, code, file); }

Result<void> SqlDatabase::run(const std::string& sql) const {
  const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error(sqlite3_extended_errcode(db)));
  return {};
}

Result<std::string> SqlDatabase::ask(const std::string& sql) const {
  std::string answer;
  const auto take = [](void* out, int count, char** columns, char**) {
    if (count > 0 && columns[0] != nullptr) *static_cast<std::string*>(out) = columns[0];
    return 0;
  };
  if (sqlite3_exec(db, sql.c_str(), take, &answer, nullptr) != SQLITE_OK)
    return std::unexpected(error(sqlite3_extended_errcode(db)));
  return answer;
}

void SqlDatabase::take_back() const {
  if (sqlite3_get_autocommit(db) == 0) static_cast<void>(run("ROLLBACK"));
}

Result<void> SqlDatabase::prepare(sqlite3_stmt*& statement, const char* sql) const {
  const int code = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error(code));
  return {};
}

}  // namespace session::store

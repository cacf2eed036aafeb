#include "core/store/sql_tables.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>

#include "core/base/mutant.h"
#include "core/store/sql_database.h"

namespace session::store {
namespace {

constexpr Millis kTidyEvery = hours(12);
constexpr const char* kMakeRowsSql =
    "CREATE TABLE IF NOT EXISTS rows(t INTEGER NOT NULL, k BLOB NOT NULL, v BLOB NOT NULL, PRIMARY KEY(t, k)) WITHOUT ROWID";
constexpr const char* kPutSql = "INSERT INTO rows(t, k, v) VALUES(?1, ?2, ?3) ON CONFLICT(t, k) DO UPDATE SET v = excluded.v";
constexpr const char* kGetSql = "SELECT v FROM rows WHERE t = ?1 AND k = ?2";
constexpr const char* kEraseSql = "DELETE FROM rows WHERE t = ?1 AND k = ?2";
constexpr const char* kScanSql = "SELECT k, v FROM rows WHERE t = ?1 AND k >= ?2 ORDER BY k";
constexpr const char* kScanBackSql = "SELECT k, v FROM rows WHERE t = ?1 AND k < ?2 ORDER BY k DESC";

/// The words are kept in an index without the texts, which stand in the rows already; what is taken out is overwritten at once.
/// Beginnings of two and three letters have an index of their own: there are many words to each of them. A leaf of the index
/// fits into a page of 4,096 bytes, of which encryption takes 80; FTS5's own 4,050 would spill into a second one.
constexpr const char* kMakeWordsSql =
    "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text, labels, content='', columnsize=0, prefix='2 3', "
    "tokenize=\"unicode61 remove_diacritics 2\");"
    "INSERT INTO words(words, rank) VALUES('secure-delete', 1);"
    "INSERT INTO words(words, rank) VALUES('pgsz', 3960)";
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

}  // namespace

SqlTables::SqlTables(std::unique_ptr<SqlDatabase> database) : database_(std::move(database)) {}
SqlTables::SqlTables(SqlTables&&) noexcept = default;
SqlTables& SqlTables::operator=(SqlTables&&) noexcept = default;
SqlTables::~SqlTables() = default;

Result<SqlTables> SqlTables::open(const std::filesystem::path& file, const FileKey& key, const FileKind& kind,
                                  FileOptions options) {
  auto database = SqlDatabase::open(file, key, options.max_pages);
  if (!database) return fail(database);
  const auto version_text = (*database)->ask("PRAGMA user_version");
  if (!version_text) return fail(version_text);
  const int version = std::atoi(version_text->c_str());
  if (version > kind.version())
    return fail(ErrorCode::Refused, fmt::format("{} was made by a newer version of this program", file.string()));

  SqlTables tables(std::move(*database));
  if (version > 0) {
    if (auto taken = tables.look_at_kind(kind); !taken) return fail(taken);
  } else if (auto made = tables.make(kind); !made) {
    return fail(made);
  }
  for (int from = version; from > 0 && from < kind.version(); ++from)
    if (auto moved = tables.migrate(kind, from); !moved) return fail(moved);
  return tables;
}

/// The file can be trusted, and its statements are there.
Result<void> SqlTables::prepare() const {
  if (auto sure = database_->make_sure(); !sure) return sure;
  if (database_->put != nullptr && database_->get != nullptr && database_->erase != nullptr) return {};
  for (auto [statement, sql] :
       {std::pair{&database_->put, kPutSql}, {&database_->get, kGetSql}, {&database_->erase, kEraseSql}})
    if (*statement == nullptr)
      if (auto prepared = database_->prepare(*statement, sql); !prepared) return prepared;
  return {};
}

/// Table 0 says what the file is for, so that a mailbox is not taken for an account.
Result<void> SqlTables::look_at_kind(const FileKind& kind) {
  if (auto prepared = prepare(); !prepared) return prepared;
  const auto found = get(0, bytes_of("kind"));
  if (!found) return fail(found);
  if (!*found) return put(0, bytes_of("kind"), bytes_of(kind.name));
  if (text_of(**found) == kind.name) return {};
  return fail(ErrorCode::Refused,
              fmt::format("{} is a store of kind '{}', not '{}'", database_->file.string(), text_of(**found), kind.name));
}

Result<void> SqlTables::make(const FileKind& kind) {
  return whole(*this, [&]() -> Result<void> {
    if (auto rows = database_->run(kMakeRowsSql); !rows) return rows;
    if (auto words = kind.has_texts ? database_->run(kMakeWordsSql) : Result<void>{}; !words) return words;
    if (auto taken = look_at_kind(kind); !taken) return taken;
    return database_->run(fmt::format("PRAGMA user_version={}", kind.version()));
  });
}

/// One step, with the version that it leads to.
Result<void> SqlTables::migrate(const FileKind& kind, int from) {
  return whole(*this, [&]() -> Result<void> {
    if (auto words = kind.has_texts ? database_->run(kMakeWordsSql) : Result<void>{}; !words) return words;
    if (auto moved = kind.steps[static_cast<std::size_t>(from) - 1](*this); !moved) return moved;
    return database_->run(fmt::format("PRAGMA user_version={}", from + 1));
  });
}

Result<void> SqlTables::begin() {
  if (database_->open_transaction) return fail(ErrorCode::Internal, "store: a transaction is open already");
  if (auto sure = database_->make_sure(); !sure) return sure;
  if (auto done = database_->run("BEGIN IMMEDIATE"); !done) return done;
  database_->open_transaction = true;
  return {};
}

Result<void> SqlTables::commit() {
  if (!database_->open_transaction) return fail(ErrorCode::Internal, "store: no transaction is open");
  Result<void> done = database_->spoiled ? std::unexpected(*database_->spoiled) : database_->run("COMMIT");
  if (!done) rollback();
  if (mutant::is_on(Mutant::C4)) done = {};
  database_->open_transaction = false;
  if (done && database_->is_untidy) empty_log();
  return done;
}

/// What is in the way now is tried again after the next commit.
void SqlTables::empty_log() { database_->is_untidy = !database_->empty_log(); }

void SqlTables::tidy(Instant now) {
  if (now >= database_->tidied && now < database_->tidied + kTidyEvery) return;
  database_->tidied = now;
  database_->is_untidy = true;
  if (!in_transaction()) empty_log();
}

void SqlTables::rollback() {
  if (!database_->open_transaction) return;
  database_->take_back();
  database_->open_transaction = false;
  database_->spoiled.reset();
}

void SqlTables::spoil(const Error& why) {
  if (!database_->open_transaction) return;
  database_->take_back();
  if (!database_->spoiled) database_->spoiled = why;
}

bool SqlTables::in_transaction() const { return database_->open_transaction; }

Result<void> SqlTables::put(TableId table, BytesView key, BytesView value, Part /*alike*/) {
  if (database_->spoiled) return std::unexpected(*database_->spoiled);
  if (auto ready = prepare(); !ready) return ready;
  Run run(database_->put, table, key);
  run.bind(3, value);
  if (const int code = run.step(); code != SQLITE_DONE && !(code == SQLITE_FULL && mutant::is_on(Mutant::C4))) {
    const Error why = database_->error(code);
    spoil(why);
    return std::unexpected(why);
  }
  return {};
}

Result<std::optional<Bytes>> SqlTables::get(TableId table, BytesView key) const {
  if (auto ready = prepare(); !ready) return fail(ready);
  Run run(database_->get, table, key);
  const int code = run.step();
  if (code == SQLITE_DONE) return std::nullopt;
  if (code != SQLITE_ROW) return std::unexpected(database_->error(code));
  return to_bytes(run.column(0));
}

Result<bool> SqlTables::erase(TableId table, BytesView key) {
  if (database_->spoiled) return std::unexpected(*database_->spoiled);
  if (auto ready = prepare(); !ready) return fail(ready);
  Run run(database_->erase, table, key);
  if (const int code = run.step(); code != SQLITE_DONE) {
    const Error why = database_->error(code);
    spoil(why);
    return std::unexpected(why);
  }
  return sqlite3_changes(database_->db) > 0;
}

Result<void> SqlTables::scan(TableId table, BytesView from, const Visitor& visit) const {
  if (auto ready = prepare(); !ready) return ready;
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
  if (auto ready = prepare(); !ready) return ready;
  const Scan scan(database_->db, kScanBackSql);
  if (scan.code() != SQLITE_OK) return std::unexpected(database_->error(scan.code()));
  Run run(scan.get(), table, before);
  int code = SQLITE_ROW;
  while ((code = run.step()) == SQLITE_ROW)
    if (!visit(run.column(0), run.column(1))) return {};
  if (code != SQLITE_DONE) return std::unexpected(database_->error(code));
  return {};
}

/// What both changes of the index have in common.
Result<void> SqlTables::change_index(sqlite3_stmt*& statement, const char* sql, std::uint64_t id, std::string_view text,
                                     std::string_view labels) {
  if (database_->spoiled) return std::unexpected(*database_->spoiled);
  if (auto ready = prepare(); !ready) return ready;
  if (statement == nullptr)
    if (auto prepared = database_->prepare(statement, sql); !prepared) return prepared;
  Run run(statement);
  run.bind(1, id);
  run.bind(2, text);
  run.bind(3, labels);
  if (const int code = run.step(); code != SQLITE_DONE) {
    const Error why = database_->error(code);
    spoil(why);
    return std::unexpected(why);
  }
  return {};
}

Result<void> SqlTables::index(std::uint64_t id, std::string_view text, std::string_view labels) {
  return change_index(database_->index, kIndexSql, id, text, labels);
}

Result<void> SqlTables::unindex(std::uint64_t id, std::string_view text, std::string_view labels) {
  return change_index(database_->unindex, kUnindexSql, id, text, labels);
}

Result<void> SqlTables::find(const TextQuery& query, const IdVisitor& visit) const {
  if (query.before_id == 0) return {};
  if (auto ready = prepare(); !ready) return ready;
  const Scan found(database_->db, kFindSql);
  if (found.code() != SQLITE_OK) return std::unexpected(database_->error(found.code()));
  const std::string match = match_of(query);
  Run run(found.get());
  run.bind(1, std::string_view(match));
  run.bind(2, query.from_id);
  run.bind(3, query.before_id - 1);
  int code = SQLITE_ROW;
  while ((code = run.step()) == SQLITE_ROW)
    if (!visit(run.number(0))) return {};
  if (code != SQLITE_DONE) return std::unexpected(database_->error(code));
  return {};
}

Result<void> SqlTables::check_integrity() const {
  if (auto ready = prepare(); !ready) return ready;
  // The first looks at the file alone, which the power may have left half written where the log has the whole.
  if (auto emptied = database_->empty_log(); !emptied) return emptied;
  for (const char* pragma : {"PRAGMA cipher_integrity_check", "PRAGMA integrity_check(1)"}) {
    const auto found = database_->ask(pragma);
    if (!found) return fail(found);
    if (!found->empty() && *found != "ok")
      return fail(ErrorCode::Damaged, fmt::format("{} is damaged: {}", database_->file.string(), *found));
  }
  return {};
}

Result<void> SqlTables::back_up(const std::filesystem::path& to) const {
  std::error_code error;
  if (std::filesystem::exists(to, error)) return fail(ErrorCode::Refused, to.string() + ": is there already");
  // The log goes into the file first, so that the file alone is whole; nobody else has it open.
  if (auto ready = prepare(); !ready) return ready;
  if (auto done = database_->empty_log(); !done) return done;
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
  auto tables = SqlTables::open(file, key, kMailFile, options);
  if (!tables) return fail(tables);
  return std::unique_ptr<SqlMailStore>(new SqlMailStore(std::move(*tables)));
}

Result<std::unique_ptr<SqlClientStore>> SqlClientStore::open(const std::filesystem::path& file, const FileKey& key,
                                                             FileOptions options) {
  auto tables = SqlTables::open(file, key, kClientFile, options);
  if (!tables) return fail(tables);
  return std::unique_ptr<SqlClientStore>(new SqlClientStore(std::move(*tables)));
}

}  // namespace session::store

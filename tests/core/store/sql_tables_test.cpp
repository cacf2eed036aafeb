#include "core/store/sql_tables.h"

#include <signal.h>
#include <sqlcipher/sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "tests/core/store/stores.h"

namespace session::store {
namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
mode_t mode_of(const std::filesystem::path& file) {
  struct stat found{};
  EXPECT_EQ(::stat(file.c_str(), &found), 0);
  return found.st_mode & 0777;
}

/// Runs `body` in a child that is killed at its end, with no destructor run.
void in_killed_child(const std::function<void()>& body) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    body();
    ::kill(::getpid(), SIGKILL);
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST(SqlStore, OutlivesItsProcessAndIsUnreadableWithoutItsKey) {
  const TempFolder folder;
  const auto file = folder / "node/mail.db";
  MailRow row = mail_row(1, 0, 1);
  row.data = to_bytes("a needle that nobody may find in the file");
  {
    auto mail = SqlMailStore::open(file, key_of(1)).value();
    ASSERT_TRUE(mail->insert(row));
    EXPECT_EQ(mode_of(file), 0600u);
    EXPECT_EQ(mode_of(file.string() + "-wal"), 0600u);
    EXPECT_EQ(mode_of(file.parent_path()), 0700u);
    EXPECT_EQ(content_of(file.string() + "-wal").find("a needle"), std::string::npos);
  }
  EXPECT_EQ(content_of(file).find("a needle"), std::string::npos);
  EXPECT_EQ(content_of(file).find("SQLite format"), std::string::npos);
  auto again = SqlMailStore::open(file, key_of(1)).value();
  EXPECT_EQ(again->find(row.head.hash).value()->data, row.data);
}

TEST(SqlStore, AMailboxIsNotTakenForAnAccount) {
  const TempFolder folder;
  {
    ASSERT_TRUE(SqlMailStore::open(folder / "x.db", key_of(1)));
  }
  const auto taken = SqlClientStore::open(folder / "x.db", key_of(1));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::Refused);
}

TEST(SqlStore, AKilledProcessLeavesWhatItCommittedAndNothingElse) {
  const TempFolder folder;
  const auto file = folder / "mail.db";
  for (std::uint64_t round = 0; round < 8; ++round) {
    in_killed_child([&] {
      auto mail = SqlMailStore::open(file, key_of(1));
      if (!mail) return;
      const auto insert = [&](std::uint64_t n) {
        return (*mail)->insert(mail_row(1, 0, 100 * round + n, 1000, 20'000)).has_value();
      };
      bool good = (*mail)->begin().has_value();
      for (std::uint64_t n = 1; n <= 10; ++n) good = good && insert(n);
      good = good && (*mail)->commit().has_value() && (*mail)->begin().has_value();
      for (std::uint64_t n = 11; n <= 10 + 10 * round; ++n) good = good && insert(n);
      if (!good) ::_exit(2);
    });
    auto mail = SqlMailStore::open(file, key_of(1));
    ASSERT_TRUE(mail) << mail.error().message;
    EXPECT_EQ((*mail)->count(), 10 * (round + 1));
    EXPECT_EQ(numbers(**mail, 1, 0).size(), 10 * (round + 1));
  }
}

TEST(SqlStore, AProcessKilledAtAnyMomentLeavesWholeTransactions) {
  const TempFolder folder;
  const auto file = folder / "client.db";
  SeededRng rng(99);
  std::uint64_t known = 0;
  for (int round = 0; round < 6; ++round) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto client = SqlClientStore::open(file, key_of(1));
      OutboxRow row;
      row.sealed.resize(5000);
      for (std::uint64_t i = 0; client && i < 1'000'000; ++i) {
        const bool good =
            (*client)->begin() && (*client)->add_event("event") && (*client)->add_outbox(row) && (*client)->commit();
        if (!good || ::write(ready[1], "x", 1) != 1) ::_exit(2);
      }
      ::_exit(3);
    }
    const std::uint64_t told = 1 + rng.below(20);
    char byte = 0;
    for (std::uint64_t i = 0; i < told; ++i) ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    ::close(ready[0]);
    ::close(ready[1]);
    auto client = SqlClientStore::open(file, key_of(1));
    ASSERT_TRUE(client) << client.error().message;
    const auto events = (*client)->events(kNoLimit)->size();
    EXPECT_EQ((*client)->outbox()->size(), events);
    EXPECT_GE(events, known + told);
    known = events;
  }
}

TEST(SqlStore, AFullFileRefusesWritesAndStillReads) {
  const TempFolder folder;
  const auto file = folder / "mail.db";
  auto mail = SqlMailStore::open(file, key_of(1), {.max_pages = 64}).value();
  std::uint64_t kept = 0;
  Result<Inserted> inserted;
  while ((inserted = mail->insert(mail_row(1, 0, kept + 1, 1000, 10'000)))) ++kept;
  EXPECT_EQ(inserted.error().code, ErrorCode::Full);
  EXPECT_GT(kept, 10u);
  EXPECT_EQ(mail->count(), kept);
  EXPECT_EQ(numbers(*mail, 1, 0).size(), kept);
  EXPECT_EQ(mail->total_bytes(), kept * 10'000);
  // What goes makes room.
  ASSERT_TRUE(mail->remove(person(1).account, hash_of(1)).value());
  ASSERT_TRUE(mail->remove(person(1).account, hash_of(2)).value());
  EXPECT_TRUE(mail->insert(mail_row(1, 0, 5000, 1000, 10'000)));
}

TEST(SqlStore, AGroupThatDoesNotFitIsTakenBackAsAWhole) {
  const TempFolder folder;
  auto mail = SqlMailStore::open(folder / "mail.db", key_of(1), {.max_pages = 64}).value();
  ASSERT_TRUE(mail->insert(mail_row(1, 0, 1)));
  ASSERT_TRUE(mail->begin());
  Result<Inserted> inserted;
  for (std::uint64_t n = 2; n < 1000; ++n)
    if (inserted = mail->insert(mail_row(1, 0, n, 1000, 10'000)); !inserted) break;
  ASSERT_FALSE(inserted);
  EXPECT_EQ(inserted.error().code, ErrorCode::Full);
  EXPECT_EQ(mail->insert(mail_row(1, 0, 2000, 1000, 1)).error().code, ErrorCode::Full);
  EXPECT_EQ(numbers(*mail, 1, 0).size(), 1u);
  EXPECT_EQ(mail->commit().error().code, ErrorCode::Full);
  EXPECT_FALSE(mail->in_transaction());
  EXPECT_EQ(mail->count(), 1u);
  EXPECT_TRUE(mail->insert(mail_row(1, 0, 2, 1000, 100)));
}

TEST(SqlStore, WordsOfAMessageThatIsGoneAreNotInTheFile) {
  const TempFolder folder;
  const auto file = folder / "client.db";
  std::vector<std::uint64_t> ids;
  const auto needles = [&](std::string_view needle) {
    // The index and the rows as they lie on the live and the free pages, decrypted.
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    const std::string key = "x'" + to_hex(key_of(1).bytes()) + "'";
    EXPECT_EQ(sqlite3_key(db, key.data(), static_cast<int>(key.size())), SQLITE_OK);
    const std::string plain = (folder / "plain.db").string();
    std::filesystem::remove(plain);
    const std::string sql = "ATTACH '" + plain + "' AS plain KEY ''; SELECT sqlcipher_export('plain'); DETACH plain";
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
    const std::string content = content_of(plain);
    std::size_t count = 0;
    for (auto found = content.find(needle); found != std::string::npos; found = content.find(needle, found + 1)) ++count;
    return count;
  };
  {
    auto client = SqlClientStore::open(file, key_of(1)).value();
    for (std::int64_t n = 0; n < 200; ++n) {
      MessageRow row = message_row(2, n);
      row.body = "xylophone " + std::to_string(n);
      ids.push_back(client->add_message(row)->id);
    }
  }
  EXPECT_GT(needles("xylophone"), 200u);
  {
    auto client = SqlClientStore::open(file, key_of(1)).value();
    for (const auto id : ids) ASSERT_TRUE(client->remove_message(id).value());
  }
  EXPECT_EQ(needles("xylophone"), 0u);
  EXPECT_EQ(needles("ylophone"), 0u);  // words with the same beginning are kept without it
}

}  // namespace
}  // namespace session::store

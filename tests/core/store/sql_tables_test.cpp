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

TEST(SqlStore, TheWrongKeyIsToldAndHarmsNothing) {
  const TempFolder folder;
  const auto file = folder / "client.db";
  {
    ASSERT_TRUE(SqlClientStore::open(file, key_of(1)).value()->put_setting("a", bytes_of("b")));
  }
  const std::string before = content_of(file);
  const auto wrong = SqlClientStore::open(file, key_of(2));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::Unauthentic);
  EXPECT_THAT(wrong.error().message, testing::HasSubstr("key does not open"));
  EXPECT_EQ(content_of(file), before);
  EXPECT_EQ(SqlClientStore::open(file, key_of(1)).value()->setting("a").value(), to_bytes("b"));
}

TEST(SqlStore, OneProgramAtATime) {
  const TempFolder folder;
  const auto file = folder / "client.db";
  auto first = SqlClientStore::open(file, key_of(1)).value();
  const auto second = SqlClientStore::open(file, key_of(1));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::Refused);
  EXPECT_THAT(second.error().message, testing::HasSubstr("in use by another program"));
  first.reset();
  EXPECT_TRUE(SqlClientStore::open(file, key_of(1)));
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

TEST(SqlStore, AFileOfANewerVersionIsRefusedAndKept) {
  const TempFolder folder;
  const auto file = folder / "client.db";
  {
    ASSERT_TRUE(SqlClientStore::open(file, key_of(1)).value()->put_setting("a", {}));
  }
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  const std::string key = "x'" + to_hex(key_of(1).bytes()) + "'";
  ASSERT_EQ(sqlite3_key(db, key.data(), static_cast<int>(key.size())), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "PRAGMA user_version=99", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  const auto newer = SqlClientStore::open(file, key_of(1));
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, ErrorCode::Refused);
  EXPECT_THAT(newer.error().message, testing::HasSubstr("newer version"));
}

TEST(SqlStore, ADamagedFileIsRefusedAndKept) {
  const TempFolder folder;
  const auto file = folder / "mail.db";
  {
    auto mail = SqlMailStore::open(file, key_of(1)).value();
    for (std::uint64_t n = 1; n <= 50; ++n) ASSERT_TRUE(mail->insert(mail_row(1, 0, n, 1000, 3000)));
  }
  const std::string whole = content_of(file);
  SeededRng rng(4);
  for (int i = 0; i < 12; ++i) {
    std::string damaged = whole;
    damaged[rng.below(damaged.size())] ^= 0x40;
    std::ofstream(file, std::ios::binary | std::ios::trunc) << damaged;
    const auto opened = SqlMailStore::open(file, key_of(1));
    ASSERT_FALSE(opened);
    EXPECT_TRUE(opened.error().code == ErrorCode::Refused || opened.error().code == ErrorCode::Unauthentic)
        << opened.error().message;
    EXPECT_EQ(content_of(file).size(), damaged.size());
  }
  std::ofstream(file, std::ios::binary | std::ios::trunc) << whole.substr(0, whole.size() / 2);
  EXPECT_FALSE(SqlMailStore::open(file, key_of(1)));
  std::ofstream(file, std::ios::binary | std::ios::trunc) << whole;
  EXPECT_TRUE(SqlMailStore::open(file, key_of(1)));
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

}  // namespace
}  // namespace session::store

#include "core/store/sql_database.h"

#include <fstream>

#include "tests/core/store/stores.h"

namespace session::store {
namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
TEST(SqlDatabase, TheWrongKeyIsToldAndHarmsNothing) {
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

TEST(SqlDatabase, OneProgramAtATime) {
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

TEST(SqlDatabase, AFileOfANewerVersionIsRefusedAndKept) {
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

TEST(SqlDatabase, ADamagedFileIsRefusedAndKept) {
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
    EXPECT_TRUE(opened.error().code == ErrorCode::Damaged || opened.error().code == ErrorCode::Unauthentic)
        << opened.error().message;
    EXPECT_EQ(content_of(file).size(), damaged.size());
  }
  std::ofstream(file, std::ios::binary | std::ios::trunc) << whole.substr(0, whole.size() / 2);
  EXPECT_FALSE(SqlMailStore::open(file, key_of(1)));
  std::ofstream(file, std::ios::binary | std::ios::trunc) << whole;
  EXPECT_TRUE(SqlMailStore::open(file, key_of(1)));
}

TEST(SqlDatabase, TrustsNeitherTheSchemaNorTheFile) {
  const TempFolder folder;
  const auto database = SqlDatabase::open(folder / "x.db", key_of(1)).value();
  EXPECT_EQ(database->ask("PRAGMA trusted_schema").value(), "0");
  EXPECT_EQ(database->ask("PRAGMA cell_size_check").value(), "1");
  EXPECT_EQ(database->ask("PRAGMA secure_delete").value(), "1");
  EXPECT_EQ(database->ask("PRAGMA synchronous").value(), "2");
  EXPECT_EQ(database->ask("PRAGMA journal_mode").value(), "wal");
  EXPECT_EQ(database->ask("PRAGMA mmap_size").value(), "0");
  EXPECT_FALSE(database->run("PRAGMA writable_schema=1; CREATE TABLE a(b); DELETE FROM sqlite_master"));
}

}  // namespace
}  // namespace session::store

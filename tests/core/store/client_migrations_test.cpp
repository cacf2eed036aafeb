// data/client_v1.db was made by version 1 itself (the last one before the words were indexed), with the key 07…07: Alice, her
// contact Bob, 600 messages an hour apart, of which the 7th has no words and every hundredth says so, deliveries 1 to 3 and 698
// to 700, and one row of everything else.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/core/store/stores.h"

namespace session::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr FileKind kVersion1{"client", {}, false};

std::filesystem::path copy_of_version_1(const TempFolder& folder) {
  const auto file = folder / "client.db";
  std::filesystem::copy_file(std::string(SESSION_SOURCE_DIR) + "/tests/core/store/data/client_v1.db", file,
                             std::filesystem::copy_options::overwrite_existing);
  return file;
}

/// Every row of a file, tables 1 to 40.
std::map<std::pair<TableId, Bytes>, Bytes> rows_of_file(const Tables& tables) {
  std::map<std::pair<TableId, Bytes>, Bytes> rows;
  for (TableId table = 1; table <= 40; ++table)
    EXPECT_TRUE(tables.scan(table, {}, [&](BytesView key, BytesView value) {
      rows[{table, to_bytes(key)}] = to_bytes(value);
      return true;
    }));
  return rows;
}

void expect_migrated(const ClientStore& client) {
  EXPECT_EQ(client.search({.text = "hundredth time"})->size(), 6u);
  EXPECT_EQ(client.search({.text = "message", .max_count = 1000})->size(), 599u);
  EXPECT_EQ(client.search({.text = "message 600"})->at(0).id, 600u);
  EXPECT_EQ(client.messages(person(2))->size(), 480u);
}

TEST(ClientMigrations, AFileOfVersion1HasEverythingAndIsFoundByItsWords) {
  const TempFolder folder;
  const auto file = copy_of_version_1(folder);
  for (int round = 0; round < 2; ++round) {
    const auto client = SqlClientStore::open(file, key_of(7)).value();
    EXPECT_EQ(client->account().value()->name, "Alice");
    EXPECT_EQ(client->account().value()->device, 77u);
    const ContactRow bob = client->contact(person(2)).value().value();
    EXPECT_EQ(bob.name, "Bob");
    EXPECT_EQ(bob.last_error, "e");
    EXPECT_FALSE(bob.blocked);
    EXPECT_EQ(bob.heard, Instant{});
    EXPECT_THAT(bob.missing, IsEmpty());
    const MessageRow ninth = client->message(9).value().value();
    EXPECT_EQ(ninth.body, "message 9");
    EXPECT_EQ(ninth.expiry, at(2'000'000'000'000));
    EXPECT_EQ(ninth.quote, std::nullopt);
    EXPECT_EQ(ninth.edited, Instant{});
    EXPECT_EQ(client->next_expiry().value(), ninth.expiry);
    const OutboxRow first = client->outbox(1).value().value();
    EXPECT_EQ(first.message, 2u);
    EXPECT_EQ(first.last_error, "timeout");
    EXPECT_EQ(first.path.size(), 3u);
    EXPECT_EQ(first.sent_at, 0);
    EXPECT_THAT(client->journey(1).value(), ElementsAre(JourneyRow{.outbox = 1, .at = at(4), .text = "sealed"}));
    EXPECT_EQ(client->journal(1, 0)->at(0).data, to_bytes("envelope"));
    EXPECT_EQ(text_of(client->find_session({person(2), 9}).value()->bytes()), "ratchet");
    EXPECT_EQ(text_of(client->key(KeyKind::OneTime, 5).value()->record.bytes()), "one-time");
    EXPECT_EQ(client->setting("theme").value(), to_bytes("dark"));
    EXPECT_EQ(client->events(10)->size(), 1u);
    expect_migrated(*client);
  }
}

TEST(ClientMigrations, SearchIsNarrowedAmongTheOldMessagesToo) {
  const TempFolder folder;
  const auto client = SqlClientStore::open(copy_of_version_1(folder), key_of(7)).value();
  const Instant start = at(1'700'000'000'000);
  EXPECT_EQ(client->search({.text = "message", .with = person(3), .max_count = 1000})->size(), 120u);
  EXPECT_EQ(client->search({.text = "message", .outgoing = true, .max_count = 1000})->size(), 300u);
  EXPECT_EQ(client->search({.text = "message", .since = start + hours(101), .until = start + hours(111)})->size(), 10u);
}

TEST(ClientMigrations, NewNumbersStandAboveThoseOfMessagesAndOfDeliveries) {
  const TempFolder folder;
  const auto client = SqlClientStore::open(copy_of_version_1(folder), key_of(7)).value();
  EXPECT_EQ(client->add_message(message_row(2, 10))->id, 701u);
  OutboxRow carries;
  carries.message = 701;
  EXPECT_EQ(client->add_outbox(carries).value(), 701u);
  EXPECT_EQ(client->add_outbox(carries).value(), 702u);
}

TEST(ClientMigrations, AnOldMessageChangesAndGoesLikeANewOne) {
  const TempFolder folder;
  const auto client = SqlClientStore::open(copy_of_version_1(folder), key_of(7)).value();
  MessageRow row = client->message(100).value().value();
  row.body = "something else";
  ASSERT_TRUE(client->update_message(row));
  EXPECT_TRUE(client->remove_message(200).value());
  EXPECT_EQ(client->search({.text = "hundredth"})->size(), 4u);
  EXPECT_EQ(client->search({.text = "something else"})->at(0).id, 100u);
}

/// Does the real step and dies before it is kept.
Result<void> die_at_the_end(Tables& tables) {
  if (!kClientFile.steps[0](tables)) ::_exit(2);
  ::kill(::getpid(), SIGKILL);
  ::_exit(3);
}

TEST(ClientMigrations, AProgramKilledInTheMiddleLeavesVersion1Whole) {
  const TempFolder folder;
  const auto file = copy_of_version_1(folder);
  const auto before = rows_of_file(SqlTables::open(file, key_of(7), kVersion1).value());
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    static constexpr MigrationStep kSteps[] = {die_at_the_end};
    static_cast<void>(SqlTables::open(file, key_of(7), FileKind{"client", kSteps, true}));
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(rows_of_file(SqlTables::open(file, key_of(7), kVersion1).value()), before);
  expect_migrated(*SqlClientStore::open(file, key_of(7)).value());
}

TEST(ClientMigrations, AFileAndItsLogCopiedInTheMiddleAreOfTheOneVersionOrOfTheOther) {
  static TempFolder folder;
  static std::vector<std::filesystem::path> copies;
  const auto file = copy_of_version_1(folder);
  static constexpr auto kCopy = [] {
    const auto copy = folder / fmt::format("copy{}.db", copies.size()).c_str();
    for (const char* part : {"", "-wal"})
      if (std::filesystem::exists((folder / "client.db").string() + part))
        std::filesystem::copy_file((folder / "client.db").string() + part, copy.string() + part);
    copies.push_back(copy);
  };
  static constexpr MigrationStep kSteps[] = {[](Tables& tables) -> Result<void> {
                                               kCopy();
                                               auto done = kClientFile.steps[0](tables);
                                               kCopy();
                                               return done;
                                             },
                                             [](Tables&) -> Result<void> {
                                               kCopy();
                                               return {};
                                             }};
  ASSERT_TRUE(SqlTables::open(file, key_of(7), FileKind{"client", kSteps, true}));
  ASSERT_EQ(copies.size(), 3u);
  EXPECT_TRUE(SqlTables::open(copies[0], key_of(7), kVersion1));
  EXPECT_TRUE(SqlTables::open(copies[1], key_of(7), kVersion1));
  EXPECT_EQ(SqlTables::open(copies[2], key_of(7), kVersion1).error().code, ErrorCode::Refused);
  for (const auto& copy : copies) expect_migrated(*SqlClientStore::open(copy, key_of(7)).value());
}

TEST(ClientMigrations, AStepThatFindsNoRoomLeavesVersion1Whole) {
  const TempFolder folder;
  const auto file = copy_of_version_1(folder);
  const auto before = rows_of_file(SqlTables::open(file, key_of(7), kVersion1).value());
  const auto full = SqlClientStore::open(file, key_of(7), {.max_pages = 50});
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::Full);
  EXPECT_EQ(rows_of_file(SqlTables::open(file, key_of(7), kVersion1).value()), before);
  expect_migrated(*SqlClientStore::open(file, key_of(7)).value());
}

TEST(ClientMigrations, StepsRunInOrderAndEachOnce) {
  static constexpr MigrationStep kSteps[] = {[](Tables& tables) { return tables.put(1, bytes_of("a"), bytes_of("1")); },
                                             [](Tables& tables) -> Result<void> {
                                               const Bytes value = concat(*tables.get(1, bytes_of("a")).value(), "2");
                                               return tables.put(1, bytes_of("a"), value);
                                             }};
  const TempFolder folder;
  ASSERT_TRUE(SqlTables::open(folder / "x.db", key_of(1), {"mail", {}, false}));
  const FileKind newest{"mail", kSteps, false};
  for (int round = 0; round < 2; ++round) {
    const auto tables = SqlTables::open(folder / "x.db", key_of(1), newest).value();
    EXPECT_EQ(tables.get(1, bytes_of("a")).value(), to_bytes("12"));
  }
  // A new file is of the newest version at once.
  EXPECT_EQ(SqlTables::open(folder / "y.db", key_of(1), newest)->get(1, bytes_of("a")).value(), std::nullopt);
}

}  // namespace
}  // namespace session::store

// The kinds of stores under test, each made fresh: in memory, in an encrypted file, and the faulty one with its faults off.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/temp_folder.h"
#include "core/store/faulty_tables.h"
#include "core/store/sql_tables.h"

namespace session::store {

inline FileKey key_of(unsigned n) {
  ByteArray<32> bytes{};
  bytes.fill(static_cast<std::byte>(n));
  return FileKey(bytes);
}

inline constexpr FileKind kTablesFile{"tables", {}, true};

struct InMemory {
  MemoryTables tables;
  MemoryMailStore mail;
  MemoryClientStore client;
};
struct InFile {
  TempFolder folder;
  SqlTables tables = SqlTables::open(folder / "tables.db", key_of(1), kTablesFile).value();
  std::unique_ptr<SqlMailStore> mail_file = SqlMailStore::open(folder / "mail.db", key_of(1)).value();
  std::unique_ptr<SqlClientStore> client_file = SqlClientStore::open(folder / "client.db", key_of(1)).value();
  MailStore& mail = *mail_file;
  ClientStore& client = *client_file;
};
struct Faultless {
  FaultyTables tables;
  FaultyMailStore mail;
  FaultyClientStore client;
};
using Kinds = testing::Types<InMemory, InFile, Faultless>;

inline SessionId person(unsigned n) {
  SessionId id;
  id.account.bytes.fill(static_cast<std::byte>(n));
  id.account.bytes[0] = std::byte{0x05};
  return id;
}
inline MessageHash hash_of(std::uint64_t n) {
  std::string text = std::to_string(n);
  return {std::string(43 - text.size(), 'A') + text};
}
inline Instant at(std::int64_t ms) { return Instant::from_unix_millis(ms); }

inline MailRow mail_row(unsigned owner, Namespace ns, std::uint64_t hash, std::int64_t expiry = 1'000'000,
                        std::size_t size = 100) {
  MailRow row;
  row.head.account = person(owner).account;
  row.head.ns = ns;
  row.head.hash = hash_of(hash);
  row.head.timestamp = at(1000);
  row.head.expiry = at(expiry);
  row.head.arrived = at(2000);
  row.data.assign(size, static_cast<std::byte>(hash));
  return row;
}

inline MessageRow message_row(unsigned contact, std::int64_t sent_at, bool outgoing = false, std::uint32_t device = 1) {
  MessageRow row;
  row.contact = person(contact);
  row.outgoing = outgoing;
  row.device = device;
  row.sent_at = at(sent_at);
  row.received_at = at(sent_at + 5);
  row.kind = -3;
  row.state = 4;
  row.body = "hello";
  row.hash = hash_of(static_cast<std::uint64_t>(sent_at));
  return row;
}

/// What `mailbox` holds, as the numbers of its hashes.
inline std::vector<std::uint64_t> numbers(const MailStore& store, unsigned owner, Namespace ns, const MessageHash& after = {},
                                          std::size_t max_count = kNoLimit) {
  std::vector<std::uint64_t> found;
  const auto done = store.retrieve(person(owner).account, ns, after, max_count, [&](const MailRow& row) {
    found.push_back(std::stoull(row.head.hash.text.substr(row.head.hash.text.find_first_not_of('A'))));
    return true;
  });
  EXPECT_TRUE(done);
  return found;
}

}  // namespace session::store

#include "core/node/outbox.h"

#include <gtest/gtest.h>

#include "core/store/mail_store.h"
#include "core/store/mail_tables.h"
#include "core/wire/bundle.h"
#include "core/wire/hash.h"

namespace session::node {
namespace {

constexpr std::int64_t kNow = 1'600'000'000'000;

class Outbox : public testing::Test {
 protected:
  Outbox() {
    crypto::initialise();
    owner = crypto::ed25519_pair(rng);
    account.bytes[0] = std::byte{5};
    std::ranges::copy(crypto::x25519_of(owner).open.bytes, account.bytes.begin() + 1);
  }
  /// A list of one device, signed by whoever has these keys.
  [[nodiscard]] Bytes list(std::uint32_t device, const crypto::Ed25519Pair& keys, std::int64_t date_ms = kNow) const {
    return wire::encode_signed(wire::SlotList{{account}, date_ms, {{0, device}}}, keys);
  }
  void keep(Namespace ns, std::int64_t timestamp_ms, const Bytes& data) {
    store::MailRow row;
    row.head = {.account = account, .ns = ns, .hash = wire::message_hash(account, ns, data)};
    row.head.timestamp = Instant::from_unix_millis(timestamp_ms);
    row.head.expiry = row.head.timestamp + days(1);
    row.data = data;
    ASSERT_TRUE(store.replace(row));
  }
  [[nodiscard]] bool beaten(Namespace ns, std::int64_t timestamp_ms, const Bytes& data) const {
    return is_beaten(store, {account, ns, timestamp_ms, data}).value();
  }
  SeededRng rng{1};
  crypto::Ed25519Pair owner;
  Account account;
  store::MemoryMailStore store;
};

TEST_F(Outbox, WhatTheOwnerSignedAboutThatTimeIsHis) {
  const auto is_his = [&](Namespace ns, const Bytes& data) { return is_of_owner({account, ns, kNow, data}); };
  EXPECT_TRUE(is_his(-1, list(1, owner)));
  EXPECT_FALSE(is_his(-1, list(1, crypto::ed25519_pair(rng))));
  EXPECT_FALSE(is_his(-1, list(1, owner, kNow - days(2).count))) << "it is of another day";
  EXPECT_FALSE(is_his(-21, list(1, owner))) << "no bundle";
  EXPECT_FALSE(is_his(-1, to_bytes("words")));
  EXPECT_TRUE(is_his(-41 - 140, to_bytes("words"))) << "the profile says nothing of this one";
}

TEST_F(Outbox, ItGivesWayToNothingElse) {
  keep(-1, kNow, list(1, owner));
  EXPECT_TRUE(beaten(-1, kNow + 1'000, to_bytes("newer words")));
  EXPECT_TRUE(beaten(-1, kNow + 1'000, list(2, crypto::ed25519_pair(rng))));
  EXPECT_TRUE(beaten(-1, kNow - 1'000, list(2, owner))) << "his own, but older";
  EXPECT_FALSE(beaten(-1, kNow + 1'000, list(2, owner)));
}

TEST_F(Outbox, WhateverIsNotHisGivesWayToIt) {
  keep(-1, kNow + 1'000, to_bytes("newer words"));
  EXPECT_FALSE(beaten(-1, kNow, list(1, owner)));
  const Bytes words = to_bytes("other words"), his = list(1, owner);
  ASSERT_TRUE(make_way(store, {account, -1, kNow, words}));
  EXPECT_EQ(store.count(), 1u) << "that is not his either";
  ASSERT_TRUE(make_way(store, {account, -1, kNow, his}));
  EXPECT_EQ(store.count(), 0u);
  keep(-1, kNow, his);
  ASSERT_TRUE(make_way(store, {account, -1, kNow, list(2, owner)}));
  EXPECT_EQ(store.count(), 1u) << "the greater of two of his is the store's to choose";
}

TEST_F(Outbox, ElsewhereTheGreatestStays) {
  keep(-181, kNow, to_bytes("words"));
  EXPECT_TRUE(beaten(-181, kNow - 1, to_bytes("older")));
  EXPECT_FALSE(beaten(-181, kNow + 1, to_bytes("newer")));
}

}  // namespace
}  // namespace session::node

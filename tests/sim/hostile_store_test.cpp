#include "sim/hostile_store.h"

#include <gtest/gtest.h>

#include <set>

#include "core/store/faulty_tables.h"
#include "core/wire/hash.h"

namespace session::sim {
namespace {

const Instant kNow = Instant::from_unix_millis(1'600'000'000'000);

Account account(int i) {
  Account a;
  a.bytes[0] = std::byte{5};
  a.bytes[1] = static_cast<std::byte>(i);
  return a;
}
store::MailRow row(int number, int of = 1) {
  store::MailRow row;
  row.head.account = account(of);
  row.data = Bytes(8, static_cast<std::byte>(number));
  row.head.hash = wire::message_hash(row.head.account, 0, row.data);
  row.head.timestamp = row.head.arrived = kNow;
  row.head.expiry = kNow + days(1);
  return row;
}
/// The hashes that a reader of this account is shown.
std::set<std::string> shown(const store::MailStore& store, int of = 1) {
  std::set<std::string> all;
  EXPECT_TRUE(store.retrieve(account(of), 0, {}, store::kNoLimit, [&](const store::MailRow& each) {
    all.insert(each.head.hash.text);
    return true;
  }));
  return all;
}

class HostileDisk : public testing::Test {
 protected:
  HostileDisk() {
    for (int i = 0; i < 12; ++i) EXPECT_TRUE(disk.insert(row(i)));
  }
  HostileStore with(const Malice& malice, std::uint64_t question = 0) { return {disk, malice, &old, question}; }
  store::FaultyMailStore disk, old;
};

TEST_F(HostileDisk, ALiarTakesWhatIsNewAndHasItNot) {
  const Malice malice({Hostile::Lie});
  HostileStore lying = with(malice);
  const auto said = lying.insert(row(50));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->outcome, store::Inserted::Outcome::New);
  EXPECT_EQ(said->head.hash, row(50).head.hash);
  EXPECT_EQ(said->head.size, 8u);
  EXPECT_FALSE(*disk.find_head(row(50).head.hash));
  const auto replaced = lying.replace(row(51));
  EXPECT_TRUE(replaced && replaced->outcome == store::Inserted::Outcome::New);
  EXPECT_EQ(disk.count(), 12u);
}

TEST_F(HostileDisk, ALiarLeavesWhatItHasAndRaisesItsExpiry) {
  const Malice malice({Hostile::Lie});
  store::MailRow longer = row(3);
  longer.head.expiry = kNow + days(2);
  const auto raised = with(malice).insert(longer);
  ASSERT_TRUE(raised);
  EXPECT_EQ(raised->outcome, store::Inserted::Outcome::Raised);
  EXPECT_EQ((*disk.find_head(longer.head.hash))->expiry, longer.head.expiry);
}

TEST_F(HostileDisk, WithholdingShowsNothingAndProvesEverything) {
  const Malice malice({Hostile::Withhold});
  HostileStore store = with(malice);
  EXPECT_TRUE(store.insert(row(50)));
  EXPECT_EQ(disk.count(), 13u);
  EXPECT_TRUE(shown(store).empty());
  EXPECT_TRUE(*store.find(row(3).head.hash));
  EXPECT_EQ(*store.digests(), *disk.digests());
}

TEST_F(HostileDisk, WhatIsStaleIsShownAsItWas) {
  ASSERT_TRUE(old.insert(row(3)));
  const Malice malice({Hostile::Stale});
  EXPECT_EQ(shown(with(malice)), std::set<std::string>{row(3).head.hash.text});
}

TEST_F(HostileDisk, TwoQuestionsGetTwoHalves) {
  const Malice malice({Hostile::Equivocate});
  auto even = shown(with(malice, 4));
  const auto odd = shown(with(malice, 5));
  EXPECT_FALSE(even.empty());
  EXPECT_FALSE(odd.empty());
  EXPECT_EQ(even.size() + odd.size(), 12u);
  EXPECT_EQ(shown(with(malice, 6)), even);
  even.insert(odd.begin(), odd.end());
  EXPECT_EQ(even.size(), 12u);
}

TEST_F(HostileDisk, WhoIsNotMeantIsServedWell) {
  Malice malice({Hostile::Lie, Hostile::Withhold});
  malice.against = account(2);
  HostileStore store = with(malice);
  EXPECT_TRUE(store.insert(row(50)));
  EXPECT_EQ(shown(store).size(), 13u);
  EXPECT_TRUE(store.insert(row(50, 2)));
  EXPECT_EQ(disk.count(), 13u);
}

}  // namespace
}  // namespace session::sim

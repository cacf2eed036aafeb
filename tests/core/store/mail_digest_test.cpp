#include "core/store/mail_digest.h"

#include "core/base/rng.h"
#include "tests/core/store/stores.h"

namespace session::store {
namespace {

const Instant kNow = at(1'000'000'000);

MailRow row_at(Instant arrived, std::uint64_t hash, Millis lifetime = days(1)) {
  MailRow row = mail_row(1, 0, hash);
  row.head.arrived = arrived;
  row.head.expiry = kNow + lifetime;
  return row;
}

Digests settled(MailStore& mail, Instant now) {
  EXPECT_TRUE(mail.settle(now));
  return mail.digests().value();
}

std::vector<Entry> entries(const MailStore& mail) {
  std::vector<Entry> all;
  EXPECT_TRUE(mail.visit_entries({}, [&](const Entry& entry) {
    all.push_back(entry);
    return true;
  }));
  return all;
}

template <class Kind>
class DigestSuite : public testing::Test {
 public:
  Kind made;
  MailStore& mail = made.mail;
};
TYPED_TEST_SUITE(DigestSuite, Kinds);

TYPED_TEST(DigestSuite, WhatCameJustNowTakesNoPartNorWhatGoesSoon) {  // profile.md 4
  ASSERT_TRUE(this->mail.insert(row_at(kNow, 1)));
  ASSERT_TRUE(this->mail.insert(row_at(kNow - minutes(2), 2, minutes(3))));
  EXPECT_EQ(settled(this->mail, kNow), Digests{});
  const Digests second = settled(this->mail, kNow + Millis{1});
  EXPECT_NE(second, Digests{}) << "two minutes have passed for the second";
  EXPECT_EQ(settled(this->mail, kNow + minutes(1)), Digests{}) << "it expires within two minutes";
  const Digests first = settled(this->mail, kNow + minutes(2) + Millis{1});
  EXPECT_NE(first, Digests{}) << "the first one's time has come";
  const Digests both = settled(this->mail, kNow + Millis{1});
  for (std::size_t i = 0; i < both.size(); ++i)
    EXPECT_EQ(both[i], second[i] == Print{} ? first[i] : second[i]) << "a clock that was put back";
}

TYPED_TEST(DigestSuite, TellsWhichBucketDiffers) {
  ASSERT_TRUE(this->mail.insert(row_at(kNow - hours(1), 1)));
  const Digests before = settled(this->mail, kNow);
  ASSERT_TRUE(this->mail.insert(row_at(kNow - hours(1), 2)));
  const Digests after = settled(this->mail, kNow);
  const auto bucket = std::to_integer<std::size_t>(entry_of(mail_row(1, 0, 2).head).print[0]);
  for (std::size_t i = 0; i < 256; ++i) EXPECT_EQ(before[i] == after[i], i != bucket) << i;
  ASSERT_TRUE(this->mail.remove(person(1).account, hash_of(2)).value());
  EXPECT_EQ(this->mail.digests().value(), before);
}

TYPED_TEST(DigestSuite, AnotherExpiryIsAnotherDigest) {
  ASSERT_TRUE(this->mail.insert(row_at(kNow - hours(1), 1)));
  const Digests before = settled(this->mail, kNow);
  ASSERT_TRUE(this->mail.set_expiry(person(1).account, hash_of(1), kNow + hours(5), kNow - minutes(30)).value());
  const Digests after = settled(this->mail, kNow);
  EXPECT_NE(after, Digests{});
  EXPECT_NE(before, after);
  EXPECT_EQ(entries(this->mail)[0].taken, kNow - minutes(30));
}

TYPED_TEST(DigestSuite, TombstonesTakePartUntilTheyFall) {
  const Tombstone stone{person(1).account, {std::byte{7}}, kNow - hours(1), kNow + hours(1), to_bytes("signed")};
  ASSERT_TRUE(this->mail.bury(stone).value());
  EXPECT_FALSE(this->mail.bury(stone).value());
  const Digests before = settled(this->mail, kNow);
  EXPECT_NE(before, Digests{});
  EXPECT_EQ(this->mail.account_sums(person(1).account)->tombstones, kTombstoneBytes + 6);
  EXPECT_TRUE(this->mail.accounts()->empty());
  Tombstone later = stone;
  later.taken = kNow - minutes(30);
  later.falls = kNow;
  ASSERT_TRUE(this->mail.bury(later).value());
  const Entry entry = entries(this->mail)[0];
  EXPECT_EQ(entry.taken, later.taken);
  EXPECT_EQ(entry.expiry, stone.falls);
  EXPECT_NE(settled(this->mail, kNow), before);
  EXPECT_EQ(this->mail.find_tombstone(entry.print).value()->request, stone.request);
  EXPECT_TRUE(this->mail.unearth(kNow)->empty());
  EXPECT_EQ(this->mail.unearth(kNow + hours(1))->size(), 1u);
  EXPECT_EQ(this->mail.digests().value(), Digests{});
  EXPECT_EQ(this->mail.account_sums(person(1).account)->tombstones, 0u);
}

/// Whatever happened, and in whatever order: equal mail has equal digests.
TYPED_TEST(DigestSuite, EqualMailHasEqualDigests) {
  SeededRng rng(3);
  Instant now = kNow;
  for (int i = 0; i < 400; ++i) {
    now = now + seconds(static_cast<std::int64_t>(rng.below(30)));
    const MessageHash hash = hash_of(rng.below(60));
    const auto soon = [&] { return now + seconds(static_cast<std::int64_t>(rng.below(900))); };
    bool ok = true;
    if (rng.one_in(4)) ok = ok && this->mail.settle(now);
    if (rng.one_in(5)) ok = ok && this->mail.remove(person(1).account, hash);
    if (rng.one_in(5)) ok = ok && this->mail.set_expiry(person(1).account, hash, soon(), now);
    if (rng.one_in(6)) ok = ok && this->mail.expire(now);
    ASSERT_TRUE(ok);
    MailRow row = row_at(now, rng.below(60));
    row.head.expiry = soon();
    ASSERT_TRUE(this->mail.insert(row));
  }
  const Digests all = settled(this->mail, now);
  MemoryMailStore fresh;
  ASSERT_TRUE(this->mail.visit_all(0, [&](const MailRow& row) { return fresh.insert(row).has_value(); }));
  EXPECT_EQ(all, settled(fresh, now));
  EXPECT_NE(all, Digests{});
  EXPECT_EQ(entries(this->mail), entries(fresh));
}

/// Tables as a version before this one wrote them: nothing to compare.
class OldMailStore final : public MailOnTables {
 public:
  void become_old() {
    for (const TableId table : {kPrints, kSettling, kDigests}) {
      std::vector<Bytes> keys;
      ASSERT_TRUE(tables_.scan(table, {}, [&](BytesView key, BytesView) {
        keys.push_back(to_bytes(key));
        return true;
      }));
      for (const Bytes& key : keys) ASSERT_TRUE(tables_.erase(table, key));
    }
  }

 protected:
  Tables& tables() override { return tables_; }
  const Tables& tables() const override { return tables_; }

 private:
  MemoryTables tables_;
};

TEST(MailDigest, OfAnOlderFileIsMadeOnce) {
  OldMailStore mail;
  for (const std::uint64_t n : {1u, 2u, 3u}) ASSERT_TRUE(mail.insert(row_at(kNow - hours(1), n)));
  mail.become_old();
  ASSERT_TRUE(mail.remove(person(1).account, hash_of(1)).value());
  ASSERT_TRUE(mail.insert(row_at(kNow - hours(1), 4)));
  MemoryMailStore fresh;
  for (const std::uint64_t n : {2u, 3u, 4u}) ASSERT_TRUE(fresh.insert(row_at(kNow - hours(1), n)));
  EXPECT_EQ(settled(mail, kNow), settled(fresh, kNow));
}

TYPED_TEST(DigestSuite, AnOutboxKeepsTheGreatestByTimeAndHash) {
  const auto outbox = [](std::int64_t time, std::uint64_t hash) {
    MailRow row = mail_row(1, -1, hash);
    row.head.timestamp = at(time);
    return row;
  };
  ASSERT_TRUE(this->mail.replace(outbox(2000, 5)));
  EXPECT_EQ(this->mail.replace(outbox(1999, 9))->outcome, Inserted::Outcome::Beaten);
  EXPECT_EQ(this->mail.replace(outbox(2000, 4))->outcome, Inserted::Outcome::Beaten);
  EXPECT_TRUE(this->mail.find_head(hash_of(5))->has_value());
  EXPECT_EQ(this->mail.replace(outbox(2000, 6))->outcome, Inserted::Outcome::New);
  EXPECT_EQ(this->mail.replace(outbox(2001, 1))->outcome, Inserted::Outcome::New);
  EXPECT_EQ(this->mail.count(), 1u);
}

TYPED_TEST(DigestSuite, KeepsTheStampWithTheMessage) {
  MailRow row = row_at(kNow, 1);
  row.stamp = to_bytes("work");
  ASSERT_TRUE(this->mail.insert(row));
  EXPECT_EQ(this->mail.find(hash_of(1)).value()->stamp, row.stamp);
}

}  // namespace
}  // namespace session::store

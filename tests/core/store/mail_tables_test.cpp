// The suite that every MailStore passes.
#include <algorithm>

#include "tests/core/store/stores.h"

namespace session::store {
namespace {

using Outcome = Inserted::Outcome;
using testing::ElementsAre;

template <class Kind>
class MailSuite : public testing::Test {
 public:
  Kind made;
  MailStore& mail = made.mail;
};
TYPED_TEST_SUITE(MailSuite, Kinds);

TYPED_TEST(MailSuite, GivesBackARowAsItWasPut) {
  const MailRow row = mail_row(1, -10, 7);
  const auto inserted = this->mail.insert(row);
  ASSERT_TRUE(inserted);
  EXPECT_EQ(inserted->outcome, Outcome::New);
  const auto found = this->mail.find(row.head.hash).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->head, inserted->head);
  EXPECT_EQ(found->data, row.data);
  EXPECT_EQ(found->head.id, 1u);
  EXPECT_EQ(found->head.size, 100u);
  EXPECT_EQ(found->head.ns, -10);
  EXPECT_EQ(found->head.expiry, row.head.expiry);
  EXPECT_EQ(found->head.arrived, row.head.arrived);
  EXPECT_EQ(this->mail.find(hash_of(8)).value(), std::nullopt);
}

TYPED_TEST(MailSuite, TheSameHashAgainOnlyRaisesTheExpiry) {
  ASSERT_TRUE(this->mail.insert(mail_row(1, 0, 7, 5000)));
  EXPECT_EQ(this->mail.insert(mail_row(1, 0, 7, 4000))->outcome, Outcome::Already);
  MailRow later = mail_row(1, 0, 7, 6000);
  later.head.timestamp = at(1);
  const auto raised = this->mail.insert(later).value();
  EXPECT_EQ(raised.outcome, Outcome::Raised);
  EXPECT_EQ(raised.expiry_before, at(5000));
  EXPECT_EQ(raised.head.expiry, at(6000));
  EXPECT_EQ(raised.head.timestamp, at(1000));
  EXPECT_EQ(this->mail.find_head(hash_of(7)).value(), raised.head);
  EXPECT_EQ(this->mail.count(), 1u);
  EXPECT_TRUE(this->mail.expire(at(5000)).value().empty());
  EXPECT_EQ(this->mail.expire(at(6000)).value().size(), 1u);
}

TYPED_TEST(MailSuite, SettingsAreVisitedByTheirKeys) {
  for (const char* key : {"b/2", "a", "b/1", "b/3", "c"}) ASSERT_TRUE(this->mail.put_setting(key, bytes_of(key)));
  const auto keys = [&](std::string_view after, std::size_t most) {
    std::vector<std::string> found;
    EXPECT_TRUE(this->mail.visit_settings("b/", after, [&](std::string_view key, BytesView value) {
      EXPECT_EQ(text_of(value), key);
      found.emplace_back(key);
      return found.size() < most;
    }));
    return found;
  };
  EXPECT_THAT(keys("", 9), ElementsAre("b/1", "b/2", "b/3"));
  EXPECT_THAT(keys("", 2), ElementsAre("b/1", "b/2"));
  EXPECT_THAT(keys("b/2", 9), ElementsAre("b/3"));
  EXPECT_THAT(keys("b/3", 9), ElementsAre());
}

TYPED_TEST(MailSuite, TheHashOfAMessageInAnotherMailboxChangesNothing) {
  ASSERT_TRUE(this->mail.insert(mail_row(1, 1, 7, 5000)));
  ASSERT_TRUE(this->mail.insert(mail_row(1, -21, 8, 5000)));
  for (const auto& row : {mail_row(1, -21, 7, 9000), mail_row(2, 1, 7, 9000)}) {
    for (const auto& done : {this->mail.replace(row).value(), this->mail.insert(row).value()}) {
      EXPECT_EQ(done.outcome, Outcome::Already);
      EXPECT_EQ(done.head.ns, 1);
      EXPECT_EQ(done.head.expiry, at(5000));
      EXPECT_TRUE(done.replaced.empty());
    }
  }
  EXPECT_THAT(numbers(this->mail, 1, -21), ElementsAre(8)) << "nothing gave way to what was not kept";
}

TEST(MailHeads, AreReadWithoutTheData) {
  FaultyMailStore mail;
  constexpr std::size_t kLarge = 70'000;
  for (const std::uint64_t n : {1u, 2u, 3u}) ASSERT_TRUE(mail.insert(mail_row(1, 0, n, 5000, kLarge)));
  ASSERT_TRUE(mail.find_head(hash_of(1)).value());
  ASSERT_TRUE(mail.set_expiry(person(1).account, hash_of(1), at(6000)).value());
  ASSERT_TRUE(mail.insert(mail_row(1, 0, 2, 7000, kLarge)));
  int seen = 0;
  ASSERT_TRUE(mail.visit_account(person(1).account, [&](const MailHead&) { return ++seen > 0; }));
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(mail.expire(at(5000), kNoLimit).value().size(), 1u);
  ASSERT_TRUE(mail.remove(person(1).account, hash_of(2)).value());
  EXPECT_LT(mail.bytes_read(), 10'000u);
  // What is read with its data has the head as it is now.
  EXPECT_EQ(mail.find(hash_of(1)).value()->head.expiry, at(6000));
  EXPECT_GT(mail.bytes_read(), kLarge);
  ASSERT_TRUE(mail.visit_all(0, [](const MailRow& row) {
    EXPECT_EQ(row.head.expiry, at(6000));
    return true;
  }));
}

/// Tables as a version before this one wrote them: of the indices, only the message's number.
class OldMailStore final : public MailOnTables {
 public:
  void write(const MailRow& row) {
    ASSERT_TRUE(insert(row));
    std::vector<std::pair<TableId, Bytes>> keys;
    for (const TableId table : {TableId{3}, TableId{4}})
      ASSERT_TRUE(tables_.scan(table, {}, [&](BytesView key, BytesView) {
        keys.emplace_back(table, to_bytes(key));
        return true;
      }));
    for (const auto& [table, key] : keys) ASSERT_TRUE(tables_.put(table, key, {}));
    const auto head = tables_.get(2, bytes_of(row.head.hash.text)).value();
    ASSERT_TRUE(tables_.put(2, bytes_of(row.head.hash.text), BytesView(*head).first(8)));
  }

 protected:
  Tables& tables() override { return tables_; }
  const Tables& tables() const override { return tables_; }

 private:
  MemoryTables tables_;
};

TEST(MailHeads, OfAnOlderFileAreRead) {
  OldMailStore mail;
  for (const std::uint64_t n : {1u, 2u, 3u}) mail.write(mail_row(1, 0, n, 5000));
  EXPECT_THAT(numbers(mail, 1, 0), ElementsAre(1, 2, 3));
  EXPECT_EQ(mail.find_head(hash_of(1)).value()->size, 100u);
  ASSERT_TRUE(mail.set_expiry(person(1).account, hash_of(1), at(6000)).value());
  EXPECT_EQ(mail.find(hash_of(1)).value()->head.expiry, at(6000));
  int seen = 0;
  ASSERT_TRUE(mail.visit_account(person(1).account, [&](const MailHead&) { return ++seen > 0; }));
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(mail.expire(at(5000), kNoLimit).value().size(), 2u);
  EXPECT_TRUE(mail.remove(person(1).account, hash_of(1)).value());
  EXPECT_EQ(mail.count(), 0u);
}

TYPED_TEST(MailSuite, RetrievesInOrderOfInsertionAfterAHash) {
  for (const std::uint64_t n : {5u, 3u, 9u}) ASSERT_TRUE(this->mail.insert(mail_row(1, 0, n)));
  ASSERT_TRUE(this->mail.insert(mail_row(1, 10, 4)));
  ASSERT_TRUE(this->mail.insert(mail_row(2, 0, 6)));
  EXPECT_THAT(numbers(this->mail, 1, 0), ElementsAre(5, 3, 9));
  EXPECT_THAT(numbers(this->mail, 1, 0, hash_of(5)), ElementsAre(3, 9));
  EXPECT_THAT(numbers(this->mail, 1, 0, hash_of(9)), ElementsAre());
  EXPECT_THAT(numbers(this->mail, 1, 0, {}, 2), ElementsAre(5, 3));
  EXPECT_THAT(numbers(this->mail, 1, 0, {}, 0), ElementsAre());
  // Unknown, of another namespace, of another account: from the start.
  for (const std::uint64_t n : {77u, 4u, 6u}) EXPECT_THAT(numbers(this->mail, 1, 0, hash_of(n)), ElementsAre(5, 3, 9));
}

TYPED_TEST(MailSuite, AVisitorStopsTheVisit) {
  for (std::uint64_t n = 1; n <= 5; ++n) ASSERT_TRUE(this->mail.insert(mail_row(1, 0, n)));
  int seen = 0;
  ASSERT_TRUE(this->mail.retrieve(person(1).account, 0, {}, kNoLimit, [&](const MailRow&) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
  seen = 0;
  ASSERT_TRUE(this->mail.visit_heads(1, [&](const MailHead& head) {
    EXPECT_GT(head.id, 1u);
    return ++seen < 3;
  }));
  EXPECT_EQ(seen, 3);
}

TYPED_TEST(MailSuite, NamespacesComeInNumericOrderAndNotOneOfAnotherAccount) {
  const std::vector<Namespace> order{-32768, -21, -1, 0, 1, 32767};
  for (const Namespace ns : std::vector<Namespace>{0, 32767, -1, -32768, 1, -21})
    ASSERT_TRUE(this->mail.insert(mail_row(255, ns, static_cast<std::uint64_t>(ns + 40'000))));
  ASSERT_TRUE(this->mail.insert(mail_row(254, 0, 1)));
  std::vector<Namespace> seen;
  ASSERT_TRUE(this->mail.visit_account(person(255).account, [&](const MailHead& head) {
    seen.push_back(head.ns);
    return true;
  }));
  EXPECT_EQ(seen, order);
  EXPECT_THAT(this->mail.accounts().value(), ElementsAre(person(254).account, person(255).account));
}

TYPED_TEST(MailSuite, AnOutboxKeepsTheNewestStoreOnly) {
  ASSERT_TRUE(this->mail.replace(mail_row(1, -1, 1)));
  ASSERT_TRUE(this->mail.insert(mail_row(1, 0, 2)));
  const auto second = this->mail.replace(mail_row(1, -1, 3)).value();
  EXPECT_EQ(second.outcome, Outcome::New);
  ASSERT_EQ(second.replaced.size(), 1u);
  EXPECT_EQ(second.replaced[0].hash, hash_of(1));
  EXPECT_THAT(numbers(this->mail, 1, -1), ElementsAre(3));
  EXPECT_THAT(numbers(this->mail, 1, 0), ElementsAre(2));
  const auto again = this->mail.replace(mail_row(1, -1, 3, 2'000'000)).value();
  EXPECT_EQ(again.outcome, Outcome::Raised);
  EXPECT_TRUE(again.replaced.empty());
}

TYPED_TEST(MailSuite, RemovesAndChangesOnlyForTheAccountThatKeepsIt) {
  ASSERT_TRUE(this->mail.insert(mail_row(1, 0, 1, 9000)));
  EXPECT_EQ(this->mail.remove(person(2).account, hash_of(1)).value(), std::nullopt);
  EXPECT_FALSE(this->mail.set_expiry(person(2).account, hash_of(1), at(1)).value());
  EXPECT_TRUE(this->mail.set_expiry(person(1).account, hash_of(1), at(3000)).value());
  EXPECT_EQ(this->mail.expire(at(3000)).value().size(), 1u);
  ASSERT_TRUE(this->mail.insert(mail_row(1, 0, 1)));
  EXPECT_EQ(this->mail.remove(person(1).account, hash_of(1)).value()->hash, hash_of(1));
  EXPECT_EQ(this->mail.remove(person(1).account, hash_of(1)).value(), std::nullopt);
}

TYPED_TEST(MailSuite, ExpiresTheSoonestFirstAndNoMoreThanAsked) {
  for (const std::int64_t n : {30, 10, 20, 40})
    ASSERT_TRUE(this->mail.insert(mail_row(1, 0, static_cast<std::uint64_t>(n), n)));
  const auto first = this->mail.expire(at(30), 2).value();
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].hash, hash_of(10));
  EXPECT_EQ(first[1].hash, hash_of(20));
  EXPECT_EQ(this->mail.expire(at(30)).value().size(), 1u);
  EXPECT_THAT(numbers(this->mail, 1, 0), ElementsAre(40));
}

TYPED_TEST(MailSuite, AnIdIsNeverUsedAgain) {
  ASSERT_TRUE(this->mail.insert(mail_row(1, 0, 1)));
  ASSERT_TRUE(this->mail.remove(person(1).account, hash_of(1)));
  EXPECT_EQ(this->mail.insert(mail_row(1, 0, 1))->head.id, 2u);
}

TYPED_TEST(MailSuite, SumsFollowEveryChangeAndEveryRollback) {
  ASSERT_TRUE(this->mail.insert(mail_row(1, 0, 1, 100, 10)));
  ASSERT_TRUE(this->mail.begin());
  ASSERT_TRUE(this->mail.insert(mail_row(1, 0, 2, 100, 20)));
  ASSERT_TRUE(this->mail.insert(mail_row(2, 0, 3, 100, 0)));
  EXPECT_EQ(this->mail.count(), 3u);
  EXPECT_EQ(this->mail.total_bytes(), 30u);
  this->mail.rollback();
  EXPECT_EQ(this->mail.count(), 1u);
  EXPECT_EQ(this->mail.total_bytes(), 10u);
  EXPECT_EQ(this->mail.account_sums(person(1).account)->bytes, 10u);
  EXPECT_EQ(this->mail.account_sums(person(2).account)->bytes, 0u);
  EXPECT_EQ(this->mail.accounts().value().size(), 1u);
  EXPECT_EQ(numbers(this->mail, 1, 0).size(), 1u);
}

TYPED_TEST(MailSuite, EveryRowMayBeDrawn) {
  SeededRng rng(5);
  EXPECT_EQ(this->mail.random_row(rng).value(), std::nullopt);
  for (std::uint64_t n = 1; n <= 8; ++n) ASSERT_TRUE(this->mail.insert(mail_row(1, 0, n)));
  ASSERT_TRUE(this->mail.remove(person(1).account, hash_of(1)));
  ASSERT_TRUE(this->mail.remove(person(1).account, hash_of(4)));
  ASSERT_TRUE(this->mail.remove(person(1).account, hash_of(8)));
  std::map<std::string, int> drawn;
  for (int i = 0; i < 200; ++i) ++drawn[this->mail.random_row(rng).value()->head.hash.text];
  EXPECT_EQ(drawn.size(), 5u);
}

TYPED_TEST(MailSuite, SettingsAreKeptApart) {
  EXPECT_EQ(this->mail.setting("swarm").value(), std::nullopt);
  ASSERT_TRUE(this->mail.put_setting("swarm", bytes_of("a")));
  ASSERT_TRUE(this->mail.put_setting("swarm", bytes_of("b")));
  EXPECT_EQ(this->mail.setting("swarm").value(), to_bytes("b"));
  EXPECT_TRUE(this->mail.remove_setting("swarm").value());
  EXPECT_FALSE(this->mail.remove_setting("swarm").value());
}

TYPED_TEST(MailSuite, RandomWorkMatchesAListOverCommitsAndRollbacks) {
  constexpr std::uint64_t kSeed = 31337;
  SCOPED_TRACE(kSeed);
  SeededRng rng(kSeed);
  std::vector<MailRow> model;  // in order of insertion
  const auto find = [&](const MessageHash& hash) {
    return std::ranges::find(model, hash, [](const MailRow& r) { return r.head.hash; });
  };
  for (int round = 0; round < 40; ++round) {
    const auto before = model;
    ASSERT_TRUE(this->mail.begin());
    for (int i = 0; i < 10; ++i) {
      const std::uint64_t n = 1 + rng.below(40);
      const MailRow row = mail_row(static_cast<unsigned>(n % 3), n % 2 == 0 ? 0 : -1, n, rng.between(1, 1000), rng.below(50));
      const auto known = find(row.head.hash);
      if (rng.one_in(4)) {
        ASSERT_EQ(this->mail.remove(row.head.account, row.head.hash).value().has_value(), known != model.end());
        if (known != model.end()) model.erase(known);
      } else if (rng.one_in(6)) {
        const Instant now = at(rng.between(1, 300));
        const auto gone = this->mail.expire(now).value();
        ASSERT_EQ(gone.size(), std::erase_if(model, [&](const MailRow& r) { return r.head.expiry <= now; }));
      } else {
        ASSERT_EQ(this->mail.insert(row)->already(), known != model.end());
        if (known == model.end())
          model.push_back(row);
        else
          known->head.expiry = std::max(known->head.expiry, row.head.expiry);
      }
    }
    if (rng.one_in(2)) {
      ASSERT_TRUE(this->mail.commit());
    } else {
      this->mail.rollback();
      model = before;
    }
    std::size_t at_row = 0;
    std::uint64_t bytes = 0;
    ASSERT_TRUE(this->mail.visit_all(0, [&](const MailRow& row) {
      EXPECT_LT(at_row, model.size());
      if (at_row >= model.size()) return false;
      const MailRow& expected = model[at_row++];
      EXPECT_EQ(row.head.hash, expected.head.hash);
      EXPECT_EQ(row.head.expiry, expected.head.expiry);
      EXPECT_EQ(row.data.size(), expected.data.size());
      bytes += row.data.size();
      return true;
    }));
    ASSERT_EQ(at_row, model.size());
    ASSERT_EQ(this->mail.count(), model.size());
    ASSERT_EQ(this->mail.total_bytes(), bytes);
  }
}

}  // namespace
}  // namespace session::store

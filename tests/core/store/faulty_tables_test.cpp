#include "core/store/faulty_tables.h"

#include "tests/core/store/stores.h"

namespace session::store {
namespace {

/// Everything that a mailbox store does, once; the first error ends it.
Result<void> work(MailStore& mail) {
  SeededRng rng(1);
  if (auto done = mail.insert(mail_row(1, 0, 11)); !done) return fail(done);
  if (auto done = mail.insert(mail_row(1, 0, 1, 2'000'000)); !done) return fail(done);
  if (auto done = mail.replace(mail_row(1, -1, 12)); !done) return fail(done);
  if (auto done = mail.set_expiry(person(1).account, hash_of(11), at(5)); !done) return fail(done);
  if (auto done = mail.expire(at(6)); !done) return fail(done);
  if (auto done = mail.remove(person(1).account, hash_of(2)); !done) return fail(done);
  if (auto done = mail.random_row(rng); !done) return fail(done);
  return mail.retrieve(person(1).account, 0, hash_of(1), kNoLimit, [](const MailRow&) { return true; });
}

FaultyMailStore filled() {
  FaultyMailStore mail;
  for (std::uint64_t n = 1; n <= 3; ++n) EXPECT_TRUE(mail.insert(mail_row(1, 0, n)));
  EXPECT_TRUE(mail.insert(mail_row(1, -1, 9)));
  return mail;
}

/// Sums and indices agree with the rows.
void expect_consistent(const MailStore& mail) {
  std::uint64_t count = 0, bytes = 0;
  EXPECT_TRUE(mail.visit_all(0, [&](const MailRow& row) {
    ++count;
    bytes += row.head.size;
    EXPECT_EQ(mail.find_head(row.head.hash).value(), row.head);
    return true;
  }));
  EXPECT_EQ(mail.count(), count);
  EXPECT_EQ(mail.total_bytes(), bytes);
  EXPECT_EQ(mail.account_sums(person(1).account)->bytes, bytes);
  EXPECT_EQ(numbers(mail, 1, 0).size() + numbers(mail, 1, -1).size(), count);
}

TEST(FaultyTables, ASyncThatFailsLeavesAllOrNothing) {
  int left = 0;
  for (std::uint64_t dice = 0; dice < 40; ++dice) {
    FaultyMailStore mail = filled();
    const FaultyMailStore before = mail;
    mail.set({.syncs = true, .dice = dice});
    ASSERT_TRUE(mail.begin());
    EXPECT_FALSE(mail.has_written());
    ASSERT_TRUE(mail.commit()) << "nothing was written";
    ASSERT_TRUE(mail.begin());
    ASSERT_TRUE(mail.insert(mail_row(1, 0, 11)));
    EXPECT_TRUE(mail.has_written());
    EXPECT_EQ(mail.commit().error().code, ErrorCode::Unavailable);
    mail.rollback();
    EXPECT_FALSE(mail.in_transaction());
    EXPECT_EQ(mail.count(), before.count() + (mail == before ? 0U : 1U));
    left += mail == before ? 0 : 1;
    expect_consistent(mail);
  }
  EXPECT_GT(left, 5);
  EXPECT_LT(left, 35);
}

TEST(FaultyTables, AShareOfOperationsFailsAsDrawn) {
  int failures = 0;
  for (std::uint64_t dice = 0; dice < 200; ++dice) {
    FaultyMailStore mail = filled();
    mail.set({.share_ppm = 20'000, .dice = dice});
    const auto found = mail.find_head(hash_of(1));
    mail.set({.share_ppm = 20'000, .dice = dice});
    EXPECT_EQ(mail.find_head(hash_of(1)).has_value(), found.has_value()) << "the same dice, the same failures";
    failures += found ? 0 : 1;
  }
  EXPECT_GT(failures, 0);
  EXPECT_LT(failures, 60);
}

TEST(FaultyTables, WhoeverTouchesADamagedPageIsTold) {
  const FaultyMailStore sound = filled();
  int failed = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SeededRng dice(seed);
    FaultyMailStore mail = sound;
    const auto page = mail.draw_page(dice);
    ASSERT_TRUE(page);
    EXPECT_LE(page->first, page->last);
    mail.set({.damaged = page});
    ASSERT_TRUE(mail.begin());
    const auto done = work(mail);
    if (!done) {
      EXPECT_EQ(done.error().code, ErrorCode::Damaged);
      ++failed;
    }
    mail.rollback();
    mail.set({});
    EXPECT_TRUE(mail == sound);
  }
  EXPECT_GT(failed, 10);
  FaultyMailStore empty;
  SeededRng dice(1);
  EXPECT_FALSE(empty.draw_page(dice));
}

class FaultKind : public testing::TestWithParam<std::tuple<ErrorCode, bool>> {};
INSTANTIATE_TEST_SUITE_P(All, FaultKind,
                         testing::Combine(testing::Values(ErrorCode::Full, ErrorCode::Unavailable), testing::Bool()));

TEST_P(FaultKind, ATransactionWithAFailureAnywhereLeavesNothing) {
  const auto [code, for_good] = GetParam();
  const FaultyMailStore before = filled();
  int failures = 0;
  for (std::uint64_t k = 1;; ++k) {
    FaultyMailStore mail = before;
    mail.set({k, code, for_good});
    Result<void> done = mail.begin();
    if (done) done = work(mail);
    if (done)
      done = mail.commit();
    else
      mail.rollback();
    EXPECT_FALSE(mail.in_transaction());
    mail.set({});
    if (done) break;
    ++failures;
    EXPECT_EQ(done.error().code, code);
    EXPECT_TRUE(mail == before) << "operation " << k;
  }
  EXPECT_GT(failures, 20);
}

TEST_P(FaultKind, EveryOperationByItselfIsWholeOrAbsent) {
  const auto [code, for_good] = GetParam();
  for (std::uint64_t k = 1;; ++k) {
    FaultyMailStore mail = filled();
    mail.set({k, code, for_good});
    const auto done = work(mail);
    mail.set({});
    SCOPED_TRACE(k);
    expect_consistent(mail);
    if (done) break;
  }
}

TEST(FaultyTables, AWriteAfterTheFailedOneAndTheCommitTellTheFirstError) {
  FaultyClientStore client;
  ASSERT_TRUE(client.add_event("kept"));
  const FaultyClientStore before = client;
  client.set({4, ErrorCode::Full, false});
  ASSERT_TRUE(client.begin());
  ASSERT_TRUE(client.put_setting("a", {}));
  ASSERT_TRUE(client.add_event("lost"));
  const auto failed = client.add_event("fails");
  ASSERT_FALSE(failed);
  EXPECT_EQ(client.put_setting("b", {}).error(), failed.error());
  EXPECT_EQ(client.commit().error(), failed.error());
  EXPECT_TRUE(client == before);
  EXPECT_TRUE(client.put_setting("b", {}));
}

TEST(FaultyTables, AFullDiskStillReads) {
  FaultyMailStore mail = filled();
  mail.set({1, ErrorCode::Full, true});
  EXPECT_EQ(mail.insert(mail_row(1, 0, 30)).error().code, ErrorCode::Full);
  EXPECT_EQ(numbers(mail, 1, 0).size(), 3u);
}

}  // namespace
}  // namespace session::store

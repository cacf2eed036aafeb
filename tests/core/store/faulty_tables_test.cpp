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

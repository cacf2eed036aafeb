// SQLCipher on a disk that fails at any operation, or loses its power there: C1, C3, C4 and C5 of reliability.md 3 and 6.
#include "core/base/mutant.h"
#include "core/crypto/cipher.h"
#include "tests/core/store/disk_of_sectors.h"
#include "tests/core/store/stores.h"

namespace session::store {
namespace {

using Kind = DiskOfSectors::Kind;

/// Batches of three messages, each in one transaction; the third and the fourth take the first and the second away.
class Work {
 public:
  static constexpr std::uint64_t kBatches = 4, kRows = 3;
  explicit Work(std::filesystem::path file) : file_(std::move(file)) {}

  /// Goes on after every failure, as a node does.
  void run(DiskOfSectors& disk) {
    for (int life = 0; life < 2; ++life) {  // the end of each empties the log
      auto mail = SqlMailStore::open(file_, key_of(1));
      if (!mail) continue;
      for (int i = 0; i < 4 && next_ <= kBatches; ++i) batch(**mail, disk);
    }
  }
  /// Nothing that was acknowledged is lost, and every transaction is whole or absent.
  void check() const {
    const auto mail = SqlMailStore::open(file_, key_of(1));
    ASSERT_TRUE(mail) << mail.error().message;
    const auto sound = (*mail)->check_integrity();
    ASSERT_TRUE(sound) << sound.error().message;
    std::uint64_t rows = 0;
    for (std::uint64_t b = 1; b <= kBatches; ++b) {
      SCOPED_TRACE(b);
      const std::uint64_t here = present(**mail, b), next = b + 2 <= kBatches ? present(**mail, b + 2) : 0;
      rows += here;
      EXPECT_TRUE(here == 0 || here == kRows) << here << " rows of three";
      if (acknowledged_.contains(b)) {
        EXPECT_EQ(here, next == 0 ? kRows : 0) << "it is there until its transaction takes it away, and then gone";
      }
    }
    EXPECT_EQ((*mail)->count(), rows);
  }
  [[nodiscard]] std::size_t acknowledged() const { return acknowledged_.size(); }
  /// A commit was acknowledged after a failed one, and the file had not been opened anew.
  [[nodiscard]] bool has_gone_on() const { return has_gone_on_; }

 private:
  void batch(SqlMailStore& mail, DiskOfSectors& disk) {
    const std::uint64_t b = next_++;
    Result<void> done = mail.begin();
    for (std::uint64_t i = 0; done && i < kRows; ++i)
      if (auto inserted = mail.insert(mail_row(1, 0, 10 * b + i, 1000, 1500)); !inserted) done = fail(inserted);
    for (std::uint64_t i = 0; done && b > 2 && i < kRows; ++i)
      if (auto gone = mail.remove(person(1).account, hash_of(10 * (b - 2) + i)); !gone) done = fail(gone);
    const bool is_commit = done.has_value();
    if (done)
      done = mail.commit();
    else
      mail.rollback();
    EXPECT_FALSE(mail.in_transaction());
    if (done) {
      has_gone_on_ = has_gone_on_ || (failed_with_ != 0 && disk.opened() == failed_with_);
      acknowledged_.insert(b);
    }
    failed_with_ = !done && is_commit ? disk.opened() : 0;
  }
  static std::uint64_t present(const MailStore& mail, std::uint64_t b) {
    std::uint64_t count = 0;
    for (std::uint64_t i = 0; i < kRows; ++i) count += mail.find(hash_of(10 * b + i)).value().has_value() ? 1 : 0;
    return count;
  }

  std::filesystem::path file_;
  std::uint64_t next_ = 1;
  std::set<std::uint64_t> acknowledged_;
  std::uint64_t failed_with_ = 0;  ///< times that the file had been opened when the last commit failed
  bool has_gone_on_ = false;
};

class SqlCrash : public testing::Test {
 protected:
  const TempFolder folder;  // for the lock
  SeededRng rng{7};
};

class SqlSweep : public SqlCrash, public testing::WithParamInterface<std::tuple<Kind, bool>> {};
std::string name_of(const testing::TestParamInfo<std::tuple<Kind, bool>>& row) {
  const auto [kind, for_good] = row.param;
  return std::string(kind == Kind::Error ? "Error" : kind == Kind::Full ? "Full" : "Sync") + (for_good ? "ForGood" : "Once");
}
INSTANTIATE_TEST_SUITE_P(All, SqlSweep, testing::Combine(testing::Values(Kind::Error, Kind::Full, Kind::Sync), testing::Bool()),
                         name_of);

TEST_P(SqlSweep, WhateverOperationFailsTransactionsAreWholeAndNoneIsLost) {  // C1, also when the power goes afterwards
  const auto [kind, for_good] = GetParam();
  std::uint64_t k = 0;
  for (bool has_failed = true; has_failed;) {
    SCOPED_TRACE("operation " + std::to_string(++k));
    DiskOfSectors disk;
    Work work(folder / "mail.db");
    disk.set({k, kind, for_good});
    work.run(disk);
    has_failed = disk.has_failed();
    disk.set({});
    disk.cut_power(rng);
    work.check();
    if (!has_failed) {
      EXPECT_EQ(work.acknowledged(), Work::kBatches);
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(k, kind == Kind::Sync ? 8u : 40u);
}

TEST_F(SqlCrash, ThePowerMayGoAtAnyMomentAndAgainWhileTheLogIsRead) {  // C1
  std::uint64_t most = 0;
  {
    DiskOfSectors disk;
    Work(folder / "mail.db").run(disk);
    most = disk.operations();
  }
  for (int i = 0; i < 250 && !HasFailure(); ++i) {
    SCOPED_TRACE(i);
    DiskOfSectors disk;
    Work work(folder / "mail.db");
    disk.set({.cut_at = 1 + rng.below(most)});
    work.run(disk);
    disk.cut_power(rng);
    disk.set({.cut_at = 1 + rng.below(40)});
    static_cast<void>(SqlMailStore::open(folder / "mail.db", key_of(1)));
    disk.cut_power(rng);
    disk.set({});
    work.check();
  }
}

/// No commit is acknowledged after one whose sync failed before the file was closed, opened and read again.
bool opens_anew(const std::filesystem::path& file) {
  bool is_sound = true, has_failed = true;
  for (std::uint64_t k = 1; has_failed; ++k) {
    DiskOfSectors disk;
    Work work(file);
    disk.set({k, Kind::Sync});
    work.run(disk);
    has_failed = disk.has_failed();
    is_sound = is_sound && !work.has_gone_on();
  }
  return is_sound;
}
TEST_F(SqlCrash, AfterAFailedSyncTheFileIsOpenedAnew) {  // C3
  EXPECT_TRUE(opens_anew(folder / "mail.db"));
  if (!mutant::kAreBuilt) return;
  const mutant::Scope scope(Mutant::C3);
  EXPECT_FALSE(opens_anew(folder / "mail.db"));
}

/// A full disk refuses what it has no room for, and what it says it keeps is there.
bool tells_what_it_keeps(const std::filesystem::path& file) {
  auto mail = SqlMailStore::open(file, key_of(1), {.max_pages = 64}).value();
  std::uint64_t kept = 0;
  while (kept < 200 && mail->insert(mail_row(1, 0, kept + 1, 1000, 10'000))) ++kept;
  return kept < 200 && numbers(*mail, 1, 0).size() == kept && mail->remove(person(1).account, hash_of(1)).value() &&
         mail->remove(person(1).account, hash_of(2)).value() && mail->insert(mail_row(1, 0, 500, 1000, 10'000));
}
TEST_F(SqlCrash, AFullDiskTellsWhatItKeeps) {  // C4
  EXPECT_TRUE(tells_what_it_keeps(folder / "mail.db"));
  if (!mutant::kAreBuilt) return;
  const mutant::Scope scope(Mutant::C4);
  EXPECT_FALSE(tells_what_it_keeps(folder / "other.db"));
}

/// Every page that lies anywhere, the free ones and those of the log too, as the key opens it. SQLCipher 4: AES-256-CBC, its IV
/// at the end of the page before a MAC of 64 bytes; the first 16 bytes of page 1 are a salt.
std::size_t count_on_pages(const DiskOfSectors& disk, std::string_view needle) {
  constexpr std::size_t kPage = 4096, kReserved = 80, kSalt = 16, kLogHead = 32, kFrameHead = 24;
  const FileKey key = key_of(1);
  std::size_t count = 0;
  const auto look = [&](BytesView page, bool is_first) {
    const BytesView sealed = page.subspan(is_first ? kSalt : 0, kPage - kReserved - (is_first ? kSalt : 0));
    // A page has no padding: a block of it is added, for the function that wants one.
    const Bytes whole = concat(sealed, crypto::cbc_encrypt(key.bytes(), sealed.last(16), {}));
    const auto plain = crypto::cbc_decrypt(key.bytes(), page.subspan(kPage - kReserved, 16), whole);
    if (plain && text_of(*plain).find(needle) != std::string_view::npos) ++count;
  };
  for (const auto& [name, content] : disk.files()) {
    const bool is_log = name.ends_with("-wal");
    const std::size_t step = kPage + (is_log ? kFrameHead : 0);
    for (std::size_t at = is_log ? kLogHead : 0; at + step <= content.size(); at += step) {
      const BytesView frame = BytesView(content).subspan(at, step);
      look(frame.last(kPage), is_log ? load_big<std::uint32_t>(frame.data()) == 1 : at == 0);
    }
  }
  return count;
}

/// A day after they expired no page has a trace of the messages; sweeps come every hour here.
bool leaves_no_trace(const std::filesystem::path& file) {
  DiskOfSectors disk;
  auto mail = SqlMailStore::open(file, key_of(1)).value();
  for (std::uint64_t n = 1; n <= 40; ++n) {
    MailRow row = mail_row(1, 0, n, n <= 30 ? hours(1).count : days(9).count, 3000);
    if (n <= 30) row.data = to_bytes("a xylophone" + std::string(n * 200, 'x'));
    EXPECT_TRUE(mail->insert(row));
  }
  EXPECT_GT(count_on_pages(disk, "xylophone"), 29u) << "nothing is found at all";
  for (int hour = 0; hour <= 25; ++hour) {
    EXPECT_TRUE(mail->begin());
    EXPECT_EQ(mail->expire(Instant::from_unix_millis(hours(hour).count), kNoLimit)->size(), hour == 1 ? 30u : 0u);
    EXPECT_TRUE(mail->commit());
  }
  EXPECT_EQ(numbers(*mail, 1, 0).size(), 10u);
  return count_on_pages(disk, "xylophone") == 0;
}
TEST_F(SqlCrash, WhatExpiredIsOnNoPageADayLater) {  // C5
  EXPECT_TRUE(leaves_no_trace(folder / "mail.db"));
  if (!mutant::kAreBuilt) return;
  const mutant::Scope scope(Mutant::C5);
  EXPECT_FALSE(leaves_no_trace(folder / "other.db"));
}

}  // namespace
}  // namespace session::store

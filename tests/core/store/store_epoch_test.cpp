#include "core/store/store_epoch.h"

#include <fstream>

#include "tests/core/store/stores.h"

namespace session::store {
namespace {

class StoreEpoch : public testing::Test {
 public:
  TempFolder folder;
  std::filesystem::path path = folder / "account.epoch";
  EpochFile counter{path};
  MemoryClientStore store;
};

TEST_F(StoreEpoch, AStoreThatWasPutBackIsBehindItsCounter) {
  EXPECT_FALSE(is_old_copy(store, counter).value());
  EXPECT_EQ(advance_epoch(store, counter).value(), 1u);
  const MemoryClientStore backup = store;
  EXPECT_FALSE(is_old_copy(store, counter).value());
  EXPECT_EQ(advance_epoch(store, counter).value(), 2u);
  EXPECT_FALSE(is_old_copy(store, counter).value());
  store = backup;
  EXPECT_TRUE(is_old_copy(store, counter).value());
  // Once it is a new device it counts above both, and is sound again.
  EXPECT_EQ(advance_epoch(store, counter).value(), 3u);
  EXPECT_FALSE(is_old_copy(store, counter).value());
}

TEST_F(StoreEpoch, ABackupGoesWithoutTheCounterAndIsNoticed) {
  ASSERT_TRUE(advance_epoch(store, counter));
  std::filesystem::remove(path);
  EXPECT_TRUE(is_old_copy(store, counter).value());
}

TEST_F(StoreEpoch, AnOldFileIsNoticedToo) {
  const auto open = [&] { return SqlClientStore::open(folder / "account.db", key_of(1)).value(); };
  ASSERT_TRUE(advance_epoch(*open(), counter));
  std::filesystem::copy_file(folder / "account.db", folder / "last week.db");
  ASSERT_TRUE(advance_epoch(*open(), counter));
  EXPECT_FALSE(is_old_copy(*open(), counter).value());
  std::filesystem::rename(folder / "last week.db", folder / "account.db");
  EXPECT_TRUE(is_old_copy(*open(), counter).value());
}

TEST_F(StoreEpoch, ACrashBetweenTheTwoWritesLeavesASoundStore) {
  ASSERT_TRUE(advance_epoch(store, counter));
  const auto kept = folder / "kept";
  std::filesystem::copy_file(path, kept);
  ASSERT_TRUE(advance_epoch(store, counter));
  std::filesystem::rename(kept, path);  // as if the second write had not come
  EXPECT_FALSE(is_old_copy(store, counter).value());
  EXPECT_EQ(advance_epoch(store, counter).value(), 3u);
}

TEST_F(StoreEpoch, TheCounterWaitsForTheStore) {
  FaultyClientStore faulty;
  faulty.set({1, ErrorCode::Full, true});
  EXPECT_EQ(advance_epoch(faulty, counter).error().code, ErrorCode::Full);
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_TRUE(store.begin());
  EXPECT_EQ(advance_epoch(store, counter).error().code, ErrorCode::Internal);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(StoreEpoch, AnotherFileIsNotTakenForACounter) {
  for (const std::string content : {"", "session-epoch 1 ", "session-epoch 1 1234567", "session-epoch 2 12345678", "x"}) {
    std::ofstream(path, std::ios::trunc) << content;
    EXPECT_EQ(is_old_copy(store, counter).error().code, ErrorCode::Malformed) << content;
    EXPECT_EQ(advance_epoch(store, counter).error().code, ErrorCode::Malformed) << content;
  }
}

}  // namespace
}  // namespace session::store

#include "core/client/count_start.h"

#include <gtest/gtest.h>

#include "core/client/client.h"
#include "core/store/faulty_tables.h"

namespace session::client {
namespace {

struct Keyring final : store::EpochCounter {
  [[nodiscard]] Result<std::optional<std::uint64_t>> read() const override { return epoch; }
  [[nodiscard]] Result<void> write(std::uint64_t to) override { return epoch = to, Result<void>(); }
  std::optional<std::uint64_t> epoch;
};

class CountStart : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(Client::create(disk, "Alice", now, rng)); }
  [[nodiscard]] std::uint32_t device() const { return disk.account().value()->device; }
  Result<bool> start() { return count_start(disk, keyring, now, rng); }

  Instant now = Instant::from_unix_millis(1'700'000'000'000);
  SeededRng rng{1};
  store::FaultyClientStore disk;
  Keyring keyring;
};

TEST_F(CountStart, AStoreThatWentOnStaysTheDeviceThatItIs) {
  const auto before = device();
  for (std::uint64_t i = 1; i < 4; ++i) {
    EXPECT_FALSE(start().value());
    EXPECT_EQ(keyring.epoch, i);
  }
  EXPECT_EQ(device(), before);
}

TEST_F(CountStart, ACopyFromBeforeAStartOrASealedMessageIsANewDevice) {
  ASSERT_TRUE(start());
  for (const bool seals : {false, true}) {
    const store::FaultyClientStore copy = disk;
    const auto before = device();
    if (seals) {
      ASSERT_TRUE(store::count_turn(disk));
      ASSERT_TRUE(store::tell_epoch(disk, keyring));
    } else {
      ASSERT_TRUE(start());
    }
    disk = copy;
    EXPECT_TRUE(start().value());
    EXPECT_NE(device(), before);
    EXPECT_FALSE(start().value()) << "it is sound now";
  }
}

TEST_F(CountStart, WithoutRoomAStoreIsOpenedAndAnOldCopyIsNot) {
  ASSERT_TRUE(start());
  const store::FaultyClientStore copy = disk;
  ASSERT_TRUE(start());
  disk.set({.at = 1, .code = ErrorCode::Full, .for_good = true});
  EXPECT_FALSE(start().value());
  disk = copy;
  disk.set({.at = 1, .code = ErrorCode::Full, .for_good = true});
  EXPECT_EQ(start().error().code, ErrorCode::Full);
}

}  // namespace
}  // namespace session::client

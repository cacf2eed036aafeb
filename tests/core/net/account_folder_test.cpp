#include "core/net/account_folder.h"

#include <gtest/gtest.h>

#include "core/base/temp_folder.h"
#include "core/client/client.h"
#include "core/crypto/keys.h"
#include "core/net/carrier.h"

namespace session::net {
namespace {

TEST(AccountFolder, IsMadeWhenThatIsAskedForAndOpensAgain) {
  const TempFolder folder;
  crypto::SystemRng rng;
  const auto account = folder.path() / "alice";
  EXPECT_EQ(open_account_folder(account, std::nullopt, NewFolder::Refuse, rng).error().code, ErrorCode::NotFound);
  {
    auto store = open_account_folder(account, std::nullopt, NewFolder::Make, rng);
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_TRUE(client::Client::create(**store, "Alice", system_now(), rng));
    EXPECT_EQ(open_account_folder(account, std::nullopt, NewFolder::Refuse, rng).error().code, ErrorCode::Refused) << "twice";
  }
  auto again = open_account_folder(account, std::nullopt, NewFolder::Refuse, rng);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)->account().value()->name, "Alice");
}

TEST(AccountFolder, ACopyFromAnEarlierDayGoesOnAsAnotherDevice) {  // profile.md 10.6
  const TempFolder folder;
  crypto::SystemRng rng;
  const store::ProfileFiles files(folder.path());
  std::uint32_t device = 0;
  {
    auto store = open_account_folder(folder.path(), std::nullopt, NewFolder::Make, rng);
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_TRUE(client::Client::create(**store, "Alice", system_now(), rng));
    device = (*store)->account().value()->device;
  }
  const auto copy = folder.path() / "yesterday.db";
  std::filesystem::copy_file(files.store, copy);
  {
    auto store = open_account_folder(folder.path(), std::nullopt, NewFolder::Refuse, rng);
    ASSERT_TRUE(store);
    EXPECT_EQ((*store)->account().value()->device, device) << "it went on, and nothing else";
  }
  std::filesystem::copy_file(copy, files.store, std::filesystem::copy_options::overwrite_existing);
  for (const char* part : {"-wal", "-shm"}) std::filesystem::remove(files.store.string() + part);
  auto store = open_account_folder(folder.path(), std::nullopt, NewFolder::Refuse, rng);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_NE((*store)->account().value()->device, device);
}

}  // namespace
}  // namespace session::net

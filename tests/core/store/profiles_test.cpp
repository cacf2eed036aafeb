#include "core/store/profiles.h"

#include <sys/stat.h>

#include <fstream>

#include "core/store/store_epoch.h"
#include "tests/core/store/stores.h"

namespace session::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ProfilesTest : public testing::Test {
 public:
  /// A profile as a program leaves it that was killed: with a log, a lock and a half-written key.
  std::unique_ptr<SqlClientStore> fill(const char* name) {
    const ProfileFiles files(profiles.create(name).value());
    SeededRng rng(1);
    auto store = SqlClientStore::open(files.store, create_key(files.key, std::nullopt, rng).value()).value();
    EXPECT_TRUE(store->add_message(message_row(2, 10)));
    EpochFile counter(files.counter);
    EXPECT_TRUE(advance_epoch(*store, counter));
    std::ofstream(files.key.string() + ".new") << "half a key";
    std::filesystem::create_directory(files.key.parent_path() / "drafts");
    std::ofstream(files.key.parent_path() / "drafts/one") << "x";
    return store;
  }
  TempFolder folder;
  Profiles profiles{folder / "installation"};
};

TEST_F(ProfilesTest, NamesAreShortAndPlain) {
  for (const char* good : {"a", "alice", "work_2-b", "0", "abcdefghijklmnopqrstuvwxyz012345"})
    EXPECT_TRUE(Profiles::check_name(good));
  for (const char* bad : {"", ".", "..", "a/b", "Alice", "a b", "abcdefghijklmnopqrstuvwxyz0123456", "\xc3\xa9", "a\n", "*"}) {
    EXPECT_EQ(Profiles::check_name(bad).error().code, ErrorCode::Malformed) << bad;
    EXPECT_EQ(profiles.create(bad).error().code, ErrorCode::Malformed) << bad;
    EXPECT_EQ(profiles.path(bad).error().code, ErrorCode::Malformed) << bad;
    EXPECT_EQ(profiles.remove(bad).error().code, ErrorCode::Malformed) << bad;
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "installation"));
}

TEST_F(ProfilesTest, EachHasAFolderOfItsOwn) {
  EXPECT_THAT(profiles.list().value(), IsEmpty());
  EXPECT_EQ(profiles.path("alice").error().code, ErrorCode::NotFound);
  const auto alice = profiles.create("alice").value();
  ASSERT_TRUE(profiles.create("a-2"));
  EXPECT_EQ(profiles.create("alice").error().code, ErrorCode::Refused);
  EXPECT_EQ(profiles.path("alice").value(), alice);
  EXPECT_EQ(alice, folder / "installation/profiles/alice");
  struct stat found{};
  ASSERT_EQ(::stat(alice.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700u);
  std::ofstream(folder / "installation/profiles/file") << "not a folder";
  std::filesystem::create_directory(folder / "installation/profiles/Not A Name");
  EXPECT_THAT(profiles.list().value(), ElementsAre("a-2", "alice"));
}

TEST_F(ProfilesTest, RemovingLeavesNothingOfItAndAllOfTheOthers) {
  fill("alice").reset();
  auto bob = fill("bob");
  ASSERT_TRUE(profiles.remove("alice"));
  EXPECT_FALSE(std::filesystem::exists(folder / "installation/profiles/alice"));
  EXPECT_THAT(profiles.list().value(), ElementsAre("bob"));
  EXPECT_EQ(profiles.remove("alice").error().code, ErrorCode::NotFound);
  bob.reset();
  const ProfileFiles files(profiles.path("bob").value());
  const auto again = SqlClientStore::open(files.store, open_key(files.key, std::nullopt).value()).value();
  EXPECT_TRUE(again->message(1).value().has_value());
}

TEST_F(ProfilesTest, OneThatIsOpenIsNotRemoved) {
  auto store = fill("alice");
  const auto refused = profiles.remove("alice");
  EXPECT_EQ(refused.error().code, ErrorCode::Refused);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("in use"));
  const ProfileFiles files(profiles.path("alice").value());
  EXPECT_TRUE(open_key(files.key, std::nullopt));
  EXPECT_TRUE(store->message(1).value().has_value());
  store.reset();
  EXPECT_TRUE(profiles.remove("alice"));
}

TEST_F(ProfilesTest, WhatACrashLeftIsRemovedByRemovingAgain) {
  fill("alice").reset();
  const ProfileFiles files(profiles.path("alice").value());
  std::filesystem::remove(files.key);  // as far as it came
  EXPECT_THAT(profiles.list().value(), ElementsAre("alice"));
  ASSERT_TRUE(profiles.remove("alice"));
  EXPECT_THAT(profiles.list().value(), IsEmpty());
}

TEST_F(ProfilesTest, ALinkIsNoProfileAndNothingBehindOneIsTouched) {
  fill("alice").reset();
  const auto outside = folder / "outside";
  std::filesystem::create_directory(outside);
  std::ofstream(outside / "mine") << "x";
  std::filesystem::create_symlink(outside, folder / "installation/profiles/bob");
  std::filesystem::create_symlink(outside, folder / "installation/profiles/alice/link");
  EXPECT_EQ(profiles.remove("bob").error().code, ErrorCode::NotFound);
  ASSERT_TRUE(profiles.remove("alice"));
  EXPECT_TRUE(std::filesystem::exists(outside / "mine"));
}

}  // namespace
}  // namespace session::store

#include "core/store/whole_file.h"

#include <fcntl.h>

#include <fstream>

#include "core/store/descriptor.h"
#include "tests/core/store/stores.h"

namespace session::store {
namespace {

TEST(WholeFile, IsReadAsItWasWrittenUpToItsLimit) {
  const TempFolder folder;
  const auto file = folder / "a/b";
  EXPECT_EQ(read_whole(file, 10).error().code, ErrorCode::NotFound);
  ASSERT_TRUE(write_whole(file, bytes_of("0123456789")));
  EXPECT_EQ(text_of(read_whole(file, 10)->bytes()), "0123456789");
  EXPECT_EQ(read_whole(file, 9).error().code, ErrorCode::Malformed);
  ASSERT_TRUE(write_whole(file, {}));
  EXPECT_EQ(read_whole(file, 9)->size(), 0u);
  EXPECT_FALSE(std::filesystem::exists(file.string() + ".new"));
}

TEST(WholeFile, ASecretThatIsReplacedOrRemovedIsOverwritten) {
  const TempFolder folder;
  const auto file = folder / "key";
  const auto blanked = [&](const Descriptor& old) {
    std::string content(6, 'x');
    EXPECT_EQ(::pread(old.get(), content.data(), content.size(), 0), 6);
    return content == std::string(6, '\0');
  };
  ASSERT_TRUE(write_whole(file, bytes_of("secret")));
  const Descriptor first(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(replace_secret(file, bytes_of("second")));
  EXPECT_TRUE(blanked(first));
  EXPECT_EQ(text_of(read_whole(file, 10)->bytes()), "second");
  const Descriptor second(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(remove_secret(file));
  EXPECT_TRUE(blanked(second));
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_TRUE(remove_secret(file));
}

TEST(WholeFile, WhatALinkPointsAtIsLeftAlone) {
  const TempFolder folder;
  std::ofstream(folder / "elsewhere") << "mine";
  std::filesystem::create_symlink(folder / "elsewhere", folder / "key");
  ASSERT_TRUE(remove_secret(folder / "key"));
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(folder / "key")));
  EXPECT_EQ(text_of(read_whole(folder / "elsewhere", 10)->bytes()), "mine");
}

}  // namespace
}  // namespace session::store

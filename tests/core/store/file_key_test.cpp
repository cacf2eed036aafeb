#include "core/store/file_key.h"

#include <sys/stat.h>

#include <fstream>

#include "core/crypto/keys.h"
#include "tests/core/store/stores.h"

namespace session::store {
namespace {

constexpr Stretch kQuick{1, 8192};

mode_t mode_of(const std::filesystem::path& file) {
  struct stat found{};
  EXPECT_EQ(::stat(file.c_str(), &found), 0);
  return found.st_mode & 0777;
}

TEST(FileKey, IsMadeOnceAndForItsOwnerAlone) {
  const TempFolder folder;
  SeededRng rng(1);
  const auto file = folder / "account/key";
  const FileKey key = key_file(file, rng).value();
  EXPECT_EQ(key_file(file, rng).value(), key);
  EXPECT_EQ(mode_of(file), 0600u);
  EXPECT_EQ(mode_of(file.parent_path()), 0700u);
  EXPECT_EQ(std::filesystem::file_size(file), 32u);
}

TEST(FileKey, OfAnotherSizeIsRefusedAndKept) {
  const TempFolder folder;
  SeededRng rng(1);
  for (const std::size_t size : {0u, 31u, 33u}) {
    const auto file = folder / "key";
    std::ofstream(file, std::ios::trunc) << std::string(size, 'k');
    EXPECT_EQ(key_file(file, rng).error().code, ErrorCode::Malformed);
    EXPECT_EQ(std::filesystem::file_size(file), size);
  }
}

TEST(FileKey, OfAPassphraseDependsOnPassphraseAndSalt) {
  crypto::initialise();
  const TempFolder folder;
  SeededRng rng(1);
  const auto key = passphrase_key(folder / "salt", "correct horse", rng, kQuick);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(passphrase_key(folder / "salt", "correct horse", rng, kQuick).value(), *key);
  EXPECT_FALSE(passphrase_key(folder / "salt", "battery staple", rng, kQuick).value() == *key);
  EXPECT_FALSE(passphrase_key(folder / "other", "correct horse", rng, kQuick).value() == *key);
  EXPECT_EQ(std::filesystem::file_size(folder / "salt"), 16u);
}

}  // namespace
}  // namespace session::store

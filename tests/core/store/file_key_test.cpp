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

class KeyFile : public testing::Test {
 public:
  KeyFile() { crypto::initialise(); }
  [[nodiscard]] std::string content() const {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(std::string_view bytes) const { std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes; }

  TempFolder folder;
  std::filesystem::path file = folder / "account.key";
  SeededRng rng{1};
};

TEST_F(KeyFile, IsNonePlainOrWrapped) {
  EXPECT_EQ(look_at_key(file).value(), KeyMode::None);
  EXPECT_EQ(open_key(file, "x").error().code, ErrorCode::NotFound);
  const FileKey key = create_key(file, std::nullopt, rng).value();
  EXPECT_EQ(look_at_key(file).value(), KeyMode::Plain);
  EXPECT_EQ(open_key(file, std::nullopt).value(), key);
  EXPECT_EQ(mode_of(file), 0600u);
  EXPECT_EQ(create_key(file, std::nullopt, rng).error().code, ErrorCode::Refused);
  ASSERT_TRUE(change_key(file, std::nullopt, "correct horse", rng, kQuick));
  EXPECT_EQ(look_at_key(file).value(), KeyMode::Passphrase);
  EXPECT_EQ(open_key(file, "correct horse").value(), key);
  EXPECT_EQ(mode_of(file), 0600u);
  EXPECT_EQ(content().find(text_of(key.bytes())), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(file.string() + ".new"));
}

TEST_F(KeyFile, AnotherPassphraseOpensTheSameStoreAndTheOldOneNoLonger) {
  const FileKey key = create_key(file, "first", rng, kQuick).value();
  {
    ASSERT_TRUE(SqlClientStore::open(folder / "account.db", key).value()->put_setting("a", bytes_of("b")));
  }
  ASSERT_TRUE(change_key(file, "first", "second", rng, kQuick));
  EXPECT_EQ(open_key(file, "first").error().code, ErrorCode::Unauthentic);
  const auto store = SqlClientStore::open(folder / "account.db", open_key(file, "second").value()).value();
  EXPECT_EQ(store->setting("a").value(), to_bytes("b"));
  ASSERT_TRUE(change_key(file, "second", std::nullopt, rng));
  EXPECT_EQ(open_key(file, std::nullopt).value(), key);
}

TEST_F(KeyFile, TheWrongPassphraseOrNoneIsToldAndChangesNothing) {
  ASSERT_TRUE(create_key(file, "right", rng, kQuick));
  const std::string before = content();
  const auto wrong = open_key(file, "wrong");
  EXPECT_EQ(wrong.error().code, ErrorCode::Unauthentic);
  EXPECT_THAT(wrong.error().message, testing::HasSubstr("this passphrase does not open"));
  EXPECT_EQ(open_key(file, std::nullopt).error().code, ErrorCode::Refused);
  EXPECT_EQ(change_key(file, "wrong", "new", rng, kQuick).error().code, ErrorCode::Unauthentic);
  EXPECT_EQ(change_key(file, "right", "", rng, kQuick).error().code, ErrorCode::Malformed);
  EXPECT_EQ(change_key(file, "right", "new", rng, {0, 8192}).error().code, ErrorCode::Malformed);
  EXPECT_EQ(change_key(file, "right", "new", rng, {1, std::size_t{2} << 30}).error().code, ErrorCode::Malformed);
  EXPECT_EQ(content(), before);
}

TEST_F(KeyFile, OfEarlierVersionsOpensAndTakesTheNewFormWhenItChanges) {
  const FileKey key = key_file(file, rng).value();
  EXPECT_EQ(look_at_key(file).value(), KeyMode::Plain);
  EXPECT_EQ(open_key(file, std::nullopt).value(), key);
  ASSERT_TRUE(change_key(file, std::nullopt, std::nullopt, rng));
  EXPECT_TRUE(content().starts_with("session-key"));
  EXPECT_EQ(open_key(file, std::nullopt).value(), key);
}

TEST_F(KeyFile, CostsThatTheFileNamesAreBounded) {
  ASSERT_TRUE(create_key(file, "right", rng, kQuick));
  const std::string whole = content();
  constexpr std::size_t kPasses = 13, kKib = 17;
  for (const auto& [offset, value] : {std::pair{kPasses, 0u},
                                      {kPasses, 11u},
                                      {kPasses, 0xffffffffu},
                                      {kKib, 0u},
                                      {kKib, 7u},
                                      {kKib, (1u << 20) + 1},
                                      {kKib, 0xffffffffu}}) {
    std::string hostile = whole;
    hostile.replace(offset, 4, text_of(big(value)));
    write(hostile);
    const auto opened = open_key(file, "right");
    EXPECT_EQ(opened.error().code, ErrorCode::Malformed) << value;
    EXPECT_THAT(opened.error().message, testing::HasSubstr("is not among")) << value;
  }
}

TEST_F(KeyFile, EveryChangedByteIsNoticed) {
  const FileKey key = create_key(file, "right", rng, kQuick).value();
  const std::string whole = content();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    write(changed);
    EXPECT_FALSE(open_key(file, "right")) << at;
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (size == FileKey::kSize) continue;
    write(whole.substr(0, size));
    EXPECT_EQ(open_key(file, "right").error().code, ErrorCode::Malformed) << size;
  }
  write(whole + "x");
  EXPECT_EQ(open_key(file, "right").error().code, ErrorCode::Malformed);
}

TEST_F(KeyFile, NoiseNeverOpensAndHarmsNothing) {
  for (int i = 0; i < 500; ++i) {
    Bytes noise(rng.below(140));
    if (noise.size() == FileKey::kSize) continue;
    rng.fill(noise);
    if (rng.one_in(2))
      std::ranges::copy(bytes_of("session-key\x01").first(std::min<std::size_t>(12, noise.size())), noise.begin());
    write(text_of(noise));
    const bool is_plain = noise.size() == 45 && std::to_integer<int>(noise[12]) == 1;
    EXPECT_EQ(open_key(file, std::nullopt).has_value(), is_plain);
    EXPECT_EQ(create_key(file, std::nullopt, rng).error().code, ErrorCode::Refused);
    EXPECT_EQ(content(), text_of(noise));
  }
}

TEST_F(KeyFile, ACrashBeforeTheNewFileStandsLeavesTheOldOne) {
  const FileKey key = create_key(file, "first", rng, kQuick).value();
  std::ofstream(file.string() + ".new") << "half of a new fi";
  EXPECT_EQ(open_key(file, "first").value(), key);
  ASSERT_TRUE(change_key(file, "first", "second", rng, kQuick));
  EXPECT_EQ(open_key(file, "second").value(), key);
}

}  // namespace
}  // namespace session::store

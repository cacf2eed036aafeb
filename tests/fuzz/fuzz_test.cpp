#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/rng.h"
#include "tests/fuzz/targets.h"

namespace session::fuzz {
namespace {

std::vector<Bytes> corpus(const char* name) {
  std::vector<Bytes> out;
  for (const auto& file :
       std::filesystem::directory_iterator(std::filesystem::path(SESSION_SOURCE_DIR) / "tests/fuzz/corpus" / name)) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    out.push_back(to_bytes(bytes_of(text)));
  }
  return out;
}

class Corpus : public testing::TestWithParam<Target> {};

TEST_P(Corpus, IsPlayedAgainAsItIsAndDamaged) {
  const auto files = corpus(GetParam().name);
  ASSERT_FALSE(files.empty());
  SeededRng rng(7);
  for (const Bytes& file : files) {
    GetParam().run(file);
    for (int i = 0; i < 20; ++i) {
      Bytes damaged = file;
      if (damaged.empty()) break;
      if (rng.one_in(3)) damaged.resize(rng.below(damaged.size()) + 1);
      damaged[rng.below(damaged.size())] = static_cast<std::byte>(rng.below(256));
      GetParam().run(damaged);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Corpus, testing::ValuesIn(kTargets), [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace session::fuzz

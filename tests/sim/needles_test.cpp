#include "sim/needles.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/rng.h"

namespace session::sim {
namespace {

TEST(Needles, AreFoundWhereverTheyLie) {
  for (std::size_t size = Needles::kShortest; size < 20; ++size)
    for (std::size_t before = 0; before < 12; ++before)
      for (std::size_t after = 0; after < 12; ++after) {
        const std::string needle = std::string("abcdefghijklmnopqrstuvwxyz").substr(0, size);
        Needles needles;
        needles.add(needle);
        EXPECT_TRUE(needles.any_in(std::string(before, 'x') + needle + std::string(after, 'x')));
        EXPECT_FALSE(needles.any_in(std::string(before, 'x') + needle.substr(1) + std::string(after, 'x')));
        EXPECT_FALSE(needles.any_in(std::string(before, 'x') + needle.substr(0, size - 1)));
      }
}

TEST(Needles, AnswerAsASearchForEachOfThemWould) {
  SeededRng rng(3);
  // Few letters, so that parts of needles are everywhere.
  const auto word = [&](std::size_t size) {
    std::string text(size, 'a');
    for (char& c : text) c = static_cast<char>('a' + rng.below(2));
    return text;
  };
  int found = 0;
  for (int round = 0; round < 400; ++round) {
    Needles needles;
    std::vector<std::string> all;
    for (std::uint64_t i = 0; i < rng.below(6); ++i) {
      all.push_back(word(Needles::kShortest + rng.below(6)));
      needles.add(all.back());
    }
    const std::string text = word(rng.below(120));
    const bool expected =
        std::ranges::any_of(all, [&](const std::string& each) { return text.find(each) != std::string::npos; });
    found += expected ? 1 : 0;
    EXPECT_EQ(needles.any_in(text), expected) << text;
  }
  EXPECT_GT(found, 20);
}

TEST(Needles, OfWhichThereAreNoneAreNowhere) {
  Needles needles;
  EXPECT_TRUE(needles.empty());
  EXPECT_FALSE(needles.any_in("anything at all"));
  needles.add("anything");
  needles.clear();
  EXPECT_FALSE(needles.any_in("anything at all"));
}

}  // namespace
}  // namespace session::sim

#include "core/base/rng.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>
#include <numeric>
#include <set>

#include "core/base/encoding.h"

namespace session {
namespace {

/// Plays back given words.
class ScriptedRng final : public Rng {
 public:
  explicit ScriptedRng(std::vector<std::uint64_t> words) : words_(std::move(words)) {}
  [[nodiscard]] std::uint64_t next() override { return words_.at(used_++); }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t used_ = 0;
};

constexpr std::uint64_t kMost = ~std::uint64_t{0};

// The reference xoshiro256++, its state filled by splitmix64 from 0.
TEST(SeededRng, IsXoshiro256PlusPlus) {
  SeededRng rng(0);
  for (const std::uint64_t expected :
       {5987356902031041503u, 7051070477665621255u, 6633766593972829180u, 211316841551650330u, 9136120204379184874u,
        379361710973160858u, 15813423377499357806u, 15596884590815070553u, 5439680534584881407u, 1369371744833522710u})
    EXPECT_EQ(rng.next(), expected);
}

// A change here would change every recorded run.
TEST(SeededRng, NamedStreamsStayAsTheyAre) {
  SeededRng alice(7, "alice"), bob(7, "bob");
  EXPECT_EQ(alice.next(), 0x68400990df6d3987u);
  EXPECT_EQ(alice.next(), 0xe69c223bdbaad478u);
  EXPECT_EQ(bob.next(), 0x53a4ffda44aac120u);
  EXPECT_EQ(bob.next(), 0x2086bd6033c319bdu);
}

TEST(SeededRng, NamedStreamsAreIndependentOfEachOther) {
  std::set<std::uint64_t> words;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (int machine = 0; machine < 50; ++machine) {
      SeededRng rng(seed, "node-" + std::to_string(machine));
      for (int i = 0; i < 4; ++i) words.insert(rng.next());
    }
  EXPECT_EQ(words.size(), 4'000u);
  // Two neighbours' streams share about half of their bits.
  SeededRng a(1, "node-1"), b(1, "node-2");
  int same = 0;
  for (int i = 0; i < 1'000; ++i) same += std::popcount(~(a.next() ^ b.next()));
  EXPECT_NEAR(same, 32'000, 640);
}

TEST(SeededRng, IsAValueThatContinuesWhereItsCopyDoes) {
  SeededRng rng(31);
  (void)rng.next();
  SeededRng copy = rng;
  EXPECT_EQ(copy, rng);
  EXPECT_EQ(copy.next(), rng.next());
  (void)copy.next();
  EXPECT_FALSE(copy == rng);
}

TEST(Rng, FillsWithLittleEndianWordsAndDrawsNoMoreThanItNeeds) {
  ScriptedRng rng({0x0807060504030201, 0x100f0e0d0c0b0a09});
  EXPECT_EQ(to_hex(rng.bytes<11>()), "0102030405060708090a0b");
  EXPECT_EQ(rng.used(), 2u);
  rng.fill({});
  EXPECT_EQ(rng.used(), 2u);
}

TEST(Rng, BelowRefusesTheDrawsThatWouldFavourSomeResidues) {
  // 2^64 mod 3 = 1: of all draws, only 0 is refused.
  ScriptedRng rng({0, 1, 0, kMost});
  EXPECT_EQ(rng.below(3), 1u);
  EXPECT_EQ(rng.below(3), kMost % 3);
  EXPECT_EQ(rng.used(), 4u);
  ScriptedRng powers({0, kMost});
  EXPECT_EQ(powers.below(1), 0u);
  EXPECT_EQ(powers.below(std::uint64_t{1} << 63), (std::uint64_t{1} << 63) - 1);
}

TEST(Rng, BelowIsUniform) {
  SeededRng rng(32);
  std::map<std::uint64_t, int> counts;
  for (int i = 0; i < 70'000; ++i) ++counts[rng.below(7)];
  ASSERT_EQ(counts.size(), 7u);
  for (const auto& [value, count] : counts) EXPECT_NEAR(count, 10'000, 500) << value;
}

TEST(Rng, BetweenIncludesBothEndsAndTheWholeRange) {
  SeededRng rng(33);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(rng.between(-2, 2));
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
  EXPECT_EQ(rng.between(5, 5), 5);
  ScriptedRng whole({0, kMost});
  EXPECT_EQ(whole.between(INT64_MIN, INT64_MAX), INT64_MIN);
  EXPECT_EQ(whole.between(INT64_MIN, INT64_MAX), INT64_MAX);
}

TEST(Rng, OneInNoughtIsNeverAndDrawsNothing) {
  ScriptedRng rng({});
  EXPECT_FALSE(rng.one_in(0));
  SeededRng seeded(34);
  EXPECT_TRUE(seeded.one_in(1));
  EXPECT_TRUE(seeded.chance(1'000'000));
  EXPECT_FALSE(seeded.chance(0));
}

TEST(Rng, ShuffleKeepsEveryElementAndReachesEveryOrder) {
  SeededRng rng(35);
  std::map<std::vector<int>, int> orders;
  for (int i = 0; i < 6'000; ++i) {
    std::vector<int> cards = {1, 2, 3};
    rng.shuffle(cards);
    ++orders[cards];
  }
  ASSERT_EQ(orders.size(), 6u);
  for (const auto& [order, count] : orders) EXPECT_NEAR(count, 1'000, 150);
  std::vector<int> many(100), sorted(100);
  std::iota(many.begin(), many.end(), 0);
  sorted = many;
  rng.shuffle(many);
  EXPECT_NE(many, sorted);
  std::sort(many.begin(), many.end());
  EXPECT_EQ(many, sorted);
}

TEST(Rng, PickGivesAnElementOfTheRangeItself) {
  SeededRng rng(36);
  std::vector<int> range = {1, 2, 3};
  for (int i = 0; i < 50; ++i) rng.pick(range) = 0;
  EXPECT_EQ(range, (std::vector<int>{0, 0, 0}));
}

}  // namespace
}  // namespace session

#include "core/modelled/mixer.h"

#include <gtest/gtest.h>

#include <set>

#include "core/base/encoding.h"
#include "core/base/rng.h"

namespace session::modelled {
namespace {

TEST(Mixer, EveryFlippedBitAndEverySizeGiveAnotherWord) {
  SeededRng rng(3);
  for (const std::size_t size : {1u, 7u, 8u, 31u, 32u, 33u, 64u, 200u}) {
    Bytes bytes(size);
    rng.fill(bytes);
    const std::uint64_t word = mix(1, bytes);
    EXPECT_NE(word, mix(2, bytes));
    for (std::size_t bit = 0; bit < 8 * size; ++bit) {
      Bytes flipped = bytes;
      flipped[bit / 8] ^= std::byte{static_cast<unsigned char>(1U << bit % 8)};
      EXPECT_NE(word, mix(1, flipped)) << size << " bytes, bit " << bit;
    }
  }
  std::set<std::uint64_t> of_zeros;
  for (std::size_t size = 0; size < 100; ++size) of_zeros.insert(mix(1, Bytes(size)));
  EXPECT_EQ(of_zeros.size(), 100u);
}

TEST(Mixer, IsTheSameOnEveryMachine) {
  EXPECT_EQ(mix(1, bytes_of("the quick brown fox jumps over the lazy dog")), 11510698506286803408u);
  ByteArray<12> out;
  expand(1, out);
  EXPECT_EQ(to_hex(out), "82d114b727aebbb40d0afda2");
}

TEST(Mixer, TakesItsMaskOffAgainAndLeavesNothingReadable) {
  const Bytes plain = to_bytes("hello, hello, hello, hello");
  Bytes masked(plain.size()), back(plain.size());
  mask(9, plain, masked);
  EXPECT_EQ(text_of(masked).find("hello"), std::string_view::npos);
  mask(9, masked, back);
  EXPECT_EQ(back, plain);
  mask(10, masked, back);
  EXPECT_NE(back, plain);
}

}  // namespace
}  // namespace session::modelled

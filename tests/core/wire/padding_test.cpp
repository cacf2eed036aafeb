#include "core/wire/padding.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"

namespace session::wire {
namespace {

// client.md 3.5
TEST(Padding, SizesAreThoseOfTheSpecification) {
  const std::pair<std::size_t, std::size_t> known[] = {{0, 159},   {1, 159},   {10, 159},  {157, 159}, {158, 159},
                                                       {159, 319}, {160, 319}, {318, 319}, {319, 479}, {320, 479}};
  for (const auto& [size, padded] : known) {
    EXPECT_EQ(pad(Bytes(size, std::byte{7})).size(), padded) << size;
    EXPECT_EQ(padded_size(size), padded) << size;
  }
}

TEST(Padding, UnpaddingGivesTheContentBackWhateverItEndsWith) {
  SeededRng rng(11);
  for (int i = 0; i < 300; ++i) {
    Bytes content(rng.below(700));
    rng.fill(content);
    if (!content.empty() && rng.one_in(2)) content.back() = rng.one_in(2) ? std::byte{0} : std::byte{0x80};
    EXPECT_EQ(unpad(pad(content)), content) << "seed 11, round " << i;
  }
}

TEST(Padding, WithoutItsMarkIsRefused) {
  EXPECT_FALSE(unpad({}));
  EXPECT_FALSE(unpad(Bytes(159)));
  EXPECT_FALSE(unpad(bytes_of("no mark")));
  EXPECT_EQ(unpad(bytes_of("\x80")), Bytes{});
}

}  // namespace
}  // namespace session::wire

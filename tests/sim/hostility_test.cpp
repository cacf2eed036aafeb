#include "sim/hostility.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace session::sim {
namespace {

TEST(Hostility, EveryWayHasAWordAndAKindOfItsOwn) {
  std::set<std::string_view> words, kinds;
  for (std::size_t i = 0; i < kHostiles; ++i) {
    const auto way = static_cast<Hostile>(i);
    EXPECT_EQ(hostile_of(word_of(way)), way);
    words.insert(word_of(way));
    kinds.insert(kind_of(way));
  }
  EXPECT_EQ(words.size(), kHostiles);
  EXPECT_EQ(kinds.size(), kHostiles);
  EXPECT_EQ(word_of(Hostile::Frame), "frame");
  EXPECT_EQ(kind_of(Hostile::Withhold), "withholding");
  EXPECT_FALSE(hostile_of("")) << hostile_of("").has_value();
  EXPECT_FALSE(hostile_of("Lie"));
}

TEST(Hostility, AMaliceIsWhatWasAddedAndConcernsWhomItIsAgainst) {
  Malice malice({Hostile::Lie});
  EXPECT_TRUE(malice.any());
  EXPECT_TRUE(malice.has(Hostile::Lie));
  EXPECT_FALSE(malice.has(Hostile::Frame));
  Account one, two;
  two.bytes[3] = std::byte{1};
  EXPECT_TRUE(malice.concerns(one));
  malice.against = two;
  EXPECT_FALSE(malice.concerns(one));
  EXPECT_TRUE(malice.concerns(two));
  EXPECT_FALSE(Malice().any());
}

}  // namespace
}  // namespace session::sim

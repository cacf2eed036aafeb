#include "sim/crowd/wire_sizes.h"

#include <gtest/gtest.h>

#include <set>

#include "core/onion/layer.h"

namespace session::sim {
namespace {

TEST(WireSizes, ARequestLosesALayerAtEveryHopAndGrowsByClasses) {
  const WireSizes sizes(1, 10);
  std::uint32_t before = 0;
  std::set<std::uint32_t> classes;
  for (std::uint32_t data = 1; data <= 76'800; data += 173) {
    const RequestSizes& at = sizes.store(data, days(4));
    for (std::size_t hop = 1; hop < at.size(); ++hop) EXPECT_EQ(at[hop - 1] - at[hop], at[0] - at[1]) << "hop " << hop;
    EXPECT_GE(at[0], before);
    before = at[0];
    classes.insert(at[0]);
  }
  EXPECT_EQ(classes.size(), 5u);  // 512 B · 4ⁿ up to 128 KiB
}

TEST(WireSizes, AnswersGrowWithWhatTheyHold) {
  const WireSizes sizes(1, 10);
  EXPECT_LT(sizes.heard(0, 0), sizes.heard(1, 430));
  EXPECT_LT(sizes.heard(2, 860), sizes.heard(4, 4 * 430));
  EXPECT_LE(sizes.store_answer(5), sizes.store_answer(10));
  EXPECT_EQ(sizes.store_answer(10), sizes.store_answer(11)) << "no more members than there are";
}

TEST(WireSizes, WhoKnowsManyNamesManyTokens) {
  EXPECT_LT(WireSizes(1, 10).listen()[0], WireSizes(100, 10).listen()[0]);
  EXPECT_EQ(WireSizes(1, 10).fetch(), WireSizes(100, 10).fetch());
}

}  // namespace
}  // namespace session::sim

#include "tests/sim/court.h"

namespace session::sim {
namespace {

using CapsOracle = Judged;

TEST_F(CapsOracle, LooksAtEveryMachine) {  // L1
  EXPECT_GE(oracles.cases().at("L1"), world.nodes() + world.people().size());
  EXPECT_EQ(found(), "");
}

TEST(Fillings, MayBeFullAndNotMore) {
  EXPECT_FALSE(wrong_with_fillings({}));
  EXPECT_FALSE(wrong_with_fillings({{"listeners", 4, 4}, {"callers", 0, 10}}));
  const auto wrong = wrong_with_fillings({{"listeners", 4, 4}, {"callers", 11, 10}});
  ASSERT_TRUE(wrong);
  EXPECT_EQ(*wrong, "11 callers, at most 10");
}

}  // namespace
}  // namespace session::sim

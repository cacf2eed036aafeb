#include "sim/oracles.h"

#include "tests/sim/court.h"

namespace session::sim {
namespace {

class AllOracles : public Judged {};

TEST_F(AllOracles, EachLooksAtSomethingAndFindsASoundWorldSound) {
  run(bob, client::Send{id(alice), "and an answer"});
  world.set_down(bob, true, &oracles);
  run(alice, client::Send{id(bob), "kept for you"});
  pass(minutes(1));
  world.set_down(bob, false, &oracles);
  run(bob, client::GoOnline{});
  pass(minutes(2));
  oracles.judge(minutes(2));
  EXPECT_EQ(found(), "") << oracles.violations()[0].what;
  for (const char* oracle : {"D1", "D2", "D3", "D4", "D5", "S1", "S3", "N1", "O1", "O2", "O4", "O7", "L3"}) {
    EXPECT_TRUE(oracles.cases().contains(oracle)) << oracle << " looked at nothing";
  }
}

TEST_F(AllOracles, OneViolationIsToldOnce) {
  Court court(world);
  court.violate("D1", "first");
  court.violate("D1", "second");
  court.violate("D2", "other");
  ASSERT_EQ(court.violations().size(), 2u);
  EXPECT_EQ(court.violations()[0].what, "first");
}

}  // namespace
}  // namespace session::sim

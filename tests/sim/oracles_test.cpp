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

TEST_F(AllOracles, BeyondWhatCanBeSurvivedOnlyLiesAreHeard) {
  Court court(world, Family::Beyond);
  for (const char* promise : {"D1", "D5", "S3", "S4", "S5", "S6", "S7", "L3"}) court.violate(promise, "lost");
  EXPECT_TRUE(court.violations().empty()) << court.violations()[0].oracle;
  for (const char* lie : {"D2", "D3", "D4", "R1", "O1", "N1", "W2"}) court.violate(lie, "false");
  EXPECT_EQ(court.violations().size(), 7u);
}

TEST_F(AllOracles, ASurvivedSwarmOfTraitorsIsSound) {
  const auto node = member(bob), other = member(bob, 1);
  world.set_hostile(node, Malice({Hostile::Lie, Hostile::Isolate}), &oracles);
  world.set_hostile(other, Malice({Hostile::Lie, Hostile::Withhold}), &oracles);
  world.set_down(bob, true, &oracles);
  run(alice, client::Send{id(bob), "kept for you"});
  pass(minutes(1));
  world.set_down(bob, false, &oracles);
  run(bob, client::GoOnline{});
  pass(minutes(3));
  for (const auto traitor : {node, other}) world.set_hostile(traitor, {}, &oracles);
  pass(minutes(12));
  oracles.judge(minutes(12));
  EXPECT_EQ(found(), "") << oracles.violations()[0].what;
}

}  // namespace
}  // namespace session::sim

// What the crowd sends when somebody writes, beside what the real machines send.
#include "tests/sim/crowd/beside.h"

namespace session::sim {
namespace {

TEST_F(Beside, WhoIsOnlineGetsAMessageByTheSamePackets) {
  const auto shapes_in = [&](auto& where) {
    Shapes shapes;
    where.pass(minutes(1));
    where.say();  // and all listeners begin together
    for (int i = 0; i < 60; ++i) {
      where.pass(seconds(3));
      see(where, shapes, seconds(1), [&] { where.say(); });
    }
    return shapes;
  };
  // The node that is asked may be one where the recipient listens or not, both ways.
  expect_equal(shapes_in(real), shapes_in(modelled), 4);
}

TEST_F(Beside, WhoIsOfflineGetsAMessageByTheSamePacketsLater) {
  const auto shapes_in = [](auto& where, int times) {
    std::pair<Shapes, Shapes> shapes;
    for (int i = 0; i < times; ++i) {
      where.pass(minutes(50));  // so that every member of the swarms was asked what it keeps
      where.say();
      where.pass(seconds(5));
      where.set_bob(false);
      where.pass(seconds(24));
      see(where, shapes.first, seconds(1), [&] { where.say(); });
      where.pass(seconds(3));
      see(where, shapes.second, seconds(1), [&] { where.set_bob(true); }, 2);
    }
    return shapes;
  };
  const auto [kept, fetched] = shapes_in(real, 2);
  const auto [modelled_kept, modelled_fetched] = shapes_in(modelled, 200);
  expect_equal(kept, modelled_kept, 1);
  EXPECT_FALSE(fetched.empty());
  expect_within(fetched, modelled_fetched);
  // None, one or both of the new listeners are where nobody asked since, and the receipt goes to where its reader listens or
  // not.
  EXPECT_EQ(modelled_fetched.size(), 6u);
}

TEST_F(Beside, WhatADeadDeviceWasHandedIsKeptAfterThreeSeconds) {
  const auto shapes_in = [](auto& where) {
    Shapes shapes;
    where.pass(minutes(1));
    for (int i = 0; i < 12; ++i) {
      where.say();
      where.pass(seconds(5));
      where.set_bob(false);
      see(where, shapes, seconds(5), [&] { where.say(); });
      where.pass(seconds(60));
      where.set_bob(true);
      where.pass(minutes(1));
    }
    return shapes;
  };
  expect_equal(shapes_in(real), shapes_in(modelled), 2);
}

}  // namespace
}  // namespace session::sim

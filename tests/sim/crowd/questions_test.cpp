// What the crowd sends while people wait, beside what the real machines send.
#include "tests/sim/crowd/beside.h"

namespace session::sim {
namespace {

TEST_F(Beside, WhoWaitsAsksAnewInTheSameWay) {
  const auto shapes_in = [](auto& where) {
    Shapes shapes;
    where.pass(minutes(1));
    for (int i = 0; i < 24; ++i) {
      where.say();
      where.pass(seconds(18));
      see(where, shapes, seconds(4), [] {});
    }
    return shapes;
  };
  expect_equal(shapes_in(real), shapes_in(modelled), 4);
}

}  // namespace
}  // namespace session::sim

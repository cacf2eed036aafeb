// What a thief opens where the ratchet is spoilt: mutants_test.cpp.
#include "sim/oracle_theft.h"

#include "core/wire/hash.h"
#include "tests/sim/court.h"

namespace session::sim {
namespace {

class Theft : public Judged {
 protected:
  void talk(int turns) {
    for (int i = 0; i < turns; ++i) {
      run(alice, client::Send{id(bob), "there"});
      pass(seconds(5));
      run(bob, client::Send{id(alice), "and back"});
      pass(seconds(5));
    }
  }
  [[nodiscard]] std::uint64_t cases(const char* oracle) const {
    const auto cases = oracles.cases();
    const auto found = cases.find(oracle);
    return found == cases.end() ? 0 : found->second;
  }
};

TEST_F(Theft, WhatWasStolenIsTriedOnWhatCameBeforeAndOnWhatComesAfterSomeTrips) {
  EXPECT_EQ(cases("R3"), 0u);
  talk(8);
  EXPECT_GT(cases("R2"), 3u);
  EXPECT_GT(cases("R3"), 3u);
  EXPECT_EQ(found(), "");
}

TEST_F(Theft, AMessageThatIsLateIsOpenedByNobodyElse) {
  talk(2);
  world.set_down(bob, true, reader);
  run(alice, client::Send{id(bob), "for later"});
  pass();
  world.set_down(bob, false, reader);
  run(bob, client::GoOnline{});
  talk(4);
  EXPECT_EQ(found(), "");
}

TEST_F(Theft, OfAMessageThatWasSealedAnewOnlyWhatCameIsOpened) {
  talk(2);
  world.set_down(bob, true, reader);
  run(alice, client::Send{id(bob), "sealed once, they say"});
  pass();
  const store::OutboxRow row = world.account(alice).outbox().value().back();
  const auto told = [&] {
    note(trace::Opened{id(alice), "message", world.account(alice).messages(id(bob), 1).value().front().sent_at.unix_millis()},
         bob);
    oracles.check();
    return found();
  };
  EXPECT_EQ(told(), "") << "in another sealing, which no judge saw";
  note(trace::Journalled{wire::message_hash(id(bob).account, 0, row.sealed), 0}, bob);
  EXPECT_EQ(told(), "R2");
}

}  // namespace
}  // namespace session::sim

// Alice and Bob, who know each other, in a small world.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "sim/world.h"

namespace session::sim {

class Friends : public testing::Test {
 protected:
  World world = [] {
    WorldConfig c;
    c.seed = 3;
    c.nodes = 14;
    c.people = {"Alice", "Bob"};
    c.network = *pow::preset("today");
    return World(c);
  }();
  const MachineIndex alice = *world.person("Alice"), bob = *world.person("Bob");
  TraceReader* reader = nullptr;  ///< of everything that happens

  void befriend(const std::string& request) {
    for (const auto who : {alice, bob}) run(who, client::GoOnline{});
    pass();
    run(alice, client::Ask{id(bob), request});
    pass();
    run(bob, client::Accept{id(alice)});
    pass();
  }
  [[nodiscard]] SessionId id(MachineIndex who) const { return world.client(who).id(); }
  void pass(Millis span = seconds(20)) { world.run_until(world.now() + span, reader); }
  client::Outcome run(MachineIndex who, const client::Command& command) {
    const auto outcome = world.command(who, command, reader);
    EXPECT_TRUE(outcome && !outcome->refused) << (outcome && outcome->refused ? outcome->refused->message : "");
    return *outcome;
  }
  /// What `who` has of the other.
  [[nodiscard]] std::vector<store::MessageRow> messages(MachineIndex who) {
    return world.account(who).messages(id(who == alice ? bob : alice)).value();
  }
  [[nodiscard]] store::MessageRow last(MachineIndex who) { return messages(who).back(); }
};

}  // namespace session::sim

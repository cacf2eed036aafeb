// A small world before all judges, for the tests that each of them finds the defect it is there for.
#pragma once

#include <gtest/gtest.h>

#include "sim/oracles.h"

namespace session::sim {

/// Alice and Bob know each other; what happens is read by the judges.
class Judged : public testing::Test {
 protected:
  World world = [] {
    WorldConfig c;
    c.seed = 3;
    c.nodes = 14;
    c.people = {"Alice", "Bob"};
    c.network = *pow::preset("today");
    return World(c);
  }();
  Oracles oracles{world};
  const MachineIndex alice = *world.person("Alice"), bob = *world.person("Bob");

  void SetUp() override {
    for (const auto who : {alice, bob}) run(who, client::GoOnline{});
    pass();
    run(alice, client::Ask{id(bob), "hello, it is Alice"});
    pass();
    run(bob, client::Accept{id(alice)});
    pass();
    run(alice, client::Send{id(bob), "the first words"});
    pass();
    ASSERT_TRUE(oracles.violations().empty()) << oracles.violations()[0].oracle << ' ' << oracles.violations()[0].what;
  }
  [[nodiscard]] SessionId id(MachineIndex who) const { return world.client(who).id(); }
  void pass(Millis span = seconds(20)) {
    world.run_until(world.now() + span, &oracles);
    oracles.check();
  }
  void run(MachineIndex who, const client::Command& command) {
    const auto outcome = world.command(who, command, &oracles);
    EXPECT_TRUE(outcome && !outcome->refused) << (outcome && outcome->refused ? outcome->refused->message : "");
  }
  /// The newest message that `who` has of the other.
  [[nodiscard]] store::MessageRow last(MachineIndex who) {
    return world.account(who).messages(id(who == alice ? bob : alice)).value().back();
  }
  [[nodiscard]] MachineIndex member(MachineIndex of, std::size_t i = 0) const {
    const auto& registry = *world.registry();
    return *world.machine_of(registry.members(registry.swarm_of(id(of).account))[i]);
  }
  void note(trace::Fact fact, MachineIndex who) { oracles.on({world.now(), who, std::move(fact)}); }
  /// The names of the oracles that were violated, in order.
  [[nodiscard]] std::string found() const {
    std::string out;
    for (const Violation& violation : oracles.violations()) out += (out.empty() ? "" : " ") + violation.oracle;
    return out;
  }
};

}  // namespace session::sim

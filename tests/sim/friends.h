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
  /// The nodes that keep the mailbox of `who`.
  [[nodiscard]] std::vector<MachineIndex> members_of(MachineIndex who) const {
    const auto& registry = *world.registry();
    std::vector<MachineIndex> all;
    for (const NodeId& node : registry.members(registry.swarm_of(id(who).account))) all.push_back(*world.machine_of(node));
    return all;
  }
  /// How many events of a kind `who` was told and has not marked as read.
  [[nodiscard]] std::size_t told(MachineIndex who, client::EventType type) {
    std::size_t count = 0;
    const auto rows = world.account(who).events();
    for (const auto& row : rows.value())
      if (const auto event = client::parse_event(row.text)) count += event->type == type ? 1U : 0U;
    return count;
  }
};

}  // namespace session::sim

// Small worlds before the judges, each made so that one defect shows in it: true when the oracle of that name had something to
// look at and found nothing.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "sim/explore.h"

namespace session::sim {

/// Alice and Bob in a small world before the judges; what a test does to them is a chain of these.
class Trial {
 public:
  explicit Trial(const std::function<void(WorldConfig&)>& change = {}) : world(config(change)) {}

  WorldConfig static config(const std::function<void(WorldConfig&)>& change) {
    WorldConfig c;
    c.seed = 3;
    c.nodes = 12;
    c.people = {"Alice", "Bob"};
    c.network = *pow::preset("today");
    if (change) change(c);
    return c;
  }
  void befriend() {
    for (const auto who : world.people()) run(who, client::GoOnline{});
    pass(seconds(15));
    run(alice, client::Ask{id(bob), "hello, it is Alice"});
    pass(seconds(15));
    run(bob, client::Accept{id(alice)});
    pass(seconds(15));
  }
  void say(const char* words) { run(alice, client::Send{id(bob), words}); }
  void pass(Millis span) {
    world.run_until(world.now() + span, &oracles);
    oracles.check();
  }
  void run(MachineIndex who, const client::Command& command) { static_cast<void>(world.command(who, command, &oracles)); }
  [[nodiscard]] SessionId id(MachineIndex who) const { return world.client(who).id(); }
  [[nodiscard]] MachineIndex member(MachineIndex of, std::size_t i) const {
    const auto& registry = *world.registry();
    return *world.machine_of(registry.members(registry.swarm_of(id(of).account))[i]);
  }
  /// The oracle had something to look at, and found nothing.
  [[nodiscard]] bool holds(const std::string& oracle) {
    const auto& all = oracles.violations();
    const bool is_found = std::any_of(all.begin(), all.end(), [&](const Violation& v) { return v.oracle == oracle; });
    EXPECT_TRUE(is_found || oracles.cases().contains(oracle)) << oracle << " looked at nothing";
    return !is_found;
  }

  World world;
  Oracles oracles{world};
  const MachineIndex alice = *world.person("Alice"), bob = *world.person("Bob");
};

inline bool everyday(const std::string& oracle) {
  Trial trial;
  trial.befriend();
  trial.say("the first words");
  trial.pass(seconds(15));
  trial.world.set_down(trial.bob, true, &trial.oracles);
  trial.say("for later");
  trial.pass(seconds(15));
  trial.say("and more of it");
  trial.pass(seconds(30));
  return trial.holds(oracle);
}
inline bool one_keeper_away(const std::string& oracle) {  // D4
  Trial trial;
  trial.befriend();
  trial.world.set_down(trial.member(trial.bob, 2), true, &trial.oracles);
  trial.world.set_down(trial.bob, true, &trial.oracles);
  trial.say("kept by all but one");
  trial.pass(seconds(30));
  return trial.holds(oracle);
}
inline bool gone_while_listening(const std::string& oracle) {  // D5
  Trial trial;
  trial.befriend();
  trial.world.set_down(trial.bob, true, &trial.oracles);
  trial.say("handed to nobody");
  trial.pass(seconds(25));
  return trial.holds(oracle);
}
inline bool two_blocks(const std::string& oracle) {  // N1
  Trial trial([](WorldConfig& c) { c.nodes = 24; });
  trial.pass(seconds(150));
  return trial.holds(oracle);
}
inline bool replayed(const std::string& oracle) {  // O6
  Trial trial([](WorldConfig& c) { c.link.replay_ppm = 500'000; });
  trial.befriend();
  trial.pass(minutes(6));
  return trial.holds(oracle);
}
inline bool work_is_asked(const std::string& oracle) {  // W1, W2
  Trial trial([](WorldConfig& c) { c.network = *pow::preset("loki-2020"); });
  trial.befriend();
  trial.say("paid for");
  trial.world.registry_machine().chain().set_difficulty(3);
  trial.world.seal_block(&trial.oracles);
  trial.pass(minutes(16));
  trial.world.set_down(trial.bob, true, &trial.oracles);
  trial.say("the price has risen");
  trial.pass(minutes(2));
  return trial.holds(oracle);
}
inline bool bundle_is_hidden(const std::string& oracle) {  // R5
  Trial trial;
  trial.befriend();
  trial.oracles.check();
  const Account account = trial.id(trial.bob).account;
  // Somebody without a bundle is written to in a box, which nobody objects to.
  const auto hide = [&] {
    for (std::size_t i = 0; i < trial.world.nodes(); ++i) {
      auto& disk = trial.world.disk(trial.world.node(i));
      std::vector<MessageHash> hidden;
      static_cast<void>(disk.visit_account(account, [&](const store::MailHead& head) {
        if (head.ns < 0) hidden.push_back(head.hash);
        return true;
      }));
      for (const MessageHash& hash : hidden) static_cast<void>(disk.remove(account, hash));
    }
  };
  hide();
  const auto carol = *trial.world.add_person("Carol", {}, &trial.oracles);
  trial.run(carol, client::GoOnline{});
  trial.pass(seconds(15));
  trial.run(carol, client::Ask{trial.id(trial.bob), "Carol here, as it happens"});
  trial.run(trial.alice, client::ResetSession{trial.id(trial.bob)});
  trial.pass(minutes(1));
  return trial.holds(oracle);
}
inline bool lost_then_calm(const std::string& oracle) {  // L3
  Trial trial;
  trial.befriend();
  const LinkModel calm = trial.world.link();
  trial.world.set_link({Millis{20}, Millis{30}, 1'000'000});
  trial.say("into a storm");
  trial.pass(minutes(1));
  trial.world.set_link(calm);
  trial.pass(minutes(5));
  trial.oracles.judge(minutes(5));
  return trial.holds(oracle);
}
inline bool long_talk(const std::string& oracle) {  // R2, R3
  Trial trial;
  trial.befriend();
  for (int i = 0; i < 8; ++i) {
    trial.say("there");
    trial.pass(seconds(5));
    trial.run(trial.bob, client::Send{trial.id(trial.alice), "and back"});
    trial.pass(seconds(5));
  }
  return trial.holds(oracle);
}
inline bool half_a_quorum(const std::string& oracle) {  // N2: too few of the validators cannot reach a node
  Trial trial([](WorldConfig& c) { c.nodes = 14, c.network.block_time = seconds(5), c.fidelity = Fidelity::Modelled; });
  trial.pass(seconds(330));
  const auto victim = *trial.world.network().side("node-13");
  for (std::size_t i = 0; i < 6; ++i) trial.world.network().cut(*trial.world.network().side(node_name(i)), victim);
  for (int i = 0; i < 20 && trial.holds(oracle); ++i) trial.pass(seconds(15));
  return trial.holds(oracle);
}
inline bool no_room(const std::string& oracle) {  // C4
  Trial trial;
  trial.befriend();
  trial.world.set_disk_fault(trial.member(trial.bob, 1), World::DiskFault::Full, &trial.oracles);
  trial.world.set_down(trial.bob, true, &trial.oracles);
  trial.say("kept by all but one");
  trial.pass(seconds(30));
  trial.world.set_disk_fault(trial.member(trial.bob, 1), World::DiskFault::None, &trial.oracles);
  trial.pass(minutes(1));
  trial.say("kept by all");
  trial.pass(seconds(30));
  return trial.holds(oracle);
}
inline bool repeats(const std::string& oracle) {  // T1, T2
  const auto scenario = parse_scenario(R"({"name": "t", "description": "t", "network": {"preset": "today", "nodes": 8},
    "people": ["Alice", "Bob"], "end": "30s", "steps": [
      {"at": "10s", "do": "ask", "who": "Alice", "to": "Bob", "text": "hi"}], "expect": []})",
                                       "repeated");
  const auto wrong = wrong_with_repetition(*scenario, 5);
  return !wrong || wrong->oracle != oracle;
}

}  // namespace session::sim

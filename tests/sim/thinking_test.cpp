// Machines that take time to think (sim/thinking.cpp).
#include <gtest/gtest.h>

#include <map>

#include "sim/world.h"

namespace session::sim {
namespace {

WorldConfig config(CpuConfig nodes, CpuConfig people) {
  WorldConfig c;
  c.seed = 3;
  c.nodes = 14;
  c.people = {"Alice", "Bob", "Carol"};
  c.network = *pow::preset("today");
  c.node_cpu = nodes;
  c.person_cpu = people;
  return c;
}

/// When what a machine sent left it, or arrived.
class Links final : public TraceReader {
 public:
  void on(const trace::Record& record) override {
    if (std::holds_alternative<trace::OnionSent>(record.fact)) asked.push_back(record.at);
  }
  void on_link(const PacketOnLink& packet) override { due.push_back(packet.due); }
  std::vector<Instant> asked, due;
};

/// Alice goes online; how long until her first onion reaches its guard, beyond what it takes without thinking.
std::int64_t first_onion_us(CpuClass cpu) {
  World world(config({}, {cpu, false}));
  world.set_link({Millis{20}, Millis{0}});
  Links links;
  static_cast<void>(world.command(*world.person("Alice"), client::GoOnline{}, &links));
  while (links.asked.empty()) world.step(&links);
  return links.due.back().micros - links.asked.front().micros;
}

TEST(Thinking, WhatAMachineSendsLeavesWhenItHasThought) {
  const std::int64_t at_once = first_onion_us(CpuClass::Unpriced);
  EXPECT_EQ(at_once, 20'000);
  const std::int64_t laptop = first_onion_us(CpuClass::Laptop) - at_once;
  const std::int64_t phone = first_onion_us(CpuClass::Phone) - at_once;
  EXPECT_GE(laptop, 4 * 2 * 27);  // four layers, each with a pair drawn and a secret agreed on
  EXPECT_GT(phone, 3 * laptop);
}

TEST(Thinking, WhoIsManyTimesSlowerThinksSoManyTimesAsLong) {
  const auto takes = [](std::uint64_t times) {
    World world(config({}, {CpuClass::Phone, false}));
    const MachineIndex alice = *world.person("Alice");
    world.set_slow(alice, {{}, times}, nullptr);
    const std::int64_t before = world.thought_us(alice);
    static_cast<void>(world.command(alice, client::GoOnline{}, nullptr));
    return world.thought_us(alice) - before;
  };
  EXPECT_GT(takes(1), 0);
  EXPECT_EQ(takes(100), 100 * takes(1));
}

TEST(Thinking, OneInputAfterTheOtherAndNoneIsLost) {
  const auto run = [](CpuConfig nodes) {
    World world(config(nodes, {}));
    for (const MachineIndex m : world.people()) static_cast<void>(world.command(m, client::GoOnline{}, nullptr));
    world.run_until(world.now() + minutes(2), nullptr);
    return world;
  };
  const World quick = run({}), phones = run({CpuClass::Phone, false});
  for (std::size_t i = 0; i < quick.nodes(); ++i) {
    EXPECT_EQ(quick.thought_us(quick.node(i)), 0);
    EXPECT_GT(phones.thought_us(phones.node(i)), 0);
    EXPECT_LT(phones.thought_us(phones.node(i)), minutes(2).count * 1000) << "it thought for longer than there was time";
  }
  for (const MachineIndex m : phones.people()) EXPECT_TRUE(phones.client(m).is_online());
}

TEST(Thinking, AMachineThatGoesDownForgetsWhatItThoughtAbout) {
  World world(config({CpuClass::Phone, false}, {CpuClass::Phone, false}));
  for (const MachineIndex m : world.people()) static_cast<void>(world.command(m, client::GoOnline{}, nullptr));
  for (int round = 0; round < 40; ++round) {
    world.run_until(world.now() + Millis{7}, nullptr);
    const MachineIndex node = world.node(static_cast<std::size_t>(round) % world.nodes());
    world.set_down(node, !world.is_down(node), nullptr);
    const MachineIndex other = world.node(static_cast<std::size_t>(round * 5) % world.nodes());
    world.set_paused(other, !world.is_paused(other), nullptr);
  }
  for (std::size_t i = 0; i < world.nodes(); ++i)
    world.set_down(world.node(i), false, nullptr), world.set_paused(world.node(i), false, nullptr);
  world.run_until(world.now() + minutes(15), nullptr);
  for (const MachineIndex m : world.people()) EXPECT_TRUE(world.client(m).is_online());
}

TEST(Thinking, ACopyThinksOnAlike) {
  World world(config({CpuClass::Server, false}, {CpuClass::Unpriced, true}));
  for (const MachineIndex m : world.people()) static_cast<void>(world.command(m, client::GoOnline{}, nullptr));
  world.run_until(world.now() + Millis{150}, nullptr);  // in the middle of it
  World copy = world;
  Digest first, second;
  world.run_until(world.now() + minutes(1), &first);
  copy.run_until(copy.now() + minutes(1), &second);
  EXPECT_EQ(first.hex(), second.hex());
}

TEST(Thinking, DrawnMachinesArePhonesAndLaptops) {
  WorldConfig c = config({}, {CpuClass::Unpriced, true});
  for (int i = 0; i < 60; ++i) c.people.push_back("p" + std::to_string(i));
  const World world(c);
  std::map<CpuClass, int> count;
  for (const MachineIndex m : world.people()) ++count[world.cpu(m)];
  EXPECT_EQ(count.size(), 2u);
  EXPECT_GT(count[CpuClass::Phone], count[CpuClass::Laptop]);
  EXPECT_GT(count[CpuClass::Laptop], 8);
  EXPECT_EQ(world.stamp_speed(*world.person("Alice")), trials_per_second(world.cpu(*world.person("Alice"))));
}

}  // namespace
}  // namespace session::sim

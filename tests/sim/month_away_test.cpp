// Somebody who comes back after thirty days: what was written meanwhile has expired, and everybody is told so; keys and lists
// are renewed, and the conversation goes on. The network sleeps between, but for the registry: nothing happens in it that
// counts.
#include <algorithm>

#include "core/client/delivery.h"
#include "core/client/event.h"
#include "tests/sim/friends.h"

namespace session::sim {
namespace {

class Published final : public TraceReader {
 public:
  void on(const trace::Record& record) override {
    if (std::holds_alternative<trace::BundlePublished>(record.fact)) by.push_back(record.who);
  }
  std::vector<MachineIndex> by;
};

class MonthAway : public Friends {
 protected:
  MonthAway() {
    WorldConfig c;
    c.seed = 5;
    c.nodes = world.nodes();
    c.people = {"Alice", "Bob"};
    c.network = *pow::preset("today");
    c.network.block_time = hours(12);
    world = World(c);
    befriend("hello");
  }
  void everybody(bool is_down) {
    for (std::size_t i = 0; i < world.nodes(); ++i) world.set_down(world.node(i), is_down, reader);
    world.set_down(alice, is_down, reader);
  }
  void come_back(MachineIndex who) {
    world.set_down(who, false, reader);
    run(who, client::GoOnline{});
  }
};

TEST_F(MonthAway, WhatWasWrittenMeanwhileHasExpiredAndBothAreTold) {
  run(alice, client::Send{id(bob), "see you"});
  pass(minutes(1));
  world.set_down(bob, true, reader);
  run(alice, client::Send{id(bob), "where are you?"});
  run(alice, client::Send{id(bob), "are you well?"});
  pass(minutes(2));
  EXPECT_EQ(last(alice).state, static_cast<std::int32_t>(client::State::Kept));
  everybody(true);
  pass(days(30));
  everybody(false);
  run(alice, client::GoOnline{});
  pass(minutes(3));
  for (const auto& row : messages(alice))
    if (row.body.ends_with('?')) {
      EXPECT_EQ(row.state, static_cast<std::int32_t>(client::State::Expired)) << row.body;
    }
  Published published;
  reader = &published;
  come_back(bob);
  pass(minutes(3));
  EXPECT_EQ(messages(bob).size(), 2u) << "those of a month ago";
  EXPECT_TRUE(world.client(bob).fetches().last_succeeded) << world.client(bob).fetches().last_error;
  EXPECT_EQ(std::ranges::count(published.by, bob), 1) << "its bundle of a month ago is refused by everybody";
  run(alice, client::Send{id(bob), "welcome back"});
  pass(minutes(3));
  EXPECT_EQ(last(bob).body, "welcome back");
  EXPECT_EQ(last(alice).state, static_cast<std::int32_t>(client::State::Fetched));
  pass(minutes(6));
  EXPECT_EQ(told(bob, client::EventType::Gap), 1u) << "of what came too late";
  run(bob, client::Send{id(alice), "I was away"});
  pass(minutes(1));
  EXPECT_EQ(last(alice).body, "I was away");
}

TEST_F(MonthAway, AStrangerOfThenCanStillBeAnsweredByThoseWhoAreNew) {
  world.set_down(bob, true, reader);
  everybody(true);
  pass(days(30));
  everybody(false);
  run(alice, client::GoOnline{});
  // Carol finds no bundle of Bob's that is young enough, and her request waits in a box for him.
  const MachineIndex carol = world.add_person("Carol", {}, reader).value();
  run(carol, client::GoOnline{});
  pass(minutes(1));
  run(carol, client::Ask{id(bob), "do you remember me?"});
  pass(minutes(2));
  come_back(bob);
  pass(minutes(3));
  EXPECT_EQ(told(bob, client::EventType::Request), 2u);
  run(bob, client::Accept{id(carol)});
  pass(minutes(3));
  EXPECT_EQ(told(carol, client::EventType::Accepted), 1u);
}

}  // namespace
}  // namespace session::sim

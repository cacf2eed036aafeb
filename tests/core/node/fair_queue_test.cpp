#include "core/node/fair_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace session::node {
namespace {

std::vector<std::string> all_of(FairQueue<std::string>& queue) {
  std::vector<std::string> order;
  while (!queue.empty()) order.push_back(queue.pop());
  return order;
}

TEST(FairQueue, TakesOneOfEachCallerInTurn) {
  FairQueue<std::string> queue;
  for (const char* item : {"a1", "a2", "a3"}) queue.push("a", item);
  queue.push("b", "b1");
  queue.push("c", "c1");
  queue.push("c", "c2");
  EXPECT_EQ(queue.size(), 6u);
  EXPECT_EQ(all_of(queue), (std::vector<std::string>{"a1", "b1", "c1", "a2", "c2", "a3"}));
  EXPECT_EQ(queue.callers(), 0u);
}

TEST(FairQueue, WhatTheNodeAwaitsGoesFirst) {
  FairQueue<std::string> queue;
  queue.push("a", "a1");
  queue.push_own("answer");
  queue.push_own("timer");
  EXPECT_EQ(all_of(queue), (std::vector<std::string>{"answer", "timer", "a1"}));
}

TEST(FairQueue, WhoComesBackStandsBehindWhoWaits) {
  FairQueue<std::string> queue;
  queue.push("a", "a1");
  queue.push("b", "b1");
  EXPECT_EQ(queue.pop(), "a1");
  queue.push("a", "a2");
  EXPECT_EQ(all_of(queue), (std::vector<std::string>{"b1", "a2"}));
}

TEST(FairQueue, ClearedItIsAsNew) {
  FairQueue<std::string> queue;
  queue.push("a", "a1");
  queue.push_own("timer");
  queue.clear();
  EXPECT_TRUE(queue.empty());
  queue.push("a", "a2");
  EXPECT_EQ(all_of(queue), std::vector<std::string>{"a2"});
}

/// How many steps the slowest request of 50 quiet callers waits, each asking anew when served, 200 times in all, the machine
/// taking one a step, while another keeps so many requests waiting.
std::size_t slowest(std::size_t flood) {
  struct Item {
    std::string caller;
    std::size_t since;
  };
  FairQueue<Item> queue;
  for (std::size_t i = 0; i < flood; ++i) queue.push("flooder", {"flooder", 0});
  for (int i = 0; i < 50; ++i) queue.push(std::to_string(i), {std::to_string(i), 0});
  std::size_t worst = 0;
  for (std::size_t now = 1, served = 0; served < 10'000; ++now) {
    const Item item = queue.pop();
    queue.push(item.caller, {item.caller, now});
    if (item.caller == "flooder") continue;
    worst = std::max(worst, now - item.since);
    ++served;
  }
  return worst;
}

TEST(FairQueue, AFloodAddsNoMoreToOthersThanOneTurn) {  // L4: at most twice
  const std::size_t calm = slowest(0);
  EXPECT_EQ(calm, 50u);
  EXPECT_EQ(slowest(1), calm + 1);
  EXPECT_EQ(slowest(100'000), calm + 1) << "however long the flooder's line is";
}

}  // namespace
}  // namespace session::node

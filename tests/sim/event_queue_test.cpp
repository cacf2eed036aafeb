#include "sim/event_queue.h"

#include <gtest/gtest.h>

#include <map>

#include "core/base/rng.h"

namespace session::sim {
namespace {

TEST(EventQueue, PopsByTimeAndEqualTimesInTheOrderTheyCame) {
  SeededRng rng(1);
  EventQueue<int> queue;
  std::multimap<std::int64_t, int> expected;  // keeps the order of equal keys
  std::int64_t now = 0;
  for (int i = 0; i < 50'000; ++i) {
    const std::int64_t at = now + static_cast<std::int64_t>(rng.below(rng.one_in(10) ? 1'000'000 : 20));
    queue.push({at}, i);
    expected.emplace(at, i);
    while (rng.below(3) == 0 && !expected.empty()) {
      const auto entry = queue.pop();
      ASSERT_TRUE(entry);
      ASSERT_EQ(entry->at.micros, expected.begin()->first);
      ASSERT_EQ(entry->event, expected.begin()->second);
      now = entry->at.micros;
      expected.erase(expected.begin());
    }
    ASSERT_EQ(queue.size(), expected.size());
  }
}

TEST(EventQueue, ALookAheadDoesNotMoveTime) {
  EventQueue<int> queue;
  queue.push({1000}, 1);
  EXPECT_FALSE(queue.pop_until({500}));
  queue.push({600}, 2);  // earlier than what waits, and legal
  EXPECT_EQ(queue.next_time().micros, 600);
  EXPECT_EQ(queue.pop_until({1000})->event, 2);
  EXPECT_EQ(queue.pop_until({1000})->event, 1);
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, ACopyPopsAlike) {
  SeededRng rng(2);
  EventQueue<int> queue;
  for (int i = 0; i < 1000; ++i) queue.push({static_cast<std::int64_t>(rng.below(100))}, i);
  EventQueue<int> copy = queue;
  while (const auto entry = queue.pop()) EXPECT_EQ(copy.pop()->event, entry->event);
  EXPECT_TRUE(copy.empty());
}

}  // namespace
}  // namespace session::sim

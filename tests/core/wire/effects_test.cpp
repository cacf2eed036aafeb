#include "core/wire/effects.h"

#include <gtest/gtest.h>

#include <set>

namespace session::wire {
namespace {

TEST(Effects, KeepTheirOrder) {
  Effects effects;
  effects.wake(1, Instant{5});
  effects.note(trace::Step{"said"});
  effects.reply(RequestId{3}, Answer{});
  const auto list = effects.take();
  ASSERT_EQ(list.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<Wake>(list[0]));
  EXPECT_TRUE(std::holds_alternative<trace::Fact>(list[1]));
  EXPECT_TRUE(std::holds_alternative<Reply>(list[2]));
  EXPECT_TRUE(effects.list().empty());
}

TEST(Effects, WithoutTracingHoldNoFacts) {
  Effects effects(false);
  effects.note(trace::Step{"unheard"});
  EXPECT_TRUE(effects.list().empty());
}

TEST(Effects, EveryFailureOfACallHasItsOwnName) {
  std::set<std::string> names;
  for (const auto each : {CallFailure::Timeout, CallFailure::Unreachable, CallFailure::BadCertificate, CallFailure::TooLarge,
                          CallFailure::Cancelled})
    names.insert(name_of(each));
  EXPECT_EQ(names.size(), 5u);
}

}  // namespace
}  // namespace session::wire

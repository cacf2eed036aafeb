#include "sim/crowd/crowd.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sim/crowd/digest.h"

namespace session::sim {
namespace {

CrowdConfig small() {
  CrowdConfig config;
  config.people = 300;
  config.nodes = 40;
  return config;
}
/// People who do what they are told.
CrowdConfig obedient() {
  CrowdConfig config = small();
  config.habits.have_habits = false;
  return config;
}

TEST(Crowd, TheSameSeedGivesTheSameRunAndAnotherAnother) {
  const auto digest_of = [](std::uint64_t seed) {
    CrowdConfig config = small();
    config.seed = seed;
    config.link.loss_ppm = 10'000;
    config.outages = {hours(6), minutes(20)};
    Crowd crowd(config);
    CrowdDigest digest;
    crowd.run_until(crowd.now() + minutes(40), &digest);
    EXPECT_GT(digest.facts(), 50'000u);
    return digest.hex();
  };
  EXPECT_EQ(digest_of(1), digest_of(1));
  EXPECT_NE(digest_of(1), digest_of(2));
}

TEST(Crowd, ACopyRunsOnAlikeAndReadersChangeNothing) {
  Crowd crowd(small());
  crowd.run_until(crowd.now() + minutes(30));
  Crowd copy = crowd;
  CrowdDigest one, other;
  crowd.run_until(crowd.now() + minutes(30), &one);
  copy.run_until(copy.now() + minutes(10));
  copy = Crowd(copy);
  const Crowd unread = copy;
  Crowd again = unread;
  again.run_until(crowd.now());
  copy.run_until(crowd.now(), &other);
  EXPECT_EQ(copy.sums(), crowd.sums());
  EXPECT_EQ(again.sums(), crowd.sums());
  EXPECT_GT(other.facts(), 0u);
  EXPECT_LT(other.facts(), one.facts());
}

TEST(Crowd, EveryMessageIsShownOnceAndBelongsToItsAuthor) {
  CrowdConfig config = obedient();
  config.link.loss_ppm = 50'000;
  Crowd crowd(config);
  struct Reader final : CrowdReader {
    void on(std::span<const CrowdFact> facts) override {
      for (const CrowdFact& fact : facts) {
        if (fact.kind == CrowdFact::Kind::Asked) {
          EXPECT_TRUE(asked.emplace(fact.message, std::pair(fact.who, fact.other)).second);
        }
        if (fact.kind == CrowdFact::Kind::Shown) {
          ASSERT_TRUE(asked.contains(fact.message));
          EXPECT_EQ(asked.at(fact.message), std::pair(fact.other, fact.who));
          EXPECT_TRUE(shown.insert(fact.message).second) << "shown twice";
        }
        if (fact.kind == CrowdFact::Kind::Confirmed) {
          EXPECT_TRUE(shown.contains(fact.message) && confirmed.insert(fact.message).second);
        }
      }
    }
    std::map<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>> asked;
    std::set<std::uint32_t> shown, confirmed;
  } reader;
  SmallDice dice(7);
  for (int i = 0; i < 2'000; ++i) {
    const auto p = static_cast<std::uint32_t>(dice.below(300)), q = static_cast<std::uint32_t>(dice.below(300));
    crowd.set_online(p, dice.below(3) != 0, &reader);
    if (p != q) crowd.write(p, q, static_cast<std::uint32_t>(1 + dice.below(60'000)), &reader);
    if (dice.below(40) == 0) crowd.set_down(static_cast<std::uint32_t>(dice.below(40)), dice.below(3) == 0, &reader);
    crowd.run_until(crowd.now() + seconds(2), &reader);
  }
  crowd.check_invariants();
  for (std::uint32_t n = 0; n < 40; ++n) crowd.set_down(n, false, &reader);
  for (std::uint32_t p = 0; p < 300; ++p) crowd.set_online(p, true, &reader);
  crowd.run_until(crowd.now() + minutes(40), &reader);
  crowd.check_invariants();
  EXPECT_GT(reader.asked.size(), 1'900u);
  EXPECT_EQ(reader.shown.size(), reader.asked.size());
  EXPECT_EQ(reader.confirmed.size(), reader.asked.size());
  EXPECT_EQ(crowd.sums().failed, 0u);
}

TEST(Crowd, WhatNobodyFetchesExpiresAndLeavesNothingBehind) {
  CrowdConfig config = obedient();
  config.nodes = 14;
  Crowd crowd(config);
  crowd.set_online(0, true);
  for (std::uint32_t to = 1; to < 100; ++to) crowd.write(0, to, 430);
  crowd.run_until(crowd.now() + hours(1));
  std::uint64_t kept = 0;
  for (std::uint32_t n = 0; n < crowd.nodes(); ++n) kept += crowd.load(n).kept;
  EXPECT_EQ(crowd.sums().kept, 99u);
  EXPECT_EQ(kept, crowd.sums().kept_by);
  crowd.set_online(0, false);
  crowd.run_until(crowd.now() + days(4));
  EXPECT_EQ(crowd.sums().failed, 99u);
  EXPECT_EQ(crowd.messages(), 0u);
  for (std::uint32_t n = 0; n < crowd.nodes(); ++n) EXPECT_EQ(crowd.load(n).kept_bytes, 0u);
  crowd.check_invariants();
}

TEST(Crowd, LargeThingsCarryAStampWhereTheNetworkAsksForWork) {
  for (const char* preset : {"readme", "today"}) {
    CrowdConfig config = obedient();
    config.network = *pow::preset(preset);
    Crowd crowd(config);
    crowd.set_online(0, true);
    crowd.run_until(crowd.now() + minutes(1));
    crowd.write(0, 1, 2'048);
    crowd.write(0, 2, 2'049);
    crowd.run_until(crowd.now() + minutes(10));
    EXPECT_EQ(crowd.sums().stamps, preset == std::string("readme") ? 1u : 0u);
    EXPECT_EQ(crowd.sums().kept, 2u);
  }
}

TEST(Crowd, PeopleKeepTheirHabits) {
  CrowdConfig config = small();
  config.people = 150;
  config.nodes = 14;
  Crowd crowd(config);
  std::uint64_t online = 0;
  for (int hour = 0; hour < 24; ++hour) {
    crowd.run_until(crowd.now() + hours(1));
    online += crowd.online();
  }
  // The nights make it a little less than a quarter.
  EXPECT_NEAR(static_cast<double>(online) / 24 / 150, 0.235, 0.03);
  EXPECT_NEAR(static_cast<double>(crowd.sums().written) / 150, 38, 5);
  EXPECT_GT(crowd.sums().shown, crowd.sums().written * 7 / 10);
}

TEST(Crowd, ABusyNodeLetsItsCallersWait) {
  const auto median = [](std::int64_t hop_us) {
    CrowdConfig config = small();
    config.costs.hop_us = hop_us;
    Crowd crowd(config);
    crowd.run_until(crowd.now() + hours(1));
    return crowd.shown_at_once().quantile(500'000) / 1000;
  };
  EXPECT_GT(median(100'000), median(113) + 250) << "three hops, a tenth of a second each";
}

TEST(Crowd, ByRegionsTheWayIsLongerThanOnALan) {
  CrowdConfig config = small();
  config.link = {Millis{1}, Millis{0}};
  const auto median = [&](bool regions) {
    config.regions = regions;
    Crowd crowd(config);
    crowd.run_until(crowd.now() + hours(1));
    EXPECT_GT(crowd.sums().at_once, 20u);
    return crowd.shown_at_once().quantile(500'000);
  };
  EXPECT_GT(median(true), 10 * median(false));
}

TEST(Crowd, AWrongConfigNamesItsField) {
  const auto wrong = [](auto&& change) {
    CrowdConfig config = small();
    change(config);
    return wrong_with(config);
  };
  EXPECT_EQ(wrong([](auto&) {}), "");
  EXPECT_TRUE(wrong([](auto& c) { c.people = 1; }).starts_with("people:"));
  EXPECT_TRUE(wrong([](auto& c) { c.nodes = 7; }).starts_with("nodes:"));
  EXPECT_TRUE(wrong([](auto& c) { c.habits.online_percent = 0; }).starts_with("online_percent:"));
  EXPECT_TRUE(wrong([](auto& c) { c.link.loss_ppm = 1'000'000; }).starts_with("loss:"));
  EXPECT_TRUE(wrong([](auto& c) { c.link.jitter = Millis{-1}; }).starts_with("jitter:"));
  EXPECT_TRUE(wrong([](auto& c) { c.outages = {hours(1), Millis{0}}; }).starts_with("outages:"));
}

TEST(Crowd, TheSmallestOnesRun) {
  CrowdConfig config;
  config.nodes = 8;
  config.people = 2;
  config.habits.contacts = 1'000;
  Crowd crowd(config);
  crowd.run_until(crowd.now() + days(2));
  EXPECT_GT(crowd.sums().shown, 20u);
  crowd.check_invariants();
}

}  // namespace
}  // namespace session::sim

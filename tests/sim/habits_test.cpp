#include "sim/habits.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "core/client/event.h"
#include "sim/explore.h"

namespace session::sim {
namespace {

using Kind = HabitAct::Kind;

/// A world in which everything arrives at once: who asks is asked, who is accepted is a friend.
struct FakeWorld {
  explicit FakeWorld(const HabitsConfig& config, std::int32_t minutes_east = 0, std::uint64_t seed = 7)
      : habits(config, std::vector<std::int32_t>(config.people.size(), minutes_east), seed), online(config.people.size()) {}

  void live(Millis until) {
    while (habits.next() < until) {
      const Millis at = *habits.next();
      for (const HabitAct& act : habits.live([&](std::size_t who, std::size_t other) { return bond(who, other); })) {
        log.push_back({at, act.kind, act.who, act.to, act.text});
        if (act.kind == Kind::Online) online[act.who] = at;
        if (act.kind == Kind::Offline) {
          for (Millis t = *online[act.who]; t < at; t = t + minutes(1))
            ++minutes_online[static_cast<std::size_t>(t.count / 3'600'000 % 24)];
          online[act.who].reset();
        } else {
          EXPECT_TRUE(online[act.who]) << "nobody acts who is not there";
        }
        if (act.kind == Kind::Ask) {
          EXPECT_TRUE(asked.emplace(act.who, act.to).second) << "nobody asks twice";
        }
        if (act.kind == Kind::Accept) friends.emplace(act.who, act.to), friends.emplace(act.to, act.who);
        if (act.kind == Kind::Send) {
          ++sent;
          EXPECT_TRUE(friends.contains({act.who, act.to}));
          EXPECT_GE(act.text.size(), 5u);
          EXPECT_LE(act.text.size(), 4'000u);
        }
      }
    }
  }
  [[nodiscard]] Bond bond(std::size_t who, std::size_t other) const {
    if (friends.contains({who, other})) return Bond::Friends;
    if (asked.contains({other, who})) return Bond::IsAsked;
    return asked.contains({who, other}) ? Bond::Waiting : Bond::None;
  }
  [[nodiscard]] std::uint64_t all_minutes() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t m : minutes_online) sum += m;
    return sum;
  }

  struct Done {
    Millis at;
    Kind kind;
    std::size_t who, to;
    std::string text;
    friend bool operator==(const Done&, const Done&) = default;
  };
  Habits habits;
  std::vector<std::optional<Millis>> online;
  std::array<std::uint64_t, 24> minutes_online{};
  std::uint64_t sent = 0;
  std::set<std::pair<std::size_t, std::size_t>> asked, friends;
  std::vector<Done> log;
};

HabitsConfig people(std::size_t count) {
  HabitsConfig config;
  for (std::size_t i = 0; i < count; ++i) config.people.push_back(person_name(i));
  return config;
}

TEST(Habits, AQuarterIsOnlineAndWritesFortyMessagesADay) {
  FakeWorld world(people(40));
  world.live(days(3));  // they get to know each other
  const std::uint64_t before = world.sent, online = world.all_minutes();
  world.live(days(15));
  EXPECT_NEAR(static_cast<double>(world.all_minutes() - online), 12 * 40 * 1'440 * 0.25, 12 * 40 * 1'440 * 0.025);
  EXPECT_NEAR(static_cast<double>(world.sent - before), 12 * 40 * 40, 12 * 40 * 4);
}

TEST(Habits, OtherRatesAreKeptToo) {
  HabitsConfig config = people(40);
  config.online_percent = 40;
  config.messages_a_day = 200;
  FakeWorld world(config);
  world.live(days(3));
  const std::uint64_t before = world.sent, online = world.all_minutes();
  world.live(days(13));
  EXPECT_NEAR(static_cast<double>(world.all_minutes() - online), 10 * 40 * 1'440 * 0.40, 10 * 40 * 1'440 * 0.04);
  EXPECT_NEAR(static_cast<double>(world.sent - before), 10 * 40 * 200, 10 * 40 * 20);
}

TEST(Habits, TheDayHasANightWhereverOneLives) {
  for (const std::int32_t east : {0, 540, -300}) {
    FakeWorld world(people(25), east);
    world.live(days(10));
    const auto at = [&](int local_hour) {
      return world.minutes_online[static_cast<std::size_t>(((local_hour * 60 - east) / 60 + 48) % 24)];
    };
    EXPECT_GT(at(20), 8 * at(4)) << east;
    EXPECT_GT(at(12), 4 * at(4)) << east;
  }
}

TEST(Habits, EverybodyKnowsTheirCircleAndLikesSomeMore) {
  HabitsConfig config = people(50);
  config.contacts = 8;
  FakeWorld world(config);
  std::size_t edges = 0;
  for (std::size_t i = 0; i < 50; ++i)
    for (const Habits::Contact& contact : world.habits.circle(i)) {
      EXPECT_NE(contact.who, i);
      const auto& other = world.habits.circle(contact.who);
      EXPECT_TRUE(
          std::any_of(other.begin(), other.end(), [&](const auto& c) { return c.who == i && c.we_ask != contact.we_ask; }));
      ++edges;
    }
  EXPECT_NEAR(static_cast<double>(edges), 50 * 8, 30);
  world.live(days(10));
  std::uint64_t first = 0, last = 0;
  for (const auto& done : world.log) {
    if (done.kind != Kind::Send) continue;
    const auto& circle = world.habits.circle(done.who);
    first += circle.front().who == done.to ? 1 : 0;
    last += circle.back().who == done.to ? 1 : 0;
  }
  EXPECT_GT(first, 3 * last);
  EXPECT_GT(last, 0u);
}

TEST(Habits, TheSameSeedIsTheSameLifeAndACopyLivesOnAlike) {
  FakeWorld one(people(12)), two(people(12)), other(people(12), 0, 8);
  one.live(days(2));
  FakeWorld copy = one;
  one.live(days(4));
  copy.live(days(4));
  two.live(days(4));
  other.live(days(4));
  EXPECT_EQ(one.log, two.log);
  EXPECT_EQ(one.log, copy.log);
  EXPECT_NE(one.log, other.log);
}

TEST(Habits, OneMorePersonDoesNotChangeWhenOthersComeAndGo) {
  // Nobody writes, so that the circle, which has grown, does not matter.
  HabitsConfig silent = people(12), silent_more = people(13);
  silent.messages_a_day = silent_more.messages_a_day = 0;
  FakeWorld few(silent), more(silent_more);
  few.live(days(3));
  more.live(days(3));
  std::erase_if(more.log, [](const auto& done) { return done.who == 12; });
  EXPECT_EQ(few.log, more.log);
  EXPECT_GT(few.log.size(), 100u);
}

Scenario lively() {
  auto made = parse_scenario(R"({"name": "t", "description": "t", "network": {"preset": "today", "nodes": 8},
    "people": ["Alice"], "habits": {"people": {"count": 4}, "online_percent": 50, "messages_a_day": 2000, "contacts": 2,
    "clock": "20h"}, "end": "5m", "steps": [{"at": "3m", "do": "node-down", "node": 1}], "expect": []})",
                             "test");
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return *made;
}

TEST(Habits, PeopleLiveByThemselvesInARealWorld) {
  ScenarioRun run(lively(), 2);
  run.advance(run.begin(), nullptr);
  EXPECT_FALSE(run.world().is_down(*run.world().person("Alice"))) << "who has no habits is there at once";
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(run.world().is_down(*run.world().person(person_name(i))));
  run.advance(run.end(), nullptr);
  EXPECT_EQ(run.problems(), std::vector<std::string>{}) << "nobody does what is refused";
  std::size_t accepted = 0, messages = 0;
  for (const auto& [who, event] : run.events()) {
    accepted += event.type == client::EventType::Accepted ? 1 : 0;
    messages += event.type == client::EventType::Message ? 1 : 0;
  }
  EXPECT_GT(accepted, 0u);
  EXPECT_GT(messages, 3u);
}

TEST(Habits, ARunWithThemIsRepeatedAndACopyOfItToo) {
  Scenario short_one = lively();
  short_one.end = minutes(3);
  EXPECT_FALSE(wrong_with_repetition(short_one, 3));
}

TEST(Habits, StopWhenTheyAreTo) {
  HabitsConfig config;
  config.people = {"Alice", "Bob"};
  config.until = minutes(3);
  Habits habits(config, {0, 0}, 1);
  int minutes_lived = 0;
  while (habits.next()) {
    EXPECT_LT(*habits.next(), minutes(3));
    static_cast<void>(habits.live([](std::size_t, std::size_t) { return Bond::Friends; }));
    ++minutes_lived;
  }
  EXPECT_EQ(minutes_lived, 2 * 3);
}

}  // namespace
}  // namespace session::sim

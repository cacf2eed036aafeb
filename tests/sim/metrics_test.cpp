#include "sim/metrics.h"

#include <gtest/gtest.h>

#include "sim/scenario.h"

namespace session::sim {
namespace {

Scenario scenario(const std::string& steps, const std::string& end = "60s") {
  auto made = parse_scenario(R"({"name": "t", "description": "t", "network": {"preset": "today", "nodes": 10},
    "people": ["Alice", "Bob"], "end": ")" +
                                 end + R"(", "steps": [)" + steps + R"(], "expect": []})",
                             "test");
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return *made;
}

struct Played {
  explicit Played(const Scenario& scenario) : run(scenario, 1), metrics(run.world(), run.end()) {
    while (!run.is_over()) {
      run.advance(metrics.next_sample(), &metrics);
      metrics.sample();
    }
  }
  ScenarioRun run;
  Metrics metrics;
};

constexpr const char* kMeet = R"(
  {"at": "5s", "do": "ask", "who": "Alice", "to": "Bob", "text": "hi"},
  {"at": "10s", "do": "accept", "who": "Bob", "from": "Alice"})";

TEST(Metrics, TellTheWaysOfMessages) {
  const Played done(scenario(std::string(kMeet) + R"(,
    {"at": "15s", "do": "send", "who": "Alice", "to": "Bob", "text": "at once"},
    {"at": "20s", "do": "offline", "who": "Bob"},
    {"at": "21s", "do": "send", "who": "Alice", "to": "Bob", "text": "kept"},
    {"at": "22s", "do": "send", "who": "Alice", "to": "Bob", "text": "kept too"},
    {"at": "40s", "do": "online", "who": "Bob"},
    {"at": "50s", "do": "offline", "who": "Alice"},
    {"at": "51s", "do": "send", "who": "Alice", "to": "Bob", "text": "waits with her"})"));
  const Measures m = done.metrics.measures();
  EXPECT_EQ(m.messages.asked, 5u);
  EXPECT_EQ(m.messages.relayed, 1u);
  EXPECT_EQ(m.messages.kept, 3u) << "the request and the two for an absent reader";
  EXPECT_EQ(m.messages.waiting, 1u);
  EXPECT_EQ(m.messages.failed, 0u);
  EXPECT_EQ(m.messages.shown, 4u);
  EXPECT_EQ(m.kept_after.count(), 3u);
  EXPECT_EQ(m.shown_after.count(), 4u);
  EXPECT_GE(m.shown_after.max(), 18'000'000u) << "Bob was away for as long";
  EXPECT_LT(m.shown_after.quantile(500'000), 5'000'000u);
  EXPECT_LT(m.relayed_after.max(), 3'000'000u);
}

TEST(Metrics, CountEveryPacketOnceByItsEndsAndInItsBucket) {
  class Counter final : public TraceReader {
   public:
    void on(const trace::Record& record) override {
      if (const auto* p = std::get_if<trace::PacketSent>(&record.fact)) ++packets, bytes += p->size;
      if (std::holds_alternative<trace::PacketLost>(record.fact)) ++lost;
    }
    std::uint64_t packets = 0, bytes = 0, lost = 0;
  } counter;
  const Scenario plan = scenario(std::string(kMeet) + R"(, {"at": "12s", "do": "storm", "loss_percent": 20, "nodes_down": 2})");
  const Played done(plan);
  ScenarioRun again(plan, 1);
  again.advance(again.end(), &counter);
  const Measures m = done.metrics.measures();
  Volume all, in_buckets;
  std::uint64_t lost = 0;
  for (const Volume& v : m.traffic) all.packets += v.packets, all.bytes += v.bytes;
  for (const Bucket& b : m.buckets) {
    lost += b.lost;
    for (const Volume& v : b.traffic) in_buckets.packets += v.packets, in_buckets.bytes += v.bytes;
  }
  EXPECT_EQ(all.packets, counter.packets);
  EXPECT_EQ(all.bytes, counter.bytes);
  EXPECT_EQ(in_buckets.packets, counter.packets);
  EXPECT_EQ(in_buckets.bytes, counter.bytes);
  EXPECT_GT(counter.lost, 0u);
  EXPECT_EQ(m.packets_lost, counter.lost);
  EXPECT_EQ(lost, counter.lost);
  for (const Volume& v : m.traffic) EXPECT_GT(v.packets, 0u);
  std::uint64_t requests = 0;
  for (const auto& [name, load] : m.nodes) requests += load.requests;
  EXPECT_EQ(m.nodes.size(), 10u);
  EXPECT_GT(requests, 0u);
  EXPECT_EQ(m.faults.at("down"), 2u);
}

TEST(Metrics, SamplesShowWhenSomethingWasWrong) {
  const Played done(scenario(R"({"at": "10s", "do": "part", "from": "people", "to": "nodes"}, {"at": "20s", "do": "mend"},
    {"at": "30s", "do": "node-down", "node": 3}, {"at": "40s", "do": "node-up", "node": 3},
    {"at": "45s", "do": "link", "loss_percent": 3}, {"at": "50s", "do": "calm"},
    {"at": "55s", "do": "clock", "who": "Bob", "fast_by": "1m"})"));
  const Measures m = done.metrics.measures();
  ASSERT_EQ(m.width, seconds(1));
  ASSERT_EQ(m.samples.size(), 61u);
  for (std::size_t s = 0; s <= 60; ++s) {
    EXPECT_EQ((m.samples[s].at - m.begin), seconds(static_cast<std::int64_t>(s)));
    EXPECT_EQ(m.samples[s].is_troubled(), (s >= 10 && s < 20) || (s >= 30 && s < 40) || (s >= 45 && s < 50) || s >= 55) << s;
    EXPECT_EQ(m.samples[s].online, s == 0 ? 0u : 2u);
  }
}

TEST(Metrics, ALongRunTakesNoMoreBucketsThanAShortOne) {
  WorldConfig config;
  config.network = *pow::preset("today");
  config.nodes = 8;
  const World world(config);
  for (const Millis span : {seconds(0), seconds(1), seconds(241), hours(1), days(30), days(3650)}) {
    const Metrics metrics(world, world.now() + span);
    const Measures m = metrics.measures();
    EXPECT_GE(m.buckets.size(), 1u);
    EXPECT_LE(m.buckets.size(), Metrics::kMostBuckets);
    EXPECT_GE(m.width * static_cast<std::int64_t>(m.buckets.size()), span);
    EXPECT_LE(metrics.next_sample(), world.now() + span);
  }
}

TEST(Metrics, WordsThatAreTooManyAreOthers) {
  WorldConfig config;
  config.network = *pow::preset("today");
  config.nodes = 8;
  const World world(config);
  Metrics metrics(world, world.now() + seconds(1));
  for (std::uint64_t i = 0; i < 1'000; ++i)
    metrics.on({world.now(), world.node(0), trace::PacketLost{i, "reason " + std::to_string(i)}});
  const Measures m = metrics.measures();
  EXPECT_LE(m.losses.size(), Metrics::kMostWords + 1);
  EXPECT_EQ(m.losses.at("other"), 1'000 - Metrics::kMostWords);
  EXPECT_EQ(m.packets_lost, 1'000u);
}

}  // namespace
}  // namespace session::sim

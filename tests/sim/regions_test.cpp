#include "sim/regions.h"

#include <gtest/gtest.h>

#include <map>

#include "sim/scenario.h"

namespace session::sim {
namespace {

TEST(Regions, SharesAreWholeAndTheTableIsPlausible) {
  std::uint32_t nodes = 0, people = 0;
  for (std::size_t a = 0; a < regions().size(); ++a) {
    nodes += regions()[a].nodes_percent;
    people += regions()[a].people_percent;
    EXPECT_EQ(region_of(regions()[a].name), a);
    for (std::size_t b = 0; b < regions().size(); ++b) {
      if (a != b) {
        EXPECT_GT(round_trip_ms(a, b), round_trip_ms(a, a)) << regions()[a].name << " to " << regions()[b].name;
      }
      const auto there = static_cast<int>(round_trip_ms(a, b)), back = static_cast<int>(round_trip_ms(b, a));
      EXPECT_LE(std::abs(there - back), 5) << "the two ways were measured apart and differ little";
      // Hardly a detour beats the straight way; cables do not lie straight either.
      for (std::size_t c = 0; c < regions().size(); ++c)
        EXPECT_LE(there, static_cast<int>(round_trip_ms(a, c) + round_trip_ms(c, b)) + 25);
    }
  }
  EXPECT_EQ(nodes, 100u);
  EXPECT_EQ(people, 100u);
  EXPECT_FALSE(region_of("atlantis"));
}

TEST(Regions, ADelayIsHalfARoundTripAndMoreToAHome) {
  const auto europe = *region_of("europe"), oceania = *region_of("oceania");
  EXPECT_EQ(region_delay(europe, oceania, false).base, Millis{125});
  EXPECT_EQ(region_delay(europe, europe, false).base, Millis{7});
  EXPECT_GT(region_delay(europe, oceania, true).base, Millis{125});
  EXPECT_GT(region_delay(europe, oceania, true).jitter, region_delay(europe, oceania, false).jitter);
}

TEST(Regions, AreDrawnByTheirShares) {
  SeededRng dice(3);
  std::map<std::size_t, int> drawn;
  for (int i = 0; i < 10'000; ++i) ++drawn[draw_region(true, dice)];
  for (std::size_t i = 0; i < regions().size(); ++i)
    EXPECT_NEAR(drawn[i], static_cast<int>(regions()[i].nodes_percent) * 100, 200) << regions()[i].name;
}

Scenario scenario(const std::string& network) {
  auto made = parse_scenario(R"({"name": "t", "description": "t", "network": {"preset": "today", "nodes": 10, )" + network +
                                 R"(}, "people": ["Alice", "Bob"], "end": "60s", "steps": [], "expect": []})",
                             "test");
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return *made;
}

TEST(Regions, MachinesAreInThemByTheirNamesAlone) {
  WorldConfig config = scenario(R"("regions": true)").world;
  const World small(config);
  config.nodes = 14;
  config.people.push_back("Carol");
  const World large(config);
  std::map<std::size_t, int> found;
  for (std::size_t i = 0; i < 10; ++i) {
    const auto region = small.network().region_of(small.node(i));
    ASSERT_TRUE(region);
    EXPECT_EQ(region, large.network().region_of(large.node(i)));
    EXPECT_TRUE(small.network().side(regions()[*region].name));
    ++found[*region];
  }
  EXPECT_GT(found.size(), 1u);
  EXPECT_EQ(small.network().region_of(*small.person("Bob")), large.network().region_of(*large.person("Bob")));
}

TEST(Regions, LinksTakeTheTablesTimeAndWhatAStormAdds) {
  World world(scenario(R"("groups": [{"name": "a", "nodes": [0, 1], "region": "europe"},
    {"name": "b", "nodes": [2], "region": "oceania"}])")
                  .world);
  Network& network = world.network();
  EXPECT_EQ(network.link_between(world.node(0), world.node(2)).base, Millis{125});
  EXPECT_EQ(network.link_between(world.node(0), world.node(1)).base, Millis{7});
  EXPECT_EQ(network.link_between(world.node(0), world.node(3)).base, network.link().base) << "one end stands nowhere";
  LinkModel worse = network.link();
  worse.base = worse.base + Millis{400};
  worse.loss_ppm = 7;
  network.set_link(worse);
  EXPECT_EQ(network.link_between(world.node(0), world.node(2)).base, Millis{525});
  EXPECT_EQ(network.link_between(world.node(0), world.node(2)).loss_ppm, 7u);
  const LinkModel cable{Millis{9}, Millis{1}};
  network.set_link(*network.side("a"), *network.side("b"), cable);
  EXPECT_EQ(network.link_between(world.node(0), world.node(2)), cable) << "what a scenario says of a link itself counts";
}

TEST(Regions, ANarrowLineDelaysWhatLeavesOverIt) {
  class Lines final : public TraceReader {
   public:
    explicit Lines(const World& world) : alice(*world.person("Alice")), world_(world) {}
    void on(const trace::Record&) override {}
    void on_link(const PacketOnLink& packet) override {
      if (packet.from != alice) return;
      ++packets;
      const auto wire_micros = static_cast<std::int64_t>(packet.body.size() * 500);  // 2,000 bytes a second
      EXPECT_GE(packet.due.micros, world_.now().micros + wire_micros + 20'000);
      EXPECT_GE(packet.due.micros, last_ + wire_micros - 30'000) << "one after the other, but for the link's jitter";
      last_ = packet.due.micros;
    }
    MachineIndex alice;
    int packets = 0;

   private:
    const World& world_;
    std::int64_t last_ = 0;
  };
  ScenarioRun run(scenario(R"("bandwidth": {"people": {"up": 2000}})"), 1);
  Lines lines(run.world());
  run.advance(run.end(), &lines);
  EXPECT_GT(lines.packets, 5);
}

TEST(Regions, AreGroupsThatCanBeParted) {
  World world(scenario(R"("regions": true)").world);
  Network& network = world.network();
  const MachineIndex node = world.node(0);
  const auto own = regions()[*network.region_of(node)].name;
  network.cut(*network.side(own), *network.side("seed"));
  EXPECT_TRUE(network.is_cut(node, world.seed()));
  for (std::size_t i = 1; i < 10; ++i)
    EXPECT_EQ(network.is_cut(world.node(i), world.seed()), network.region_of(world.node(i)) == network.region_of(node));
}

}  // namespace
}  // namespace session::sim

#include "sim/network.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace session::sim {
namespace {

constexpr MachineIndex kSeed{0}, kNorth{1}, kSouth{2}, kAlice{3};

Network network(const LinkModel& link = {}) {
  Network net(7, link);
  net.add("seed", Network::MachineKind::Seed);
  net.add("node-00", Network::MachineKind::Node);
  net.add("node-01", Network::MachineKind::Node);
  net.add("Alice", Network::MachineKind::Person);
  return net;
}

std::vector<std::int64_t> delays(Network& net, MachineIndex from, MachineIndex to, int count = 50) {
  std::vector<std::int64_t> out;
  for (int i = 0; i < count; ++i) out.push_back(net.draw(from, to).delay);
  return out;
}

TEST(Network, EachLinkHasDiceOfItsOwn) {
  Network quiet = network(), busy = network();
  const auto alone = delays(quiet, kAlice, kNorth);
  std::vector<std::int64_t> beside;
  for (int i = 0; i < 50; ++i) {
    beside.push_back(busy.draw(kAlice, kNorth).delay);
    for (int more = 0; more < i % 4; ++more)
      static_cast<void>(busy.draw(kAlice, kSouth)), static_cast<void>(busy.draw(kNorth, kAlice));
  }
  EXPECT_EQ(alone, beside);
  EXPECT_NE(delays(quiet, kAlice, kSouth), alone);
  EXPECT_NE(delays(quiet, kNorth, kAlice), alone);
}

TEST(Network, AFaultDoesNotShiftWhatIsDrawnForThePacketsAfterIt) {
  Network calm = network();
  LinkModel bad;
  bad.loss_ppm = 500'000;
  bad.duplicate_ppm = bad.replay_ppm = 300'000;
  Network stormy = network(bad);
  int lost = 0;
  for (int i = 0; i < 200; ++i) {
    const auto expected = calm.draw(kAlice, kNorth), found = stormy.draw(kAlice, kNorth);
    lost += found.is_lost ? 1 : 0;
    if (!found.is_lost && found.again) {
      EXPECT_EQ(found.delay, expected.delay);
    }
  }
  EXPECT_GT(lost, 40);
  EXPECT_EQ(calm.draw(kAlice, kNorth).delay, [&] {
    stormy.set_link({});
    return stormy.draw(kAlice, kNorth).delay;
  }());
}

TEST(Network, AHalfOpenConnectionCarriesWhatIsAskedAndNoAnswer) {
  Network net = network();
  const Side alice = *net.side("Alice"), all = *net.side("all");
  net.cut(all, alice, Stops::Answers);
  EXPECT_TRUE(net.is_parted());
  EXPECT_FALSE(net.draw(kAlice, kNorth, false).is_lost);
  EXPECT_TRUE(net.draw(kNorth, kAlice, true).is_lost);
  EXPECT_FALSE(net.draw(kNorth, kAlice, false).is_lost) << "it may ask";
  EXPECT_FALSE(net.draw(kAlice, kNorth, true).is_lost) << "and is answered";
  EXPECT_FALSE(net.mend(all, alice)) << "that was another cut";
  EXPECT_TRUE(net.mend(all, alice, Stops::Answers));
  net.cut(alice, all, Stops::Requests);
  EXPECT_TRUE(net.is_cut(kAlice, kNorth, false));
  EXPECT_FALSE(net.is_cut(kAlice, kNorth, true));
  net.mend_all();
  EXPECT_FALSE(net.is_cut(kAlice, kNorth));
}

TEST(Network, ALinkThatStandsStillGivesAllAtOnce) {
  Network net = network();
  const Instant now{1'000'000};
  net.clog(*net.side("Alice"), *net.side("nodes"), now + seconds(10));
  const auto at = [&](MachineIndex from, MachineIndex to, Millis begun, Millis takes) {
    return (net.unclogged(from, to, now + begun, now + begun + takes) - now).count;
  };
  EXPECT_EQ(at(kAlice, kNorth, {}, Millis{30}), 10'000);
  EXPECT_EQ(at(kAlice, kNorth, seconds(9), Millis{30}), 10'000);
  EXPECT_EQ(at(kAlice, kNorth, seconds(9), seconds(2)), 11'000) << "what is due later is late anyway";
  EXPECT_EQ(at(kNorth, kAlice, {}, Millis{30}), 30) << "the other way";
  EXPECT_EQ(at(kAlice, kSeed, {}, Millis{30}), 30);
  EXPECT_EQ(at(kAlice, kNorth, seconds(10), Millis{30}), 10'030);
  net.clog(*net.side("Alice"), *net.side("nodes"), now + seconds(30));
  net.mend_all();
  EXPECT_EQ(at(kAlice, kNorth, seconds(11), Millis{30}), 11'030);
}

TEST(Network, DelaysLieBetweenBaseAndJitter) {
  Network net = network({Millis{100}, Millis{50}});
  const auto drawn = delays(net, kNorth, kSouth, 1000);
  EXPECT_GE(*std::min_element(drawn.begin(), drawn.end()), 100'000);
  EXPECT_LE(*std::max_element(drawn.begin(), drawn.end()), 150'000);
  EXPECT_LT(*std::min_element(drawn.begin(), drawn.end()), 105'000);
  EXPECT_GT(*std::max_element(drawn.begin(), drawn.end()), 145'000);
}

TEST(Network, SharesAreAsTheModelSays) {
  LinkModel link;
  link.loss_ppm = 100'000;
  link.duplicate_ppm = 200'000;
  link.replay_ppm = 300'000;
  link.reorder_ppm = 400'000;
  link.damage_ppm = 50'000;
  Network net = network(link);
  int lost = 0, again = 0, replayed = 0, held_up = 0, damaged = 0;
  constexpr int kPackets = 20'000;
  for (int i = 0; i < kPackets; ++i) {
    const auto fate = net.draw(kAlice, kNorth);
    lost += fate.is_lost ? 1 : 0;
    again += fate.again ? 1 : 0;
    replayed += fate.much_later ? 1 : 0;
    held_up += fate.delay > 60'000 ? 1 : 0;
    damaged += fate.damage ? 1 : 0;
  }
  EXPECT_NEAR(lost, kPackets * 0.1 * 0.8, kPackets * 0.02);  // a doubled packet must be lost twice
  EXPECT_NEAR(again, kPackets * 0.2 * 0.9, kPackets * 0.02);
  EXPECT_NEAR(replayed, kPackets * 0.3 * 0.92, kPackets * 0.02);
  EXPECT_NEAR(damaged, kPackets * 0.05 * 0.92, kPackets * 0.01);
  EXPECT_NEAR(held_up, kPackets * 0.4 * 0.92, kPackets * 0.03);
}

TEST(Network, TheLastLinkThatFitsCounts) {
  Network net = network();
  ASSERT_TRUE(net.define("north", {kNorth}));
  LinkModel slow, slower;
  slow.base = Millis{500};
  slower.base = Millis{900};
  net.set_link(*net.side("all"), *net.side("north"), slow);
  net.set_link(*net.side("Alice"), *net.side("node-00"), slower);
  EXPECT_EQ(net.link_between(kSouth, kNorth), slow);
  EXPECT_EQ(net.link_between(kAlice, kNorth), slower);
  EXPECT_EQ(net.link_between(kNorth, kAlice), LinkModel{});
  net.set_link(*net.side("all"), *net.side("north"), LinkModel{});
  EXPECT_EQ(net.link_between(kSouth, kNorth), LinkModel{});
  EXPECT_EQ(net.special_links().size(), 2u);
}

TEST(Network, ACutIsOneWayUntilItIsMade) {
  Network net = network();
  net.cut(*net.side("people"), *net.side("nodes"));
  EXPECT_TRUE(net.is_cut(kAlice, kNorth));
  EXPECT_FALSE(net.is_cut(kNorth, kAlice));
  EXPECT_FALSE(net.is_cut(kAlice, kSeed));
  EXPECT_TRUE(net.draw(kAlice, kSouth).is_lost);
  EXPECT_FALSE(net.mend(*net.side("nodes"), *net.side("people")));
  EXPECT_TRUE(net.mend(*net.side("people"), *net.side("nodes")));
  EXPECT_FALSE(net.draw(kAlice, kSouth).is_lost);
}

TEST(Network, GroupsHaveNewNamesAndThereAreSixtyOne) {
  Network net = network();
  for (const char* taken : {"", "all", "nodes", "people", "Alice", "node-01"}) EXPECT_FALSE(net.define(taken, {})) << taken;
  for (std::size_t i = 0; i < Network::kMaxGroups; ++i) ASSERT_TRUE(net.define("group " + std::to_string(i), {kNorth}));
  EXPECT_FALSE(net.define("one more", {}));
  EXPECT_FALSE(net.side("nobody"));
  LinkModel last;
  last.base = Millis{1};
  net.set_link(*net.side("group 60"), *net.side("seed"), last);
  EXPECT_EQ(net.link_between(kNorth, kSeed), last);
}

TEST(Network, ALineCarriesOnePacketAfterTheOtherAndLosesNoTime) {
  Network net = network();
  net.set_bandwidth(kAlice, {1'000, 0});
  net.set_bandwidth(kNorth, {0, 500});
  SeededRng dice(11);
  std::int64_t now = 1'000'000, free = 0, sent = 0;
  for (int i = 0; i < 500; ++i) {
    now += dice.between(0, 900'000);
    const std::uint64_t bytes = dice.below(1'500);
    const auto line = net.occupy(kAlice, kNorth, bytes, {now});
    EXPECT_EQ(line.taking, static_cast<std::int64_t>(bytes) * 2'000);
    // It leaves when the line was free and its own bytes are out: never earlier, and no later.
    const std::int64_t takes = static_cast<std::int64_t>(bytes) * 1'000;
    EXPECT_EQ(now + line.leaving, std::max(free, now) + takes);
    free = now + line.leaving;
    sent += takes;
    EXPECT_GE(free - 1'000'000, sent) << "no line carries more than its bandwidth";
  }
  EXPECT_EQ(net.occupy(kSouth, kAlice, 1'000'000, {now}).leaving, 0) << "where nothing is said, nothing waits";
}

TEST(Network, OnALinkWithoutJitterWhatLeavesFirstArrivesFirst) {
  Network net = network({Millis{40}, Millis{0}});
  net.set_bandwidth(kAlice, {20'000, 0});
  SeededRng dice(12);
  std::int64_t now = 0, last = 0;
  for (int i = 0; i < 500; ++i) {
    now += dice.between(0, 20'000);
    const auto line = net.occupy(kAlice, kSouth, dice.below(2'000), {now});
    const std::int64_t arrives = now + line.leaving + net.draw(kAlice, kSouth).delay + line.taking;
    EXPECT_GE(arrives, last);
    last = arrives;
  }
}

}  // namespace
}  // namespace session::sim

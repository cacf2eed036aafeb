#include "sim/world.h"

#include <gtest/gtest.h>

#include <set>

#include "core/client/event.h"

namespace session::sim {
namespace {

WorldConfig config(std::uint64_t seed = 1, std::vector<std::string> people = {"Alice", "Bob"}) {
  WorldConfig c;
  c.seed = seed;
  c.nodes = 14;
  c.people = std::move(people);
  c.network = *pow::preset("today");
  return c;
}

/// Counts facts by name.
class Count final : public TraceReader {
 public:
  void on(const trace::Record& record) override { ++of[trace::name_of(record.fact)]; }
  std::map<std::string, int> of;
};

std::vector<client::Event> events_of(World& world, const char* name) {
  std::vector<client::Event> out;
  const auto rows = world.account(*world.person(name)).events().value();
  for (const auto& row : rows) out.push_back(client::parse_event(row.text).value());
  return out;
}
int told(World& world, const char* name, client::EventType type) {
  int count = 0;
  for (const auto& event : events_of(world, name)) count += event.type == type ? 1 : 0;
  return count;
}

/// Alice asks, Bob accepts.
void introduce(World& world, TraceReader* reader = nullptr) {
  const auto alice = *world.person("Alice"), bob = *world.person("Bob");
  static_cast<void>(world.command(alice, client::GoOnline{}, reader));
  static_cast<void>(world.command(bob, client::GoOnline{}, reader));
  world.run_until(world.now() + seconds(20), reader);
  ASSERT_FALSE(world.command(alice, client::Ask{world.client(bob).id(), "hello"}, reader)->refused);
  world.run_until(world.now() + seconds(20), reader);
  ASSERT_FALSE(world.command(bob, client::Accept{world.client(alice).id()}, reader)->refused);
  world.run_until(world.now() + seconds(20), reader);
}

TEST(World, SomebodyCanComeIntoAWorldThatRuns) {
  World world(config());
  Count count;
  introduce(world, &count);
  store::AccountSeed seed;
  seed.writable()[0] = std::byte{7};
  const auto carol = world.add_person("Carol", seed, &count);
  ASSERT_TRUE(carol);
  EXPECT_EQ(world.client(*carol).id(), crypto::identity_of(seed, crypto::Era::C).id);
  static_cast<void>(world.command(*carol, client::GoOnline{}, &count));
  world.run_until(world.now() + seconds(20), &count);
  ASSERT_FALSE(world.command(*carol, client::Ask{world.client(*world.person("Bob")).id(), "hi"}, &count)->refused);
  world.run_until(world.now() + seconds(20), &count);
  EXPECT_EQ(told(world, "Bob", client::EventType::Request), 2);
  EXPECT_EQ(world.add_person("Carol", {}, nullptr).error().message, "name: somebody here is called Carol already");
  EXPECT_FALSE(world.add_person("", {}, nullptr));
  EXPECT_FALSE(world.person(""));
}

TEST(World, OnionsThatComeDamagedHarmNobody) {
  WorldConfig c = config(4);
  c.link.damage_ppm = 100'000;
  World world(c);
  Count count;
  introduce(world, &count);
  const auto alice = *world.person("Alice"), bob = *world.person("Bob");
  for (int i = 0; i < 10; ++i) {
    ASSERT_FALSE(world.command(alice, client::Send{world.client(bob).id(), "words", {}}, &count)->refused);
    world.run_until(world.now() + seconds(20), &count);
  }
  world.run_until(world.now() + hours(1), &count);
  EXPECT_EQ(told(world, "Bob", client::EventType::Message), 10);
  EXPECT_GT(count.of["PathFailed"], 5);
}

TEST(World, AnHourWithoutANetworkLocksNobodyOut) {
  World world(config());
  introduce(world);
  const LinkModel calm = world.link();
  world.set_link({calm.base, calm.jitter, 1'000'000});
  world.run_until(world.now() + hours(1), nullptr);
  world.set_link(calm);
  world.run_until(world.now() + minutes(12), nullptr);
  const auto alice = *world.person("Alice"), bob = *world.person("Bob");
  ASSERT_FALSE(world.command(alice, client::Send{world.client(bob).id(), "still here", {}}, nullptr)->refused);
  world.run_until(world.now() + minutes(3), nullptr);
  EXPECT_EQ(told(world, "Bob", client::EventType::Message), 1);
}

TEST(World, NothingLeavesSomebodyWhoIsOffline) {
  World world(config());
  introduce(world);
  const auto alice = *world.person("Alice"), bob = *world.person("Bob");
  world.set_down(alice, true, nullptr);
  ASSERT_FALSE(world.command(alice, client::Send{world.client(bob).id(), "from the train", {}}, nullptr)->refused);
  world.run_until(world.now() + minutes(2), nullptr);
  EXPECT_EQ(told(world, "Bob", client::EventType::Message), 0);
  world.set_down(alice, false, nullptr);
  static_cast<void>(world.command(alice, client::GoOnline{}, nullptr));
  world.run_until(world.now() + minutes(2), nullptr);
  EXPECT_EQ(told(world, "Bob", client::EventType::Message), 1);
}

TEST(World, TellsWhatLiesOnALinkAndWhenItArrives) {
  class Links final : public TraceReader {
   public:
    void on(const trace::Record& record) override {
      if (const auto* sent = std::get_if<trace::PacketSent>(&record.fact)) last_ = {sent->packet, sent->size};
      const auto* arrived = std::get_if<trace::PacketDelivered>(&record.fact);
      if (arrived == nullptr || !due_.contains(arrived->packet)) return;
      EXPECT_EQ(due_[arrived->packet], record.at);
    }
    void on_link(const PacketOnLink& packet) override {
      EXPECT_EQ(packet.packet, last_.first);
      EXPECT_EQ(packet.body.size(), last_.second);
      due_[packet.packet] = packet.due;
    }
    std::pair<std::uint64_t, std::size_t> last_;
    std::map<std::uint64_t, Instant> due_;
  } links;
  World world(config());
  introduce(world, &links);
  EXPECT_GT(links.due_.size(), 50u);
  ASSERT_TRUE(world.next_event());
  EXPECT_GE(*world.next_event(), world.now());
}

TEST(World, AMessageReachesSomebodyWhoWasOffline) {
  World world(config());
  Count count;
  introduce(world, &count);
  const auto alice = *world.person("Alice"), bob = *world.person("Bob");
  world.set_down(bob, true, &count);
  const auto sent = world.command(alice, client::Send{world.client(bob).id(), "for later", {}}, &count);
  ASSERT_TRUE(sent && !sent->refused);
  world.run_until(world.now() + seconds(30), &count);
  const auto row = world.account(alice).outbox(sent->delivery).value().value();
  EXPECT_EQ(static_cast<client::State>(row.state), client::State::Kept);
  EXPECT_GE(row.kept_by, 5u);
  EXPECT_EQ(row.path.size(), 3u);
  EXPECT_EQ(told(world, "Bob", client::EventType::Message), 0);
  world.set_down(bob, false, &count);
  static_cast<void>(world.command(bob, client::GoOnline{}, &count));
  world.run_until(world.now() + seconds(30), &count);
  EXPECT_EQ(told(world, "Bob", client::EventType::Message), 1);
  EXPECT_EQ(told(world, "Alice", client::EventType::Receipt), 1);
  for (const char* fact : {"OnionSent", "LayerPeeled", "Stored", "Kept", "Journalled", "Opened"})
    EXPECT_GT(count.of[fact], 0) << fact;
  world.check_invariants();
}

TEST(World, TheSameSeedGivesTheSameRunAndAnotherSeedAnother) {  // reliability.md T1
  const auto digest_of = [](std::uint64_t seed) {
    World world(config(seed));
    Digest digest;
    introduce(world, &digest);
    return digest.hex();
  };
  EXPECT_EQ(digest_of(1), digest_of(1));
  EXPECT_NE(digest_of(1), digest_of(2));
}

TEST(World, ACopyRunsOnAlike) {  // reliability.md T2
  World world(config());
  introduce(world);
  World copy = world;
  Digest one, two;
  for (auto [w, digest] : {std::pair{&world, &one}, {&copy, &two}}) {
    static_cast<void>(w->command(*w->person("Alice"), client::Send{w->client(*w->person("Bob")).id(), "fork", {}}, digest));
    w->run_until(w->now() + seconds(30), digest);
  }
  EXPECT_EQ(one.hex(), two.hex());
}

TEST(World, AnIdlePersonDoesNotShiftTheDiceOfOthers) {  // architecture.md: child streams by name
  World two(config(3, {"Alice", "Bob"})), three(config(3, {"Alice", "Bob", "Carol"}));
  EXPECT_EQ(two.client(*two.person("Alice")).id(), three.client(*three.person("Alice")).id());
  EXPECT_EQ(two.registry()->block_hash(), three.registry()->block_hash());
}

TEST(World, AClockAnHourOffIsToldAndCorrected) {  // by what the nodes of the swarm show
  World world(config());
  introduce(world);
  const auto alice = *world.person("Alice"), bob = *world.person("Bob");
  world.set_clock_error(alice, hours(1));
  const auto sent = world.command(alice, client::Send{world.client(bob).id(), "from the future", {}}, nullptr);
  ASSERT_TRUE(sent && !sent->refused);
  world.run_until(world.now() + minutes(2), nullptr);
  EXPECT_EQ(told(world, "Bob", client::EventType::Message), 1);
  EXPECT_EQ(told(world, "Alice", client::EventType::Clock), 1);
  EXPECT_LT(world.client(alice).clock().offset(), Millis{} - minutes(59));
  EXPECT_GT(world.client(alice).clock().offset(), Millis{} - minutes(61));
  EXPECT_TRUE(world.client(alice).clock().words().ends_with("minutes fast"));
  ASSERT_FALSE(world.command(bob, client::Send{world.client(alice).id(), "and back", {}}, nullptr)->refused);
  world.run_until(world.now() + minutes(2), nullptr);
  EXPECT_EQ(told(world, "Alice", client::EventType::Message), 1);
}

TEST(World, ANodeThatIsDownCostsItsCopyOnly) {
  World world(config());
  introduce(world);
  const auto alice = *world.person("Alice"), bob = *world.person("Bob");
  const auto members = world.registry()->members(world.registry()->swarm_of(world.client(bob).id().account));
  for (std::size_t i = 0; i < world.nodes(); ++i)
    if (world.service_node(world.node(i)).id() == members[0]) world.set_down(world.node(i), true, nullptr);
  world.set_down(bob, true, nullptr);  // who is there gets it at once, and the swarm keeps nothing
  const auto sent = world.command(alice, client::Send{world.client(bob).id(), "still here", {}}, nullptr);
  world.run_until(world.now() + minutes(3), nullptr);
  const auto row = world.account(alice).outbox(sent->delivery).value().value();
  EXPECT_EQ(row.kept_by, members.size() - 1);
  world.set_down(bob, false, nullptr);
  static_cast<void>(world.command(bob, client::GoOnline{}, nullptr));
  world.run_until(world.now() + minutes(2), nullptr);
  EXPECT_EQ(told(world, "Bob", client::EventType::Message), 1);
}

TEST(World, WhoStandsStillFindsEverythingWhenItGoesOn) {
  World world(config());
  Count count;
  introduce(world);
  const auto bob = *world.person("Bob");
  world.set_paused(bob, true, &count);
  ASSERT_FALSE(world.command(*world.person("Alice"), client::Send{world.client(bob).id(), "wake up", {}}, &count)->refused);
  world.run_until(world.now() + minutes(1), &count);
  EXPECT_EQ(told(world, "Bob", client::EventType::Message), 0);
  EXPECT_EQ(count.of["FaultBegan"], 1);
  world.set_paused(bob, false, &count);
  world.run_until(world.now() + minutes(1), &count);
  EXPECT_EQ(told(world, "Bob", client::EventType::Message), 1);
  EXPECT_EQ(count.of["FaultEnded"], 1);
  world.set_paused(bob, true, &count);
  world.set_down(bob, true, &count);
  EXPECT_FALSE(world.is_paused(bob));
}

TEST(World, ASlowMachineAnswersLater) {
  class Slowest final : public TraceReader {
   public:
    explicit Slowest(MachineIndex who) : who_(who) {}
    void on(const trace::Record& record) override { now_ = record.at; }
    void on_link(const PacketOnLink& packet) override {
      if (packet.from == who_) least_ = std::min(least_, packet.due - now_);
    }
    MachineIndex who_;
    Instant now_;
    Millis least_ = hours(1);
  };
  World world(config());
  Slowest reader(world.node(0));
  world.set_slow(world.node(0), {Millis{1'500}}, &reader);
  introduce(world, &reader);
  EXPECT_GE(reader.least_, Millis{1'500});
  EXPECT_LT(reader.least_, Millis{1'600});
}

TEST(World, OneThatIsManyTimesSlowerTakesSoManyTimesTheLatency) {
  class Slowest final : public TraceReader {
   public:
    explicit Slowest(MachineIndex who) : who_(who) {}
    void on(const trace::Record& record) override { now_ = record.at; }
    void on_link(const PacketOnLink& packet) override {
      (packet.from == who_ ? own : others).insert((packet.due - now_).count / 20);
    }
    std::set<std::int64_t> own, others;

   private:
    MachineIndex who_;
    Instant now_;
  };
  World world(config());
  world.set_link({Millis{20}, Millis{0}});
  Slowest reader(world.node(0));
  world.set_slow(world.node(0), {{}, 50}, &reader);
  introduce(world, &reader);
  EXPECT_EQ(reader.own, std::set<std::int64_t>{50});
  EXPECT_EQ(reader.others, std::set<std::int64_t>{1});
}

TEST(World, AFaultOnOneLinkLeavesTheDiceOfTheOthers) {
  class Delays final : public TraceReader {
   public:
    void on(const trace::Record& record) override { now_ = record.at; }
    void on_link(const PacketOnLink& packet) override {
      if (packet.to.value <= 1 || packet.from.value <= 1) return;  // the seed and the node with the bad link
      all[{packet.from.value, packet.to.value}].push_back(packet.due.micros - now_.micros);
    }
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::int64_t>> all;
    Instant now_;
  } calm, bad;
  World one(config(3)), other(config(3));
  LinkModel link;
  link.loss_ppm = 500'000;
  other.network().set_link(*other.network().side("all"), *other.network().side("node-00"), link);
  one.run_until(one.now() + minutes(5), &calm);
  other.run_until(other.now() + minutes(5), &bad);
  ASSERT_FALSE(calm.all.empty());
  for (const auto& [ends, delays] : calm.all) {
    const auto& beside = bad.all[ends];
    const std::size_t both = std::min(delays.size(), beside.size());
    EXPECT_TRUE(std::equal(delays.begin(), delays.begin() + static_cast<std::ptrdiff_t>(both), beside.begin()));
  }
}

TEST(World, LossAndRestartsNeitherLoseNorDouble) {  // reliability.md D2: storm, then calm
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    World world(config(seed));
    introduce(world);
    const auto alice = *world.person("Alice"), bob = *world.person("Bob");
    LinkModel storm = world.link();
    const LinkModel calm = storm;
    storm.loss_ppm = 150'000;
    world.set_link(storm);
    SeededRng dice(seed, "storm");
    constexpr int kMessages = 8;
    for (int i = 0; i < kMessages; ++i) {
      ASSERT_FALSE(
          world.command(alice, client::Send{world.client(bob).id(), "message " + std::to_string(i), {}}, nullptr)->refused);
      world.run_until(world.now() + Millis{dice.between(100, 4000)}, nullptr);
      for (const auto who : {alice, bob})
        if (dice.one_in(2)) {
          // Killed wherever it happens to be, and started again.
          world.set_down(who, true, nullptr);
          world.run_until(world.now() + Millis{dice.between(0, 2000)}, nullptr);
          world.set_down(who, false, nullptr);
          static_cast<void>(world.command(who, client::GoOnline{}, nullptr));
        }
    }
    world.set_link(calm);
    world.run_until(world.now() + minutes(10), nullptr);
    EXPECT_EQ(told(world, "Bob", client::EventType::Message), kMessages);
    EXPECT_EQ(told(world, "Bob", client::EventType::Undecryptable), 0);
    EXPECT_EQ(told(world, "Alice", client::EventType::Receipt), kMessages);
    world.check_invariants();
  }
}

TEST(World, WorkIsPaidWhereTheNetworkAsksForIt) {
  WorldConfig c = config();
  c.network = *pow::preset("loki-2020");
  World world(c);
  Count count;
  introduce(world, &count);
  EXPECT_GT(count.of["StampFound"], 0);
  EXPECT_EQ(told(world, "Bob", client::EventType::Request), 1);
}

}  // namespace
}  // namespace session::sim

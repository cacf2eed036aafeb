#include "sim/recorder.h"

#include "tests/sim/friends.h"

namespace session::sim {
namespace {

class Recording : public Friends {
 protected:
  Recorder recorder;
  void SetUp() override {
    reader = &recorder;
    befriend("hello, it is Alice");
  }
};

TEST_F(Recording, KeepsWhatWasSentAndWhetherItArrived) {
  ASSERT_FALSE(recorder.packets().empty());
  std::size_t arrived = 0;
  for (const SeenPacket& packet : recorder.packets()) {
    if (!packet.arrived) continue;
    ++arrived;
    EXPECT_LT(packet.sent, *packet.arrived);
  }
  EXPECT_GT(arrived, recorder.packets().size() / 2);
  EXPECT_EQ(recorder.forgotten(), 0u);
}

TEST_F(Recording, GivesARequestAndItsAnswerOneExchange) {
  std::map<std::uint64_t, const SeenPacket*> requests;
  std::size_t answers = 0;
  for (const SeenPacket& packet : recorder.packets()) {
    if (!packet.is_answer) {
      EXPECT_TRUE(requests.emplace(packet.exchange, &packet).second) << "two calls of one number";
      continue;
    }
    if (!requests.contains(packet.exchange)) continue;  // asked before anybody recorded
    ++answers;
    const SeenPacket* request = requests.at(packet.exchange);
    EXPECT_EQ(request->from, packet.to);
    EXPECT_EQ(request->to, packet.from);
    EXPECT_EQ(request->route, packet.route);
  }
  EXPECT_GT(answers, 20u);
}

TEST_F(Recording, SaysNotArrivedOfWhatCameToAMachineThatIsDown) {
  for (std::size_t i = 0; i < world.nodes(); ++i) world.set_down(world.node(i), true, reader);
  const std::uint64_t before = recorder.packets().back().number;
  run(alice, client::Send{id(bob), "to nobody"});
  pass();
  std::size_t sent = 0;
  for (const SeenPacket& packet : recorder.packets()) {
    if (packet.number <= before || !world.is_person(packet.from) || !world.is_node(packet.to)) continue;
    ++sent;
    EXPECT_FALSE(packet.arrived);
  }
  EXPECT_GT(sent, 0u);
}

TEST_F(Recording, ForgetsTheOldestWhenThereIsNoRoomAndSaysSo) {
  constexpr std::size_t kRoom = 20'000;
  Recorder small(kRoom);
  reader = &small;
  run(alice, client::Send{id(bob), "and another"});
  pass(minutes(2));
  EXPECT_GT(small.forgotten(), 0u);
  EXPECT_LE(small.bytes(), kRoom);
  ASSERT_FALSE(small.packets().empty());
  EXPECT_TRUE(std::ranges::is_sorted(small.packets(), {}, &SeenPacket::number));
}

TEST_F(Recording, IsCopiedWithAForkAndGoesItsOwnWay) {
  Recorder copy = recorder;
  World fork = world;
  fork.run_until(fork.now() + seconds(30), &copy);
  EXPECT_GT(copy.packets().size(), recorder.packets().size());
  pass(seconds(30));
  ASSERT_EQ(copy.packets().size(), recorder.packets().size());
  EXPECT_TRUE(*copy.packets().back().body == *recorder.packets().back().body);
}

TEST(Recorder, ChangesNothingOfARun) {
  const auto digest_of = [](TraceReader* more) {
    WorldConfig config;
    config.nodes = 8;
    config.people = {"Alice"};
    World world(config);
    Digest digest;
    struct Both final : TraceReader {
      Both(TraceReader& first, TraceReader* second) : a(first), b(second) {}
      void on(const trace::Record& record) override {
        a.on(record);
        if (b != nullptr) b->on(record);
      }
      void on_link(const PacketOnLink& packet) override {
        if (b != nullptr) b->on_link(packet);
      }
      TraceReader& a;
      TraceReader* b;
    } both(digest, more);
    world.run_until(world.now() + seconds(30), &both);
    return digest.hex();
  };
  Recorder recorder;
  EXPECT_EQ(digest_of(nullptr), digest_of(&recorder));
  EXPECT_FALSE(recorder.packets().empty());
}

}  // namespace
}  // namespace session::sim

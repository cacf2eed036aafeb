#include "core/onion/layer.h"
#include "tests/sim/court.h"

namespace session::sim {
namespace {

class OnionOracle : public Judged {
 protected:
  void SetUp() override {
    Judged::SetUp();
    for (std::size_t i = 0; i < world.nodes(); ++i) ids_.push_back(world.service_node(world.node(i)).id());
  }
  void send(MachineIndex from, MachineIndex to, BytesView body, bool is_copy = false) {
    oracles.on_link({1, world.now(), body, from, to, false, is_copy});
  }
  /// A guard of Alice from now on.
  MachineIndex guard() {
    note(trace::OnionSent{{}, ids_[0], ids_[1], ids_[2], ids_[3], 1, "store"}, alice);
    return world.node(0);
  }
  [[nodiscard]] Bytes layer(std::uint64_t seed, char fill, std::size_t hops_left = 4) const {
    SeededRng rng(seed);
    std::vector<onion::Hop> hops;
    for (std::size_t i = 0; i < hops_left; ++i) hops.push_back({ids_[i], world.registry()->find(ids_[i])->x25519});
    return onion::wrap(hops, Bytes(100, static_cast<std::byte>(fill)), onion::EncType::XChaCha20, rng)->body;
  }
  std::vector<NodeId> ids_;
};

TEST_F(OnionOracle, FindsWordsInWhateverFormTheyTravel) {  // O1: the mutant that does not seal
  const std::string words = "the first words";
  const auto hidden = [&](std::size_t before, auto&& form) {
    Bytes body(before, std::byte{'x'});
    append(body, bytes_of(words));
    body.push_back(std::byte{'y'});
    Court court(world);
    const auto oracle = onion_oracle();
    oracle->on({world.now(), alice, trace::DeliveryMoved{1, id(bob), "queued", "routing", ""}}, court);
    const auto sent = form(body);
    oracle->on_link({1, world.now(), bytes_of(sent), world.node(1), world.node(2), true, false}, court);
    return court.violations().size() == 1 && court.violations()[0].oracle == "O1";
  };
  for (std::size_t before = 0; before < 6; ++before) {
    EXPECT_TRUE(hidden(before, [](const Bytes& b) { return std::string(text_of(b)); })) << before;
    EXPECT_TRUE(hidden(before, [](const Bytes& b) { return to_hex(b); })) << before;
    EXPECT_TRUE(hidden(before, [](const Bytes& b) { return to_base64(b); })) << before;
  }
}

TEST_F(OnionOracle, FindsAnAccountInWhatTheGuardGets) {  // O1
  const MachineIndex to = guard();
  send(alice, to, bytes_of("nothing to see here"));
  EXPECT_EQ(found(), "");
  send(alice, to, bytes_of(R"({"pubkey": ")" + id(bob).hex() + "\"}"));
  EXPECT_EQ(found(), "O1");
}

TEST_F(OnionOracle, FindsAKeyThatIsUsedTwice) {  // O2: the mutant that keeps one key a path
  const MachineIndex to = guard();
  send(alice, to, layer(1, 'a'));
  send(alice, to, layer(2, 'a'));
  send(alice, to, layer(2, 'a'), true);  // the network's own copy
  EXPECT_EQ(found(), "");
  send(alice, to, layer(2, 'b'));
  EXPECT_EQ(found(), "O2");
}

TEST_F(OnionOracle, FindsARelayThatPassesALayerOnTwice) {  // O6: the mutant that drops the cache
  send(world.node(1), world.node(0), layer(1, 'a', 1));
  world.set_down(world.node(1), true, &oracles);
  world.set_down(world.node(1), false, &oracles);
  send(world.node(1), world.node(0), layer(1, 'a', 1));  // it has forgotten the first
  EXPECT_EQ(found(), "");
  pass(minutes(11));
  send(world.node(1), world.node(0), layer(1, 'a', 1));  // and this one long ago
  EXPECT_EQ(found(), "");
  pass(minutes(1));
  send(world.node(1), world.node(0), layer(1, 'a', 1));
  EXPECT_EQ(found(), "O6");
}

/// A layer passes a relay twice, two minutes apart; what happens to its clock before, between and at the end.
class Twice : public OnionOracle {
 protected:
  std::string passed(Millis before, const std::vector<std::pair<Millis, Millis>>& steps) {
    const MachineIndex relay = world.node(1);
    world.set_clock_error(relay, before);
    takes(relay);
    send(relay, world.node(0), layer(1, 'a', 1));
    for (const auto& [error, wait] : steps) {
      Friends::pass(wait);
      world.set_clock_error(relay, error);
      takes(relay);
    }
    send(relay, world.node(0), layer(1, 'a', 1));
    return found();
  }
  /// Something reaches it.
  void takes(MachineIndex machine) { note(trace::PacketDelivered{1}, machine); }
};

TEST_F(Twice, ARelayWhoseClockIsSetForwardForgetsAndIsExcused) { EXPECT_EQ(passed({}, {{minutes(10), minutes(2)}}), ""); }
TEST_F(Twice, AndStaysForgetfulWhenItIsSetRight) { EXPECT_EQ(passed({}, {{minutes(10), minutes(1)}, {{}, minutes(1)}}), ""); }
TEST_F(Twice, OneThatIsSetBackFromAheadIsNot) { EXPECT_EQ(passed(hours(1), {{{}, minutes(2)}}), "O6"); }
TEST_F(Twice, OneWhoseClockStandsAsItStoodIsNot) { EXPECT_EQ(passed({}, {{{}, minutes(2)}}), "O6"); }
TEST_F(Twice, NorOneWhoseClockWasWrongAllAlong) { EXPECT_EQ(passed(days(1), {{days(1), minutes(2)}}), "O6"); }
TEST_F(Twice, NorOneThatIsSetForwardByLessThanItRemembers) { EXPECT_EQ(passed({}, {{minutes(5), minutes(2)}}), "O6"); }
TEST_F(Twice, NorOneThatIsSetBack) { EXPECT_EQ(passed({}, {{minutes(-30), minutes(2)}}), "O6"); }
TEST_F(Twice, OneThatIsSetBackAndRightAgainIs) { EXPECT_EQ(passed({}, {{minutes(-30), minutes(1)}, {{}, minutes(1)}}), ""); }
TEST_F(Twice, OneThatIsSetBackTwiceAndRightAgainIs) {
  EXPECT_EQ(passed(hours(1), {{minutes(-30), minutes(1)}, {minutes(-31), minutes(1)}, {{}, minutes(1)}}), "");
}

TEST_F(OnionOracle, FindsAPathThatMeetsANodeTwice) {  // O4: the mutant that draws with repetition
  guard();
  EXPECT_EQ(found(), "");
  note(trace::OnionSent{{}, ids_[0], ids_[1], ids_[2], ids_[1], 1, "store"}, alice);
  EXPECT_EQ(found(), "O4");
}

TEST_F(OnionOracle, FindsWhoSpeaksToANodeThatIsNoGuard) {  // O7: the mutant that retries directly
  const MachineIndex to = guard();
  send(alice, to, bytes_of("to the guard"));
  send(alice, world.seed(), bytes_of("to the seed"));
  EXPECT_EQ(found(), "");
  Court court(world);
  const auto oracle = onion_oracle();
  oracle->on_link({1, world.now(), bytes_of("to a stranger"), alice, world.node(5), false, false}, court);
  ASSERT_EQ(court.violations().size(), 1u);
  EXPECT_EQ(court.violations()[0].oracle, "O7");
}

TEST_F(OnionOracle, AGuardIsOneThoughAHopOfItsPathHasLeft) {  // O7
  Court court(world);
  const auto oracle = onion_oracle();
  const NodeId guard = world.service_node(world.node(5)).id();
  NodeId gone = guard, last = guard, destination = guard;
  gone.key[0] ^= std::byte{1}, last.key[0] ^= std::byte{2}, destination.key[0] ^= std::byte{3};
  oracle->on({world.now(), alice, trace::OnionSent{{1}, guard, gone, last, destination, 512, "store"}}, court);
  oracle->on_link({1, world.now(), bytes_of("to the guard"), alice, world.node(5), false, false}, court);
  EXPECT_TRUE(court.violations().empty()) << court.violations()[0].what;
}

}  // namespace
}  // namespace session::sim

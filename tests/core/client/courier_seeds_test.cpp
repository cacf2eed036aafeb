// What a client makes of seeds that are silent or contradict one another, and of the witnesses it asks then.
#include <algorithm>
#include <set>

#include "tests/core/client/couriers.h"

namespace session::client {
namespace {

/// No seed answers, and the network is another one than the one known; so many nodes tell something else instead.
class NoSeed : public Couriers {
 protected:
  Instant now = kNow;
  wire::RegistryAnswer truth, lie;
  std::set<NodeId> silent;

  void SetUp() override {
    learn();
    truth = swarm::to_wire(*nodes.snapshot);
    const auto ids = nodes.snapshot->swarm_ids();
    for (auto& node : truth.nodes) node.swarm = node.swarm == ids[0] ? ids[1] : ids[0];
    truth.height += 5;
    lie = truth;
    for (auto& node : lie.nodes) node.address.port = 4242;
    courier.doubt();
  }
  /// Whether it changed its list while time passed.
  bool believes(Millis time, std::size_t liars, const wire::RegistryAnswer& what) {
    for (const Instant end = now + time; now < end; now = std::max(now + seconds(1), courier.refresh_again(now))) {
      Context c{now, rng, store, effects};
      if (!courier.wants_refresh(now)) continue;
      courier.refresh(c);
      while (courier.is_refreshing()) {
        const auto call = taken();
        if (std::holds_alternative<wire::SeedPeer>(call.to)) {
          static_cast<void>(courier.on(wire::CallFailed{call.id, wire::CallFailure::Unreachable}, c));
          continue;
        }
        const NodeId at = nodes.arrive(call).value().destination;
        const auto place = static_cast<std::size_t>(std::ranges::find(nodes.snapshot->nodes(), at, &wire::RegistryEntry::id) -
                                                    nodes.snapshot->nodes().begin());
        if (silent.contains(at)) {
          EXPECT_FALSE(courier.on(wire::CallFailed{call.id, wire::CallFailure::Timeout}, c));
          continue;
        }
        EXPECT_FALSE(courier.on(through(call, wire::to_json(place < liars ? lie : truth)), c));
      }
    }
    return courier.registry()->nodes() == (*swarm::from_wire(what))->nodes();
  }
};

TEST_F(NoSeed, ManyWitnessesAreBelievedInTheEnd) {
  EXPECT_FALSE(believes(minutes(9), 0, truth)) << "a seed may come back";
  EXPECT_TRUE(believes(hours(1), 0, truth));
}

/// The order in which they are asked is drawn once: whoever comes last in it is silent for good.
TEST_F(NoSeed, WhoeverIsSilentKeepsNobodyElseFromBeingHeard) {
  for (std::size_t i = 0; i < 6; ++i) {
    silent.clear();
    for (std::size_t k = 0; k < 5; ++k) silent.insert(nodes.snapshot->nodes()[(3 * i + k) % 16].id);
    EXPECT_TRUE(believes(hours(3), 0, truth)) << i;
    auto c = context();  // the next begins with the old list
    courier.forget(c);
    learn();
    courier.doubt();
  }
}

TEST_F(NoSeed, AFewLiarsDoNotKeepTheTruthAway) { EXPECT_TRUE(believes(hours(2), 2, truth)); }

TEST_F(NoSeed, NoMinorityIsBelievedHoweverOftenItIsAsked) {
  EXPECT_FALSE(believes(hours(3), 7, lie)) << "seven of sixteen, of whom twelve are asked";
}

class SeveralSeeds : public Couriers {
 protected:
  Courier careful{{"one", "two", "three"}, seconds(20)};
  Instant now = kNow;
  std::vector<std::string> asked;

  /// Answers the question that is under way, or lets it fail.
  void answer(const wire::RegistryAnswer* what) {
    Context c{now, rng, store, effects};
    if (!careful.is_refreshing()) careful.refresh(c);
    const auto call = taken();
    asked.push_back(std::get<wire::SeedPeer>(call.to).url);
    if (what == nullptr) {
      EXPECT_FALSE(careful.on(wire::CallFailed{call.id, wire::CallFailure::Unreachable}, c));
    } else {
      EXPECT_FALSE(careful.on(wire::Answered{call.id, {200, wire::to_json(*what), {}}}, c));
    }
    now = std::max(now, careful.refresh_again(now));
  }
};

TEST_F(SeveralSeeds, TwoMustSayTheSame) {  // reliability.md 2: a single seed is trusted; else two are asked
  const auto truth = swarm::to_wire(*nodes.snapshot);
  const auto lie = with_false_swarms(*nodes.snapshot);
  answer(&lie);
  EXPECT_EQ(careful.registry(), nullptr);
  answer(&truth);
  EXPECT_EQ(careful.registry(), nullptr);
  answer(&truth);
  ASSERT_NE(careful.registry(), nullptr);
  EXPECT_EQ(careful.registry()->nodes(), nodes.snapshot->nodes());
  std::ranges::sort(asked);
  EXPECT_EQ(asked, (std::vector<std::string>{"one", "three", "two"}));
}

TEST_F(SeveralSeeds, OneAloneIsBelievedWhenTheOthersSayNothingForLong) {
  const auto truth = swarm::to_wire(*nodes.snapshot);
  const auto round = [&] {
    answer(&truth);
    for (int i = 0; i < 2 && careful.registry() == nullptr; ++i) answer(nullptr);
  };
  for (now = kNow; now < kNow + minutes(9);) {
    round();
    EXPECT_EQ(careful.registry(), nullptr);
  }
  EXPECT_NE(careful.trouble().find("one seed alone"), std::string::npos) << careful.trouble();
  for (int i = 0; i < 3 && careful.registry() == nullptr; ++i) round();
  EXPECT_NE(careful.registry(), nullptr);
}

TEST_F(SeveralSeeds, OneAloneIsBelievedThoughNodesComeAndGoMeanwhile) {
  auto truth = swarm::to_wire(*nodes.snapshot);
  for (int i = 0; now < kNow + hours(1) && careful.registry() == nullptr; ++i) {
    truth.nodes[static_cast<std::size_t>(i) % 16].active ^= true;
    ++truth.height;
    answer(&truth);
    for (int k = 0; k < 2 && careful.registry() == nullptr; ++k) answer(nullptr);
    if (now < kNow + minutes(9)) {
      ASSERT_EQ(careful.registry(), nullptr);
    }
  }
  ASSERT_NE(careful.registry(), nullptr);
  EXPECT_EQ(careful.registry()->height(), truth.height) << "what it said last";
}

TEST_F(SeveralSeeds, OneAloneIsNotBelievedWhereItTellsOfAnotherNetworkEachTime) {
  const auto truth = swarm::to_wire(*nodes.snapshot);
  auto other = swarm::to_wire(*KnownNodes("today", 16, "10.9.", rng).snapshot);
  for (int i = 0; i < 60; ++i) {
    answer(i % 5 == 0 ? &other : &truth);
    for (int k = 0; k < 2; ++k) answer(nullptr);
    ASSERT_EQ(careful.registry(), nullptr);
  }
}

TEST_F(SeveralSeeds, OneAloneIsNotBelievedWhereAnotherContradictedItLately) {
  const auto truth = swarm::to_wire(*nodes.snapshot), lie = with_false_swarms(*nodes.snapshot);
  for (int i = 0; i < 30; ++i) {
    answer(&lie);
    answer(i % 10 == 9 ? &truth : nullptr);
    answer(nullptr);
    ASSERT_EQ(careful.registry(), nullptr);
  }
}

TEST_F(SeveralSeeds, OneAloneIsEnoughForWhatIsKnownAlready) {
  const auto truth = swarm::to_wire(*nodes.snapshot);
  answer(&truth);
  answer(&truth);
  ASSERT_NE(careful.registry(), nullptr);
  careful.doubt();
  for (int i = 0; i < 2; ++i) {  // through paths
    Context c{now, rng, store, effects};
    careful.refresh(c);
    EXPECT_FALSE(careful.on(wire::CallFailed{taken().id, wire::CallFailure::Unreachable}, c));
    now = careful.refresh_again(now);
  }
  answer(&truth);
  for (int i = 0; i < 2; ++i) answer(nullptr);
  EXPECT_FALSE(careful.wants_refresh(now));
}

TEST_F(SeveralSeeds, NoneBearsItselfOut) {
  for (int round = 0; round < 3; ++round)
    for (std::uint16_t i = 0; i < 3; ++i) {
      auto lie = swarm::to_wire(*nodes.snapshot);
      lie.nodes[i].address.port = 4242;
      answer(&lie);
      EXPECT_EQ(careful.registry(), nullptr);
    }
  EXPECT_NE(careful.trouble().find("contradict"), std::string::npos) << careful.trouble();
}

}  // namespace
}  // namespace session::client

#include "core/client/courier.h"

#include <algorithm>

#include "tests/core/client/couriers.h"

namespace session::client {
namespace {

TEST_F(Couriers, LearnsTheRegistryFromASeedAndKeepsIt) {
  learn();
  EXPECT_EQ(courier.registry()->nodes().size(), 16u);
  Courier next({"seed"}, seconds(20));
  auto c = context();
  next.load(c);
  ASSERT_NE(next.registry(), nullptr);
  EXPECT_EQ(next.registry()->nodes(), courier.registry()->nodes());
}

TEST_F(Couriers, GarbageFromASeedIsNoRegistry) {
  auto c = context();
  for (const char* garbage : {"", "{}", "[1,2]", "{\"result\":{}}"}) {
    courier.refresh(c);
    EXPECT_FALSE(courier.on(wire::Answered{taken().id, {200, to_bytes(garbage), {}}}, c));
    EXPECT_EQ(courier.registry(), nullptr);
    EXPECT_FALSE(courier.trouble().empty());
  }
}

TEST_F(Couriers, OneNodeCannotPutItsOwnNetworkInThePlaceOfTheKnown) {
  learn();
  auto answer = swarm::to_wire(*KnownNodes("today", 16, "10.9.", rng).snapshot);
  answer.height += 1'000'000;
  const auto known = courier.registry()->nodes();
  auto c = context();
  courier.doubt();
  courier.refresh(c);  // through a path: the node that is asked seals its answer for us
  const auto call = taken();
  ASSERT_TRUE(std::holds_alternative<wire::NodePeer>(call.to));
  EXPECT_FALSE(courier.on(through(call, wire::to_json(answer)), c));
  EXPECT_EQ(courier.registry()->nodes(), known);
  EXPECT_NE(courier.trouble().find("another network"), std::string::npos);
  courier.refresh(c);
  EXPECT_TRUE(std::holds_alternative<wire::SeedPeer>(taken().to));
}

/// What costs much to check is checked last: a stranger's list may have 20 000 new keys.
TEST_F(Couriers, AListThatNobodyBelievesIsDoubtedBeforeItsKeysAre) {
  learn();
  auto answer = swarm::to_wire(*KnownNodes("today", 16, "10.9.", rng).snapshot);
  answer.height = courier.registry()->height();
  for (auto& node : answer.nodes) node.x25519 = crypto::x25519_pair(rng).open;
  tells(answer);
  EXPECT_NE(courier.trouble().find("quite another network"), std::string::npos) << courier.trouble();
  expect_seed_is_asked();
}

TEST_F(Couriers, OneFalseKeyInAListThatIsBelievableElseIsFound) {
  learn();
  auto answer = swarm::to_wire(*nodes.snapshot);
  answer.nodes[0].x25519 = crypto::x25519_pair(rng).open;
  tells(answer);
  EXPECT_NE(courier.trouble().find(answer.nodes[0].id.hex() + " is not the image of its key"), std::string::npos);
}

TEST_F(Couriers, AListWithFalseKeysIsNothingToWhoForgotTheNetwork) {
  learn();
  auto answer = swarm::to_wire(*nodes.snapshot);
  answer.nodes[0].x25519 = crypto::x25519_pair(rng).open;
  auto c = context();
  courier.doubt();
  courier.refresh(c);
  const auto call = taken();
  courier.forget(c);
  EXPECT_FALSE(courier.on(through(call, wire::to_json(answer)), c));
  EXPECT_EQ(courier.registry(), nullptr);
  EXPECT_NE(courier.trouble().find("is not the image of its key"), std::string::npos) << courier.trouble();
}

TEST_F(Couriers, OneNodeCannotRaiseThePriceOfWork) {  // reliability.md W2
  learn();
  auto answer = swarm::to_wire(*nodes.snapshot);
  ++answer.height;
  ASSERT_TRUE(answer.network);
  const auto difficulty = answer.network->difficulty;
  answer.network->difficulty *= 1'000;
  auto c = context();
  courier.doubt();
  courier.refresh(c);
  EXPECT_FALSE(courier.on(through(taken(), wire::to_json(answer)), c));
  EXPECT_EQ(courier.registry()->network().difficulty, difficulty);
  EXPECT_NE(courier.trouble().find("another price"), std::string::npos);
  courier.refresh(c);  // the seed's word on it counts
  const auto call = taken();
  ASSERT_TRUE(std::holds_alternative<wire::SeedPeer>(call.to));
  EXPECT_FALSE(courier.on(wire::Answered{call.id, {200, wire::to_json(answer), {}}}, c));
  EXPECT_EQ(courier.registry()->network().difficulty, difficulty * 1'000);
}

TEST_F(Couriers, OneNodeCannotMakeUpWhoIsInWhichSwarm) {  // reliability.md 2
  learn();
  const auto known = courier.registry()->nodes();
  const auto lie = with_false_swarms(*courier.registry());
  auto c = context();
  courier.doubt();
  courier.refresh(c);
  const auto first = taken();
  const NodeId liar = nodes.arrive(first).value().destination;
  EXPECT_FALSE(courier.on(through(first, wire::to_json(lie)), c));
  EXPECT_EQ(courier.registry()->nodes(), known);
  ASSERT_TRUE(courier.is_refreshing()) << "another node is asked at once";
  const auto second = taken();
  EXPECT_NE(nodes.arrive(second).value().destination, liar);
  auto truth = swarm::to_wire(*nodes.snapshot);
  EXPECT_FALSE(courier.on(through(second, wire::to_json(truth)), c));
  ASSERT_TRUE(courier.is_refreshing()) << "one against one";
  truth.height += 3;
  EXPECT_FALSE(courier.on(through(taken(), wire::to_json(truth)), c));
  EXPECT_FALSE(courier.is_refreshing());
  EXPECT_EQ(courier.registry()->nodes(), known);
  EXPECT_EQ(courier.registry()->height(), nodes.snapshot->height()) << "the height that both vouch for";
  EXPECT_FALSE(courier.wants_refresh(kNow));
}

TEST_F(Couriers, WhatTwoNodesSayOfChangedSwarmsIsBelieved) {
  learn();
  const auto changed = with_false_swarms(*courier.registry());
  auto c = context();
  courier.doubt();
  courier.refresh(c);
  EXPECT_FALSE(courier.on(through(taken(), wire::to_json(changed)), c));
  EXPECT_FALSE(courier.on(through(taken(), wire::to_json(changed)), c));
  EXPECT_TRUE(courier.trouble().empty()) << courier.trouble();
  EXPECT_TRUE(std::ranges::is_permutation(courier.registry()->nodes(), changed.nodes));
  Courier next({"seed"}, seconds(20));
  next.load(c);
  EXPECT_EQ(next.registry()->nodes(), courier.registry()->nodes()) << "and kept";
}

TEST_F(Couriers, TwoWhoAgreeCannotMoveEverybodyToOtherSwarms) {
  learn();
  auto lie = swarm::to_wire(*nodes.snapshot);
  const auto ids = nodes.snapshot->swarm_ids();
  ASSERT_EQ(ids.size(), 2u);
  for (auto& node : lie.nodes) node.swarm = node.swarm == ids[0] ? ids[1] : ids[0];
  const auto known = courier.registry()->nodes();
  tells(lie);
  EXPECT_FALSE(courier.is_refreshing()) << "no second voice is asked to bear that out";
  expect_seed_is_asked();
  EXPECT_EQ(courier.registry()->nodes(), known);
}

TEST_F(Couriers, TwoWhoAgreeCannotPushTheHeightFarAhead) {
  for (const std::uint64_t ahead : {16u, 17u}) {
    learn();
    auto changed = with_false_swarms(*nodes.snapshot);
    changed.height = courier.registry()->height() + ahead;
    auto c = context();
    courier.doubt();
    for (int i = 0; i < 2; ++i) {
      if (!courier.is_refreshing()) courier.refresh(c);
      const auto call = taken();
      if (std::holds_alternative<wire::SeedPeer>(call.to)) break;
      EXPECT_FALSE(courier.on(through(call, wire::to_json(changed)), c));
    }
    EXPECT_EQ(courier.registry()->height() == changed.height, ahead == 16) << "no time has passed";
    courier = Courier({"seed"}, seconds(20));
  }
}

TEST_F(Couriers, BlocksMayComeAsTimePasses) {
  learn();
  const Instant later = kNow + hours(10);
  auto changed = with_false_swarms(*nodes.snapshot);
  changed.height = nodes.snapshot->height() + 300;  // one in two minutes
  Context c{later, rng, store, effects};
  courier.refresh(c);
  EXPECT_FALSE(courier.on(through(taken(), wire::to_json(changed)), c));
  EXPECT_FALSE(courier.on(through(taken(), wire::to_json(changed)), c));
  EXPECT_EQ(courier.registry()->height(), changed.height);
}

TEST_F(Couriers, AListOfTheFutureIsAskedForAnew) {
  learn();
  EXPECT_FALSE(courier.wants_refresh(kNow - minutes(59)));
  EXPECT_TRUE(courier.wants_refresh(kNow - days(1))) << "the clock was set back";
}

TEST_F(Couriers, OneNodeIsEnoughWhereNothingChanged) {
  learn();
  Context later{kNow + hours(2), rng, store, effects};
  ASSERT_TRUE(courier.wants_refresh(later.now));
  courier.refresh(later);
  auto same = swarm::to_wire(*nodes.snapshot);
  same.height += 60;
  EXPECT_FALSE(courier.on(through(taken(), wire::to_json(same)), later));
  EXPECT_FALSE(courier.is_refreshing());
  EXPECT_EQ(courier.registry_at(), later.now);
  EXPECT_EQ(courier.registry()->height(), nodes.snapshot->height()) << "one node's word does not push the height ahead";
}

TEST_F(Couriers, ASeedDecidesWhereNoTwoNodesAgree) {
  learn();
  const auto known = courier.registry()->nodes();
  auto c = context();
  courier.doubt();
  courier.refresh(c);
  for (std::uint16_t i = 0; i < 4; ++i) {
    auto lie = swarm::to_wire(*nodes.snapshot);
    lie.nodes[i].address.port = 4242;
    const auto call = taken();
    ASSERT_TRUE(std::holds_alternative<wire::NodePeer>(call.to));
    EXPECT_FALSE(courier.on(through(call, wire::to_json(lie)), c));
  }
  EXPECT_NE(courier.trouble().find("no two"), std::string::npos) << courier.trouble();
  EXPECT_EQ(courier.registry()->nodes(), known);
  Context later{courier.refresh_again(kNow), rng, store, effects};
  courier.refresh(later);
  EXPECT_TRUE(std::holds_alternative<wire::SeedPeer>(taken().to));
}

TEST_F(Couriers, WhoReachesNoSeedAsksNodesAgain) {
  learn();
  Instant now = kNow;
  courier.doubt();
  int nodes_asked = 0, seeds_asked = 0;
  for (int i = 0; i < 12; ++i) {
    Context c{now, rng, store, effects};
    courier.refresh(c);
    const auto call = taken();
    const bool is_seed = std::holds_alternative<wire::SeedPeer>(call.to);
    ++(is_seed ? seeds_asked : nodes_asked);
    static_cast<void>(courier.on(wire::CallFailed{call.id, wire::CallFailure::Unreachable}, c));
    now = courier.refresh_again(now);
  }
  EXPECT_GE(nodes_asked, 6);
  EXPECT_GE(seeds_asked, 3);
  const auto changed = with_false_swarms(*courier.registry());
  for (int i = 0; i < 4 && courier.registry()->height() != changed.height; ++i) {
    Context c{now, rng, store, effects};
    courier.refresh(c);
    const auto call = taken();
    if (std::holds_alternative<wire::SeedPeer>(call.to)) {
      static_cast<void>(courier.on(wire::CallFailed{call.id, wire::CallFailure::Unreachable}, c));
    } else {
      EXPECT_FALSE(courier.on(through(call, wire::to_json(changed)), c));
      if (courier.is_refreshing()) {
        EXPECT_FALSE(courier.on(through(taken(), wire::to_json(changed)), c));
      }
    }
    now = std::max(now, courier.refresh_again(now));
  }
  EXPECT_EQ(courier.registry()->height(), changed.height) << "nodes alone told it";
}

TEST_F(Couriers, ADoubtThatChangedNothingIsNotRepeatedWithinAMinute) {
  learn();
  const Bytes same = wire::to_json(swarm::to_wire(*nodes.snapshot));
  auto c = context();
  courier.doubt();
  ASSERT_TRUE(courier.wants_refresh(kNow));
  courier.refresh(c);
  EXPECT_FALSE(courier.on(through(taken(), same), c));
  EXPECT_FALSE(courier.on(through(taken(), same), c));
  courier.doubt();
  EXPECT_FALSE(courier.wants_refresh(kNow + seconds(59)));
  EXPECT_TRUE(courier.wants_refresh(kNow + minutes(1)));
}

TEST_F(Couriers, ASeedThatIsNamedTwiceIsOne) {
  Courier twice({"https://Seed.example:22023", "https://seed.example:22023/", "https://seed.example:22023#00"}, seconds(20));
  auto c = context();
  for (int i = 0; i < 3; ++i) {
    twice.refresh(c);
    const auto call = taken();
    EXPECT_EQ(std::get<wire::SeedPeer>(call.to).url, "https://Seed.example:22023");
    static_cast<void>(twice.on(wire::CallFailed{call.id, wire::CallFailure::Unreachable}, c));
  }
  twice.refresh(c);
  EXPECT_FALSE(twice.on(wire::Answered{taken().id, {200, registry, {}}}, c));
  EXPECT_NE(twice.registry(), nullptr) << "a single seed is trusted";
}

TEST_F(Couriers, FailuresAreRepeatedLaterAndLater) {
  Instant now = kNow;
  Millis last{};
  for (int i = 0; i < 10; ++i) {
    Context c{now, rng, store, effects};
    ASSERT_TRUE(courier.wants_refresh(now));
    courier.refresh(c);
    static_cast<void>(courier.on(wire::CallFailed{taken().id, wire::CallFailure::Unreachable}, c));
    EXPECT_FALSE(courier.wants_refresh(now));
    const Millis pause = courier.refresh_again(now) - now;
    EXPECT_GE(pause, last);
    EXPECT_LE(pause, seconds(64));
    EXPECT_FALSE(courier.wants_refresh(now + pause - Millis{1}));
    now = now + (last = pause);
  }
  EXPECT_EQ(last, seconds(64));
  EXPECT_TRUE(courier.wants_refresh(now - days(1))) << "the clock was set back";
  Context c{now, rng, store, effects};
  courier.refresh(c);
  EXPECT_FALSE(courier.on(wire::Answered{taken().id, {200, registry, {}}}, c));
  EXPECT_EQ(courier.refresh_again(now), Instant{});
}

TEST_F(Couriers, CallsGoToAGuardAndAnswersComeBackOpened) {
  learn();
  auto c = context();
  const auto sent = courier.send(some_node(), bytes_of("{}"), "info", c);
  ASSERT_TRUE(sent);
  const auto call = taken();
  EXPECT_EQ(std::get<wire::NodePeer>(call.to).id, sent->path.relays[0].id);
  Bytes body = call.request.body;
  for (int hop = 0; hop < 4; ++hop) {
    const NodeId at = hop < 3 ? sent->path.relays[static_cast<std::size_t>(hop)].id : some_node();
    const auto peeled = onion::peel(*onion::parse_outer(body), nodes.keys.at(at));
    ASSERT_TRUE(peeled);
    if (const auto* inner = std::get_if<onion::Inner>(&peeled->inside)) {
      body = inner->body;
      continue;
    }
    const Bytes reply =
        onion::seal_reply(peeled->reply_key, peeled->enc, 200, bytes_of("pong"), std::get<onion::Final>(peeled->inside), rng);
    const auto outcome = courier.on(wire::Answered{call.id, {200, reply, {}}}, c);
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->failure);
    EXPECT_EQ(text_of(outcome->body), "pong");
  }
}

TEST_F(Couriers, WhatDoesNotOpenOrComesTwiceIsNoAnswer) {
  learn();
  auto c = context();
  const auto sent = courier.send(some_node(), bytes_of("{}"), "info", c);
  const auto outcome = courier.on(wire::Answered{sent->call, {200, to_bytes("garbage"), {}}}, c);
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->failure);
  EXPECT_FALSE(courier.on(wire::Answered{sent->call, {200, {}, {}}}, c));
  EXPECT_EQ(courier.unknown_answers(), 1u);
}

TEST_F(Couriers, ADestinationThatIsDownIsNotThePathsFault) {  // profile.md 6
  learn();
  auto c = context();
  for (int i = 0; i < 10; ++i) {
    const auto sent = courier.send(some_node(), bytes_of("{}"), "info", c);
    ASSERT_TRUE(sent);
    const auto outcome =
        courier.on(wire::Answered{sent->call, {502, to_bytes("Next node unreachable: " + some_node().hex()), {}}}, c);
    EXPECT_TRUE(outcome->failure);
  }
  const auto guards = store.guards().value();
  for (const auto& guard : guards) EXPECT_EQ(guard.uses, guard.successes);
}

TEST_F(Couriers, ARelaysSealedWordCountsAboutTheHopBehindItAlone) {
  learn();
  auto c = context();
  const auto told = [&](std::size_t relay, std::size_t named) {
    const auto sent = courier.send(some_node(), bytes_of("{}"), "info", c);
    const auto call = taken();
    const auto at = nodes.arrive(call).value();
    auto hops = at.relays;
    hops.push_back(at.destination);
    Bytes body = to_bytes("Next node unreachable: " + hops[named].hex());
    for (std::uint16_t i = static_cast<std::uint16_t>(relay + 1), status = 502; i-- > 0; status = 200)
      body = onion::seal_passed(at.seals[i], at.enc, status, body, 3u - i, rng);
    const auto outcome = courier.on(wire::Answered{sent->call, {200, body, {}}}, c);
    EXPECT_TRUE(outcome->failure);
    EXPECT_NE(outcome->failure->message.find("502 Next node unreachable"), std::string::npos);
    return outcome->culprit == hops[named];
  };
  for (std::size_t relay = 0; relay < 3; ++relay)
    for (std::size_t named = 0; named < 4; ++named) EXPECT_EQ(told(relay, named), named == relay + 1) << relay << named;
}

TEST_F(Couriers, NewPathsAreMadeOnRequestAndNotMoreThanOnceAMinute) {
  learn();
  auto c = context();
  ASSERT_TRUE(courier.send(some_node(), bytes_of("{}"), "info", c));
  const auto before = courier.paths();
  ASSERT_TRUE(courier.renew_paths(c));
  EXPECT_TRUE(courier.paths().empty());
  ASSERT_TRUE(courier.send(some_node(), bytes_of("{}"), "info", c));
  for (const auto& path : courier.paths())
    EXPECT_TRUE(
        std::any_of(before.begin(), before.end(), [&](const auto& old) { return old.relays[0].id == path.relays[0].id; }));
  EXPECT_EQ(courier.renew_paths(c).error().code, ErrorCode::Refused);
  Context later{kNow + minutes(1), rng, store, effects};
  EXPECT_TRUE(courier.renew_paths(later));
}

TEST_F(Couriers, AResetForgetsTheNetworkAndKeepsTheGuards) {
  learn();
  auto c = context();
  const auto guards = courier.guards();
  ASSERT_FALSE(guards.empty());
  courier.forget(c);
  EXPECT_EQ(courier.registry(), nullptr);
  EXPECT_TRUE(courier.paths().empty());
  Courier next({"seed"}, seconds(20));
  next.load(c);
  EXPECT_EQ(next.registry(), nullptr);
  EXPECT_TRUE(std::is_permutation(next.guards().begin(), next.guards().end(), guards.begin(), guards.end()));
  learn();
  EXPECT_EQ(courier.guards(), guards);
}

TEST_F(Couriers, WithoutARegistryNothingIsSent) {
  auto c = context();
  EXPECT_EQ(courier.send(NodeId{}, bytes_of("{}"), "info", c).error().code, ErrorCode::Unavailable);
}

}  // namespace
}  // namespace session::client

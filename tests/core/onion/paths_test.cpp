#include "core/onion/paths.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/base/mutant.h"

namespace session::onion {
namespace {

const Instant kNow = Instant::from_unix_millis(1'700'000'000'000);

std::vector<Relay> network(std::size_t count, Rng& rng, bool loopback = false) {
  std::vector<Relay> relays;
  for (std::size_t i = 0; i < count; ++i) {
    Relay relay;
    rng.fill(relay.id.key);
    rng.fill(relay.x25519.bytes);
    relay.address = {loopback ? "127.0.0.1" : "10.0." + std::to_string(i % 200) + ".7", static_cast<std::uint16_t>(1000 + i)};
    relays.push_back(relay);
  }
  return relays;
}
std::set<NodeId> ids(const Path& path) { return {path.relays[0].id, path.relays[1].id, path.relays[2].id}; }

TEST(Paths, ThreeDistinctRelaysWithoutTheDestination) {  // reliability.md O4
  SeededRng rng(1);
  for (int round = 0; round < 1000; ++round) {
    PathPool pool;
    const auto relays = network(12 + rng.below(40), rng);
    pool.update(relays, kNow, rng);
    const NodeId destination = relays[rng.below(relays.size())].id;
    const auto path = pool.choose(destination, kNow, rng);
    ASSERT_TRUE(path) << path.error().message;
    EXPECT_EQ(ids(*path).size(), 3u);
    EXPECT_FALSE(ids(*path).contains(destination));
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < a; ++b)
        EXPECT_FALSE(share_network(path->relays[static_cast<std::size_t>(a)].address,
                                   path->relays[static_cast<std::size_t>(b)].address));
  }
}

TEST(Paths, TheActiveNodesOfARegistryAreOneListForAll) {
  SeededRng rng(7);
  std::vector<wire::RegistryEntry> nodes;
  for (const Relay& relay : network(12, rng))
    nodes.push_back({.id = relay.id, .x25519 = relay.x25519, .address = relay.address});
  nodes[4].active = false;
  const auto registry = swarm::shared(swarm::Registry(1, {}, *pow::preset("today"), nodes));
  const Relays relays = relays_of(registry);
  EXPECT_EQ(relays->size(), 11u);
  EXPECT_TRUE(std::ranges::is_sorted(*relays, {}, &Relay::id));
  EXPECT_EQ(relays_of(registry), relays);
  const auto next = swarm::shared(swarm::Registry(2, {}, *pow::preset("today"), nodes));
  EXPECT_NE(relays_of(next), relays);
  EXPECT_EQ(relays_of(registry)->size(), 11u);
}

TEST(Paths, TwoDisjointPathsOverTheTwoGuards) {
  SeededRng rng(2);
  PathPool pool;
  const auto relays = network(20, rng);
  pool.update(relays, kNow, rng);
  static_cast<void>(pool.choose(NodeId{}, kNow, rng));
  ASSERT_EQ(pool.paths().size(), 2u);
  std::set<NodeId> all = ids(pool.paths()[0]);
  all.merge(ids(pool.paths()[1]));
  EXPECT_EQ(all.size(), 6u);
  EXPECT_EQ(pool.guards().size(), 2u);
}

TEST(Paths, AGuardIsSparedWhereAnotherPathIsThere) {
  SeededRng rng(3);
  PathPool pool;
  pool.update(network(20, rng), kNow, rng);
  const NodeId guard = pool.choose(NodeId{}, kNow, rng)->relays[0].id;
  for (int i = 0; i < 50; ++i) EXPECT_NE(pool.choose(NodeId{}, kNow, rng, guard)->relays[0].id, guard);
  PathPool lonely;
  lonely.load({{guard, kNow, {}, 0, 0}});
  lonely.update({pool.paths()[0].relays[0], pool.paths()[0].relays[1], pool.paths()[0].relays[2]}, kNow, rng);
  for (const Path& path : lonely.paths()) EXPECT_TRUE(lonely.choose(NodeId{}, kNow, rng, path.relays[0].id));
}

TEST(Paths, NewPathsHaveTheSameGuards) {
  SeededRng rng(4);
  PathPool pool;
  pool.update(network(30, rng), kNow, rng);
  static_cast<void>(pool.choose(NodeId{}, kNow, rng));
  const auto before = pool.paths();
  const auto guards = pool.guards();
  pool.drop_paths();
  static_cast<void>(pool.choose(NodeId{}, kNow, rng));
  EXPECT_EQ(pool.guards(), guards);
  ASSERT_EQ(pool.paths().size(), before.size());
  int changed = 0;
  for (std::size_t i = 0; i < before.size(); ++i) changed += ids(pool.paths()[i]) != ids(before[i]);
  EXPECT_EQ(changed, 2);
}

TEST(Paths, APathThatJustFailedIsSparedWhileAnotherIsThere) {
  SeededRng rng(5);
  PathPool pool;
  pool.update(network(20, rng), kNow, rng);
  const Path failing = pool.choose(NodeId{}, kNow, rng).value();
  const NodeId guard = failing.relays[0].id;
  pool.failed(failing, guard, kNow);
  const auto uses_of_it = [&](Instant now) {
    int uses = 0;
    for (int i = 0; i < 100; ++i) uses += pool.choose(NodeId{}, now, rng)->relays[0].id == guard;
    return uses;
  };
  EXPECT_EQ(uses_of_it(kNow + seconds(59)), 0);
  EXPECT_GT(uses_of_it(kNow + seconds(60)), 20);
  for (const Path& path : std::vector<Path>(pool.paths())) pool.failed(path, path.relays[0].id, kNow + seconds(60));
  EXPECT_GT(uses_of_it(kNow + seconds(61)), 20);  // nothing better is there
}

TEST(Paths, GuardsAreKeptAcrossRestarts) {
  SeededRng rng(3);
  PathPool pool;
  const auto relays = network(20, rng);
  pool.update(relays, kNow, rng);
  ASSERT_TRUE(pool.guards_changed());
  PathPool next;
  next.load(pool.guards());
  next.update(relays, kNow + days(1), rng);
  EXPECT_EQ(next.guards().size(), 2u);
  EXPECT_EQ(next.guards()[0].node, pool.guards()[0].node);
}

TEST(Paths, ADevnetOnLoopbackIsEnough) {
  SeededRng rng(4);
  PathPool pool;
  const auto relays = network(8, rng, true);
  pool.update(relays, kNow, rng);
  for (const Relay& relay : relays) EXPECT_TRUE(pool.choose(relay.id, kNow, rng));
}

TEST(Paths, GuardsInReserveLockNobodyOutOfASmallNetwork) {
  SeededRng rng(9);
  const auto relays = network(10, rng);
  std::vector<Guard> guards;
  for (std::size_t i = 0; i < PathPool::kMaxGuardsInWindow; ++i) guards.push_back({relays[i].id, kNow, {}, 0, 0});
  for (std::size_t destination = 0; destination < relays.size(); ++destination) {
    PathPool pool;
    pool.load(guards);
    pool.update(relays, kNow, rng);
    const auto path = pool.choose(relays[destination].id, kNow, rng);
    ASSERT_TRUE(path) << path.error().message;
    EXPECT_EQ(ids(*path).size(), 3u);
    EXPECT_FALSE(ids(*path).contains(relays[destination].id));
    // While others are left, guards are.
    const auto is_guard = [&](const Relay& relay) { return std::ranges::find(guards, relay.id, &Guard::node) != guards.end(); };
    EXPECT_FALSE(is_guard(path->relays[1])) << destination;
    for (std::size_t i = 6; i < 9; ++i)  // one alone is left that is no guard
      for (int k = 0; k < 3; ++k) pool.failed({{relays[i], relays[i], relays[i]}}, relays[i].id, kNow);
    const auto tight = pool.choose(relays[destination].id, kNow, rng);
    ASSERT_TRUE(tight) << destination << ' ' << tight.error().message;
    EXPECT_FALSE(ids(*tight).contains(relays[destination].id));
  }
}

TEST(Paths, TooFewNodesAreTold) {
  SeededRng rng(5);
  PathPool pool;
  pool.update(network(3, rng), kNow, rng);
  const auto path = pool.choose(NodeId{}, kNow, rng);
  if (path) {
    EXPECT_EQ(ids(*path).size(), 3u);
  }
  PathPool none;
  EXPECT_EQ(none.choose(NodeId{}, kNow, rng).error().code, ErrorCode::Unavailable);
}

TEST(Paths, ThreeFailuresReplaceTheCulpritAndNobodyElse) {
  SeededRng rng(6);
  PathPool pool;
  pool.update(network(30, rng), kNow, rng);
  const Path path = pool.choose(NodeId{}, kNow, rng).value();
  const NodeId culprit = path.relays[1].id;
  for (int i = 0; i < 3; ++i) pool.failed(path, culprit, kNow);
  for (int i = 0; i < 200; ++i) {
    const auto other = pool.choose(NodeId{}, kNow, rng);
    ASSERT_TRUE(other);
    EXPECT_FALSE(ids(*other).contains(culprit));
  }
  EXPECT_EQ(pool.guards().size(), 2u);
}

TEST(Paths, AClockThatIsSetBackLocksNobodyOut) {
  SeededRng rng(1);
  PathPool pool;
  const auto relays = network(8, rng);
  pool.update(relays, kNow + days(1), rng);
  const NodeId destination = relays[0].id;
  const auto fail_all = [&](Instant now) {
    for (int i = 0; i < 60; ++i)
      if (const auto path = pool.choose(destination, now, rng)) pool.failed(*path, {}, now);
  };
  fail_all(kNow + days(1));
  EXPECT_FALSE(pool.choose(destination, kNow + days(1), rng));
  EXPECT_TRUE(pool.choose(destination, kNow + days(1) + minutes(11), rng));
  fail_all(kNow + days(1));
  EXPECT_TRUE(pool.choose(destination, kNow, rng)) << "a day of waiting";
}

TEST(Paths, AFailureOfTheDestinationBlamesNoRelay) {
  SeededRng rng(7);
  PathPool pool;
  pool.update(network(30, rng), kNow, rng);
  const Path path = pool.choose(NodeId{}, kNow, rng).value();
  for (int i = 0; i < 50; ++i) {
    pool.destination_failed(path);
    if (i % 3 == 2) pool.succeeded(path);  // it does reach others
  }
  EXPECT_EQ(pool.paths().size(), 2u);
  EXPECT_EQ(pool.guards()[0].uses + pool.guards()[1].uses, 16u);
}

TEST(Paths, ALastRelayThatReachesNobodyIsLeftAndTheGuardStays) {
  SeededRng rng(7);
  PathPool pool;
  pool.update(network(30, rng), kNow, rng);
  const Path path = pool.choose(NodeId{}, kNow, rng).value();
  for (std::uint32_t i = 0; i < PathPool::kDoubts; ++i) pool.destination_failed(path);
  EXPECT_EQ(pool.paths().size(), 1u);
  static_cast<void>(pool.choose(NodeId{}, kNow, rng));
  EXPECT_EQ(pool.paths().size(), 2u);
  EXPECT_EQ(pool.guards().size(), 2u);
}

TEST(Paths, WhoStoodInForAGuardIsKeptInReserve) {  // no more than two know that we are there
  SeededRng rng(9);
  PathPool pool;
  pool.update(network(40, rng), kNow, rng);
  Instant now = kNow;
  std::set<NodeId> first;
  for (const Guard& guard : pool.guards()) first.insert(guard.node);
  const Path down = pool.choose(NodeId{}, now, rng).value();
  for (std::uint32_t i = 0; i < PathPool::kFailures; ++i) pool.failed(down, down.relays[0].id, now);
  static_cast<void>(pool.choose(NodeId{}, now, rng));
  ASSERT_EQ(pool.guards().size(), 3u);
  EXPECT_EQ(pool.paths().size(), 2u);
  now = now + minutes(20);  // it is back
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(first.contains(pool.choose(NodeId{}, now, rng)->relays[0].id));
  EXPECT_EQ(pool.paths().size(), 2u);
}

TEST(Paths, AGuardThatCarriesTooLittleIsRetired) {  // profile.md 10.8
  SeededRng rng(8);
  PathPool pool;
  pool.update(network(30, rng), kNow, rng);
  const NodeId guard = pool.guards()[0].node;
  Path path = pool.choose(NodeId{}, kNow, rng).value();
  while (path.relays[0].id != guard) path = pool.choose(NodeId{}, kNow, rng).value();
  Path other = path;
  while (other.relays[0].id == guard) other = pool.choose(NodeId{}, kNow, rng).value();
  for (int i = 0; i < 20; ++i) {
    if (i % 2 == 0) pool.succeeded(path);
    pool.succeeded(other);
    pool.failed(path, NodeId{}, kNow);
  }
  static_cast<void>(pool.choose(NodeId{}, kNow, rng));
  EXPECT_TRUE(pool.guards()[0].is_retired());
  EXPECT_EQ(pool.guards().size(), 3u);
}

TEST(Paths, NoGuardIsJudgedWhileTheOwnNetworkIsDown) {
  SeededRng rng(8);
  PathPool pool;
  pool.update(network(30, rng), kNow, rng);
  Instant now = kNow;
  for (int i = 0; i < 1000; ++i) {
    now = now + seconds(30);
    const auto path = pool.choose(NodeId{}, now, rng);
    if (path) pool.failed(*path, i % 2 == 0 ? std::nullopt : std::optional(path->relays[0].id), now);
  }
  EXPECT_TRUE(pool.choose(NodeId{}, now + minutes(11), rng));
  EXPECT_EQ(std::count_if(pool.guards().begin(), pool.guards().end(), [](const Guard& g) { return g.is_retired(); }), 0);
}

TEST(Paths, TheSeventhGuardWithin60DaysIsNotTaken) {  // profile.md 10.8
  SeededRng rng(9);
  PathPool pool;
  const auto relays = network(60, rng);
  std::vector<Guard> worn;
  for (std::size_t i = 0; i < 6; ++i) worn.push_back({relays[i].id, kNow - days(10), kNow - days(1), 30, 1});
  pool.load(worn);
  pool.update(relays, kNow, rng);
  // One of the six serves on: nobody is locked out.
  const auto path = pool.choose(NodeId{}, kNow, rng);
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_EQ(pool.guards().size(), 6u);
  EXPECT_TRUE(std::any_of(worn.begin(), worn.end(), [&](const Guard& g) { return g.node == path->relays[0].id; }));
  PathPool later;
  later.load(worn);
  later.update(relays, kNow + days(60), rng);
  EXPECT_TRUE(later.choose(NodeId{}, kNow + days(60), rng));
}

TEST(Paths, AGuardIsGivenTwoDrawsWhileAnotherPathWorks) {  // reliability.md O5
  SeededRng rng(12);
  PathPool pool;
  pool.update(network(60, rng), kNow, rng);
  static_cast<void>(pool.choose(NodeId{}, kNow, rng));
  const NodeId guard = pool.guards()[0].node;
  std::set<std::set<NodeId>> drawn;
  Instant now = kNow;
  for (int i = 0; i < 300; ++i) {
    now = now + minutes(1);
    const Path path = pool.choose(NodeId{}, now, rng).value();
    if (path.relays[0].id != guard || i % 10 == 0) {
      pool.succeeded(path);  // often enough to stay
      continue;
    }
    drawn.insert(ids(path));
    pool.failed(path, path.relays[1 + rng.below(2)].id, now);
  }
  EXPECT_EQ(drawn.size(), PathPool::kTails);
  // Where nothing works at all there are more: nobody is locked out.
  for (int i = 0; i < 60; ++i) {
    now = now + minutes(1);
    const Path path = pool.choose(NodeId{}, now, rng).value();
    pool.failed(path, path.relays[2].id, now);
    drawn.insert(ids(path));
  }
  EXPECT_GT(drawn.size(), 2 * PathPool::kTails);
}

TEST(Paths, GuardsThatLeaveTheRegistryAreReplaced) {
  SeededRng rng(10);
  PathPool pool;
  auto relays = network(30, rng);
  pool.update(relays, kNow, rng);
  const NodeId gone = pool.guards()[0].node;
  std::erase_if(relays, [&](const Relay& relay) { return relay.id == gone; });
  pool.update(relays, kNow, rng);
  EXPECT_TRUE(pool.guards()[0].is_retired());
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(ids(*pool.choose(NodeId{}, kNow, rng)).contains(gone));
}

TEST(Networks, AreSharedInTheSame24) {
  EXPECT_TRUE(share_network({"10.1.2.3", 1}, {"10.1.2.200", 2}));
  EXPECT_FALSE(share_network({"10.1.2.3", 1}, {"10.1.20.3", 1}));
  EXPECT_FALSE(share_network({"127.0.0.1", 1}, {"127.0.0.1", 2}));
}

TEST(Paths, DrawnWithRepetitionAreFound) {  // reliability.md O4
  const auto meets_a_node_twice = [] {
    SeededRng rng(1);
    for (int round = 0; round < 100; ++round) {
      PathPool pool;
      pool.update(network(12, rng), kNow, rng);
      if (const auto path = pool.choose(NodeId{}, kNow, rng); path && ids(*path).size() < 3) return true;
    }
    return false;
  };
  EXPECT_FALSE(meets_a_node_twice());
  const mutant::Scope scope(Mutant::O4);
  EXPECT_EQ(meets_a_node_twice(), mutant::kAreBuilt);
}

/// What hostile guards do with a path whose last relay is not theirs.
enum class Steering { None, FailSilently, BlameTheMiddle, BlameTheDestination, FailNowAndThen };

void fail(PathPool& pool, const Path& path, Steering how, Instant now) {
  if (how == Steering::BlameTheDestination) return pool.destination_failed(path);
  pool.failed(path, how == Steering::BlameTheMiddle ? std::optional(path.relays[1].id) : std::nullopt, now);
}

/// Of the requests that get through, how many lead over a hostile guard and a hostile last relay, in parts in a thousand; one
/// node in ten is hostile.
std::uint64_t watched_at_both_ends(Steering how) {
  std::uint64_t both = 0, passed = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    SeededRng dice(seed);
    std::vector<Relay> relays = network(50, dice);
    for (std::size_t i = 0; i < relays.size(); ++i) relays[i].id.key[0] = std::byte{i % 10 == 0};  // whether it is hostile
    const auto is_hostile = [](const Relay& relay) { return relay.id.key[0] == std::byte{1}; };
    PathPool pool;
    Instant now = kNow;
    pool.update(relays, now, dice);
    for (int i = 0; i < 300; ++i) {
      now = now + minutes(5);
      const auto path = pool.choose(NodeId{}, now, dice);
      if (!path) continue;
      const bool is_watched = is_hostile(path->relays[0]) && is_hostile(path->relays[2]);
      const bool is_unwelcome = how != Steering::None && is_hostile(path->relays[0]) && !is_watched;
      // Who keeps below what retires a guard fails three in a row of ten.
      if (is_unwelcome && (how != Steering::FailNowAndThen || i % 20 < 6)) {
        fail(pool, *path, how, now);
        continue;
      }
      pool.succeeded(*path);
      ++passed;
      both += is_watched ? 1 : 0;
    }
  }
  return both * 1000 / passed;
}
TEST(Paths, GuardsThatFailUnwelcomePathsGainLessThanTwoPoints) {  // reliability.md O5
  const std::uint64_t honest = watched_at_both_ends(Steering::None);
  for (const auto how :
       {Steering::FailSilently, Steering::BlameTheMiddle, Steering::BlameTheDestination, Steering::FailNowAndThen})
    EXPECT_LE(watched_at_both_ends(how), honest + 20) << static_cast<int>(how);
  const mutant::Scope scope(Mutant::O5);
  EXPECT_EQ(watched_at_both_ends(Steering::FailSilently) > honest + 20, mutant::kAreBuilt);
}

}  // namespace
}  // namespace session::onion

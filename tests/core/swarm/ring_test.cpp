#include "core/swarm/ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/base/mutant.h"
#include "core/base/rng.h"

namespace session::swarm {
namespace {

constexpr std::uint64_t kMax = ~std::uint64_t{0};

Account account(std::string_view hex) { return Account::parse(hex).value(); }

std::vector<SwarmId> ids(std::initializer_list<std::uint64_t> values) {
  std::vector<SwarmId> out;
  for (const auto value : values) out.push_back({value});
  return out;
}

TEST(RingPoint, IsTheXorOfTheFourBigEndianQuarters) {  // service-node.md 2.7
  EXPECT_EQ(ring_point(account("053506f4a71324b7dd114eddbf4e311f39dde243e1f2cb97c40db1961f70ebaae8")), 17589930838143112648u);
  EXPECT_EQ(ring_point(account("05cf27da303a50ac8c4b2d43d27259505c9bcd73fc21cf2a57902c3d050730b604")), 10370619079776428163u);
  EXPECT_EQ(ring_point(account("03d3511706b8b34f6e8411bf07bd22ba6b2435ca56846fbccf6eb1e166a6cd15cc")), 2144983569669512198u);
  EXPECT_EQ(ring_point(account("ff0f06693428fca9102a451e3f28d9cc743d8ea60a89ab6aa69eb119470c11cbd3")), 9690840703409570833u);
  EXPECT_EQ(ring_point(account("05ffba630924aa1224bb930dde21c0d11bf004608f2812217f8ac812d6c7e3ad48")), 4532060000165252872u);
  EXPECT_EQ(ring_point(account("050123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")), 0u);
  EXPECT_EQ(ring_point(account("05eeeeeeeeeeeeeeee777777777777777711111111111111118888888888888888")), 0u);
}

TEST(SwarmAt, TakesTheNearerNeighbourAndTheLeftOneOfEquals) {  // service-node.md 2.8, modern column
  const auto seven = ids({100, 200, 300, 399, 498, 596, 694});
  const auto at = [&](std::uint64_t point) { return swarm_at(seven, point).value; };
  for (const std::uint64_t point : {0u, 0x95u, 0x96u}) EXPECT_EQ(at(point), 100u) << point;
  for (const std::uint64_t point : {0x97u, 0xfau}) EXPECT_EQ(at(point), 200u) << point;
  for (const std::uint64_t point : {0xfbu, 0x15du}) EXPECT_EQ(at(point), 300u) << point;
  EXPECT_EQ(at(0x15e), 399u);
  EXPECT_EQ(at(std::uint64_t{1} << 63), 694u);
  EXPECT_EQ(at(0x800000000000018c), 694u);
  EXPECT_EQ(at(0x800000000000018d), 694u);
  EXPECT_EQ(at(0x800000000000018e), 100u);
  EXPECT_EQ(at(0xa000000000000000), 100u);
  EXPECT_EQ(at(kMax), 100u);
}

TEST(SwarmAt, WrapsAroundTheEndOfTheRing) {
  const auto eight = ids({100, 200, 300, 399, 498, 596, 694, kMax - 19});
  EXPECT_EQ(swarm_at(eight, 0x27).value, kMax - 19);
  EXPECT_EQ(swarm_at(eight, 0x28).value, kMax - 19);
  EXPECT_EQ(swarm_at(eight, 0x29).value, 100u);
  const auto with_zero = ids({0, 100, 200, 300, 399, 498, 596, 694, kMax - 19});
  EXPECT_EQ(swarm_at(with_zero, kMax).value, 0u);
  EXPECT_EQ(swarm_at(with_zero, kMax - 9).value, kMax - 19);
  const auto quarters = ids({0, 0x3fffffffffffffff, 0x7fffffffffffffff, 0xbfffffffffffffff});
  EXPECT_EQ(swarm_at(quarters, 0xdfffffffffffffff).value, 0xbfffffffffffffffu);
  EXPECT_EQ(swarm_at(quarters, kMax).value, 0u);
  EXPECT_EQ(swarm_at(quarters, 0xf41bfce6df3595c8).value, 0u);
  EXPECT_EQ(swarm_at(quarters, 0x1dc4833127335c06).value, 0u);
  EXPECT_EQ(swarm_at(quarters, 0x8febd71b6ef66083).value, 0x7fffffffffffffffu);
  EXPECT_EQ(swarm_at(quarters, 0x3ee51c8eea9b4f08).value, 0x3fffffffffffffffu);
}

TEST(SwarmAt, OneSwarmKeepsEverythingAndNoneKeepsNothing) {
  EXPECT_EQ(swarm_at(ids({7}), kMax).value, 7u);
  EXPECT_FALSE(swarm_at({}, 5).is_assigned());
}

TEST(SwarmAt, AgreesWithTheShortestWayAroundOverRandomRings) {
  SeededRng rng(4);
  for (int round = 0; round < 2000; ++round) {
    std::vector<SwarmId> ring;
    for (std::uint64_t i = rng.below(12) + 2; i-- > 0;) ring.push_back({rng.next() & ~std::uint64_t{1}});
    std::sort(ring.begin(), ring.end());
    ring.erase(std::unique(ring.begin(), ring.end()), ring.end());
    const std::uint64_t point = rng.next();
    std::uint64_t best = kMax;
    for (const SwarmId id : ring) best = std::min({best, id.value - point, point - id.value});
    const SwarmId found = swarm_at(ring, point);
    EXPECT_EQ(std::min(found.value - point, point - found.value), best);
  }
}

TEST(NewSwarmId, HalvesTheWidestGap) {  // service-node.md 2.5
  std::vector<SwarmId> all;
  for (const std::uint64_t expected :
       {std::uint64_t{0}, 0x7fffffffffffffffu, 0xbfffffffffffffffu, 0x3fffffffffffffffu, 0x5fffffffffffffffu,
        0x9fffffffffffffffu, 0xdfffffffffffffffu, 0x1fffffffffffffffu, 0x2fffffffffffffffu}) {
    const SwarmId next = new_swarm_id(all);
    EXPECT_EQ(next.value, expected);
    all.push_back(next);
    std::sort(all.begin(), all.end());
  }
  EXPECT_EQ(new_swarm_id(ids({kMax / 4})).value, kMax / 2 + kMax / 4);
  EXPECT_EQ(new_swarm_id(ids({12345678901234567890u})).value, 12345678901234567890u - kMax / 2 - 1);
  EXPECT_EQ(new_swarm_id(ids({kMax / 2 - 100, kMax / 2 + 100})).value, kMaxSwarmId);
  EXPECT_EQ(new_swarm_id(ids({kMax / 2 - 100, kMax / 2 + 101})).value, 0u);
  EXPECT_EQ(new_swarm_id(ids({kMax / 2 - 101, kMax / 2 + 101})).value, kMaxSwarmId);
  EXPECT_EQ(new_swarm_id(ids({kMax / 2 - 101, kMax / 2 + 102})).value, 0u);
}

/// Round the end of the ring the nearer swarm keeps a key, and of two as near the one before it.
bool nearest_keeps() {
  SeededRng dice(9);
  for (int round = 0; round < 500; ++round) {
    std::vector<SwarmId> some(2 + dice.below(9));
    for (SwarmId& id : some) id.value = dice.next() - 1;
    std::sort(some.begin(), some.end());
    const std::uint64_t gap = some.front().value - some.back().value;
    const std::uint64_t middle = some.back().value + gap / 2;
    for (std::uint64_t i = 0; i < 7; ++i) {
      const std::uint64_t point = middle - 3 + i;
      const auto distance = [&](SwarmId id) { return std::min(id.value - point, point - id.value); };
      const SwarmId taken = swarm_at(some, point);
      for (const SwarmId id : some)
        if (distance(id) < distance(taken) ||
            (distance(id) == distance(taken) && taken.value == some.front().value && id != taken))
          return false;
    }
  }
  return true;
}
TEST(SwarmAt, IsTheNearestRoundTheEndAndNotWithTheWrapOf2020) {  // reliability.md S2
  EXPECT_TRUE(nearest_keeps());
  const mutant::Scope scope(Mutant::S2);
  EXPECT_EQ(nearest_keeps(), !mutant::kAreBuilt);
}

}  // namespace
}  // namespace session::swarm

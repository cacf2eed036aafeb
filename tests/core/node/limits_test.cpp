#include "core/node/limits.h"

#include "tests/core/node/network.h"

namespace session::node {
namespace {

int taken(TokenBuckets& buckets, const std::string& who, Instant now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += buckets.take(who, now) ? 1 : 0;
  return count;
}

TEST(TokenBuckets, BeginFullAndFillUpAtTheirRate) {
  TokenBuckets buckets(300, 600, 10);
  EXPECT_EQ(taken(buckets, "a", kNow, 601), 600);
  EXPECT_EQ(taken(buckets, "a", kNow, 10), 0);
  EXPECT_EQ(taken(buckets, "b", kNow, 601), 600) << "one caller's flood is not another's";
  EXPECT_EQ(taken(buckets, "a", kNow + seconds(1), 700), 300);
  EXPECT_EQ(taken(buckets, "a", kNow + hours(1), 700), 600);
}

TEST(TokenBuckets, WhatIsRefusedCostsNothing) {
  TokenBuckets buckets(1, 1, 10);
  EXPECT_TRUE(buckets.take("a", kNow));
  for (int i = 1; i < 1000; ++i) EXPECT_FALSE(buckets.take("a", kNow + Millis{i}));
  EXPECT_TRUE(buckets.take("a", kNow + seconds(1)));
}

TEST(TokenBuckets, HaveRoomForSoManyCallersUntilSomeAreFullAgain) {
  TokenBuckets buckets(300, 600, 3);
  for (const char* who : {"a", "b", "c"}) EXPECT_TRUE(buckets.take(who, kNow));
  EXPECT_FALSE(buckets.take("d", kNow));
  EXPECT_TRUE(buckets.take("a", kNow));
  EXPECT_EQ(buckets.size(), 3u);
  EXPECT_TRUE(buckets.take("d", kNow + seconds(1)));
  EXPECT_EQ(buckets.size(), 1u);
}

TEST(TokenBuckets, AClockThatGoesBackGivesNothing) {
  TokenBuckets buckets(10, 10, 3);
  EXPECT_EQ(taken(buckets, "a", kNow, 20), 10);
  EXPECT_EQ(taken(buckets, "a", kNow - hours(1), 20), 0);
  EXPECT_EQ(taken(buckets, "a", kNow, 20), 0);
}

class Limited : public testing::Test {
 protected:
  Network net{8};
  Owner bob{net.rng};
};

TEST_F(Limited, ACallerThatFloodsIs429AndOthersAreServed) {
  const Bytes info = wire::to_json(wire::RpcRequest(wire::InfoRequest{}));
  for (int i = 0; i < 600; ++i) ASSERT_EQ(net.rpc(0, info).status, 200) << i;
  EXPECT_EQ(net.rpc(0, info).status, 429);
  EXPECT_EQ(net.ask(0, wire::Route::Onion, to_bytes("x"))->status, 429) << "onion traffic has no way around";
  net.caller = "another";
  EXPECT_EQ(net.rpc(0, info).status, 200);
  net.caller = "client";
  net.now = net.now + seconds(1);
  EXPECT_EQ(net.rpc(0, info).status, 200);
}

TEST_F(Limited, AnAccountHasItsShareOfTheStore) {
  Network small{8, "today", 1, [](Config& config) { config.limits.account_bytes = 100; }};
  const std::size_t member = small.members(bob.account)[0];
  const auto store = [&](std::size_t size, char letter, Namespace ns = 0) {
    auto request = store_of(bob.account, std::string(size, letter), small.now, ns);
    if (ns != 0) bob.sign(request.auth, wire::signed_text_store(ns, small.now.unix_millis()), small.now.unix_millis());
    return small.rpc(member, wire::to_json(wire::RpcRequest(request)));
  };
  EXPECT_EQ(store(60, 'a').status, 200);
  EXPECT_EQ(store(40, 'b').status, 200);
  const auto full = store(1, 'c');
  EXPECT_EQ(full.status, 507);
  EXPECT_EQ(text_of(full.body), "this account has no room left");
  EXPECT_EQ(store(60, 'a').status, 200) << "what is there already takes no more room";
  const Owner carol(net.rng);
  EXPECT_EQ(small.rpc(small.members(carol.account)[0], wire::to_json(wire::RpcRequest(store_of(carol.account, "x", small.now))))
                .status,
            200);
}

}  // namespace
}  // namespace session::node

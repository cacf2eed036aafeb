#include "core/node/limits.h"

#include "core/node/revocations.h"
#include "core/wire/peer.h"
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

TEST(TokenBuckets, AClockThatGoesBackGivesNothingAndTakesNothing) {
  TokenBuckets buckets(10, 10, 2);
  EXPECT_EQ(taken(buckets, "a", kNow + hours(1), 20), 10);
  EXPECT_EQ(taken(buckets, "a", kNow, 20), 0);
  EXPECT_EQ(taken(buckets, "a", kNow + seconds(1), 20), 10);
  EXPECT_EQ(taken(buckets, "b", kNow + seconds(1), 1), 1);
  EXPECT_EQ(taken(buckets, "c", kNow + hours(1), 1), 1) << "the others were full again";
  EXPECT_EQ(taken(buckets, "d", kNow + hours(1), 1), 1);
  EXPECT_EQ(taken(buckets, "e", kNow + hours(1), 1), 0);
  EXPECT_EQ(taken(buckets, "e", kNow + seconds(3), 1), 0);
  EXPECT_EQ(taken(buckets, "e", kNow + seconds(5), 1), 1) << "those who were calm since the clock was set back make room";
}

TEST(AccountRoom, AnOutboxHasRoomForWhatTakesTheOldOnesPlace) {
  Network net{3, "today", 1, [](Config& config) { config.limits.account_bytes = 100 + 2 * kRowBytes; }};
  const Owner bob(net.rng);
  const auto store = [&](const std::string& text, Namespace ns) {
    net.now = net.now + Millis{1};  // the later one takes the place
    auto request = store_of(bob.account, text, net.now, ns);
    if (ns != 0) bob.sign(request.auth, wire::signed_text_store(ns, net.now.unix_millis()), net.now.unix_millis());
    return net.rpc(0, wire::to_json(wire::RpcRequest(request)));
  };
  EXPECT_EQ(store(std::string(50, 'a'), 0).status, 200);
  EXPECT_EQ(store(std::string(50, 'o'), -21).status, 200);
  EXPECT_EQ(store(std::string(50, 'p'), -21).status, 200);
  EXPECT_EQ(store(std::string(51, 'q'), -21).status, 507);
  EXPECT_EQ(store("", -41).status, 507) << "a row is not free, even of nothing";
}

TEST(AccountRoom, RevocationsCountInIt) {
  const auto revocation = [](const Owner& owner, int count) {
    wire::RevokeRequest request{owner.account, {}, {}};
    for (int i = 0; i < count; ++i) request.tokens.push_back({static_cast<std::byte>(i)});
    request.auth.ed25519 = owner.keys.open;
    request.auth.timestamp = kNow.unix_millis();
    request.auth.signature = crypto::sign(owner.keys.secret, bytes_of(wire::signed_text(request)));
    return wire::to_json(wire::RpcRequest(request));
  };
  SeededRng dice(1);
  // The request is kept as well, to be shown to other members.
  const std::uint64_t of_three = bytes_of_revocations(3) + store::kTombstoneBytes + revocation(Owner(dice), 3).size();
  Network net{3, "today", 1, [&](Config& config) {
                config.limits.account_bytes = of_three + 2 * kRowBytes;
                config.limits.revocation_bytes = 2 * of_three;
              }};
  const auto revoke = [&](const Owner& owner, int count) { return net.rpc(0, revocation(owner, count)); };
  const auto store = [&](const Owner& owner, const char* text) {
    return net.rpc(0, wire::to_json(wire::RpcRequest(store_of(owner.account, text, net.now)))).status;
  };
  const Owner alice(net.rng), bob(net.rng), carol(net.rng), dave(net.rng);
  EXPECT_EQ(revoke(alice, 3).status, 200);
  EXPECT_EQ(store(alice, ""), 200);
  EXPECT_EQ(store(alice, "x"), 507) << "the tokens take the room";
  EXPECT_EQ(text_of(revoke(alice, 40).body), "this account has no room left");
  EXPECT_EQ(revoke(alice, 3).status, 200) << "what is there already takes no more room";
  EXPECT_EQ(revoke(bob, 3).status, 200);
  EXPECT_EQ(revoke(carol, 1).status, 507);
  EXPECT_EQ(text_of(revoke(carol, 1).body), "no room for revocations of an account without messages");
  ASSERT_EQ(store(dave, ""), 200);
  EXPECT_EQ(revoke(dave, 1).status, 200);
}

TEST(NodeRoom, IsAskedForBeforeAnythingIsWritten) {
  Network net{3, "today", 1, [](Config& config) { config.limits.store_bytes = 100'000; }};
  const Owner bob(net.rng), carol(net.rng);
  const auto store = [&](const Owner& owner, const std::string& text) {
    return net.rpc(0, wire::to_json(wire::RpcRequest(store_of(owner.account, text, net.now))));
  };
  EXPECT_EQ(store(bob, std::string(70'000, 'a')).status, 200);
  const auto full = store(carol, std::string(30'000, 'b'));
  EXPECT_EQ(full.status, 507);
  EXPECT_EQ(text_of(full.body), "no room left on this node");
  int small = 0;
  while (small < 50 && store(carol, std::to_string(small)).status == 200) ++small;
  EXPECT_EQ(small, 23) << "rows take room of their own";
  wire::RevokeRequest revoke{carol.account, {{}}, {}};
  revoke.auth.ed25519 = carol.keys.open;
  revoke.auth.timestamp = net.now.unix_millis();
  revoke.auth.signature = crypto::sign(carol.keys.secret, bytes_of(wire::signed_text(revoke)));
  EXPECT_EQ(net.rpc(0, wire::to_json(wire::RpcRequest(revoke))).status, 507);
}

TEST(AccountRoom, TheHashOfAnotherNamespacesMessageIsRefused) {
  Network net{3};
  const Owner bob(net.rng);
  auto secret = store_of(bob.account, "0x", net.now, 1);
  bob.sign(secret.auth, wire::signed_text_store(1, net.now.unix_millis()), net.now.unix_millis());
  ASSERT_EQ(net.rpc(0, wire::to_json(wire::RpcRequest(secret))).status, 200);
  const auto refused = net.rpc(0, wire::to_json(wire::RpcRequest(store_of(bob.account, "x", net.now, 10))));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(text_of(refused.body), "invalid request: data: its hash is that of a message in namespace 1");
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

TEST(TokenBuckets, WhatIsGivenBackCanBeTakenAgainAndNoMore) {
  TokenBuckets buckets(1, 2, 10);
  buckets.give_back("stranger");
  EXPECT_EQ(buckets.size(), 0u);
  EXPECT_EQ(taken(buckets, "a", kNow, 3), 2);
  buckets.give_back("a");
  EXPECT_EQ(taken(buckets, "a", kNow, 3), 1);
  for (int i = 0; i < 9; ++i) buckets.give_back("a");
  EXPECT_EQ(taken(buckets, "a", kNow, 9), 2);
}

/// What a node says to requests that claim to come from another, of whom it knows.
class Claims : public Limited {
 protected:
  std::vector<std::size_t> members = net.members(bob.account);
  const Bytes body = to_bytes("junk");
  int number = 0;
  wire::Answer claim(bool is_true) {
    auto proof = wire::sign_peer(net.nodes[members[1]].config.keys, net.nodes[members[0]].machine.id(),
                                 net.now.unix_millis() + ++number, wire::Route::SwarmStore, body);
    if (!is_true) proof.signature[0] ^= std::byte{1};
    return net.ask(members[0], wire::Route::SwarmStore, body, proof).value();
  }
};

TEST_F(Claims, WhoOnlyClaimsToBeANodePaysAndIsNotVerifiedForEver) {
  for (int i = 0; i < 600; ++i) ASSERT_EQ(claim(false).status, 401) << i;
  const auto refused = claim(true);
  EXPECT_EQ(refused.status, 429) << "not even a true one: nothing was verified";
  EXPECT_EQ(text_of(refused.body), "too many requests\n");  // service-node.md 7
  net.caller = "another";
  EXPECT_EQ(claim(true).status, 400);
}

TEST_F(Claims, ANodePaysNothingAsAStranger) {
  for (int i = 0; i < 700; ++i) ASSERT_EQ(claim(true).status, 400) << i;
}

TEST_F(Claims, ATableFullOfStrangersKeepsNoNodeOut) {
  Limits limits;
  limits.callers = 1;
  limits.peer_burst = 3;
  net.nodes[members[0]].machine.set_limits(limits);
  EXPECT_EQ(net.rpc(members[0], body).status, 400);
  net.caller = "another";
  EXPECT_EQ(claim(true).status, 429);
  net.caller = net.seed.registry()->find(net.nodes[members[1]].machine.id())->address.host;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(claim(i != 1).status, i != 1 ? 400 : 401);
  const auto refused = claim(true);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(text_of(refused.body), "Too many requests");
}

TEST_F(Limited, ManyHashesCostMoreThanOneToken) {
  const std::size_t member = net.members(bob.account)[0];
  const MessageHash hash = wire::message_hash(bob.account, 0, bytes_of("x"));
  const auto ask = [&](std::size_t hashes, bool in_a_batch) {
    wire::GetExpiriesRequest request{bob.account, std::vector<MessageHash>(hashes, hash), {}};
    request.auth.timestamp = net.now.unix_millis();
    request.auth.ed25519 = bob.keys.open;
    request.auth.signature = crypto::sign(bob.keys.secret, bytes_of(wire::signed_text(request)));
    if (!in_a_batch) return net.rpc(member, wire::to_json(wire::RpcRequest(request))).status;
    const auto batch = net.rpc(member, wire::to_json(wire::RpcRequest(wire::BatchRequest{{request}})));
    return wire::parse_batch_answer(batch.body)->results[0].status;
  };
  EXPECT_EQ(ask(20'000, false), 200);  // 201 of 600
  EXPECT_EQ(ask(20'000, true), 200);
  EXPECT_EQ(ask(20'000, false), 429);
  EXPECT_EQ(ask(20'000, true), 429);
  EXPECT_EQ(ask(99, false), 200);
}

TEST(TokenBuckets, ManyAtOnceAreAtMostABucketful) {
  TokenBuckets buckets(10, 20, 3);
  EXPECT_TRUE(buckets.take("a", kNow, 15));
  EXPECT_FALSE(buckets.take("a", kNow, 6));
  EXPECT_TRUE(buckets.take("a", kNow, 5));
  EXPECT_FALSE(buckets.take("a", kNow + seconds(1), 1'000));
  EXPECT_TRUE(buckets.take("a", kNow + seconds(2), 1'000));
}

TEST_F(Limited, AnAccountHasItsShareOfTheStore) {
  Network small{8, "today", 1, [](Config& config) { config.limits.account_bytes = 100 + 2 * kRowBytes; }};
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
  EXPECT_EQ(store(1, 'o', -21).status, 507) << "an outbox is no way around";
  const Owner carol(net.rng);
  EXPECT_EQ(small.rpc(small.members(carol.account)[0], wire::to_json(wire::RpcRequest(store_of(carol.account, "x", small.now))))
                .status,
            200);
}

}  // namespace
}  // namespace session::node

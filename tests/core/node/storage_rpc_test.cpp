#include "core/pow/search.h"
#include "tests/core/node/network.h"

namespace session::node {
namespace {

class StorageRpc : public testing::Test {
 protected:
  Network net{16};
  Owner bob{net.rng};
  std::size_t member = net.members(bob.account)[0];
  wire::Answer store(const wire::StoreRequest& request) { return net.rpc(member, wire::to_json(request)); }
  wire::RetrieveAnswer fetch(const wire::RetrieveRequest& request) {
    const auto answer = net.rpc(member, wire::to_json(request));
    EXPECT_EQ(answer.status, 200) << text_of(answer.body);
    return wire::parse_retrieve_answer(answer.body).value();
  }
};

TEST_F(StorageRpc, WhatWasStoredIsRetrievedByItsOwner) {
  ASSERT_EQ(store(store_of(bob.account, "one", net.now)).status, 200);
  ASSERT_EQ(store(store_of(bob.account, "two", net.now)).status, 200);
  auto request = retrieve_of(bob, net.now);
  const auto all = fetch(request);
  ASSERT_EQ(all.messages.size(), 2u);
  EXPECT_EQ(text_of(all.messages[0].data), "one");
  EXPECT_EQ(all.messages[0].hash, wire::message_hash(bob.account, 0, bytes_of("one")));
  request.last_hash = all.messages[0].hash;
  EXPECT_EQ(fetch(request).messages.size(), 1u);
  request.last_hash = wire::message_hash(bob.account, 0, bytes_of("never stored"));
  EXPECT_EQ(fetch(request).messages.size(), 2u);
}

TEST_F(StorageRpc, RetrievalNeedsTheOwnersSignature) {
  ASSERT_EQ(store(store_of(bob.account, "one", net.now)).status, 200);
  wire::RetrieveRequest bare;
  bare.account = bob.account;
  EXPECT_EQ(net.rpc(member, wire::to_json(bare)).status, 401);
  auto forged = retrieve_of(bob, net.now);
  (*forged.auth.signature)[3] ^= std::byte{1};
  EXPECT_EQ(net.rpc(member, wire::to_json(forged)).status, 401);
  const Owner mallory(net.rng);
  auto foreign = retrieve_of(mallory, net.now);
  foreign.account = bob.account;
  EXPECT_EQ(net.rpc(member, wire::to_json(foreign)).status, 401);
  EXPECT_EQ(net.rpc(member, wire::to_json(retrieve_of(bob, net.now - seconds(61)))).status, 406);
}

TEST_F(StorageRpc, AnotherSwarmsAccountIs421WithTheRightOne) {
  const auto answer = net.rpc(net.outsider(bob.account), wire::to_json(store_of(bob.account, "x", net.now)));
  ASSERT_EQ(answer.status, 421);
  const auto right = wire::parse_swarm_answer(answer.body);
  ASSERT_TRUE(right);
  EXPECT_EQ(right->swarm, net.seed.registry()->swarm_of(bob.account));
  EXPECT_EQ(right->members.size(), net.members(bob.account).size());
  EXPECT_EQ(net.rpc(net.outsider(bob.account), wire::to_json(retrieve_of(bob, net.now))).status, 421);
}

TEST_F(StorageRpc, LifetimesAndClocksHaveBounds) {
  EXPECT_EQ(store(store_of(bob.account, "x", net.now, 0, seconds(9))).status, 403);
  EXPECT_EQ(store(store_of(bob.account, "x", net.now, 0, days(14) + Millis{1})).status, 403);
  EXPECT_EQ(store(store_of(bob.account, "x", net.now + seconds(11))).status, 406);
  EXPECT_EQ(store(store_of(bob.account, "x", net.now - days(1) - seconds(11))).status, 406);
  EXPECT_EQ(store(store_of(bob.account, "x", net.now + seconds(10))).status, 200);
}

TEST_F(StorageRpc, OnlyTheOwnerWritesToThePublicOutboxAndTheNewestStays) {
  auto request = store_of(bob.account, "bundle 1", net.now, -21, days(20));
  EXPECT_EQ(store(request).status, 401);
  bob.sign(request.auth, wire::signed_text_store(-21, net.now.unix_millis()), net.now.unix_millis());
  EXPECT_EQ(store(request).status, 200);
  net.now = net.now + Millis{1};
  auto next = store_of(bob.account, "bundle 2", net.now, -21, days(20));
  bob.sign(next.auth, wire::signed_text_store(-21, net.now.unix_millis()), net.now.unix_millis());
  EXPECT_EQ(store(next).status, 200);
  wire::RetrieveRequest anyone;
  anyone.account = bob.account;
  anyone.ns = -21;
  anyone.ns_given = true;
  const auto found = fetch(anyone);
  ASSERT_EQ(found.messages.size(), 1u);
  EXPECT_EQ(text_of(found.messages[0].data), "bundle 2");
}

TEST_F(StorageRpc, ASignatureThatIsGivenIsChecked) {  // profile.md 3, mended
  auto request = store_of(bob.account, "x", net.now);
  bob.sign(request.auth, "something else", net.now.unix_millis());
  EXPECT_EQ(store(request).status, 401);
  EXPECT_EQ(net.nodes[member].store.count(), 0u);
}

TEST_F(StorageRpc, TheSameDataAgainIsAlreadyThere) {
  ASSERT_EQ(store(store_of(bob.account, "same", net.now)).status, 200);
  const auto answer = wire::parse_store_answer(store(store_of(bob.account, "same", net.now + seconds(5))).body);
  ASSERT_TRUE(answer);
  for (const auto& entry : answer->swarm) EXPECT_TRUE(std::get<wire::KeptEntry>(entry.result).already);
  EXPECT_EQ(net.nodes[member].store.count(), 1u);
}

TEST_F(StorageRpc, AnswersKeepToTheirBudget) {
  for (int i = 0; i < 30; ++i)
    ASSERT_EQ(
        store(store_of(bob.account, std::string(3000, static_cast<char>('a' + i % 26)) + std::to_string(i), net.now)).status,
        200);
  auto request = retrieve_of(bob, net.now);
  request.max_size = 20'000;
  std::set<MessageHash> seen;
  for (int round = 0; round < 30; ++round) {
    const auto part = fetch(request);
    for (const auto& message : part.messages) seen.insert(message.hash);
    if (!part.more) break;
    EXPECT_LE(part.messages.size(), 5u);
    request.last_hash = part.messages.back().hash;
  }
  EXPECT_EQ(seen.size(), 30u);
  request.last_hash.reset();
  request.max_size = 1;
  EXPECT_EQ(fetch(request).messages.size(), 1u);
}

TEST_F(StorageRpc, BatchesAnswerEachPart) {
  wire::BatchRequest batch;
  batch.requests = {store_of(bob.account, "in a batch", net.now), wire::InfoRequest{}, retrieve_of(bob, net.now),
                    wire::GetSwarmRequest{bob.account}};
  const auto answer = wire::parse_batch_answer(net.rpc(member, wire::to_json(batch)).body);
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->results.size(), 4u);
  for (const auto& part : answer->results) EXPECT_EQ(part.status, 200);
}

TEST_F(StorageRpc, ARefusalInsideABatchIsNoted) {
  wire::BatchRequest batch;
  batch.requests = {store_of(bob.account, "x", net.now)};
  net.rpc(net.outsider(bob.account), wire::to_json(batch));
  EXPECT_EQ(net.facts["Refused"], 1);
}

TEST_F(StorageRpc, TheRegistryIsHandedOn) {
  const auto answer = wire::parse_registry_answer(net.rpc(member, wire::to_json(wire::OxendRequest{})).body);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->nodes.size(), 16u);
}

TEST_F(StorageRpc, JunkIsRefusedAndChangesNothing) {
  for (const char* junk : {"", "{", "[]", "{\"method\":\"store\"}", "{\"method\":\"fly\",\"params\":{}}",
                           "{\"method\":\"store\",\"params\":{}}"}) {
    const auto answer = net.rpc(member, to_bytes(junk));
    EXPECT_EQ(answer.status, 400) << junk;
  }
  EXPECT_EQ(net.nodes[member].store.count(), 0u);
  EXPECT_GT(net.facts["Refused"], 0);
}

TEST(StorageWork, AStampIsAskedForOneBitShortIsRefusedAndTheRightOneTaken) {
  Network net(8, "loki-2020");
  const Owner bob(net.rng);
  const auto member = net.members(bob.account)[0];
  auto request = store_of(bob.account, "paid", net.now);
  const auto without = net.rpc(member, wire::to_json(request));
  EXPECT_EQ(without.status, 432);
  EXPECT_EQ(wire::parse_work_required(without.body), 1u);
  const auto puzzle = pow::puzzle_for(request.stamped, 1).value();
  pow::Puzzle half = puzzle;
  half.target *= 2;
  // The first nonce that meets the easier target and not the true one.
  for (std::uint64_t n = 0;; ++n) {
    const pow::Nonce nonce = big(n);
    if (!pow::is_met(half, nonce) || pow::is_met(puzzle, nonce)) continue;
    request.nonce = nonce;
    break;
  }
  EXPECT_EQ(net.rpc(member, wire::to_json(request)).status, 432);
  EXPECT_EQ(net.nodes[member].store.count(), 0u);
  request.nonce = pow::search(puzzle, 0, ~std::uint64_t{0}).nonce;
  EXPECT_EQ(net.rpc(member, wire::to_json(request)).status, 200);
}

TEST(StorageWork, ANodeThatHasJustBegunAsksForTheNetworksWork) {
  Network net(8, "readme");
  const Owner bob(net.rng);
  auto request = store_of(bob.account, std::string(2049, 'x'), net.now);
  const auto easy = pow::puzzle_for(request.stamped, 1).value(), due = pow::puzzle_for(request.stamped, 10).value();
  std::uint64_t from = 0;
  do {
    request.nonce = pow::search(easy, from, ~std::uint64_t{0}).nonce;
    from = load_big<std::uint64_t>(request.nonce->data()) + 1;
  } while (pow::is_met(due, *request.nonce));
  const auto answer = net.rpc(net.members(bob.account)[0], wire::to_json(request));
  EXPECT_EQ(answer.status, 432);
  EXPECT_EQ(wire::parse_work_required(answer.body), 10u);
}

}  // namespace
}  // namespace session::node

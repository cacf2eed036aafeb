#include "core/wire/peer_test.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"

namespace session::wire {
namespace {

TEST(PeerTest, WhatIsAskedAndAnsweredReadsBack) {
  SeededRng rng(1);
  NodeId node;
  node.key = rng.bytes<32>();
  EXPECT_EQ(parse_ping_answer(ping_answer_json(node)), node);
  EXPECT_FALSE(parse_ping_answer(ping_json()));
  const StorageChallenge challenge{MessageHash{std::string(43, 'a')}, rng.bytes<16>()};
  EXPECT_EQ(parse_storage_challenge(to_json(challenge)), challenge);
  EXPECT_NE(parse_storage_challenge(bytes_of(R"({"hash": 7, "challenge": ""})")).error().message.find("hash"),
            std::string::npos);
  EXPECT_NE(parse_storage_challenge(bytes_of(R"({"hash": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "challenge": "AAAA"})"))
                .error()
                .message.find("challenge"),
            std::string::npos);
  EXPECT_FALSE(parse_storage_challenge(Bytes(5'000, std::byte{' '})));
  const auto proof = storage_proof(challenge, rng.bytes<64>());
  EXPECT_EQ(parse_storage_answer(storage_answer_json(proof)), proof);
}

TEST(PeerTest, AProofNeedsTheMessageAndTheChallenge) {
  SeededRng rng(2);
  const auto data = rng.bytes<1000>();
  const StorageChallenge challenge{MessageHash{std::string(43, 'a')}, rng.bytes<16>()};
  EXPECT_EQ(storage_proof(challenge, data), storage_proof(challenge, data));
  EXPECT_NE(storage_proof(challenge, data), storage_proof({challenge.hash, rng.bytes<16>()}, data));
  EXPECT_NE(storage_proof(challenge, data), storage_proof({MessageHash{std::string(43, 'b')}, challenge.nonce}, data));
  EXPECT_NE(storage_proof(challenge, data), storage_proof(challenge, {}));
}

TEST(PeerTest, WhoLacksAByteIsFoundOutSoonerOrLater) {
  SeededRng rng(3);
  const auto data = rng.bytes<300>();
  auto spoilt = data;
  spoilt[150] ^= std::byte{1};
  int found = 0;
  for (int i = 0; i < 200; ++i) {
    const StorageChallenge challenge{MessageHash{std::string(43, 'a')}, rng.bytes<16>()};
    found += storage_proof(challenge, data) != storage_proof(challenge, spoilt) ? 1 : 0;
  }
  EXPECT_GT(found, 20);
  EXPECT_LT(found, 180);
}

}  // namespace
}  // namespace session::wire

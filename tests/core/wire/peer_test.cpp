#include "core/wire/peer.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "core/crypto/hash.h"

namespace session::wire {
namespace {

class PeerRequest : public ::testing::Test {
 protected:
  PeerRequest() { crypto::initialise(); }
  SeededRng rng_{21};
  crypto::Ed25519Pair own_ = crypto::ed25519_pair(rng_);
  NodeId recipient_{rng_.bytes<32>()};
};

TEST_F(PeerRequest, DigestCoversEveryFieldWithItsLength) {
  const auto framed = [](std::string_view part) { return concat(little(static_cast<std::uint32_t>(part.size())), part); };
  const Bytes whole = concat(framed("snode"), framed("POST"), framed("/swarm/forward/v1"), framed(recipient_.hex()),
                             framed("1581900000000"), framed("body"));
  EXPECT_EQ(proof_digest("POST", "/swarm/forward/v1", recipient_, 1581900000000, bytes_of("body")),
            crypto::blake2b_256({whole}));
}

TEST_F(PeerRequest, ProofHoldsForExactlyOneRequest) {
  const Bytes body = to_bytes("a write");
  const PeerProof proof = sign_peer(own_, recipient_, 1000, Route::SwarmStore, body);
  EXPECT_EQ(proof.sender, crypto::node_of(own_.open));
  EXPECT_TRUE(verify_peer(proof, recipient_, Route::SwarmStore, body));
  EXPECT_FALSE(verify_peer(proof, recipient_, Route::StorageRpc, body));
  EXPECT_FALSE(verify_peer(proof, recipient_, Route::SwarmStore, bytes_of("b write")));
  EXPECT_FALSE(verify_peer(proof, NodeId{}, Route::SwarmStore, body));
  PeerProof later = proof;
  later.time_ms += 1;
  EXPECT_FALSE(verify_peer(later, recipient_, Route::SwarmStore, body));
  PeerProof other = proof;
  other.sender = recipient_;
  EXPECT_FALSE(verify_peer(other, recipient_, Route::SwarmStore, body));
}

TEST_F(PeerRequest, HeadersCarryTheProofThereAndBack) {
  const PeerProof proof = sign_peer(own_, recipient_, 1581900000000, Route::SwarmStore, {});
  const PeerHeaders headers = to_headers(proof);
  EXPECT_EQ(headers.time, "1581900000000");
  EXPECT_EQ(from_headers(headers), proof);
}

TEST_F(PeerRequest, BadHeadersAreNamed) {
  const PeerHeaders good = to_headers(sign_peer(own_, recipient_, 5, Route::SwarmStore, {}));
  for (const char* time : {"", "-5", "05", "5 ", "+5", "5.0", "99999999999999999999"}) {
    PeerHeaders bad = good;
    bad.time = time;
    ASSERT_FALSE(from_headers(bad)) << time;
    EXPECT_TRUE(from_headers(bad).error().message.starts_with(kTimeHeader));
  }
  PeerHeaders bad = good;
  bad.sender.pop_back();
  EXPECT_FALSE(from_headers(bad));
  for (const std::string& signature : {std::string(), std::string(100000, 'A'), std::string("AAAA")}) {
    bad = good;
    bad.signature = signature;
    ASSERT_FALSE(from_headers(bad));
    EXPECT_TRUE(from_headers(bad).error().message.starts_with(kSignatureHeader));
  }
}

}  // namespace
}  // namespace session::wire

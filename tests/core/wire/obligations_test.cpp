#include "core/wire/obligations.h"

#include <gtest/gtest.h>

#include "core/wire/registry.h"

namespace session::wire {
namespace {

class Obligations : public testing::Test {
 protected:
  SeededRng rng{1};
  crypto::Ed25519Pair keys = crypto::ed25519_pair(rng);

  [[nodiscard]] UptimeProof proof() const {
    UptimeProof proof{crypto::node_of(keys.open), 1'600'000'000'123, {2, 6, 5}, {}};
    sign_uptime(proof, keys.secret);
    return proof;
  }
  [[nodiscard]] ObligationsVote vote() const {
    ObligationsVote vote;
    vote.height = 1'000'007;
    vote.block_hash[3] = std::byte{9};
    vote.voter = crypto::node_of(keys.open);
    vote.subject.key[0] = std::byte{7};
    vote.passed = true;
    sign_vote(vote, keys.secret);
    return vote;
  }
  static std::string error_of(const Bytes& json, std::string_view from, std::string_view to) {
    std::string text(text_of(json));
    const auto at = text.find(from);
    EXPECT_NE(at, text.npos) << text;
    text.replace(at, from.size(), to);
    const auto call = parse_seed_call(bytes_of(text));
    return call ? "no error" : call.error().message;
  }
};

TEST_F(Obligations, AProofReadsBackAndHoldsForWhatItSaysOnly) {
  const auto call = parse_seed_call(to_json(proof()));
  ASSERT_TRUE(call) << call.error().message;
  EXPECT_EQ(std::get<UptimeProof>(call->request), proof());
  EXPECT_TRUE(verify_uptime(proof()));
  UptimeProof other = proof();
  ++other.time_ms;
  EXPECT_FALSE(verify_uptime(other));
  other = proof();
  other.version[1] = 7;
  EXPECT_FALSE(verify_uptime(other));
}

TEST_F(Obligations, VotesReadBackAndHoldForWhatTheySayOnly) {
  const auto call = parse_seed_call(to_json(ObligationsVotes{vote(), vote()}));
  ASSERT_TRUE(call) << call.error().message;
  EXPECT_EQ(std::get<ObligationsVotes>(call->request), (ObligationsVotes{vote(), vote()}));
  EXPECT_TRUE(verify_vote(vote()));
  for (int field = 0; field < 4; ++field) {
    ObligationsVote other = vote();
    if (field == 0) ++other.height;
    if (field == 1) other.block_hash[0] = std::byte{1};
    if (field == 2) other.subject.key[1] = std::byte{1};
    if (field == 3) other.passed = false;
    EXPECT_FALSE(verify_vote(other)) << field;
  }
}

TEST_F(Obligations, ABadFieldIsNamed) {
  EXPECT_NE(error_of(to_json(proof()), "[2,6,5]", "[2,6]").find("version"), std::string::npos);
  EXPECT_NE(error_of(to_json(proof()), "[2,6,5]", "[2,6,70000]").find("version"), std::string::npos);
  EXPECT_NE(error_of(to_json(proof()), "1600000000123", "-1").find("timestamp"), std::string::npos);
  EXPECT_NE(error_of(to_json(ObligationsVotes{vote()}), "1000007", "\"x\"").find("height"), std::string::npos);
  EXPECT_NE(parse_seed_call(to_json(ObligationsVotes(kMaxVotes + 1, vote()))).error().message.find("votes"), std::string::npos);
  EXPECT_TRUE(parse_seed_call(to_json(ObligationsVotes(kMaxVotes, vote()))));
}

}  // namespace
}  // namespace session::wire

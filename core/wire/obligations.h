// What service nodes tell the registry about themselves and one another: uptime proofs and the votes of a quorum. They go to a
// seed by JSON-RPC, as uptime_proof and obligations_votes. Source: service-node.md 1.4 and 1.5, with Ed25519 alone.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/base/ids.h"
#include "core/crypto/keys.h"

namespace session::wire {

/// "I am here": signed by the node, hourly. The address is the one that it registered.
struct UptimeProof {
  NodeId id;
  std::int64_t time_ms = 0;
  std::array<std::uint16_t, 3> version{2, 6, 2};
  crypto::Signature signature{};
  friend bool operator==(const UptimeProof&, const UptimeProof&) = default;
};
/// `uptime` ‖ id ‖ time (u64 LE) ‖ the three numbers of the version (u16 LE each).
[[nodiscard]] Bytes uptime_text(const UptimeProof& proof);
void sign_uptime(UptimeProof& proof, const crypto::Ed25519Secret& node);
[[nodiscard]] bool verify_uptime(const UptimeProof& proof);

/// What a validator of one block's quorum says of a node that it was given to test.
struct ObligationsVote {
  std::uint64_t height = 0;
  ByteArray<32> block_hash{};  ///< so that it is void when the block is undone
  NodeId voter, subject;
  bool passed = false;
  crypto::Signature signature{};
  friend bool operator==(const ObligationsVote&, const ObligationsVote&) = default;
};
/// `vote` ‖ height (u64 LE) ‖ block hash ‖ voter ‖ subject ‖ 1 for passed, 0 for failed.
[[nodiscard]] Bytes vote_text(const ObligationsVote& vote);
void sign_vote(ObligationsVote& vote, const crypto::Ed25519Secret& voter);
[[nodiscard]] bool verify_vote(const ObligationsVote& vote);

/// In one request.
inline constexpr std::size_t kMaxVotes = 60;
using ObligationsVotes = std::vector<ObligationsVote>;

/// The two requests; a seed answers them as it answers a registration.
[[nodiscard]] Bytes to_json(const UptimeProof& proof);
[[nodiscard]] Bytes to_json(const ObligationsVotes& votes);

}  // namespace session::wire

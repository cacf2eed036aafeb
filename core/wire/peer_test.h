// How service nodes test one another: whether a node answers at all, and whether it keeps what it should. Both are peer
// requests with their proof. Source: service-node.md 5.4, profile.md 4.
#pragma once

#include <string>

#include "core/base/ids.h"
#include "core/base/result.h"

namespace session::wire {

/// POST /ping_test/v1; the body is `{}`, the answer names who answers.
[[nodiscard]] Bytes ping_json();
[[nodiscard]] Bytes ping_answer_json(const NodeId& self);
/// Errors: Malformed.
[[nodiscard]] Result<NodeId> parse_ping_answer(BytesView json);

/// POST /swarms/storage_test/v1: the proof that this message is kept.
struct StorageChallenge {
  MessageHash hash;
  ByteArray<16> nonce{};  ///< drawn anew for every test
  friend bool operator==(const StorageChallenge&, const StorageChallenge&) = default;
};
[[nodiscard]] Bytes to_json(const StorageChallenge& challenge);
/// Errors: Malformed, naming the field.
[[nodiscard]] Result<StorageChallenge> parse_storage_challenge(BytesView json);

/// BLAKE2b-256(nonce ‖ hash ‖ a range of the data), where the range, of at most 256 bytes, is drawn by the nonce and the hash:
/// who has not all of the data cannot answer the next challenge.
[[nodiscard]] ByteArray<32> storage_proof(const StorageChallenge& challenge, BytesView data);
[[nodiscard]] Bytes storage_answer_json(const ByteArray<32>& proof);
/// Errors: Malformed.
[[nodiscard]] Result<ByteArray<32>> parse_storage_answer(BytesView json);

}  // namespace session::wire

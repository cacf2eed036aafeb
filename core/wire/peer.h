// How service nodes prove to one another who asks. Source: profile.md 4.
#pragma once

#include <optional>
#include <string>

#include "core/crypto/keys.h"
#include "core/wire/transport.h"

namespace session::wire {

inline constexpr const char* kSenderHeader = "X-Snode-Sender";
inline constexpr const char* kTimeHeader = "X-Snode-Time";
inline constexpr const char* kSignatureHeader = "X-Snode-Signature";

/// BLAKE2b-256 of `snode`, method, path, recipient's hex key, decimal time, body, each with its length as u32 LE before it.
[[nodiscard]] ByteArray<32> proof_digest(std::string_view method, std::string_view path, const NodeId& recipient,
                                         std::int64_t time_ms, BytesView body);
/// All peer requests are POSTs to the route's path.
[[nodiscard]] PeerProof sign_peer(const crypto::Ed25519Pair& own, const NodeId& recipient, std::int64_t time_ms, Route route,
                                  BytesView body);
/// The digest, if the sender named in the proof signed exactly this request to `recipient`. Freshness, replay and whether the
/// sender is an active node are the caller's to check.
[[nodiscard]] std::optional<ByteArray<32>> verify_peer(const PeerProof& proof, const NodeId& recipient, Route route,
                                                       BytesView body);

/// The values of the three headers.
struct PeerHeaders {
  std::string sender;     ///< 64 hex digits
  std::string time;       ///< decimal ms
  std::string signature;  ///< base64
  friend bool operator==(const PeerHeaders&, const PeerHeaders&) = default;
};
[[nodiscard]] PeerHeaders to_headers(const PeerProof& proof);
/// Errors: Malformed, naming the header.
[[nodiscard]] Result<PeerProof> from_headers(const PeerHeaders& headers);

}  // namespace session::wire

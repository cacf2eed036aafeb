// What clients ask of a service node: POST /storage_rpc/v1, JSON {"method", "params"}. Parsed once, here, into types that hold
// no invalid value; written by the same room. The answers are in answers.h. Source: service-node.md 3B, profile.md 3.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.h"
#include "core/crypto/keys.h"
#include "core/pow/stamp.h"
#include "core/wire/namespaces.h"
#include "core/wire/registry.h"
#include "core/wire/transport.h"

namespace session::wire {

inline constexpr std::size_t kMaxRpcBytes = 10 * 1024 * 1024;
inline constexpr std::size_t kMaxDataChars = 102'400;  ///< of base64
inline constexpr std::size_t kMaxDataBytes = 76'800;
inline constexpr std::size_t kMaxSubrequests = 20;

/// A refusal as it goes on the wire: an HTTP status and one line of plain text.
struct RpcError {
  std::uint16_t status = 400;
  std::string text;
  friend bool operator==(const RpcError&, const RpcError&) = default;
};

/// What a client showed to prove that it may; a field that was not sent is empty. Whether it is enough, and true, is the node's
/// to judge.
struct Authentication {
  std::optional<crypto::Ed25519Public> ed25519;  ///< `pubkey_ed25519`, only for prefix 05; absent: the account's own 32 bytes
  std::optional<crypto::Signature> signature;
  std::optional<std::int64_t> timestamp;  ///< ms; for `store` this is `sig_timestamp`
  friend bool operator==(const Authentication&, const Authentication&) = default;
};

/// Keep a message.
struct StoreRequest {
  Account account;
  Namespace ns = 0;
  bool ns_given = false;
  std::int64_t timestamp_ms = 0;  ///< >= 0
  std::int64_t ttl_ms = 0;        ///< may be out of the allowed range; a store with `expiry` has expiry - timestamp
  Bytes data;                     ///< at most kMaxDataBytes
  pow::Payload stamped;           ///< account and data exactly as sent; timestamp and ttl in canonical decimals
  std::optional<pow::Nonce> nonce;
  Authentication auth;
  /// When the signature was made: sig_timestamp, or else the message's own.
  [[nodiscard]] std::int64_t signed_at() const { return auth.timestamp.value_or(timestamp_ms); }
  friend bool operator==(const StoreRequest& a, const StoreRequest& b);
};

/// Hand out what came after `last_hash`. Where the namespace, or any field of `auth`, asks for a signature, signature and
/// timestamp are present: the parser refuses otherwise (400). Only a bare request (no auth, no namespace) may lack them; the
/// node refuses that one with 401.
struct RetrieveRequest {
  Account account;
  Namespace ns = 0;
  bool ns_given = false;
  std::optional<MessageHash> last_hash = std::nullopt;   ///< empty: from the start
  std::optional<std::int64_t> max_count = std::nullopt;  ///< > 0
  std::optional<std::int64_t> max_size = std::nullopt;   ///< > 0: bytes; < 0: that fraction of the whole budget
  Authentication auth = {};
  friend bool operator==(const RetrieveRequest&, const RetrieveRequest&) = default;
};

/// Who keeps this account's messages.
struct GetSwarmRequest {
  Account account;
  friend bool operator==(const GetSwarmRequest&, const GetSwarmRequest&) = default;
};

/// Version and clock of the node.
struct InfoRequest {
  friend bool operator==(const InfoRequest&, const InfoRequest&) = default;
};

/// `oxend_request` with the endpoint get_service_nodes: the registry, through a node. Other endpoints are refused (400).
struct OxendRequest {
  RegistryQuery query;
  friend bool operator==(const OxendRequest&, const OxendRequest&) = default;
};

using Subrequest = std::variant<StoreRequest, RetrieveRequest, GetSwarmRequest, InfoRequest, OxendRequest>;

/// 1 to 20 requests at once, never nested. One that does not parse spoils the whole.
struct BatchRequest {
  std::vector<Subrequest> requests;
  friend bool operator==(const BatchRequest&, const BatchRequest&) = default;
};

using RpcRequest = std::variant<StoreRequest, RetrieveRequest, GetSwarmRequest, InfoRequest, OxendRequest, BatchRequest>;

/// The name on the wire: "store", "retrieve", "get_swarm", ...
[[nodiscard]] const char* method_of(const RpcRequest& request);

/// Errors: 400 with the texts of 3A.2 and 3B.1 (`no method <name>`, `invalid request: Required field 'signature' missing`,
/// `invalid request: Invalid value given for 'namespace': value out of range`). Integers may be strings; unknown parameters are
/// ignored; spaces after the JSON are allowed.
[[nodiscard]] std::expected<RpcRequest, RpcError> parse_rpc(BytesView json);

/// What `parse_rpc` reads back as the same value.
[[nodiscard]] Bytes to_json(const StoreRequest& request);
[[nodiscard]] Bytes to_json(const RetrieveRequest& request);
[[nodiscard]] Bytes to_json(const GetSwarmRequest& request);
[[nodiscard]] Bytes to_json(const InfoRequest& request);
[[nodiscard]] Bytes to_json(const OxendRequest& request);
[[nodiscard]] Bytes to_json(const BatchRequest& request);
[[nodiscard]] Bytes to_json(const RpcRequest& request);

/// A store of one's own making: fills `stamped` with the texts that `to_json` will send. Not signed, not stamped yet.
[[nodiscard]] StoreRequest make_store(const Account& account, Namespace ns, std::int64_t timestamp_ms, Millis ttl, Bytes data);

/// The signed texts of 3B.2: `store` ns timestamp, the namespace in decimal and empty when 0.
[[nodiscard]] std::string signed_text_store(Namespace ns, std::int64_t timestamp_ms);
[[nodiscard]] std::string signed_text_retrieve(Namespace ns, std::int64_t timestamp_ms);

}  // namespace session::wire

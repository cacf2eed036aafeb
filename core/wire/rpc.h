// What clients ask of a service node: POST /storage_rpc/v1, JSON {"method", "params"}. Parsed once, here, into types that hold
// no invalid value; written by the same room. The answers are in answers.h. Source: service-node.md 3B, profile.md 3.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
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
inline constexpr std::size_t kMaxHashes = 50'000;  ///< that one request may name
inline constexpr std::size_t kMaxTokens = 2'048;   ///< that one request may name
inline constexpr std::size_t kMaxListened = 64;    ///< namespaces of one listener
inline constexpr std::int64_t kMaxWait = 20'000;   ///< ms that a listener waits
inline constexpr std::size_t kMaxRelayBytes = 4'096;

/// A refusal as it goes on the wire: an HTTP status and one line of plain text.
struct RpcError {
  std::uint16_t status = 400;
  std::string text;
  friend bool operator==(const RpcError&, const RpcError&) = default;
};

/// A right that an account's owner gave away: 36 bytes of prefix, flags, two zeros and the Ed25519 key that may use it. 3B.5.
using SubaccountToken = ByteArray<36>;
enum class Access : std::uint8_t { Read = 1, Write = 2, Delete = 4, AnyPrefix = 8 };
[[nodiscard]] inline bool allows(const SubaccountToken& token, Access access) {
  return (std::to_integer<std::uint8_t>(token[1]) & static_cast<std::uint8_t>(access)) != 0;
}
struct Subaccount {
  SubaccountToken token{};
  crypto::Signature signature{};  ///< the account's own, of the token
  friend bool operator==(const Subaccount&, const Subaccount&) = default;
};

/// What a client showed to prove that it may; a field that was not sent is empty. Whether it is enough, and true, is the node's
/// to judge.
struct Authentication {
  std::optional<crypto::Ed25519Public> ed25519;  ///< `pubkey_ed25519`, only for prefix 05; absent: the account's own 32 bytes
  std::optional<crypto::Signature> signature;    ///< by the subaccount's key when there is one
  std::optional<std::int64_t> timestamp;         ///< ms; for `store` this is `sig_timestamp`
  std::optional<Subaccount> subaccount;
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

/// Take messages away by their hashes.
struct DeleteRequest {
  Account account;
  std::vector<MessageHash> messages;  ///< at least one, as requested
  bool required = false;              ///< 404 when nobody had any of them
  Authentication auth;
  friend bool operator==(const DeleteRequest&, const DeleteRequest&) = default;
};

/// Nothing: all namespaces.
using NamespaceChoice = std::optional<Namespace>;

/// Take everything away.
struct DeleteAllRequest {
  Account account;
  NamespaceChoice ns = 0;
  Authentication auth;
  friend bool operator==(const DeleteAllRequest&, const DeleteAllRequest&) = default;
};

/// Take away what was sent at or before a time.
struct DeleteBeforeRequest {
  Account account;
  NamespaceChoice ns = 0;
  std::int64_t before_ms = 0;
  Authentication auth;
  friend bool operator==(const DeleteBeforeRequest&, const DeleteBeforeRequest&) = default;
};

enum class ExpiryChange { Set, Shorten, Extend };
/// Another expiry for messages, by their hashes: one for all, or one for each.
struct ExpireRequest {
  Account account;
  std::vector<MessageHash> messages;      ///< at least one, as requested
  std::vector<std::int64_t> expiries_ms;  ///< one, or as many as messages
  ExpiryChange change = ExpiryChange::Set;
  Authentication auth;
  friend bool operator==(const ExpireRequest&, const ExpireRequest&) = default;
};

/// An earlier expiry for everything that would live longer.
struct ExpireAllRequest {
  Account account;
  NamespaceChoice ns = 0;
  std::int64_t expiry_ms = 0;
  Authentication auth;
  friend bool operator==(const ExpireAllRequest&, const ExpireAllRequest&) = default;
};

struct GetExpiriesRequest {
  Account account;
  std::vector<MessageHash> messages;
  Authentication auth;
  friend bool operator==(const GetExpiriesRequest&, const GetExpiriesRequest&) = default;
};

/// Only the account's own key may.
struct RevokeRequest {
  Account account;
  std::vector<SubaccountToken> tokens;
  Authentication auth;
  friend bool operator==(const RevokeRequest&, const RevokeRequest&) = default;
};
struct UnrevokeRequest {
  Account account;
  std::vector<SubaccountToken> tokens;
  Authentication auth;
  friend bool operator==(const UnrevokeRequest&, const UnrevokeRequest&) = default;
};

using TokenHash = ByteArray<32>;  ///< BLAKE2b-256 of a token that a listener gave to a contact
/// Answer when something newer than these hashes is there, or is handed over. Profile.md 3.
struct ListenRequest {
  Account account;
  std::map<Namespace, std::optional<MessageHash>> last_hashes;  ///< at least one namespace
  std::vector<TokenHash> tokens;
  std::int64_t wait_ms = 0;  ///< at most kMaxWait
  Authentication auth;
  friend bool operator==(const ListenRequest&, const ListenRequest&) = default;
};

/// Hand this to who listens for the account, if it gave out this token; keep nothing. Profile.md 3.
struct RelayRequest {
  Account account;
  Bytes token;  ///< 16 to 64 bytes
  Bytes data;   ///< at most kMaxRelayBytes
  friend bool operator==(const RelayRequest&, const RelayRequest&) = default;
};

using Subrequest =
    std::variant<StoreRequest, RetrieveRequest, GetSwarmRequest, InfoRequest, OxendRequest, DeleteRequest, DeleteAllRequest,
                 DeleteBeforeRequest, ExpireRequest, ExpireAllRequest, GetExpiriesRequest, RevokeRequest, UnrevokeRequest>;

/// 1 to 20 requests, all at once. One that does not parse spoils the whole.
struct BatchRequest {
  std::vector<Subrequest> requests;
  friend bool operator==(const BatchRequest&, const BatchRequest&) = default;
};
/// 1 to 20 requests, one after another until one is refused.
struct SequenceRequest {
  std::vector<Subrequest> requests;
  friend bool operator==(const SequenceRequest&, const SequenceRequest&) = default;
};

struct AnyRequest;
/// What the node and its network must be like; all that is given must hold. Versions count missing parts as 0.
struct Condition {
  std::vector<std::uint16_t> hf_at_least, hf_before;  ///< up to two numbers; empty: not asked
  std::vector<std::uint16_t> v_at_least, v_before;    ///< up to three
  std::optional<std::uint64_t> height_at_least, height_before;
  friend bool operator==(const Condition&, const Condition&) = default;
};
/// One of two requests; either may be missing.
struct IfElseRequest {
  Condition condition;
  std::vector<AnyRequest> then_part, else_part;  ///< none or one
  friend bool operator==(const IfElseRequest&, const IfElseRequest&);
};

using RpcRequest =
    std::variant<StoreRequest, RetrieveRequest, GetSwarmRequest, InfoRequest, OxendRequest, DeleteRequest, DeleteAllRequest,
                 DeleteBeforeRequest, ExpireRequest, ExpireAllRequest, GetExpiriesRequest, RevokeRequest, UnrevokeRequest,
                 ListenRequest, RelayRequest, BatchRequest, SequenceRequest, IfElseRequest>;
struct AnyRequest {
  RpcRequest request;
  friend bool operator==(const AnyRequest&, const AnyRequest&) = default;
};
inline bool operator==(const IfElseRequest& a, const IfElseRequest& b) {
  return a.condition == b.condition && a.then_part == b.then_part && a.else_part == b.else_part;
}

/// The name on the wire: "store", "retrieve", "get_swarm", ...
[[nodiscard]] const char* method_of(const RpcRequest& request);

/// Errors: 400 with the texts of 3A.2 and 3B.1 (`no method <name>`, `invalid request: Required field 'signature' missing`,
/// `invalid request: Invalid value given for 'namespace': value out of range`). Integers may be strings; unknown parameters are
/// ignored; spaces after the JSON are allowed.
[[nodiscard]] std::expected<RpcRequest, RpcError> parse_rpc(BytesView json);

/// What `parse_rpc` reads back as the same value.
[[nodiscard]] Bytes to_json(const RpcRequest& request);

/// A store of one's own making: fills `stamped` with the texts that `to_json` will send. Not signed, not stamped yet.
[[nodiscard]] StoreRequest make_store(const Account& account, Namespace ns, std::int64_t timestamp_ms, Millis ttl, Bytes data);

}  // namespace session::wire

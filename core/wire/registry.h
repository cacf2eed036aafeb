// The registry as it goes over the wire: JSON-RPC get_service_nodes and register_service_node. Source: service-node.md 1.1,
// profile.md 1 and 5.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.h"
#include "core/crypto/keys.h"
#include "core/pow/policy.h"
#include "core/wire/obligations.h"
#include "core/wire/transport.h"

namespace session::wire {

inline constexpr std::size_t kMaxRegistryBytes = 8 * 1024 * 1024;
inline constexpr std::size_t kMaxRegistryNodes = 20'000;

/// The network's rules: 19.4 is what this project speaks.
struct HardFork {
  std::uint16_t major = 19;
  std::uint16_t minor = 4;
  friend auto operator<=>(const HardFork&, const HardFork&) = default;
};

/// get_service_nodes (and its alias get_n_service_nodes).
struct RegistryQuery {
  std::uint32_t limit = 0;  ///< 0: all; else a random sample of this size, drawn by whoever answers
  bool active_only = false;
  std::set<std::string> fields = {};  ///< names of the fields wanted; empty: all
  std::optional<ByteArray<32>> poll_block_hash =
      std::nullopt;  ///< when it is the newest block's hash, the answer is only `unchanged`
  friend bool operator==(const RegistryQuery&, const RegistryQuery&) = default;
};

/// A service node as the registry knows it. All keys are present: entries with blank keys are left out when parsing.
struct RegistryEntry {
  NodeId id;
  crypto::X25519Public x25519;
  std::optional<ByteArray<32>> legacy;  ///< service_node_pubkey where it differs from the Ed25519 key
  Address address;                      ///< host "0.0.0.0" or port 0: not known
  SwarmId swarm;
  bool active = true;
  bool funded = true;
  bool reachable = true;
  std::uint64_t registration_height = 0;
  std::uint64_t state_height = 0;
  std::uint64_t last_uptime_proof_s = 0;
  std::uint32_t decommission_count = 0;
  std::int64_t earned_downtime_blocks = 0;
  std::uint64_t stake = 0;  ///< total_contributed: atomic units that stand for it
  [[nodiscard]] bool has_address() const { return address.port != 0 && address.host != "0.0.0.0"; }
  friend bool operator==(const RegistryEntry&, const RegistryEntry&) = default;
};

struct RegistryAnswer {
  std::uint64_t height = 0;
  ByteArray<32> block_hash{};
  HardFork hardfork;
  bool unchanged = false;                         ///< then `nodes` is empty
  std::vector<RegistryEntry> nodes;               ///< distinct ids, at most kMaxRegistryNodes
  std::optional<pow::NetworkParameters> network;  ///< absent: the preset `today`
};

/// Asks a seed to list a node of a private network (profile.md 5). Both signatures cover `registration_text`.
struct RegistrationRequest {
  NodeId id;
  crypto::X25519Public x25519;
  Address address;
  std::int64_t time_ms = 0;
  crypto::Signature node_signature{};       ///< by the node's Ed25519 key
  crypto::Signature admission_signature{};  ///< by the network's admission key
  friend bool operator==(const RegistrationRequest&, const RegistrationRequest&) = default;
};
/// "register" ‖ id ‖ x25519 ‖ time (u64 LE) ‖ port (u16 LE) ‖ host.
[[nodiscard]] Bytes registration_text(const RegistrationRequest& request);
/// Fills in both signatures.
void sign_registration(RegistrationRequest& request, const crypto::Ed25519Secret& node, const crypto::Ed25519Secret& admission);
/// Errors: Unauthentic naming the signature, Malformed when x25519 is not the image of the node's key.
[[nodiscard]] Result<void> verify_registration(const RegistrationRequest& request, const crypto::Ed25519Public& admission);

using SeedRequest = std::variant<RegistryQuery, RegistrationRequest, UptimeProof, ObligationsVotes>;

/// POST /json_rpc as a seed reads it. `id` is what an answer repeats (JSON text).
struct SeedCall {
  SeedRequest request;
  std::string id = "0";  ///< a string; a number is taken as its decimals
};
/// Errors: Malformed; NotFound for an unknown method.
[[nodiscard]] Result<SeedCall> parse_seed_call(BytesView json);
[[nodiscard]] Bytes to_json(const RegistryQuery& query);
[[nodiscard]] Bytes to_json(const RegistrationRequest& request);

/// The answer in its JSON-RPC wrapper; entries carry only `query.fields`. `limit` and `active_only` are the caller's to apply.
[[nodiscard]] Bytes to_json(const RegistryAnswer& answer, const RegistryQuery& query = {}, std::string_view id = "0");
/// The same around a `result` that was written already (answers.h, registry_text).
[[nodiscard]] Bytes seed_answer(std::string_view result, std::string_view id = "0");
/// Reads the answer of a seed, and of a node to `oxend_request`. Errors: Malformed naming the field; Refused with the seed's
/// own words when it answered an error; too many nodes or bytes.
[[nodiscard]] Result<RegistryAnswer> parse_registry_answer(BytesView json);
/// `{"result": {"status": "OK"}}`.
[[nodiscard]] Bytes registration_accepted(std::string_view id = "0");
[[nodiscard]] Bytes seed_error(const Error& error, std::string_view id = "0");
/// Errors: Malformed; Refused with the seed's words.
[[nodiscard]] Result<void> parse_registration_answer(BytesView json);

/// profile.md 1 as a JSON object: the `network` member of an answer, and the form of a file.
[[nodiscard]] std::string network_to_json(const pow::NetworkParameters& network);
/// Errors: Malformed naming the field. Missing members keep the value of the preset `readme`.
[[nodiscard]] Result<pow::NetworkParameters> parse_network(BytesView json);
/// By name: `readme`, `loki-2020`, `today`. Errors: NotFound, listing the names.
[[nodiscard]] Result<pow::NetworkParameters> network_preset(std::string_view name);

}  // namespace session::wire

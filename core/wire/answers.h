// What a service node answers to clients. Every type is written by `to_json` and read back by its parser; parsers are strict
// where something is relied on, and name the field that is wrong. Source: service-node.md 3B.3, profile.md 3.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.h"
#include "core/crypto/keys.h"
#include "core/wire/registry.h"
#include "core/wire/rpc.h"
#include "core/wire/transport.h"

namespace session::wire {

/// What stands in every answer: the node's clock and the network's rules.
struct AnswerHead {
  std::int64_t t_ms = 0;
  HardFork hf;
  friend bool operator==(const AnswerHead&, const AnswerHead&) = default;
};

/// A member of the swarm keeps the message, and signed its hash.
struct KeptEntry {
  MessageHash hash;
  crypto::Signature signature{};
  std::int64_t expiry_ms = 0;
  bool already = false;
  std::optional<std::int64_t> t_ms;
  friend bool operator==(const KeptEntry&, const KeptEntry&) = default;
};
enum class MemberFailure { Timeout, Refused, BadPeerResponse, QueryFailure };
struct FailedEntry {
  MemberFailure why = MemberFailure::Timeout;
  std::uint16_t code = 0;  ///< with Refused: the member's HTTP status
  std::string reason;      ///< with Refused: its text
  friend bool operator==(const FailedEntry&, const FailedEntry&) = default;
};
struct MemberResult {
  NodeId node;
  std::variant<KeptEntry, FailedEntry> result;
  friend bool operator==(const MemberResult&, const MemberResult&) = default;
};
struct StoreAnswer {
  MessageHash hash;
  std::vector<MemberResult> swarm;  ///< in ascending order of the nodes' keys, each once
  AnswerHead head;
  friend bool operator==(const StoreAnswer&, const StoreAnswer&) = default;
};

/// What a member of the swarm did of a request to delete, to change expiries or to revoke, and signed (signed_text.h).
struct ChangeEntry {
  enum class Kind { Deleted, Updated, Revoked } kind = Kind::Deleted;
  std::vector<MessageHash> changed;                            ///< sorted; over all namespaces
  std::map<Namespace, std::vector<MessageHash>> by_namespace;  ///< the same, where all namespaces were asked for
  bool is_by_namespace = false;
  std::vector<std::int64_t> expiries_ms;          ///< of `expire`: the one that was applied, or one for each of `changed`
  bool is_each = false;                           ///< they are for each
  std::map<MessageHash, std::int64_t> unchanged;  ///< of `expire` with shorten or extend: what stayed as it was
  bool tells_unchanged = false;
  std::optional<std::uint64_t> count;  ///< of `unrevoke_subaccount`: how many had been revoked
  crypto::Signature signature{};
  friend bool operator==(const ChangeEntry&, const ChangeEntry&) = default;
};
struct MemberChange {
  NodeId node;
  std::variant<ChangeEntry, FailedEntry> result;
  friend bool operator==(const MemberChange&, const MemberChange&) = default;
};
struct ChangeAnswer {
  std::vector<MemberChange> swarm;  ///< in ascending order of the nodes' keys, each once
  AnswerHead head;
  friend bool operator==(const ChangeAnswer&, const ChangeAnswer&) = default;
};

/// Only known hashes. It alone has no head.
struct ExpiriesAnswer {
  std::map<MessageHash, std::int64_t> expiries_ms;
  friend bool operator==(const ExpiriesAnswer&, const ExpiriesAnswer&) = default;
};

struct RetrievedMessage {
  MessageHash hash;
  std::int64_t timestamp_ms = 0;
  std::int64_t expiration_ms = 0;
  Bytes data;  ///< at most kMaxDataBytes
  friend bool operator==(const RetrievedMessage&, const RetrievedMessage&) = default;
};
struct RetrieveAnswer {
  std::vector<RetrievedMessage> messages;  ///< in the order in which the node took them
  bool more = false;
  AnswerHead head;
  friend bool operator==(const RetrieveAnswer&, const RetrieveAnswer&) = default;
};

/// What came for a listener.
struct ListenAnswer {
  std::map<Namespace, std::vector<RetrievedMessage>> messages;
  std::vector<Bytes> relayed;
  AnswerHead head;
  friend bool operator==(const ListenAnswer&, const ListenAnswer&) = default;
};
struct RelayAnswer {
  bool online = false;
  AnswerHead head;
  friend bool operator==(const RelayAnswer&, const RelayAnswer&) = default;
};

struct SwarmMember {
  NodeId id;
  crypto::X25519Public x25519;
  Address address;
  friend bool operator==(const SwarmMember&, const SwarmMember&) = default;
};
/// Answer to get_swarm, and the body of every 421.
struct SwarmAnswer {
  SwarmId swarm;
  std::vector<SwarmMember> members;
  AnswerHead head;
  friend bool operator==(const SwarmAnswer&, const SwarmAnswer&) = default;
};

struct InfoAnswer {
  std::array<std::uint16_t, 3> version{2, 6, 2};
  std::int64_t timestamp_ms = 0;
  AnswerHead head;
  friend bool operator==(const InfoAnswer&, const InfoAnswer&) = default;
};

/// `{"result": registry, t, hf}`.
struct OxendAnswer {
  RegistryAnswer registry;
  AnswerHead head;
};

/// Answers in the order of the requests. A body of type Json is embedded as it is, any other as a string.
struct BatchAnswer {
  std::vector<Answer> results;
  AnswerHead head;
  friend bool operator==(const BatchAnswer&, const BatchAnswer&) = default;
};

/// What was asked on condition, and what came of it.
struct IfElseAnswer {
  bool condition = false;
  std::array<std::uint16_t, 3> version{2, 6, 2};
  std::uint64_t height = 0;
  std::optional<Answer> result;  ///< none when that part was missing
  AnswerHead head;
  friend bool operator==(const IfElseAnswer&, const IfElseAnswer&) = default;
};

[[nodiscard]] Bytes to_json(const StoreAnswer& answer);
[[nodiscard]] Bytes to_json(const ChangeAnswer& answer);
[[nodiscard]] Bytes to_json(const ExpiriesAnswer& answer);
[[nodiscard]] Bytes to_json(const ListenAnswer& answer);
[[nodiscard]] Bytes to_json(const RelayAnswer& answer);
[[nodiscard]] Bytes to_json(const IfElseAnswer& answer);
[[nodiscard]] Bytes to_json(const RetrieveAnswer& answer);
[[nodiscard]] Bytes to_json(const SwarmAnswer& answer);
[[nodiscard]] Bytes to_json(const InfoAnswer& answer);
[[nodiscard]] Bytes to_json(const OxendAnswer& answer, const RegistryQuery& query = {});
/// The same in two steps, for whoever answers it often: the registry's text holds no time.
[[nodiscard]] std::string registry_text(const RegistryAnswer& registry, const RegistryQuery& query);
[[nodiscard]] Bytes oxend_json(std::string_view registry_text, const AnswerHead& head);
[[nodiscard]] Bytes to_json(const BatchAnswer& answer);

/// Errors of all parsers: Malformed, naming the field. At most 10 MiB, 1 000 swarm members, 100 000 messages.
[[nodiscard]] Result<StoreAnswer> parse_store_answer(BytesView json);
[[nodiscard]] Result<ChangeAnswer> parse_change_answer(BytesView json);
[[nodiscard]] Result<ExpiriesAnswer> parse_expiries_answer(BytesView json);
[[nodiscard]] Result<ListenAnswer> parse_listen_answer(BytesView json);
[[nodiscard]] Result<RelayAnswer> parse_relay_answer(BytesView json);
[[nodiscard]] Result<IfElseAnswer> parse_if_else_answer(BytesView json);
[[nodiscard]] Result<RetrieveAnswer> parse_retrieve_answer(BytesView json);
[[nodiscard]] Result<SwarmAnswer> parse_swarm_answer(BytesView json);
[[nodiscard]] Result<InfoAnswer> parse_info_answer(BytesView json);
[[nodiscard]] Result<OxendAnswer> parse_oxend_answer(BytesView json);
[[nodiscard]] Result<BatchAnswer> parse_batch_answer(BytesView json);

/// The node's clock in an answer's head, whatever else it says: the `t` at the end of the object. Nothing when there is none,
/// or it is no time. Looks at the last bytes only.
[[nodiscard]] std::optional<std::int64_t> time_of_answer(BytesView json);

/// An answer with status 200 and this body.
template <class Typed>
[[nodiscard]] Answer ok(const Typed& typed) {
  return Answer{200, to_json(typed), ContentType::Json};
}
/// A refusal: plain text.
[[nodiscard]] Answer refusal(std::uint16_t status, std::string_view text);
[[nodiscard]] inline Answer refusal(const RpcError& error) { return refusal(error.status, error.text); }
/// 421 with the right swarm.
[[nodiscard]] Answer wrong_swarm(const SwarmAnswer& right);
/// 432 `{"difficulty": N}`: no stamp, or one too weak.
[[nodiscard]] Answer work_required(std::uint64_t difficulty);
/// Errors: Malformed unless it is a number from 1 to 2^53.
[[nodiscard]] Result<std::uint64_t> parse_work_required(BytesView json);

}  // namespace session::wire

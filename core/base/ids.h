// Names of things on the network. Types that cannot be mixed up; all are plain values that sort by their bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/encoding.h"
#include "core/base/result.h"

namespace session {

/// A service node: its Ed25519 public key.
struct NodeId {
  ByteArray<32> key{};
  friend auto operator<=>(const NodeId&, const NodeId&) = default;
  [[nodiscard]] std::string hex() const { return to_hex(key); }
  /// 64 hex digits. Errors: Malformed.
  [[nodiscard]] static Result<NodeId> parse(std::string_view hex);
};

/// A mailbox on the network: a prefix byte and 32 key bytes. `05` is a person (X25519 key), `03` a group, others are possible.
struct Account {
  ByteArray<33> bytes{};
  friend auto operator<=>(const Account&, const Account&) = default;
  [[nodiscard]] std::uint8_t prefix() const { return std::to_integer<std::uint8_t>(bytes[0]); }
  [[nodiscard]] BytesView key() const { return BytesView(bytes).subspan(1); }
  [[nodiscard]] std::string hex() const { return to_hex(bytes); }
  /// 66 hex digits, either case. Errors: Malformed, naming the length or the character.
  [[nodiscard]] static Result<Account> parse(std::string_view hex);
};

/// A person: an account with the prefix 05. The 33 bytes are also the Signal identity key.
struct SessionId {
  Account account;
  friend auto operator<=>(const SessionId&, const SessionId&) = default;
  [[nodiscard]] std::string hex() const { return account.hex(); }
  [[nodiscard]] BytesView key() const { return account.key(); }
  /// White space around it is taken off. Errors: Malformed, saying what is wrong with the text (length, character, prefix).
  [[nodiscard]] static Result<SessionId> parse(std::string_view hex);
};

/// A swarm's place on the 64-bit ring. The greatest value means "no swarm".
struct SwarmId {
  std::uint64_t value = ~std::uint64_t{0};
  friend auto operator<=>(SwarmId, SwarmId) = default;
  [[nodiscard]] bool is_assigned() const { return value != ~std::uint64_t{0}; }
};
inline constexpr SwarmId kNoSwarm{};

/// What a node calls a message: 43 characters of the base64 alphabet, a name and not a number (never decoded, never
/// normalised).
struct MessageHash {
  std::string text;
  friend auto operator<=>(const MessageHash&, const MessageHash&) = default;
  /// Errors: Malformed unless it is 43 characters of the base64 alphabet.
  [[nodiscard]] static Result<MessageHash> parse(std::string_view text);
};

/// A mailbox's compartment: 0 for what anyone may send, others as service-node.md 3B.4.
using Namespace = std::int16_t;

/// A call that a machine made; the machine counts them.
struct CallId {
  std::uint64_t value = 0;
  friend auto operator<=>(CallId, CallId) = default;
};
/// A request that came in; the driver counts them.
struct RequestId {
  std::uint64_t value = 0;
  friend auto operator<=>(RequestId, RequestId) = default;
};

}  // namespace session

template <>
struct std::hash<session::NodeId> {
  std::size_t operator()(const session::NodeId& id) const noexcept {
    return session::load_little<std::uint64_t>(id.key.data());
  }
};
template <>
struct std::hash<session::Account> {
  std::size_t operator()(const session::Account& a) const noexcept {
    return session::load_little<std::uint64_t>(a.bytes.data() + 1);
  }
};

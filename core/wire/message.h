// What people send one another: the envelope, its wrapper, and the Content inside. Plain values; the protobuf code stays in the
// sources. Field numbers: client.md 3; which of them we use: profile.md 7 and 9.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace session::wire {

inline constexpr std::size_t kMaxContentBytes = 76'800;
inline constexpr std::size_t kMaxTextBytes = 64 * 1024;
inline constexpr std::size_t kMaxRepeats = 100;
inline constexpr std::size_t kMaxAttachments = 32;
/// Times are Unix milliseconds up to here, as in a calendar of programs (ECMAScript's): microseconds fit 64 bits.
inline constexpr std::uint64_t kMaxTimeMs = 8'640'000'000'000'000;

// --- the envelope ----------------------------------------------------------------------------------------------------------

/// Numbers of client.md 3.1.
enum class EnvelopeType : std::uint32_t {
  Unknown = 0,
  Ciphertext = 1,
  PrekeyMessage = 3,
  Receipt = 5,
  Unidentified = 6,  ///< sealed sender of 2020, or today's Session message: decided by what authenticates
  ClosedGroup = 7,
  Fallback = 101,
};

struct Envelope {
  EnvelopeType type = EnvelopeType::Unknown;
  std::string source;               ///< Session ID as text; empty for Unidentified
  std::uint32_t source_device = 0;  ///< 0: absent
  std::uint64_t timestamp_ms = 0;   ///< the message's identity, "sent at"
  Bytes content;                    ///< encrypted and padded Content
  friend bool operator==(const Envelope&, const Envelope&) = default;
};

[[nodiscard]] Bytes encode(const Envelope& envelope);
/// Errors: Malformed (not a protobuf, unknown type, over 76 800 bytes).
[[nodiscard]] Result<Envelope> decode_envelope(BytesView bytes);

/// The stored datum: WebSocketMessage{REQUEST, {PUT, /api/v1/message, body, id 0}} around the envelope (client.md 3.2).
[[nodiscard]] Bytes wrap_envelope(const Envelope& envelope);
/// Any verb and id, only that path. Errors: Malformed.
[[nodiscard]] Result<Envelope> unwrap_envelope(BytesView datum);

// --- the content -----------------------------------------------------------------------------------------------------------

/// Bits of DataMessage.flags.
namespace flags {
inline constexpr std::uint32_t kEndSession = 1;
inline constexpr std::uint32_t kExpirationTimerUpdate = 2;
inline constexpr std::uint32_t kProfileKeyUpdate = 4;
inline constexpr std::uint32_t kSessionRestore = 64;
inline constexpr std::uint32_t kUnpairingRequest = 128;
inline constexpr std::uint32_t kSessionRequest = 256;
inline constexpr std::uint32_t kKnown = 1 | 2 | 4 | 64 | 128 | 256;
}  // namespace flags

struct Profile {
  std::string display_name;
  std::string avatar_url;
  friend bool operator==(const Profile&, const Profile&) = default;
};
struct Quote {
  std::uint64_t id = 0;  ///< the quoted message's sent-at
  std::string author;
  std::string text;
  friend bool operator==(const Quote&, const Quote&) = default;
};
struct Reaction {
  enum class Action : std::uint32_t { React = 0, Remove = 1 };
  std::uint64_t id = 0;  ///< the message's sent-at
  std::string author;
  std::string emoji;
  Action action = Action::React;
  friend bool operator==(const Reaction&, const Reaction&) = default;
};
struct AttachmentPointer {
  std::uint64_t id = 0;
  std::string content_type;
  Bytes key;
  std::uint32_t size = 0;
  Bytes digest;
  std::string file_name;
  std::uint32_t flags = 0;
  std::string url;
  friend bool operator==(const AttachmentPointer&, const AttachmentPointer&) = default;
};

struct DataMessage {
  std::string body;
  std::vector<AttachmentPointer> attachments;
  std::uint32_t flags = 0;
  std::uint32_t expire_timer_s = 0;
  Bytes profile_key;               ///< empty or 32 bytes
  std::uint64_t timestamp_ms = 0;  ///< 0: absent
  std::optional<Quote> quote;
  std::optional<Reaction> reaction;
  std::optional<Profile> profile;
  std::string sync_target;
  std::uint64_t edit_of_ms = 0;  ///< sent-at of the message of the same author whose words these replace; 0: none. Field 200
  friend bool operator==(const DataMessage&, const DataMessage&) = default;
};
struct ReceiptMessage {
  enum class Type : std::uint32_t { Delivery = 0, Read = 1 };
  Type type = Type::Delivery;
  std::vector<std::uint64_t> timestamps_ms;  ///< at most kMaxRepeats
  friend bool operator==(const ReceiptMessage&, const ReceiptMessage&) = default;
};
struct TypingMessage {
  enum class Action : std::uint32_t { Started = 0, Stopped = 1 };
  std::uint64_t timestamp_ms = 0;  ///< must equal the envelope's
  Action action = Action::Started;
  friend bool operator==(const TypingMessage&, const TypingMessage&) = default;
};
struct NullMessage {
  Bytes padding;
  friend bool operator==(const NullMessage&, const NullMessage&) = default;
};
struct UnsendMessage {
  std::uint64_t timestamp_ms = 0;
  std::string author;
  friend bool operator==(const UnsendMessage&, const UnsendMessage&) = default;
};
/// The acceptance of a request, today and here.
struct MessageRequestResponse {
  bool is_approved = false;
  Bytes profile_key;
  std::optional<Profile> profile;
  friend bool operator==(const MessageRequestResponse&, const MessageRequestResponse&) = default;
};
enum class ExpirationType : std::uint32_t { Unknown = 0, AfterRead = 1, AfterSend = 2 };

struct Content {
  std::optional<DataMessage> data;
  std::optional<NullMessage> null;
  std::optional<ReceiptMessage> receipt;
  std::optional<TypingMessage> typing;
  std::optional<UnsendMessage> unsend;
  std::optional<MessageRequestResponse> request_response;
  ExpirationType expiration_type = ExpirationType::Unknown;
  std::uint32_t expiration_timer_s = 0;
  Bytes bundle;                     ///< our own SignedBundle (bundle.h), field 200; empty: none
  std::uint64_t expires_at_ms = 0;  ///< a disappearing message's absolute expiry, field 201; 0: none
  Bytes presence_token;             ///< who holds it may relay to us (profile.md 3), field 202; empty, or 16 to 64 bytes
  std::uint32_t number = 0;         ///< the sender's count of messages to this person, so that gaps show, field 203; 0: none
  bool has_unknown = false;         ///< fields stood in it that this client does not know; never written
  friend bool operator==(const Content&, const Content&) = default;
};

[[nodiscard]] Bytes encode(const Content& content);
/// Errors: Malformed, naming the field: over 76 800 bytes, more than 100 repeats (32 attachments), text over 64 KiB or not
/// UTF-8, unknown non-zero flags, a profile key that has not 32 bytes, a time after kMaxTimeMs.
[[nodiscard]] Result<Content> decode_content(BytesView bytes);

}  // namespace session::wire

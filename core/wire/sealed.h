// The protobufs of sealed sender, without its cryptography (which is core/signal's). Source: client.md 2.4.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/result.h"

namespace session::wire {

/// What the ratchet made; these numbers differ from both the envelope's and libsignal's.
enum class SealedType : std::uint32_t { PrekeyMessage = 1, Message = 2, Fallback = 3 };

/// Message{type, SenderCertificate{sender, device}, content}: what is encrypted last.
struct SealedInner {
  SealedType type = SealedType::Message;
  SessionId sender;
  std::uint32_t sender_device = 1;
  Bytes content;
  friend bool operator==(const SealedInner&, const SealedInner&) = default;
};
[[nodiscard]] Bytes encode(const SealedInner& inner);
/// Errors: Malformed, naming the field; every one of them must be there.
[[nodiscard]] Result<SealedInner> decode_sealed_inner(BytesView bytes);

/// 0x11 ‖ UnidentifiedSenderMessage.
struct SealedOuter {
  ByteArray<33> ephemeral{};
  Bytes encrypted_static;   ///< 43 bytes: 33 and a tag of 10
  Bytes encrypted_message;  ///< at least the tag of 10
  friend bool operator==(const SealedOuter&, const SealedOuter&) = default;
};
[[nodiscard]] Bytes encode(const SealedOuter& outer);
/// Errors: Malformed (version byte, a field, a size).
[[nodiscard]] Result<SealedOuter> decode_sealed_outer(BytesView bytes);

}  // namespace session::wire

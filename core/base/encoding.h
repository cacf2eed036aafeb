// Bytes as text: hex, base64 and base32z. Decoders take the canonical form only and say at which character they stopped.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace session {

/// Lower-case hex, two characters a byte.
[[nodiscard]] std::string to_hex(BytesView bytes);
/// Either case. Errors: Malformed (odd length, a character that is no hex digit; its position is named).
[[nodiscard]] Result<Bytes> from_hex(std::string_view text);
/// The same into as many bytes as there are. Errors: Malformed (also when the length differs); then nothing was written.
[[nodiscard]] Result<void> from_hex_into(std::string_view text, std::span<std::byte> out);
/// Exactly N bytes. Errors: Malformed (also when the length differs).
template <std::size_t N>
[[nodiscard]] Result<ByteArray<N>> array_from_hex(std::string_view text) {
  ByteArray<N> out;
  if (auto read = from_hex_into(text, out); !read) return fail(read);
  return out;
}

enum class Padding { With, Without };
/// Standard alphabet (RFC 4648 section 4).
[[nodiscard]] std::string to_base64(BytesView bytes, Padding padding = Padding::With);
/// Canonical only: the right padding (or none at all, for `Without`), no white space, unused bits zero. Errors: Malformed.
[[nodiscard]] Result<Bytes> from_base64(std::string_view text, Padding padding = Padding::With);

/// z-base-32, most significant bit first, the last bits on top of their group. Source: service-node.md 1.2.
[[nodiscard]] std::string to_base32z(BytesView bytes);
/// Canonical only. Errors: Malformed.
[[nodiscard]] Result<Bytes> from_base32z(std::string_view text);

}  // namespace session

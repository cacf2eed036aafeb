// The padding that every encrypted Content gets. Source: client.md 3.5.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace session::wire {

/// content ‖ 0x80 ‖ 0x00…, up to 160·⌈(size + 2) / 160⌉ − 1 bytes.
[[nodiscard]] Bytes pad(BytesView content);
[[nodiscard]] constexpr std::size_t padded_size(std::size_t size) { return 160 * ((size + 2 + 159) / 160) - 1; }
/// Trailing zeros off, then exactly one 0x80. Errors: Malformed.
[[nodiscard]] Result<Bytes> unpad(BytesView padded);

}  // namespace session::wire

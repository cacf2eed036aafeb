// Quick mixing of bytes: tells texts apart as a hash does, and hides them from the eye, but withstands nobody. For this room.
#pragma once

#include "core/base/bytes.h"

namespace session::modelled {

/// Both halves of the product, in one word.
[[nodiscard]] inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

/// A word of all of `bytes` and of their number.
[[nodiscard]] std::uint64_t mix(std::uint64_t seed, BytesView bytes);

/// Words that follow from `seed`, as bytes.
void expand(std::uint64_t seed, std::span<std::byte> out);

/// `from` under the stream of `seed`. Its own inverse. The sizes are equal; they may be the same bytes.
void mask(std::uint64_t seed, BytesView from, std::span<std::byte> to);

}  // namespace session::modelled

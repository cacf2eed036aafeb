// Byte strings: the owning and the viewing type, and the few conversions that everything else is written with.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace session {

using Bytes = std::vector<std::byte>;
using BytesView = std::span<const std::byte>;
template <std::size_t N>
using ByteArray = std::array<std::byte, N>;

/// The bytes of a text, not copied; valid as long as the text is.
[[nodiscard]] inline BytesView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// The same bytes as text, not copied and not checked to be UTF-8.
[[nodiscard]] inline std::string_view text_of(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// For C interfaces that speak of unsigned char.
[[nodiscard]] inline const unsigned char* raw(BytesView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
[[nodiscard]] inline unsigned char* raw_out(std::span<std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
[[nodiscard]] inline BytesView view(const void* data, std::size_t size) { return {static_cast<const std::byte*>(data), size}; }

[[nodiscard]] inline Bytes to_bytes(BytesView bytes) { return {bytes.begin(), bytes.end()}; }
[[nodiscard]] inline Bytes to_bytes(std::string_view text) { return to_bytes(bytes_of(text)); }

inline void append(Bytes& to, BytesView more) { to.insert(to.end(), more.begin(), more.end()); }
inline void append(Bytes& to, std::string_view more) { append(to, bytes_of(more)); }

/// All parts one after another: concat(key, "text", nonce). A part is anything that reads as a BytesView or as text.
template <class... Parts>
[[nodiscard]] Bytes concat(const Parts&... parts) {
  Bytes all;
  (append(all, parts), ...);
  return all;
}

/// A copy of exactly N bytes. The caller has checked the size.
template <std::size_t N>
[[nodiscard]] ByteArray<N> to_array(BytesView bytes) {
  ByteArray<N> out{};
  std::copy_n(bytes.begin(), std::min(N, bytes.size()), out.begin());
  return out;
}

/// Unsigned integers in a fixed byte order.
template <class Int>
[[nodiscard]] constexpr Int load_big(const std::byte* at) {
  Int value = 0;
  for (std::size_t i = 0; i < sizeof(Int); ++i) value = static_cast<Int>((value << 8) | std::to_integer<Int>(at[i]));
  return value;
}
template <class Int>
[[nodiscard]] constexpr Int load_little(const std::byte* at) {
  Int value = 0;
  for (std::size_t i = sizeof(Int); i-- > 0;) value = static_cast<Int>((value << 8) | std::to_integer<Int>(at[i]));
  return value;
}
template <class Int>
[[nodiscard]] constexpr ByteArray<sizeof(Int)> big(Int value) {
  ByteArray<sizeof(Int)> out{};
  for (std::size_t i = sizeof(Int); i-- > 0; value = static_cast<Int>(value >> 8))
    out[i] = static_cast<std::byte>(value & 0xff);
  return out;
}
template <class Int>
[[nodiscard]] constexpr ByteArray<sizeof(Int)> little(Int value) {
  ByteArray<sizeof(Int)> out{};
  for (std::size_t i = 0; i < sizeof(Int); ++i, value = static_cast<Int>(value >> 8))
    out[i] = static_cast<std::byte>(value & 0xff);
  return out;
}

}  // namespace session

// Rows as bytes, for the tables: integers big-endian (so that keys sort as their values do), texts and byte strings with their
// length before them. For the sources of this room.
#pragma once

#include <optional>
#include <string>
#include <type_traits>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/crypto/secret.h"

namespace session::store {

class Writer {
 public:
  template <class Int>
    requires std::is_integral_v<Int>
  Writer& number(Int value) {
    using Unsigned = std::make_unsigned_t<Int>;
    auto bits = static_cast<Unsigned>(value);
    if constexpr (std::is_signed_v<Int>) bits = static_cast<Unsigned>(bits ^ (Unsigned{1} << (8 * sizeof(Int) - 1)));
    return raw(big(bits));
  }
  Writer& flag(bool value) { return number<std::uint8_t>(value ? 1 : 0); }
  Writer& time(Instant at) { return number(at.micros); }
  Writer& raw(BytesView bytes) {
    make_room(bytes.size());
    append(bytes_, bytes);
    return *this;
  }
  Writer& blob(BytesView bytes) {
    number(static_cast<std::uint32_t>(bytes.size()));
    return raw(bytes);
  }
  Writer& text(std::string_view text) { return blob(bytes_of(text)); }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  /// Rows with keys or words in them do not leave them behind.
  void wipe() { crypto::wipe(bytes_); }

 private:
  /// Nor where they lay while they grew.
  void make_room(std::size_t more) {
    const std::size_t needed = bytes_.size() + more;
    if (needed <= bytes_.capacity()) return;
    Bytes larger;
    larger.reserve(std::max(needed, 2 * bytes_.capacity()));
    append(larger, bytes_);
    crypto::wipe(bytes_);
    bytes_.swap(larger);
  }
  Bytes bytes_;
};

/// Reads what a Writer wrote. Past the end it reads zeros and says so in `is_whole`.
class Reader {
 public:
  explicit Reader(BytesView bytes) : rest_(bytes) {}
  template <class Int>
    requires std::is_integral_v<Int>
  [[nodiscard]] Int number() {
    using Unsigned = std::make_unsigned_t<Int>;
    const BytesView part = take(sizeof(Int));
    if (part.size() < sizeof(Int)) return 0;
    auto bits = load_big<Unsigned>(part.data());
    if constexpr (std::is_signed_v<Int>) bits = static_cast<Unsigned>(bits ^ (Unsigned{1} << (8 * sizeof(Int) - 1)));
    return static_cast<Int>(bits);
  }
  [[nodiscard]] bool flag() { return number<std::uint8_t>() != 0; }
  [[nodiscard]] Instant time() { return {number<std::int64_t>()}; }
  template <std::size_t N>
  [[nodiscard]] ByteArray<N> array() {
    return to_array<N>(take(N));
  }
  [[nodiscard]] BytesView blob() { return take(number<std::uint32_t>()); }
  [[nodiscard]] std::string text() { return std::string(text_of(blob())); }
  /// How many entries of at least `each` bytes follow: never more than there is room for, whatever is claimed.
  [[nodiscard]] std::size_t count(std::size_t each) {
    const std::size_t claimed = number<std::uint32_t>();
    if (claimed <= rest_.size() / each) return claimed;
    whole_ = false;
    return rest_.size() / each;
  }
  [[nodiscard]] bool is_whole() const { return whole_ && rest_.empty(); }

 private:
  BytesView take(std::size_t size) {
    if (size > rest_.size()) {
      whole_ = false;
      rest_ = {};
      return {};
    }
    const BytesView part = rest_.first(size);
    rest_ = rest_.subspan(size);
    return part;
  }
  BytesView rest_;
  bool whole_ = true;
};

/// The smallest key above every key that begins with `prefix`; empty when there is none.
[[nodiscard]] inline Bytes after_prefix(BytesView prefix) {
  Bytes end = to_bytes(prefix);
  while (!end.empty()) {
    if (end.back() != std::byte{0xff}) {
      end.back() = static_cast<std::byte>(std::to_integer<unsigned>(end.back()) + 1);
      break;
    }
    end.pop_back();
  }
  return end;
}
[[nodiscard]] inline bool starts_with(BytesView bytes, BytesView prefix) {
  return bytes.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

}  // namespace session::store

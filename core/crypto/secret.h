// Bytes that must not outlive their use: they are wiped when they go, compare in constant time, and have no formatter.
#pragma once

#include "core/base/bytes.h"

namespace session::crypto {

/// Overwrites in a way the compiler does not remove.
void wipe(std::span<std::byte> bytes);
/// Constant time for equal sizes; sizes are not secret.
[[nodiscard]] bool equal(BytesView a, BytesView b);

/// N secret bytes; `Tag` keeps kinds of keys apart.
template <std::size_t N, class Tag>
class Secret {
 public:
  static constexpr std::size_t kSize = N;
  Secret() = default;
  explicit Secret(const ByteArray<N>& bytes) : bytes_(bytes) {}
  /// The caller has checked the size.
  explicit Secret(BytesView bytes) : bytes_(to_array<N>(bytes)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { wipe(bytes_); }

  [[nodiscard]] BytesView bytes() const { return bytes_; }
  [[nodiscard]] std::span<std::byte> writable() { return bytes_; }
  friend bool operator==(const Secret& a, const Secret& b) { return equal(a.bytes_, b.bytes_); }

 private:
  ByteArray<N> bytes_{};
};

/// A secret of any length, such as a plaintext on its way.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(Bytes bytes) : bytes_(std::move(bytes)) {}
  SecretBytes(const SecretBytes&) = default;
  SecretBytes(SecretBytes&&) noexcept = default;
  SecretBytes& operator=(const SecretBytes& other) {
    if (this != &other) wipe(bytes_), bytes_ = other.bytes_;
    return *this;
  }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) wipe(bytes_), bytes_ = std::move(other.bytes_);
    return *this;
  }
  ~SecretBytes() { wipe(bytes_); }
  [[nodiscard]] BytesView bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  Bytes bytes_;
};

}  // namespace session::crypto

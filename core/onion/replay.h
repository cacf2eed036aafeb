// A relay's memory of ephemeral keys: a layer that comes twice is refused, so that nobody learns from sending it again.
// Source: profile.md 10.3 and 10.9.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_set>

#include "core/base/time.h"
#include "core/crypto/keys.h"

namespace session::onion {

/// A value. Keeps the first 16 bytes of each key; when it is full the oldest go first.
class ReplayCache {
 public:
  explicit ReplayCache(std::size_t capacity = std::size_t{1} << 20, Millis memory = minutes(10))
      : capacity_(capacity), memory_(memory) {}
  /// True when the key was not seen within the last 10 minutes; it is then remembered.
  [[nodiscard]] bool is_fresh(const crypto::X25519Public& ephemeral, Instant now);
  [[nodiscard]] std::size_t size() const { return seen_.size(); }

 private:
  using Print = ByteArray<16>;
  struct Hash {
    std::size_t operator()(const Print& print) const noexcept { return load_little<std::uint64_t>(print.data()); }
  };
  struct Seen {
    Instant at;
    Print print;
  };
  std::size_t capacity_;
  Millis memory_;
  std::unordered_set<Print, Hash> seen_;
  std::deque<Seen> order_;
};

}  // namespace session::onion

// A node's memory of what it has taken once: a layer, or a peer's proof, that comes twice is refused, so that nobody gains from
// sending it again. Source: profile.md 4, 10.3 and 10.9.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "core/crypto/keys.h"

namespace session::onion {

/// What is remembered of a thing: 16 bytes of a hash of it.
using Print = ByteArray<16>;
/// Of the key that opened a layer, not of the ephemeral key beside it: several encodings of that one lead to the same key.
[[nodiscard]] Print print_of(const crypto::SymmetricKey& layer_key);

/// A value, as large as what it remembers asks for; when it is full the oldest go first.
class ReplayCache {
 public:
  explicit ReplayCache(std::size_t capacity = std::size_t{1} << 24, Millis memory = minutes(10))
      : capacity_(capacity), memory_(memory) {}
  /// True when the print was not seen within the time of memory; it is then remembered.
  [[nodiscard]] bool is_fresh(const Print& print, Instant now);
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  /// From now on at most so many; what is beyond is forgotten as others come.
  void set_capacity(std::size_t capacity) { capacity_ = capacity; }

 private:
  /// How many prints came within a second, and when the first and the last of them did.
  struct Mark {
    Instant from, at;
    std::size_t count = 0;
  };
  [[nodiscard]] std::size_t slot_of(const Print& print) const;
  void grow();
  void forget_oldest();

  std::size_t capacity_;
  Millis memory_;
  std::vector<Print> ring_;           ///< in the order of their coming, from `first_` on; a power of two, or empty
  std::vector<std::uint32_t> slots_;  ///< twice as many: 1 + where the print stands in the ring, by its first bytes; 0: free
  std::size_t first_ = 0, count_ = 0;
  std::deque<Mark> marks_;
};

}  // namespace session::onion

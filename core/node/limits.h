// How much one caller may ask: a token bucket for each, in a bounded table. Source: service-node.md 7, reliability.md 7.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/time.h"

namespace session::node {

/// What a message takes beside its data: its head, and its place in the indices.
inline constexpr std::uint64_t kRowBytes = 256;

/// What it takes in the file beside its data, at most: pages are not full.
inline constexpr std::uint64_t kFileRowBytes = 1024;

struct Limits {
  std::uint32_t per_second = 300, burst = 600;                  ///< of a caller's address
  std::uint32_t peer_per_second = 20'000, peer_burst = 40'000;  ///< of a service node that proved itself
  std::size_t callers = 10'000;                       ///< buckets; beyond it strangers are refused until some are full again
  bool spares_loopback = false;                       ///< in a network that lives on one machine
  std::uint64_t account_bytes = 64ULL * 1024 * 1024;  ///< that one account may keep here, kRowBytes for each message among them
  std::uint64_t store_bytes = 0;                      ///< that the file may grow to; 0: no limit
  std::uint64_t revocation_bytes =
      64ULL * 1024 * 1024;  ///< of all revocations; beyond it only accounts that keep messages add any
  std::size_t listeners = 5'000, listeners_of_account = 256, listeners_of_key = 4;
  std::uint32_t relays_per_second = 5;             ///< of one token
  std::size_t replay_keys = std::size_t{1} << 24;  ///< of layers that are remembered, 24 bytes each as far as they are used
  std::size_t proof_keys = std::size_t{1} << 22;   ///< of peers' requests of the last two minutes, in the same way
  friend bool operator==(const Limits&, const Limits&) = default;
};

/// A value. Buckets begin full.
class TokenBuckets {
 public:
  TokenBuckets(std::uint32_t per_second, std::uint32_t burst, std::size_t most)
      : per_second_(per_second), burst_(burst), most_(most) {}
  /// So many tokens of this caller's, at most as many as a bucket holds; false when there are fewer, or when there is no room
  /// for another caller. What is refused costs nothing.
  [[nodiscard]] bool take(const std::string& caller, Instant now, std::size_t count = 1);
  /// One token back, of those that were taken.
  void give_back(const std::string& caller);
  [[nodiscard]] std::size_t size() const { return buckets_.size(); }
  [[nodiscard]] std::size_t most() const { return most_; }

 private:
  struct Bucket {
    double tokens = 0;
    Instant at;
  };
  [[nodiscard]] double tokens_at(const Bucket& bucket, Instant now) const;
  double per_second_, burst_;
  std::size_t most_;
  std::map<std::string, Bucket> buckets_;
  Instant purged_;
};

}  // namespace session::node

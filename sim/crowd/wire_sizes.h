// How large things are on the wire, learnt from the real machines' own writers: each kind of request and answer is written
// once, sealed once in as many layers as it travels in, and measured. For the crowd, which moves packets without making their
// bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/crypto/cipher.h"
#include "core/onion/layer.h"
#include "core/swarm/registry.h"

namespace session::sim {

/// A request's size as it arrives at guard, middle, last relay and destination.
using RequestSizes = std::array<std::uint32_t, 4>;

class WireSizes {
 public:
  /// `contacts` people's tokens are named by who listens; swarms have up to `members` members.
  WireSizes(std::size_t contacts, std::size_t members);

  [[nodiscard]] const RequestSizes& listen() const { return listen_; }
  [[nodiscard]] const RequestSizes& fetch() const { return fetch_; }
  /// Of `data` sealed bytes, at most 76 800.
  [[nodiscard]] const RequestSizes& relay(std::uint32_t data) const { return onion(relay_rpc(data)); }
  [[nodiscard]] const RequestSizes& store(std::uint32_t data, Millis ttl) const { return onion(store_rpc(data, ttl)); }
  /// What goes from member to member of a swarm, and back.
  [[nodiscard]] std::uint32_t relay_rpc(std::uint32_t data) const { return relay_base_ + base64(data); }
  [[nodiscard]] std::uint32_t store_rpc(std::uint32_t data, Millis ttl) const {
    std::uint32_t digits = 1;
    for (std::int64_t rest = ttl.count; rest >= 10; rest /= 10) ++digits;
    return store_base_ + digits + base64(data);
  }
  [[nodiscard]] std::uint32_t peer_relayed(bool online) const { return online ? peer_online_ : peer_away_; }
  [[nodiscard]] std::uint32_t peer_kept() const { return peer_kept_; }
  /// An answer as a relay passes it back, sealed once more by it and by those before it: `hop` is 2 for the last relay, 0 for
  /// the guard.
  [[nodiscard]] static std::uint32_t passed_back(std::uint32_t answer, std::size_t hop) {
    return answer + static_cast<std::uint32_t>((3 - hop) * (onion::kPassedHead + crypto::kXChaChaOverhead));
  }
  /// Answers, as they leave the destination.
  [[nodiscard]] std::uint32_t relay_answer() const { return answer(relay_answer_); }
  [[nodiscard]] std::uint32_t store_answer(std::size_t kept_by) const {
    return answer(store_answer_[std::min(kept_by, store_answer_.size() - 1)]);
  }
  /// `messages` kept ones with `data` bytes in all; in a listener's answer, or in that to a fetch.
  [[nodiscard]] std::uint32_t heard(std::uint32_t messages, std::uint64_t data) const;
  [[nodiscard]] std::uint32_t fetched(std::uint32_t messages, std::uint64_t data) const;
  /// A listener's answer with one relayed packet.
  [[nodiscard]] std::uint32_t handed(std::uint32_t data) const { return answer(handed_base_ + base64(data)); }
  /// A node's question for the registry, and the answer that nothing changed.
  [[nodiscard]] std::uint32_t registry_query() const { return registry_query_; }
  [[nodiscard]] std::uint32_t registry_unchanged() const { return registry_unchanged_; }

 private:
  struct Listing {
    std::uint32_t empty = 0, first = 0, further = 0;
  };
  struct Class {
    std::uint32_t most = 0;  ///< the largest request that is padded to it
    RequestSizes sizes{};
  };
  [[nodiscard]] static std::uint32_t base64(std::uint64_t bytes) { return static_cast<std::uint32_t>((bytes + 2) / 3 * 4); }
  [[nodiscard]] const RequestSizes& onion(std::uint32_t rpc) const;
  /// `inner` is what is padded and sealed.
  [[nodiscard]] static std::uint32_t answer(std::uint64_t inner);
  [[nodiscard]] static std::uint32_t listed(const Listing& listing, std::uint32_t messages, std::uint64_t data);

  std::vector<Class> classes_;
  RequestSizes listen_{}, fetch_{};
  std::uint32_t relay_base_ = 0, store_base_ = 0, peer_online_ = 0, peer_away_ = 0, peer_kept_ = 0;
  std::uint32_t relay_answer_ = 0, handed_base_ = 0, registry_query_ = 0, registry_unchanged_ = 0;
  std::vector<std::uint32_t> store_answer_;  ///< by the number of members who keep it
  Listing heard_, fetched_;
};

}  // namespace session::sim

#include "core/onion/replay.h"

namespace session::onion {

bool ReplayCache::is_fresh(const crypto::X25519Public& ephemeral, Instant now) {
  while (!order_.empty() && (order_.front().at + memory_ <= now || order_.size() >= capacity_)) {
    seen_.erase(order_.front().print);
    order_.pop_front();
  }
  const Print print = to_array<16>(ephemeral.bytes);
  if (!seen_.insert(print).second) return false;
  order_.push_back({now, print});
  return true;
}

}  // namespace session::onion

#include "core/onion/replay.h"

#include <algorithm>
#include <utility>

#include "core/crypto/hash.h"

namespace session::onion {
namespace {

constexpr Millis kMarkEvery = seconds(1);

}  // namespace

Print print_of(const crypto::SymmetricKey& layer_key) { return crypto::blake2b_128({layer_key.bytes()}); }

/// Where the print stands, or the free slot where it would.
std::size_t ReplayCache::slot_of(const Print& print) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = load_little<std::uint64_t>(print.data()) & mask;
  while (slots_[slot] != 0 && ring_[slots_[slot] - 1] != print) slot = (slot + 1) & mask;
  return slot;
}

bool ReplayCache::is_fresh(const Print& print, Instant now) {
  // A clock that was set back must not keep what came before for longer than its time.
  for (auto mark = marks_.rbegin(); mark != marks_.rend() && mark->at > now; ++mark) *mark = {now, now, mark->count};
  while (count_ > 0 && marks_.front().at + memory_ <= now) forget_oldest();
  if (count_ > 0 && slots_[slot_of(print)] != 0) return false;
  while (count_ > 0 && count_ >= capacity_) forget_oldest();
  if (count_ == ring_.size()) grow();
  const std::size_t place = (first_ + count_++) & (ring_.size() - 1);
  ring_[place] = print;
  slots_[slot_of(print)] = static_cast<std::uint32_t>(place + 1);
  if (marks_.empty() || now >= marks_.back().from + kMarkEvery) marks_.push_back({now, now, 0});
  marks_.back().at = now;
  ++marks_.back().count;
  return true;
}

void ReplayCache::grow() {
  std::vector<Print> ring(std::max<std::size_t>(16, ring_.size() * 2));
  for (std::size_t i = 0; i < count_; ++i) ring[i] = ring_[(first_ + i) & (ring_.size() - 1)];
  ring_ = std::move(ring);
  first_ = 0;
  slots_.assign(ring_.size() * 2, 0);
  for (std::size_t i = 0; i < count_; ++i) slots_[slot_of(ring_[i])] = static_cast<std::uint32_t>(i + 1);
}

void ReplayCache::forget_oldest() {
  const std::size_t mask = slots_.size() - 1;
  std::size_t hole = slot_of(ring_[first_]);
  slots_[hole] = 0;
  // Those behind the hole move up, or they would not be found any more.
  for (std::size_t next = (hole + 1) & mask; slots_[next] != 0; next = (next + 1) & mask) {
    const std::size_t wanted = load_little<std::uint64_t>(ring_[slots_[next] - 1].data()) & mask;
    if (((next - wanted) & mask) < ((next - hole) & mask)) continue;
    slots_[hole] = std::exchange(slots_[next], 0);
    hole = next;
  }
  first_ = (first_ + 1) & (ring_.size() - 1);
  --count_;
  if (--marks_.front().count == 0) marks_.pop_front();
}

}  // namespace session::onion

// The simulator's queue: a radix heap. Time in a simulation only moves forward, which is all a radix heap asks for; it then
// costs the same at a thousand pending events and at a million, and events of one time come out in the order they went in, so
// that no run depends on how a heap breaks ties.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/time.h"

namespace session::sim {

/// `Event` is a small copyable value. Times may not be before 1970 and never before the time popped last.
template <class Event>
class EventQueue {
 public:
  struct Entry {
    Instant at;
    Event event;
  };

  /// Requires at >= the time popped last.
  void push(Instant at, Event event) {
    const auto key = key_of(at);
    assert(key >= last_);
    buckets_[bucket_of(key)].push_back({at, std::move(event)});
    ++size_;
  }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The time of the next event. Requires !empty().
  [[nodiscard]] Instant next_time() const {
    assert(size_ > 0);
    return {static_cast<std::int64_t>(earliest_in(first_filled()))};
  }

  /// The next event with at <= limit, if there is one. Only a popped event moves the queue's idea of now, so that after an
  /// empty answer events may still be pushed before those that wait.
  [[nodiscard]] std::optional<Entry> pop_until(Instant limit) {
    if (size_ == 0) return std::nullopt;
    const std::size_t b = first_filled();
    const std::uint64_t earliest = earliest_in(b);
    if (static_cast<std::int64_t>(earliest) > limit.micros) return std::nullopt;
    if (b != 0) deal_out(b, earliest);
    Entry entry = std::move(buckets_[0][head_++]);
    --size_;
    if (head_ == buckets_[0].size()) buckets_[0].clear(), head_ = 0;
    return entry;
  }
  [[nodiscard]] std::optional<Entry> pop() { return pop_until({std::numeric_limits<std::int64_t>::max()}); }

  /// All that waits, in no stated order: for pictures and tests.
  template <class Visitor>
  void visit(Visitor&& visitor) const {
    for (std::size_t b = 0; b < buckets_.size(); ++b)
      for (std::size_t i = b == 0 ? head_ : 0; i < buckets_[b].size(); ++i) visitor(buckets_[b][i]);
  }

 private:
  static std::uint64_t key_of(Instant at) { return static_cast<std::uint64_t>(at.micros); }
  /// 0 for the time popped last, else one more than the highest bit in which the key differs from it.
  [[nodiscard]] std::size_t bucket_of(std::uint64_t key) const { return static_cast<std::size_t>(std::bit_width(key ^ last_)); }

  [[nodiscard]] std::size_t first_filled() const {
    std::size_t b = 0;
    while (buckets_[b].empty()) ++b;
    return b;
  }
  [[nodiscard]] std::uint64_t earliest_in(std::size_t b) const {
    if (b == 0) return last_;
    std::uint64_t earliest = ~std::uint64_t{0};
    for (const Entry& entry : buckets_[b]) earliest = std::min(earliest, key_of(entry.at));
    return earliest;
  }
  /// Deals a bucket out around its earliest time, which lands in bucket 0. An event moves at most once per bit of its time, and
  /// the order of equal times is kept, since they always share a bucket. All go to lower buckets, and this one keeps its
  /// memory.
  void deal_out(std::size_t b, std::uint64_t earliest) {
    last_ = earliest;
    std::vector<Entry>& dealt = buckets_[b];
    for (Entry& entry : dealt) buckets_[bucket_of(key_of(entry.at))].push_back(std::move(entry));
    dealt.clear();
  }

  std::array<std::vector<Entry>, 65> buckets_;
  std::size_t head_ = 0;  ///< in bucket 0
  std::size_t size_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace session::sim

// How values are spread, in a fixed number of buckets: exact below 64, and within 1/32 above.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace session::sim {

class Histogram {
 public:
  /// Negative values count as 0.
  void add(std::int64_t value) {
    const auto v = static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
    ++buckets_[bucket_of(v)];
    ++count_;
    sum_ += v;
    most_ = std::max(most_, v);
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t most() const { return most_; }
  [[nodiscard]] std::uint64_t mean() const { return count_ == 0 ? 0 : sum_ / count_; }
  /// The value that `per_mille` of all do not exceed, rounded up to its bucket's end; 0 when there are none.
  [[nodiscard]] std::uint64_t quantile(std::uint64_t per_mille) const {
    const std::uint64_t wanted = (count_ * per_mille + 999) / 1000;
    std::uint64_t seen = 0;
    for (std::size_t b = 0; b < kBuckets; ++b)
      if (seen += buckets_[b]; seen >= wanted && seen > 0) return std::min(end_of(b), most_);
    return most_;
  }
  /// Calls `visit(end, count)` for every bucket that is not empty, ascending.
  template <class Visitor>
  void visit(Visitor&& visitor) const {
    for (std::size_t b = 0; b < kBuckets; ++b)
      if (buckets_[b] != 0) visitor(std::min(end_of(b), most_), buckets_[b]);
  }

 private:
  static constexpr std::size_t kFine = 64, kPerOctave = 32, kBuckets = kFine + kPerOctave * 42;
  static std::size_t bucket_of(std::uint64_t v) {
    if (v < kFine) return static_cast<std::size_t>(v);
    const auto octave = static_cast<std::size_t>(std::bit_width(v)) - 7;  // 0 for 64..127
    const auto within = static_cast<std::size_t>(v >> (octave + 1)) - kPerOctave;
    return std::min(kFine + octave * kPerOctave + within, kBuckets - 1);
  }
  static std::uint64_t end_of(std::size_t bucket) {
    if (bucket < kFine) return bucket;
    const std::size_t octave = (bucket - kFine) / kPerOctave, within = (bucket - kFine) % kPerOctave;
    return ((static_cast<std::uint64_t>(kPerOctave + within + 1)) << (octave + 1)) - 1;
  }

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0, sum_ = 0, most_ = 0;
};

}  // namespace session::sim

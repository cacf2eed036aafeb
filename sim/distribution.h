// How often which values came, in memory that does not grow with their number: whole numbers only, buckets of rising width.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

namespace session::sim {

/// Values below 256 are kept exactly, others in buckets of which each is less than 1 % of its value wide. At most 7,424
/// buckets; as many are held as the greatest value needs.
class Distribution {
 public:
  void add(std::uint64_t value) {
    const std::size_t i = bucket_of(value);
    if (i >= buckets_.size()) buckets_.resize(i + 1);
    ++buckets_[i];
    ++count_;
    sum_ += std::min(value, std::numeric_limits<std::uint64_t>::max() - sum_);
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// Of all values; stays at the greatest number there is.
  [[nodiscard]] std::uint64_t sum() const { return sum_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }
  [[nodiscard]] std::uint64_t min() const { return count_ == 0 ? 0 : min_; }

  /// The value that at least `ppm` parts in a million of all values do not exceed (nearest rank): the upper end of its bucket,
  /// and never more than the greatest value. 0 when there is none.
  [[nodiscard]] std::uint64_t quantile(std::uint64_t ppm) const {
    const std::uint64_t wanted = std::max<std::uint64_t>(1, (count_ * ppm + 999'999) / 1'000'000);
    std::uint64_t passed = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i)
      if (passed += buckets_[i]; passed >= wanted) return std::min(upper_of(i), max_);
    return max_;
  }

  /// Calls with the upper end and the count of each bucket that is not empty, in order.
  template <class Visitor>
  void visit(Visitor&& visitor) const {
    for (std::size_t i = 0; i < buckets_.size(); ++i)
      if (buckets_[i] > 0) visitor(std::min(upper_of(i), max_), buckets_[i]);
  }

 private:
  static constexpr unsigned kBits = 7;  ///< 128 buckets for each doubling

  static std::size_t bucket_of(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    if (width <= kBits + 1) return static_cast<std::size_t>(value);
    const unsigned shift = width - kBits - 1;
    return (std::size_t{shift} << kBits) + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t upper_of(std::size_t i) {
    if (i < std::size_t{2} << kBits) return i;
    const std::size_t shift = (i >> kBits) - 1;
    return ((std::uint64_t{i} - (std::uint64_t{shift} << kBits) + 1) << shift) - 1;
  }

  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0, sum_ = 0, max_ = 0;
  std::uint64_t min_ = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace session::sim

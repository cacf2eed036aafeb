// What a machine takes for the time: wrong by an amount, and running fast or slow by parts in a million.
#pragma once

#include <cstdint>

#include "core/base/time.h"

namespace session::sim {

class MachineClock {
 public:
  static constexpr std::int64_t kMaxDrift = 500;  ///< parts in a million

  /// Shows so much too much from now on; a drift goes on from there.
  void set_error(Millis error, Instant now) { base_ = error.count * 1000, since_ = now; }
  /// Runs fast (or, negative, slow) from now on, from what it shows now. At most kMaxDrift either way.
  void set_drift(std::int64_t ppm, Instant now) { base_ = error_at(now), since_ = now, ppm_ = ppm; }
  [[nodiscard]] std::int64_t drift() const { return ppm_; }
  /// What it shows at this time of the world.
  [[nodiscard]] Instant at(Instant now) const { return {now.micros + error_at(now)}; }
  /// The time of the world at which it shows this, at the earliest.
  [[nodiscard]] Instant when(Instant shown) const {
    const std::int64_t passed = shown.micros - base_ - since_.micros;  // by this clock
    std::int64_t real = passed - passed * ppm_ / (1'000'000 + ppm_);
    while (real + real * ppm_ / 1'000'000 < passed) ++real;
    return {since_.micros + real};
  }
  /// How much too much it shows, in microseconds.
  [[nodiscard]] std::int64_t error_at(Instant now) const { return base_ + (now.micros - since_.micros) * ppm_ / 1'000'000; }
  [[nodiscard]] bool is_true(Instant now) const { return ppm_ == 0 && error_at(now) == 0; }

 private:
  std::int64_t base_ = 0;  ///< the error at `since_`, in microseconds
  std::int64_t ppm_ = 0;
  Instant since_;
};

}  // namespace session::sim

// What a machine takes for the time: wrong by an amount, running fast or slow by parts in a million, or standing still.
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
  /// Shows from now on what it shows now; or goes on from there.
  void set_stopped(bool stopped, Instant now) {
    base_ = error_at(now), since_ = now;
    is_stopped_ = stopped;
  }
  [[nodiscard]] bool is_stopped() const { return is_stopped_; }
  /// What it shows at this time of the world.
  [[nodiscard]] Instant at(Instant now) const { return {now.micros + error_at(now)}; }
  /// The time of the world at which it shows this, at the earliest, for who sets a timer for it now. Timers have a clock of
  /// their own, as those of `core/net`: one that is set while this clock stands still rings after the time that was left.
  [[nodiscard]] Instant when(Instant shown, Instant now) const {
    if (is_stopped_) return {now.micros + shown.micros - at(now).micros};
    const std::int64_t passed = shown.micros - base_ - since_.micros;  // by this clock
    std::int64_t real = passed - passed * ppm_ / (1'000'000 + ppm_);
    while (real + real * ppm_ / 1'000'000 < passed) ++real;
    return {since_.micros + real};
  }
  /// How much too much it shows, in microseconds.
  [[nodiscard]] std::int64_t error_at(Instant now) const {
    const std::int64_t passed = now.micros - since_.micros;
    return base_ + (is_stopped_ ? -passed : passed * ppm_ / 1'000'000);
  }
  [[nodiscard]] bool is_true(Instant now) const { return ppm_ == 0 && !is_stopped_ && error_at(now) == 0; }

 private:
  std::int64_t base_ = 0;  ///< the error at `since_`, in microseconds
  std::int64_t ppm_ = 0;
  bool is_stopped_ = false;
  Instant since_;
};

}  // namespace session::sim

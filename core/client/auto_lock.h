// When an account that nobody uses is closed.
#pragma once

#include <algorithm>

#include "core/base/time.h"

namespace session::client {

/// Due `after` without a touch; a clock that goes back does not put it off. A value without a clock of its own.
class AutoLock {
 public:
  AutoLock(Millis after, Instant now) : after_(after), touched_(now) {}
  void touch(Instant now) { touched_ = std::max(touched_, now); }
  [[nodiscard]] Instant due() const { return touched_ + after_; }
  [[nodiscard]] bool is_due(Instant now) const { return now >= due(); }
  /// How long from `now` until it is due; 0 when it is.
  [[nodiscard]] Millis rest(Instant now) const { return is_due(now) ? Millis{} : Millis{(due() - now).count + 1}; }

 private:
  Millis after_;
  Instant touched_;
};

}  // namespace session::client

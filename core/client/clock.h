// How far our clock is from the network's. Every answer of a service node carries its time; a median over several nodes is
// believed, one node is not. Source: profile.md 8 (wrong clock), ux: a wrong clock must not look like a broken network.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "core/base/ids.h"
#include "core/base/time.h"

namespace session::client {

/// A value: samples of the newest few nodes, one each.
class Clock {
 public:
  static constexpr std::size_t kNodes = 3;          ///< that must agree in the median before anything is corrected
  static constexpr std::size_t kFarNodes = 5;       ///< the same for more than a day
  static constexpr std::size_t kMaxSamples = 7;     ///< of different nodes, newest
  static constexpr Millis kTolerated = seconds(5);  ///< below this nothing is corrected
  static constexpr Millis kWarned = seconds(30);    ///< from this on a person is told

  /// `node` showed `theirs` in an answer to a request that left at `sent` and whose answer came at `received`, both by our own
  /// clock. True when the offset changed by it.
  bool sample(const NodeId& node, Instant theirs, Instant sent, Instant received);
  /// To be added to our clock's time: the median of what the nodes showed; 0 below kTolerated or while fewer than kNodes did.
  [[nodiscard]] Millis offset() const { return offset_; }
  [[nodiscard]] bool is_wrong() const { return offset_ >= kWarned || offset_ <= Millis{} - kWarned; }
  [[nodiscard]] std::size_t samples() const { return samples_.size(); }
  /// "2 minutes slow"; empty when it is right.
  [[nodiscard]] std::string words() const;
  void forget();

 private:
  struct Sample {
    NodeId node;
    Millis offset;
  };
  std::deque<Sample> samples_;
  Millis offset_;
};

}  // namespace session::client

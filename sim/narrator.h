// Tells a run in words: a reader of the trace that prints what happens to messages, as it happens.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/world.h"

namespace session::sim {

class Narrator final : public TraceReader {
 public:
  using Line = std::function<void(const std::string&)>;
  /// `world` must outlive it; its names are used.
  Narrator(const World& world, Line line);
  void on(const trace::Record& record) override;

 private:
  struct Leg {
    NodeId at, next;
  };
  void tell(const trace::Record& record, const std::string& what);
  [[nodiscard]] std::string name_of(const NodeId& node) const;
  [[nodiscard]] std::string name_of(const SessionId& person) const;

  const World& world_;
  Line line_;
  Instant begin_;
  std::map<SessionId, std::string> people_;
  std::vector<Leg> legs_;  ///< hops of messages on their way, in the order in which they will be passed
};

}  // namespace session::sim

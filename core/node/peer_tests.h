// What a node knows of the others from testing them: who answers and keeps what it should, and since when not. A value, apart
// from what is asked. Source: service-node.md 5.4 and 1.5, profile.md 4.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/base/rng.h"
#include "core/base/time.h"
#include "core/swarm/registry.h"

namespace session::node {

inline constexpr std::size_t kMaxTests = 64;  ///< under way

class PeerTests {
 public:
  explicit PeerTests(Millis every = seconds(10)) : every_(every) {}

  /// Whom to test now: the next of a pass in random order over all funded nodes, and those that fail and are due again.
  [[nodiscard]] std::vector<NodeId> due(const swarm::Registry& registry, const NodeId& self, Instant now, Rng& rng);
  void pass(const NodeId& node);
  void fail(const NodeId& node, Instant now);
  /// It passed its last test.
  [[nodiscard]] bool is_passing(const NodeId& node) const;
  /// It has failed every test since then, and some at least; nothing when it passed the last one, or was never tested.
  [[nodiscard]] std::optional<Instant> failing_since(const NodeId& node) const;
  [[nodiscard]] std::size_t size() const { return records_.size(); }

 private:
  struct Record {
    std::optional<Instant> failing_since;
    std::uint32_t failures = 0;  ///< without a pass in between
    Instant again;               ///< when a failing one is tested anew
  };
  Millis every_;
  std::map<NodeId, Record> records_;  ///< of nodes that were tested
  std::vector<NodeId> pass_;          ///< the next at the end
};

}  // namespace session::node

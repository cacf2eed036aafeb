// A small chain for private networks and the simulator: who is registered, block by block. What is asked for between two blocks
// takes effect at the next one. A value: it can be copied and compared. Source: profile.md 5, service-node.md 1.5 and 2.2.
#pragma once

#include <map>
#include <variant>
#include <vector>

#include "core/swarm/assignment.h"
#include "core/swarm/registry.h"

namespace session::swarm {

class Chain {
 public:
  /// A private network's chain starts here (profile.md 3).
  static constexpr std::uint64_t kFirstHeight = 1'000'000;

  explicit Chain(pow::NetworkParameters network);
  /// Goes on after this block, under its rules; what was asked for since then is not known.
  explicit Chain(RegistrySnapshot kept);

  /// Registered, or registered anew with another address.
  void enter(const wire::RegistryEntry& node);
  /// Gone for good.
  void leave(const NodeId& node);
  /// Out of its swarm until it is recommissioned; the registration stays.
  void decommission(const NodeId& node);
  void recommission(const NodeId& node);
  void set_difficulty(std::uint64_t difficulty);
  [[nodiscard]] bool has_changes() const { return !queue_.empty(); }

  /// Applies what was asked for, computes the swarms if the active set changed, and returns the new snapshot.
  RegistrySnapshot seal_block();
  [[nodiscard]] const RegistrySnapshot& registry() const { return registry_; }

 private:
  struct Entered {
    wire::RegistryEntry node;
  };
  struct Left {
    NodeId node;
  };
  struct Activity {
    NodeId node;
    bool active = false;
  };
  struct Difficulty {
    std::uint64_t value = 1;
  };
  using Change = std::variant<Entered, Left, Activity, Difficulty>;

  bool apply(const Change& change);
  void compute_swarms();

  pow::NetworkParameters network_;
  std::uint64_t height_ = kFirstHeight;
  ByteArray<32> hash_{};
  std::map<NodeId, wire::RegistryEntry> nodes_;
  std::vector<Change> queue_;
  RegistrySnapshot registry_;
};

}  // namespace session::swarm

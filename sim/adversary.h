// A node that breaks its word. It runs the honest machine and lies around it: beneath, by the disk that the machine is shown;
// before, by answering some requests itself; behind, by what it lets leave. All hostile nodes of a world are one coalition,
// which knows its members.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/node/service_node.h"
#include "core/store/faulty_tables.h"
#include "sim/hostile_store.h"

namespace session::sim {

using Accomplices = std::set<NodeId>;

/// One node's. A value; its dice are its own, so that those of the machine fall as they would.
class Adversary {
 public:
  Adversary(std::uint64_t seed, std::string_view name);

  /// From now on; `disk` is what Stale will show for ever.
  void become(const Malice& malice, const store::FaultyMailStore& disk);
  [[nodiscard]] bool is_hostile() const { return malice_.any(); }
  [[nodiscard]] const Malice& malice() const { return malice_; }

  /// What the machine is to take for its disk while it handles one input.
  [[nodiscard]] HostileStore before(store::MailStore& disk);
  /// The answer to a request that the machine shall not see, sealed if it came in an onion; nothing: let it answer.
  [[nodiscard]] std::optional<wire::Answer> answer(const wire::Request& request, const node::Config& config,
                                                   const node::ServiceNode& machine, Instant now);
  /// What is left of that which the machine wants, and what the adversary adds: calls that shall not arrive go to nobody, so
  /// that the machine waits for them in vain. `seed_url` and the keys are the node's.
  void twist(std::vector<wire::Effect>& wishes, const node::Config& config, const node::ServiceNode& machine,
             const Accomplices& coalition);

 private:
  [[nodiscard]] std::optional<wire::Answer> answer(const wire::RpcRequest& request, const node::ServiceNode& machine,
                                                   Instant now) const;
  void forge(std::vector<wire::Effect>& wishes, const node::Config& config, const node::ServiceNode& machine);
  [[nodiscard]] bool stops(const wire::Call& call, const Accomplices& coalition) const;
  void frame(std::vector<wire::Effect>& wishes, const node::Config& config, const node::ServiceNode& machine,
             const Accomplices& coalition);

  std::uint64_t seed_;
  SeededRng dice_;
  Malice malice_;
  std::optional<store::FaultyMailStore> old_;
  std::optional<Forger> forger_;       ///< while it forges
  bool is_asked_by_a_member_ = false;  ///< the input under work is a member's, who compares
  std::uint64_t question_ = 0;
  std::uint64_t framed_ = 0;  ///< the newest block on which it voted
  std::uint64_t next_call_ = 0;
};

}  // namespace session::sim

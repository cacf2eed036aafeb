// Which three relays a client's requests travel over: few guards kept long, disjoint paths, failures counted against the one
// who caused them. A value without I/O. Source: profile.md 6 and 10.8.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/rng.h"
#include "core/base/time.h"
#include "core/crypto/keys.h"
#include "core/swarm/registry.h"
#include "core/wire/transport.h"

namespace session::onion {

struct Relay {
  NodeId id;
  crypto::X25519Public x25519;
  wire::Address address;
};
/// Ascending by id; shared by all paths' pools that choose from the same.
using Relays = std::shared_ptr<const std::vector<Relay>>;
/// The active nodes of a registry: one list for all on this thread who ask for those of the same snapshot.
[[nodiscard]] Relays relays_of(const swarm::RegistrySnapshot& registry);
struct Path {
  std::array<Relay, 3> relays;  ///< guard, middle, last
};
/// A first hop, chosen and kept: what must survive a restart.
struct Guard {
  NodeId node;
  Instant chosen_at;
  Instant retired_at;  ///< Instant{}: in use
  std::uint32_t uses = 0;
  std::uint32_t successes = 0;
  [[nodiscard]] bool is_retired() const { return retired_at != Instant{}; }
  friend bool operator==(const Guard&, const Guard&) = default;
};

class PathPool {
 public:
  static constexpr std::size_t kGuards = 2;
  static constexpr std::uint32_t kFailures = 3;  ///< and a relay is replaced
  static constexpr std::uint32_t kDoubts = 4;
  static constexpr std::size_t kTails = 2;              ///< pairs of relays behind a guard, while some path works
  static constexpr std::size_t kMaxGuardsInWindow = 6;  ///< chosen within kGuardWindow; one more is asked for, not taken
  static constexpr Millis kGuardWindow = days(60);

  /// The guards of earlier runs.
  void load(std::vector<Guard> guards) { guards_ = std::move(guards); }
  /// The active relays as the registry lists them now. Paths over relays that are gone are dropped.
  void update(Relays relays, Instant now, Rng& rng);
  /// In any order.
  void update(std::vector<Relay> relays, Instant now, Rng& rng);

  /// A path that does not contain `destination`, uniformly among the good ones; builds what is missing. Errors: Unavailable
  /// when there are too few nodes. Where a seventh guard within 60 days would be needed, the best of the six serves on.
  /// With `spare` a path by another guard is taken where there is one.
  [[nodiscard]] Result<Path> choose(const NodeId& destination, Instant now, Rng& rng,
                                    const std::optional<NodeId>& spare = std::nullopt);
  /// The next request builds new ones behind the same guards.
  void drop_paths() { paths_.clear(), tails_.clear(); }
  /// Forgets what was held against relays that are no guards.
  void forgive() { strikes_.clear(); }
  void succeeded(const Path& path);
  /// With a culprit only that relay is blamed; without, every relay of the path a little. Three failures in a row replace a
  /// relay.
  void failed(const Path& path, std::optional<NodeId> culprit, Instant now);

  /// The last relay says that the destination cannot be reached: nobody's failure, unless it says so kDoubts times in a row.
  /// Then the path is left, and no relay is blamed.
  void destination_failed(const Path& path);

  [[nodiscard]] const std::vector<Guard>& guards() const { return guards_; }
  /// Something in `guards` changed since `guards_saved`.
  [[nodiscard]] bool guards_changed() const { return guards_changed_; }
  void guards_saved() { guards_changed_ = false; }
  [[nodiscard]] const std::vector<Path>& paths() const { return paths_; }

 private:
  struct Strikes {
    NodeId node;
    std::uint32_t count = 0;
    Instant until;  ///< not used before; Instant{} while it is only counted
    Instant last;   ///< when it failed last
  };
  [[nodiscard]] const Relay* find(const NodeId& id) const;
  [[nodiscard]] bool is_out(const NodeId& id, Instant now) const;
  [[nodiscard]] static bool is_in_force(const Strikes& strikes, Instant now);
  void retire_worn_guards(Instant now);
  [[nodiscard]] Result<void> fill_guards(Instant now, Rng& rng);
  void revive_a_guard();
  [[nodiscard]] std::optional<Path> build(const Relay& guard, const NodeId& destination, Instant now, Rng& rng) const;
  [[nodiscard]] std::optional<Path> path_behind(const Relay& guard, const NodeId& destination, Instant now, Rng& rng);
  [[nodiscard]] bool is_free(const Path& path, const NodeId& destination, Instant now) const;
  [[nodiscard]] bool is_as_listed(const Path& path) const;
  void strike(const NodeId& node, Instant now);

  Relays relays_ = std::make_shared<const std::vector<Relay>>();  ///< never null
  std::vector<Guard> guards_;
  std::vector<Path> paths_;  ///< at most one per guard, disjoint
  std::vector<Path> tails_;  ///< that were drawn, kTails per guard at most; what was in use last comes last
  std::vector<Strikes> strikes_;
  std::vector<NodeId> judged_;  ///< guards whose next failure counts: another one worked since their last
  NodeId doubted_;              ///< the last relay that named a destination as its failure
  std::uint32_t doubts_ = 0;    ///< how often in a row
  bool guards_changed_ = false;
};

/// Same first three numbers of the IPv4 address; never on loopback, where a whole test network lives.
[[nodiscard]] bool share_network(const wire::Address& a, const wire::Address& b);

}  // namespace session::onion

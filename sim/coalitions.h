// How many requests are joined by how many nodes: over all single nodes and all pairs, and over nodes drawn as hostile, beside
// the formula of the threat model.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "sim/chains.h"
#include "sim/recorder.h"

namespace session::sim {

/// What travelled, each layer opened by whom it is for; only requests whose client and whose account are both in it.
[[nodiscard]] std::vector<Chain> chains_of(const Recorder& recorder, const World& world);

/// Places on a path of three relays and a destination.
inline constexpr std::array kPlaces = {"guard", "middle", "last", "destination"};

struct SmallCoalitions {
  std::uint64_t requests = 0;
  std::uint64_t whole = 0;                               ///< requests of them that met four nodes, one at each place
  std::uint64_t by_one = 0;                              ///< joined by some node alone
  std::array<std::array<std::uint64_t, 4>, 4> by_two{};  ///< whole ones, by the nodes at two places; [a][b] with a < b
  std::uint64_t singles = 0, pairs = 0;                  ///< coalitions that there are
  std::uint64_t joining_pairs = 0;                       ///< that join at least one request
  std::uint64_t most = 0;                                ///< requests that one pair joins
  std::pair<MachineIndex, MachineIndex> best;            ///< which pair
};
[[nodiscard]] SmallCoalitions small_coalitions(std::span<const Chain> chains, const World& world);

/// A part of the nodes is hostile, drawn again and again.
struct HostileShare {
  std::size_t hostile = 0, nodes = 0;
  std::uint64_t draws = 0;
  std::uint64_t requests = 0, people = 0;                ///< of each draw
  std::uint64_t joined_requests = 0, joined_people = 0;  ///< by bytes, over all draws; people: their own account, once or more
  std::uint64_t watched_requests = 0,
                watched_people = 0;  ///< of whom both guard and destination are hostile, who may compare times
  double f = 0;                      ///< the share that was drawn
  double formula_of_people = 0;      ///< watched ones: (1-(1-f)²)(1-(1-f)⁷)
  double formula_here = 0;           ///< the same with the guards that were used and the swarms' sizes, over all people

  /// Of all draws.
  [[nodiscard]] double of_requests(std::uint64_t count) const;
  [[nodiscard]] double of_people(std::uint64_t count) const;
};
/// Requires 0 <= percent <= 100 and draws > 0.
[[nodiscard]] HostileShare with_hostile(std::span<const Chain> chains, const World& world, unsigned percent,
                                        std::uint64_t draws, std::uint64_t seed);

[[nodiscard]] std::string coalitions_text(const SmallCoalitions& small, const HostileShare& hostile, const World& world);
[[nodiscard]] std::string coalitions_json(const SmallCoalitions& small, const HostileShare& hostile, const World& world);

}  // namespace session::sim

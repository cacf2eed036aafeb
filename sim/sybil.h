// What it costs to attack a network by running its nodes: the stake that stands for them, and what they are likely to see.
#pragma once

#include <cstdint>

#include "core/swarm/registry.h"

namespace session::sim {

struct SybilPrice {
  std::uint64_t nodes = 0;        ///< that the attacker runs beside all others
  std::uint64_t stake = 0;        ///< in atomic units, locked for them
  double fraction = 0;            ///< of all active nodes then
  double sees_both_ends = 0;      ///< chance that one of two guards and a member of the account's swarm are the attacker's
  double has_swarm_member = 0;    ///< chance that a given swarm has a member of the attacker
  double has_swarm_majority = 0;  ///< chance that most members of a given swarm, such as a chosen victim's, are the attacker's
};

/// What a summary tells the price of, in percent of all active nodes. With a half of them a chosen swarm is held at even odds.
inline constexpr std::uint64_t kSybilShares[] = {10, 33, 50};

/// The price of `percent` of all active nodes, 1 to 99, which join an honest network: n honest ones need
/// n · percent / (100 − percent) more, rounded up. With a fraction f of the nodes, two guards and seven members,
/// (1 − (1 − f)²)(1 − (1 − f)⁷); an attacker cannot choose the swarm.
[[nodiscard]] SybilPrice sybil_price(const swarm::Registry& honest, std::uint64_t percent);

}  // namespace session::sim

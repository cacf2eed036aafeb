// Several seeds of one network: the first has the chain, the others follow it, and one may lie about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "core/base/trace.h"
#include "core/node/listing.h"
#include "core/swarm/registry.h"

namespace session::sim {

inline constexpr std::size_t kMostSeeds = 4;

/// What a seed shows in place of the network.
enum class SeedLie : std::uint8_t {
  None,
  Strangers,    ///< as many nodes that nobody else knows
  FewerNodes,   ///< every other node, and so other swarms
  OtherSwarms,  ///< every node in the swarm of the next one of the list
  HigherPrice,  ///< ten times the work
  OldList,      ///< as it was when it began to lie
};
inline constexpr std::pair<std::string_view, SeedLie> kSeedLies[] = {{"strangers", SeedLie::Strangers},
                                                                     {"fewer-nodes", SeedLie::FewerNodes},
                                                                     {"other-swarms", SeedLie::OtherSwarms},
                                                                     {"higher-price", SeedLie::HigherPrice},
                                                                     {"old-list", SeedLie::OldList}};

/// What is shown by who lies so about this list; an OldList is what it is given.
[[nodiscard]] swarm::RegistrySnapshot lie_about(const swarm::Registry& truth, SeedLie lie);

/// What one seed of a world shows.
struct SeedFace {
  trace::MachineIndex machine;
  swarm::RegistrySnapshot known;  ///< of the chain by who follows it; null for who has it
  node::RegistryListing listing;
  SeedLie lie = SeedLie::None;
  std::optional<trace::MachineIndex> against;  ///< nothing: shown to everybody
  swarm::RegistrySnapshot lied_about, told;    ///< the last lie
  node::RegistryListing lies;
};

}  // namespace session::sim

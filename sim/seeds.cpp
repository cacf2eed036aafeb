#include "sim/seeds.h"

#include <algorithm>

#include "core/crypto/identity.h"
#include "core/crypto/keys.h"
#include "core/wire/answers.h"
#include "sim/world.h"

namespace session::sim {
namespace {

constexpr std::uint64_t kDearer = 10;
constexpr std::uint32_t kFollow = 1;  // timer

}  // namespace

swarm::RegistrySnapshot lie_about(const swarm::Registry& truth, SeedLie lie) {
  wire::RegistryAnswer told = swarm::to_wire(truth);
  auto& nodes = told.nodes;
  switch (lie) {
    case SeedLie::None:
    case SeedLie::OldList: break;
    case SeedLie::Strangers:
      for (wire::RegistryEntry& node : nodes) {
        SeededRng dice(load_little<std::uint64_t>(node.id.key.data()));
        const auto keys = crypto::ed25519_pair(dice);
        node.id = crypto::node_of(keys.open);
        node.x25519 = crypto::x25519_of(keys).open;
      }
      break;
    case SeedLie::FewerNodes: {
      std::size_t i = 0;
      std::erase_if(nodes, [&](const auto&) { return i++ % 2 == 1; });
      break;
    }
    case SeedLie::OtherSwarms: {
      const SwarmId first = nodes.empty() ? kNoSwarm : nodes.front().swarm;
      for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i].swarm = i + 1 < nodes.size() ? nodes[i + 1].swarm : first;
      break;
    }
    case SeedLie::HigherPrice:
      if (told.network) told.network->difficulty *= kDearer;
      break;
  }
  return *swarm::from_wire(told);
}

void World::set_lie(std::size_t i, SeedLie lie, std::optional<MachineIndex> against, TraceReader* reader) {
  SeedFace& face = seeds_[i];
  const bool was_lying = face.lie != SeedLie::None, is_lying = lie != SeedLie::None;
  face.lie = lie;
  face.against = against;
  face.told = nullptr;
  face.lied_about = is_lying ? seed_.registry() : nullptr;
  if (was_lying != is_lying) {
    constexpr const char* kKind = "lying about the network";
    if (is_lying)
      note(trace::FaultBegan{face.machine, kKind}, face.machine, reader);
    else
      note(trace::FaultEnded{face.machine, kKind}, face.machine, reader);
  }
  const auto liars = std::ranges::count_if(seeds_, [](const SeedFace& each) { return each.lie != SeedLie::None; });
  if (liars > (seeds_.size() > 1 ? 1 : 0)) are_seeds_trustworthy_ = false;
}

std::optional<MachineIndex> World::seed_at(std::string_view url) const {
  if (url == kSeedUrl) return seed();
  for (std::size_t i = 1; i < seeds_.size(); ++i)
    if (seed_url(i) == url) return seeds_[i].machine;
  return std::nullopt;
}

/// As often as a node asks.
void World::follow_chain(MachineIndex machine, TraceReader* reader) {
  seeds_[roles_[machine.value].place].known = seed_.registry();
  wire::Effects effects(reader != nullptr);
  const Millis every = std::clamp(Millis{config_.network.block_time.count / 3}, seconds(1), seconds(10));
  effects.wake(kFollow, clock_of(machine) + every);
  carry_out(machine, effects.take(), reader);
}

/// False: it is for the chain itself.
bool World::answer_in_place_of_chain(MachineIndex seed, MachineIndex asker, const wire::Requested& asked,
                                     wire::Effects& effects) {
  SeedFace& face = seeds_[roles_[seed.value].place];
  const bool lies = face.lie != SeedLie::None && is_person(asker) && (!face.against || *face.against == asker);
  const auto& late = late_[asker.value];
  if (!lies && late == nullptr && face.known == nullptr) return false;
  const auto call = wire::parse_seed_call(asked.request.body);
  const auto* query = call ? std::get_if<wire::RegistryQuery>(&call->request) : nullptr;
  if (query == nullptr) {
    if (face.known == nullptr) return false;
    effects.reply(asked.id, wire::refusal(404, "Not Found"));  // proofs and votes are for who has the chain
    return true;
  }
  node::RegistryListing* listing = lies ? &face.lies : late != nullptr ? &late_listing_ : &face.listing;
  if (lies) {
    const auto& truth = face.lie == SeedLie::OldList ? face.lied_about : seed_.registry();
    if (face.told == nullptr || face.lied_about != truth) face.told = lie_about(*truth, face.lie);
    face.lied_about = truth;
  }
  const auto& shown = lies ? face.told : late != nullptr ? late : face.known;
  effects.reply(asked.id, node::list_registry(*listing, shown, *query, call->id, dice_[seed.value]));
  return true;
}

}  // namespace session::sim

// The seed machine: the registry of a private network, for nodes that enter it and for everybody who asks who is in it.
// Source: profile.md 5, service-node.md 1.1.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>

#include "core/node/listing.h"
#include "core/swarm/chain.h"
#include "core/wire/effects.h"

namespace session::node {

class Seed {
 public:
  using Input = std::variant<wire::Requested, wire::Woken>;

  /// With an admission key only registrations that it signed are taken; without one, none over the wire.
  Seed(pow::NetworkParameters network, std::optional<crypto::Ed25519Public> admission);

  void start(Instant now, wire::Effects& effects);
  void on(const Input& input, Instant now, Rng& rng, wire::Effects& effects);

  [[nodiscard]] swarm::Chain& chain() { return chain_; }
  [[nodiscard]] const swarm::Chain& chain() const { return chain_; }
  [[nodiscard]] const swarm::RegistrySnapshot& registry() const { return chain_.registry(); }
  /// A block now, for whoever set up the chain by hand.
  void seal_block(wire::Effects& effects);
  /// The newest blocks are taken back, and one more than they were is sealed in their place: the longer branch wins. How many
  /// it were; nothing happens when there is none.
  std::size_t fork(std::size_t blocks, wire::Effects& effects);

 private:
  enum class Timer : std::uint32_t { Block = 1 };
  void seal_at(Instant at, wire::Effects& effects);
  /// Errors: Expired, Refused, Unauthentic, naming the field.
  [[nodiscard]] Result<void> prove(const wire::UptimeProof& proof, Instant now);
  /// Those that can be counted are; the first error of the others.
  [[nodiscard]] Result<void> vote(const wire::ObligationsVotes& votes, wire::Effects& effects);
  wire::Answer answer(const wire::Request& request, Instant now, Rng& rng, wire::Effects& effects);
  wire::Answer enter(const wire::RegistrationRequest& request, const std::string& id, Instant now, wire::Effects& effects);

  swarm::Chain chain_;
  std::optional<crypto::Ed25519Public> admission_;
  Millis block_time_;
  Instant next_block_;
  RegistryListing listing_;
  std::map<NodeId, std::int64_t> proved_ms_;  ///< when the last proof of each was taken
};

/// What a seed that knows this registry answers to the query. `listing` is the seed's own.
[[nodiscard]] wire::Answer list_registry(RegistryListing& listing, const swarm::RegistrySnapshot& registry,
                                         const wire::RegistryQuery& query, const std::string& id, Rng& rng);

}  // namespace session::node

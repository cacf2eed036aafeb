// Service nodes whose keys a test has: it reads what they were asked through their onion layers.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "core/onion/layer.h"
#include "core/swarm/chain.h"
#include "core/wire/effects.h"
#include "core/wire/transport.h"

namespace session::client {

struct KnownNodes {
  std::map<NodeId, crypto::X25519Pair> keys;
  std::map<NodeId, crypto::Ed25519Pair> signers;
  swarm::RegistrySnapshot snapshot;

  /// So many in a network of this preset; `prefix` begins their addresses: "10.0.".
  KnownNodes(const char* network, int count, const std::string& prefix, Rng& rng) {
    swarm::Chain chain(*pow::preset(network));
    for (int i = 0; i < count; ++i) {
      const auto pair = crypto::ed25519_pair(rng);
      wire::RegistryEntry node;
      node.id = crypto::node_of(pair.open);
      node.x25519 = crypto::x25519_of(pair).open;
      node.address = {prefix + std::to_string(i) + ".1", 1};
      keys.emplace(node.id, crypto::x25519_of(pair));
      signers.emplace(node.id, pair);
      chain.enter(node);
    }
    snapshot = chain.seal_block();
  }

  /// A call as its destination has it.
  struct Arrived {
    NodeId guard, destination;
    crypto::SymmetricKey reply_key;
    onion::EncType enc{};
    onion::Final final;
    std::vector<NodeId> relays;               ///< that it came over, the guard first
    std::vector<crypto::SymmetricKey> seals;  ///< their layers' keys
  };
  [[nodiscard]] std::optional<Arrived> arrive(const wire::Call& call) const {
    const NodeId guard = std::get<wire::NodePeer>(call.to).id;
    NodeId at = guard;
    Bytes body = call.request.body;
    std::vector<NodeId> relays;
    std::vector<crypto::SymmetricKey> seals;
    for (int layer = 0; layer < 8; ++layer) {
      const auto peeled = onion::peel(*onion::parse_outer(body), keys.at(at));
      if (!peeled) break;
      const auto* inner = std::get_if<onion::Inner>(&peeled->inside);
      if (inner == nullptr)
        return Arrived{guard, at, peeled->reply_key, peeled->enc, std::get<onion::Final>(peeled->inside), relays, seals};
      relays.push_back(at);
      seals.push_back(peeled->reply_key);
      body = inner->body;
      at = inner->next;
    }
    ADD_FAILURE() << "a layer does not open";
    return std::nullopt;
  }
};

}  // namespace session::client

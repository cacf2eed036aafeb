// A courier by itself, and the nodes it may speak to.
#pragma once

#include <gtest/gtest.h>

#include "core/client/courier.h"
#include "core/store/client_tables.h"
#include "tests/core/client/known_nodes.h"

namespace session::client {

inline const Instant kNow = Instant::from_unix_millis(1'700'000'000'000);

class Couriers : public testing::Test {
 protected:
  SeededRng rng{1};
  store::MemoryClientStore store;
  wire::Effects effects;
  Courier courier{{"seed"}, seconds(20)};
  const KnownNodes nodes{"today", 16, "10.0.", rng};
  const Bytes registry = wire::to_json(swarm::to_wire(*nodes.snapshot));

  Context context() { return {kNow, rng, store, effects}; }
  wire::Call taken() {
    for (auto& effect : effects.take())
      if (auto* call = std::get_if<wire::Call>(&effect)) return std::move(*call);
    ADD_FAILURE() << "no call was made";
    return {};
  }
  void learn() {
    auto c = context();
    courier.refresh(c);
    EXPECT_FALSE(courier.on(wire::Answered{taken().id, {200, registry, {}}}, c));
    ASSERT_NE(courier.registry(), nullptr);
  }
  /// What the destination of this call answers, as the guard hands it back.
  wire::Answered through(const wire::Call& call, BytesView body) {
    const auto at = nodes.arrive(call).value();
    return {call.id, {200, onion::seal_reply(at.reply_key, at.enc, 200, body, at.final, rng), {}}};
  }
  /// A node that was asked, since the list is doubted, tells this.
  void tells(const wire::RegistryAnswer& answer) {
    auto c = context();
    courier.doubt();
    courier.refresh(c);
    EXPECT_FALSE(courier.on(through(taken(), wire::to_json(answer)), c));
  }
  void expect_seed_is_asked() {
    auto c = context();
    courier.refresh(c);
    EXPECT_TRUE(std::holds_alternative<wire::SeedPeer>(taken().to));
  }
  NodeId some_node() { return courier.registry()->nodes()[5].id; }
};

/// What a node says of the same network when it exchanges the swarms of two nodes: nothing that a count would show.
inline wire::RegistryAnswer with_false_swarms(const swarm::Registry& registry) {
  auto answer = swarm::to_wire(registry);
  ++answer.height;
  for (auto& node : answer.nodes) {
    if (node.swarm == answer.nodes[0].swarm) continue;
    std::swap(node.swarm, answer.nodes[0].swarm);
    return answer;
  }
  ADD_FAILURE() << "there is one swarm only";
  return answer;
}

}  // namespace session::client

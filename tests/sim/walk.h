// One request on its way over nodes of a world, and its answer back, made by hand.
#pragma once

#include "core/base/mutant.h"
#include "core/onion/layer.h"
#include "core/wire/rpc.h"
#include "sim/world.h"

namespace session::sim {

/// Real layers, sealed for these nodes in this order and opened with their keys; exchanges are numbered from `first` on.
class Walk {
 public:
  Walk(const World& world, MachineIndex client, const std::vector<MachineIndex>& nodes, BytesView rpc, std::uint64_t first = 1)
      : first_(first) {
    SeededRng rng(first, "walk");
    std::vector<onion::Hop> hops;
    for (const MachineIndex node : nodes)
      hops.push_back({world.service_node(node).id(), crypto::x25519_of(world.keys_of(node)).open});
    Bytes body = onion::wrap(hops, rpc, onion::EncType::XChaCha20, rng)->body;
    MachineIndex from = client;
    std::vector<crypto::SymmetricKey> keys;
    for (const MachineIndex node : nodes) {
      steps_.push_back({from, node, body});
      const auto peeled = onion::peel(*onion::parse_outer(body), crypto::x25519_of(world.keys_of(node)));
      if (const auto* inner = std::get_if<onion::Inner>(&peeled->inside)) {
        body = inner->body;
      } else {
        answers_.push_back(
            onion::seal_reply(peeled->reply_key, peeled->enc, 200, bytes_of("{}"), {{}, true, false, true}, rng));
      }
      keys.push_back(peeled->reply_key);
      from = node;
    }
    // Back from the destination, sealed by each relay.
    for (std::size_t i = keys.size() - 1; i-- > 0;)
      answers_.push_back(mutant::is_on(Mutant::O1Answer)
                             ? answers_.back()
                             : onion::seal_passed(keys[i], onion::EncType::XChaCha20, 200, answers_.back(),
                                                  static_cast<unsigned>(keys.size() - 1 - i), rng));
  }

  /// Every packet in its order: the request over all nodes, the answer back.
  template <class Tell>
  void tell(Tell&& tell_one) const {
    std::uint64_t packet = 10 * first_;
    for (std::size_t i = 0; i < steps_.size(); ++i)
      tell_one(PacketOnLink{
          packet++, {}, steps_[i].body, steps_[i].from, steps_[i].to, false, false, false, wire::Route::Onion, first_ + i});
    for (std::size_t i = steps_.size(); i-- > 0;)
      tell_one(PacketOnLink{packet++,
                            {},
                            answers_[steps_.size() - 1 - i],
                            steps_[i].to,
                            steps_[i].from,
                            true,
                            false,
                            false,
                            wire::Route::Onion,
                            first_ + i});
  }

  /// A store for an account, as a client writes it.
  static Bytes store_for(const Account& account) {
    return wire::to_json(wire::RpcRequest(wire::make_store(account, 0, 1'000, seconds(60), to_bytes("sealed"))));
  }

 private:
  struct Step {
    MachineIndex from, to;
    Bytes body;
  };
  std::uint64_t first_;
  std::vector<Step> steps_;
  std::vector<Bytes> answers_;
};

}  // namespace session::sim

// What a node does whose way is `forge`: it says, shows and pushes what it has no key for. Nothing of it fits: signatures that
// do not verify, keys of others or of nobody, points of small order, messages that are not what their names say.
#pragma once

#include <optional>

#include "core/node/service_node.h"
#include "core/store/mail_store.h"
#include "core/wire/swarm_repair.h"
#include "sim/hostility.h"

namespace session::sim {

/// A value. The forgers of a world have one pair of keys, so that two of them bear each other out.
class Forger {
 public:
  /// `seed`: the world's.
  explicit Forger(std::uint64_t seed);

  /// A row as a reader is shown it, every second time: a bundle with other keys, or a message under another name. `question`
  /// tells one reading from another.
  void forge_shown(store::MailRow& row, std::uint64_t question) const;
  /// Instead of the machine, every second time: stores that all members signed, lists of nodes with other keys.
  [[nodiscard]] std::optional<wire::Answer> answer(const wire::RpcRequest& request, const Malice& malice,
                                                   const crypto::Ed25519Pair& own, const swarm::Registry& registry, Instant now,
                                                   Rng& dice);
  /// What leaves for other members and for the seed, now and then, under a proof of its own, or one that does not verify:
  /// forwarded stores and pushed rows whose data is another, deletions that nobody signed, votes of other validators.
  void forge_call(wire::Call& call, const Malice& malice, const crypto::Ed25519Pair& own, const swarm::Registry& registry,
                  Rng& dice) const;
  /// Rows and tombstones that a member asked for.
  void forge_repair_answer(wire::Answer& answer, const Malice& malice, Rng& dice) const;

  /// Every key in the registry becomes this at even heights, and a point of small order at odd ones.
  [[nodiscard]] const crypto::X25519Public& key() const { return x25519_.open; }

 private:
  void forge_data(Bytes& data, const Account& account, Namespace ns, Rng& dice) const;
  [[nodiscard]] bool forge_bundle(Bytes& data, const Account& owner, Rng& dice) const;
  void forge_items(wire::Items& items, const Malice& malice, Rng& dice) const;
  [[nodiscard]] wire::Stone deletion_of(const wire::Row& row) const;
  [[nodiscard]] bool forge_store(Bytes& body, const Malice& malice, Rng& dice) const;
  [[nodiscard]] bool forge_repair(Bytes& body, const Malice& malice, Rng& dice) const;
  static void add_vote(Bytes& body, const crypto::Ed25519Pair& own, const swarm::Registry& registry);

  crypto::Ed25519Pair keys_;
  crypto::X25519Pair x25519_;
  SessionId id_;                   ///< whom a bundle of its own is for
  std::optional<wire::Row> seen_;  ///< what somebody stored with it, a bundle if there was one
};

}  // namespace session::sim

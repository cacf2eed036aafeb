// Lists of service nodes held against one another, and the witnesses: many nodes that are asked for the list when no seed is of
// any use and too much of the network has changed to believe one or two of them.
#pragma once

#include <optional>
#include <vector>

#include "core/base/rng.h"
#include "core/swarm/registry.h"

namespace session::client {

/// All that a client uses of a list: who the nodes are, where, in which swarm, and what work costs.
[[nodiscard]] bool says_the_same(const swarm::Registry& one, const swarm::Registry& two);
/// More than a quarter of either list, and more than two nodes, are not in the other as they are in this one: a node that moved
/// to another swarm, place or key counts like one that came or left.
[[nodiscard]] bool is_another_network(const swarm::Registry& known, const swarm::Registry& heard);
/// No network seals so many blocks in that time; a clock that was set back says nothing, and so allows a few only.
[[nodiscard]] bool is_too_far_ahead(const swarm::Registry& known, const swarm::Registry& heard, Millis passed);

/// How long something has been so: counted by rounds as well, since the clock may have been set.
class Spell {
 public:
  static constexpr Millis kLong = minutes(10);
  static constexpr std::uint32_t kManyRounds = 12;

  void count(Instant now) {
    if (rounds_++ == 0 || now < since_) since_ = now;
  }
  /// Ten minutes and a dozen rounds.
  [[nodiscard]] bool is_long(Instant now) const { return rounds_ >= kManyRounds && now - since_ >= kLong; }

 private:
  Instant since_;
  std::uint32_t rounds_ = 0;
};

/// Up to 12 of the nodes of the list that is known, of as many networks (/24) as there are, drawn once and kept until a list is
/// believed: whoever holds a minority of the nodes cannot wait for a draw that suits it. Those that cannot be reached are
/// passed over. A list is believed when three quarters of those that answered, and at least four and more than half as many as
/// were to be asked, say the same.
class Witnesses {
 public:
  static constexpr std::size_t kMost = 12;
  static constexpr std::size_t kFewest = 4;

  /// All seeds were asked, and there is nothing in what they say that could be believed.
  void seeds_were_useless(Instant now) { useless_.count(now); }
  /// A node tells of another network than the one known.
  void network_has_changed() { is_other_ = true; }
  [[nodiscard]] bool are_called(Instant now) const { return is_other_ && useless_.is_long(now); }

  /// Whom to ask now; nothing when this round of asking is over.
  [[nodiscard]] std::optional<NodeId> next(const swarm::Registry& known, Rng& rng);
  struct Testimony {
    NodeId node;
    swarm::RegistrySnapshot registry;
    Bytes body;  ///< as it came
  };
  void hear(Testimony testimony) { said_.push_back(std::move(testimony)); }
  /// Somebody is left who is to be asked in this round.
  [[nodiscard]] bool has_more() const { return next_ < drawn_.size() && said_.size() < wanted_; }
  /// Ends the round, whoever was silent: the list that is to be believed now, if any; of those that say it, that of the least
  /// height.
  [[nodiscard]] std::optional<Testimony> end_round();
  /// A list was believed.
  void forget() { *this = {}; }

 private:
  std::vector<NodeId> drawn_;  ///< all that are known, in the order in which they are asked
  std::size_t next_ = 0;
  std::size_t wanted_ = 0;  ///< answers
  std::vector<Testimony> said_;
  Spell useless_;  ///< the seeds
  bool is_other_ = false;
};

}  // namespace session::client

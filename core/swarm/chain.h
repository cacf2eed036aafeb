// A small chain for private networks and the simulator: who is registered, block by block, with which stake, and what quorums
// of nodes have ruled on the others. What is asked for between two blocks takes effect at the next one; the newest blocks can
// be undone. A value: it can be copied and compared. Source: profile.md 5, service-node.md 1.4, 1.5 and 2.2.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "core/swarm/assignment.h"
#include "core/swarm/obligations.h"
#include "core/swarm/registry.h"
#include "core/swarm/stake.h"
#include "core/wire/obligations.h"

namespace session::swarm {

class Chain {
 public:
  /// A private network's chain starts here (profile.md 3).
  static constexpr std::uint64_t kFirstHeight = 1'000'000;

  explicit Chain(pow::NetworkParameters network);
  /// Goes on after this block, under its rules; what was asked for since then is not known, nor the stake of those who left.
  explicit Chain(RegistrySnapshot kept);

  /// Registered, or registered anew with another address. The newcomer's stake stands for it from then on.
  void enter(const wire::RegistryEntry& node);
  /// Gone for good; its stake is locked for 15 days.
  void leave(const NodeId& node);
  /// By decree: out of its swarm until it is recommissioned; the registration stays.
  void decommission(const NodeId& node);
  void recommission(const NodeId& node);
  void set_difficulty(std::uint64_t difficulty);
  /// An uptime proof of this time, which the caller has checked.
  void prove(const NodeId& node, std::uint64_t time_s);
  /// Counts from the next block on. False: it was counted already. Errors: Expired (its block is too old, or the node's state
  /// is newer), Refused (no such block, no validator of it, no node that it tests, or the same voter said otherwise),
  /// Unauthentic.
  [[nodiscard]] Result<bool> vote(const wire::ObligationsVote& vote);
  [[nodiscard]] bool has_changes() const { return !queue_.empty(); }

  /// Applies what was asked for and what was voted, computes the swarms if the active set changed, and returns the new
  /// snapshot.
  RegistrySnapshot seal_block();
  /// Takes the newest blocks back, at most kReorgBuffer and never the first; how many it were. What was asked for in them waits
  /// for the next block, which begins another branch; votes on them are void.
  std::size_t undo(std::size_t blocks);
  [[nodiscard]] const RegistrySnapshot& registry() const { return registry_; }
  [[nodiscard]] const Stakes& stakes() const { return stakes_; }

  /// What the newest block did to a node, by the votes of one quorum or by decree.
  struct Ruled {
    NodeId node;
    Ruling ruling = Ruling::None;
    bool passed = false;
    std::uint64_t height = 0;    ///< of the quorum's block; 0: by decree
    std::vector<NodeId> voters;  ///< distinct
    friend bool operator==(const Ruled&, const Ruled&) = default;
  };
  [[nodiscard]] const std::vector<Ruled>& rulings() const { return rulings_; }

  /// The same state, whatever waits and whatever can be undone.
  friend bool operator==(const Chain& a, const Chain& b) {
    return a.height_ == b.height_ && a.hash_ == b.hash_ && a.network_ == b.network_ && a.nodes_ == b.nodes_ &&
           a.stakes_ == b.stakes_;
  }

 private:
  struct Entered {
    wire::RegistryEntry node;
  };
  struct Left {
    NodeId node;
  };
  struct Activity {
    NodeId node;
    bool active = false;
  };
  struct Difficulty {
    std::uint64_t value = 1;
  };
  struct Proved {
    NodeId node;
    std::uint64_t time_s = 0;
  };
  struct Verdict {
    NodeId node;
    bool passed = false;
    std::uint64_t height = 0;
    std::vector<NodeId> voters;
  };
  using Change = std::variant<Entered, Left, Activity, Difficulty, Proved, Verdict>;

  struct Record {
    wire::RegistryEntry entry;  ///< its credit as it was when it last changed
    Credit credit;
    friend bool operator==(const Record&, const Record&) = default;
  };
  /// A block, and what stood before it where it changed something.
  struct Block {
    std::vector<Change> changes;
    ByteArray<32> hash{};
    pow::NetworkParameters network;
    std::map<NodeId, std::optional<Record>> nodes;
    std::map<NodeId, std::optional<Purse>> purses;
    std::uint64_t issued = 0;
  };

  void apply(const Change& change);
  void apply(const Entered& entered);
  void apply(const Left& left);
  void apply(const Activity& activity);
  void apply(const Difficulty& difficulty);
  void apply(const Proved& proved);
  void apply(const Verdict& verdict);
  /// Keeps what stands there now, once a block.
  void remember(const NodeId& node);
  void remove(const NodeId& node, std::uint64_t lock);
  void set_active(const NodeId& node, bool active);
  void take_verdicts();
  void compute_swarms();
  void make_snapshot();

  pow::NetworkParameters network_;
  std::uint64_t height_ = kFirstHeight;
  ByteArray<32> hash_{};
  std::map<NodeId, Record> nodes_;
  Stakes stakes_;
  bool active_changed_ = false;
  std::vector<Change> queue_;
  std::deque<Block> history_;                ///< the newest at the end
  std::optional<ByteArray<32>> abandoned_;   ///< the tip that was undone: the next block begins another branch
  std::map<std::uint64_t, Quorum> quorums_;  ///< of blocks that may still be voted on
  std::map<std::pair<std::uint64_t, NodeId>, std::array<std::set<NodeId>, 2>> votes_;  ///< failed, passed: the voters
  std::vector<Ruled> rulings_;
  RegistrySnapshot registry_;
};

}  // namespace session::swarm

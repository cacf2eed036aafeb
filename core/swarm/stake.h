// Who owns how much of a private network's stake, in atomic units: what is free, what stands for a registered node, and what is
// locked for a time after it. Whatever happens, the sum is what was issued. Source: service-node.md 1.5.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/base/ids.h"

namespace session::swarm {

/// Blocks of 120 s in 30 and in 15 days.
inline constexpr std::uint64_t kDeregistrationLock = 30 * 720;
inline constexpr std::uint64_t kUnlockTime = 15 * 720;

/// What the owner of one node has.
struct Purse {
  struct Lock {
    std::uint64_t amount = 0;
    std::uint64_t until = 0;  ///< free from this height on
    friend bool operator==(const Lock&, const Lock&) = default;
  };
  std::uint64_t free = 0;
  std::uint64_t staked = 0;  ///< for the node while it is registered
  std::vector<Lock> locked;
  [[nodiscard]] std::uint64_t sum() const;
  /// Free, with the locks that have come to their end.
  [[nodiscard]] std::uint64_t available(std::uint64_t height) const;
  friend bool operator==(const Purse&, const Purse&) = default;
};

/// A value.
class Stakes {
 public:
  /// Stands for the owner's node from now on. A private network hands a newcomer what is missing: that is what is issued.
  void stake(const NodeId& owner, std::uint64_t amount, std::uint64_t height);
  /// The node is gone; what stood for it is the owner's again from `until` on.
  void lock(const NodeId& owner, std::uint64_t until);
  [[nodiscard]] const Purse* find(const NodeId& owner) const;
  [[nodiscard]] std::uint64_t issued() const { return issued_; }
  /// Of everybody, whatever its state. Equal to `issued`, always.
  [[nodiscard]] std::uint64_t sum() const;
  /// What stands for registered nodes.
  [[nodiscard]] std::uint64_t staked() const;

  /// For a block that is undone: the purse as it was, or none, and what was issued then.
  void restore(const NodeId& owner, std::optional<Purse> purse);
  void restore_issued(std::uint64_t issued) { issued_ = issued; }
  friend bool operator==(const Stakes&, const Stakes&) = default;

 private:
  std::map<NodeId, Purse> purses_;
  std::uint64_t issued_ = 0;
};

}  // namespace session::swarm

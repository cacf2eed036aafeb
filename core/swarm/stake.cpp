#include "core/swarm/stake.h"

#include <algorithm>

namespace session::swarm {

std::uint64_t Purse::sum() const {
  std::uint64_t sum = free + staked;
  for (const Lock& lock : locked) sum += lock.amount;
  return sum;
}

std::uint64_t Purse::available(std::uint64_t height) const {
  std::uint64_t sum = free;
  for (const Lock& lock : locked)
    if (lock.until <= height) sum += lock.amount;
  return sum;
}

void Stakes::stake(const NodeId& owner, std::uint64_t amount, std::uint64_t height) {
  Purse& purse = purses_[owner];
  purse.free = purse.available(height);
  std::erase_if(purse.locked, [&](const Purse::Lock& lock) { return lock.until <= height; });
  if (purse.free < amount) {
    issued_ += amount - purse.free;
    purse.free = amount;
  }
  purse.free -= amount;
  purse.staked += amount;
}

void Stakes::lock(const NodeId& owner, std::uint64_t until) {
  const auto found = purses_.find(owner);
  if (found == purses_.end() || found->second.staked == 0) return;
  found->second.locked.push_back({found->second.staked, until});
  found->second.staked = 0;
}

const Purse* Stakes::find(const NodeId& owner) const {
  const auto found = purses_.find(owner);
  return found == purses_.end() ? nullptr : &found->second;
}

std::uint64_t Stakes::sum() const {
  std::uint64_t sum = 0;
  for (const auto& [owner, purse] : purses_) sum += purse.sum();
  return sum;
}

std::uint64_t Stakes::staked() const {
  std::uint64_t sum = 0;
  for (const auto& [owner, purse] : purses_) sum += purse.staked;
  return sum;
}

void Stakes::restore(const NodeId& owner, std::optional<Purse> purse) {
  if (purse)
    purses_.insert_or_assign(owner, std::move(*purse));
  else
    purses_.erase(owner);
}

}  // namespace session::swarm

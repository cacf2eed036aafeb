#include "core/pow/policy.h"

#include <algorithm>

namespace session::pow {
namespace {

/// Older changes than any lifetime of a message decide nothing any more.
constexpr std::size_t kMaxChanges = 1024;

}  // namespace

std::optional<NetworkParameters> preset(std::string_view name) {
  NetworkParameters network;
  network.name = name;
  if (name == "readme") return network;
  if (name == "loki-2020") {
    network.work = WorkRule::Always;
    network.difficulty = 1;
    return network;
  }
  if (name == "today") {
    network.work = WorkRule::Never;
    network.difficulty = 1;
    return network;
  }
  return std::nullopt;
}

std::vector<std::string> preset_names() { return {"readme", "loki-2020", "today"}; }

bool is_due(const NetworkParameters& network, std::size_t data_bytes, Millis ttl) {
  switch (network.work) {
    case WorkRule::Always: return true;
    case WorkRule::Never: return false;
    case WorkRule::AboveFree: return data_bytes > network.free_bytes || ttl > network.free_ttl;
  }
  return true;
}

void DifficultyHistory::change(std::uint64_t difficulty, Instant at) {
  if (difficulty == current() || difficulty == 0) return;
  changes_.push_back({std::max(at, changes_.back().at), difficulty});
  if (changes_.size() > kMaxChanges) changes_.erase(changes_.begin());
}

std::uint64_t DifficultyHistory::lowest_since(Instant since) const {
  std::uint64_t lowest = current();
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
    lowest = std::min(lowest, change->difficulty);
    if (change->at <= since) break;  // in force when the span began
  }
  return lowest;
}

}  // namespace session::pow

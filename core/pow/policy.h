// What a network asks of those who use it: when work is due and how much, how large and how old things may be. The same object
// for nodes, clients and the simulator. Source: profile.md 1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace session::pow {

enum class WorkRule {
  AboveFree,  ///< when the data or the lifetime is beyond what is free
  Always,
  Never,
};

struct NetworkParameters {
  std::string name = "readme";
  WorkRule work = WorkRule::AboveFree;
  std::uint32_t free_bytes = 2048;  ///< of decoded data
  Millis free_ttl = days(4);
  std::uint64_t difficulty = 10;
  std::uint32_t max_data_bytes = 76'800;
  Millis min_ttl = seconds(10);
  Millis max_ttl = days(14);
  Millis max_ttl_authenticated = days(30);
  std::uint32_t path_length = 3;
  std::uint32_t guards = 2;
  Millis block_time = seconds(120);
  std::uint64_t staking_requirement = 15'000'000'000'000;  ///< atomic units (10⁻⁹) that stand for each node
  friend bool operator==(const NetworkParameters&, const NetworkParameters&) = default;
};

/// `readme`, `loki-2020` or `today`; nothing for another name.
[[nodiscard]] std::optional<NetworkParameters> preset(std::string_view name);
[[nodiscard]] std::vector<std::string> preset_names();

/// Whether a message of this size and lifetime must carry a stamp.
[[nodiscard]] bool is_due(const NetworkParameters& network, std::size_t data_bytes, Millis ttl);

/// The difficulty over time. A value, small: it keeps what is still accepted and the one before.
class DifficultyHistory {
 public:
  explicit DifficultyHistory(std::uint64_t initial = 1) : changes_{{Instant{}, initial}} {}
  /// From `at` on the difficulty is `difficulty`. Times do not go back; a repetition of the current value changes nothing.
  void change(std::uint64_t difficulty, Instant at);
  [[nodiscard]] std::uint64_t current() const { return changes_.back().difficulty; }
  /// The lowest difficulty in force at any time in [since, now]: what a stamp must meet at least. With since = now − 15 min
  /// this is the rule for clients; with a row's timestamp, the rule for rows from peers.
  [[nodiscard]] std::uint64_t lowest_since(Instant since) const;

 private:
  struct Change {
    Instant at;
    std::uint64_t difficulty = 1;
  };
  std::vector<Change> changes_;  ///< ascending; the last is in force
};

/// How long a stamp for an earlier difficulty is still good.
inline constexpr Millis kDifficultyGrace = minutes(15);

}  // namespace session::pow

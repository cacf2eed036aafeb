// What lies between the machines of a world: the links with their delays and losses, the groups that machines belong to, and
// where the network is parted. A value. Every link has a stream of dice of its own, by the names of its two ends, and every
// packet throws once from it: what is drawn for one packet shifts neither those of another link nor the next of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/rng.h"
#include "core/base/time.h"
#include "core/base/trace.h"

namespace session::sim {

using trace::MachineIndex;

/// How a link treats its packets. Shares are parts in a million.
struct LinkModel {
  Millis base{20};                  ///< what every packet takes
  Millis jitter{30};                ///< and up to so much more, evenly
  std::uint32_t loss_ppm = 0;       ///< never arrive
  std::uint32_t duplicate_ppm = 0;  ///< arrive a second time, at once or nearly
  std::uint32_t reorder_ppm = 0;    ///< are held up by up to kHeldUp more, so that later ones overtake them
  std::uint32_t replay_ppm = 0;     ///< arrive again within kReplayed
  friend bool operator==(const LinkModel&, const LinkModel&) = default;
};
inline constexpr Millis kHeldUp{3'000};
inline constexpr Millis kReplayed = minutes(10);

/// One side of a link or of a cut: a group, or a single machine.
struct Side {
  std::uint64_t group = 0;  ///< a bit of the machines' masks; 0: a single machine
  std::uint32_t machine = 0;
  friend bool operator==(const Side&, const Side&) = default;
};

class Network {
 public:
  static constexpr std::size_t kMaxGroups = 61;  ///< that are named, besides the three that always are

  Network(std::uint64_t seed, const LinkModel& link) : seed_(seed), link_(link) {}

  enum class MachineKind { Seed, Node, Person };
  /// Machines are added in the order of their indices. Its name is its stream's.
  void add(std::string name, MachineKind kind);
  /// A new group. Errors: Refused (the name is taken, or there are too many).
  [[nodiscard]] Result<void> define(std::string_view group, const std::vector<MachineIndex>& members);
  /// "all", "nodes", "people", a named group, or a machine by its name.
  [[nodiscard]] std::optional<Side> side(std::string_view name) const;

  /// All links to which nothing else applies.
  void set_link(const LinkModel& link) { link_ = link; }
  [[nodiscard]] const LinkModel& link() const { return link_; }
  /// Links from one side to another; what is set last applies first. Setting the same sides again replaces it.
  void set_link(const Side& from, const Side& to, const LinkModel& link);
  [[nodiscard]] const LinkModel& link_between(MachineIndex from, MachineIndex to) const;
  /// Nothing passes from one side to the other any more.
  void cut(const Side& from, const Side& to);
  /// It does again; false when it was not cut.
  bool mend(const Side& from, const Side& to);
  void mend_all() { cuts_.clear(); }
  [[nodiscard]] bool is_cut(MachineIndex from, MachineIndex to) const;
  /// Links as they are now: what `set_special_links` gives back after a storm.
  struct Special {
    Side from, to;
    LinkModel link;
  };
  [[nodiscard]] const std::vector<Special>& special_links() const { return special_; }
  void set_special_links(std::vector<Special> links) { special_ = std::move(links); }

  /// What becomes of a packet that leaves now.
  struct Fate {
    bool is_lost = false;
    const char* why = "";
    std::int64_t delay = 0;                  ///< in microseconds
    std::optional<std::int64_t> again;       ///< a second copy's
    std::optional<std::int64_t> much_later;  ///< a replayed copy's
  };
  [[nodiscard]] Fate draw(MachineIndex from, MachineIndex to);

 private:
  struct Cut {
    Side from, to;
    friend bool operator==(const Cut&, const Cut&) = default;
  };
  struct Stream {
    std::uint32_t to;
    SeededRng dice;
  };
  [[nodiscard]] bool has(const Side& side, std::uint32_t machine) const {
    return side.group != 0 ? (groups_of_[machine] & side.group) != 0 : side.machine == machine;
  }
  [[nodiscard]] SeededRng& stream(std::uint32_t from, std::uint32_t to);

  std::uint64_t seed_;
  LinkModel link_;
  std::vector<Special> special_;
  std::vector<Cut> cuts_;
  std::vector<std::string> names_;
  std::vector<std::uint64_t> groups_of_;      ///< of each machine: a bit for each group
  std::vector<std::string> groups_;           ///< names, from bit 3 on
  std::vector<std::vector<Stream>> streams_;  ///< of each sender, by receiver
};

}  // namespace session::sim

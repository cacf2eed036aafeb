// What lies between the machines of a world: the links with their delays and losses, the groups that machines belong to, and
// where the network is parted. A value. Every link has a stream of dice of its own, by the names of its two ends, and every
// packet throws once from it: what is drawn for one packet shifts neither those of another link nor the next of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
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
  std::uint32_t damage_ppm = 0;     ///< of the onions, and of answers to them: arrive with other bytes
  friend bool operator==(const LinkModel&, const LinkModel&) = default;
};
inline constexpr Millis kHeldUp{3'000};
inline constexpr Millis kReplayed = minutes(10);

/// What a machine can send and be sent, in bytes a second; 0: as much as it wants.
struct Bandwidth {
  std::uint64_t up = 0, down = 0;
  friend bool operator==(const Bandwidth&, const Bandwidth&) = default;
};

/// One side of a link or of a cut: a group, or a single machine.
struct Side {
  std::uint64_t group = 0;  ///< a bit of the machines' masks; 0: a single machine
  std::uint32_t machine = 0;
  friend bool operator==(const Side&, const Side&) = default;
};

/// What a cut stops. One that stops answers leaves a half-open connection: what is asked arrives, and who asked never hears.
enum class Stops : std::uint8_t { All, Requests, Answers };

class Network {
 public:
  static constexpr std::size_t kMaxGroups = 61;  ///< that are named, besides the three that always are

  Network(std::uint64_t seed, const LinkModel& link) : seed_(seed), link_(link), first_link_(link) {}

  enum class MachineKind { Seed, Node, Person, Stranger };
  /// Machines are added in the order of their indices. A machine's name is its streams'.
  void add(std::string name, MachineKind kind);
  /// From now on machines can be placed in the regions of sim/regions.h, each of which is a group by its name. Requires that no
  /// group was defined yet.
  void use_regions();
  /// Where a machine stands. Between two that were placed a packet takes the time of the regions' table instead of the link's;
  /// what a later `set_link` for all adds to the first one's latency and jitter comes on top.
  void place(MachineIndex machine, std::size_t region);
  /// Nothing for a machine that was not placed.
  [[nodiscard]] std::optional<std::size_t> region_of(MachineIndex machine) const;
  void set_bandwidth(MachineIndex machine, const Bandwidth& bandwidth) { bandwidth_[machine.value] = bandwidth; }
  /// How much later than `now` a packet of so many bytes has left `from`, and how long `to` takes to get it off its own line,
  /// in microseconds. It waits for those that left before it; on the line of `to` it does not, for nobody knows yet which comes
  /// first.
  struct OnTheLine {
    std::int64_t leaving = 0, taking = 0;
  };
  [[nodiscard]] OnTheLine occupy(MachineIndex from, MachineIndex to, std::uint64_t bytes, Instant now);

  /// A new group. Errors: Refused (the name is taken, or there are too many).
  [[nodiscard]] Result<void> define(std::string_view group, const std::vector<MachineIndex>& members);
  /// "all", "nodes", "people", a named group, or a machine by its name.
  [[nodiscard]] std::optional<Side> side(std::string_view name) const;

  /// All links to which nothing else applies.
  void set_link(const LinkModel& link) { link_ = link; }
  [[nodiscard]] const LinkModel& link() const { return link_; }
  /// Links from one side to another; what is set last applies first. Setting the same sides again replaces it.
  void set_link(const Side& from, const Side& to, const LinkModel& link);
  [[nodiscard]] LinkModel link_between(MachineIndex from, MachineIndex to) const;
  /// Nothing of that passes from one side to the other any more.
  void cut(const Side& from, const Side& to, Stops stops = Stops::All);
  /// It does again; false when it was not cut.
  bool mend(const Side& from, const Side& to, Stops stops = Stops::All);
  /// Every cut, and no link stands still any more.
  void mend_all() { cuts_.clear(), clogs_.clear(); }
  [[nodiscard]] bool is_parted() const { return !cuts_.empty(); }
  [[nodiscard]] bool is_cut(MachineIndex from, MachineIndex to, bool is_answer = false) const;
  /// Links from one side to the other stand still until then; what would have arrived before arrives then, all at once.
  void clog(const Side& from, const Side& to, Instant until) { clogs_.push_back({from, to, until}); }
  /// When something that leaves now arrives which on its way would be due then.
  [[nodiscard]] Instant unclogged(MachineIndex from, MachineIndex to, Instant now, Instant due);
  /// Links as they are now: what `set_special_links` gives back after a storm.
  struct Special {
    Side from, to;
    LinkModel link;
    friend bool operator==(const Special&, const Special&) = default;
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
    std::optional<std::uint64_t> damage;     ///< dice for it, should the packet be an onion
    bool may_damage = false;                 ///< there are packets on this link that are damaged
  };
  [[nodiscard]] Fate draw(MachineIndex from, MachineIndex to, bool is_answer = false);

 private:
  struct Cut {
    Side from, to;
    Stops stops = Stops::All;
    friend bool operator==(const Cut&, const Cut&) = default;
  };
  struct Clog {
    Side from, to;
    Instant until;
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
  LinkModel first_link_;
  std::vector<Special> special_;
  std::vector<Cut> cuts_;
  std::vector<Clog> clogs_;
  std::vector<std::string> names_;
  std::vector<std::uint64_t> groups_of_;  ///< of each machine: a bit for each group
  std::vector<std::string> groups_;       ///< names, from bit 3 on
  bool has_region_groups_ = false;        ///< they are the first
  std::vector<std::uint8_t> region_;      ///< of each machine, from 1; 0: not placed
  std::vector<Bandwidth> bandwidth_;
  std::vector<std::int64_t> line_free_;       ///< when what each machine sends has left, in microseconds since 1970
  std::vector<std::vector<Stream>> streams_;  ///< of each sender, by receiver
};

}  // namespace session::sim

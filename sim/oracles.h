// What must hold in every world, whatever happens in it: judges that read the trace and look at the machines, and never change
// anything. Their letters are those of the invariants: D delivery, S swarms, N registry, W work, O onion, R ratchet, C crashes,
// L limits. A judge that found nothing to look at has shown nothing, so each counts its cases.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/world.h"

namespace session::sim {

/// Those that look at worlds.
inline constexpr std::array kJudged = {"C2", "C4", "D1", "D2", "D3", "D4", "D5", "L1", "L3", "N1",
                                       "N2", "O1", "O2", "O3", "O4", "O6", "O7", "R1", "R2", "R3",
                                       "R5", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "W1", "W2"};
/// Nobody deletes or revokes at nodes there.
inline constexpr std::string_view kIdleInDrawnWorlds = "S7";
/// Of these the ones that had no case though they should: they have shown nothing.
[[nodiscard]] std::vector<std::string> idle_among(const std::map<std::string, std::uint64_t>& cases);

struct Violation {
  std::string oracle;  ///< its name: "D1"
  Instant at;
  std::string what;
};

/// What is demanded of a world.
enum class Family : std::uint8_t {
  Survivable,  ///< everything: whoever is hostile leaves each swarm enough sound members (sim/scenario.h, is_survivable)
  Beyond,      ///< that nobody is lied to: what adversaries withhold or throw away may be lost
};
/// Whether an oracle is heard beyond what can be survived: it forbids lies, or holds at each honest machine by itself.
[[nodiscard]] bool forbids_lies(std::string_view oracle);

/// What the judges of one run share.
class Court {
 public:
  explicit Court(const World& world, Family family = Family::Survivable) : world_(world), family_(family) {}
  [[nodiscard]] const World& world() const { return world_; }
  [[nodiscard]] Family family() const { return family_; }
  /// A promise of it counts: it is no hostile node.
  [[nodiscard]] bool is_sound(MachineIndex machine) const { return !world_.is_hostile(machine); }
  /// Counts cases that an oracle looked at; its name is a letter and a digit.
  void look(const char* oracle, std::uint64_t cases = 1) { cases_[place_of(oracle)] += cases; }
  /// Kept once an oracle: what follows from a first violation says little.
  void violate(const char* oracle, std::string what);
  [[nodiscard]] const std::vector<Violation>& violations() const { return violations_; }
  /// By name, of those that looked at any.
  [[nodiscard]] std::map<std::string, std::uint64_t> cases() const;
  /// The first device of the person of this id; nothing for one who is not of this world.
  [[nodiscard]] std::optional<MachineIndex> person(const SessionId& id);
  /// All of them: one, unless more were restored from the same phrase.
  [[nodiscard]] const std::vector<MachineIndex>& devices(const SessionId& id);
  [[nodiscard]] const std::vector<MachineIndex>& people() const { return world_.people(); }
  [[nodiscard]] const std::string& name(MachineIndex m) const { return world_.names()[m.value]; }

 private:
  static std::size_t place_of(const char* oracle) {
    return static_cast<std::size_t>(oracle[0] - 'A') * 10 + static_cast<std::size_t>(oracle[1] - '0');
  }
  const World& world_;
  Family family_;
  std::vector<Violation> violations_;
  std::array<std::uint64_t, std::size_t{26} * 10> cases_{};
  std::map<SessionId, std::vector<MachineIndex>> devices_;
  std::size_t known_ = 0;  ///< people, the first ones, that are in there
};

class Oracle {
 public:
  virtual ~Oracle() = default;
  virtual void on(const trace::Record& /*record*/, Court& /*court*/) {}
  virtual void on_link(const PacketOnLink& /*packet*/, Court& /*court*/) {}
  /// Now and then, while the world runs.
  virtual void check(Court& /*court*/) {}
  /// Once, when all faults are healed and everybody was online for `calm`.
  virtual void judge(Millis /*calm*/, Court& /*court*/) {}
};

/// All of them over one world, which must outlive them.
class Oracles final : public TraceReader {
 public:
  explicit Oracles(const World& world, Family family = Family::Survivable);
  void on(const trace::Record& record) override;
  void on_link(const PacketOnLink& packet) override;
  void check();
  void judge(Millis calm);
  [[nodiscard]] const std::vector<Violation>& violations() const { return court_.violations(); }
  /// How many cases each looked at.
  [[nodiscard]] std::map<std::string, std::uint64_t> cases() const { return court_.cases(); }

 private:
  Court court_;
  std::vector<std::unique_ptr<Oracle>> oracles_;
};

// --- the judges, a file each ------------------------------------------------------------------------------------------------

/// D2 once and, after the calm, everything; D3 nothing that its author did not write; D4 "delivered" is true; D5 what was
/// handed over does not wait; L3 nothing is under way after the calm.
[[nodiscard]] std::unique_ptr<Oracle> delivery_oracle();
/// D1 what a node acknowledged it keeps; D4 "kept by k" is true; S3 a node keeps its own swarm's messages only.
[[nodiscard]] std::unique_ptr<Oracle> mailbox_oracle();
/// N1 the same block, the same registry, and no node believes one that nobody sealed; N2 a node is ruled on if and only if
/// seven of a quorum's ten agree, and stake is conserved; S1 every active node in one swarm, none of them too small; S2 a key
/// maps to one swarm, alike on all nodes that know a block.
[[nodiscard]] std::unique_ptr<Oracle> registry_oracle();
/// S4 members of a swarm end alike; S5 what moves with an account reaches its new owners, S6 as it was; S7 what most members
/// deleted, shortened or revoked does not come back.
[[nodiscard]] std::unique_ptr<Oracle> swarm_oracle();
/// O1 no words and no account in clear in what a guard gets; O2 no sender uses an ephemeral key twice; O4 three relays, and
/// they are not the destination; O6 no relay passes a layer on twice while it remembers the first; O7 people speak to guards
/// and the seed only.
[[nodiscard]] std::unique_ptr<Oracle> onion_oracle();

/// C2 nothing leaves a node before what it wrote is committed; C4 one whose disk is full takes nothing and says 507, lets read,
/// and takes again when there is room.
[[nodiscard]] std::unique_ptr<Oracle> disk_oracle();
/// L1 no table of a machine holds more than it may.
[[nodiscard]] std::unique_ptr<Oracle> caps_oracle();

/// N1, for two that claim the same height.
[[nodiscard]] bool are_same(const swarm::Registry& a, const swarm::Registry& b);
/// S2: whether the swarm that is claimed for a point of the ring is the nearest of these; what is wrong, or nothing.
[[nodiscard]] std::optional<std::string> wrong_with_key(std::span<const SwarmId> ids, std::uint64_t point, SwarmId claimed);
/// L1; what is wrong, or nothing.
[[nodiscard]] std::optional<std::string> wrong_with_fillings(const Fillings& fillings);
/// S1; what is wrong, or nothing.
[[nodiscard]] std::optional<std::string> wrong_with_swarms(const swarm::Registry& registry);

}  // namespace session::sim

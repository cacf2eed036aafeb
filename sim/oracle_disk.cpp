// What nodes say, and people's devices do, while their disks fail or are full.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "sim/oracles.h"

namespace session::sim {
namespace {

/// For answers that were on their way, and nodes that begin anew.
constexpr Millis kResumed = seconds(30);
/// A person's device tries a store that failed again after 64 s at most.
constexpr Millis kTriedAgain = minutes(2);
/// No node of these worlds keeps so much that it may refuse more for its own limits' sake.
constexpr std::uint64_t kPlenty = 32ULL * 1024 * 1024;
constexpr std::uint32_t kRefusedInARow = 5;  ///< readings, by one node

class DiskOracle final : public Oracle {
 public:
  /// C2: whatever leaves a machine with a store.
  void on_link(const PacketOnLink& packet, Court& court) override {
    if (packet.is_copy || (!court.world().is_node(packet.from) && !court.world().is_person(packet.from))) return;
    committed("sends", packet.from, court);
  }

  void check(Court& court) override {
    for (const MachineIndex who : court.people()) goes_on(who, court);
  }

  void on(const trace::Record& record, Court& court) override {
    if (court.world().is_person(record.who)) on_person(record, court);
    if (const auto* stored = std::get_if<trace::Stored>(&record.fact)) {
      committed("keeps something", record.who, court);
      if (is_full(record.who, court) && !stored->already)
        court.violate("C4", fmt::format("{} took {} although its disk is full", court.name(record.who), stored->hash.text));
    } else if (const auto* ended = std::get_if<trace::FaultEnded>(&record.fact)) {
      if (ended->kind == kDiskIsFull) ended_[ended->machine.value] = record.at;
    } else if (const auto* said = std::get_if<trace::PeerAnswered>(&record.fact)) {
      on_peer(*said, court);
    } else if (const auto* sent = std::get_if<trace::OnionSent>(&record.fact)) {
      const auto to = sent->method == "retrieve" ? court.world().machine_of(sent->destination) : std::nullopt;
      const std::array relays = {sent->guard, sent->middle, sent->last};
      if (to && is_full(*to, court) && are_sound(relays, court)) readings_[{record.who.value, sent->call}] = {*to, relays};
    } else if (const auto* answered = std::get_if<trace::OnionAnswered>(&record.fact)) {
      on_reading(record.who, *answered, court);
    }
  }

 private:
  /// Whatever a person's device has done of this is in its store.
  static void on_person(const trace::Record& record, Court& court) {
    if (!std::holds_alternative<trace::DeliveryMoved>(record.fact) && !std::holds_alternative<trace::Journalled>(record.fact) &&
        !std::holds_alternative<trace::Opened>(record.fact))
      return;
    committed("does something", record.who, court);
    if (is_full(record.who, court))
      court.violate("C4", fmt::format("{} did something although the disk is full", court.name(record.who)));
  }
  /// C4: whose store failed goes on when it works.
  void goes_on(MachineIndex who, Court& court) {
    const World& world = court.world();
    if (world.failure(who)) court.look("C4");
    if (!world.failure(who) || world.disk_fault(who) != World::DiskFault::None || world.is_down(who) || world.is_paused(who)) {
      waits_since_.erase(who.value);
      return;
    }
    const Instant since = waits_since_.try_emplace(who.value, world.now()).first->second;
    if (world.now() - since > kTriedAgain)
      court.violate("C4",
                    fmt::format("{} does not go on, though the disk works: {}", court.name(who), world.failure(who)->message));
  }

  using Relays = std::array<NodeId, 3>;
  /// A relay whose own disk is at fault says so with the same numbers.
  static bool are_sound(const Relays& relays, Court& court) {
    return std::ranges::all_of(relays, [&](const NodeId& relay) {
      const auto machine = court.world().machine_of(relay);
      return machine && court.world().disk_fault(*machine) == World::DiskFault::None;
    });
  }
  static bool is_full(MachineIndex node, Court& court) { return court.world().disk_fault(node) == World::DiskFault::Full; }
  static void committed(const char* what, MachineIndex machine, Court& court) {
    court.look("C2");
    const World& world = court.world();
    const bool is_open =
        world.is_node(machine) ? world.mail(machine).in_transaction() : world.account(machine).in_transaction();
    if (is_open) court.violate("C2", fmt::format("{} {} before it has committed", court.name(machine), what));
  }
  /// Of a write that was forwarded: 507 where there is no room, and only there.
  void on_peer(const trace::PeerAnswered& said, Court& court) {
    const auto peer = court.world().machine_of(said.peer);
    if (!peer || said.status != 507) return;
    court.look("C4");
    const auto ended = ended_.find(peer->value);
    const bool was_full = ended != ended_.end() && court.world().now() - ended->second <= kResumed;
    if (!is_full(*peer, court) && !was_full && court.world().mail(*peer).total_bytes() < kPlenty)
      court.violate("C4", fmt::format("{} says that it has no room, and there is", court.name(*peer)));
  }
  /// Of a mailbox on a full disk: it can be read. A write that fails takes with it what waits beside it, now and then.
  void on_reading(MachineIndex who, const trace::OnionAnswered& answered, Court& court) {
    const auto reading = readings_.find({who.value, answered.call});
    if (reading == readings_.end()) return;
    const auto [node, relays] = reading->second;
    readings_.erase(reading);
    if (!is_full(node, court) || !are_sound(relays, court)) return;
    court.look("C4");
    const bool is_refused = answered.status == 507 || answered.status == 500;
    std::uint32_t& refused = refused_[node.value];
    refused = is_refused ? refused + 1 : 0;
    if (refused == kRefusedInARow)
      court.violate("C4", fmt::format("{}, whose disk is full, does not let {} read: {}", court.name(node), court.name(who),
                                      answered.status));
  }

  std::map<std::uint32_t, Instant> ended_;
  std::map<std::uint32_t, std::uint32_t> refused_;  ///< readings in a row, by nodes
  std::map<std::uint32_t, Instant> waits_since_;    ///< people, for a disk that works
  std::map<std::pair<std::uint32_t, CallId>, std::pair<MachineIndex, Relays>> readings_;
};

}  // namespace

std::unique_ptr<Oracle> disk_oracle() { return std::make_unique<DiskOracle>(); }

}  // namespace session::sim

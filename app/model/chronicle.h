// Reads the trace and keeps what a picture needs of it: packets on their links with the onion layers they have left, the
// journeys of one person's messages, what waits in mailboxes, how much happened when. Nothing is shown that no fact told.
#pragma once

#include <deque>
#include <functional>
#include <set>
#include <unordered_map>

#include "app/model/snapshot.h"
#include "core/base/trace.h"

namespace session::app {

class Chronicle {
 public:
  /// `begin` is where the timeline starts.
  explicit Chronicle(Instant begin);

  /// Who is who: asked for nodes and people that facts name.
  void know(const NodeId& node, Machine machine) { nodes_[node] = machine; }
  void know(const SessionId& person, Machine machine) {
    people_[person] = machine;
    accounts_[machine] = person.account;
  }
  /// A seed: what goes there or comes from there is no message.
  void add_registry_machine(Machine machine) { registries_.insert(machine); }
  /// Whose messages have journeys.
  void set_me(Machine me) { me_ = me; }

  void on(const trace::Record& record);
  /// The message that a delivery carries, as its recipient will name it.
  void name_message(std::uint64_t delivery, std::int64_t sent_at, std::uint32_t text_bytes);
  /// When a packet whose PacketSent was read will arrive.
  void on_link(std::uint64_t packet, Instant due);

  /// Packets on their links at `view`, and those lost less than `kLossShown` before.
  [[nodiscard]] std::vector<Flight> flights(Instant view) const;
  [[nodiscard]] bool any_in_flight() const { return !flights_.empty(); }
  [[nodiscard]] const Flight* flight(std::uint64_t packet) const;
  /// Null when it is not known.
  [[nodiscard]] const Journey* journey(std::uint64_t delivery) const;
  [[nodiscard]] std::uint32_t kept(Machine node) const;
  [[nodiscard]] std::uint32_t waiting(const SessionId& person) const;
  [[nodiscard]] const Timeline& timeline() const { return timeline_; }
  [[nodiscard]] std::uint64_t facts() const { return facts_; }
  /// The newest facts of a machine in words, oldest first.
  [[nodiscard]] std::vector<FactLine> facts_of(Machine machine, std::size_t most) const;

  /// What changed since it was last asked.
  struct Changes {
    std::set<SessionId> contacts;  ///< whose conversation with me looks different
    bool network = false;          ///< nodes, swarms, mailboxes, who is there
    bool flights = false;
    bool journeys = false;
    bool something_visible = false;  ///< a packet moved or a state changed: what a step waits for
  };
  [[nodiscard]] Changes take_changes() { return std::exchange(changes_, {}); }
  [[nodiscard]] bool saw_something() const { return changes_.something_visible; }

  static constexpr Millis kLossShown{600};

 private:
  struct Cause {  ///< of what a machine notes now: the packet that came in last
    Machine at = kNoMachine;
    Instant when;
    FlightKind kind = FlightKind::Registry;
    std::uint8_t layers = 0;
    std::array<Machine, 4> peelers{kNoMachine, kNoMachine, kNoMachine, kNoMachine};
    std::uint64_t delivery = 0;
    bool peeled = false;
  };
  struct Open {  ///< a request that was heard and not yet answered
    FlightKind kind = FlightKind::Registry;
    std::uint64_t delivery = 0;
    Instant since;
  };
  struct LastOnion {
    std::uint64_t packet = 0;
    std::uint64_t call = 0;
    std::array<Machine, 4> path{};
    std::uint32_t size = 0;
    bool is_store = false;
    bool is_sent = false;
  };

  [[nodiscard]] Machine machine_of(const NodeId& node) const;
  void count(Lane lane, Instant at);
  void sent(const trace::PacketSent& fact, const trace::Record& record);
  void delivered(std::uint64_t packet, const trace::Record& record);
  void lost(const trace::PacketLost& fact, const trace::Record& record);
  void moved(const trace::DeliveryMoved& fact, const trace::Record& record);
  void stored(const trace::Stored& fact, const trace::Record& record);
  void peeled(const trace::LayerPeeled& fact, const trace::Record& record);
  void opened(const trace::Opened& fact, const trace::Record& record);
  Journey& journey_at(std::uint64_t delivery);
  JourneyStep& add_step(std::uint64_t delivery, StepKind kind, const trace::Record& record);
  [[nodiscard]] std::uint64_t cause_delivery(const trace::Record& record) const;

  std::unordered_map<NodeId, Machine> nodes_;
  std::map<SessionId, Machine> people_;
  std::set<Machine> registries_;
  Machine me_ = kNoMachine;
  std::map<std::uint64_t, Flight> flights_;  ///< on links, and lost ones for a while
  std::map<std::pair<Machine, Machine>, std::deque<Open>> open_;
  std::unordered_map<Machine, LastOnion> onions_;
  std::map<std::uint64_t, std::uint64_t> deliveries_of_calls_;  ///< of mine
  Cause cause_;
  std::map<std::uint64_t, Journey> journeys_;
  std::unordered_map<Machine, std::uint32_t> kept_;
  std::map<Account, std::set<MessageHash>> waiting_;
  std::unordered_map<Machine, Account> accounts_;
  Timeline timeline_;
  std::deque<trace::Record> records_;
  std::uint64_t facts_ = 0;
  Changes changes_;
};

}  // namespace session::app

// A world in a box: a seed, service nodes and people, the real machines, on a virtual clock and modelled links. The same seed
// gives the same run, event for event; a copy of a world runs on alike, which is how it is rewound and forked.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/site.h"
#include "core/client/runner.h"
#include "core/node/seed.h"
#include "core/node/service_node.h"
#include "core/pow/search.h"
#include "core/store/client_tables.h"
#include "core/store/faulty_tables.h"
#include "sim/adversary.h"
#include "sim/clock.h"
#include "sim/cpu.h"
#include "sim/event_queue.h"
#include "sim/network.h"
#include "sim/seeds.h"
#include "sim/spammer.h"
#include "sim/stand_in.h"

namespace session::sim {

/// Machines that share a fate: a region, a provider. By their places among the nodes and by the people's names.
struct GroupConfig {
  std::string name;
  std::vector<std::size_t> nodes;
  std::vector<std::string> people;
  std::string region;                 ///< of sim/regions.h, where its machines stand; or empty
  CpuClass cpu = CpuClass::Unpriced;  ///< of its machines; Unpriced: as the world says
};
/// Links that differ from the others, between two sides that Network::side knows by these names.
struct LinkConfig {
  std::string from, to;
  bool both_ways = true;
  LinkModel link;
};

/// Who does the arithmetic of the machines' cryptography.
enum class Fidelity : std::uint8_t {
  Real,
  Modelled,  ///< core/modelled: sizes, draws and refusals as they are, without the arithmetic
};
/// How a stamp is found.
enum class Stamps : std::uint8_t {
  Searched,  ///< by trying; it takes as long as the trials that it took
  Drawn,     ///< the number of trials is drawn; so is the stamp itself when cryptography is modelled
};

struct WorldConfig {
  std::uint64_t seed = 1;
  Fidelity fidelity = Fidelity::Real;
  std::uint32_t sites = 0;           ///< of core/base/site.h, a bit each, that are live until the calm
  Stamps stamps = Stamps::Searched;  ///< Drawn in any case when cryptography is modelled
  std::size_t seeds = 1;             ///< 1 to kMostSeeds: the first has the chain, the others follow it
  std::size_t nodes = 21;
  std::vector<std::string> people;
  pow::NetworkParameters network;
  LinkModel link;
  std::vector<GroupConfig> groups;  ///< names and members must be good ones: parse_scenario sees to it
  std::vector<LinkConfig> links;
  bool regions = false;  ///< machines stand in regions drawn by their names, but for those of a group that has one
  Bandwidth node_bandwidth, person_bandwidth;
  CpuConfig node_cpu, person_cpu;
  Instant begin = Instant::from_unix_millis(1'577'836'800'000);  ///< 2020-01-01
  std::uint64_t stamp_trials_per_second = 1'000'000;             ///< by a machine without a CpuClass
};

/// What lies on a link, as it will arrive: told after its PacketSent. `body` is a view for the call's duration.
struct PacketOnLink {
  std::uint64_t packet = 0;
  Instant due;  ///< when it will arrive
  BytesView body;
  MachineIndex from, to;
  bool is_answer = false;
  bool is_copy = false;                         ///< made by the network, not by the sender
  bool is_damaged = false;                      ///< its body is not what was sent
  wire::Route route = wire::Route::StorageRpc;  ///< of the request, or of that which is answered
  std::uint64_t exchange = 0;                   ///< a request and its answer share one, as they share a connection
};

/// Reads the facts of a run as they happen. Not part of the world: a copy has no readers.
class TraceReader {
 public:
  virtual ~TraceReader() = default;
  virtual void on(const trace::Record& record) = 0;
  virtual void on_link(const PacketOnLink& /*packet*/) {}
};

/// The kind of FaultBegan that a changed disk notes.
inline constexpr std::string_view kDiskFault = "back with another disk";
/// The kind of FaultBegan and FaultEnded of one that has no room.
inline constexpr std::string_view kDiskIsFull = "the disk is full";

/// "node-07": the name of the i-th node.
[[nodiscard]] std::string node_name(std::size_t i);
/// The other way; nothing for what is no node's name.
[[nodiscard]] std::optional<std::size_t> node_number(std::string_view name);

class World {
 public:
  explicit World(const WorldConfig& config);

  [[nodiscard]] Instant now() const { return now_; }
  /// Events until and including `until`; the clock then stands there.
  void run_until(Instant until, TraceReader* reader);
  /// The next event, wherever it lies; false when nothing waits.
  bool step(TraceReader* reader);
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::size_t pending() const { return queue_.size(); }

  /// Machines in the order in which they came: 0 is the seed. An index never changes and is never given twice.
  [[nodiscard]] MachineIndex seed() const { return {0}; }
  [[nodiscard]] bool is_seed(MachineIndex m) const { return roles_[m.value].kind == Network::MachineKind::Seed; }
  /// The i-th node that ever was; those that left keep their places.
  [[nodiscard]] MachineIndex node(std::size_t i) const { return node_machines_[i]; }
  [[nodiscard]] std::size_t nodes() const { return nodes_.size(); }
  [[nodiscard]] const std::vector<MachineIndex>& people() const { return person_machines_; }
  [[nodiscard]] std::optional<MachineIndex> person(std::string_view name) const;
  /// The node of this id; nothing for one that is not of this world.
  [[nodiscard]] std::optional<MachineIndex> machine_of(const NodeId& node) const;
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const node::ServiceNode& service_node(MachineIndex node) const;
  [[nodiscard]] const store::MailStore& mail(MachineIndex node) const;
  /// What a thief of this node's keys has; its X25519 keys follow from them.
  [[nodiscard]] const crypto::Ed25519Pair& keys_of(MachineIndex node) const { return node_at(node).config.keys; }
  [[nodiscard]] const client::Client& client(MachineIndex person) const;
  [[nodiscard]] store::ClientStore& account(MachineIndex person);
  [[nodiscard]] const store::ClientStore& account(MachineIndex person) const { return stolen(person); }
  /// The same as a value, that a thief of the device could copy.
  [[nodiscard]] const store::FaultyClientStore& stolen(MachineIndex person) const { return person_at(person).store; }
  /// The store of this person failed, and the machine has not begun anew since; what they are told.
  [[nodiscard]] const std::optional<Error>& failure(MachineIndex person) const { return person_at(person).runner->failure(); }
  /// A node's disk, to be spoilt from outside.
  [[nodiscard]] store::MailStore& disk(MachineIndex node) { return node_at(node).store; }
  [[nodiscard]] const swarm::RegistrySnapshot& registry() const { return seed_.registry(); }
  [[nodiscard]] const swarm::Chain& chain() const { return seed_.chain(); }

  /// When the next event comes; nothing when none waits.
  [[nodiscard]] std::optional<Instant> next_event() const;
  /// One more person, who comes into a world that runs; with a seed, the account that it stands for. Errors: Refused (the name
  /// is taken or not a good one).
  [[nodiscard]] Result<MachineIndex> add_person(const std::string& name, const std::optional<store::AccountSeed>& account,
                                                TraceReader* reader, crypto::Era era = crypto::Era::C);
  /// One more device of a person, restored from the recovery phrase, with nothing but that. Errors: as `add_person`.
  [[nodiscard]] Result<MachineIndex> restore_person(const std::string& name, MachineIndex of, TraceReader* reader);
  // membership.cpp
  /// One more service node, which starts now and is a member from the next block on; its name is the next of `node_name`.
  MachineIndex add_node(TraceReader* reader);
  /// No member any more from the next block on. The machine runs on, so that it can hand over what it kept, but no calm
  /// brings it back once it is down.
  void leave_node(MachineIndex node);
  /// One that left, or that the registry dropped, registers again with the keys and the disk that it has.
  void rejoin_node(MachineIndex node, TraceReader* reader);
  [[nodiscard]] bool has_left(MachineIndex machine) const { return has_left_[machine.value]; }
  /// The registry does not list it although it did not leave: it was dropped, or has only just asked to join.
  [[nodiscard]] bool was_dropped(MachineIndex node) const;
  /// Nodes that did not leave, in the order in which they came.
  [[nodiscard]] std::vector<MachineIndex> members() const;

  /// A command of a person, now. An offline person acts and is then heard once there is a connection again.
  [[nodiscard]] Result<client::Outcome> command(MachineIndex person, const client::Command& command, TraceReader* reader);
  /// A machine that is down hears nothing, and what it had in memory is lost; its store stays.
  void set_down(MachineIndex machine, bool down, TraceReader* reader);
  [[nodiscard]] bool is_down(MachineIndex machine) const { return down_[machine.value]; }
  /// What a node comes back with.
  enum class Disk {
    Kept,
    Lost,  ///< empty
    Old,   ///< as it was at the last `back_up`; empty when there was none
  };
  /// For a node or a person that is down. A person's is never lost.
  void change_disk(MachineIndex machine, Disk disk, TraceReader* reader);
  void back_up(MachineIndex machine);
  /// A person whose store was put back from a backup: what it had later is gone.
  [[nodiscard]] bool was_put_back(MachineIndex person) const { return person_at(person).was_put_back; }
  /// Everything that this node keeps is kept by another one too that is honest and whose disk is sound: losing it is survived.
  [[nodiscard]] bool is_spared(MachineIndex node) const;
  /// A machine that stands still: what reaches it waits, and it finds all of it when it goes on. One that goes down stands
  /// still no longer.
  void set_paused(MachineIndex machine, bool paused, TraceReader* reader);
  [[nodiscard]] bool is_paused(MachineIndex machine) const { return paused_[machine.value]; }
  /// How a machine is slower than it should be.
  struct Slowness {
    Millis by;                ///< so much later leaves everything that it sends
    std::uint64_t times = 1;  ///< so many times as long it thinks; one that takes no time to think takes so many times the
                              ///< link's latency until what it sends is there
    friend bool operator==(const Slowness&, const Slowness&) = default;
  };
  static constexpr std::uint64_t kSlowest = 100;
  void set_slow(MachineIndex machine, const Slowness& slow, TraceReader* reader);
  [[nodiscard]] const Slowness& slowness(MachineIndex machine) const { return slow_[machine.value]; }
  [[nodiscard]] bool is_slow(MachineIndex machine) const { return slow_[machine.value] != Slowness{}; }
  /// What it is like inside. One with a class thinks about one input after the other, each for as long as sim/cpu.h says, and
  /// what it sends leaves when it has thought.
  [[nodiscard]] CpuClass cpu(MachineIndex machine) const { return cpus_[machine.value].cpu; }
  /// For how long it has thought, in microseconds.
  [[nodiscard]] std::int64_t thought_us(MachineIndex machine) const { return cpus_[machine.value].thought_us; }
  /// Trials of a stamp a second.
  [[nodiscard]] std::uint64_t stamp_speed(MachineIndex machine) const;
  /// What the machine's own clock shows too much.
  void set_clock_error(MachineIndex machine, Millis error) { clocks_[machine.value].set_error(error, now_); }
  [[nodiscard]] Millis clock_error(MachineIndex machine) const { return {clocks_[machine.value].error_at(now_) / 1000}; }
  /// By how many parts in a million it runs fast; negative: slow.
  void set_clock_drift(MachineIndex machine, std::int64_t ppm) { clocks_[machine.value].set_drift(ppm, now_); }
  /// It stands still; or goes on.
  void set_clock_stopped(MachineIndex machine, bool stopped) { clocks_[machine.value].set_stopped(stopped, now_); }
  [[nodiscard]] const MachineClock& clock(MachineIndex machine) const { return clocks_[machine.value]; }
  /// What becomes of a disk. A node answers 500 or 507 then and begins anew from what the disk has, as `core/net` does; so does
  /// a person's device (core/client/runner.h). It strikes the machine alone: who looks at the world sees what the disk holds.
  enum class DiskFault {
    None,
    Error,    ///< every read and write fails
    Full,     ///< writes, for want of room
    Flaky,    ///< some of all operations, as drawn
    Sync,     ///< commits: the sync fails, and all that was written is there all the same, or nothing
    Damaged,  ///< one page is not what was written: torn, misdirected, flipped. Whoever needs it fails
  };
  /// `share_ppm`: Flaky: of all operations.
  void set_disk_fault(MachineIndex machine, DiskFault fault, TraceReader* reader, std::uint32_t share_ppm = 50'000);
  [[nodiscard]] DiskFault disk_fault(MachineIndex machine) const { return disk_of(machine).fault; }
  /// The power fails while the machine works on the next input that writes: before its commit, of which nothing is left then,
  /// or after it and before anything was said. It is down then. Or no longer.
  void set_power_failing(MachineIndex machine, bool failing) { disk_of(machine).power_fails = failing && !is_down(machine); }
  [[nodiscard]] bool is_power_failing(MachineIndex machine) const { return disk_of(machine).power_fails; }
  /// Of which version of the protocol a node is (sim/stand_in.h).
  void set_version(MachineIndex node, Version version, TraceReader* reader);
  /// No fault site (core/base/site.h) fires from now on.
  void quieten_sites() { sites_ = 0; }
  /// Those that ever fired, a bit each.
  [[nodiscard]] std::uint32_t sites_fired() const { return sites_fired_; }
  [[nodiscard]] Version version(MachineIndex node) const { return node_at(node).version; }
  // hostile.cpp
  /// What a node does to others from now on; nothing: it is honest again, with what its disk has. All hostile nodes are one
  /// coalition.
  void set_hostile(MachineIndex node, const Malice& malice, TraceReader* reader);
  [[nodiscard]] bool is_hostile(MachineIndex machine) const { return is_node(machine) && malice(machine).any(); }
  [[nodiscard]] const Malice& malice(MachineIndex node) const { return node_at(node).adversary.malice(); }
  [[nodiscard]] const Accomplices& coalition() const { return coalition_; }
  /// No swarm has more hostile members than that from now on, whatever becomes of the swarms: those beyond turn honest.
  void bound_hostile(std::optional<std::size_t> most_in_swarm, TraceReader* reader);
  /// A stranger who floods a mailbox; comes into the network now.
  MachineIndex add_spammer(const SpamConfig& config, TraceReader* reader);
  /// By the order in which they came.
  [[nodiscard]] const std::vector<Spammer>& spammers() const { return spammers_; }
  // seeds.cpp
  /// The i-th seed, from 0.
  [[nodiscard]] MachineIndex seed(std::size_t i) const { return seeds_[i].machine; }
  [[nodiscard]] std::size_t seeds() const { return seeds_.size(); }
  /// What the i-th seed shows people instead of the network, or one of them; None: it is honest again. Nodes ask the first, and
  /// hear the truth.
  void set_lie(std::size_t i, SeedLie lie, std::optional<MachineIndex> against, TraceReader* reader);
  /// There was never more than one liar among several: who holds them against one another may believe what they say.
  [[nodiscard]] bool are_seeds_trustworthy() const { return are_seeds_trustworthy_; }
  /// From now on the seed tells this machine of no block that is newer than the newest now; or of all again.
  void set_late(MachineIndex machine, bool late, TraceReader* reader);
  [[nodiscard]] bool is_late(MachineIndex machine) const { return late_[machine.value] != nullptr; }
  /// The newest blocks are undone, and another branch that is one block longer takes their place; how many were undone.
  std::size_t fork(std::size_t blocks, TraceReader* reader);
  [[nodiscard]] Network& network() { return network_; }
  [[nodiscard]] const Network& network() const { return network_; }
  void set_link(const LinkModel& link) { network_.set_link(link); }
  [[nodiscard]] const LinkModel& link() const { return network_.link(); }
  [[nodiscard]] const WorldConfig& config() const { return config_; }
  [[nodiscard]] bool is_node(MachineIndex m) const { return roles_[m.value].kind == Network::MachineKind::Node; }
  [[nodiscard]] bool is_person(MachineIndex m) const { return roles_[m.value].kind == Network::MachineKind::Person; }
  [[nodiscard]] node::Seed& registry_machine() { return seed_; }
  /// A block now.
  void seal_block(TraceReader* reader);
  void note(trace::Fact fact, MachineIndex who, TraceReader* reader);
  void check_invariants() const;

 private:
  /// What waits in the queue: small, by number; bodies lie in `packets_`.
  struct Event {
    enum class Kind : std::uint8_t { Deliver, CallTimeout, Timer, StampFound, StartAgain, Thought } kind = Kind::Timer;
    std::uint32_t machine = 0;
    std::uint64_t a = 0;  ///< packet, call, timer, stamp or the number of a thought
    std::uint64_t b = 0;  ///< the packet's place, or the generation of a timer or of the machine
  };
  struct Packet {
    MachineIndex from, to;
    CallId call;  ///< the caller's
    std::variant<wire::Request, wire::Answer> content;
    std::uint64_t generation = 0;  ///< the life of whoever asked: an answer is for that one alone
    wire::Route route = wire::Route::StorageRpc;
    std::uint64_t exchange = 0;
    [[nodiscard]] bool is_answer() const { return std::holds_alternative<wire::Answer>(content); }
    [[nodiscard]] BytesView body() const;
    [[nodiscard]] Bytes& body();
  };
  /// A call that is on its way or being worked on.
  struct OpenCall {
    MachineIndex to;
  };
  struct Incoming {
    MachineIndex from;
    CallId call;
    std::uint64_t generation = 0;
    wire::Route route = wire::Route::StorageRpc;
    std::uint64_t exchange = 0;
  };
  struct ByNumber {
    template <class Id>
    std::size_t operator()(Id id) const noexcept {
      return static_cast<std::size_t>(id.value);
    }
  };
  /// How a machine's disk fails.
  struct DiskState {
    DiskFault fault = DiskFault::None;
    store::Fault strikes{};    ///< while the machine works
    std::uint64_t draws = 0;   ///< dice of its own that it had
    bool power_fails = false;  ///< at its next write
  };
  /// What tells an old copy of a person's store: a number in the keyring, which no disk takes along.
  struct Keyring final : store::EpochCounter {
    [[nodiscard]] Result<std::optional<std::uint64_t>> read() const override { return epoch; }
    [[nodiscard]] Result<void> write(std::uint64_t to) override { return epoch = to, Result<void>(); }
    std::optional<std::uint64_t> epoch;
  };
  struct Person {
    store::FaultyClientStore store;
    std::optional<client::Runner> runner;
    Keyring keyring;
    std::optional<store::FaultyClientStore> backup;
    DiskState disk;
    bool is_counted = false;    ///< this start of the program, in the keyring
    bool was_put_back = false;  ///< its store, from the backup
  };
  class Lent;
  struct Node {
    wire::RegistryEntry entry;  ///< as it registers
    node::Config config;
    node::ServiceNode machine;
    store::FaultyMailStore store;
    std::optional<store::FaultyMailStore> backup;
    DiskState disk;
    Version version = Version::Current;
    Adversary adversary;
  };

  static constexpr const char* kSeedUrl = "sim://seed";

  /// What a machine is, and its place among its kind.
  struct Role {
    Network::MachineKind kind;
    std::uint32_t place;
  };

  struct Cpu {
    CpuClass cpu = CpuClass::Unpriced;
    Instant busy_until;
    std::int64_t thought_us = 0;
    std::uint64_t thought = 0;  ///< the number of the event that ends its thought; 0: nothing waits for that
    std::deque<Event> waiting;  ///< inputs that came while it thought
  };

  MachineIndex add_machine(std::string name, Network::MachineKind kind);
  MachineIndex make_node();
  void dispatch(const Event& event, TraceReader* reader);
  /// For as long as the machine works at one input.
  [[nodiscard]] site::Live sites_of(MachineIndex machine);
  void take_up(const Event& event, TraceReader* reader);
  // thinking.cpp
  [[nodiscard]] CpuClass draw_cpu(const std::string& name, const CpuConfig& config) const;
  /// What this thread's cryptography did since `before` was for that machine.
  void think(MachineIndex machine, const crypto::Work& before);
  bool waits(const Event& event);
  void go_on_thinking(const Event& event, TraceReader* reader);
  void stop_thinking(MachineIndex machine);
  [[nodiscard]] std::int64_t thinking_us(MachineIndex machine) const;
  /// How much later than its link would have it something from one machine is at the other, because the one is slow.
  [[nodiscard]] std::int64_t late_us(MachineIndex from, MachineIndex to) const;
  void deliver(std::uint64_t number, std::size_t place, TraceReader* reader);
  void feed_node(MachineIndex machine, const node::Input& input, TraceReader* reader);
  // people.cpp
  void feed_person(MachineIndex machine, const client::Input& input, TraceReader* reader);
  /// A person's program starts.
  void start_person(MachineIndex machine, TraceReader* reader);
  /// After a failure of its store.
  void begin_person_anew(MachineIndex machine, TraceReader* reader);
  /// False where the store fails.
  static bool count_person(Person& person, Lent& lent);
  static void put_back(Person& person);
  /// Something that a person's machine does, on a disk that fails as it shall.
  template <class Work>
  void work(MachineIndex machine, TraceReader* reader, const Work& work);
  void feed_spammer(MachineIndex machine, const Spammer::Input& input, TraceReader* reader);
  void feed_answer(MachineIndex machine, wire::Answered input, TraceReader* reader);
  void feed_failure(MachineIndex machine, CallId call, wire::CallFailure why, TraceReader* reader);
  void start(MachineIndex machine, TraceReader* reader);
  void start_node(MachineIndex machine, node::ServiceNode* old, TraceReader* reader);
  /// The disk failed: nothing of this input was kept, so nothing of it is said, and the node begins anew.
  void give_up(MachineIndex machine, const Error& error, TraceReader* reader);
  /// From now on, until `spare_disk`, the disk fails as its fault says.
  void strike_disk(Node& node);
  static void spare_disk(Node& node) { node.store.set({}); }
  bool loses_power(MachineIndex machine, TraceReader* reader);
  void forget_calls(MachineIndex machine);
  void carry_out(MachineIndex machine, std::vector<wire::Effect> effects, TraceReader* reader);
  void call(MachineIndex from, wire::Call call, TraceReader* reader);
  void reply(MachineIndex from, wire::Reply reply, TraceReader* reader);
  void send(Packet packet, TraceReader* reader);
  void put_on_link(Packet packet, std::int64_t delay, bool is_copy, std::optional<std::uint64_t> damaged, TraceReader* reader);
  /// As a relay might change it, which knows what it passes on, and what it passed on before.
  void damage_packet(Packet& packet, std::uint64_t number) const;
  std::uint64_t note_sent(const Packet& packet, TraceReader* reader);
  void spare_swarms(TraceReader* reader);
  // seeds.cpp
  [[nodiscard]] std::string seed_url(std::size_t i) const { return "sim://" + names_[seeds_[i].machine.value]; }
  [[nodiscard]] std::optional<MachineIndex> seed_at(std::string_view url) const;
  void follow_chain(MachineIndex seed, TraceReader* reader);
  bool answer_in_place_of_chain(MachineIndex seed, MachineIndex asker, const wire::Requested& asked, wire::Effects& effects);
  [[nodiscard]] bool is_spammer(MachineIndex m) const { return roles_[m.value].kind == Network::MachineKind::Stranger; }
  void stamp(MachineIndex machine, const wire::Stamp& stamp);
  [[nodiscard]] pow::SearchResult search(MachineIndex machine, const wire::Stamp& wanted);
  [[nodiscard]] bool is_modelled() const { return config_.fidelity == Fidelity::Modelled; }
  [[nodiscard]] Person& person_at(MachineIndex m) { return people_[roles_[m.value].place]; }
  [[nodiscard]] const Person& person_at(MachineIndex m) const { return people_[roles_[m.value].place]; }
  [[nodiscard]] DiskState& disk_of(MachineIndex m) { return is_node(m) ? node_at(m).disk : person_at(m).disk; }
  [[nodiscard]] const DiskState& disk_of(MachineIndex m) const { return is_node(m) ? node_at(m).disk : person_at(m).disk; }
  [[nodiscard]] Node& node_at(MachineIndex m) { return nodes_[roles_[m.value].place]; }
  [[nodiscard]] const Node& node_at(MachineIndex m) const { return nodes_[roles_[m.value].place]; }
  [[nodiscard]] Instant clock_of(MachineIndex m) const { return clocks_[m.value].at(now_); }

  WorldConfig config_;
  Network network_;
  Instant now_;
  std::uint64_t events_ = 0;
  EventQueue<Event> queue_;
  std::vector<Packet> packets_;  ///< on their way; a place is used again
  std::vector<std::uint32_t> free_places_;
  std::vector<Bytes> layers_before_;  ///< the newest layer that came to each machine over a link that damages some
  std::uint64_t next_packet_ = 1;
  std::uint64_t next_request_ = 1;
  std::uint64_t next_exchange_ = 1;
  std::vector<std::string> names_;
  std::vector<Role> roles_;
  std::vector<MachineIndex> node_machines_, person_machines_;
  std::vector<SeededRng> dice_;
  std::vector<SeededRng> site_dice_;  ///< of each machine; none where no site is live
  std::uint32_t sites_ = 0, sites_fired_ = 0;
  std::vector<bool> down_;
  std::vector<bool> has_left_;
  std::vector<bool> paused_;
  std::vector<std::vector<Event>> held_;  ///< what waits for a machine that stands still
  std::vector<Slowness> slow_;
  std::vector<Cpu> cpus_;
  std::vector<MachineClock> clocks_;
  std::vector<swarm::RegistrySnapshot> late_;  ///< the newest block that the seed tells it of; null: all
  node::RegistryListing late_listing_;
  std::vector<SeedFace> seeds_;
  bool are_seeds_trustworthy_ = true;
  std::vector<std::uint64_t> generation_;  ///< grows with every restart: what belongs to an earlier life is dropped
  std::vector<std::map<std::uint32_t, std::uint64_t>> timers_;         ///< timer -> number of its latest setting
  std::vector<std::unordered_map<CallId, OpenCall, ByNumber>> calls_;  // no order: not to be gone through
  std::vector<std::unordered_map<RequestId, Incoming, ByNumber>> incoming_;
  std::vector<std::map<std::uint64_t, wire::Stamped>> stamps_;
  std::uint64_t next_timer_ = 1;
  std::uint64_t next_thought_ = 1;
  std::map<NodeId, MachineIndex> by_id_;
  node::Seed seed_;
  std::vector<Node> nodes_;
  std::vector<Person> people_;
  std::vector<Spammer> spammers_;
  Accomplices coalition_;
  std::optional<std::size_t> most_hostile_;  ///< in a swarm
};

/// The canonical bytes of a run, hashed as it goes: equal runs have equal digests.
class Digest final : public TraceReader {
 public:
  Digest();
  void on(const trace::Record& record) override;
  [[nodiscard]] std::string hex() const;
  [[nodiscard]] std::uint64_t facts() const { return facts_; }

 private:
  ByteArray<32> chain_{};
  Bytes pending_;
  std::uint64_t facts_ = 0;
};

}  // namespace session::sim

// Many people at once: up to a million of them, as rows of numbers, who wait, write and fetch as the real clients do, over real
// swarms and paths of three relays, but without bytes, keys or stores. What travels, when, how large it is and how often is
// what the real machines send (tests/sim/crowd compares them packet by packet); what it says is left out. A value: a copy runs
// on alike. The world with the real machines is sim/world.h.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/pow/policy.h"
#include "core/swarm/registry.h"
#include "sim/cpu.h"
#include "sim/crowd/chance.h"
#include "sim/crowd/wire_sizes.h"
#include "sim/distribution.h"
#include "sim/event_queue.h"
#include "sim/network.h"

namespace session::sim {

/// What people do by themselves. The reference load: a quarter of them online, 40 messages a day each.
struct CrowdHabits {
  bool have_habits = true;  ///< else they do what they are told
  std::uint32_t online_percent = 25;
  std::uint32_t spells_a_day = 12;  ///< online, of exponentially distributed length
  std::uint32_t messages_a_day = 40;
  std::uint32_t contacts = 30;
};

/// What machines take to think. Nodes: measured, microseconds of one core for a whole request with TLS and HTTP
/// (`session-bench tls`). People's: see asking_us.
struct NodeCosts {
  std::int64_t hop_us = 113;
  std::int64_t read_us = 64;
  std::int64_t store_us = 119;
};

/// Nodes that break down and come back, each by itself.
struct Outages {
  Millis up_for{};  ///< on average; 0: never down
  Millis down_for = hours(1);
};

struct CrowdConfig {
  std::uint64_t seed = 1;
  std::size_t nodes = 1'000;    ///< 8 to 100,000
  std::size_t people = 10'000;  ///< 2 to 10,000,000
  pow::NetworkParameters network;
  LinkModel link;        ///< of it base, jitter and loss
  bool regions = false;  ///< machines stand all over the world: base and jitter come from its table, hours from its zones
  CrowdHabits habits;
  bool thinking = true;  ///< machines take time
  NodeCosts costs;
  Outages outages;
  Instant begin = Instant::from_unix_millis(1'577'836'800'000);  ///< 2020-01-01
  swarm::RegistrySnapshot registry;                              ///< null: `nodes` drawn ones; else these are the nodes
  std::vector<Account> accounts;                                 ///< empty: drawn; else these are the people
};

/// One thing that happened. Machines as in World: 0 the seed, then the nodes, then the people.
struct CrowdFact {
  enum class Kind : std::uint8_t {
    Sent,       ///< a packet, from `who` to `other`
    Lost,       ///< it never arrives
    Online,     ///< `who` came
    Offline,    ///< `who` went
    Asked,      ///< `who` wrote a message to `other`
    Stamped,    ///< its stamp was found
    Handed,     ///< a listener of `other` took it
    Kept,       ///< `size` members of the swarm keep it
    Shown,      ///< `who` reads it, from `other`
    Confirmed,  ///< `who` has the receipt
    Failed,     ///< it expired before anybody read it
    Down,       ///< `who`, a node
    Up,
  };
  Instant at;
  std::uint32_t who = 0, other = 0;
  std::uint32_t size = 0;
  std::uint32_t message = 0;  ///< its number; 0: of none
  Kind kind = Kind::Sent;
  bool is_answer = false;
};

/// Gets what happened in batches, in order.
class CrowdReader {
 public:
  virtual ~CrowdReader() = default;
  virtual void on(std::span<const CrowdFact> facts) = 0;
};

/// Sums since the beginning.
struct CrowdSums {
  std::uint64_t packets = 0, bytes = 0, lost = 0;
  std::uint64_t written = 0;    ///< messages; receipts are not counted here
  std::uint64_t shown = 0;      ///< read by whom they are for
  std::uint64_t at_once = 0;    ///< of those, handed over by a listener
  std::uint64_t confirmed = 0;  ///< their authors know it
  std::uint64_t failed = 0;     ///< expired unread
  std::uint64_t receipts = 0;
  std::uint64_t kept = 0;     ///< stores that a swarm confirmed, of messages and receipts
  std::uint64_t kept_by = 0;  ///< and by how many members in all
  std::uint64_t listens = 0, fetches = 0;
  std::uint64_t stamps = 0, trials = 0;
  std::uint64_t retries = 0;    ///< requests that nobody answered in time
  std::uint64_t new_paths = 0;  ///< built because of failures
  std::uint64_t outages = 0;
  friend bool operator==(const CrowdSums&, const CrowdSums&) = default;
};

class Crowd {
 public:
  /// Requires a config that `wrong_with` has nothing against.
  explicit Crowd(const CrowdConfig& config);

  [[nodiscard]] Instant now() const { return now_; }
  /// Events until and including `until`; the clock then stands there.
  void run_until(Instant until, CrowdReader* reader = nullptr);
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::size_t pending() const { return queue_.size(); }
  [[nodiscard]] const CrowdSums& sums() const { return sums_; }
  [[nodiscard]] const CrowdConfig& config() const { return config_; }

  [[nodiscard]] std::size_t nodes() const { return nodes_.size(); }
  [[nodiscard]] std::size_t people() const { return people_.size(); }
  [[nodiscard]] std::size_t swarms() const { return first_.size() - 1; }
  [[nodiscard]] std::size_t online() const { return online_; }
  /// Messages that wait in mailboxes or are on their way.
  [[nodiscard]] std::size_t messages() const { return messages_.size() - free_.size(); }

  void set_online(std::uint32_t person, bool online, CrowdReader* reader = nullptr);
  /// `data` sealed bytes, 1 to 76 800, from one person to another. Nothing when it was not taken (one is offline from the
  /// start).
  void write(std::uint32_t from, std::uint32_t to, std::uint32_t data, CrowdReader* reader = nullptr);
  void set_down(std::uint32_t node, bool down, CrowdReader* reader = nullptr);

  struct NodeLoad {
    std::uint64_t packets = 0, bytes = 0;  ///< that it was sent
    std::uint32_t kept = 0;                ///< messages now
    std::uint64_t kept_bytes = 0;          ///< of their data
    std::int64_t busy_us = 0;              ///< since the beginning
    bool is_down = false;
  };
  [[nodiscard]] NodeLoad load(std::uint32_t node) const;
  [[nodiscard]] bool is_online(std::uint32_t person) const { return people_[person].online != 0; }
  /// Microseconds from writing to reading: of what was handed over, of what waited in a swarm; and until a swarm kept it.
  [[nodiscard]] const Distribution& shown_at_once() const { return shown_at_once_; }
  [[nodiscard]] const Distribution& shown_late() const { return shown_late_; }
  [[nodiscard]] const Distribution& kept_after() const { return kept_after_; }
  /// Microseconds that stamps took.
  [[nodiscard]] const Distribution& stamped_in() const { return stamped_in_; }
  /// Bytes of the world itself, for one person, one node and one message.
  [[nodiscard]] static std::size_t person_bytes() { return sizeof(Person); }
  [[nodiscard]] static std::size_t node_bytes() { return sizeof(Node); }
  [[nodiscard]] static std::size_t message_bytes() { return sizeof(Message); }
  /// What must hold between two events; asserts.
  void check_invariants() const;

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  /// Members of one swarm whose mailboxes a person compares; larger swarms exist for moments only.
  static constexpr std::size_t kMembers = 12;
  static constexpr std::size_t kListeners = 2;

  struct Event {
    enum class Kind : std::uint8_t {
      // Of a person: `who`.
      Come,
      Go,
      Write,
      Look,
      // Of a question of a person: `step` says which and where.
      ListenThere,
      ListenBack,    ///< what: its size, more: which part of the mailbox it holds
      ListenHanded,  ///< what: the message
      ListenWaited,
      ListenDue,
      FetchThere,
      FetchBack,
      FetchDue,
      // Of a message: `who`.
      There,
      Back,
      PeerThere,  ///< step: the member
      PeerBack,   ///< more: whether it was handed over
      SpreadDue,
      Due,
      ReceiptDue,
      Stamped,
      Retry,
      Expire,
      // Of a node: `who`.
      NodeDown,
      NodeUp,
      Poll,
      PollThere,
      PollBack,
    };
    std::uint32_t who = 0;
    std::uint32_t what = 0;
    std::uint32_t more = 0;
    std::uint16_t life = 0;  ///< of what it belongs to: another life's events are nobody's
    Kind kind{};
    std::uint8_t step = 0;
  };
  /// Where a question's packet is: which question, by which path, with which member of the swarm, at which hop.
  struct Step {
    static constexpr std::size_t kHome = 3;  ///< of an answer: back at the person's
    std::size_t hop, slot, path, member;
    static Step of(std::uint8_t bits) {
      return {bits & 3u, (bits >> 2) & 1u, (bits >> 3) & 1u, static_cast<std::size_t>(bits >> 4)};
    }
    [[nodiscard]] std::uint8_t bits() const { return static_cast<std::uint8_t>(hop | slot << 2 | path << 3 | member << 4); }
  };

  /// What a packet takes, in microseconds: so much, and up to so much more.
  struct Way {
    std::int64_t base = 0;
    std::uint64_t jitter = 0;
  };
  /// A question that a person has under way: a listener, or a fetch.
  struct Question {
    std::uint32_t node = kNone;
    std::uint16_t life = 0;
    std::uint8_t path = 0;
    enum State : std::uint8_t { Off, Asked, Waits } state = Off;  ///< Waits: a node has it, and nothing to say yet
  };
  struct Person {
    SmallDice dice;
    std::int64_t away_until = 0;  ///< when `away` is offered something again
    std::uint32_t away = kNone;   ///< who was not online a moment ago
    std::uint32_t swarm = 0;
    std::uint32_t oldest = kNone, newest = kNone;                                   ///< of the mailbox
    std::uint32_t unsent = kNone;                                                   ///< messages that wait for a connection
    std::array<std::uint32_t, 6> relays{kNone, kNone, kNone, kNone, kNone, kNone};  ///< two paths
    std::array<Question, kListeners> listens, fetches;
    std::uint16_t arrived = 0;                   ///< numbers of the mailbox, around and around
    std::array<std::uint16_t, kMembers> told{};  ///< up to which each member has told
    std::uint16_t life = 0;                      ///< grows whenever it comes or goes
    std::array<std::uint8_t, 2> strikes{};       ///< of each path
    std::uint8_t online = 0;
    std::uint8_t region = 0;
    CpuClass machine = CpuClass::Phone;
  };
  struct Node {
    SmallDice dice;
    std::int64_t free_at = 0;  ///< when it has done what it has to do
    std::int64_t busy_us = 0;
    std::int64_t up_since = 0;
    std::uint64_t packets = 0, bytes = 0, kept_bytes = 0;
    std::uint32_t kept = 0;
    std::uint32_t swarm = 0;
    std::uint16_t life = 0;   ///< grows whenever it breaks down
    std::uint8_t member = 0;  ///< its place in the swarm
    std::uint8_t region = 0;
    bool is_down = false;
  };
  struct Message {
    enum State : std::uint8_t { Free, Stamping, Relaying, Handed, Storing, Pausing, Kept, Done };
    std::int64_t asked_at = 0;
    std::int64_t expires_at = 0;
    std::uint32_t number = 0;
    std::uint32_t from = 0, to = 0, data = 0;
    std::uint32_t answers = kNone, answers_number = 0;  ///< of a receipt: whose
    std::uint32_t older = kNone, newer = kNone;         ///< in the mailbox
    std::uint32_t next_unsent = kNone;
    std::uint32_t node = kNone;        ///< that it was given to
    std::uint32_t kept = 0, told = 0;  ///< members, a bit each: who keeps it, who has handed it out
    std::uint16_t life = 0;
    std::uint16_t place = 0;  ///< in the mailbox's numbers
    std::uint8_t open = 0;    ///< members that are asked
    std::uint8_t tries = 0;
    std::uint8_t path = 0;
    State state = Free;
    std::uint8_t holds = 0;  ///< listeners' answers under way with it
    [[nodiscard]] Millis ttl() const { return {(expires_at - asked_at) / 1000}; }
    bool is_receipt : 1 = false;
    bool is_late : 1 = false;  ///< a receipt of what the swarm kept
    bool was_offered : 1 = false;
    bool is_stamped : 1 = false;
    bool in_mailbox : 1 = false;
    bool is_shown : 1 = false;
    bool may_come_again : 1 = false;  ///< it was handed over: a copy in the swarm says that its author heard no receipt
    bool was_handed : 1 = false;
    bool is_confirmed : 1 = false;
  };

  // crowd.cpp
  void make_nodes();
  void make_people();
  void dispatch(const Event& event);
  void flush();
  void come(std::uint32_t p);
  void go(std::uint32_t p);
  void plan_next_spell(std::uint32_t p);
  void plan_next_words(std::uint32_t p);
  void write_somebody(std::uint32_t p);
  void build_path(Person& person, std::size_t path, bool with_guard);
  void fell(std::uint32_t node);
  void rose(std::uint32_t node);
  void on_poll(const Event& event);
  [[nodiscard]] std::uint32_t contact_of(std::uint32_t p, SmallDice& dice) const;

  // questions.cpp: listening and fetching
  void keep_listening(std::uint32_t p);
  void begin_fetch(std::uint32_t p);
  void ask(std::uint32_t p, std::size_t slot, bool is_fetch);
  void on_question(const Event& event);
  void on_question_there(const Event& event);
  void on_answer_back(const Event& event);
  void on_question_due(const Event& event);
  void answer_question(std::uint32_t p, const Step& at, std::uint16_t life, bool is_fetch, Instant when);
  [[nodiscard]] bool keeps(Message& message, std::uint32_t node);
  [[nodiscard]] bool has_news(const Person& person, std::uint32_t node);
  bool wake(std::uint32_t p, std::uint32_t node, Instant when, std::uint32_t handed);
  void show_range(std::uint32_t p, std::uint32_t range, std::size_t member);
  void show(std::uint32_t m, bool was_handed);
  void lose(const Event& event);

  // messages.cpp: what is written, and its way
  [[nodiscard]] std::uint32_t new_message();
  std::uint32_t put_down(std::uint32_t from, std::uint32_t to, std::uint32_t data);
  void release_if_done(std::uint32_t m);
  void set_out(std::uint32_t m);
  void route(std::uint32_t m, bool as_relay);
  void on_message(const Event& event);
  void on_there(const Event& event);
  void on_peer_there(const Event& event);
  void on_peer_back(const Event& event);
  void spread(std::uint32_t m, Instant when);
  void finish_spread(std::uint32_t m, Instant when);
  void on_back(const Event& event);
  void on_due(std::uint32_t m);
  void keep(std::uint32_t m, std::uint32_t node, Instant when);
  void expire(std::uint32_t m);
  void owe_receipt(std::uint32_t m, bool is_late);
  void strike(Person& person, std::size_t path);

  // the road
  [[nodiscard]] Way way_between(std::uint32_t from, std::uint32_t to) const;
  [[nodiscard]] std::size_t region_of_machine(std::uint32_t machine) const;
  [[nodiscard]] std::uint32_t hop(const Person& person, std::size_t path, std::uint32_t destination, std::size_t at) const;
  [[nodiscard]] std::uint32_t some_member(Person& person, std::uint32_t swarm, std::uint32_t but);
  /// Puts a packet on the road that leaves at `at`; false when it is lost.
  bool send(Instant at, std::uint32_t from, std::uint32_t to, std::uint32_t size, bool is_answer, SmallDice& dice, Event event);
  /// A packet comes to a node, which works on it; when it is done. Nothing when the node is down.
  bool arrive(std::uint32_t node, std::int64_t cost_us, Instant& done);
  void push(Instant at, const Event& event) { queue_.push(at, event); }
  [[nodiscard]] Instant after_thinking(std::int64_t us) const { return config_.thinking ? Instant{now_.micros + us} : now_; }
  [[nodiscard]] std::uint32_t machine_of_node(std::uint32_t n) const { return 1 + n; }
  [[nodiscard]] std::uint32_t machine_of_person(std::uint32_t p) const {
    return 1 + static_cast<std::uint32_t>(nodes_.size()) + p;
  }
  void note(CrowdFact::Kind kind, std::uint32_t who, std::uint32_t other, std::uint32_t size = 0, std::uint32_t message = 0,
            bool is_answer = false) {
    if (reader_ != nullptr) note_at(now_, kind, who, other, size, message, is_answer);
  }
  void note_at(Instant at, CrowdFact::Kind kind, std::uint32_t who, std::uint32_t other, std::uint32_t size,
               std::uint32_t message, bool is_answer);

  CrowdConfig config_;
  WireSizes sizes_;
  Instant now_;
  std::uint64_t events_ = 0;
  EventQueue<Event> queue_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> members_;  ///< of all swarms, one after another
  std::vector<std::uint32_t> first_;    ///< of each swarm, and one more
  std::vector<Person> people_;
  std::vector<std::uint32_t> strides_;  ///< to contacts: person p knows p ± each of them
  std::vector<Message> messages_;
  std::vector<std::uint32_t> free_;
  std::uint32_t next_number_ = 1;
  std::size_t online_ = 0;
  CrowdSums sums_;
  Distribution shown_at_once_, shown_late_, kept_after_, stamped_in_;
  std::vector<Way> ways_;  ///< between every two regions, to and from people last; empty: all alike
  std::vector<CrowdFact> batch_;
  CrowdReader* reader_ = nullptr;  ///< during a run only
};

/// What is wrong with a config, naming the field; empty when nothing is.
[[nodiscard]] std::string wrong_with(const CrowdConfig& config);

}  // namespace session::sim

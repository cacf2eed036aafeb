// What a view can see of one moment. Immutable once made; parts that did not change are shared from moment to moment, so that a
// new moment costs what changed in it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/client/contact.h"
#include "core/client/delivery.h"
#include "core/pow/policy.h"

namespace session::app {

/// A machine by its number in the backend's world; kNoMachine where there is none.
using Machine = std::uint32_t;
inline constexpr Machine kNoMachine = ~Machine{0};

// --- the messenger ---------------------------------------------------------------------------------------------------------

struct Message {
  std::uint64_t id = 0;
  bool outgoing = false;
  Instant at;
  std::string text;
  client::State state = client::State::Queued;  ///< of what went out
  std::uint64_t delivery = 0;                   ///< the journey it has; 0 for what came in
  std::uint32_t kept_by = 0, of = 0;
  std::string error;     ///< why it waits or failed
  Instant next_attempt;  ///< of what waits
  Instant kept_until;    ///< in the swarm
  std::uint32_t sealed_bytes = 0;
};

struct Conversation {
  SessionId id;
  std::string name;
  client::ContactState state = client::ContactState::Stranger;
  bool forward_secrecy = false;
  std::vector<Message> messages;  ///< the newest, oldest first
  std::uint32_t unread = 0;
  Instant last_at;
};
using Conversations = std::vector<std::shared_ptr<const Conversation>>;  ///< the newest first

struct PathShown {
  std::array<Machine, 3> hops{kNoMachine, kNoMachine, kNoMachine};
};

enum class Connection { Offline, Connecting, Connected, Stale };

// --- the network -----------------------------------------------------------------------------------------------------------

struct NodeShown {
  NodeId id;
  Machine machine = kNoMachine;
  std::uint32_t swarm = 0;  ///< index into Network::swarms
  bool is_up = true;
  std::uint32_t kept = 0;  ///< messages in its store, as far as the trace told
  std::string address;
};
struct SwarmShown {
  SwarmId id;
  std::uint32_t first = 0, count = 0;  ///< its members in Network::nodes
};
struct PersonShown {
  std::string name;
  SessionId id;
  Machine machine = kNoMachine;
  std::uint32_t swarm = 0;
  bool is_online = true;
  bool is_me = false;
  std::uint32_t waiting = 0;  ///< messages in the swarm that this person has not fetched
};
struct Network {
  std::uint64_t height = 0;
  pow::NetworkParameters parameters;
  std::vector<NodeShown> nodes;  ///< by swarm, then by id
  std::vector<SwarmShown> swarms;
  std::vector<PersonShown> people;
  std::vector<std::uint32_t> node_of;  ///< machine -> index into nodes, or kNoMachine

  [[nodiscard]] const NodeShown* node(Machine machine) const;
  [[nodiscard]] const PersonShown* person(Machine machine) const;
};

/// What a packet on a link is.
enum class FlightKind : std::uint8_t { Onion, OnionAnswer, Copy, CopyAnswer, Registry };
inline constexpr int kFlightKinds = 5;
[[nodiscard]] const char* name_of(FlightKind kind);

/// A packet on a link, from its PacketSent to its arrival or loss.
struct Flight {
  std::uint64_t packet = 0;
  Machine from = kNoMachine, to = kNoMachine;
  Instant sent, due;
  std::uint32_t size = 0;
  FlightKind kind = FlightKind::Registry;
  std::uint8_t layers = 0;                                                         ///< onion layers left
  std::array<Machine, 4> peelers{kNoMachine, kNoMachine, kNoMachine, kNoMachine};  ///< who can take off which, outermost first
  std::uint64_t delivery = 0;  ///< the own message it carries or answers; 0 for others
  bool is_lost = false;
  std::string reason;  ///< of its loss
};

/// A packet's bytes, kept while it is looked at.
struct PacketBytes {
  std::uint64_t packet = 0;
  Bytes body;
};

// --- journeys --------------------------------------------------------------------------------------------------------------

enum class StepKind : std::uint8_t { Written, Addressed, Worked, Sent, Peeled, Copied, Kept, Fetched, Receipt, Waits, Failed };
struct JourneyStep {
  StepKind kind = StepKind::Written;
  Instant at;
  Machine machine = kNoMachine;  ///< where it happened
  std::uint8_t hop = 0;          ///< 1 the guard, 2 the middle, 3 the last, 4 the destination
  std::uint32_t bytes = 0;       ///< that came in or were kept
  std::uint32_t bytes_out = 0;
  std::int64_t micros = 0;  ///< what it took
  std::uint64_t count = 0;  ///< trials; copies
  std::uint32_t of = 0;
  std::string text;  ///< a reason, in words
};
/// A leg that a packet of this message has travelled.
struct Leg {
  Machine from = kNoMachine, to = kNoMachine;
  Instant sent, arrived;
  FlightKind kind = FlightKind::Onion;
};
struct Journey {
  std::uint64_t delivery = 0;
  SessionId to;
  std::int64_t sent_at = 0;  ///< what the message is called by its sender's clock
  client::State state = client::State::Queued;
  std::vector<JourneyStep> steps;
  std::vector<Leg> legs;                                                        ///< the newest attempt's
  std::array<Machine, 4> path{kNoMachine, kNoMachine, kNoMachine, kNoMachine};  ///< of the newest attempt
  std::uint32_t text_bytes = 0, sealed_bytes = 0, onion_bytes = 0;
};

// --- time ------------------------------------------------------------------------------------------------------------------

/// How much of each kind happened in a slice of time, for the timeline.
enum class Lane : std::uint8_t { Stored, Hops, Fetched, Work, Faults };
inline constexpr int kLanes = 5;
struct Timeline {
  Instant begin;
  Millis slice{200};
  std::array<std::vector<std::uint16_t>, kLanes> counts;
};

struct Clock {
  Instant begin, now;
  bool is_simulated = false;
  bool is_playing = false;
  bool event_time = false;
  double speed = 1;
};

/// One line of what happened, in words.
struct FactLine {
  Instant at;
  Machine machine = kNoMachine;
  std::string text;
};

struct Notice {
  std::uint64_t number = 0;
  std::string text;
};

struct Snapshot {
  std::uint64_t number = 0;
  bool has_account = false;
  SessionId me;
  std::string my_name;
  Connection connection = Connection::Offline;
  std::string trouble;  ///< why it is not connected
  Instant last_poll;
  std::vector<PathShown> paths;
  std::uint32_t outbox = 0;  ///< deliveries under way
  double trials_per_second = 0;
  Clock clock;
  std::shared_ptr<const Conversations> conversations = std::make_shared<Conversations>();
  std::shared_ptr<const Network> network = std::make_shared<Network>();
  std::shared_ptr<const std::vector<Flight>> flights = std::make_shared<std::vector<Flight>>();
  std::shared_ptr<const Journey> journey;  ///< of the message that is followed
  std::shared_ptr<const PacketBytes> bytes;
  std::shared_ptr<const Timeline> timeline = std::make_shared<Timeline>();
  std::vector<FactLine> facts;  ///< the newest of what is looked at, oldest first
  std::uint64_t counted_facts = 0;
  std::vector<Notice> notices;  ///< that something was refused, and why
};

}  // namespace session::app

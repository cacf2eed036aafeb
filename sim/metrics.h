// What a summary of a run needs, gathered from the trace while it happens: how messages went and how long they took, the
// traffic, the nodes' load, the losses and the faults. Whole numbers, and no more memory for a long run than for a short one.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/distribution.h"
#include "sim/world.h"

namespace session::sim {

/// The two ends of a packet's link, whichever sent it.
enum class Traffic { PeopleAndNodes, NodesAlone, Registry };
inline constexpr std::size_t kTraffics = 3;
[[nodiscard]] std::string_view name_of(Traffic traffic);

struct Volume {
  std::uint64_t packets = 0, bytes = 0;
};

/// What became of the messages and first requests that people wrote. `asked` is the sum of the next four.
struct MessageCounts {
  std::uint64_t asked = 0;
  std::uint64_t relayed = 0;         ///< taken by the recipient, who listened, and not kept by the swarm
  std::uint64_t kept = 0;            ///< by the recipient's swarm, fetched or not
  std::uint64_t failed = 0;          ///< given up, expired or cancelled
  std::uint64_t waiting = 0;         ///< none of these yet
  std::uint64_t shown = 0;           ///< to the recipient, on either way
  std::uint64_t lost_from_view = 0;  ///< too many were under way to be followed; counted as waiting
};

struct NodeLoad {
  std::uint64_t requests = 0;  ///< sent to it
  std::uint64_t bytes_in = 0, bytes_out = 0;
  std::uint64_t layers = 0;     ///< of onions, taken off
  std::uint64_t stored = 0;     ///< messages new to it
  std::uint64_t retrieved = 0;  ///< reads of mailboxes
  std::uint64_t refused = 0;
  std::uint64_t kept_messages = 0, kept_bytes = 0;  ///< when last sampled
  std::int64_t thought_us = 0;                      ///< of a core; 0 where thinking has no price
};

/// Sums over one piece of the run.
struct Bucket {
  std::array<Volume, kTraffics> traffic;
  std::uint64_t lost = 0;  ///< packets
  std::uint64_t asked = 0, kept = 0, shown = 0;
  std::uint64_t path_failures = 0;
};

/// The world at a moment.
struct Sample {
  Instant at;
  std::uint64_t kept_messages = 0, kept_bytes = 0;  ///< over all nodes: a message counts once for each node that keeps it
  std::uint32_t people = 0, online = 0;
  std::uint32_t nodes = 0, down = 0, still = 0, slow = 0, hostile = 0;
  std::uint32_t wrong_clocks = 0;  ///< of nodes and people
  bool parted = false;             ///< somewhere nothing passes
  bool worse_links = false;        ///< other links than those at the beginning
  [[nodiscard]] bool is_troubled() const { return down + still + slow + hostile + wrong_clocks > 0 || parted || worse_links; }
};

struct Measures {
  Instant begin, end;
  Millis width;  ///< of a bucket
  std::vector<Bucket> buckets;
  std::vector<Sample> samples;
  MessageCounts messages;
  // Microseconds since the person asked: until the swarm said that it keeps it, until the recipient who listened said that it
  // came, until it was shown there.
  Distribution kept_after, relayed_after, shown_after;
  Distribution stamp_trials, stamp_micros;
  std::array<Volume, kTraffics> traffic;
  std::array<std::uint64_t, kTraffics> answers{};  ///< packets of `traffic` that are answers
  std::uint64_t packets_lost = 0;
  std::map<std::string, std::uint64_t> losses;         ///< by reason
  std::map<std::string, std::uint64_t> requests;       ///< that people sent in onions, by method
  std::map<std::string, std::uint64_t> refusals;       ///< by nodes, by HTTP status
  std::map<std::string, std::uint64_t> faults;         ///< machine faults that began, by kind
  std::map<std::string, std::uint64_t> path_failures;  ///< by reason
  std::map<std::string, NodeLoad> nodes;               ///< by name
  Distribution people_thought_us;                      ///< of each person's core; empty where thinking has no price
  SpamSums spam;                                       ///< of all who flood
};

/// Reads a run of a world, which must outlive it, from the time it is made until `end`.
class Metrics final : public TraceReader {
 public:
  static constexpr std::size_t kMostBuckets = 240;
  static constexpr std::size_t kMostFollowed = 100'000;  ///< messages under way
  static constexpr std::size_t kMostWords = 32;          ///< reasons, methods and the like; others are "other"

  Metrics(const World& world, Instant end);
  void on(const trace::Record& record) override;
  /// Looks at the world. To be called at `next_sample()` while the run goes on, and at its end.
  void sample();
  /// When the next bucket begins, at most `end`.
  [[nodiscard]] Instant next_sample() const;
  /// All of it, as of now.
  [[nodiscard]] Measures measures() const;

 private:
  struct Followed {
    Instant asked;
    bool handed = false;  ///< a listener took it at least once
    bool failed = false;  ///< until it is tried anew
  };
  using Row = std::pair<std::uint32_t, std::uint64_t>;  ///< a person's machine, and the outbox row
  using Written = std::pair<SessionId, std::int64_t>;   ///< who wrote, and when by their clock
  using Words = std::map<std::string, std::uint64_t>;

  [[nodiscard]] Bucket& bucket(Instant at);
  void count(Words& words, const std::string& word) const;
  void begin_message(const trace::Record& record, const trace::DeliveryMoved& moved);
  void move_message(const trace::Record& record, const trace::DeliveryMoved& moved);
  void show(const trace::Record& record, const trace::Opened& opened);
  void sent(const trace::Record& record, const trace::PacketSent& packet);
  [[nodiscard]] NodeLoad* load_of(MachineIndex machine);

  const World& world_;
  LinkModel first_link_;
  std::vector<Network::Special> first_links_;
  Measures sums_;
  std::vector<NodeLoad> loads_;  ///< by machine
  std::map<Row, Followed> followed_;
  std::map<Written, Instant> unread_;
};

}  // namespace session::sim

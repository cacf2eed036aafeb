// Rare facts of a run, counted: what drawn worlds must have seen for "no violation" to mean something. A judge that is never in
// a tight corner praises anything. Source: reliability.md 4 (marks), after FoundationDB's and Antithesis's "sometimes"
// assertions.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/world.h"

namespace session::sim {

/// One for each row of `marks`, in its order.
enum class Mark : std::uint8_t {
  WrongSwarm,
  WrongClock,
  PriceOfWork,
  Flooded,
  DiskFull,
  NotReady,
  KeptByFew,
  LayerRefused,
  NextUnknown,
  OpenedLate,
  NextTooLate,
  ProofUsed,
  StrangerAmongPeers,
  PeerFails,
  SwarmDissolved,
  SwarmBorn,
  MassLeave,
  MovedAgain,
  DissolvedInSalvage,
  MovedToSome,
  DownInSalvage,
  RepairedBothWays,
  RepairedMuch,
  DeepFork,
  RulingUndone,
  VotedOut,
  VotedBack,
  PowerFails,
  LateAnswer,
  ClockCorrected,
  ClockFarOff,
  GuardReplaced,
  CulpritNamed,
  HandedInVain,
  ExpiredOnItsWay,
  StampedAgain,
  Repetition,
  OutOfOrder,
  NoBundle,
  OnePrekeyTwice,
};
inline constexpr std::size_t kMarks = 40;

struct NamedMark {
  std::string_view name;        ///< "swarm-dissolved"
  std::string_view what;        ///< a sentence's end: "fewer swarms than the block before"
  bool is_of_any_night = true;  ///< else it takes weeks, or more churn than plain worlds have
};
/// In the order of Mark.
[[nodiscard]] const std::array<NamedMark, kMarks>& marks();

/// How often each happened.
using MarkCounts = std::array<std::uint64_t, kMarks>;

class Marks final : public TraceReader {
 public:
  void on(const trace::Record& record) override;
  [[nodiscard]] const MarkCounts& seen() const { return seen_; }

 private:
  struct Move {
    Instant at;
    SwarmId to;
    bool owes = false;  ///< the messages of its former swarm, as far as is known
  };
  void mark(Mark mark) { ++seen_[static_cast<std::size_t>(mark)]; }
  void see(const trace::Refused& fact);
  void see(const trace::Block& fact);
  void see(const trace::FaultBegan& fact);
  void see(const trace::DeliveryMoved& fact);
  void see(const trace::SwarmChanged& fact, const trace::Record& record);
  void see(const trace::Moved& fact, const trace::Record& record);
  void see(const trace::OnionSent& fact, const trace::Record& record);
  void see(const trace::Opened& fact, const trace::Record& record);

  MarkCounts seen_{};
  trace::Block block_;
  Instant now_;
  std::uint64_t ruled_at_ = 0;                ///< the block in which a node was last ruled on
  std::map<std::uint32_t, Move> moves_;       ///< by machine: the last one
  std::map<SwarmId, std::uint32_t> members_;  ///< of a swarm, as who joined it last was told
  std::map<std::uint32_t, std::set<NodeId>> guards_;
  std::set<std::pair<std::uint32_t, std::uint64_t>> stamped_;           ///< machine, delivery
  std::map<std::pair<std::uint32_t, SessionId>, std::int64_t> newest_;  ///< opened by a machine from a sender
  std::set<std::pair<SessionId, std::uint32_t>> prekeys_;               ///< of an owner, drawn by somebody
};

}  // namespace session::sim

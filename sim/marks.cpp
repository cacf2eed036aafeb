#include "sim/marks.h"

#include <algorithm>
#include <cstdlib>
#include <type_traits>
#include <variant>

#include "core/client/delivery.h"
#include "core/swarm/obligations.h"

namespace session::sim {
namespace {

constexpr std::array<NamedMark, kMarks> kTable = {{
    {"wrong-swarm", "a node was asked for an account of another swarm"},
    {"wrong-clock", "a node refused a request for its time"},
    {"price-of-work", "a node asked for more work"},
    {"flooded", "a node refused one request too many"},
    {"disk-full", "a node had no room"},
    {"not-ready", "a node was asked before it knew its swarm"},
    {"kept-by-few", "fewer than half of a swarm's members said that they keep a message"},
    {"layer-refused", "an onion layer did not open, or was a replayed one"},
    {"next-unknown", "a relay was told of a next node that it does not know"},
    {"opened-late", "a message was opened five minutes after it was written, or later"},
    {"next-too-late", "a relay waited in vain for the next node's answer"},
    {"proof-used", "a peer's proof of who it is came a second time"},
    {"stranger-among-peers", "a node of another swarm spoke as a peer"},
    {"peer-fails", "a member of the swarm answered that its disk is full or fails"},
    {"swarm-dissolved", "a block left fewer swarms than the one before"},
    {"swarm-born", "a block left more swarms than the one before"},
    {"mass-leave", "a third of the nodes left in one block"},
    {"moved-again", "a node changed its swarm twice in ten minutes"},
    {"dissolved-in-salvage", "a swarm dissolved while messages of another were on the move", false},
    {"moved-to-some", "what moved was taken by some of its new owners alone"},
    {"down-in-salvage", "a node went down that still had messages to move"},
    {"repaired-both-ways", "two members each had what the other lacked"},
    {"repaired-much", "twenty messages or more were missing at one of two members"},
    {"deep-fork", "six blocks or more were undone"},
    {"ruling-undone", "a block was undone in which a node had been ruled on"},
    {"voted-out", "a quorum decommissioned or dropped a node", false},
    {"voted-back", "a quorum recommissioned a node", false},
    {"power-fails", "the power failed while a node wrote"},
    {"late-answer", "an answer came for whom nobody waited any more"},
    {"clock-corrected", "a client found that its clock is wrong"},
    {"clock-far-off", "a client's clock was wrong by more than an hour"},
    {"guard-replaced", "a client came to its third guard"},
    {"culprit-named", "a relay was named that broke a path"},
    {"handed-in-vain", "a listener took a message, and no receipt came"},
    {"expired-on-its-way", "a message expired before anybody kept it", false},
    {"stamped-again", "a message needed a second proof of work"},
    {"repetition", "the same message came twice"},
    {"out-of-order", "a message came after a younger one of its writer"},
    {"no-bundle", "a member of the swarm had no prekey bundle to show"},
    {"one-prekey-twice", "two who wrote to somebody for the first time drew the same one-time key"},
}};

constexpr Millis kSoonAgain = minutes(10);
constexpr Millis kLate = minutes(5);
constexpr std::uint32_t kMuch = 20;
constexpr std::uint32_t kDeep = 6;
constexpr std::size_t kGuardsAtOnce = 2;
constexpr std::int64_t kFarOffMs = 3'600'000;

bool begins(std::string_view text, std::string_view with) { return text.starts_with(with); }
bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

const std::array<NamedMark, kMarks>& marks() { return kTable; }

void Marks::on(const trace::Record& record) {
  now_ = record.at;
  std::visit(
      [&](const auto& fact) {
        using Fact = std::decay_t<decltype(fact)>;
        if constexpr (requires { see(fact, record); })
          see(fact, record);
        else if constexpr (requires { see(fact); })
          see(fact);
        else if constexpr (std::is_same_v<Fact, trace::PeerAnswered>) {
          if (fact.status == 500 || fact.status == 507) mark(Mark::PeerFails);
        } else if constexpr (std::is_same_v<Fact, trace::Repaired>) {
          if (fact.taken > 0 && fact.given > 0) mark(Mark::RepairedBothWays);
          if (std::max(fact.taken, fact.given) >= kMuch) mark(Mark::RepairedMuch);
        } else if constexpr (std::is_same_v<Fact, trace::Undone>) {
          if (fact.blocks >= kDeep) mark(Mark::DeepFork);
          if (ruled_at_ > fact.height) mark(Mark::RulingUndone), ruled_at_ = 0;
        } else if constexpr (std::is_same_v<Fact, trace::Ruled>) {
          ruled_at_ = block_.height;
          if (fact.height == 0) return;  // by decree
          mark(fact.ruling == swarm::name_of(swarm::Ruling::Recommission) ? Mark::VotedBack : Mark::VotedOut);
        } else if constexpr (std::is_same_v<Fact, trace::PacketLost>) {
          if (has(fact.reason, "nobody waits")) mark(Mark::LateAnswer);
        } else if constexpr (std::is_same_v<Fact, trace::ClockCorrected>) {
          mark(Mark::ClockCorrected);
          if (std::abs(fact.offset_ms) > kFarOffMs) mark(Mark::ClockFarOff);
        } else if constexpr (std::is_same_v<Fact, trace::PathFailed>) {
          if (fact.culprit != NodeId{}) mark(Mark::CulpritNamed);
        } else if constexpr (std::is_same_v<Fact, trace::StampFound>) {
          if (!stamped_.emplace(record.who.value, fact.message).second) mark(Mark::StampedAgain);
        } else if constexpr (std::is_same_v<Fact, trace::Kept>) {
          if (fact.kept_by * 2 < fact.of) mark(Mark::KeptByFew);
        } else if constexpr (std::is_same_v<Fact, trace::NotOpened>) {
          if (has(fact.reason, "repetition")) mark(Mark::Repetition);
        } else if constexpr (std::is_same_v<Fact, trace::BundleRead>) {
          if (!fact.found) mark(Mark::NoBundle);
        } else if constexpr (std::is_same_v<Fact, trace::SessionBegun>) {
          if (fact.one_time_key != 0 && !prekeys_.emplace(fact.with, fact.one_time_key).second) mark(Mark::OnePrekeyTwice);
        }
      },
      record.fact);
}

void Marks::see(const trace::Refused& fact) {
  const std::string_view why = fact.reason;
  switch (fact.status) {
    case 400:
      if (begins(why, "Invalid ciphertext")) mark(Mark::LayerRefused);
      return;
    case 401:
      if (has(why, "used before")) mark(Mark::ProofUsed);
      if (has(why, "a node of another swarm")) mark(Mark::StrangerAmongPeers);
      return;
    case 406:
      if (has(why, "clock") || has(why, "current time")) mark(Mark::WrongClock);
      return;
    case 421: return mark(Mark::WrongSwarm);
    case 429: return mark(Mark::Flooded);
    case 432: return mark(Mark::PriceOfWork);
    case 502:
      if (has(why, "not found")) mark(Mark::NextUnknown);
      return;
    case 503: return mark(Mark::NotReady);
    case 504: return mark(Mark::NextTooLate);
    case 507: return mark(Mark::DiskFull);
    default: return;
  }
}

void Marks::see(const trace::Block& fact) {
  if (block_.height != 0) {
    if (fact.swarms > block_.swarms) mark(Mark::SwarmBorn);
    if (fact.nodes * 3 <= block_.nodes * 2 && block_.nodes > 0) mark(Mark::MassLeave);
    if (fact.swarms < block_.swarms) {
      mark(Mark::SwarmDissolved);
      const auto owes = [&](const auto& move) { return move.second.owes && now_ - move.second.at < kSoonAgain; };
      if (std::ranges::any_of(moves_, owes)) mark(Mark::DissolvedInSalvage);
    }
  }
  block_ = fact;
}

void Marks::see(const trace::SwarmChanged& fact, const trace::Record& record) {
  members_[fact.to] = fact.members;
  const bool is_first = !fact.from.is_assigned();
  Move& move = moves_[record.who.value];
  if (!is_first && move.at != Instant{} && record.at - move.at < kSoonAgain) mark(Mark::MovedAgain);
  move = {is_first ? Instant{} : record.at, fact.to, !is_first};
}

void Marks::see(const trace::Moved& fact, const trace::Record& record) {
  moves_[record.who.value].owes = false;
  const auto of = members_.find(fact.to);
  if (of != members_.end() && fact.acknowledged < of->second) mark(Mark::MovedToSome);
}

void Marks::see(const trace::FaultBegan& fact) {
  if (fact.kind == "the power fails") mark(Mark::PowerFails);
  if (fact.kind != "down") return;
  const auto move = moves_.find(fact.machine.value);
  if (move != moves_.end() && move->second.owes && now_ - move->second.at < kSoonAgain) mark(Mark::DownInSalvage);
}

void Marks::see(const trace::DeliveryMoved& fact) {
  using client::State;
  const auto is = [](const std::string& word, State state) { return word == client::name_of(state); };
  if (is(fact.to_state, State::Expired) && !is(fact.from_state, State::Kept)) mark(Mark::ExpiredOnItsWay);
  if (is(fact.from_state, State::Handed) && !is(fact.to_state, State::Relayed) && !is(fact.to_state, State::Read))
    mark(Mark::HandedInVain);
}

void Marks::see(const trace::OnionSent& fact, const trace::Record& record) {
  std::set<NodeId>& guards = guards_[record.who.value];
  if (guards.insert(fact.guard).second && guards.size() > kGuardsAtOnce) mark(Mark::GuardReplaced);
}

void Marks::see(const trace::Opened& fact, const trace::Record& record) {
  std::int64_t& newest = newest_[{record.who.value, fact.from}];
  if (fact.sent_at < newest) mark(Mark::OutOfOrder);
  newest = std::max(newest, fact.sent_at);
  if (record.at.unix_millis() - fact.sent_at >= kLate.count) mark(Mark::OpenedLate);
}

}  // namespace session::sim

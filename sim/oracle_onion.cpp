// What travels, and who sees it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <utility>

#include "core/onion/layer.h"
#include "sim/needles.h"
#include "sim/oracles.h"

namespace session::sim {
namespace {

/// Shorter words may occur in random bytes.
constexpr std::size_t kShortestWords = 8;
static_assert(kShortestWords >= Needles::kShortest);

/// Of a long one the beginning is enough.
constexpr std::size_t kLongestNeedle = 24;
/// profile.md 10.3; a minute less, since the relay's memory begins when the first copy arrives.
constexpr Millis kReplayMemory = minutes(9);
/// Words would lie open when they leave or are fetched, not days later.
constexpr std::size_t kMostWords = 8;

/// A secret as it would be found in a body: its bytes, its hex, and in base64 at each of the three places it may begin at.
std::vector<std::string> needles(BytesView secret) {
  secret = secret.first(std::min(secret.size(), kLongestNeedle));
  std::vector<std::string> out = {std::string(text_of(secret)), to_hex(secret)};
  for (std::size_t before = 0; before < 3; ++before) {
    Bytes shifted(before);
    append(shifted, secret);
    // The first and the last characters depend on what stands beside it.
    const std::size_t from = (before * 8 + 5) / 6, whole = shifted.size() * 8 / 6;
    out.push_back(to_base64(shifted, Padding::Without).substr(from, whole - from));
  }
  return out;
}

class Onion final : public Oracle {
 public:
  void on(const trace::Record& record, Court& court) override {
    if (const auto* sent = std::get_if<trace::OnionSent>(&record.fact)) return on_onion(record.who, *sent, court);
    if (const auto* moved = std::get_if<trace::DeliveryMoved>(&record.fact)) learn_words(record.who, moved->to, court);
    if (const auto* fault = std::get_if<trace::FaultEnded>(&record.fact); fault != nullptr && fault->kind == "down")
      starts_[fault->machine.value] = record.at;
    if (std::holds_alternative<trace::PacketDelivered>(record.fact)) read_clock(record.who, court);
  }

  void on_link(const PacketOnLink& packet, Court& court) override {
    const World& world = court.world();
    if (world.is_person(packet.from) && !packet.is_answer) {
      court.look("O7");
      const auto guards = guards_.find(packet.from.value);
      if (!world.is_seed(packet.to) && (guards == guards_.end() || !guards->second.contains(packet.to.value)))
        court.violate("O7", fmt::format("{} speaks to {}, which is no guard", court.name(packet.from), court.name(packet.to)));
      if (!world.is_seed(packet.to)) accounts_hidden(packet, court);
    }
    words_hidden(packet, court);
    // One that was damaged may be another that was sent before, in its place.
    if (!packet.is_answer && !packet.is_copy && !packet.is_damaged && world.is_node(packet.to)) key_is_new(packet, court);
  }

 private:
  /// A time, and what a machine's clock showed then.
  struct Seen {
    Instant at, shown;
  };
  struct Clock {
    std::int64_t error = 0;
    Seen set_back;  ///< the lowest reading of late after it was set back
    Seen highest;   ///< reading of late
  };

  void on_onion(MachineIndex who, const trace::OnionSent& sent, Court& court) {
    court.look("O4");
    if (const auto guard = court.world().machine_of(sent.guard)) guards_[who.value].insert(guard->value);
    const std::array hops = {sent.guard, sent.middle, sent.last, sent.destination};
    if (std::set<NodeId>(hops.begin(), hops.end()).size() != hops.size())
      court.violate("O4", fmt::format("a path of {} meets a node twice", court.name(who)));
    std::set<std::string> networks;
    for (const NodeId& hop : {sent.guard, sent.middle, sent.last}) {
      const auto* entry = court.world().registry()->find(hop);
      if (entry == nullptr) return;  // it left meanwhile
      const std::string& host = entry->address.host;
      if (!networks.insert(host.substr(0, host.find_last_of('.'))).second)
        court.violate("O4", fmt::format("a path of {} meets the network of {} twice", court.name(who), host));
    }
  }

  void learn_words(MachineIndex who, const SessionId& to, Court& court) {
    const auto newest = court.world().account(who).messages(to, 1);
    if (!newest || newest->empty() || newest->front().body.size() < kShortestWords) return;
    const std::string& body = newest->front().body;
    if (std::ranges::find(words_, body) != words_.end()) return;
    words_.push_back(body);
    if (words_.size() > kMostWords) words_.pop_front();
    open_words_.clear();
    for (const std::string& words : words_)
      for (std::string& needle : needles(bytes_of(words))) open_words_.add(std::move(needle));
  }

  void words_hidden(const PacketOnLink& packet, Court& court) {
    court.look("O1");
    if (open_words_.any_in(text_of(packet.body)))
      court.violate("O1", fmt::format("words of a message lie open in a packet from {} to {}", court.name(packet.from),
                                      court.name(packet.to)));
  }

  /// A guard knows the address: so it may not learn an account.
  void accounts_hidden(const PacketOnLink& packet, Court& court) {
    for (; searched_ < court.people().size(); ++searched_)
      for (std::string& needle : needles(court.world().client(court.people()[searched_]).id().key()))
        accounts_.add(std::move(needle));
    if (accounts_.any_in(text_of(packet.body)))
      court.violate("O1", fmt::format("an account lies open in what {} sends to its guard {}", court.name(packet.from),
                                      court.name(packet.to)));
  }

  void key_is_new(const PacketOnLink& packet, Court& court) {
    const auto layer = onion::parse_outer(packet.body);
    if (!layer) return;
    court.look("O2");
    if (court.world().is_node(packet.from)) court.look("O6");
    const Instant now = court.world().now(), shown = court.world().clock(packet.from).at(now);
    const auto [seen, is_new] = keys_.emplace(layer->ephemeral.bytes, Seen{now, shown});
    if (is_new) return;
    const auto words =
        fmt::format("a layer from {} to {} has the ephemeral key of another", court.name(packet.from), court.name(packet.to));
    if (court.world().is_person(packet.from)) return court.violate("O2", words);
    // A relay passes on what the network replayed to it: within its memory it may not. It forgets when it starts anew, and too
    // early when its clock is set forward: it counts by that.
    const auto start = starts_.find(packet.from.value);
    const bool has_started = start != starts_.end() && start->second >= seen->second.at;
    Instant since = seen->second.shown;
    const auto clock = clocks_.find(packet.from.value);
    if (clock != clocks_.end() && clock->second.set_back.at >= seen->second.at)
      since = std::min(since, clock->second.set_back.shown);  // what it knew then is as if it had come then
    // What it forgot while its clock was fast it does not know again when that is set right.
    const bool was_ahead = clock != clocks_.end() && clock->second.highest.at >= seen->second.at &&
                           clock->second.highest.shown - seen->second.shown >= kReplayMemory;
    const bool has_forgotten = has_started || was_ahead || shown - since >= kReplayMemory;
    if (!has_forgotten && now - seen->second.at < kReplayMemory) court.violate("O6", words);
    seen->second = {now, shown};
  }

  /// Of a machine that takes something: whether its clock was set back since it last did.
  void read_clock(MachineIndex who, Court& court) {
    const Instant now = court.world().now();
    const MachineClock& clock = court.world().clock(who);
    const auto known = clocks_.find(who.value);
    if (known == clocks_.end() && clock.is_true(now)) return;  // most are never wrong
    Clock& own = known == clocks_.end() ? clocks_[who.value] : known->second;
    if (const Instant reads = clock.at(now); reads >= own.highest.shown || now - own.highest.at >= kReplayMemory)
      own.highest = {now, reads};
    const std::int64_t before = std::exchange(own.error, clock.error_at(now));
    if (own.error >= before) return;
    // Of several times, as when it stands still, the lowest reading counts.
    const bool is_first = now - own.set_back.at >= kReplayMemory;
    own.set_back = {now, is_first ? clock.at(now) : std::min(clock.at(now), own.set_back.shown)};
  }

  std::map<std::uint32_t, std::set<std::uint32_t>> guards_;
  std::deque<std::string> words_;
  Needles open_words_;  ///< all of them, as they would be found
  Needles accounts_;    ///< of the first `searched_` people
  std::size_t searched_ = 0;
  std::map<ByteArray<32>, Seen> keys_;       ///< when a layer with it was sent last
  std::map<std::uint32_t, Instant> starts_;  ///< of machines that were down
  std::map<std::uint32_t, Clock> clocks_;    ///< of machines that ever had a wrong one
};

}  // namespace

std::unique_ptr<Oracle> onion_oracle() { return std::make_unique<Onion>(); }

}  // namespace session::sim

#include "sim/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "core/base/mutant.h"
#include "sim/regions.h"

namespace session::sim {
namespace {

constexpr std::uint64_t kAll = 1, kNodes = 2, kPeople = 4;
constexpr std::size_t kFirstNamed = 3;

/// A second copy comes this much later at most: two that left together, on two roads.
constexpr std::int64_t kTwinMicros = 200'000;

}  // namespace

void Network::add(std::string name, MachineKind kind) {
  names_.push_back(std::move(name));
  groups_of_.push_back(kAll | (kind == MachineKind::Node ? kNodes : kind == MachineKind::Person ? kPeople : 0));
  streams_.emplace_back();
  region_.push_back(0);
  bandwidth_.emplace_back();
  line_free_.push_back(0);
}

void Network::use_regions() {
  assert(groups_.empty());
  has_region_groups_ = true;
  for (const Region& region : regions()) groups_.emplace_back(region.name);
}

void Network::place(MachineIndex machine, std::size_t region) {
  region_[machine.value] = static_cast<std::uint8_t>(region + 1);
  if (!has_region_groups_) return;
  for (std::size_t i = 0; i < regions().size(); ++i) {
    const std::uint64_t bit = std::uint64_t{1} << (kFirstNamed + i);
    groups_of_[machine.value] = i == region ? groups_of_[machine.value] | bit : groups_of_[machine.value] & ~bit;
  }
}

std::optional<std::size_t> Network::region_of(MachineIndex machine) const {
  if (region_[machine.value] == 0) return std::nullopt;
  return region_[machine.value] - std::size_t{1};
}

Network::OnTheLine Network::occupy(MachineIndex from, MachineIndex to, std::uint64_t bytes, Instant now) {
  const auto takes = [&](std::uint64_t speed) {
    return speed == 0 ? std::int64_t{0} : static_cast<std::int64_t>((bytes * 1'000'000 + speed - 1) / speed);
  };
  OnTheLine line{0, takes(bandwidth_[to.value].down)};
  if (bandwidth_[from.value].up == 0) return line;
  std::int64_t& free = line_free_[from.value];
  free = std::max(free, now.micros) + takes(bandwidth_[from.value].up);
  line.leaving = free - now.micros;
  return line;
}

Result<void> Network::define(std::string_view group, const std::vector<MachineIndex>& members) {
  if (group.empty() || side(group)) return fail(ErrorCode::Refused, fmt::format("'{}' is no new name for a group", group));
  if (groups_.size() >= kMaxGroups) return fail(ErrorCode::Refused, fmt::format("more than {} groups", kMaxGroups));
  const std::uint64_t bit = std::uint64_t{1} << (kFirstNamed + groups_.size());
  groups_.emplace_back(group);
  for (const MachineIndex m : members) groups_of_[m.value] |= bit;
  return {};
}

std::optional<Side> Network::side(std::string_view name) const {
  if (name == "all") return Side{kAll, 0};
  if (name == "nodes") return Side{kNodes, 0};
  if (name == "people") return Side{kPeople, 0};
  for (std::size_t i = 0; i < groups_.size(); ++i)
    if (groups_[i] == name) return Side{std::uint64_t{1} << (kFirstNamed + i), 0};
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (names_[i] == name) return Side{0, static_cast<std::uint32_t>(i)};
  return std::nullopt;
}

void Network::set_link(const Side& from, const Side& to, const LinkModel& link) {
  std::erase_if(special_, [&](const Special& s) { return s.from == from && s.to == to; });
  special_.push_back({from, to, link});
}

LinkModel Network::link_between(MachineIndex from, MachineIndex to) const {
  for (auto s = special_.rbegin(); s != special_.rend(); ++s)
    if (has(s->from, from.value) && has(s->to, to.value)) return s->link;
  const auto a = region_of(from), b = region_of(to);
  if (!a || !b) return link_;
  const bool has_person = ((groups_of_[from.value] | groups_of_[to.value]) & kPeople) != 0;
  const RegionDelay delay = region_delay(*a, *b, has_person);
  LinkModel link = link_;
  link.base = delay.base + std::max(Millis{}, link_.base - first_link_.base);
  link.jitter = delay.jitter + std::max(Millis{}, link_.jitter - first_link_.jitter);
  return link;
}

void Network::cut(const Side& from, const Side& to, Stops stops) {
  if (std::ranges::find(cuts_, Cut{from, to, stops}) == cuts_.end()) cuts_.push_back({from, to, stops});
}

bool Network::mend(const Side& from, const Side& to, Stops stops) { return std::erase(cuts_, Cut{from, to, stops}) > 0; }

bool Network::is_cut(MachineIndex from, MachineIndex to, bool is_answer) const {
  return std::any_of(cuts_.begin(), cuts_.end(), [&](const Cut& cut) {
    return cut.stops != (is_answer ? Stops::Requests : Stops::Answers) && has(cut.from, from.value) && has(cut.to, to.value);
  });
}

Instant Network::unclogged(MachineIndex from, MachineIndex to, Instant now, Instant due) {
  std::erase_if(clogs_, [&](const Clog& clog) { return clog.until <= now; });
  for (const Clog& clog : clogs_)
    if (has(clog.from, from.value) && has(clog.to, to.value)) due = std::max(due, clog.until);
  return due;
}

SeededRng& Network::stream(std::uint32_t from, std::uint32_t to) {
  std::vector<Stream>& own = streams_[from];
  const auto at = std::lower_bound(own.begin(), own.end(), to, [](const Stream& s, std::uint32_t t) { return s.to < t; });
  if (at != own.end() && at->to == to) return at->dice;
  return own.insert(at, {to, SeededRng(seed_, fmt::format("link {} > {}", names_[from], names_[to]))})->dice;
}

Network::Fate Network::draw(MachineIndex from, MachineIndex to, bool is_answer) {
  const LinkModel link = link_between(from, to);
  thread_local std::uint64_t shared = 0;
  SeededRng dice(stream(from.value, to.value).next() + (mutant::is_on(Mutant::T2) ? shared++ : 0));
  Fate fate;
  fate.delay = link.base.count * 1000 + dice.between(0, link.jitter.count * 1000);
  const bool is_lost = dice.chance(link.loss_ppm);
  const std::int64_t twin = dice.between(1, kTwinMicros);
  if (dice.chance(link.duplicate_ppm)) fate.again = fate.delay + twin;
  const std::int64_t held_up = dice.between(1, kHeldUp.count * 1000);
  if (dice.chance(link.reorder_ppm)) fate.delay += held_up;
  const std::int64_t later = dice.between(1, kReplayed.count * 1000);
  if (dice.chance(link.replay_ppm)) fate.much_later = fate.delay + later;
  if (dice.chance(link.damage_ppm)) fate.damage = dice.next();
  fate.may_damage = link.damage_ppm > 0;
  if (!cuts_.empty() && is_cut(from, to, is_answer)) return {true, "the network is parted", 0, {}, {}, {}, false};
  if (is_lost) {
    // One of two copies is lost, as on any road; the other may arrive.
    if (!fate.again) return {true, "lost on the link", 0, {}, {}, {}, false};
    fate.delay = *fate.again;
    fate.again.reset();
  }
  return fate;
}

}  // namespace session::sim

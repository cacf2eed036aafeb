#include "sim/crowd/crowd.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "core/crypto/keys.h"
#include "core/swarm/assignment.h"
#include "core/swarm/ring.h"
#include "sim/regions.h"

namespace session::sim {
namespace {

constexpr std::size_t kBatch = 2'048;
constexpr std::int64_t kDayMicros = days(1).count * 1000;
constexpr Millis kLookEvery = minutes(5);   // client.h: between two fetches while one listens
constexpr Millis kPollEvery = seconds(10);  // service_node.h: between two questions for the registry

/// Sizes of sealed messages, out of a hundred: a few words, some sentences, a page, a picture made small.
struct Size {
  std::uint32_t percent, bytes;
};
constexpr std::array<Size, 4> kSizes = {{{88, 430}, {10, 910}, {1, 3'300}, {1, 30'000}}};

/// How many come online in an hour of their own day, in per mille of the mean.
constexpr std::array<std::uint32_t, 24> kRhythm = {400,  200,  100,  60,   60,   120,  400,  900,  1250, 1200, 1150, 1200,
                                                   1350, 1300, 1200, 1200, 1250, 1400, 1600, 1750, 1900, 1750, 1400, 860};
constexpr std::uint32_t kMostRhythm = 1'900;
/// Where nobody stands in a region people live in all hours before and after UTC.
constexpr std::int64_t kZones = 24;

std::size_t region_by_share(bool is_node, SmallDice& dice) {
  std::uint64_t drawn = dice.below(100);
  std::size_t i = 0;
  for (; i + 1 < regions().size(); ++i) {
    const std::uint32_t share = is_node ? regions()[i].nodes_percent : regions()[i].people_percent;
    if (drawn < share) break;
    drawn -= share;
  }
  return i;
}

}  // namespace

std::string wrong_with(const CrowdConfig& c) {
  const auto outside = [](const char* field, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
    return value < low || value > high ? fmt::format("{}: {} is not from {} to {}", field, value, low, high) : std::string();
  };
  const std::size_t people = c.accounts.empty() ? c.people : c.accounts.size();
  for (const std::string& wrong :
       {c.registry ? std::string() : outside("nodes", c.nodes, 8, 100'000), outside("people", people, 2, 10'000'000),
        outside("online_percent", c.habits.online_percent, 1, 99), outside("spells_a_day", c.habits.spells_a_day, 1, 1'000),
        outside("messages_a_day", c.habits.messages_a_day, 0, 10'000), outside("contacts", c.habits.contacts, 1, 1'000),
        outside("loss", c.link.loss_ppm, 0, 900'000),
        outside("latency", static_cast<std::uint64_t>(c.link.base.count), 0, 60'000),
        outside("jitter", static_cast<std::uint64_t>(c.link.jitter.count), 0, 60'000)})
    if (!wrong.empty()) return wrong;
  if (c.outages.up_for.count < 0 || c.outages.down_for.count < 1) return "outages: expected times above 0";
  return {};
}

Crowd::Crowd(const CrowdConfig& config)
    : config_(config), sizes_(config.habits.have_habits ? config.habits.contacts : 1, 16), now_(config.begin) {
  for (const bool has_person : {false, true})
    for (std::size_t from = 0; config_.regions && from < regions().size(); ++from)
      for (std::size_t to = 0; to < regions().size(); ++to) {
        const RegionDelay delay = region_delay(from, to, has_person);
        ways_.push_back({delay.base.count * 1000, static_cast<std::uint64_t>(delay.jitter.count) * 1000 + 1});
      }
  make_nodes();
  make_people();
  config_.accounts = {};  // a place on the ring is all that is needed of them
}

/// The swarms are computed as the network computes them.
void Crowd::make_nodes() {
  std::vector<std::pair<SwarmId, std::vector<std::uint32_t>>> swarms;
  if (config_.registry) {
    const auto& all = config_.registry->nodes();
    nodes_.resize(all.size());
    for (const SwarmId id : config_.registry->swarm_ids()) {
      auto& members = swarms.emplace_back(id, std::vector<std::uint32_t>{}).second;
      for (std::uint32_t n = 0; n < all.size(); ++n)
        if (all[n].swarm == id) members.push_back(n);
    }
  } else {
    SeededRng dice(config_.seed, "registry");
    std::vector<NodeId> ids(config_.nodes);
    for (NodeId& id : ids) id.key = dice.bytes<32>();
    std::sort(ids.begin(), ids.end());
    nodes_.resize(ids.size());
    swarm::SwarmMap map;
    map[kNoSwarm] = ids;
    swarm::assign_swarms(map, dice.next());
    for (const auto& [id, members] : map) {
      auto& places = swarms.emplace_back(id, std::vector<std::uint32_t>{}).second;
      for (const NodeId& member : members)
        places.push_back(static_cast<std::uint32_t>(std::lower_bound(ids.begin(), ids.end(), member) - ids.begin()));
    }
  }
  std::vector<SwarmId> ids;
  for (const auto& [id, members] : swarms) {
    first_.push_back(static_cast<std::uint32_t>(members_.size()));
    for (const std::uint32_t n : members) {
      nodes_[n].swarm = static_cast<std::uint32_t>(ids.size());
      nodes_[n].member = static_cast<std::uint8_t>(members_.size() - first_.back());
      members_.push_back(n);
    }
    ids.push_back(id);
  }
  first_.push_back(static_cast<std::uint32_t>(members_.size()));
  for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
    nodes_[n].dice = SmallDice(SeededRng(config_.seed, fmt::format("node-{:02}", n)).next());
    nodes_[n].up_since = now_.micros - kDayMicros;
    if (config_.regions) nodes_[n].region = static_cast<std::uint8_t>(region_by_share(true, nodes_[n].dice));
    push(now_ + Millis{static_cast<std::int64_t>(nodes_[n].dice.below(10'000))}, {.who = n, .kind = Event::Kind::Poll});
    if (config_.outages.up_for.count > 0)
      push(Instant{now_.micros + exponential(config_.outages.up_for.count * 1000, nodes_[n].dice)},
           {.who = n, .kind = Event::Kind::NodeDown});
  }
  // The people's places on the ring.
  const std::size_t people = config_.accounts.empty() ? config_.people : config_.accounts.size();
  people_.resize(people);
  SmallDice seeds(SeededRng(config_.seed, "people").next());
  for (std::size_t p = 0; p < people; ++p) {
    Person& person = people_[p];
    person.dice = SmallDice(seeds.next());
    const std::uint64_t point = config_.accounts.empty() ? person.dice.next() : swarm::ring_point(config_.accounts[p]);
    const SwarmId mine = swarm::swarm_at(ids, point);
    person.swarm = static_cast<std::uint32_t>(std::lower_bound(ids.begin(), ids.end(), mine) - ids.begin());
  }
}

void Crowd::make_people() {
  SmallDice dice(SeededRng(config_.seed, "contacts").next());
  while (strides_.size() < std::min<std::size_t>((config_.habits.contacts + 1) / 2, (people_.size() + 1) / 2)) {
    const auto stride = static_cast<std::uint32_t>(1 + dice.below(people_.size() - 1));
    if (std::find(strides_.begin(), strides_.end(), stride) == strides_.end()) strides_.push_back(stride);
  }
  for (std::uint32_t p = 0; p < people_.size(); ++p) {
    Person& person = people_[p];
    person.machine = person.dice.below(kLaptopOneIn) == 0 ? CpuClass::Laptop : CpuClass::Phone;
    if (config_.regions) person.region = static_cast<std::uint8_t>(region_by_share(false, person.dice));
    if (!config_.habits.have_habits) continue;
    // Some are online when the world begins: they come within the first half minute, or all would listen in step for ever.
    if (person.dice.below(100) < config_.habits.online_percent)
      push(now_ + Millis{static_cast<std::int64_t>(person.dice.below(30'000))},
           {.who = p, .life = person.life, .kind = Event::Kind::Come});
    else
      plan_next_spell(p);
  }
}

// --- running
// -------------------------------------------------------------------------------------------------------------------

void Crowd::run_until(Instant until, CrowdReader* reader) {
  reader_ = reader;
  while (const auto entry = queue_.pop_until(until)) {
    now_ = entry->at;
    ++events_;
    dispatch(entry->event);
  }
  now_ = std::max(now_, until);
  flush();
  reader_ = nullptr;
}

void Crowd::flush() {
  if (reader_ != nullptr && !batch_.empty()) reader_->on(batch_);
  batch_.clear();
}

void Crowd::note_at(Instant at, CrowdFact::Kind kind, std::uint32_t who, std::uint32_t other, std::uint32_t size,
                    std::uint32_t message, bool is_answer) {
  batch_.push_back({at, who, other, size, message, kind, is_answer});
  if (batch_.size() >= kBatch) flush();
}

void Crowd::dispatch(const Event& event) {
  using Kind = Event::Kind;
  switch (event.kind) {
    case Kind::Come:
      if (people_[event.who].life == event.life) come(event.who);
      return;
    case Kind::Go:
      if (people_[event.who].life == event.life) go(event.who);
      return;
    case Kind::Write:
      if (people_[event.who].life != event.life) return;
      write_somebody(event.who);
      return plan_next_words(event.who);
    case Kind::Look:
      if (people_[event.who].life != event.life) return;
      begin_fetch(event.who);
      return push(now_ + kLookEvery, event);
    case Kind::ListenThere:
    case Kind::ListenBack:
    case Kind::ListenHanded:
    case Kind::ListenWaited:
    case Kind::ListenDue:
    case Kind::FetchThere:
    case Kind::FetchBack:
    case Kind::FetchDue: return on_question(event);
    case Kind::NodeDown: return fell(event.who);
    case Kind::NodeUp: return rose(event.who);
    case Kind::Poll:
    case Kind::PollThere:
    case Kind::PollBack: return on_poll(event);
    default: return on_message(event);
  }
}

void Crowd::set_online(std::uint32_t p, bool online, CrowdReader* reader) {
  reader_ = reader;
  if (online && people_[p].online == 0) come(p);
  if (!online && people_[p].online != 0) go(p);
  flush();
  reader_ = nullptr;
}

void Crowd::set_down(std::uint32_t node, bool down, CrowdReader* reader) {
  reader_ = reader;
  if (down && !nodes_[node].is_down) fell(node);
  if (!down && nodes_[node].is_down) rose(node);
  flush();
  reader_ = nullptr;
}

// --- people's days
// -------------------------------------------------------------------------------------------------------------

void Crowd::come(std::uint32_t p) {
  Person& person = people_[p];
  ++person.life;
  person.online = 1;
  ++online_;
  for (Question& question : person.listens) question.state = Question::Off;
  note(CrowdFact::Kind::Online, machine_of_person(p), 0);
  if (person.relays[0] == kNone) {
    build_path(person, 0, true);
    build_path(person, 1, true);
  }
  for (std::uint32_t m = std::exchange(person.unsent, kNone); m != kNone;)
    set_out(std::exchange(m, std::exchange(messages_[m].next_unsent, kNone)));
  begin_fetch(p);
  push(now_ + kLookEvery, {.who = p, .life = person.life, .kind = Event::Kind::Look});
  if (!config_.habits.have_habits) return;
  const std::int64_t spell = kDayMicros * config_.habits.online_percent / 100 / config_.habits.spells_a_day;
  push(Instant{now_.micros + exponential(spell, person.dice)}, {.who = p, .life = person.life, .kind = Event::Kind::Go});
  plan_next_words(p);
}

/// What is under way is answered to nobody. Its listeners stand at their nodes until their time is up: what is handed to them
/// meanwhile is lost, as it is to a device that dies.
void Crowd::go(std::uint32_t p) {
  Person& person = people_[p];
  ++person.life;
  person.online = 0;
  --online_;
  note(CrowdFact::Kind::Offline, machine_of_person(p), 0);
  if (config_.habits.have_habits) plan_next_spell(p);
}

/// Spells begin at a rate that follows the hour of the person's own day: proposals at the highest rate, some of them taken.
void Crowd::plan_next_spell(std::uint32_t p) {
  Person& person = people_[p];
  const CrowdHabits& habits = config_.habits;
  const std::int64_t away = kDayMicros * (100 - habits.online_percent) / 100 / habits.spells_a_day;
  std::int64_t at = now_.micros;
  const Millis east =
      config_.regions ? minutes(regions()[person.region].minutes_east) : hours(static_cast<std::int64_t>(p % kZones));
  const std::int64_t zone = (east + days(1)).count * 1000;
  do {
    at += exponential(away * 1000 / kMostRhythm, person.dice);
  } while (person.dice.below(kMostRhythm) >= kRhythm[static_cast<std::size_t>((at + zone) % kDayMicros / (kDayMicros / 24))]);
  push(Instant{at}, {.who = p, .life = person.life, .kind = Event::Kind::Come});
}

void Crowd::plan_next_words(std::uint32_t p) {
  const CrowdHabits& habits = config_.habits;
  if (habits.messages_a_day == 0) return;
  Person& person = people_[p];
  const std::int64_t every = kDayMicros * habits.online_percent / 100 / habits.messages_a_day;
  push(Instant{now_.micros + exponential(every, person.dice)}, {.who = p, .life = person.life, .kind = Event::Kind::Write});
}

/// The k-th of them is written to k times less often than the first.
std::uint32_t Crowd::contact_of(std::uint32_t p, SmallDice& dice) const {
  std::uint64_t sum = 0;
  for (std::size_t k = 1; k <= strides_.size(); ++k) sum += 27'720 / k;
  std::uint64_t drawn = dice.below(sum);
  std::size_t k = 1;
  while (drawn >= 27'720 / k) drawn -= 27'720 / k, ++k;
  const auto n = static_cast<std::uint64_t>(people_.size());
  const std::uint64_t stride = strides_[k - 1];
  return static_cast<std::uint32_t>((p + (dice.below(2) == 0 ? stride : n - stride)) % n);
}

void Crowd::write_somebody(std::uint32_t p) {
  Person& person = people_[p];
  const std::uint32_t to = contact_of(p, person.dice);
  std::uint64_t drawn = person.dice.below(100);
  std::size_t size = 0;
  while (drawn >= kSizes[size].percent) drawn -= kSizes[size].percent, ++size;
  set_out(put_down(p, to, kSizes[size].bytes));
}

void Crowd::write(std::uint32_t from, std::uint32_t to, std::uint32_t data, CrowdReader* reader) {
  reader_ = reader;
  set_out(put_down(from, to, data));
  flush();
  reader_ = nullptr;
}

// --- nodes
// -----------------------------------------------------------------------------------------------------------------------

/// Whoever listened there hears nothing more; they find out when their time is up.
void Crowd::fell(std::uint32_t n) {
  Node& node = nodes_[n];
  node.is_down = true;
  ++node.life;
  ++sums_.outages;
  note(CrowdFact::Kind::Down, machine_of_node(n), 0);
  if (config_.outages.up_for.count > 0)
    push(Instant{now_.micros + exponential(config_.outages.down_for.count * 1000, node.dice)},
         {.who = n, .kind = Event::Kind::NodeUp});
}

void Crowd::rose(std::uint32_t n) {
  Node& node = nodes_[n];
  node.is_down = false;
  node.up_since = node.free_at = now_.micros;
  note(CrowdFact::Kind::Up, machine_of_node(n), 0);
  push(now_ + Millis{1}, {.who = n, .life = node.life, .kind = Event::Kind::Poll});
  if (config_.outages.up_for.count > 0)
    push(Instant{now_.micros + exponential(config_.outages.up_for.count * 1000, node.dice)},
         {.who = n, .kind = Event::Kind::NodeDown});
}

/// Every node asks the seed for the registry, and hears that nothing changed.
void Crowd::on_poll(const Event& event) {
  Node& node = nodes_[event.who];
  if (event.life != node.life) return;
  const std::uint32_t self = machine_of_node(event.who);
  Event next = event;
  switch (event.kind) {
    case Event::Kind::Poll:
      next.kind = Event::Kind::PollThere;
      send(now_, self, 0, sizes_.registry_query(), false, node.dice, next);
      return push(now_ + kPollEvery, event);
    case Event::Kind::PollThere:
      next.kind = Event::Kind::PollBack;
      send(now_, 0, self, sizes_.registry_unchanged(), true, node.dice, next);
      return;
    default: return;
  }
}

Crowd::NodeLoad Crowd::load(std::uint32_t n) const {
  const Node& node = nodes_[n];
  return {node.packets, node.bytes, node.kept, node.kept_bytes, node.busy_us, node.is_down};
}

// --- the road
// --------------------------------------------------------------------------------------------------------------------

/// Six different nodes: no path holds one of the other's.
void Crowd::build_path(Person& person, std::size_t path, bool with_guard) {
  const auto relays = std::span(person.relays).subspan(path * 3, 3).subspan(with_guard ? 0 : 1);
  std::fill(relays.begin(), relays.end(), kNone);
  for (std::uint32_t& relay : relays) {
    std::uint32_t drawn = kNone;
    do drawn = static_cast<std::uint32_t>(person.dice.below(nodes_.size()));
    while (std::find(person.relays.begin(), person.relays.end(), drawn) != person.relays.end());
    relay = drawn;
  }
}

/// The at-th hop of a path to a destination, which is the fourth. Where the path holds the destination another node stands in.
std::uint32_t Crowd::hop(const Person& person, std::size_t path, std::uint32_t destination, std::size_t at) const {
  if (at == 3) return destination;
  const auto relays = std::span(person.relays).subspan(path * 3, 3);
  if (relays[at] != destination) return relays[at];
  const auto n = static_cast<std::uint32_t>(nodes_.size());
  std::uint32_t other = (destination + 1) % n;
  while (std::find(relays.begin(), relays.end(), other) != relays.end()) other = (other + 1) % n;
  return other;
}

std::uint32_t Crowd::some_member(Person& person, std::uint32_t swarm, std::uint32_t but) {
  const std::uint32_t size = std::min<std::uint32_t>(first_[swarm + 1] - first_[swarm], kMembers);
  for (;;) {
    const std::uint32_t member = members_[first_[swarm] + person.dice.below(size)];
    if (member != but) return member;
  }
}

/// The seed stands where the first region is.
std::size_t Crowd::region_of_machine(std::uint32_t machine) const {
  if (machine == 0) return 0;
  return machine <= nodes_.size() ? nodes_[machine - 1].region : people_[machine - 1 - nodes_.size()].region;
}

Crowd::Way Crowd::way_between(std::uint32_t from, std::uint32_t to) const {
  if (ways_.empty()) return {config_.link.base.count * 1000, static_cast<std::uint64_t>(config_.link.jitter.count) * 1000 + 1};
  const std::size_t count = regions().size();
  const std::size_t has_person = from > nodes_.size() || to > nodes_.size() ? 1 : 0;
  return ways_[(has_person * count + region_of_machine(from)) * count + region_of_machine(to)];
}

bool Crowd::send(Instant at, std::uint32_t from, std::uint32_t to, std::uint32_t size, bool is_answer, SmallDice& dice,
                 Event event) {
  ++sums_.packets;
  sums_.bytes += size;
  if (reader_ != nullptr) note_at(at, CrowdFact::Kind::Sent, from, to, size, 0, is_answer);
  const Way way = way_between(from, to);
  const std::int64_t delay = way.base + static_cast<std::int64_t>(dice.below(way.jitter));
  if (config_.link.loss_ppm != 0 && dice.chance(config_.link.loss_ppm)) {
    ++sums_.lost;
    if (reader_ != nullptr) note_at(at, CrowdFact::Kind::Lost, from, to, size, 0, is_answer);
    return false;
  }
  if (to >= 1 && to <= nodes_.size()) {
    Node& node = nodes_[to - 1];
    ++node.packets;
    node.bytes += size;
  }
  push(Instant{at.micros + delay}, event);
  return true;
}

bool Crowd::arrive(std::uint32_t n, std::int64_t cost_us, Instant& done) {
  Node& node = nodes_[n];
  if (node.is_down) {
    ++sums_.lost;
    note(CrowdFact::Kind::Lost, machine_of_node(n), machine_of_node(n));
    return false;
  }
  done = now_;
  if (!config_.thinking) return true;
  node.free_at = std::max(node.free_at, now_.micros) + cost_us;
  node.busy_us += cost_us;
  done = Instant{node.free_at};
  return true;
}

void Crowd::check_invariants() const {
#ifndef NDEBUG
  std::size_t online = 0, mailed = 0;
  for (const Person& person : people_) {
    online += person.online;
    std::uint32_t before = kNone;
    for (std::uint32_t m = person.oldest; m != kNone; before = m, m = messages_[m].newer) {
      assert(messages_[m].in_mailbox && messages_[m].older == before && messages_[m].state != Message::Free);
      ++mailed;
    }
    assert(person.newest == before);
  }
  assert(online == online_);
  std::size_t in_mailboxes = 0, unused = 0;
  std::vector<std::uint32_t> kept(nodes_.size());
  for (const Message& message : messages_) {
    in_mailboxes += message.in_mailbox;
    unused += message.state == Message::Free;
    const std::uint32_t swarm = message.state == Message::Free ? 0 : people_[message.to].swarm;
    for (std::uint32_t bits = message.in_mailbox ? message.kept : 0; bits != 0; bits &= bits - 1)
      ++kept[members_[first_[swarm] + static_cast<std::uint32_t>(std::countr_zero(bits))]];
  }
  assert(in_mailboxes == mailed && unused == free_.size());
  for (std::size_t n = 0; n < nodes_.size(); ++n) assert(nodes_[n].kept == kept[n]);
#endif
}

}  // namespace session::sim

#include "sim/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "core/base/mutant.h"
#include "core/crypto/hash.h"
#include "core/modelled/suite.h"
#include "core/pow/search.h"
#include "core/wire/peer.h"
#include "sim/damage.h"
#include "sim/regions.h"
#include "sim/stamps.h"

namespace session::sim {

World::World(const WorldConfig& config)
    : config_(config),
      network_(config.seed ^ (mutant::is_on(Mutant::T1) ? reinterpret_cast<std::uintptr_t>(this) : 0), config.link),
      now_(config.begin),
      sites_(config.sites),
      seed_(config.network, std::nullopt) {
  crypto::initialise();
  const modelled::Scope cryptography(is_modelled());
  if (config.regions) network_.use_regions();
  add_machine("seed", Network::MachineKind::Seed);
  nodes_.reserve(config.nodes);
  people_.reserve(config.people.size());
  for (std::size_t i = 0; i < config.nodes; ++i) seed_.chain().enter(node_at(make_node()).entry);
  wire::Effects effects(false);
  seed_.seal_block(effects);
  for (Node& node : nodes_) node.config.known = seed_.registry();
  for (const std::string& name : config.people) {
    people_.emplace_back();
    add_machine(name, Network::MachineKind::Person);
    auto made = client::Client::create(people_.back().store, name, now_, dice_.back());
    assert(made);
    static_cast<void>(made);
  }
  // Last, so that the others keep their places.
  for (std::size_t i = 1; i < config.seeds; ++i) add_machine(fmt::format("seed-{}", i + 1), Network::MachineKind::Seed);
  for (const GroupConfig& group : config.groups) {
    std::vector<MachineIndex> members;
    for (const std::size_t i : group.nodes) members.push_back(node(i));
    for (const std::string& name : group.people) members.push_back(*person(name));
    const auto defined = network_.define(group.name, members);
    assert(defined);
    static_cast<void>(defined);
    if (const auto region = region_of(group.region))
      for (const MachineIndex member : members) network_.place(member, *region);
    if (group.cpu != CpuClass::Unpriced)
      for (const MachineIndex member : members) cpus_[member.value].cpu = group.cpu;
  }
  for (const LinkConfig& link : config.links) {
    const auto from = network_.side(link.from), to = network_.side(link.to);
    assert(from && to);
    network_.set_link(*from, *to, link.link);
    if (link.both_ways) network_.set_link(*to, *from, link.link);
  }
  seed_.start(now_, effects);
  carry_out(seed(), effects.take(), nullptr);
  for (std::uint32_t m = 1; m < names_.size(); ++m) start({m}, nullptr);
  for (std::size_t i = 1; i < seeds_.size(); ++i) follow_chain(seed(i), nullptr);
}

MachineIndex World::add_machine(std::string name, Network::MachineKind kind) {
  const MachineIndex machine{static_cast<std::uint32_t>(names_.size())};
  std::uint32_t place = 0;
  if (kind == Network::MachineKind::Node) {
    place = static_cast<std::uint32_t>(node_machines_.size());
    node_machines_.push_back(machine);
  } else if (kind == Network::MachineKind::Person) {
    place = static_cast<std::uint32_t>(person_machines_.size());
    person_machines_.push_back(machine);
  } else if (kind == Network::MachineKind::Stranger) {
    place = static_cast<std::uint32_t>(spammers_.size());
  } else if (kind == Network::MachineKind::Seed) {
    place = static_cast<std::uint32_t>(seeds_.size());
    seeds_.push_back({.machine = machine});
  }
  roles_.push_back({kind, place});
  dice_.emplace_back(config_.seed, name);
  if (config_.sites != 0) site_dice_.emplace_back(config_.seed, "sites of " + name);
  network_.add(name, kind);
  const bool is_node = kind == Network::MachineKind::Node;
  if (config_.regions) {
    SeededRng dice(config_.seed, "region of " + name);
    network_.place(machine, draw_region(kind != Network::MachineKind::Person, dice));
  }
  if (kind == Network::MachineKind::Node || kind == Network::MachineKind::Person)
    network_.set_bandwidth(machine, is_node ? config_.node_bandwidth : config_.person_bandwidth);
  down_.push_back(false);
  has_left_.push_back(false);
  paused_.push_back(false);
  held_.emplace_back();
  slow_.emplace_back();
  layers_before_.emplace_back();
  cpus_.emplace_back();
  if (is_node || kind == Network::MachineKind::Person)
    cpus_.back().cpu = draw_cpu(name, is_node ? config_.node_cpu : config_.person_cpu);
  clocks_.emplace_back();
  late_.emplace_back();
  generation_.push_back(1);
  timers_.emplace_back();
  calls_.emplace_back();
  incoming_.emplace_back();
  stamps_.emplace_back();
  names_.push_back(std::move(name));
  return machine;
}

Result<MachineIndex> World::add_person(const std::string& name, const std::optional<store::AccountSeed>& account,
                                       TraceReader* reader, crypto::Era era) {
  if (std::find(names_.begin(), names_.end(), name) != names_.end())
    return fail(ErrorCode::Refused, fmt::format("name: somebody here is called {} already", name));
  SeededRng dice(config_.seed, name);
  const modelled::Scope cryptography(is_modelled());
  Person person;
  const auto made = account ? client::Client::restore(person.store, name, *account, era, now_, dice)
                            : client::Client::create(person.store, name, now_, dice);
  if (!made) return fail(made);
  const MachineIndex machine = add_machine(name, Network::MachineKind::Person);
  dice_.back() = dice;
  people_.push_back(std::move(person));
  start(machine, reader);
  return machine;
}

Result<MachineIndex> World::restore_person(const std::string& name, MachineIndex of, TraceReader* reader) {
  const auto row = person_at(of).store.account();
  if (!row) return fail(row);
  return add_person(name, (*row)->seed, reader, static_cast<crypto::Era>((*row)->era));
}

std::optional<MachineIndex> World::person(std::string_view name) const {
  for (const MachineIndex m : person_machines_)
    if (names_[m.value] == name) return m;
  return std::nullopt;
}

std::optional<MachineIndex> World::machine_of(const NodeId& node) const {
  const auto found = by_id_.find(node);
  return found == by_id_.end() ? std::nullopt : std::optional(found->second);
}

const node::ServiceNode& World::service_node(MachineIndex m) const { return node_at(m).machine; }
const store::MailStore& World::mail(MachineIndex m) const { return node_at(m).store; }
const client::Client& World::client(MachineIndex m) const { return person_at(m).runner->machine(); }
store::ClientStore& World::account(MachineIndex m) { return person_at(m).store; }

void World::note(trace::Fact fact, MachineIndex who, TraceReader* reader) {
  if (reader != nullptr) reader->on({now_, who, std::move(fact)});
}

// --- running
// -------------------------------------------------------------------------------------------------------------------

void World::run_until(Instant until, TraceReader* reader) {
  while (const auto entry = queue_.pop_until(until)) {
    now_ = std::max(now_, entry->at);
    dispatch(entry->event, reader);
  }
  now_ = std::max(now_, until);
}

std::optional<Instant> World::next_event() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.next_time();
}

bool World::step(TraceReader* reader) {
  const auto entry = queue_.pop();
  if (!entry) return false;
  now_ = std::max(now_, entry->at);
  dispatch(entry->event, reader);
  return true;
}

void World::dispatch(const Event& event, TraceReader* reader) {
  if (paused_[event.machine]) return held_[event.machine].push_back(event);
  if (!waits(event)) take_up(event, reader);
}

void World::take_up(const Event& event, TraceReader* reader) {
  const MachineIndex machine{event.machine};
  ++events_;
  switch (event.kind) {
    case Event::Kind::Thought: return go_on_thinking(event, reader);
    case Event::Kind::Deliver: return deliver(event.a, event.b, reader);
    case Event::Kind::CallTimeout:
      if (event.b == generation_[event.machine] && calls_[event.machine].erase(CallId{event.a}) > 0)
        feed_failure(machine, {event.a}, wire::CallFailure::Timeout, reader);
      return;
    case Event::Kind::Timer: {
      auto& timers = timers_[event.machine];
      const auto timer = timers.find(static_cast<std::uint32_t>(event.a));
      if (timer == timers.end() || timer->second != event.b) return;  // set anew, or of an earlier life
      timers.erase(timer);
      const wire::Woken woken{static_cast<std::uint32_t>(event.a)};
      if (is_node(machine)) return feed_node(machine, woken, reader);
      if (is_person(machine)) return feed_person(machine, woken, reader);
      if (is_spammer(machine)) return feed_spammer(machine, woken, reader);
      if (machine != seed()) return follow_chain(machine, reader);
      wire::Effects effects(reader != nullptr);
      seed_.on(woken, clock_of(machine), dice_[0], effects);
      carry_out(machine, effects.take(), reader);
      return spare_swarms(reader);
    }
    case Event::Kind::StampFound: {
      auto& stamps = stamps_[event.machine];
      const auto found = stamps.find(event.a);
      if (found == stamps.end() || event.b != generation_[event.machine]) return;
      const wire::Stamped stamped = found->second;
      stamps.erase(found);
      if (is_spammer(machine)) return feed_spammer(machine, stamped, reader);
      return feed_person(machine, stamped, reader);
    }
    case Event::Kind::StartAgain:
      if (event.b != generation_[event.machine]) return;
      if (is_person(machine)) return begin_person_anew(machine, reader);
      {  // it never ended: what it has seen it still knows
        node::ServiceNode old = std::move(node_at(machine).machine);
        return start_node(machine, &old, reader);
      }
  }
}

void World::deliver(std::uint64_t number, std::size_t place, TraceReader* reader) {
  Packet packet = std::move(packets_[place]);
  free_places_.push_back(static_cast<std::uint32_t>(place));
  if (down_[packet.to.value]) return note(trace::PacketLost{number, "the machine is down"}, packet.to, reader);
  if (auto* answer = std::get_if<wire::Answer>(&packet.content)) {
    if (packet.generation != generation_[packet.to.value] || calls_[packet.to.value].erase(packet.call) == 0)
      return note(trace::PacketLost{number, "nobody waits for it any more"}, packet.to, reader);
    note(trace::PacketDelivered{number}, packet.to, reader);
    return feed_answer(packet.to, {packet.call, std::move(*answer)}, reader);
  }
  note(trace::PacketDelivered{number}, packet.to, reader);
  const RequestId request{next_request_++};
  incoming_[packet.to.value].emplace(request,
                                     Incoming{packet.from, packet.call, packet.generation, packet.route, packet.exchange});
  wire::Requested requested{request, {names_[packet.from.value], false}, std::move(std::get<wire::Request>(packet.content))};
  if (is_node(packet.to)) return feed_node(packet.to, std::move(requested), reader);
  wire::Effects effects(reader != nullptr);
  if (is_seed(packet.to)) {
    const modelled::Scope cryptography(is_modelled());  // it checks proofs and votes
    if (!answer_in_place_of_chain(packet.to, packet.from, requested, effects))
      seed_.on(requested, clock_of(seed()), dice_[0], effects);
  }
  carry_out(packet.to, effects.take(), reader);
}

// --- machines
// --------------------------------------------------------------------------------------------------------------------

void World::start(MachineIndex machine, TraceReader* reader) {
  if (is_node(machine)) return start_node(machine, nullptr, reader);
  if (is_person(machine)) start_person(machine, reader);
}

site::Live World::sites_of(MachineIndex machine) {
  return {sites_, sites_ == 0 ? nullptr : &site_dice_[machine.value], &sites_fired_};
}

void World::feed_node(MachineIndex machine, const node::Input& input, TraceReader* reader) {
  site::Live live = sites_of(machine);
  const site::Scope sites(&live);
  Node& node = node_at(machine);
  wire::Effects effects(reader != nullptr);
  const modelled::Scope cryptography(is_modelled());
  const crypto::Work before = crypto::work();
  if (const auto* asked = std::get_if<wire::Requested>(&input)) {
    auto answer =
        node.version == Version::Today ? answer_of_today(asked->request, node.config, dice_[machine.value]) : std::nullopt;
    if (!answer && node.adversary.is_hostile())
      answer = node.adversary.answer(asked->request, node.config, node.machine, clock_of(machine));
    if (answer) {
      think(machine, before);
      return reply(machine, {asked->id, std::move(*answer)}, reader);
    }
  }
  HostileStore lying = node.adversary.before(node.store);
  store::MailStore& disk = node.adversary.is_hostile() ? static_cast<store::MailStore&>(lying) : node.store;
  strike_disk(node);
  auto done = node.store.begin();
  if (done) done = node.machine.on(input, {clock_of(machine), dice_[machine.value], disk, effects});
  if (done && mutant::is_on(Mutant::C2)) carry_out(machine, effects.take(), reader);
  if (done && node.disk.power_fails && loses_power(machine, reader)) return;
  if (done) done = node.store.commit();
  spare_disk(node);
  think(machine, before);
  if (!done) return give_up(machine, done.error(), reader);
#ifndef NDEBUG
  node.machine.check_invariants();
#endif
  auto wishes = effects.take();
  if (node.adversary.is_hostile()) node.adversary.twist(wishes, node.config, node.machine, coalition_);
  if (node.version == Version::Today) keep_to_today(wishes);
  carry_out(machine, std::move(wishes), reader);
}

void World::feed_answer(MachineIndex machine, wire::Answered input, TraceReader* reader) {
  if (is_node(machine)) return feed_node(machine, std::move(input), reader);
  if (is_spammer(machine)) return feed_spammer(machine, std::move(input), reader);
  if (is_person(machine)) feed_person(machine, std::move(input), reader);
}

void World::feed_failure(MachineIndex machine, CallId call, wire::CallFailure why, TraceReader* reader) {
  const wire::CallFailed failed{call, why};
  if (is_node(machine)) return feed_node(machine, failed, reader);
  if (is_spammer(machine)) return feed_spammer(machine, failed, reader);
  if (is_person(machine)) feed_person(machine, failed, reader);
}

void World::set_down(MachineIndex machine, bool down, TraceReader* reader) {
  const std::size_t i = machine.value;
  if (down_[i] == down) return;
  if (down) set_paused(machine, false, reader), stop_thinking(machine);
  if (is_node(machine) || is_person(machine)) disk_of(machine).power_fails = false;
  down_[i] = down;
  forget_calls(machine);
  if (down) return note(trace::FaultBegan{machine, "down"}, machine, reader);
  note(trace::FaultEnded{machine, "down"}, machine, reader);
  start(machine, reader);
}

void World::forget_calls(MachineIndex machine) {
  const std::size_t i = machine.value;
  ++generation_[i];
  timers_[i].clear();
  calls_[i].clear();
  incoming_[i].clear();
  stamps_[i].clear();
}

void World::set_paused(MachineIndex machine, bool paused, TraceReader* reader) {
  const std::size_t i = machine.value;
  if (paused_[i] == paused || (paused && down_[i])) return;
  paused_[i] = paused;
  if (paused) return note(trace::FaultBegan{machine, "paused"}, machine, reader);
  note(trace::FaultEnded{machine, "paused"}, machine, reader);
  for (const Event& event : std::exchange(held_[i], {})) queue_.push(now_, event);
}

void World::seal_block(TraceReader* reader) {
  wire::Effects effects(reader != nullptr);
  seed_.seal_block(effects);
  carry_out(seed(), effects.take(), reader);
  spare_swarms(reader);
}

void World::check_invariants() const {
  for (const Node& node : nodes_) node.machine.check_invariants();
  for (const Person& person : people_)
    if (!person.runner->failure()) person.runner->machine().check_invariants();
}

// --- effects
// -----------------------------------------------------------------------------------------------------------------------

void World::carry_out(MachineIndex machine, std::vector<wire::Effect> effects, TraceReader* reader) {
  for (wire::Effect& effect : effects) {
    if (auto* called = std::get_if<wire::Call>(&effect)) {
      call(machine, std::move(*called), reader);
    } else if (auto* replied = std::get_if<wire::Reply>(&effect)) {
      reply(machine, std::move(*replied), reader);
    } else if (const auto* wake = std::get_if<wire::Wake>(&effect)) {
      const std::uint64_t number = next_timer_++;
      timers_[machine.value][wake->timer] = number;
      const Instant at = std::max(now_, clocks_[machine.value].when(wake->at, now_));
      queue_.push(at, {Event::Kind::Timer, machine.value, wake->timer, number});
    } else if (const auto* wanted = std::get_if<wire::Stamp>(&effect)) {
      stamp(machine, *wanted);
    } else if (const auto* cancelled = std::get_if<wire::CancelStamp>(&effect)) {
      stamps_[machine.value].erase(cancelled->id);
    } else {
      note(std::move(std::get<trace::Fact>(effect)), machine, reader);
    }
  }
}

void World::call(MachineIndex from, wire::Call call, TraceReader* reader) {
  std::optional<MachineIndex> to;
  if (const auto* node = std::get_if<wire::NodePeer>(&call.to)) {
    if (const auto known = by_id_.find(node->id); known != by_id_.end()) to = known->second;
  } else if (std::holds_alternative<wire::SeedPeer>(call.to)) {
    to = seed_at(std::get<wire::SeedPeer>(call.to).url);
  }
  calls_[from.value].emplace(call.id, OpenCall{to.value_or(seed())});
  queue_.push(now_ + call.timeout, {Event::Kind::CallTimeout, from.value, call.id.value, generation_[from.value]});
  const wire::Route route = call.request.route;
  if (to) send({from, *to, call.id, std::move(call.request), generation_[from.value], route, next_exchange_++}, reader);
}

void World::reply(MachineIndex from, wire::Reply reply, TraceReader* reader) {
  const auto found = incoming_[from.value].find(reply.id);
  if (found == incoming_[from.value].end()) return;
  const Incoming incoming = found->second;
  incoming_[from.value].erase(found);
  send({from, incoming.from, incoming.call, std::move(reply.answer), incoming.generation, incoming.route, incoming.exchange},
       reader);
}

/// It arrives after the link's delay, or is lost, or arrives more than once. What is lost has left its sender all the same.
void World::send(Packet packet, TraceReader* reader) {
  const Network::Fate fate = network_.draw(packet.from, packet.to, packet.is_answer());
  const std::int64_t late = late_us(packet.from, packet.to);
  const auto line = network_.occupy(packet.from, packet.to, packet.body().size(), {now_.micros + late});
  if (fate.is_lost) {
    const std::uint64_t number = note_sent(packet, reader);
    return note(trace::PacketLost{number, fate.why}, packet.from, reader);
  }
  const std::int64_t more = late + line.leaving + line.taking;
  if (fate.again) put_on_link(packet, *fate.again + more, true, fate.damage, reader);
  if (fate.much_later) put_on_link(packet, *fate.much_later + more, true, fate.damage, reader);
  const bool is_layer = packet.route == wire::Route::Onion && !packet.is_answer() && is_node(packet.from);
  if (is_layer && fate.may_damage && !fate.damage) {
    Bytes& before = layers_before_[packet.to.value];
    const BytesView body = packet.body();
    before.assign(body.begin(), body.end());
  }
  put_on_link(std::move(packet), fate.delay + more, false, fate.damage, reader);
}

void World::damage_packet(Packet& packet, std::uint64_t number) const {
  // Dice of its own for what needs to be understood, so that those for the rest fall as they would.
  SeededRng keys(number, "keys"), dice(number);
  bool is_done = false;
  if (!packet.is_answer() && keys.one_in(2)) {
    const auto kind = static_cast<LayerDamage>(keys.below(kLayerDamages));
    const BytesView other = is_node(packet.from) ? BytesView(layers_before_[packet.to.value]) : BytesView{};
    is_done = damage_layer(packet.body(), kind, other, keys);
  }
  if (!is_done) damage(packet.body(), dice);
  // It was the relay that changed it, and signs for that; else nobody would look inside.
  auto* request = std::get_if<wire::Request>(&packet.content);
  if (request == nullptr || !request->proof || !is_node(packet.from) || !is_node(packet.to)) return;
  const modelled::Scope cryptography(is_modelled());
  request->proof = wire::sign_peer(keys_of(packet.from), crypto::node_of(keys_of(packet.to).open), request->proof->time_ms,
                                   request->route, request->body);
}

Bytes& World::Packet::body() {
  if (auto* answer = std::get_if<wire::Answer>(&content)) return answer->body;
  return std::get<wire::Request>(content).body;
}
BytesView World::Packet::body() const {
  if (const auto* answer = std::get_if<wire::Answer>(&content)) return answer->body;
  return std::get<wire::Request>(content).body;
}

std::uint64_t World::note_sent(const Packet& packet, TraceReader* reader) {
  const std::uint64_t number = next_packet_++;
  const auto size = static_cast<std::uint32_t>(packet.body().size());
  note(trace::PacketSent{packet.from, packet.to, number, size, packet.is_answer()}, packet.from, reader);
  return number;
}

void World::put_on_link(Packet packet, std::int64_t delay, bool is_copy, std::optional<std::uint64_t> damaged,
                        TraceReader* reader) {
  const std::uint64_t number = note_sent(packet, reader);
  const Instant due = network_.unclogged(packet.from, packet.to, now_, {now_.micros + delay});
  // TLS lets nobody change what passes between two machines, but a relay may change the onions that it passes on.
  const bool is_damaged = damaged && packet.route == wire::Route::Onion;
  if (is_damaged) damage_packet(packet, *damaged);
  if (reader != nullptr)
    reader->on_link({number, due, packet.body(), packet.from, packet.to, packet.is_answer(), is_copy, is_damaged, packet.route,
                     packet.exchange});
  const std::uint32_t to = packet.to.value;
  std::size_t place = packets_.size();
  if (free_places_.empty()) {
    packets_.push_back(std::move(packet));
  } else {
    place = free_places_.back();
    free_places_.pop_back();
    packets_[place] = std::move(packet);
  }
  queue_.push(due, {Event::Kind::Deliver, to, number, place});
}

/// At once; what is found comes when a person's machine would have found it.
void World::stamp(MachineIndex machine, const wire::Stamp& wanted) {
  const pow::SearchResult found = search(machine, wanted);
  const std::uint64_t speed = stamp_speed(machine);
  const std::uint64_t once = found.trials / speed * 1'000'000 + found.trials % speed * 1'000'000 / speed;
  const auto micros = static_cast<std::int64_t>(once * slow_[machine.value].times);
  stamps_[machine.value].insert_or_assign(wanted.id, wire::Stamped{wanted.id, found.nonce, found.trials, micros});
  queue_.push(Instant{now_.micros + thinking_us(machine) + micros},
              {Event::Kind::StampFound, machine.value, wanted.id, generation_[machine.value]});
}

pow::SearchResult World::search(MachineIndex machine, const wire::Stamp& wanted) {
  // Dice of its own, so that those of the machine fall alike however stamps are found.
  SeededRng dice(config_.seed, fmt::format("stamp {} {} {}", names_[machine.value], wanted.id, now_.micros));
  if (is_modelled())
    return {modelled::nonce_for(wanted.puzzle.inner, dice.below(wanted.puzzle.target)),
            drawn_trials(wanted.puzzle.target, dice)};
  pow::SearchResult found = pow::search(wanted.puzzle, 0, ~std::uint64_t{0});
  if (config_.stamps == Stamps::Drawn) {
    static_cast<void>(dice.below(wanted.puzzle.target));  // the stamp, were it drawn
    found.trials = drawn_trials(wanted.puzzle.target, dice);
  }
  return found;
}

// --- digest
// --------------------------------------------------------------------------------------------------------------------------

Digest::Digest() { pending_.reserve(1 << 16); }

void Digest::on(const trace::Record& record) {
  ++facts_;
  trace::append_canonical(pending_, record);
  if (pending_.size() < (1 << 15)) return;
  chain_ = crypto::blake2b_256({chain_, pending_});
  pending_.clear();
}

std::string Digest::hex() const { return to_hex(crypto::blake2b_256({chain_, pending_})); }

}  // namespace session::sim

#include "app/model/chronicle.h"

#include <algorithm>

namespace session::app {
namespace {

constexpr std::size_t kRecordsKept = 8192;
constexpr std::size_t kJourneysKept = 2000;
constexpr std::size_t kLegsKept = 64;
constexpr std::size_t kOpenKept = 16;
constexpr std::size_t kSlices = 2000;

}  // namespace

Chronicle::Chronicle(Instant begin) { timeline_.begin = begin; }

Machine Chronicle::machine_of(const NodeId& node) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? kNoMachine : found->second;
}

const Flight* Chronicle::flight(std::uint64_t packet) const {
  const auto found = flights_.find(packet);
  return found == flights_.end() ? nullptr : &found->second;
}

const Journey* Chronicle::journey(std::uint64_t delivery) const {
  const auto found = journeys_.find(delivery);
  return found == journeys_.end() ? nullptr : &found->second;
}

std::uint32_t Chronicle::kept(Machine node) const {
  const auto found = kept_.find(node);
  return found == kept_.end() ? 0 : found->second;
}

std::uint32_t Chronicle::waiting(const SessionId& person) const {
  const auto found = waiting_.find(person.account);
  return found == waiting_.end() ? 0 : static_cast<std::uint32_t>(found->second.size());
}

std::vector<Flight> Chronicle::flights(Instant view) const {
  std::vector<Flight> out;
  out.reserve(flights_.size());
  for (const auto& [number, flight] : flights_) {
    if (flight.sent > view) continue;
    if (flight.is_lost ? view < flight.due + kLossShown : view < flight.due) out.push_back(flight);
  }
  return out;
}

std::vector<FactLine> Chronicle::facts_of(Machine machine, std::size_t most) const {
  std::vector<FactLine> out;
  for (auto record = records_.rbegin(); record != records_.rend() && out.size() < most; ++record)
    if (record->who.value == machine) out.push_back({record->at, machine, trace::to_text(record->fact)});
  std::reverse(out.begin(), out.end());
  return out;
}

/// Slices grow with the run, so that the timeline always has at most kSlices of them.
void Chronicle::count(Lane lane, Instant at) {
  if (at < timeline_.begin) return;
  auto slice = static_cast<std::size_t>((at - timeline_.begin).count / timeline_.slice.count);
  while (slice >= kSlices) {
    for (auto& counts : timeline_.counts) {
      for (std::size_t i = 0; i < counts.size(); ++i) {
        const std::uint16_t value = counts[i];
        if (i % 2 == 0)
          counts[i / 2] = value;
        else
          counts[i / 2] = static_cast<std::uint16_t>(std::min(counts[i / 2] + value, 0xffff));
      }
      counts.resize((counts.size() + 1) / 2);
    }
    timeline_.slice = timeline_.slice * 2;
    slice = static_cast<std::size_t>((at - timeline_.begin).count / timeline_.slice.count);
  }
  auto& counts = timeline_.counts[static_cast<std::size_t>(lane)];
  if (counts.size() <= slice) counts.resize(slice + 1);
  if (counts[slice] < 0xffff) ++counts[slice];
}

void Chronicle::on_link(std::uint64_t packet, Instant due) {
  if (const auto found = flights_.find(packet); found != flights_.end()) found->second.due = due;
}

std::uint64_t Chronicle::cause_delivery(const trace::Record& record) const {
  return cause_.at == record.who.value && cause_.when == record.at ? cause_.delivery : 0;
}

void Chronicle::name_message(std::uint64_t delivery, std::int64_t sent_at, std::uint32_t text_bytes) {
  Journey& journey = journey_at(delivery);
  journey.sent_at = sent_at;
  journey.text_bytes = text_bytes;
}

Journey& Chronicle::journey_at(std::uint64_t delivery) {
  Journey& journey = journeys_[delivery];
  journey.delivery = delivery;
  changes_.journeys = true;
  if (journeys_.size() > kJourneysKept) journeys_.erase(journeys_.begin());
  return journeys_[delivery];
}

JourneyStep& Chronicle::add_step(std::uint64_t delivery, StepKind kind, const trace::Record& record) {
  JourneyStep step;
  step.kind = kind;
  step.at = record.at;
  step.machine = record.who.value;
  Journey& journey = journey_at(delivery);
  journey.steps.push_back(step);
  return journey.steps.back();
}

void Chronicle::on(const trace::Record& record) {
  using namespace trace;
  ++facts_;
  records_.push_back(record);
  if (records_.size() > kRecordsKept) records_.pop_front();
  const Machine who = record.who.value;

  if (const auto* f = std::get_if<PacketSent>(&record.fact)) return sent(*f, record);
  if (const auto* f = std::get_if<PacketDelivered>(&record.fact)) return delivered(f->packet, record);
  if (const auto* f = std::get_if<PacketLost>(&record.fact)) return lost(*f, record);
  if (const auto* f = std::get_if<LayerPeeled>(&record.fact)) return peeled(*f, record);
  if (const auto* f = std::get_if<Stored>(&record.fact)) return stored(*f, record);
  if (const auto* f = std::get_if<Opened>(&record.fact)) return opened(*f, record);
  if (const auto* f = std::get_if<OnionSent>(&record.fact)) {
    LastOnion& last = onions_[who];
    last = {0,
            f->call.value,
            {machine_of(f->guard), machine_of(f->middle), machine_of(f->last), machine_of(f->destination)},
            f->size,
            f->method == "store",
            false};
    return;
  }
  if (const auto* f = std::get_if<DeliveryMoved>(&record.fact)) {
    if (who == me_) moved(*f, record);
    return;
  }
  if (const auto* f = std::get_if<trace::StampFound>(&record.fact)) {
    count(Lane::Work, record.at);
    if (who != me_) return;
    JourneyStep& step = add_step(f->message, StepKind::Worked, record);
    step.count = f->trials;
    step.micros = f->micros;
    return;
  }
  if (const auto* f = std::get_if<trace::Kept>(&record.fact)) {
    if (who != me_) return;
    JourneyStep& step = add_step(f->message, StepKind::Kept, record);
    step.count = f->kept_by;
    step.of = f->of;
    changes_.contacts.insert(journey_at(f->message).to);
    return;
  }
  if (const auto* f = std::get_if<Retrieved>(&record.fact)) {
    if (f->count > 0) count(Lane::Fetched, record.at);
    return;
  }
  if (const auto* f = std::get_if<Journalled>(&record.fact)) {
    if (const auto account = accounts_.find(who); account != accounts_.end())
      if (const auto waits = waiting_.find(account->second); waits != waiting_.end()) waits->second.erase(f->hash);
    changes_.network = true;
    return;
  }
  if (const auto* f = std::get_if<Expired>(&record.fact)) {
    std::uint32_t& kept = kept_[who];
    kept -= std::min(kept, f->count);
    changes_.network = true;
    return;
  }
  if (const auto* f = std::get_if<ContactMoved>(&record.fact)) {
    if (who == me_) changes_.contacts.insert(f->contact);
    changes_.something_visible = true;
    return;
  }
  if (std::holds_alternative<FaultBegan>(record.fact) || std::holds_alternative<FaultEnded>(record.fact)) {
    count(Lane::Faults, record.at);
    changes_.network = changes_.something_visible = true;
    return;
  }
  if (std::holds_alternative<SwarmChanged>(record.fact) || std::holds_alternative<Block>(record.fact)) changes_.network = true;
}

void Chronicle::sent(const trace::PacketSent& fact, const trace::Record& record) {
  Flight flight;
  flight.packet = fact.packet;
  flight.from = fact.from.value;
  flight.to = fact.to.value;
  flight.sent = flight.due = record.at;
  flight.size = fact.size;
  const bool is_caused = cause_.at == flight.from && cause_.when == record.at;
  if (registries_.contains(flight.from) || registries_.contains(flight.to)) {
    flight.kind = FlightKind::Registry;
  } else if (fact.is_answer) {
    auto& open = open_[{flight.to, flight.from}];
    auto found = open.begin();
    if (is_caused) {
      const auto same = std::find_if(open.begin(), open.end(), [&](const Open& o) { return o.delivery == cause_.delivery; });
      if (same != open.end()) found = same;
    }
    flight.kind = FlightKind::OnionAnswer;
    if (found != open.end()) {
      flight.kind = found->kind == FlightKind::Copy ? FlightKind::CopyAnswer : FlightKind::OnionAnswer;
      flight.delivery = found->delivery;
      open.erase(found);
    }
  } else if (const auto onion = onions_.find(flight.from); onion != onions_.end() && !onion->second.is_sent) {
    onion->second.is_sent = true;
    onion->second.packet = flight.packet;
    flight.kind = FlightKind::Onion;
    flight.layers = 4;
    flight.peelers = onion->second.path;
  } else if (is_caused && cause_.peeled && cause_.layers > 1) {
    flight.kind = FlightKind::Onion;
    flight.layers = static_cast<std::uint8_t>(cause_.layers - 1);
    std::copy(cause_.peelers.begin() + 1, cause_.peelers.end(), flight.peelers.begin());
    flight.delivery = cause_.delivery;
  } else {
    flight.kind = FlightKind::Copy;
    flight.delivery = is_caused ? cause_.delivery : 0;
  }
  if (flight.kind != FlightKind::Registry) changes_.something_visible = true;
  changes_.flights = true;
  flights_.emplace(flight.packet, std::move(flight));
}

void Chronicle::delivered(std::uint64_t packet, const trace::Record& record) {
  const auto found = flights_.find(packet);
  if (found == flights_.end()) return;
  const Flight flight = std::move(found->second);
  flights_.erase(found);
  changes_.flights = true;
  if (flight.kind != FlightKind::Registry) changes_.something_visible = true;
  cause_ = {flight.to, record.at, flight.kind, flight.layers, flight.peelers, flight.delivery, false};
  if (flight.kind == FlightKind::Onion || flight.kind == FlightKind::Copy) {
    auto& open = open_[{flight.from, flight.to}];
    open.push_back({flight.kind, flight.delivery, record.at});
    if (open.size() > kOpenKept) open.pop_front();
  }
  if (flight.delivery == 0) return;
  Journey& journey = journey_at(flight.delivery);
  if (journey.legs.size() < kLegsKept) journey.legs.push_back({flight.from, flight.to, flight.sent, record.at, flight.kind});
}

void Chronicle::lost(const trace::PacketLost& fact, const trace::Record& record) {
  count(Lane::Faults, record.at);
  const auto found = flights_.find(fact.packet);
  if (found == flights_.end()) return;
  found->second.is_lost = true;
  found->second.reason = fact.reason;
  found->second.due = record.at;
  changes_.flights = changes_.something_visible = true;
  // What was lost long ago is not looked at any more.
  std::erase_if(flights_, [&](const auto& each) { return each.second.is_lost && each.second.due + seconds(5) < record.at; });
}

void Chronicle::peeled(const trace::LayerPeeled& fact, const trace::Record& record) {
  count(Lane::Hops, record.at);
  const std::uint64_t delivery = cause_delivery(record);
  if (cause_.at == record.who.value && cause_.when == record.at) cause_.peeled = true;
  if (delivery == 0) return;
  JourneyStep& step = add_step(delivery, StepKind::Peeled, record);
  step.hop = static_cast<std::uint8_t>(cause_.layers == 0 ? 0 : 5 - cause_.layers);
  step.bytes = fact.size_in;
  step.bytes_out = fact.size_out;
  const Journey& journey = journey_at(delivery);
  if (!journey.legs.empty()) step.micros = record.at.micros - journey.legs.back().sent.micros;
}

void Chronicle::stored(const trace::Stored& fact, const trace::Record& record) {
  count(Lane::Stored, record.at);
  if (!fact.already) {
    ++kept_[record.who.value];
    if (fact.ns == 0) waiting_[fact.account].insert(fact.hash);
    changes_.network = true;
  }
  const std::uint64_t delivery = cause_delivery(record);
  if (delivery == 0) return;
  JourneyStep& step = add_step(delivery, StepKind::Copied, record);
  step.bytes = fact.size;
  step.count = fact.from_peer ? 1 : 0;
  journey_at(delivery).sealed_bytes = fact.size;
}

void Chronicle::opened(const trace::Opened& fact, const trace::Record& record) {
  changes_.something_visible = true;
  if (record.who.value == me_) {
    changes_.contacts.insert(fact.from);
    return;
  }
  if (me_ == kNoMachine || (fact.kind != "message" && fact.kind != "request")) return;
  const auto from = people_.find(fact.from);
  if (from == people_.end() || from->second != me_) return;
  for (const auto& [delivery, journey] : journeys_) {
    if (journey.sent_at != fact.sent_at) continue;
    add_step(delivery, StepKind::Fetched, record);
    return;
  }
}

void Chronicle::moved(const trace::DeliveryMoved& fact, const trace::Record& record) {
  changes_.something_visible = true;
  changes_.contacts.insert(fact.to);
  Journey& journey = journey_at(fact.message);
  journey.to = fact.to;
  const auto is = [&](client::State state) { return fact.to_state == client::name_of(state); };
  for (int i = 0; i < client::kStates; ++i)
    if (is(static_cast<client::State>(i))) journey.state = static_cast<client::State>(i);
  switch (journey.state) {
    case client::State::Queued:
      if (fact.from_state == "new") add_step(fact.message, StepKind::Written, record);
      return;
    case client::State::Addressing: add_step(fact.message, StepKind::Addressed, record); return;
    case client::State::Routing: {
      const auto onion = onions_.find(record.who.value);
      if (onion == onions_.end() || !onion->second.is_store) return;
      journey.legs.clear();
      journey.path = onion->second.path;
      journey.onion_bytes = onion->second.size;
      deliveries_of_calls_[onion->second.call] = fact.message;
      if (const auto flight = flights_.find(onion->second.packet); flight != flights_.end())
        flight->second.delivery = fact.message;
      JourneyStep& step = add_step(fact.message, StepKind::Sent, record);
      step.bytes = onion->second.size;
      return;
    }
    case client::State::Waiting: add_step(fact.message, StepKind::Waits, record).text = fact.reason; return;
    case client::State::Failed:
    case client::State::Cancelled:
    case client::State::Expired: add_step(fact.message, StepKind::Failed, record).text = fact.reason; return;
    case client::State::Fetched:
    case client::State::Read: add_step(fact.message, StepKind::Receipt, record); return;
    case client::State::Stamping:
    case client::State::Relaying:
    case client::State::Handed:
    case client::State::Relayed:
    case client::State::Kept: return;
  }
}

}  // namespace session::app

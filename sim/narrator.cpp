#include "sim/narrator.h"

#include <fmt/format.h>

#include <algorithm>

namespace session::sim {
namespace {

constexpr std::size_t kMaxLegs = 400;

}  // namespace

Narrator::Narrator(const World& world, Line line) : world_(world), line_(std::move(line)), begin_(world.now()) {
  for (const MachineIndex person : world.people()) people_[world.client(person).id()] = world.names()[person.value];
}

std::string Narrator::name_of(const NodeId& node) const {
  const auto found = world_.machine_of(node);
  return found ? world_.names()[found->value] : node.hex().substr(0, 8);
}
std::string Narrator::name_of(const SessionId& person) const {
  const auto found = people_.find(person);
  return found == people_.end() ? person.hex().substr(0, 10) : found->second;
}

void Narrator::tell(const trace::Record& record, const std::string& what) {
  const auto ms = (record.at.micros - begin_.micros) / 1000;
  line_(fmt::format("{:02}:{:02}.{:03}  {:<8} {}", ms / 60'000, ms / 1000 % 60, ms % 1000, world_.names()[record.who.value],
                    what));
}

void Narrator::on(const trace::Record& record) {
  using namespace trace;
  if (const auto* f = std::get_if<Step>(&record.fact)) {
    line_("");
    return tell(record, "> " + f->text);
  }
  if (const auto* f = std::get_if<FaultBegan>(&record.fact)) return tell(record, "is " + f->kind);
  if (const auto* f = std::get_if<FaultEnded>(&record.fact)) return tell(record, "is no longer " + f->kind);
  if (const auto* f = std::get_if<ContactMoved>(&record.fact))
    return tell(record, fmt::format("{} is now {} (was {})", name_of(f->contact), f->to_state, f->from_state));
  if (const auto* f = std::get_if<OnionSent>(&record.fact)) {
    if (f->method != "store") return;
    tell(record, fmt::format("sends {} bytes in 4 layers: {} > {} > {} > {}", f->size, name_of(f->guard), name_of(f->middle),
                             name_of(f->last), name_of(f->destination)));
    for (const Leg& leg :
         {Leg{f->guard, f->middle}, Leg{f->middle, f->last}, Leg{f->last, f->destination}, Leg{f->destination, f->destination}})
      legs_.push_back(leg);
    if (legs_.size() > kMaxLegs) legs_.erase(legs_.begin(), legs_.begin() + 4);
    return;
  }
  if (const auto* f = std::get_if<LayerPeeled>(&record.fact)) {
    const NodeId at = world_.service_node(record.who).id();
    const auto leg = std::find_if(legs_.begin(), legs_.end(), [&](const Leg& l) { return l.at == at && l.next == f->next; });
    if (leg == legs_.end()) return;
    legs_.erase(leg);
    if (f->final_hop) return tell(record, "takes off the last layer: a store for its swarm");
    return tell(record, fmt::format("takes off a layer ({} to {} bytes), passes the rest to {}", f->size_in, f->size_out,
                                    name_of(f->next)));
  }
  if (const auto* f = std::get_if<DeliveryMoved>(&record.fact)) {
    if (f->to_state == "routing") return;  // told by the onion
    const std::string to = f->to == world_.client(record.who).id() ? "own outbox" : name_of(f->to);
    return tell(record,
                fmt::format("#{} for {}: {}{}{}", f->message, to, f->to_state, f->reason.empty() ? "" : ", ", f->reason));
  }
  if (const auto* f = std::get_if<StampFound>(&record.fact))
    return tell(record, fmt::format("#{} found its stamp: {} trials, {} ms", f->message, f->trials, f->micros / 1000));
  if (const auto* f = std::get_if<Stored>(&record.fact))
    return tell(record, fmt::format("{} {} bytes, {}", f->already ? "has already" : "keeps", f->size,
                                    f->from_peer ? "a copy from its peer" : "from the client"));
  if (const auto* f = std::get_if<NotOpened>(&record.fact)) return tell(record, "leaves out an envelope: " + f->reason);
  if (const auto* f = std::get_if<Opened>(&record.fact))
    tell(record, fmt::format("is told: {} from {}", f->kind, name_of(f->from)));
}

}  // namespace session::sim

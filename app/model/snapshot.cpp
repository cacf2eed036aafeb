#include "app/model/snapshot.h"

namespace session::app {

const NodeShown* Network::node(Machine machine) const {
  if (machine >= node_of.size() || node_of[machine] == kNoMachine) return nullptr;
  return &nodes[node_of[machine]];
}

const PersonShown* Network::person(Machine machine) const {
  for (const PersonShown& each : people)
    if (each.machine == machine) return &each;
  return nullptr;
}

const char* name_of(FlightKind kind) {
  switch (kind) {
    case FlightKind::Onion: return "onion request";
    case FlightKind::OnionAnswer: return "sealed answer";
    case FlightKind::Copy: return "copy for the swarm";
    case FlightKind::CopyAnswer: return "answer of a member";
    case FlightKind::Registry: return "registry";
  }
  return "";
}

}  // namespace session::app

#include "core/client/delivery.h"

namespace session::client {

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::Message: return "message";
    case Kind::Request: return "request";
    case Kind::Answer: return "answer";
    case Kind::Receipt: return "receipt";
    case Kind::Bundle: return "bundle";
    case Kind::Edit: return "edit";
    case Kind::Reaction: return "reaction";
    case Kind::Unsend: return "unsend";
    case Kind::Timer: return "timer";
    case Kind::Reset: return "reset";
  }
  return "?";
}

const char* name_of(State state) {
  switch (state) {
    case State::Queued: return "queued";
    case State::Addressing: return "addressing";
    case State::Stamping: return "stamping";
    case State::Routing: return "routing";
    case State::Waiting: return "waiting";
    case State::Kept: return "kept";
    case State::Fetched: return "fetched";
    case State::Failed: return "failed";
    case State::Expired: return "expired";
    case State::Relaying: return "relaying";
    case State::Handed: return "handed";
    case State::Relayed: return "relayed";
    case State::Read: return "read";
    case State::Cancelled: return "cancelled";
  }
  return "?";
}

const char* name_of(Way way) {
  switch (way) {
    case Way::None: return "none";
    case Way::Swarm: return "swarm";
    case Way::Relay: return "relay";
  }
  return "?";
}

const char* name_of(Step step) {
  switch (step) {
    case Step::Other: return "other";
    case Step::Queued: return "queued";
    case Step::Sealed: return "sealed";
    case Step::Addressed: return "addressed";
    case Step::Bundle: return "bundle";
    case Step::Stamping: return "stamping";
    case Step::Stamped: return "stamped";
    case Step::Relaying: return "relaying";
    case Step::Handed: return "handed";
    case Step::NotOnline: return "not online";
    case Step::Routed: return "routed";
    case Step::Kept: return "kept";
    case Step::Fetched: return "fetched";
    case Step::Read: return "read";
    case Step::Waiting: return "waiting";
    case Step::Failed: return "failed";
    case Step::Expired: return "expired";
    case Step::Cancelled: return "cancelled";
    case Step::Relayed: return "relayed";
  }
  return "?";
}

}  // namespace session::client

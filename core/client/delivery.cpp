#include "core/client/delivery.h"

namespace session::client {

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::Message: return "message";
    case Kind::Request: return "request";
    case Kind::Answer: return "answer";
    case Kind::Receipt: return "receipt";
    case Kind::Bundle: return "bundle";
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
  }
  return "?";
}

}  // namespace session::client

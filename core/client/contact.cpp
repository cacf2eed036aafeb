#include "core/client/contact.h"

namespace session::client {

const char* name_of(ContactState state) {
  switch (state) {
    case ContactState::Stranger: return "stranger";
    case ContactState::Asked: return "asked";
    case ContactState::Asking: return "asking";
    case ContactState::Accepted: return "accepted";
    case ContactState::Expired: return "expired";
  }
  return "?";
}

}  // namespace session::client

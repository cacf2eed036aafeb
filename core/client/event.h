// What a person is told, once each: the lines of `receive`.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/ids.h"
#include "core/base/result.h"

namespace session::client {

enum class EventType {
  Request,   ///< a stranger writes
  Accepted,  ///< our request was accepted
  Message,
  Receipt,        ///< the other's device opened our message
  Undecryptable,  ///< an envelope of a contact could not be opened
  Read,           ///< the other read our message
  Edited,         ///< a message has other words: `text`
  Unsent,         ///< a message was taken back
  Reaction,       ///< `text` is the emoji; empty: removed
  Typing,         ///< `text` is "started" or "stopped"; never kept in the store
  Timer,          ///< messages disappear after so many seconds: `text`
  Reset,          ///< the session began anew, from their side or ours
  Gap,            ///< messages before this one are missing; `text` says how many
  Filled,         ///< and came after all
  Clock,          ///< our clock is wrong; `text` says by how much
};
[[nodiscard]] const char* name_of(EventType type);

struct Event {
  EventType type = EventType::Message;
  SessionId from;
  std::uint64_t id = 0;      ///< the message's row; for a receipt the delivery it is about
  std::int64_t sent_at = 0;  ///< Unix milliseconds, the sender's clock
  std::string text;          ///< the words; for Undecryptable the reason
  friend bool operator==(const Event&, const Event&) = default;
};

/// One JSON object, one line: {type, from, id, sent_at, text}.
[[nodiscard]] std::string to_json(const Event& event);
/// Errors: Malformed, naming the member.
[[nodiscard]] Result<Event> parse_event(std::string_view json);

}  // namespace session::client

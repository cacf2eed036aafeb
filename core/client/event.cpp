#include "core/client/event.h"

#include <nlohmann/json.hpp>

#include <array>

namespace session::client {
namespace {

constexpr std::array kTypes = {EventType::Request,       EventType::Accepted, EventType::Message, EventType::Receipt,
                               EventType::Undecryptable, EventType::Read,     EventType::Edited,  EventType::Unsent,
                               EventType::Reaction,      EventType::Typing,   EventType::Timer,   EventType::Reset,
                               EventType::Gap,           EventType::Filled,   EventType::Clock};

}  // namespace

const char* name_of(EventType type) {
  switch (type) {
    case EventType::Request: return "request";
    case EventType::Accepted: return "accepted";
    case EventType::Message: return "message";
    case EventType::Receipt: return "receipt";
    case EventType::Undecryptable: return "undecryptable";
    case EventType::Read: return "read";
    case EventType::Edited: return "edited";
    case EventType::Unsent: return "unsent";
    case EventType::Reaction: return "reaction";
    case EventType::Typing: return "typing";
    case EventType::Timer: return "timer";
    case EventType::Reset: return "reset";
    case EventType::Gap: return "gap";
    case EventType::Filled: return "filled";
    case EventType::Clock: return "clock";
  }
  return "?";
}

std::string to_json(const Event& event) {
  const nlohmann::ordered_json json = {{"type", name_of(event.type)},
                                       {"from", event.from.hex()},
                                       {"id", event.id},
                                       {"sent_at", event.sent_at},
                                       {"text", event.text}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<Event> parse_event(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::Malformed, "event: no JSON object");
  const auto member = [&](const char* name, auto check) { return json.contains(name) && check(json[name]); };
  const auto is_text = [](const auto& v) { return v.is_string(); };
  const auto is_number = [](const auto& v) { return v.is_number_integer(); };
  if (!member("type", is_text)) return fail(ErrorCode::Malformed, "event: member 'type' is missing or no string");
  if (!member("from", is_text)) return fail(ErrorCode::Malformed, "event: member 'from' is missing or no string");
  if (!member("id", is_number)) return fail(ErrorCode::Malformed, "event: member 'id' is missing or no number");
  if (!member("sent_at", is_number)) return fail(ErrorCode::Malformed, "event: member 'sent_at' is missing or no number");
  if (!member("text", is_text)) return fail(ErrorCode::Malformed, "event: member 'text' is missing or no string");
  Event event;
  const auto name = json["type"].get<std::string>();
  const auto type = std::find_if(kTypes.begin(), kTypes.end(), [&](EventType t) { return name == name_of(t); });
  if (type == kTypes.end()) return fail(ErrorCode::Malformed, "event: unknown type '" + name + "'");
  event.type = *type;
  auto from = SessionId::parse(json["from"].get<std::string>());
  if (!from) return fail(from);
  event.from = *from;
  event.id = json["id"].get<std::uint64_t>();
  event.sent_at = json["sent_at"].get<std::int64_t>();
  event.text = json["text"].get<std::string>();
  return event;
}

}  // namespace session::client

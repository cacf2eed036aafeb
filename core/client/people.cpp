// Contacts and requests: who may write to whom. The moves stand in contact.h.
#include <fmt/format.h>

#include <cassert>

#include "core/base/text.h"
#include "core/client/client.h"

namespace session::client {
namespace {

Error refused(std::string message) { return {ErrorCode::Refused, std::move(message)}; }

}  // namespace

Outcome Client::run(const Ask& command, Context& context) {
  if (command.to == identity_.id) return {0, refused("one cannot send a request to oneself")};
  if (command.text.empty()) return {0, Error{ErrorCode::Malformed, "text: empty; say a word to the stranger"}};
  if (!is_utf8(command.text)) return {0, Error{ErrorCode::Malformed, "text: not UTF-8"}};
  if (command.text.size() > wire::kMaxTextBytes)
    return {0,
            Error{ErrorCode::Malformed, fmt::format("text: {} bytes, at most {}", command.text.size(), wire::kMaxTextBytes)}};
  auto contact = must(context.store.contact(command.to));
  if (!contact) {
    contact.emplace();
    contact->id = command.to;
    contact->created = contact->changed = context.now;
    must(context.store.put_contact(*contact));
  }
  switch (static_cast<ContactState>(contact->state)) {
    case ContactState::Accepted: return {0, refused("they accepted already; send a message")};
    case ContactState::Asked: return {0, refused("an earlier request waits for their answer")};
    case ContactState::Asking: return {0, refused("they sent a request themselves; accept it")};
    case ContactState::Stranger: break;
  }
  move_contact(*contact, ContactState::Asked, context);
  must(context.store.put_contact(*contact));
  return {write(command.to, Kind::Request, command.text, config_.lifetime, std::nullopt, context), {}};
}

Outcome Client::run(const Accept& command, Context& context) {
  auto contact = must(context.store.contact(command.who));
  if (!contact || static_cast<ContactState>(contact->state) == ContactState::Stranger)
    return {0, Error{ErrorCode::NotFound, "there is no request of " + command.who.hex()}};
  if (static_cast<ContactState>(contact->state) != ContactState::Asking)
    return {0,
            refused(fmt::format("nothing to accept: the contact is {}", name_of(static_cast<ContactState>(contact->state))))};
  move_contact(*contact, ContactState::Accepted, context);
  must(context.store.put_contact(*contact));
  return {enqueue({.to = command.who, .kind = static_cast<std::int32_t>(Kind::Answer), .ttl = config_.lifetime}, context), {}};
}

Outcome Client::run(const Decline& command, Context& context) {
  const auto contact = must(context.store.contact(command.who));
  if (!contact || static_cast<ContactState>(contact->state) != ContactState::Asking)
    return {0, Error{ErrorCode::NotFound, "there is no request of " + command.who.hex()}};
  for (const store::MessageRow& message : must(context.store.messages(command.who)))
    static_cast<void>(must(context.store.remove_message(message.id)));
  for (const std::uint32_t device : must(context.store.session_devices(command.who)))
    static_cast<void>(must(context.store.remove_session({command.who, device})));
  static_cast<void>(must(context.store.remove_contact(command.who)));
  context.effects.note(trace::ContactMoved{command.who, name_of(ContactState::Asking), name_of(ContactState::Stranger)});
  return {};
}

void Client::move_contact(store::ContactRow& contact, ContactState to, Context& context) {
  const auto from = static_cast<ContactState>(contact.state);
  assert(may_move(from, to));
  contact.state = static_cast<std::int32_t>(to);
  contact.changed = context.now;
  context.effects.note(trace::ContactMoved{contact.id, name_of(from), name_of(to)});
}

/// A request that nobody answered while it was kept is over; the person may be asked again (client.md 4.2).
void Client::expire_requests(Context& context) {
  for (store::ContactRow& contact : must(context.store.contacts())) {
    if (static_cast<ContactState>(contact.state) != ContactState::Asked) continue;
    if (context.now - contact.changed < config_.lifetime) continue;
    move_contact(contact, ContactState::Stranger, context);
    must(context.store.put_contact(contact));
  }
}

}  // namespace session::client

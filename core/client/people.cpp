// Contacts and requests: who may write to whom. The moves stand in contact.h.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/client/client.h"
#include "core/client/succession.h"

namespace session::client {
namespace {

constexpr Millis kRequestKept = days(30);  // of theirs, for our decision
constexpr std::size_t kMaxNickname = 80;   // bytes

Error refused(std::string message) { return {ErrorCode::Refused, std::move(message)}; }
Error unknown(const SessionId& who) { return {ErrorCode::NotFound, "there is no contact " + who.hex()}; }
Error no_request(const SessionId& who) { return {ErrorCode::NotFound, "there is no request of " + who.hex()}; }
ContactState state_of(const store::ContactRow& contact) { return static_cast<ContactState>(contact.state); }

}  // namespace

Outcome Client::run(const Ask& command, Context& context) {
  if (command.to == identity_.id) return {0, refused("one cannot send a request to oneself")};
  if (command.text.empty()) return {0, Error{ErrorCode::Malformed, "text: empty; say a word to the stranger"}};
  if (auto bad = check_words(command.text)) return {0, std::move(bad)};
  const crypto::X25519Public key{to_array<32>(BytesView(command.to.account.bytes).subspan(1))};
  if (!crypto::agree(identity_.x25519.secret, key))
    return {0, Error{ErrorCode::Malformed, "id: no key that anything could be sealed for"}};
  auto contact = must(context.store.contact(command.to));
  if (!contact) {
    contact.emplace();
    contact->id = command.to;
    contact->created = contact->changed = context.now;
  }
  if (contact->blocked) return {0, refused("they are blocked; unblock them first")};
  switch (state_of(*contact)) {
    case ContactState::Accepted: return {0, refused("they accepted already; send a message")};
    case ContactState::Asked: return {0, refused("an earlier request waits for their answer")};
    case ContactState::Asking: return {0, refused("they sent a request themselves; accept it")};
    case ContactState::Stranger:
    case ContactState::Expired: break;
  }
  move_contact(*contact, ContactCause::WeAsk, context);
  return {write(command.to, Kind::Request, command.text, config_.lifetime, std::nullopt, context), {}};
}

Outcome Client::run(const Accept& command, Context& context) {
  auto contact = must(context.store.contact(command.who));
  if (!contact || state_of(*contact) == ContactState::Stranger) return {0, no_request(command.who)};
  if (state_of(*contact) != ContactState::Asking)
    return {0, refused(fmt::format("nothing to accept: the contact is {}", name_of(state_of(*contact))))};
  if (contact->blocked) return {0, refused("they are blocked; unblock them first")};
  move_contact(*contact, ContactCause::WeAccept, context);
  for (const auto& [id, row] : active_)
    if (row.to == command.who && static_cast<Kind>(row.kind) == Kind::Answer) return {id, {}};
  return {};
}

Outcome Client::run(const Decline& command, Context& context) {
  auto contact = must(context.store.contact(command.who));
  if (!contact || !move_for(state_of(*contact), ContactCause::WeDecline)) return {0, no_request(command.who)};
  move_contact(*contact, ContactCause::WeDecline, context);
  forget(command.who, context);
  return {};
}

Outcome Client::run(const Nickname& command, Context& context) {
  auto contact = must(context.store.contact(command.who));
  if (!contact) return {0, unknown(command.who)};
  if (command.name.size() > kMaxNickname)
    return {0, Error{ErrorCode::Malformed, fmt::format("name: {} bytes, at most {}", command.name.size(), kMaxNickname)}};
  if (!is_utf8(command.name)) return {0, Error{ErrorCode::Malformed, "name: not UTF-8"}};
  if (printable(command.name) != command.name)
    return {0, Error{ErrorCode::Malformed, "name: holds a character that cannot be shown"}};
  contact->nickname = shown_name(command.name);
  must(context.store.put_contact(*contact));
  return {};
}

Outcome Client::run(const Block& command, Context& context) {
  if (command.who == identity_.id) return {0, refused("one cannot block oneself")};
  auto contact = must(context.store.contact(command.who));
  if (!contact && !command.blocked) return {0, unknown(command.who)};
  if (!contact) {
    contact.emplace();
    contact->id = command.who;
    contact->created = contact->changed = context.now;
  }
  contact->blocked = command.blocked;
  must(context.store.put_contact(*contact));
  if (command.blocked) drop_deliveries(command.who, context);
  renew_listeners(context);  // who is blocked does not learn any more when we are there
  return {};
}

/// The mark stands until it is taken back: an ID is its key, so nothing can put another key in its place.
Outcome Client::run(const Verify& command, Context& context) {
  auto contact = must(context.store.contact(command.who));
  if (!contact) return {0, unknown(command.who)};
  contact->verified = command.verified;
  must(context.store.put_contact(*contact));
  return {};
}

Outcome Client::run(const RemoveContact& command, Context& context) {
  auto contact = must(context.store.contact(command.who));
  if (!contact) return {0, unknown(command.who)};
  move_contact(*contact, ContactCause::WeRemove, context);
  forget(command.who, context);
  renew_listeners(context);
  return {};
}

bool Client::move_contact(store::ContactRow& contact, ContactCause cause, Context& context) {
  const ContactState from = state_of(contact);
  const auto move = move_for(from, cause);
  if (!move) return false;
  if (move->to != from) {
    contact.state = static_cast<std::int32_t>(move->to);
    contact.changed = context.now;
    context.effects.note(trace::ContactMoved{contact.id, name_of(from), name_of(move->to)});
  }
  const bool needs_token = move->to == ContactState::Accepted && contact.own_token.empty();
  if (needs_token) contact.own_token = to_bytes(BytesView(context.rng.bytes<32>()));
  must(context.store.put_contact(contact));
  if (needs_token) renew_listeners(context);
  if (!move->answers) return true;
  const bool waits_already = std::any_of(active_.begin(), active_.end(), [&](const auto& entry) {
    const store::OutboxRow& row = entry.second;
    return row.to == contact.id && static_cast<Kind>(row.kind) == Kind::Answer && row.sealed.empty();
  });
  if (!waits_already)
    enqueue({.to = contact.id, .kind = static_cast<std::int32_t>(Kind::Answer), .ttl = config_.lifetime}, context);
  return true;
}

/// A request that nobody answered while it was kept is over, and the person may be asked again (client.md 4.2). One that we do
/// not decide on is forgotten after a while.
void Client::expire_requests(Context& context) {
  for (store::ContactRow& contact : must(context.store.contacts())) {
    const Millis age = context.now - contact.changed;
    if (state_of(contact) == ContactState::Asked && age >= config_.lifetime)
      move_contact(contact, ContactCause::OurRequestExpires, context);
    if (state_of(contact) == ContactState::Asking && age >= kRequestKept) {
      move_contact(contact, ContactCause::TheirRequestExpires, context);
      forget(contact.id, context);
    }
  }
}

void Client::drop_deliveries(const SessionId& who, Context& context) {
  for (auto at = active_.begin(); at != active_.end();) {
    store::OutboxRow& row = at->second;
    if (row.to != who) {
      ++at;
      continue;
    }
    const auto state = static_cast<State>(row.state);
    if (state == State::Stamping) context.effects.cancel_stamp(row.id);
    row.content.clear();
    // What a node has in its hands already goes its way; it is not offered again.
    if (!is_settled(state))
      move(row, may_move(state, State::Cancelled) ? State::Cancelled : State::Expired, "nothing more is said to them", context);
    attempts_.erase(at->first);
    at = active_.erase(at);
  }
}

void Client::forget(const SessionId& who, Context& context) {
  drop_deliveries(who, context);
  for (const store::OutboxRow& row : must(context.store.outbox()))
    if (row.to == who) static_cast<void>(must(context.store.remove_outbox(row.id)));
  for (const store::MessageRow& message : must(context.store.messages(who)))
    static_cast<void>(must(context.store.remove_message(message.id)));
  static_cast<void>(must(context.store.remove_conversation(who)));
  must(forget_sessions(context.store, who));
  away_.erase(who);
  typed_.erase(who);
  std::erase_if(passing_, [&](const Event& event) { return event.from == who; });
  const auto contact = must(context.store.contact(who));
  static_cast<void>(must(context.store.remove_contact(who)));
  if (contact && contact->blocked) {  // that much stays, or they could begin anew
    store::ContactRow bare;
    bare.id = who;
    bare.created = bare.changed = context.now;
    bare.blocked = true;
    must(context.store.put_contact(bare));
  }
}

}  // namespace session::client

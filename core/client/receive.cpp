// What an opened envelope means.
#include <fmt/format.h>

#include <algorithm>

#include "core/client/client.h"

namespace session::client {
namespace {

constexpr std::size_t kMaxNameBytes = 120;

}  // namespace

void Client::tell(const Event& event, Context& context) {
  static_cast<void>(must(context.store.add_event(to_json(event))));
  context.effects.note(trace::Opened{event.from, name_of(event.type), event.sent_at});
}

void Client::take(const OpenedEnvelope& envelope, const MessageHash& hash, Instant expiry, Way way, Context& context) {
  static_cast<void>(way);
  if (envelope.from == identity_.id) return;  // what one's own other devices say is not understood yet
  auto known = must(context.store.contact(envelope.from));
  const wire::Content& content = envelope.content;
  if (!known && !content.data) return;  // only words make an acquaintance
  store::ContactRow contact;
  if (known) contact = *known;
  contact.id = envelope.from;
  if (!known) contact.created = contact.changed = context.now;
  on_session_used(contact, envelope, context);
  const auto& profile = content.data               ? content.data->profile
                        : content.request_response ? content.request_response->profile
                                                   : std::optional<wire::Profile>{};
  if (profile && !profile->display_name.empty()) contact.name = profile->display_name.substr(0, kMaxNameBytes);

  if (static_cast<ContactState>(contact.state) == ContactState::Asked) {
    // Whatever they say shows that they have read our request and answer (client.md 4.2).
    move_contact(contact, ContactState::Accepted, context);
    tell({EventType::Accepted, contact.id, 0, envelope.sent_at, ""}, context);
  }
  must(context.store.put_contact(contact));
  if (content.data) take_text(contact, envelope, hash, expiry, context);
  if (content.receipt) take_receipt(envelope.from, *content.receipt, context);
}

void Client::take_text(store::ContactRow& contact, const OpenedEnvelope& envelope, const MessageHash& hash, Instant expiry,
                       Context& context) {
  const bool accepted = static_cast<ContactState>(contact.state) == ContactState::Accepted;
  const store::MessageRow row{.contact = contact.id,
                              .outgoing = false,
                              .device = envelope.device,
                              .sent_at = Instant::from_unix_millis(envelope.sent_at),
                              .received_at = context.now,
                              .expiry = {},
                              .kind = static_cast<std::int32_t>(accepted ? Kind::Message : Kind::Request),
                              .body = envelope.content.data->body,
                              .hash = hash};
  const auto added = must(context.store.add_message(row));
  if (!added.is_new) {
    context.effects.note(trace::NotOpened{hash, "a repetition of a message that is here already"});
    return;
  }
  if (!accepted && static_cast<ContactState>(contact.state) == ContactState::Stranger)
    move_contact(contact, ContactState::Asking, context);
  must(context.store.put_contact(contact));
  tell({accepted ? EventType::Message : EventType::Request, contact.id, added.id, envelope.sent_at, row.body}, context);
  if (!accepted || expiry <= context.now) return;
  const std::uint64_t id =
      enqueue({.to = contact.id, .kind = static_cast<std::int32_t>(Kind::Receipt), .ttl = days(1)}, context);
  must(context.store.put_setting(fmt::format("receipt:{}", id), little(static_cast<std::uint64_t>(envelope.sent_at))));
}

void Client::take_receipt(const SessionId& from, const wire::ReceiptMessage& receipt, Context& context) {
  for (const std::uint64_t sent_at : receipt.timestamps_ms) {
    const auto message =
        must(context.store.find_message({from, true, device_, Instant::from_unix_millis(static_cast<std::int64_t>(sent_at))}));
    if (!message) continue;
    // A receipt may overtake the swarm's own answer; then the row in memory is the one that counts.
    const auto active = active_.find(message->outbox);
    auto kept = active == active_.end() ? must(context.store.outbox(message->outbox)) : std::nullopt;
    store::OutboxRow* row = active != active_.end() ? &active->second : kept ? &*kept : nullptr;
    if (row == nullptr || !may_move(static_cast<State>(row->state), State::Fetched)) continue;
    move(*row, State::Fetched, "their device opened it", context);
    tell({EventType::Receipt, from, row->id, static_cast<std::int64_t>(sent_at), ""}, context);
  }
}

}  // namespace session::client

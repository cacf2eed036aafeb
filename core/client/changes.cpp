// What is done to messages that are there, or not yet: the rules stand in change.h.
#include <algorithm>

#include "core/client/client.h"

namespace session::client {
namespace {

constexpr std::uint64_t kMaxOrphans = 200;  // of one conversation
constexpr Millis kOrphanLife = days(14);    // as long as a message may be kept for us
constexpr std::size_t kPage = 100;

}  // namespace

store::MessageRef Client::ref_of(const store::MessageRow& message) const {
  return {message.outgoing ? identity_.id : message.contact, message.sent_at};
}

/// A message is named by its author and time; which of the author's devices it came from, the other does not say.
std::optional<store::MessageRow> Client::find(const SessionId& contact, const store::MessageRef& about, std::uint32_t device,
                                              Context& context) {
  if (about.author == identity_.id) return must(context.store.find_message({contact, true, device_, about.sent_at}));
  if (about.author != contact) return std::nullopt;
  std::vector<std::uint32_t> devices = must(context.store.session_devices(contact));
  devices.insert(devices.begin(), {device, 0});
  for (const std::uint32_t each : devices)
    if (auto row = must(context.store.find_message({contact, false, each, about.sent_at}))) return row;
  return std::nullopt;
}

bool Client::apply(store::MessageRow& message, const Change& change, Context& context) {
  const bool was_unread = !message.outgoing && !message.unsent && message.read == Instant{};
  const auto altered = alter(message, change, must(context.store.edits(message.id)));
  if (!altered.is_new) return false;
  if (altered.replaced) must(context.store.add_edit(message.id, *altered.replaced));
  if (change.kind == Kind::Edit && altered.is_shown) message.mentions_us = mentions(message.body, identity_.id);
  if (change.kind == Kind::Unsend) must(context.store.remove_edits(message.id));
  must(context.store.update_message(message));
  if (change.kind != Kind::Unsend) return altered.is_shown;
  if (was_unread) count_anew(message.contact, context);
  // Who answers a message comes after it, but for a few that overtook it.
  std::uint64_t before = ~std::uint64_t{0};
  for (bool goes_on = true; goes_on;) {
    const auto page = must(context.store.messages(message.contact, kPage, before));
    goes_on = page.size() == kPage && page.front().id + kMaxOrphans > message.id;
    if (!page.empty()) before = page.front().id;
    for (store::MessageRow row : page)
      if (row.quote && row.quote->about == ref_of(message)) mend_quote(row, message, context);
  }
  return true;
}

void Client::mend_quote(store::MessageRow& quoting, const store::MessageRow& quoted, Context& context) {
  if (!quoting.quote) return;
  const std::string words = quoted.unsent ? std::string() : first_words(quoted, must(context.store.edits(quoted.id)));
  quoting.quote->text = cut(words, kMaxQuoteBytes);
  if (quoting.id != 0) must(context.store.update_message(quoting));
}

void Client::tell_change(const store::MessageRow& message, const Change& change, Context& context) {
  const EventType type = change.kind == Kind::Edit       ? EventType::Edited
                         : change.kind == Kind::Reaction ? EventType::Reaction
                                                         : EventType::Unsent;
  tell({type, change.from, message.id, change.at.unix_millis(), change.removed ? std::string() : change.text}, context);
}

void Client::take_change(const store::ContactRow& contact, const Change& change, std::uint32_t device, Context& context) {
  auto message = find(contact.id, change.about, device, context);
  if (!message)
    return await_message(contact.id, change.about, change.kind, change.from, change.at, wire::encode(content_from(change)),
                         context);
  if (apply(*message, change, context)) tell_change(*message, change, context);
}

void Client::await_message(const SessionId& contact, const store::MessageRef& about, Kind kind, const SessionId& from,
                           Instant at, Bytes content, Context& context) {
  const store::OrphanRow row{.contact = contact,
                             .about = about,
                             .kind = static_cast<std::int32_t>(kind),
                             .from = from,
                             .at = at,
                             .content = std::move(content),
                             .expiry = network_now(context) + kOrphanLife};
  for (const store::OrphanRow& other : must(context.store.orphans(contact, about)))
    if (other.kind == row.kind && other.from == from && other.at == at && other.content == row.content) return;
  if (must(context.store.count_orphans(contact)) >= kMaxOrphans) {
    context.effects.note(trace::NotOpened{{}, "too much waits in this conversation for messages that did not come"});
    return;
  }
  static_cast<void>(must(context.store.add_orphan(row)));
}

std::vector<Change> Client::take_waiting(store::MessageRow& message, Context& context) {
  std::vector<Change> shown;
  const store::MessageRef about = ref_of(message);
  for (const store::OrphanRow& orphan : must(context.store.orphans(message.contact, about))) {
    static_cast<void>(must(context.store.remove_orphan(orphan.id)));
    if (static_cast<Kind>(orphan.kind) == Kind::Message) {  // it quotes this one
      if (auto quoting = find(message.contact, {orphan.from, orphan.at}, message.device, context))
        mend_quote(*quoting, message, context);
      continue;
    }
    const auto content = wire::decode_content(orphan.content);
    if (!content) continue;
    const auto change = change_of(*content, orphan.from, orphan.at.unix_millis());
    if (change && *change && apply(message, **change, context)) shown.push_back(**change);
  }
  return shown;
}

}  // namespace session::client

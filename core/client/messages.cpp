// What is written, and what is done to it: text, quotes, edits, reactions, taking back, reading.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/client/client.h"

namespace session::client {
namespace {

constexpr Millis kReceiptLifetime = days(1);  // profile.md 7
constexpr std::size_t kPage = 100;

Error refused(std::string message) { return {ErrorCode::Refused, std::move(message)}; }
Error no_message(std::uint64_t id) { return {ErrorCode::NotFound, fmt::format("there is no message {}", id)}; }
ContactState state_of(const store::ContactRow& contact) { return static_cast<ContactState>(contact.state); }

const char* what_to_do(ContactState state) {
  switch (state) {
    case ContactState::Asked: return "wait for their answer";
    case ContactState::Asking: return "accept their request first";
    default: return "send a request first";
  }
}

}  // namespace

std::optional<Error> Client::why_silent(const SessionId& with, Context& context) {
  if (with == identity_.id) return std::nullopt;
  const auto contact = must(context.store.contact(with));
  if (!contact) return Error{ErrorCode::NotFound, with.hex() + " is no contact yet; send a request first"};
  if (contact->blocked) return refused("they are blocked; unblock them first");
  if (const auto state = state_of(*contact); state != ContactState::Accepted)
    return refused(fmt::format("the contact is {}, not accepted; {}", name_of(state), what_to_do(state)));
  return std::nullopt;
}

Outcome Client::run(const Send& command, Context& context) {
  auto contact = command.to == identity_.id ? std::nullopt : must(context.store.contact(command.to));
  // A reply accepts the request that it answers (client.md 4, ux 11).
  const bool accepts = contact && !contact->blocked && state_of(*contact) == ContactState::Asking;
  if (!accepts)
    if (auto why = why_silent(command.to, context)) return {0, std::move(why)};
  if (auto bad = check_words(command.text)) return {0, std::move(bad)};
  const Millis kept = conversation_with(command.to, context).lifetime;
  const Millis lifetime = command.lifetime.value_or(kept.count > 0 ? kept : config_.lifetime);
  if (lifetime < seconds(10) || lifetime > days(14))
    return {0, Error{ErrorCode::Malformed, fmt::format("ttl: {} s; from 10 s to 14 days", lifetime.count / 1000)}};
  const auto quote = command.quote == 0 ? std::nullopt : quote_of(command.quote, command.to, context);
  if (command.quote != 0 && !quote)
    return {0, Error{ErrorCode::NotFound, fmt::format("quote: there is no message {} in this conversation", command.quote)}};
  if (accepts) move_contact(*contact, ContactCause::WeAccept, context);
  return {write(command.to, Kind::Message, command.text, lifetime, quote, context), {}};
}

std::uint64_t Client::write(const SessionId& to, Kind kind, std::string_view text, Millis lifetime,
                            const std::optional<store::QuoteRow>& quote, Context& context) {
  store::ConversationRow conversation = conversation_with(to, context);
  store::MessageRow message;
  message.contact = to;
  message.outgoing = true;
  message.device = device_;
  message.sent_at = Instant::from_unix_millis(next_sent_at(context));
  message.received_at = context.now;
  message.kind = static_cast<std::int32_t>(kind);
  message.state = static_cast<std::int32_t>(State::Queued);
  message.body = text;
  message.quote = quote;
  message.mentions_us = mentions(text, identity_.id);
  if (kind == Kind::Message && conversation.timer_s > 0) {
    message.timer_s = conversation.timer_s;
    message.timer_kind = conversation.timer_kind;
    message.expiry = message.sent_at + seconds(conversation.timer_s);
  }
  const bool is_note = to == identity_.id;  // to self: here already, and read
  if (is_note) {
    message.state = static_cast<std::int32_t>(State::Read);
    message.read = context.now;
  }
  message.id = must(context.store.add_message(message)).id;
  if (!is_note) {
    message.outbox =
        enqueue({.message = message.id, .to = to, .kind = static_cast<std::int32_t>(kind), .ttl = lifetime}, context);
    must(context.store.update_message(message));
  }
  conversation.draft.clear();
  conversation.draft_quote.reset();
  must(context.store.put_conversation(conversation));
  note_message(message, context);
  if (message.expiry != Instant{}) arm_expiry(context);
  return message.outbox;
}

std::uint64_t Client::say(const SessionId& to, Kind kind, const wire::Content& content, std::int64_t sent_at,
                          std::uint64_t about, Context& context) {
  const Millis kept = conversation_with(to, context).lifetime;
  return enqueue({.message = about,
                  .to = to,
                  .kind = static_cast<std::int32_t>(kind),
                  .ttl = kind == Kind::Receipt ? kReceiptLifetime
                         : kept.count > 0      ? kept
                                               : config_.lifetime,
                  .content = wire::encode(content),
                  .sent_at = sent_at},
                 context);
}

Outcome Client::run(const React& command, Context& context) {
  auto message = must(context.store.message(command.message));
  if (!message) return {0, no_message(command.message)};
  if (auto why = why_silent(message->contact, context)) return {0, std::move(why)};
  if (message->unsent) return {0, refused("the message was taken back")};
  if (command.emoji.empty() || command.emoji.size() > kMaxEmojiBytes)
    return {0, Error{ErrorCode::Malformed, fmt::format("emoji: {} bytes; from 1 to {}", command.emoji.size(), kMaxEmojiBytes)}};
  if (printable(command.emoji) != command.emoji)
    return {0, Error{ErrorCode::Malformed, "emoji: holds a character that cannot be shown"}};
  const bool stands = std::any_of(message->reactions.begin(), message->reactions.end(), [&](const store::ReactionRow& row) {
    return row.who == identity_.id && row.emoji == command.emoji && !row.removed;
  });
  if (stands != command.remove) return {0, refused(stands ? "that emoji is on it already" : "that emoji is not on it")};
  const std::int64_t sent_at = next_sent_at(context);
  const Change change{.kind = Kind::Reaction,
                      .about = ref_of(*message),
                      .from = identity_.id,
                      .at = Instant::from_unix_millis(sent_at),
                      .text = command.emoji,
                      .removed = command.remove};
  apply(*message, change, context);
  if (message->contact == identity_.id) return {};
  // A delivery takes the number of its message when that has none; what came in has no delivery, and shall get none.
  return {say(message->contact, Kind::Reaction, content_from(change), sent_at, message->outgoing ? message->id : 0, context),
          {}};
}

Outcome Client::run(const Edit& command, Context& context) {
  auto message = must(context.store.message(command.message));
  if (!message) return {0, no_message(command.message)};
  if (!message->outgoing) return {0, refused("only who wrote a message may edit it")};
  if (message->unsent) return {0, refused("the message was taken back")};
  if (auto why = why_silent(message->contact, context)) return {0, std::move(why)};
  if (auto bad = check_words(command.text)) return {0, std::move(bad)};
  if (command.text == message->body) return {0, refused("it says that already")};
  const std::int64_t sent_at = next_sent_at(context);
  const Change change{.kind = Kind::Edit,
                      .about = ref_of(*message),
                      .from = identity_.id,
                      .at = Instant::from_unix_millis(sent_at),
                      .text = command.text};
  apply(*message, change, context);
  if (message->contact == identity_.id) return {};
  return {say(message->contact, Kind::Edit, content_from(change), sent_at, message->id, context), {}};
}

Outcome Client::run(const Unsend& command, Context& context) {
  auto message = must(context.store.message(command.message));
  if (!message) return {0, no_message(command.message)};
  if (!message->outgoing) return {0, refused("only who wrote a message may take it back")};
  if (message->unsent) return {0, refused("the message was taken back already")};
  const auto contact = must(context.store.contact(message->contact));
  const bool waits = contact && !contact->blocked && state_of(*contact) == ContactState::Asked;
  if (!waits)
    if (auto why = why_silent(message->contact, context)) return {0, std::move(why)};
  bool never_left = false;
  for (auto& [id, row] : active_) {
    const auto kind = static_cast<Kind>(row.kind);
    const auto state = static_cast<State>(row.state);
    if (row.message != message->id || (kind != Kind::Message && kind != Kind::Request && kind != Kind::Edit)) continue;
    if (row.id == message->outbox && row.sealed.empty()) never_left = true;
    if (!may_move(state, State::Cancelled)) continue;
    if (state == State::Stamping) context.effects.cancel_stamp(row.id);
    row.content.clear();
    move(row, State::Cancelled, "taken back", context);
  }
  if (!active_.contains(message->outbox)) {
    auto settled = must(context.store.outbox(message->outbox));
    if (settled && settled->message == message->id && static_cast<State>(settled->state) == State::Failed) {
      never_left = settled->sealed.empty();
      move(*settled, State::Cancelled, "taken back", context);
    }
  }
  message = must(context.store.message(command.message));  // its state may have moved
  const std::int64_t sent_at = next_sent_at(context);
  const Change change{.kind = Kind::Unsend,
                      .about = ref_of(*message),
                      .from = identity_.id,
                      .at = Instant::from_unix_millis(sent_at),
                      .text = {}};
  apply(*message, change, context);
  if (message->contact == identity_.id || never_left) return {};
  return {say(message->contact, Kind::Unsend, content_from(change), sent_at, message->id, context), {}};
}

Outcome Client::run(const RemoveMessage& command, Context& context) {
  const auto message = must(context.store.message(command.message));
  if (!message) return {0, no_message(command.message)};
  const auto delivery = active_.find(message->outbox);
  if (message->outbox != 0 && delivery != active_.end() && delivery->second.sealed.empty() &&
      !is_settled(static_cast<State>(delivery->second.state)))
    return {0, refused("it has not left yet; give its delivery up first")};
  static_cast<void>(must(context.store.remove_message(message->id)));
  count_anew(message->contact, context);
  return {};
}

Outcome Client::run(const MarkRead& command, Context& context) {
  auto conversation = must(context.store.conversation(command.with));
  if (!conversation) return {0, Error{ErrorCode::NotFound, "there is no conversation with " + command.with.hex()}};
  if (command.up_to != 0) {
    const auto last = must(context.store.message(command.up_to));
    if (!last || last->contact != command.with) return {0, no_message(command.up_to)};
  }
  if (conversation->unread == 0) return {};
  std::vector<std::int64_t> seen;
  std::uint64_t before = command.up_to == 0 ? ~std::uint64_t{0} : command.up_to + 1;
  for (bool goes_on = true; goes_on;) {
    const auto page = must(context.store.messages(command.with, kPage, before));
    goes_on = page.size() == kPage;
    if (!page.empty()) before = page.front().id;
    for (auto row = page.rbegin(); row != page.rend(); ++row) {
      if (row->outgoing) continue;
      if (row->read != Instant{}) {  // all before it were read with it
        goes_on = false;
        break;
      }
      store::MessageRow read = *row;
      read.read = context.now;
      if (read.timer_s > 0 && read.expiry == Instant{}) read.expiry = network_now(context) + seconds(read.timer_s);
      must(context.store.update_message(read));
      conversation->read_until = std::max(conversation->read_until, std::min(read.sent_at, network_now(context)));
      if (static_cast<Kind>(read.kind) == Kind::Message && !read.unsent) seen.push_back(read.sent_at.unix_millis());
    }
  }
  must(context.store.put_conversation(*conversation));
  count_anew(command.with, context);
  arm_expiry(context);
  std::reverse(seen.begin(), seen.end());
  if (settings_.read_receipts && !seen.empty() && command.with != identity_.id && !why_silent(command.with, context))
    owe_receipt(command.with, wire::ReceiptMessage::Type::Read, seen, Way::Swarm, context);
  return {};
}

/// Who handed a message over waits for its receipt, and stores the message when none comes: so that receipt may be handed over
/// too, and is repeated if it gets lost. Nobody would notice the loss of any other, so the swarm keeps those.
void Client::owe_receipt(const SessionId& to, wire::ReceiptMessage::Type type, const std::vector<std::int64_t>& sent_at,
                         Way way, Context& context) {
  std::vector<std::int64_t> rest = sent_at;
  const auto fill = [&](wire::ReceiptMessage& receipt) {
    while (!rest.empty() && receipt.timestamps_ms.size() < wire::kMaxRepeats) {
      const auto next = static_cast<std::uint64_t>(rest.front());
      rest.erase(rest.begin());
      auto& all = receipt.timestamps_ms;
      if (std::find(all.begin(), all.end(), next) == all.end()) all.push_back(next);
    }
  };
  for (auto& [id, row] : active_) {
    if (row.to != to || static_cast<Kind>(row.kind) != Kind::Receipt || !row.sealed.empty()) continue;
    if (static_cast<State>(row.state) != State::Queued || static_cast<Way>(row.way) != way) continue;
    auto content = wire::decode_content(row.content);
    if (!content || !content->receipt || content->receipt->type != type) continue;
    fill(*content->receipt);
    row.content = wire::encode(*content);
    must(context.store.update_outbox(row));
  }
  while (!rest.empty()) {
    wire::Content content;
    fill(content.receipt.emplace(wire::ReceiptMessage{type, {}}));
    store::OutboxRow& row = active_.at(say(to, Kind::Receipt, content, 0, 0, context));
    row.way = static_cast<std::int32_t>(way);
    must(context.store.update_outbox(row));
  }
}

wire::Content Client::content_of(const store::OutboxRow& row, Context& context) {
  const auto kind = static_cast<Kind>(row.kind);
  wire::Content content;
  if (!row.content.empty()) content = must(wire::decode_content(row.content));
  auto contact = must(context.store.contact(row.to));
  const bool is_open = contact && state_of(*contact) == ContactState::Accepted && !contact->blocked;
  const bool has_ratchet = !attempts_[row.id].bundle_absent;  // otherwise an anonymous box
  auto message = row.message == 0 ? std::nullopt : must(context.store.message(row.message));
  if (message && (kind == Kind::Message || kind == Kind::Request)) {
    wire::DataMessage data;
    data.body = first_words(*message, must(context.store.edits(message->id)));
    data.timestamp_ms = static_cast<std::uint64_t>(message->sent_at.unix_millis());
    if (message->quote)
      data.quote = wire::Quote{static_cast<std::uint64_t>(message->quote->about.sent_at.unix_millis()),
                               message->quote->about.author.hex(), message->quote->text};
    content.data = std::move(data);
    if (message->timer_s > 0) {
      content.expiration_type = static_cast<wire::ExpirationType>(message->timer_kind);
      content.expiration_timer_s = message->timer_s;
      if (content.expiration_type == wire::ExpirationType::AfterSend)
        content.expires_at_ms = static_cast<std::uint64_t>(message->expiry.unix_millis());
    }
    if (kind == Kind::Message && contact && has_ratchet) {
      if (message->number == 0) {  // counted when it is sealed: what was given up before leaves no gap
        message->number = ++contact->said;
        must(context.store.update_message(*message));
        must(context.store.put_contact(*contact));
      }
      content.number = message->number;
    }
  }
  if (kind == Kind::Request)
    if (auto bundle = must(context.store.setting("bundle"))) content.bundle = std::move(*bundle);
  if (kind == Kind::Answer) content.request_response = wire::MessageRequestResponse{true, {}, wire::Profile{name_, ""}};
  if (kind == Kind::Reset && !content.data)
    content.data = wire::DataMessage{.body = "TERMINATE", .flags = wire::flags::kEndSession};
  if (content.data) content.data->profile = wire::Profile{name_, ""};
  if (is_open && has_ratchet) content.presence_token = contact->own_token;
  return content;
}

}  // namespace session::client

// What an opened envelope means. Who its sender is to us is decided first (contact.h), then each of its parts is taken. Source:
// profile.md 7 and 9, client.md 4 and 10.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/client/caps.h"
#include "core/client/client.h"

namespace session::client {
namespace {

constexpr std::size_t kMaxMissing = 256;          // numbers of one contact that are looked for
constexpr std::size_t kMaxRequestMessages = 20;   // of a stranger
constexpr std::ptrdiff_t kMaxRequests = 1000;     // of strangers, at a time
constexpr Millis kFutureTolerated = days(1);      // of a time that decides between two people
constexpr std::string_view kDropped = "dropped";  // setting: envelopes of blocked people

ContactState state_of(const store::ContactRow& contact) { return static_cast<ContactState>(contact.state); }

/// Words for a person, or what stands for them: a message of its own.
bool has_words(const wire::Content& content) {
  if (!content.data) return false;
  const wire::DataMessage& data = *content.data;
  if ((data.flags & ~wire::flags::kProfileKeyUpdate) != 0 || data.edit_of_ms != 0) return false;
  return !data.body.empty() || !data.attachments.empty();
}

bool is_timer_update(const wire::Content& content) {
  return content.data && (content.data->flags & wire::flags::kExpirationTimerUpdate) != 0;
}
bool ends_session(const wire::Content& content) {
  return content.data && (content.data->flags & wire::flags::kEndSession) != 0;
}

/// Nothing in it that we know, and something that we do not.
bool is_beyond_us(const wire::Content& content) {
  if (!content.has_unknown || content.null || content.receipt || content.typing || content.unsend || content.request_response)
    return false;
  return !content.data || (!has_words(content) && content.data->flags == 0 && !content.data->reaction &&
                           content.data->edit_of_ms == 0 && !content.data->profile);
}

/// What came with a message that this program does not show.
std::string notice_of(const wire::Content& content) {
  std::string notice;
  const auto add = [&](std::string_view words) { notice.append(notice.empty() ? "" : "; ").append(words); };
  if (content.data)
    for (const wire::AttachmentPointer& file : content.data->attachments) {
      const std::string name = shown_name(file.file_name), type = shown_name(file.content_type);
      add(fmt::format("{} ({} bytes) lies on a file server and cannot be fetched",
                      !name.empty()   ? name
                      : !type.empty() ? type
                                      : "a file",
                      file.size));
    }
  if (content.has_unknown) add(has_words(content) ? "a part of it needs another client" : "needs another client");
  return notice;
}

}  // namespace

void Client::tell(const Event& event, Context& context) {
  static_cast<void>(must(context.store.add_event(to_json(event))));
  context.effects.note(trace::Opened{event.from, name_of(event.type), event.sent_at});
}

/// Only words make an acquaintance: a stranger without them leaves no session behind.
Result<void> Client::may_enter(const SessionId& from, const wire::Content& content, Context& context) const {
  if (from == identity_.id) return {};
  const auto contact = must(context.store.contact(from));
  const bool is_stranger = !contact || (!contact->blocked && state_of(*contact) == ContactState::Stranger);
  if (!is_stranger) return {};
  if (!has_words(content)) return fail(ErrorCode::Refused, "no words, and of a stranger");
  const auto contacts = must(context.store.contacts());
  const auto asking =
      std::count_if(contacts.begin(), contacts.end(), [](const auto& each) { return state_of(each) == ContactState::Asking; });
  if (asking >= kMaxRequests) return fail(ErrorCode::Refused, "too many requests of strangers wait for a decision");
  return {};
}

void Client::take(const OpenedEnvelope& envelope, const MessageHash& hash, Instant expiry, Way way, Context& context) {
  if (envelope.from == identity_.id) return;  // what one's own other devices say is not understood yet
  auto known = must(context.store.contact(envelope.from));
  if (known && known->blocked) {
    const auto count = must(context.store.setting(kDropped));
    const std::uint64_t dropped = count && count->size() == 8 ? load_little<std::uint64_t>(count->data()) : 0;
    must(context.store.put_setting(kDropped, little(dropped + 1)));
    hear_number(*known, envelope, context);  // what is dropped did come: it is no gap later
    must(context.store.put_contact(*known));
    context.effects.note(trace::NotOpened{hash, "its sender is blocked"});
    return;
  }
  const ContactState before = known ? state_of(*known) : ContactState::Stranger;
  const wire::Content& content = envelope.content;
  const bool asks =
      has_words(content) && (!content.bundle.empty() || before == ContactState::Stranger || before == ContactState::Asking);
  store::ContactRow contact = known.value_or(store::ContactRow{});
  if (!known) {
    contact.id = envelope.from;
    contact.created = contact.changed = context.now;
  }
  const bool is_other_device = contact.device != 0 && envelope.device != 0 && contact.device != envelope.device;
  on_session_used(contact, envelope, context);
  if (envelope.forward_secrecy) count_turn(envelope.from, context);
  away_.erase(envelope.from);
  const auto& profile = content.data               ? content.data->profile
                        : content.request_response ? content.request_response->profile
                                                   : std::optional<wire::Profile>{};
  if (profile)
    if (std::string name = shown_name(profile->display_name); !name.empty()) contact.name = std::move(name);
  if (!content.request_response || content.request_response->is_approved)
    move_contact(contact, asks ? ContactCause::TheyAsk : ContactCause::TheyAnswer, context);
  const bool is_accepted = state_of(contact) == ContactState::Accepted;
  // Who holds a token of ours learns when we are there: tokens travel in the ratchet only, and between people who agreed.
  if (is_accepted && envelope.forward_secrecy && !content.presence_token.empty()) contact.their_token = content.presence_token;
  hear_number(contact, envelope, context);
  must(context.store.put_contact(contact));
  if (is_accepted && (before == ContactState::Asked || before == ContactState::Expired))
    tell({EventType::Accepted, contact.id, 0, envelope.sent_at, ""}, context);
  if (before == ContactState::Accepted && asks && is_other_device)  // they began anew, on a device that knows nothing of us
    tell({EventType::Reset, contact.id, 0, envelope.sent_at, ""}, context);
  const bool is_owed = take_parts(contact, envelope, hash, way, context);
  if (is_owed && is_accepted && way == Way::Relay) remember_handed_over(hash, contact.id, envelope.sent_at, context);
  if (is_owed && is_accepted && expiry > context.now)
    owe_receipt(contact.id, wire::ReceiptMessage::Type::Delivery, {envelope.sent_at},
                way == Way::Relay ? Way::Relay : Way::Swarm, context);
}

bool Client::take_parts(store::ContactRow& contact, const OpenedEnvelope& envelope, const MessageHash& hash, Way way,
                        Context& context) {
  const wire::Content& content = envelope.content;
  const bool is_accepted = state_of(contact) == ContactState::Accepted;
  bool is_owed = content.request_response.has_value();
  if (content.receipt) take_receipt(contact.id, *content.receipt, context);
  if (content.typing && is_accepted) take_typing(envelope, context);
  if (ends_session(content)) return is_owed;  // told with the session; its words are for old clients
  if (is_timer_update(content) && is_accepted) {
    take_timer(envelope, context);
    is_owed = true;
  }
  if (const auto change = change_of(content, contact.id, envelope.sent_at); !change) {
    context.effects.note(trace::NotOpened{hash, change.error().message});
  } else if (*change && (is_accepted || (*change)->kind == Kind::Unsend)) {  // a request may be taken back, and no more
    take_change(contact, **change, envelope.device, context);
    is_owed = true;
  }
  if (has_words(content) || (is_beyond_us(content) && is_accepted)) {
    take_text(contact, envelope, hash, way, context);
    is_owed = true;
  }
  return is_owed;
}

void Client::take_text(const store::ContactRow& contact, const OpenedEnvelope& envelope, const MessageHash& hash, Way way,
                       Context& context) {
  const bool is_accepted = state_of(contact) == ContactState::Accepted;
  const wire::Content& content = envelope.content;
  const Instant now = network_now(context);
  store::MessageRow row{.contact = contact.id,
                        .outgoing = false,
                        .device = envelope.device,
                        .sent_at = Instant::from_unix_millis(envelope.sent_at),
                        .received_at = context.now,
                        .expiry = {},
                        .kind = static_cast<std::int32_t>(is_accepted ? Kind::Message : Kind::Request),
                        .body = content.data ? content.data->body : std::string(),
                        .hash = hash};
  row.forward_secrecy = envelope.forward_secrecy;
  row.way = static_cast<std::int32_t>(way);
  row.number = envelope.forward_secrecy ? content.number : 0;
  row.notice = notice_of(content);
  row.mentions_us = mentions(row.body, identity_.id);
  if (content.expiration_timer_s > 0 || content.expires_at_ms > 0) {
    row.timer_s = content.expiration_timer_s;
    row.timer_kind = static_cast<std::int32_t>(content.expiration_type);
    if (content.expiration_type != wire::ExpirationType::AfterRead) {
      const auto claimed = time_of(content.expires_at_ms).value_or(row.sent_at + seconds(row.timer_s));
      // Never longer from now than the timer says, whatever their clock.
      row.expiry = row.timer_s > 0 ? std::min(claimed, now + seconds(row.timer_s)) : claimed;
      if (row.expiry <= now) {
        context.effects.note(trace::NotOpened{hash, "it had disappeared before it came"});
        return;
      }
    }
  }
  if (content.data && content.data->quote) take_quote(row, *content.data->quote, context);
  const auto added = must(context.store.add_message(row));
  if (!added.is_new) {
    context.effects.note(trace::NotOpened{hash, "a repetition of a message that is here already"});
    return;
  }
  row.id = added.id;
  note_message(row, context);
  const auto waited = take_waiting(row, context);
  if (row.expiry != Instant{}) arm_expiry(context);
  if (!row.unsent)
    tell({is_accepted ? EventType::Message : EventType::Request, contact.id, row.id, envelope.sent_at,
          row.body.empty() ? row.notice : row.body},
         context);
  for (const Change& change : waited)
    if (!row.unsent && change.kind == Kind::Reaction) tell_change(row, change, context);
  if (!is_accepted) bound_request(contact.id, context);
}

void Client::take_quote(store::MessageRow& row, const wire::Quote& quote, Context& context) {
  const auto author = SessionId::parse(quote.author);
  const auto at = time_of(quote.id);
  if (!author || !at || (*author != identity_.id && *author != row.contact)) {
    row.notice += row.notice.empty() ? "" : "; ";
    row.notice += "it quotes a message that is not of this conversation";
    return;
  }
  row.quote = store::QuoteRow{{*author, *at}, std::string(cut(quote.text, kMaxQuoteBytes))};
  if (const auto quoted = find(row.contact, row.quote->about, row.device, context)) {
    mend_quote(row, *quoted, context);  // the words as we have them, not as they are claimed
  } else {
    await_message(row.contact, row.quote->about, Kind::Message, row.contact, row.sent_at, {}, context);
  }
}

void Client::bound_request(const SessionId& who, Context& context) {
  auto rows = must(context.store.messages(who));
  std::erase_if(rows,
                [](const store::MessageRow& row) { return row.outgoing || static_cast<Kind>(row.kind) != Kind::Request; });
  if (rows.size() <= kMaxRequestMessages) return;
  const auto oldest = std::min_element(
      rows.begin(), rows.end(), [](const store::MessageRow& a, const store::MessageRow& b) { return a.sent_at < b.sent_at; });
  static_cast<void>(must(context.store.remove_message(oldest->id)));
  count_anew(who, context);
}

void Client::take_receipt(const SessionId& from, const wire::ReceiptMessage& receipt, Context& context) {
  const bool is_read = receipt.type == wire::ReceiptMessage::Type::Read && settings_.read_receipts;
  const State to = is_read ? State::Read : State::Fetched;
  for (const std::uint64_t sent_at : receipt.timestamps_ms) {
    if (!time_of(sent_at)) continue;
    store::OutboxRow kept;
    store::OutboxRow* row = delivery_to(from, static_cast<std::int64_t>(sent_at), kept, context);
    if (row == nullptr || row->to != from || !may_move(static_cast<State>(row->state), to)) continue;
    if (static_cast<State>(row->state) == State::Stamping) context.effects.cancel_stamp(row->id);
    move(*row, to, is_read ? "they read it" : "their device opened it", context);
    const auto kind = static_cast<Kind>(row->kind);
    if (kind != Kind::Message && kind != Kind::Request) continue;
    tell({is_read ? EventType::Read : EventType::Receipt, from, row->id, static_cast<std::int64_t>(sent_at), ""}, context);
  }
}

/// It passes by: nothing of it is kept. How long it is shown is the view's matter (15 s, client.md 10.3).
void Client::take_typing(const OpenedEnvelope& envelope, Context& context) {
  const wire::TypingMessage& typing = *envelope.content.typing;
  if (!settings_.typing || typing.timestamp_ms != static_cast<std::uint64_t>(envelope.sent_at)) return;
  if (passing_.size() >= kMaxPassing) passing_.erase(passing_.begin());
  const bool started = typing.action == wire::TypingMessage::Action::Started;
  passing_.push_back({EventType::Typing, envelope.from, 0, envelope.sent_at, started ? "started" : "stopped"});
  context.effects.note(trace::Opened{envelope.from, name_of(EventType::Typing), envelope.sent_at});
}

/// The newest change wins, of whichever side; of two at one moment the longer, so that both sides end alike.
void Client::take_timer(const OpenedEnvelope& envelope, Context& context) {
  const wire::Content& content = envelope.content;
  const std::uint32_t timer = content.expiration_timer_s != 0 ? content.expiration_timer_s : content.data->expire_timer_s;
  const auto kind = timer == 0                                                 ? wire::ExpirationType::Unknown
                    : content.expiration_type == wire::ExpirationType::Unknown ? wire::ExpirationType::AfterSend
                                                                               : content.expiration_type;
  // A clock far ahead of ours does not win for ever.
  const Instant at = std::min(Instant::from_unix_millis(envelope.sent_at), network_now(context) + kFutureTolerated);
  store::ConversationRow conversation = conversation_with(envelope.from, context);
  const auto rank = [](Instant changed, std::uint32_t seconds, std::int32_t how) { return std::tuple(changed, seconds, how); };
  if (rank(at, timer, static_cast<std::int32_t>(kind)) <=
      rank(conversation.timer_changed, conversation.timer_s, conversation.timer_kind))
    return;
  const bool is_shown = conversation.timer_s != timer || conversation.timer_kind != static_cast<std::int32_t>(kind);
  conversation.timer_s = timer;
  conversation.timer_kind = static_cast<std::int32_t>(kind);
  conversation.timer_changed = at;
  must(context.store.put_conversation(conversation));
  if (is_shown) tell({EventType::Timer, envelope.from, 0, envelope.sent_at, std::to_string(timer)}, context);
}

/// Their count of messages to us shows what did not come. Of a device heard for the first time nothing is known before that.
void Client::hear_number(store::ContactRow& contact, const OpenedEnvelope& envelope, Context& context) {
  const std::uint32_t number = envelope.content.number;
  if (number == 0 || !envelope.forward_secrecy) return;
  if (contact.heard_device != envelope.device) {
    contact.heard_device = envelope.device;
    contact.heard_number = number;
    contact.missing.clear();
    return;
  }
  if (number > contact.heard_number) {
    const std::uint32_t most = std::min<std::uint32_t>(number - contact.heard_number - 1, kMaxMissing);
    for (std::uint32_t each = number - most; each < number; ++each) contact.missing.push_back(each);
    if (contact.missing.size() > kMaxMissing)
      contact.missing.erase(contact.missing.begin(), contact.missing.end() - static_cast<std::ptrdiff_t>(kMaxMissing));
    contact.heard_number = number;
    if (most == 0) return;
    contact.missing_since = context.now;
    must(context.store.put_contact(contact));
    return arm_expiry(context);
  }
  const auto found = std::find(contact.missing.begin(), contact.missing.end(), number);
  if (found == contact.missing.end()) return;
  contact.missing.erase(found);
  if (contact.missing_since == Instant{})  // a person was told of it
    tell({EventType::Filled, contact.id, 0, envelope.sent_at, std::to_string(contact.missing.size())}, context);
  if (contact.missing.empty()) contact.missing_since = {};
}

}  // namespace session::client

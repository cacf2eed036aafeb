// How conversations are kept and shown: drafts, timers, pins; messages that disappear, and those that did not come.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/client/client.h"

namespace session::client {
namespace {

constexpr std::uint32_t kLongestTimer = 30 * 24 * 3600;  // seconds
constexpr Millis kGapStays = minutes(1);                 // before a person is told
constexpr std::size_t kPage = 100;
constexpr Millis kExpiryTolerated = days(1);  // that the network may be ahead of our own clock

Error refused(std::string message) { return {ErrorCode::Refused, std::move(message)}; }

}  // namespace

store::ConversationRow Client::conversation_with(const SessionId& who, Context& context) {
  if (auto row = must(context.store.conversation(who))) return std::move(*row);
  store::ConversationRow row;
  row.with = who;
  return row;
}

/// Nothing is kept about people who are not there.
std::optional<Error> Client::why_none(const SessionId& with, Context& context) {
  if (with == identity_.id || must(context.store.contact(with))) return std::nullopt;
  return Error{ErrorCode::NotFound, "there is no conversation with " + with.hex()};
}

std::optional<store::QuoteRow> Client::quote_of(std::uint64_t message, const SessionId& with, Context& context) {
  const auto row = must(context.store.message(message));
  if (!row || row->contact != with || row->unsent) return std::nullopt;
  return store::QuoteRow{ref_of(*row), std::string(cut(first_words(*row, must(context.store.edits(row->id))), kMaxQuoteBytes))};
}

Outcome Client::run(const Draft& command, Context& context) {
  if (auto why = why_none(command.with, context)) return {0, std::move(why)};
  if (!command.text.empty())
    if (auto bad = check_words(command.text)) return {0, std::move(bad)};
  const auto quote = command.quote == 0 ? std::nullopt : quote_of(command.quote, command.with, context);
  if (command.quote != 0 && !quote)
    return {0, Error{ErrorCode::NotFound, fmt::format("quote: there is no message {} in this conversation", command.quote)}};
  store::ConversationRow conversation = conversation_with(command.with, context);
  conversation.draft = command.text;
  conversation.draft_quote = quote ? std::optional(quote->about) : std::nullopt;
  must(context.store.put_conversation(conversation));
  return {};
}

Outcome Client::run(const SetTimer& command, Context& context) {
  if (auto why = why_silent(command.with, context)) return {0, std::move(why)};
  if (command.seconds > kLongestTimer)
    return {0, Error{ErrorCode::Malformed, fmt::format("timer: {} s; at most 30 days", command.seconds)}};
  const std::int64_t sent_at = next_sent_at(context);
  store::ConversationRow conversation = conversation_with(command.with, context);
  conversation.timer_s = command.seconds;
  conversation.timer_kind =
      static_cast<std::int32_t>(command.seconds > 0 ? wire::ExpirationType::AfterSend : wire::ExpirationType::Unknown);
  conversation.timer_changed = std::max(conversation.timer_changed, Instant::from_unix_millis(sent_at));
  must(context.store.put_conversation(conversation));
  if (command.with == identity_.id) return {};
  wire::Content content;
  content.data = wire::DataMessage{.flags = wire::flags::kExpirationTimerUpdate,
                                   .expire_timer_s = command.seconds,
                                   .timestamp_ms = static_cast<std::uint64_t>(sent_at)};
  content.expiration_type = static_cast<wire::ExpirationType>(conversation.timer_kind);
  content.expiration_timer_s = command.seconds;
  return {say(command.with, Kind::Timer, content, sent_at, 0, context), {}};
}

Outcome Client::run(const SetLifetime& command, Context& context) {
  if (auto why = why_none(command.with, context)) return {0, std::move(why)};
  if (command.lifetime.count != 0 && (command.lifetime < hours(12) || command.lifetime > days(14)))
    return {0, Error{ErrorCode::Malformed,
                     fmt::format("lifetime: {} s; from 12 hours to 14 days, or 0", command.lifetime.count / 1000)}};
  store::ConversationRow conversation = conversation_with(command.with, context);
  conversation.lifetime = command.lifetime;
  must(context.store.put_conversation(conversation));
  return {};
}

Outcome Client::run(const Pin& command, Context& context) {
  if (auto why = why_none(command.with, context)) return {0, std::move(why)};
  store::ConversationRow conversation = conversation_with(command.with, context);
  if (command.pinned != (conversation.pinned != Instant{})) conversation.pinned = command.pinned ? context.now : Instant{};
  must(context.store.put_conversation(conversation));
  return {};
}

Outcome Client::run(const Mute& command, Context& context) {
  if (auto why = why_none(command.with, context)) return {0, std::move(why)};
  if (command.until != Instant{} && command.until <= context.now) return {0, refused("that time has passed")};
  store::ConversationRow conversation = conversation_with(command.with, context);
  conversation.muted_until = command.until;
  must(context.store.put_conversation(conversation));
  return {};
}

Outcome Client::run(const Archive& command, Context& context) {
  if (auto why = why_none(command.with, context)) return {0, std::move(why)};
  store::ConversationRow conversation = conversation_with(command.with, context);
  conversation.archived = command.archived;
  must(context.store.put_conversation(conversation));
  return {};
}

void Client::note_message(const store::MessageRow& message, Context& context) {
  store::ConversationRow conversation = conversation_with(message.contact, context);
  conversation.last_message = message.id;
  conversation.last_at = context.now;
  if (!message.outgoing && !message.unsent && message.read == Instant{}) ++conversation.unread;
  if (conversation.archived && conversation.muted_until <= context.now) conversation.archived = false;
  must(context.store.put_conversation(conversation));
}

void Client::count_anew(const SessionId& who, Context& context) {
  auto conversation = must(context.store.conversation(who));
  if (!conversation) return;
  conversation->unread = 0;
  conversation->last_message = 0;
  std::uint64_t before = ~std::uint64_t{0};
  for (bool goes_on = true; goes_on;) {
    const auto page = must(context.store.messages(who, kPage, before));
    goes_on = page.size() == kPage;
    if (page.empty()) break;
    before = page.front().id;
    if (conversation->last_message == 0) conversation->last_message = page.back().id;
    for (auto row = page.rbegin(); row != page.rend(); ++row) {
      if (row->outgoing) continue;
      if (row->read != Instant{}) {  // all before it were read with it
        goes_on = false;
        break;
      }
      if (!row->unsent) ++conversation->unread;
    }
  }
  must(context.store.put_conversation(*conversation));
}

void Client::expire_messages(Context& context) {
  // What is gone does not come back: nodes that lie about the time shall not make it go.
  const Instant now = std::min(network_now(context), context.now + kExpiryTolerated);
  static_cast<void>(must(context.store.expire_orphans(now)));
  const auto gone = must(context.store.expire_messages(now));
  for (auto& [id, row] : active_) {
    const auto state = static_cast<State>(row.state);
    if (is_settled(state) || !std::binary_search(gone.begin(), gone.end(), row.message)) continue;
    if (state == State::Stamping) context.effects.cancel_stamp(row.id);
    move(row, State::Expired, "the message has disappeared", context);
  }
  if (!gone.empty())
    for (const store::ConversationRow& conversation : must(context.store.conversations()))
      count_anew(conversation.with, context);
  tell_gaps(context);
  arm_expiry(context);
}

void Client::arm_expiry(Context& context) {
  auto next = must(context.store.next_expiry());
  if (next) *next = *next - clock_.offset();
  for (const store::ContactRow& contact : must(context.store.contacts()))
    if (!contact.missing.empty() && contact.missing_since != Instant{}) {
      const Instant due = contact.missing_since + kGapStays;
      if (!next || due < *next) next = due;
    }
  // A gap that is due waits for the end of the round that is under way: a while, not at once.
  if (next) context.effects.wake(static_cast<std::uint32_t>(Timer::Expiry), std::max(*next, context.now + seconds(1)));
}

void Client::tell_gaps(Context& context) {
  if (round_ || fetch_wanted_) return;
  for (store::ContactRow& contact : must(context.store.contacts())) {
    if (contact.missing.empty() || contact.missing_since == Instant{}) continue;
    if (context.now - contact.missing_since < kGapStays) continue;
    contact.missing_since = {};
    must(context.store.put_contact(contact));
    tell({EventType::Gap, contact.id, 0, network_now(context).unix_millis(), std::to_string(contact.missing.size())}, context);
  }
}

}  // namespace session::client

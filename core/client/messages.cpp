// What is written, and what is done to it: text, quotes, edits, reactions, taking back, reading.
#include <fmt/format.h>

#include "core/base/text.h"
#include "core/client/client.h"

namespace session::client {
namespace {

Error refused(std::string message) { return {ErrorCode::Refused, std::move(message)}; }

}  // namespace

Outcome Client::run(const Send& command, Context& context) {
  const auto contact = must(context.store.contact(command.to));
  if (!contact) return {0, Error{ErrorCode::NotFound, command.to.hex() + " is no contact yet; send a request first"}};
  if (static_cast<ContactState>(contact->state) != ContactState::Accepted)
    return {0, refused(fmt::format("the contact is {}, not accepted; {}", name_of(static_cast<ContactState>(contact->state)),
                                   static_cast<ContactState>(contact->state) == ContactState::Asking
                                       ? "accept their request first"
                                       : "wait for their answer, or send a request"))};
  if (command.text.empty()) return {0, Error{ErrorCode::Malformed, "text: empty"}};
  if (!is_utf8(command.text)) return {0, Error{ErrorCode::Malformed, "text: not UTF-8"}};
  if (command.text.size() > wire::kMaxTextBytes)
    return {0,
            Error{ErrorCode::Malformed, fmt::format("text: {} bytes, at most {}", command.text.size(), wire::kMaxTextBytes)}};
  const Millis lifetime = command.lifetime.value_or(config_.lifetime);
  if (lifetime < seconds(10) || lifetime > days(14))
    return {0, Error{ErrorCode::Malformed, fmt::format("ttl: {} s; from 10 s to 14 days", lifetime.count / 1000)}};
  return {write(command.to, Kind::Message, command.text, lifetime, std::nullopt, context), {}};
}

std::uint64_t Client::write(const SessionId& to, Kind kind, std::string_view text, Millis lifetime,
                            const std::optional<store::QuoteRow>& quote, Context& context) {
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
  message.id = must(context.store.add_message(message)).id;
  message.outbox =
      enqueue({.message = message.id, .to = to, .kind = static_cast<std::int32_t>(kind), .ttl = lifetime}, context);
  must(context.store.update_message(message));
  return message.outbox;
}

wire::Content Client::content_of(const store::OutboxRow& row, Context& context) {
  wire::Content content;
  const auto message = row.message == 0 ? std::nullopt : must(context.store.message(row.message));
  const auto with_text = [&] {
    wire::DataMessage data;
    if (message) data.body = message->body, data.timestamp_ms = static_cast<std::uint64_t>(message->sent_at.unix_millis());
    data.profile = wire::Profile{name_, ""};
    content.data = std::move(data);
  };
  switch (static_cast<Kind>(row.kind)) {
    case Kind::Message: with_text(); break;
    case Kind::Request:
      with_text();
      if (auto bundle = must(context.store.setting("bundle"))) content.bundle = std::move(*bundle);
      break;
    case Kind::Answer: content.request_response = wire::MessageRequestResponse{true, {}, wire::Profile{name_, ""}}; break;
    case Kind::Receipt: {
      wire::ReceiptMessage receipt;
      if (const auto about = must(context.store.setting(fmt::format("receipt:{}", row.id)))) {
        for (std::size_t i = 0; i + 8 <= about->size(); i += 8)
          receipt.timestamps_ms.push_back(load_little<std::uint64_t>(about->data() + i));
        static_cast<void>(must(context.store.remove_setting(fmt::format("receipt:{}", row.id))));
      }
      content.receipt = std::move(receipt);
      break;
    }
    case Kind::Bundle: break;  // sealed when it is made
  }
  return content;
}

}  // namespace session::client

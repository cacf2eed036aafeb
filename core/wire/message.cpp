#include "core/wire/message.h"

#include "core/base/text.h"
#include "core/wire/messages.pb.h"
#include "core/wire/protobuf.h"

namespace session::wire {
namespace {

/// Stops a decoder; caught by `decode_content`, so that it never leaves this file.
struct Rejected {
  std::string why;
};

[[noreturn]] void reject(const char* field, const std::string& why) { throw Rejected{std::string(field) + ": " + why}; }

const std::string& checked_text(const char* field, const std::string& text, std::size_t limit = kMaxTextBytes) {
  if (text.size() > limit)
    reject(field, std::to_string(text.size()) + " bytes, at most " + std::to_string(limit) + " are allowed");
  if (!is_utf8(text)) reject(field, "not UTF-8");
  return text;
}

Bytes checked_key(const char* field, const std::string& key) {
  if (!key.empty() && key.size() != 32) reject(field, "expected 32 bytes, got " + std::to_string(key.size()));
  return to_bytes(key);
}

std::uint64_t checked_time(const char* field, std::uint64_t time) {
  if (time > kMaxTimeMs) reject(field, std::to_string(time) + " names no time");
  return time;
}

template <class Enum>
Enum checked_enum(const char* field, std::uint32_t value, Enum greatest) {
  if (value > static_cast<std::uint32_t>(greatest)) reject(field, "unknown value " + std::to_string(value));
  return static_cast<Enum>(value);
}

// --- reading ---------------------------------------------------------------------------------------------------------------

Profile read(const proto::LokiProfile& in) {
  return {checked_text("displayName", in.displayname(), 1024), checked_text("avatar", in.avatar(), 4096)};
}

Quote read(const proto::Quote& in) {
  return {checked_time("quote.id", in.id()), checked_text("quote.author", in.author(), 256),
          checked_text("quote.text", in.text())};
}

Reaction read(const proto::Reaction& in) {
  return {checked_time("reaction.id", in.id()), checked_text("reaction.author", in.author(), 256),
          checked_text("reaction.emoji", in.emoji(), 64),
          checked_enum("reaction.action", in.action(), Reaction::Action::Remove)};
}

AttachmentPointer read(const proto::AttachmentPointer& in) {
  AttachmentPointer out;
  out.id = in.id();
  out.content_type = checked_text("attachment.contentType", in.contenttype(), 256);
  out.key = to_bytes(in.key());
  out.size = in.size();
  out.digest = to_bytes(in.digest());
  out.file_name = checked_text("attachment.fileName", in.filename(), 1024);
  out.flags = in.flags();
  out.url = checked_text("attachment.url", in.url(), 4096);
  return out;
}

DataMessage read(const proto::DataMessage& in) {
  DataMessage out;
  out.body = checked_text("body", in.body());
  if (static_cast<std::size_t>(in.attachments_size()) > kMaxAttachments) reject("attachments", "more than 32");
  for (const auto& each : in.attachments()) out.attachments.push_back(read(each));
  if ((in.flags() & ~flags::kKnown) != 0) reject("flags", "unknown bits in " + std::to_string(in.flags()));
  out.flags = in.flags();
  out.expire_timer_s = in.expiretimer();
  out.profile_key = checked_key("profileKey", in.profilekey());
  out.timestamp_ms = checked_time("timestamp", in.timestamp());
  if (in.has_quote()) out.quote = read(in.quote());
  if (in.has_reaction()) out.reaction = read(in.reaction());
  if (in.has_profile()) out.profile = read(in.profile());
  out.sync_target = checked_text("syncTarget", in.synctarget(), 256);
  out.edit_of_ms = checked_time("editOf", in.editof());
  return out;
}

ReceiptMessage read(const proto::ReceiptMessage& in) {
  if (static_cast<std::size_t>(in.timestamp_size()) > kMaxRepeats) reject("receipt.timestamp", "more than 100");
  for (const std::uint64_t each : in.timestamp()) checked_time("receipt.timestamp", each);
  return {checked_enum("receipt.type", in.type(), ReceiptMessage::Type::Read), {in.timestamp().begin(), in.timestamp().end()}};
}

TypingMessage read(const proto::TypingMessage& in) {
  return {checked_time("typing.timestamp", in.timestamp()),
          checked_enum("typing.action", in.action(), TypingMessage::Action::Stopped)};
}

MessageRequestResponse read(const proto::MessageRequestResponse& in) {
  MessageRequestResponse out{in.isapproved(), checked_key("profileKey", in.profilekey()), std::nullopt};
  if (in.has_profile()) out.profile = read(in.profile());
  return out;
}

Content read(const proto::Content& in) {
  Content out;
  if (in.has_datamessage()) out.data = read(in.datamessage());
  if (in.has_nullmessage()) out.null = NullMessage{to_bytes(in.nullmessage().padding())};
  if (in.has_receiptmessage()) out.receipt = read(in.receiptmessage());
  if (in.has_typingmessage()) out.typing = read(in.typingmessage());
  if (in.has_unsendmessage())
    out.unsend = UnsendMessage{checked_time("unsend.timestamp", in.unsendmessage().timestamp()),
                               checked_text("unsend.author", in.unsendmessage().author(), 256)};
  if (in.has_messagerequestresponse()) out.request_response = read(in.messagerequestresponse());
  out.expiration_type = checked_enum("expirationType", in.expirationtype(), ExpirationType::AfterSend);
  out.expiration_timer_s = in.expirationtimer();
  out.bundle = to_bytes(in.signedbundle());
  out.expires_at_ms = checked_time("expiresAt", in.expiresat());
  out.presence_token = to_bytes(in.presencetoken());
  if (!out.presence_token.empty() && (out.presence_token.size() < 16 || out.presence_token.size() > 64))
    reject("presenceToken", "expected 16 to 64 bytes, got " + std::to_string(out.presence_token.size()));
  out.number = in.number();
  out.has_unknown = !in.unknown_fields().empty() || !in.datamessage().unknown_fields().empty();
  return out;
}

// --- writing: what is empty or zero is left out ----------------------------------------------------------------------------

void write(const Profile& in, proto::LokiProfile& out) {
  if (!in.display_name.empty()) out.set_displayname(in.display_name);
  if (!in.avatar_url.empty()) out.set_avatar(in.avatar_url);
}

void write(const AttachmentPointer& in, proto::AttachmentPointer& out) {
  out.set_id(in.id);
  if (!in.content_type.empty()) out.set_contenttype(in.content_type);
  if (!in.key.empty()) out.set_key(proto::string_of(in.key));
  out.set_size(in.size);
  if (!in.digest.empty()) out.set_digest(proto::string_of(in.digest));
  if (!in.file_name.empty()) out.set_filename(in.file_name);
  if (in.flags != 0) out.set_flags(in.flags);
  if (!in.url.empty()) out.set_url(in.url);
}

void write(const DataMessage& in, proto::DataMessage& out) {
  if (!in.body.empty()) out.set_body(in.body);
  for (const AttachmentPointer& each : in.attachments) write(each, *out.add_attachments());
  if (in.flags != 0) out.set_flags(in.flags);
  if (in.expire_timer_s != 0) out.set_expiretimer(in.expire_timer_s);
  if (!in.profile_key.empty()) out.set_profilekey(proto::string_of(in.profile_key));
  if (in.timestamp_ms != 0) out.set_timestamp(in.timestamp_ms);
  if (in.quote) {
    out.mutable_quote()->set_id(in.quote->id);
    out.mutable_quote()->set_author(in.quote->author);
    out.mutable_quote()->set_text(in.quote->text);
  }
  if (in.reaction) {
    out.mutable_reaction()->set_id(in.reaction->id);
    out.mutable_reaction()->set_author(in.reaction->author);
    out.mutable_reaction()->set_emoji(in.reaction->emoji);
    out.mutable_reaction()->set_action(static_cast<std::uint32_t>(in.reaction->action));
  }
  if (in.profile) write(*in.profile, *out.mutable_profile());
  if (!in.sync_target.empty()) out.set_synctarget(in.sync_target);
  if (in.edit_of_ms != 0) out.set_editof(in.edit_of_ms);
}

void write(const MessageRequestResponse& in, proto::MessageRequestResponse& out) {
  out.set_isapproved(in.is_approved);
  if (!in.profile_key.empty()) out.set_profilekey(proto::string_of(in.profile_key));
  if (in.profile) write(*in.profile, *out.mutable_profile());
}

proto::Content write(const Content& in) {
  proto::Content out;
  if (in.data) write(*in.data, *out.mutable_datamessage());
  if (in.null) {
    out.mutable_nullmessage();
    if (!in.null->padding.empty()) out.mutable_nullmessage()->set_padding(proto::string_of(in.null->padding));
  }
  if (in.receipt) {
    out.mutable_receiptmessage()->set_type(static_cast<std::uint32_t>(in.receipt->type));
    for (const std::uint64_t each : in.receipt->timestamps_ms) out.mutable_receiptmessage()->add_timestamp(each);
  }
  if (in.typing) {
    out.mutable_typingmessage()->set_timestamp(in.typing->timestamp_ms);
    out.mutable_typingmessage()->set_action(static_cast<std::uint32_t>(in.typing->action));
  }
  if (in.unsend) {
    out.mutable_unsendmessage()->set_timestamp(in.unsend->timestamp_ms);
    out.mutable_unsendmessage()->set_author(in.unsend->author);
  }
  if (in.request_response) write(*in.request_response, *out.mutable_messagerequestresponse());
  if (in.expiration_type != ExpirationType::Unknown) out.set_expirationtype(static_cast<std::uint32_t>(in.expiration_type));
  if (in.expiration_timer_s != 0) out.set_expirationtimer(in.expiration_timer_s);
  if (!in.bundle.empty()) out.set_signedbundle(proto::string_of(in.bundle));
  if (in.expires_at_ms != 0) out.set_expiresat(in.expires_at_ms);
  if (!in.presence_token.empty()) out.set_presencetoken(proto::string_of(in.presence_token));
  if (in.number != 0) out.set_number(in.number);
  return out;
}

}  // namespace

Bytes encode(const Content& content) { return proto::serialise(write(content)); }

Result<Content> decode_content(BytesView bytes) {
  const auto parsed = proto::parse<proto::Content>(bytes, kMaxContentBytes, "content");
  if (!parsed) return fail(parsed);
  try {
    return read(*parsed);
  } catch (const Rejected& rejected) {
    return fail(ErrorCode::Malformed, rejected.why);
  }
}

}  // namespace session::wire

#include "core/wire/sealed.h"

#include "core/wire/message.h"
#include "core/wire/messages.pb.h"
#include "core/wire/protobuf.h"

namespace session::wire {
namespace {

/// Version 1 in both nibbles.
constexpr std::byte kVersion{0x11};
constexpr std::size_t kTagSize = 10;
constexpr std::size_t kStaticSize = 33 + kTagSize;

}  // namespace

Bytes encode(const SealedInner& inner) {
  proto::SealedInner out;
  out.set_type(static_cast<std::uint32_t>(inner.type));
  out.mutable_sender()->set_sender(inner.sender.hex());
  out.mutable_sender()->set_senderdevice(inner.sender_device);
  out.set_content(proto::string_of(inner.content));
  return proto::serialise(out);
}

Result<SealedInner> decode_sealed_inner(BytesView bytes) {
  const auto in = proto::parse<proto::SealedInner>(bytes, kMaxContentBytes, "sealed message");
  if (!in) return fail(in);
  if (in->type() < 1 || in->type() > 3)
    return fail(ErrorCode::Malformed, "sealed message.type: unknown value " + std::to_string(in->type()));
  const auto sender = SessionId::parse(in->sender().sender().substr(0, 128));
  if (!sender) return fail(ErrorCode::Malformed, "sealed message.sender: " + sender.error().message);
  if (in->sender().senderdevice() == 0) return fail(ErrorCode::Malformed, "sealed message.senderDevice: missing");
  if (in->content().empty()) return fail(ErrorCode::Malformed, "sealed message.content: missing");
  return SealedInner{static_cast<SealedType>(in->type()), *sender, in->sender().senderdevice(), to_bytes(in->content())};
}

Bytes encode(const SealedOuter& outer) {
  proto::UnidentifiedSenderMessage out;
  out.set_ephemeral(proto::string_of(outer.ephemeral));
  out.set_encryptedstatic(proto::string_of(outer.encrypted_static));
  out.set_encryptedmessage(proto::string_of(outer.encrypted_message));
  return concat(std::array{kVersion}, proto::serialise(out));
}

Result<SealedOuter> decode_sealed_outer(BytesView bytes) {
  if (bytes.empty() || bytes[0] != kVersion) return fail(ErrorCode::Malformed, "sealed sender: not version 1");
  const auto in = proto::parse<proto::UnidentifiedSenderMessage>(bytes.subspan(1), kMaxContentBytes, "sealed sender");
  if (!in) return fail(in);
  const auto wrong = [](const char* field) {
    return fail(ErrorCode::Malformed, std::string("sealed sender.") + field + ": wrong size");
  };
  if (in->ephemeral().size() != 33) return wrong("ephemeral");
  if (in->encryptedstatic().size() != kStaticSize) return wrong("encryptedStatic");
  if (in->encryptedmessage().size() < kTagSize) return wrong("encryptedMessage");
  return SealedOuter{to_array<33>(bytes_of(in->ephemeral())), to_bytes(in->encryptedstatic()),
                     to_bytes(in->encryptedmessage())};
}

}  // namespace session::wire

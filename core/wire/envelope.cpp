// The envelope and its wrapper, declared in message.h.
#include "core/base/text.h"
#include "core/wire/message.h"
#include "core/wire/messages.pb.h"
#include "core/wire/protobuf.h"

namespace session::wire {
namespace {

constexpr std::uint32_t kRequestType = 1;
constexpr const char* kMessagePath = "/api/v1/message";
constexpr std::size_t kMaxSourceBytes = 128;

bool is_known(std::uint32_t type) {
  for (const auto known : {EnvelopeType::Unknown, EnvelopeType::Ciphertext, EnvelopeType::PrekeyMessage, EnvelopeType::Receipt,
                           EnvelopeType::Unidentified, EnvelopeType::ClosedGroup, EnvelopeType::Fallback})
    if (type == static_cast<std::uint32_t>(known)) return true;
  return false;
}

}  // namespace

Bytes encode(const Envelope& envelope) {
  proto::Envelope out;
  out.set_type(static_cast<std::uint32_t>(envelope.type));
  if (!envelope.source.empty()) out.set_source(envelope.source);
  if (envelope.source_device != 0) out.set_sourcedevice(envelope.source_device);
  out.set_timestamp(envelope.timestamp_ms);
  out.set_content(proto::string_of(envelope.content));
  return proto::serialise(out);
}

Result<Envelope> decode_envelope(BytesView bytes) {
  const auto in = proto::parse<proto::Envelope>(bytes, kMaxContentBytes, "envelope");
  if (!in) return fail(in);
  if (!is_known(in->type())) return fail(ErrorCode::Malformed, "envelope.type: unknown value " + std::to_string(in->type()));
  if (in->source().size() > kMaxSourceBytes || !is_utf8(in->source()))
    return fail(ErrorCode::Malformed, "envelope.source: no ID");
  return Envelope{static_cast<EnvelopeType>(in->type()), in->source(), in->sourcedevice(), in->timestamp(),
                  to_bytes(in->content())};
}

Bytes wrap_envelope(const Envelope& envelope) {
  proto::WebSocketMessage out;
  out.set_type(kRequestType);
  auto& request = *out.mutable_request();
  request.set_verb("PUT");
  request.set_path(kMessagePath);
  request.set_body(proto::string_of(encode(envelope)));
  request.set_id(0);
  return proto::serialise(out);
}

Result<Envelope> unwrap_envelope(BytesView datum) {
  const auto in = proto::parse<proto::WebSocketMessage>(datum, kMaxContentBytes, "wrapper");
  if (!in) return fail(in);
  if (in->type() != kRequestType || !in->has_request()) return fail(ErrorCode::Malformed, "wrapper.type: no request");
  if (in->request().path() != kMessagePath) return fail(ErrorCode::Malformed, "wrapper.path: not that of a message");
  return decode_envelope(bytes_of(in->request().body()));
}

}  // namespace session::wire

// Between our values and the generated protobuf classes. For the sources of this room only.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message_lite.h>

#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace session::wire::proto {

inline constexpr int kMaxDepth = 16;  // reliability.md 5

/// One whole message of at most `limit` bytes. Errors: Malformed, naming `what`.
template <class Message>
[[nodiscard]] Result<Message> parse(BytesView bytes, std::size_t limit, const char* what) {
  if (bytes.size() > limit)
    return fail(ErrorCode::Malformed, std::string(what) + ": " + std::to_string(bytes.size()) + " bytes, at most " +
                                          std::to_string(limit) + " are allowed");
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  in.SetRecursionLimit(kMaxDepth);
  Message message;
  if (!message.ParseFromCodedStream(&in) || !in.ConsumedEntireMessage())
    return fail(ErrorCode::Malformed, std::string(what) + ": not a protobuf message");
  return message;
}

[[nodiscard]] inline Bytes serialise(const google::protobuf::MessageLite& message) {
  Bytes out(message.ByteSizeLong());
  (void)message.SerializePartialToArray(out.data(), static_cast<int>(out.size()));
  return out;
}

[[nodiscard]] inline std::string string_of(BytesView bytes) { return std::string(text_of(bytes)); }

}  // namespace session::wire::proto

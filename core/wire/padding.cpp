#include "core/wire/padding.h"

namespace session::wire {

Bytes pad(BytesView content) {
  Bytes padded;
  padded.reserve(padded_size(content.size()));
  append(padded, content);
  padded.push_back(std::byte{0x80});
  padded.resize(padded_size(content.size()));
  return padded;
}

Result<Bytes> unpad(BytesView padded) {
  std::size_t end = padded.size();
  while (end > 0 && padded[end - 1] == std::byte{0}) --end;
  if (end == 0 || padded[end - 1] != std::byte{0x80}) return fail(ErrorCode::Malformed, "invalid padding");
  return to_bytes(padded.first(end - 1));
}

}  // namespace session::wire

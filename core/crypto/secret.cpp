#include "core/crypto/secret.h"

#include <sodium.h>

namespace session::crypto {

void wipe(std::span<std::byte> bytes) {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

bool equal(BytesView a, BytesView b) {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace session::crypto

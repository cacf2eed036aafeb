// From a seed to the account it stands for, in the three ways that were used over the years. Source: client.md 1.3.
#pragma once

#include <optional>

#include "core/base/ids.h"
#include "core/crypto/keys.h"

namespace session::crypto {

/// How keys come from a seed. The same phrase gives another account in each. Numbers are kept in stores.
enum class Era : std::uint8_t {
  A = 0,  ///< until v1.0.3: reduced modulo the group's order
  B = 1,  ///< v1.0.4 to v1.4.0
  C = 2,  ///< since v1.4.1, and ours: rooted in Ed25519
};

/// What an account is made from, and what its recovery phrase spells.
using AccountSeed = Secret<16, struct AccountSeedTag>;
[[nodiscard]] AccountSeed new_seed(Rng& rng);

struct Identity {
  Era era = Era::C;
  SessionId id;
  X25519Pair x25519;
  std::optional<Ed25519Pair> ed25519;  ///< in era C only
};

/// `seed` has 16 or 32 bytes.
[[nodiscard]] Identity identity_of(BytesView seed, Era era);
template <class Tag>
[[nodiscard]] Identity identity_of(const Secret<16, Tag>& seed, Era era) {
  return identity_of(seed.bytes(), era);
}

}  // namespace session::crypto

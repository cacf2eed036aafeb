// The key of a store's file: random and kept in a file beside it, or made from a passphrase. Source: profile.md 2.
#pragma once

#include <filesystem>
#include <string_view>

#include "core/base/result.h"
#include "core/base/rng.h"
#include "core/crypto/secret.h"

namespace session::store {

using FileKey = crypto::Secret<32, struct FileKeyTag>;

/// The key in `file` (32 bytes, mode 0600), made from `rng` when there is none. Errors: Malformed (another size), Unavailable,
/// Full.
[[nodiscard]] Result<FileKey> key_file(const std::filesystem::path& file, Rng& rng);

/// What a guess at the passphrase costs.
struct Stretch {
  std::uint64_t operations = 3;
  std::size_t memory_bytes = std::size_t{256} << 20;
};

/// Argon2id of the passphrase with the salt in `salt_file` (16 bytes, mode 0600), made from `rng` when there is none. The same
/// stretch must be given every time. Errors: Malformed (a salt of another size), Unavailable, Full, Internal (no memory).
[[nodiscard]] Result<FileKey> passphrase_key(const std::filesystem::path& salt_file, std::string_view passphrase, Rng& rng,
                                             Stretch stretch = {});

}  // namespace session::store

// The key of a store's file. It is drawn once and kept in a small file beside the store, as it is or wrapped with a passphrase,
// so that another passphrase means another small file and not another store. Source: profile.md 2.
//
// A key file: "session-key", version (1), mode (1: plain, 2: passphrase); then the 32 bytes of the key, or the passes (4 bytes)
// and KiB (4 bytes) of Argon2id, its salt (16), a nonce (24) and the key sealed by XChaCha20-Poly1305 (32 + 16). Numbers are
// big-endian. A file of just 32 bytes, as earlier versions made it, is a plain key.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "core/base/result.h"
#include "core/base/rng.h"
#include "core/crypto/secret.h"

namespace session::store {

using FileKey = crypto::Secret<32, struct FileKeyTag>;

/// The key in `file` (32 bytes, mode 0600), made from `rng` when there is none. Errors: Malformed (another size), Unavailable,
/// Full.
[[nodiscard]] Result<FileKey> key_file(const std::filesystem::path& file, Rng& rng);

/// What a guess at the passphrase costs: passes over so much memory.
struct Stretch {
  std::uint64_t operations = 3;
  std::size_t memory_bytes = std::size_t{256} << 20;
};

/// Who may open a key file: nobody as there is none, whoever can read it, or who knows the passphrase.
enum class KeyMode { None, Plain, Passphrase };

/// Errors: Malformed (not a key file, or of a later version), Unavailable.
[[nodiscard]] Result<KeyMode> look_at_key(const std::filesystem::path& file);

/// Draws a key and writes its file, with mode 0600; without a passphrase it is a plain one. Errors: Refused (there is a file),
/// Malformed (an empty passphrase, a stretch out of range), Unavailable, Full, Internal (no memory for the stretch).
[[nodiscard]] Result<FileKey> create_key(const std::filesystem::path& file, std::optional<std::string_view> passphrase,
                                         Rng& rng, Stretch stretch = {});

/// A passphrase that a plain file does not need is not read. Errors: NotFound, Refused (a passphrase is needed and none was
/// given), Unauthentic (the wrong one, or the file was changed), Malformed (not a key file, or costs beyond 10 passes or 1 GiB,
/// which are not tried), Unavailable, Internal (no memory for the stretch).
[[nodiscard]] Result<FileKey> open_key(const std::filesystem::path& file, std::optional<std::string_view> passphrase);

/// Wraps the same key with another passphrase, or with none. The file is the old one or the new one, whatever stops the
/// program, and the old one's bytes are overwritten. Who has a copy of the old file and its passphrase can still open the
/// store. Errors: as `open_key` and `create_key`.
[[nodiscard]] Result<void> change_key(const std::filesystem::path& file, std::optional<std::string_view> old_passphrase,
                                      std::optional<std::string_view> new_passphrase, Rng& rng, Stretch stretch = {});

}  // namespace session::store

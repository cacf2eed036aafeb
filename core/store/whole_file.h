// Small files that are read and written as a whole, and files that must not be read again. For the sources of this room.
#pragma once

#include <filesystem>

#include "core/base/result.h"
#include "core/crypto/secret.h"

namespace session::store {

/// The file's bytes. Errors: NotFound, Malformed (more than `most` bytes), Unavailable.
[[nodiscard]] Result<crypto::SecretBytes> read_whole(const std::filesystem::path& file, std::size_t most);

/// Beside it first, synced, and renamed then, so that there is the old file or the new one and never half of one; mode 0600, in
/// a folder for its owner alone. Errors: Full, Unavailable.
[[nodiscard]] Result<void> write_whole(const std::filesystem::path& file, BytesView bytes);

/// As `write_whole`; the blocks of the file that was there are overwritten afterwards, as far as the disk lets us.
[[nodiscard]] Result<void> replace_secret(const std::filesystem::path& file, BytesView bytes);

/// Overwrites and removes; nothing happens when it is not there. What a link points at is left alone. Errors: Unavailable.
[[nodiscard]] Result<void> remove_secret(const std::filesystem::path& file);

/// What was made, renamed or removed in a folder is so for good. Errors: Unavailable.
[[nodiscard]] Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace session::store

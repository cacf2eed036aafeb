// One program at a time. For the sources of this room.
#pragma once

#include <fcntl.h>
#include <sys/file.h>

#include "core/store/descriptor.h"

namespace session::store {

/// A folder for the owner alone and an exclusive lock beside the file, kept as long as the descriptor. Errors: Refused (another
/// program has it), Full, Unavailable.
[[nodiscard]] inline Result<Descriptor> lock_beside(const std::filesystem::path& file) {
  if (auto made = make_folder_of(file); !made) return fail(made);
  const std::filesystem::path lock = file.string() + ".lock";
  Descriptor held(::open(lock.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (held.get() < 0) return std::unexpected(system_error(lock, "cannot open"));
  if (::flock(held.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorCode::Refused, fmt::format("{} is in use by another program", file.string()));
  return held;
}

}  // namespace session::store

// The newest block of a seed's chain in a file, so that a seed that is started again goes on where it ended: nodes never go
// back to a lower height. Its text is what the seed answers to whoever asks for the registry.
#pragma once

#include <filesystem>

#include "core/base/result.h"
#include "core/swarm/registry.h"

namespace session::net {

/// Errors: NotFound, Unavailable, Malformed; each names the file.
[[nodiscard]] Result<swarm::RegistrySnapshot> read_chain(const std::filesystem::path& file);
/// After a crash there is this block or the one before. Errors: Full, Unavailable.
[[nodiscard]] Result<void> write_chain(const std::filesystem::path& file, const swarm::Registry& registry);

}  // namespace session::net

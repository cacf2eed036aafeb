// The live network behind the window: one thread that runs a client on real sockets, with its account in a folder.
#pragma once

#include <filesystem>
#include <functional>

#include "app/model/backend.h"

namespace session::app {

struct LiveOptions {
  std::filesystem::path folder;       ///< of the account, as session-cli has it
  std::vector<std::string> seeds;     ///< where the registry is asked for at first
  std::function<void()> on_snapshot;  ///< called on the backend's thread after each new snapshot
};

/// What goes wrong, also at the start (a folder that another program has open, a broken store), comes as a notice.
[[nodiscard]] std::unique_ptr<Backend> live_backend(LiveOptions options);

}  // namespace session::app

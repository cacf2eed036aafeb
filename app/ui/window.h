// The window: GLFW, OpenGL, the loop that draws only frames that are owed, pictures of them, and figures about them.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "app/look/settings.h"
#include "app/model/backend.h"

namespace session::app {

struct WindowOptions {
  Settings settings;
  std::string notice;
  std::filesystem::path settings_file;  ///< where they are saved; empty for nowhere
  std::filesystem::path fonts;
  std::optional<std::pair<int, int>> size;
  std::string screenshot;           ///< without a script: of the first kept message
  std::string script, script_file;  ///< its text, and what it is called
  double measure_idle = 0;          ///< seconds
  int measure_frames = 0;
};

/// Wakes a window from any thread: there is a new snapshot.
class Wake {
 public:
  void ring();
  /// There is a window to be woken, or no longer.
  void serve(bool is_open) { is_open_ = is_open; }
  [[nodiscard]] bool rang() const { return rang_; }
  /// Whether it rang since it was last asked.
  [[nodiscard]] bool take() { return rang_.exchange(false); }

 private:
  std::atomic<bool> is_open_{false};
  std::atomic<bool> rang_{false};
};

/// Opens the window and stays until it is closed. The backend is made when the window stands. Gives the program's exit code;
/// what went wrong is on standard error.
[[nodiscard]] int run_window(const WindowOptions& options, Wake& wake,
                             const std::function<std::unique_ptr<Backend>()>& make_backend);

}  // namespace session::app

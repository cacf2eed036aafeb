// What a person has set, in one JSON file. A broken file is told of once and loses nothing: it stays where it is, under another
// name, and the settings begin with their defaults.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace session::app {

struct Settings {
  std::string theme = "dark";  ///< a built-in one, or a file's path
  std::string locale = "en";   ///< the same
  double scale = 1.0;          ///< 0.8…4, of everything, beside the display's own
  bool reduce_motion = false;
  int width = 1440, height = 900;
  double list_width = 300;       ///< of the conversations, in pixels at scale 1
  double inspector_width = 340;  ///< of the inspector; 0: folded
  friend bool operator==(const Settings&, const Settings&) = default;
};

/// Errors: Malformed, naming the field.
[[nodiscard]] Result<Settings> parse_settings(std::string_view json);
[[nodiscard]] std::string to_json(const Settings& settings);

struct LoadedSettings {
  Settings settings;
  std::string notice;  ///< what was wrong with the file; empty when nothing was
};
/// Defaults when there is no file. A broken one is moved to `<name>.broken`.
[[nodiscard]] LoadedSettings load_settings(const std::filesystem::path& file);
/// Whole or not at all, readable by its owner alone. Errors: Unavailable.
[[nodiscard]] Result<void> save_settings(const std::filesystem::path& file, const Settings& settings);

}  // namespace session::app

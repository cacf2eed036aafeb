// A script drives the program without a person: one JSON object a line. What is clicked is found by what stands on it, or by
// its id.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace session::app {

struct ScriptStep {
  enum class Kind {
    Click,       ///< {"click": "label or id"}, with "times": 2 for a double click
    Type,        ///< {"type": "text"}: into what has the focus
    Key,         ///< {"key": "Ctrl+K"}
    Wait,        ///< {"wait": "text or name=value", "seconds": 30}
    Expect,      ///< {"expect": "text or name=value"}: at once
    Absent,      ///< {"absent": "text or name=value"}
    Screenshot,  ///< {"screenshot": "file.png"}
    Size,        ///< {"size": "1024x768"}
    Do,          ///< {"do": "name argument"}: what the program offers to scripts beside its controls
  };
  Kind kind = Kind::Click;
  std::string text;
  Millis limit = seconds(30);
  int times = 1;
  int line = 0;
};

/// Empty lines and lines that begin with # say nothing. Errors: Malformed, as `file:line: what is wrong`.
[[nodiscard]] Result<std::vector<ScriptStep>> parse_script(std::string_view text, std::string_view file);

/// A chord as it is written: `Ctrl+Shift+K`, `Enter`, `F1`, `Up`. Bits: 1 Ctrl, 2 Shift, 4 Alt.
struct Chord {
  unsigned modifiers = 0;
  std::string key;
};
[[nodiscard]] Result<Chord> parse_chord(std::string_view text);

}  // namespace session::app

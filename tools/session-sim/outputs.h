// Where a run's tables, plots and page are written. Nothing is overwritten: what is there already stays.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "sim/report.h"

namespace session::tool {

struct OutputFolders {
  std::string csv, svg, all;  ///< empty: not wanted
};

/// Makes the folders that are wanted, before the run, so that nobody runs a long one in vain. Errors: Refused (it is a file, or
/// has something in it already, or cannot be made).
[[nodiscard]] Result<void> prepare(const OutputFolders& folders);
/// Errors: Unavailable, naming the file that could not be written; the others are written all the same.
[[nodiscard]] Result<void> write(const OutputFolders& folders, const sim::RunReport& report);

/// The same for one text, into one folder or both; empty: not wanted.
[[nodiscard]] Result<void> write_text(const std::string& folder, const std::string& other, const std::string& name,
                                      const std::string& text);

/// The commit that this program was built from, with a "+" when something was changed since; "unknown" outside of git.
[[nodiscard]] std::string commit();

}  // namespace session::tool

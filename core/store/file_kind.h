// What a file of tables is for, and how one that an earlier version of this program made becomes one of this version.
#pragma once

#include <span>
#include <string_view>

#include "core/store/tables.h"

namespace session::store {

/// From one version to the next. Runs in the transaction that keeps the new version too, so that a file is of the one version
/// or of the other and never between them, whatever stops the program. What it answers other than success takes all of it back.
using MigrationStep = Result<void> (*)(Tables& tables);

struct FileKind {
  std::string_view name;
  std::span<const MigrationStep> steps;  ///< the first makes version 2 of version 1, and so on
  bool has_texts = false;                ///< `index` and `find` are used
  [[nodiscard]] int version() const { return 1 + static_cast<int>(steps.size()); }
};

/// Version 2: one row of numbers for messages and deliveries; messages are found by their words.
extern const FileKind kClientFile;
inline constexpr FileKind kMailFile{"mail", {}, false};

}  // namespace session::store

// Several accounts in one installation: a folder each, profiles/NAME/, with everything that is kept of it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace session::store {

/// The files of an account's folder.
struct ProfileFiles {
  explicit ProfileFiles(const std::filesystem::path& folder)
      : key(folder / "account.key"), store(folder / "account.db"), counter(folder / "account.epoch") {}
  std::filesystem::path key;      ///< file_key.h
  std::filesystem::path store;    ///< sql_tables.h, with its -wal, -shm and .lock
  std::filesystem::path counter;  ///< store_epoch.h
};

/// Deletes everything of an account: the key first, overwritten, which makes the rest unreadable whatever happens then. What a
/// crash left is removed by calling again. Errors: NotFound (no folder, or no account in it: nothing is removed), Refused
/// (a program has it open; nothing is removed), Unavailable.
[[nodiscard]] Result<void> remove_account_folder(const std::filesystem::path& folder);

class Profiles {
 public:
  explicit Profiles(std::filesystem::path installation) : folder_(std::move(installation) / "profiles") {}

  /// 1 to 32 of a-z, 0-9, - and _. Errors: Malformed.
  [[nodiscard]] static Result<void> check_name(std::string_view name);

  /// Their names, sorted. Errors: Unavailable.
  [[nodiscard]] Result<std::vector<std::string>> list() const;
  /// The folder of a profile. Errors: Malformed (the name), NotFound.
  [[nodiscard]] Result<std::filesystem::path> path(std::string_view name) const;
  /// Makes its folder, for the owner alone. Errors: Malformed (the name), Refused (it is there), Unavailable, Full.
  [[nodiscard]] Result<std::filesystem::path> create(std::string_view name) const;
  /// Deletes everything of a profile. Errors: Malformed (the name), and those of `remove_account_folder`.
  [[nodiscard]] Result<void> remove(std::string_view name) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace session::store

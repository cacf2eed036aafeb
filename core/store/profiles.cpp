#include "core/store/profiles.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/store/descriptor.h"
#include "core/store/file_lock.h"
#include "core/store/whole_file.h"

namespace session::store {
namespace {

/// Itself and not what a link points at.
bool is_folder(const std::filesystem::path& path) {
  std::error_code failed;
  return std::filesystem::symlink_status(path, failed).type() == std::filesystem::file_type::directory;
}

/// The key first: without it the rest is noise.
Result<void> erase(const std::filesystem::path& folder) {
  const ProfileFiles files(folder);
  const auto lock = lock_beside(files.store);
  if (!lock) return fail(lock);
  for (const auto& secret : {files.key, std::filesystem::path(files.key.string() + ".new")})
    if (auto gone = remove_secret(secret); !gone) return gone;
  std::error_code failed;
  for (const char* part : {"", "-wal", "-shm"}) {
    std::filesystem::remove(files.store.string() + part, failed);
    if (failed) break;
  }
  if (!failed) std::filesystem::remove_all(folder, failed);  // follows no links
  if (failed) return fail(ErrorCode::Unavailable, fmt::format("cannot remove {}: {}", folder.string(), failed.message()));
  return sync_folder(std::filesystem::absolute(folder).parent_path());
}

}  // namespace

Result<void> Profiles::check_name(std::string_view name) {
  constexpr std::size_t kLongest = 32;
  const bool is_good = std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
  if (is_good && !name.empty() && name.size() <= kLongest) return {};
  return fail(ErrorCode::Malformed, fmt::format("profile name: expected 1 to {} of a-z, 0-9, - and _", kLongest));
}

Result<std::vector<std::string>> Profiles::list() const {
  std::vector<std::string> names;
  std::error_code failed;
  if (!std::filesystem::exists(folder_, failed) && !failed) return names;
  for (std::filesystem::directory_iterator entry(folder_, failed), end; !failed && entry != end; entry.increment(failed))
    if (auto name = entry->path().filename().string(); check_name(name) && is_folder(entry->path()))
      names.push_back(std::move(name));
  if (failed) return fail(ErrorCode::Unavailable, fmt::format("cannot list {}: {}", folder_.string(), failed.message()));
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::filesystem::path> Profiles::path(std::string_view name) const {
  if (auto good = check_name(name); !good) return fail(good);
  auto folder = folder_ / name;
  if (!is_folder(folder)) return fail(ErrorCode::NotFound, fmt::format("there is no profile '{}'", name));
  return folder;
}

Result<std::filesystem::path> Profiles::create(std::string_view name) const {
  if (auto good = check_name(name); !good) return fail(good);
  auto folder = folder_ / name;
  if (auto made = make_folder_of(folder); !made) return fail(made);
  if (::mkdir(folder.c_str(), 0700) != 0) {
    if (errno == EEXIST) return fail(ErrorCode::Refused, fmt::format("there is a profile '{}' already", name));
    return std::unexpected(system_error(folder, "cannot make the folder"));
  }
  if (auto synced = sync_folder(folder_); !synced) return fail(synced);
  return folder;
}

Result<void> Profiles::remove(std::string_view name) const {
  const auto folder = path(name);
  return folder ? erase(*folder) : fail(folder);
}

Result<void> remove_account_folder(const std::filesystem::path& folder) {
  const ProfileFiles files(folder);
  std::error_code failed;
  if (!is_folder(folder) || (!std::filesystem::exists(files.key, failed) && !std::filesystem::exists(files.store, failed)))
    return fail(ErrorCode::NotFound, fmt::format("there is no account in {}", folder.string()));
  return erase(folder);
}

}  // namespace session::store

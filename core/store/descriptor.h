// A file descriptor that closes itself, and what goes wrong with files. For the sources of this room.
#pragma once

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "core/base/result.h"

namespace session::store {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// What `errno` says about a file: Full or Unavailable.
[[nodiscard]] inline Error system_error(const std::filesystem::path& file, std::string_view what) {
  const int why = errno;
  return {why == ENOSPC ? ErrorCode::Full : ErrorCode::Unavailable,
          fmt::format("{} {}: {}", what, file.string(), std::strerror(why))};
}

/// Makes the folder of `file` for its owner alone, when it is not there. Errors: Full, Unavailable.
[[nodiscard]] inline Result<void> make_folder_of(const std::filesystem::path& file) {
  const auto folder = file.parent_path();
  if (folder.empty()) return {};
  std::error_code failed;
  const bool made = std::filesystem::create_directories(folder, failed);
  if (failed)
    return fail(ErrorCode::Unavailable, fmt::format("cannot make the folder {}: {}", folder.string(), failed.message()));
  if (made && ::chmod(folder.c_str(), 0700) != 0) return std::unexpected(system_error(folder, "cannot protect the folder"));
  return {};
}

}  // namespace session::store

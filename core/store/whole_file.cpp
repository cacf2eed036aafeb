#include "core/store/whole_file.h"

#include <fcntl.h>

#include "core/store/descriptor.h"

namespace session::store {
namespace {

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.parent_path().empty() ? std::filesystem::path(".") : file.parent_path();
}

bool write_all(int fd, BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

/// Zeros where the bytes of an open file lie.
bool blank(int fd) {
  struct stat found{};
  if (::fstat(fd, &found) != 0) return false;
  const Bytes zeros(4096);
  for (auto left = static_cast<std::size_t>(found.st_size); left > 0;) {
    const std::size_t part = std::min(left, zeros.size());
    if (!write_all(fd, BytesView(zeros).first(part))) return false;
    left -= part;
  }
  return ::fsync(fd) == 0;
}

}  // namespace

Result<crypto::SecretBytes> read_whole(const std::filesystem::path& file, std::size_t most) {
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.get() < 0) {
    if (errno == ENOENT) return fail(ErrorCode::NotFound, file.string() + " is not there");
    return std::unexpected(system_error(file, "cannot read"));
  }
  Bytes bytes(most + 1);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = ::read(in.get(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      crypto::wipe(bytes);
      return std::unexpected(system_error(file, "cannot read"));
    }
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > most) {
    crypto::wipe(bytes);
    return fail(ErrorCode::Malformed, fmt::format("{}: longer than {} bytes", file.string(), most));
  }
  bytes.resize(size);
  return crypto::SecretBytes(std::move(bytes));
}

Result<void> write_whole(const std::filesystem::path& file, BytesView bytes) {
  if (auto made = make_folder_of(file); !made) return made;
  const std::filesystem::path fresh = file.string() + ".new";
  ::unlink(fresh.c_str());  // left by a crash, perhaps with another mode
  const Descriptor out(::open(fresh.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
  if (out.get() < 0 || !write_all(out.get(), bytes) || ::fsync(out.get()) != 0 || ::rename(fresh.c_str(), file.c_str()) != 0)
    return std::unexpected(system_error(file, "cannot write"));
  return sync_folder(folder_of(file));
}

Result<void> replace_secret(const std::filesystem::path& file, BytesView bytes) {
  const Descriptor old(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (auto written = write_whole(file, bytes); !written) return written;
  // The new file stands; that the old blocks could not be overwritten does not undo it.
  if (old.get() >= 0) static_cast<void>(blank(old.get()));
  return {};
}

Result<void> remove_secret(const std::filesystem::path& file) {
  {
    const Descriptor old(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    if (old.get() < 0 && errno == ENOENT) return {};
    if (old.get() >= 0 && !blank(old.get())) return std::unexpected(system_error(file, "cannot overwrite"));
  }
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) return std::unexpected(system_error(file, "cannot remove"));
  return sync_folder(folder_of(file));
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const Descriptor listed(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (listed.get() < 0 || ::fsync(listed.get()) != 0) return std::unexpected(system_error(folder, "cannot sync"));
  return {};
}

}  // namespace session::store

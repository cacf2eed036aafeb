#include "core/store/file_key.h"

#include <fcntl.h>

#include "core/crypto/hash.h"
#include "core/store/descriptor.h"

namespace session::store {
namespace {

/// Beside it first and renamed then, so that there is never half a file.
Result<void> write_whole(const std::filesystem::path& file, BytesView bytes) {
  if (auto made = make_folder_of(file); !made) return made;
  const std::filesystem::path fresh = file.string() + ".new";
  ::unlink(fresh.c_str());  // left by a crash, perhaps with another mode
  const Descriptor out(::open(fresh.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
  if (out.get() < 0 || ::write(out.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
      ::fsync(out.get()) != 0 || ::rename(fresh.c_str(), file.c_str()) != 0)
    return std::unexpected(system_error(file, "cannot write"));
  const auto folder = file.parent_path().empty() ? std::filesystem::path(".") : file.parent_path();
  const Descriptor listed(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (listed.get() < 0 || ::fsync(listed.get()) != 0) return std::unexpected(system_error(folder, "cannot sync"));
  return {};
}

/// The N bytes of a file, drawn and written when there is no such file.
template <std::size_t N>
Result<void> read_or_make(const std::filesystem::path& file, std::span<std::byte, N> bytes, Rng& rng) {
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.get() < 0) {
    if (errno != ENOENT) return std::unexpected(system_error(file, "cannot read"));
    rng.fill(bytes);
    return write_whole(file, bytes);
  }
  std::byte extra{};
  if (::read(in.get(), bytes.data(), N) != static_cast<ssize_t>(N) || ::read(in.get(), &extra, 1) != 0)
    return fail(ErrorCode::Malformed, fmt::format("{}: expected {} bytes", file.string(), N));
  return {};
}

}  // namespace

Result<FileKey> key_file(const std::filesystem::path& file, Rng& rng) {
  FileKey key;
  if (auto read = read_or_make(file, key.writable().first<FileKey::kSize>(), rng); !read) return fail(read);
  return key;
}

Result<FileKey> passphrase_key(const std::filesystem::path& salt_file, std::string_view passphrase, Rng& rng, Stretch stretch) {
  ByteArray<16> salt{};
  if (auto read = read_or_make(salt_file, std::span(salt), rng); !read) return fail(read);
  const auto key = crypto::argon2id(passphrase, salt, stretch.operations, stretch.memory_bytes);
  if (!key) return fail(key);
  return FileKey(key->bytes());
}

}  // namespace session::store

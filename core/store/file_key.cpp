#include "core/store/file_key.h"

#include <fmt/format.h>

#include "core/crypto/cipher.h"
#include "core/crypto/hash.h"
#include "core/store/codec.h"
#include "core/store/whole_file.h"

namespace session::store {
namespace {

constexpr std::string_view kMagic = "session-key";
constexpr std::uint8_t kVersion = 1, kPlain = 1, kPassphrase = 2;
constexpr std::size_t kHead = kMagic.size() + 2, kSealedKey = FileKey::kSize + 16;
constexpr std::size_t kPlainSize = kHead + FileKey::kSize, kPassphraseSize = kHead + 4 + 4 + 16 + 24 + kSealedKey;
// What is tried on the word of a file: less than a minute, and memory that a small machine has.
constexpr std::uint32_t kMostPasses = 10, kLeastKib = 8, kMostKib = 1 << 20;

struct Parts {
  std::uint8_t mode = 0;
  FileKey key;  ///< of a plain file
  std::uint32_t passes = 0;
  std::uint32_t kib = 0;
  ByteArray<16> salt{};
  Bytes sealed;  ///< with the nonce before it
};

std::unexpected<Error> malformed(const std::filesystem::path& file, std::string_view what) {
  return fail(ErrorCode::Malformed, fmt::format("{}: {}", file.string(), what));
}

Result<void> check_cost(const std::filesystem::path& file, std::uint64_t passes, std::uint64_t kib) {
  if (passes < 1 || passes > kMostPasses)
    return malformed(file, fmt::format("passes: {} is not among 1 to {}", passes, kMostPasses));
  if (kib < kLeastKib || kib > kMostKib)
    return malformed(file, fmt::format("memory: {} KiB is not among {} to {}", kib, kLeastKib, kMostKib));
  return {};
}

Result<Parts> parse(const std::filesystem::path& file, BytesView bytes) {
  if (bytes.size() == FileKey::kSize) return Parts{.mode = kPlain, .key = FileKey(bytes)};
  if (!starts_with(bytes, bytes_of(kMagic)) || bytes.size() < kHead) return malformed(file, "not a key file");
  Reader in(bytes.subspan(kMagic.size()));
  if (const auto version = in.number<std::uint8_t>(); version != kVersion)
    return malformed(file, fmt::format("a key file of version {}, which this program does not know", version));
  Parts parts{.mode = in.number<std::uint8_t>()};
  if (parts.mode == kPlain && bytes.size() == kPlainSize) {
    parts.key = FileKey(bytes.subspan(kHead));
    return parts;
  }
  if (parts.mode != kPassphrase || bytes.size() != kPassphraseSize)
    return malformed(file, "mode or size of a key file is wrong");
  parts.passes = in.number<std::uint32_t>();
  parts.kib = in.number<std::uint32_t>();
  parts.salt = in.array<16>();
  parts.sealed = to_bytes(bytes.last(24 + kSealedKey));
  if (auto fair = check_cost(file, parts.passes, parts.kib); !fair) return fail(fair);
  return parts;
}

Result<Parts> read_parts(const std::filesystem::path& file) {
  const auto bytes = read_whole(file, kPassphraseSize);
  if (!bytes) return fail(bytes);
  return parse(file, bytes->bytes());
}

Result<crypto::SecretBytes> file_of(const std::filesystem::path& file, const FileKey& key,
                                    std::optional<std::string_view> passphrase, Rng& rng, Stretch stretch) {
  Writer out;
  out.raw(bytes_of(kMagic)).number(kVersion);
  if (!passphrase) {
    out.number(kPlain).raw(key.bytes());
  } else {
    if (passphrase->empty()) return fail(ErrorCode::Malformed, "passphrase: empty");
    const std::uint64_t kib = stretch.memory_bytes / 1024;
    if (auto fair = check_cost(file, stretch.operations, kib); !fair) return fail(fair);
    const auto salt = rng.bytes<16>();
    const auto nonce = rng.bytes<24>();
    const auto wrapping = crypto::argon2id(*passphrase, salt, stretch.operations, kib * 1024);
    if (!wrapping) return fail(wrapping);
    out.number(kPassphrase).number(static_cast<std::uint32_t>(stretch.operations)).number(static_cast<std::uint32_t>(kib));
    out.raw(salt).raw(crypto::xchacha_seal(*wrapping, nonce, key.bytes()));
  }
  crypto::SecretBytes made(out.bytes());
  out.wipe();
  return made;
}

}  // namespace

Result<FileKey> key_file(const std::filesystem::path& file, Rng& rng) {
  const auto known = read_whole(file, FileKey::kSize);
  if (known && known->size() == FileKey::kSize) return FileKey(known->bytes());
  if (known || known.error().code == ErrorCode::Malformed)
    return malformed(file, fmt::format("expected {} bytes", FileKey::kSize));
  if (known.error().code != ErrorCode::NotFound) return fail(known);
  FileKey key;
  rng.fill(key.writable());
  if (auto written = write_whole(file, key.bytes()); !written) return fail(written);
  return key;
}

Result<KeyMode> look_at_key(const std::filesystem::path& file) {
  const auto parts = read_parts(file);
  if (parts) return parts->mode == kPlain ? KeyMode::Plain : KeyMode::Passphrase;
  if (parts.error().code == ErrorCode::NotFound) return KeyMode::None;
  return fail(parts);
}

Result<FileKey> create_key(const std::filesystem::path& file, std::optional<std::string_view> passphrase, Rng& rng,
                           Stretch stretch) {
  const auto known = read_whole(file, kPassphraseSize);
  if (known || known.error().code == ErrorCode::Malformed)
    return fail(ErrorCode::Refused, file.string() + " is there already; its store would be lost without it");
  if (known.error().code != ErrorCode::NotFound) return fail(known);
  FileKey key;
  rng.fill(key.writable());
  const auto bytes = file_of(file, key, passphrase, rng, stretch);
  if (!bytes) return fail(bytes);
  if (auto written = write_whole(file, bytes->bytes()); !written) return fail(written);
  return key;
}

Result<FileKey> open_key(const std::filesystem::path& file, std::optional<std::string_view> passphrase) {
  const auto parts = read_parts(file);
  if (!parts) return fail(parts);
  if (parts->mode == kPlain) return parts->key;
  if (!passphrase) return fail(ErrorCode::Refused, file.string() + " is protected by a passphrase; give it to open the store");
  const auto wrapping = crypto::argon2id(*passphrase, parts->salt, parts->passes, std::size_t{parts->kib} * 1024);
  if (!wrapping) return fail(wrapping);
  auto key = crypto::xchacha_open(*wrapping, parts->sealed);
  if (!key) return fail(ErrorCode::Unauthentic, "this passphrase does not open " + file.string());
  FileKey opened{BytesView(*key)};
  crypto::wipe(*key);
  return opened;
}

Result<void> change_key(const std::filesystem::path& file, std::optional<std::string_view> old_passphrase,
                        std::optional<std::string_view> new_passphrase, Rng& rng, Stretch stretch) {
  const auto key = open_key(file, old_passphrase);
  if (!key) return fail(key);
  const auto bytes = file_of(file, *key, new_passphrase, rng, stretch);
  if (!bytes) return fail(bytes);
  return replace_secret(file, bytes->bytes());
}

}  // namespace session::store

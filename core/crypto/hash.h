// Hashes and key derivation.
#pragma once

#include <initializer_list>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/crypto/secret.h"

namespace session::crypto {

/// All take the parts one after another, without separators.
[[nodiscard]] ByteArray<32> blake2b_256(std::initializer_list<BytesView> parts);
[[nodiscard]] ByteArray<16> blake2b_128(std::initializer_list<BytesView> parts);
[[nodiscard]] ByteArray<64> sha512(std::initializer_list<BytesView> parts);
[[nodiscard]] ByteArray<32> sha256(std::initializer_list<BytesView> parts);
[[nodiscard]] ByteArray<32> hmac_sha256(BytesView key, std::initializer_list<BytesView> parts);
/// HKDF-SHA256 (RFC 5869), extract and expand, at most 255 * 32 bytes.
[[nodiscard]] SecretBytes hkdf_sha256(BytesView key, BytesView salt, BytesView info, std::size_t size);
/// Argon2id13. `salt` has 16 bytes. Errors: Internal when memory runs out or the costs are out of range.
[[nodiscard]] Result<Secret<32, struct SymmetricTag>> argon2id(std::string_view passphrase, const ByteArray<16>& salt,
                                                               std::uint64_t operations, std::size_t memory_bytes);
/// CRC-32 (IEEE 802.3, unsigned), for the checksum of a recovery phrase.
[[nodiscard]] std::uint32_t crc32(BytesView bytes);

}  // namespace session::crypto

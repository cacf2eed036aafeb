#include "core/crypto/hash.h"

#include <sodium.h>

#include <cassert>

namespace session::crypto {
namespace {

template <std::size_t N>
ByteArray<N> blake2b(std::initializer_list<BytesView> parts) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, N);
  for (const BytesView part : parts) crypto_generichash_update(&state, raw(part), part.size());
  ByteArray<N> out;
  crypto_generichash_final(&state, raw_out(std::span(out)), N);
  return out;
}

}  // namespace

ByteArray<32> blake2b_256(std::initializer_list<BytesView> parts) { return blake2b<32>(parts); }
ByteArray<16> blake2b_128(std::initializer_list<BytesView> parts) { return blake2b<16>(parts); }

ByteArray<64> sha512(std::initializer_list<BytesView> parts) {
  crypto_hash_sha512_state state;
  crypto_hash_sha512_init(&state);
  for (const BytesView part : parts) crypto_hash_sha512_update(&state, raw(part), part.size());
  ByteArray<64> out;
  crypto_hash_sha512_final(&state, raw_out(std::span(out)));
  return out;
}

ByteArray<32> sha256(std::initializer_list<BytesView> parts) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const BytesView part : parts) crypto_hash_sha256_update(&state, raw(part), part.size());
  ByteArray<32> out;
  crypto_hash_sha256_final(&state, raw_out(std::span(out)));
  return out;
}

ByteArray<32> hmac_sha256(BytesView key, std::initializer_list<BytesView> parts) {
  crypto_auth_hmacsha256_state state;
  constexpr unsigned char kNone = 0;  // the library takes no null pointer
  crypto_auth_hmacsha256_init(&state, key.empty() ? &kNone : raw(key), key.size());
  for (const BytesView part : parts) crypto_auth_hmacsha256_update(&state, raw(part), part.size());
  ByteArray<32> out;
  crypto_auth_hmacsha256_final(&state, raw_out(std::span(out)));
  sodium_memzero(&state, sizeof state);
  return out;
}

SecretBytes hkdf_sha256(BytesView key, BytesView salt, BytesView info, std::size_t size) {
  assert(size <= 255 * 32);
  // RFC 5869: extract, then expand block by block: T(i) = HMAC(prk, T(i-1) | info | i).
  ByteArray<32> prk = hmac_sha256(salt, {key});
  ByteArray<32> block{};
  Bytes out;
  out.reserve(size);  // so that no copy of the secret is left behind by growing
  for (unsigned i = 1; out.size() < size; ++i) {
    const std::byte counter{static_cast<unsigned char>(i)};
    block = hmac_sha256(prk, {i == 1 ? BytesView{} : BytesView(block), info, BytesView(&counter, 1)});
    append(out, BytesView(block).first(std::min<std::size_t>(32, size - out.size())));
  }
  sodium_memzero(prk.data(), prk.size());
  sodium_memzero(block.data(), block.size());
  return SecretBytes(std::move(out));
}

Result<Secret<32, struct SymmetricTag>> argon2id(std::string_view passphrase, const ByteArray<16>& salt,
                                                 std::uint64_t operations, std::size_t memory_bytes) {
  Secret<32, struct SymmetricTag> key;
  if (crypto_pwhash(raw_out(key.writable()), 32, passphrase.data(), passphrase.size(), raw(salt), operations, memory_bytes,
                    crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(ErrorCode::Internal, "Argon2id: no key with " + std::to_string(operations) + " passes over " +
                                         std::to_string(memory_bytes) + " bytes; too little memory, or values out of range");
  return key;
}

std::uint32_t crc32(BytesView bytes) {
  std::uint32_t crc = ~0u;
  for (const std::byte b : bytes) {
    crc ^= std::to_integer<std::uint32_t>(b);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xedb88320u & (0 - (crc & 1)));
  }
  return ~crc;
}

}  // namespace session::crypto

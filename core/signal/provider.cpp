#include "core/signal/provider.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <cassert>
#include <new>

#include "core/crypto/suite.h"

namespace session::signal {
namespace {

template <class T>
T* as(void* context) {
  return static_cast<T*>(context);
}

/// 32 bytes are a new key.
int fill_random(uint8_t* data, size_t size, void* rng) {
  if (size == 32) ++crypto::work().agreements;
  as<Rng>(rng)->fill({reinterpret_cast<std::byte*>(data), size});
  return SG_SUCCESS;
}

// --- HMAC-SHA256 and SHA-512 -------------------------------------------------------------------------------------------------

template <class T>
int drop(void* context) {
  if (context == nullptr) return SG_SUCCESS;
  sodium_memzero(context, sizeof(T));
  delete as<T>(context);
  return SG_SUCCESS;
}

using Hmac = crypto_auth_hmacsha256_state;
int hmac_init(void** context, const uint8_t* key, size_t size, void*) {
  *context = new (std::nothrow) Hmac;
  return *context == nullptr ? SG_ERR_NOMEM : crypto_auth_hmacsha256_init(as<Hmac>(*context), key, size);
}
int hmac_update(void* context, const uint8_t* data, size_t size, void*) {
  return crypto_auth_hmacsha256_update(as<Hmac>(context), data, size);
}
int hmac_final(void* context, signal_buffer** out, void*) {
  *out = signal_buffer_alloc(crypto_auth_hmacsha256_BYTES);
  return *out == nullptr ? SG_ERR_NOMEM : crypto_auth_hmacsha256_final(as<Hmac>(context), signal_buffer_data(*out));
}
void hmac_cleanup(void* context, void*) { drop<Hmac>(context); }

using Sha = crypto_hash_sha512_state;
int sha_init(void** context, void*) {
  *context = new (std::nothrow) Sha;
  return *context == nullptr ? SG_ERR_NOMEM : crypto_hash_sha512_init(as<Sha>(*context));
}
int sha_update(void* context, const uint8_t* data, size_t size, void*) {
  return crypto_hash_sha512_update(as<Sha>(context), data, size);
}
/// Leaves the context ready for the next digest, which the fingerprints rely on.
int sha_final(void* context, signal_buffer** out, void*) {
  *out = signal_buffer_alloc(crypto_hash_sha512_BYTES);
  if (*out == nullptr) return SG_ERR_NOMEM;
  crypto_hash_sha512_final(as<Sha>(context), signal_buffer_data(*out));
  return crypto_hash_sha512_init(as<Sha>(context));
}
void sha_cleanup(void* context, void*) { drop<Sha>(context); }

// --- AES
// ------------------------------------------------------------------------------------------------------------------------

void count(bool is_seal, std::size_t size) {
  crypto::Work& done = crypto::work();
  ++(is_seal ? done.seals : done.opens);
  (is_seal ? done.sealed_bytes : done.opened_bytes) += size;
}

const EVP_CIPHER* cipher_of(int cipher, size_t key_size) {
  if (cipher == SG_CIPHER_AES_CBC_PKCS5)
    return key_size == 32 ? EVP_aes_256_cbc() : key_size == 16 ? EVP_aes_128_cbc() : nullptr;
  if (cipher == SG_CIPHER_AES_CTR_NOPADDING)
    return key_size == 32 ? EVP_aes_256_ctr() : key_size == 16 ? EVP_aes_128_ctr() : nullptr;
  return nullptr;
}

template <bool encrypt>
int aes(signal_buffer** out, int cipher, const uint8_t* key, size_t key_size, const uint8_t* iv, size_t iv_size,
        const uint8_t* in, size_t size, void*) {
  count(encrypt, size);
  const EVP_CIPHER* aes = cipher_of(cipher, key_size);
  if (aes == nullptr || iv_size != 16 || size > (1u << 30)) return SG_ERR_INVAL;
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::vector<uint8_t> room(size + 16);
  int n = 0, last = 0;
  const bool well = context && EVP_CipherInit_ex(context.get(), aes, nullptr, key, iv, encrypt ? 1 : 0) == 1 &&
                    EVP_CipherUpdate(context.get(), room.data(), &n, in, static_cast<int>(size)) == 1 &&
                    EVP_CipherFinal_ex(context.get(), room.data() + n, &last) == 1;
  if (well) *out = signal_buffer_create(room.data(), static_cast<size_t>(n + last));
  sodium_memzero(room.data(), room.size());
  return !well ? SG_ERR_UNKNOWN : *out == nullptr ? SG_ERR_NOMEM : SG_SUCCESS;
}

}  // namespace

Context::Context(Rng& rng) {
  signal_context* made = nullptr;
  if (signal_context_create(&made, &rng) != SG_SUCCESS) std::abort();  // out of memory
  context_.reset(made);
  const signal_crypto_provider provider{
      .random_func = fill_random,
      .hmac_sha256_init_func = hmac_init,
      .hmac_sha256_update_func = hmac_update,
      .hmac_sha256_final_func = hmac_final,
      .hmac_sha256_cleanup_func = hmac_cleanup,
      .sha512_digest_init_func = sha_init,
      .sha512_digest_update_func = sha_update,
      .sha512_digest_final_func = sha_final,
      .sha512_digest_cleanup_func = sha_cleanup,
      .encrypt_func = aes<true>,
      .decrypt_func = aes<false>,
      .user_data = &rng,
  };
  signal_context_set_crypto_provider(made, &provider);
  // No locking functions: a context lives for one operation on one thread.
}

Error error_of(int code, std::string_view what) {
  const auto error = [&](ErrorCode kind, std::string_view why) { return Error{kind, fmt::format("{}: {}", what, why)}; };
  switch (code) {
    case SG_ERR_DUPLICATE_MESSAGE: return error(ErrorCode::Duplicate, "this message was opened before");
    case SG_ERR_INVALID_KEY: return error(ErrorCode::Malformed, "a key in it is not valid");
    case SG_ERR_INVALID_KEY_ID: return error(ErrorCode::NotFound, "it uses a prekey that is not here (any more)");
    case SG_ERR_INVALID_MAC: return error(ErrorCode::Unauthentic, "its authentication code is wrong");
    case SG_ERR_INVALID_MESSAGE:
      return error(ErrorCode::Unauthentic, "no session opens it; it was changed, or is for another session");
    case SG_ERR_INVALID_VERSION: return error(ErrorCode::Malformed, "unknown protocol version");
    case SG_ERR_LEGACY_MESSAGE: return error(ErrorCode::Malformed, "an old protocol version that is not spoken any more");
    case SG_ERR_NO_SESSION: return error(ErrorCode::NotFound, "there is no session with this device");
    case SG_ERR_STALE_KEY_EXCHANGE: return error(ErrorCode::Expired, "the key exchange is out of date");
    case SG_ERR_UNTRUSTED_IDENTITY: return error(ErrorCode::Unauthentic, "the identity key is not that of the sender");
    case SG_ERR_INVALID_PROTO_BUF: return error(ErrorCode::Malformed, "not a Signal message");
    case SG_ERR_NOMEM: return error(ErrorCode::Internal, "out of memory");
    default: return error(ErrorCode::Malformed, fmt::format("refused by the ratchet (code {})", code));
  }
}

}  // namespace session::signal

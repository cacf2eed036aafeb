#include "core/crypto/cipher.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>

#include "core/crypto/suite.h"

namespace session::crypto {
namespace {

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

/// OpenSSL fails at enciphering only without memory; going on would send out what was not enciphered.
void require(bool done) {
  if (done) return;
  std::fputs("session: OpenSSL cannot encipher\n", stderr);
  std::abort();
}

CipherContext make_context() {
  CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  require(context != nullptr);
  return context;
}

int size_of(BytesView bytes) {
  require(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(bytes.size());
}

void count_seal(std::size_t size) {
  Work& done = work();
  ++done.seals;
  done.sealed_bytes += size;
}
void count_open(std::size_t size) {
  Work& done = work();
  ++done.opens;
  done.opened_bytes += size;
}

/// Nonce ‖ text ‖ tag by the suite in force. Errors: Unauthentic.
Result<Bytes> open_by(const Suite& suite, const SymmetricKey& key, std::size_t nonce_size, BytesView sealed, const char* what) {
  auto plain = suite.open(key, nonce_size, sealed);
  if (!plain) return fail(ErrorCode::Unauthentic, what);
  return *std::move(plain);
}

constexpr const char* kGcmMisfit = "AES-GCM: the tag does not fit";
constexpr const char* kXChaChaMisfit = "XChaCha20-Poly1305: the tag does not fit";
constexpr const char* kBoxMisfit = "sealed box: does not open with this key";

ByteArray<24> box_nonce(const X25519Public& ephemeral, const X25519Public& to) {
  ByteArray<24> nonce;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, nonce.size());
  crypto_generichash_update(&state, raw(ephemeral.bytes), 32);
  crypto_generichash_update(&state, raw(to.bytes), 32);
  crypto_generichash_final(&state, raw_out(std::span(nonce)), nonce.size());
  return nonce;
}

}  // namespace

Bytes gcm_seal(const SymmetricKey& key, const ByteArray<12>& nonce, BytesView plain) {
  count_seal(plain.size());
  if (const Suite* suite = Suite::current()) return suite->seal(key, nonce, plain);
  Bytes out(12 + plain.size() + 16);
  std::copy(nonce.begin(), nonce.end(), out.begin());
  const auto context = make_context();
  int n = 0;
  require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, raw(key.bytes()), raw(nonce)) == 1);
  require(EVP_EncryptUpdate(context.get(), raw_out(std::span(out).subspan(12)), &n, raw(plain), size_of(plain)) == 1);
  require(EVP_EncryptFinal_ex(context.get(), raw_out(std::span(out).subspan(12 + plain.size())), &n) == 1);
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, 16, out.data() + 12 + plain.size()) == 1);
  return out;
}

Result<Bytes> gcm_open(const SymmetricKey& key, BytesView sealed) {
  if (sealed.size() < kGcmOverhead) return fail(ErrorCode::Malformed, "AES-GCM: shorter than its nonce and tag");
  count_open(sealed.size() - kGcmOverhead);
  if (const Suite* suite = Suite::current()) return open_by(*suite, key, 12, sealed, kGcmMisfit);
  const BytesView text = sealed.subspan(12, sealed.size() - kGcmOverhead);
  ByteArray<16> tag = to_array<16>(sealed.last(16));
  Bytes out(text.size() + 1);  // never a null pointer for the library
  const auto context = make_context();
  int n = 0;
  require(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, raw(key.bytes()), raw(sealed.first(12))) == 1);
  require(EVP_DecryptUpdate(context.get(), raw_out(std::span(out)), &n, raw(text), size_of(text)) == 1);
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, 16, tag.data()) == 1);
  if (EVP_DecryptFinal_ex(context.get(), raw_out(std::span(out).subspan(text.size())), &n) != 1) {
    wipe(out);
    return fail(ErrorCode::Unauthentic, kGcmMisfit);
  }
  out.resize(text.size());
  return out;
}

Bytes xchacha_seal(const SymmetricKey& key, const ByteArray<24>& nonce, BytesView plain) {
  count_seal(plain.size());
  if (const Suite* suite = Suite::current()) return suite->seal(key, nonce, plain);
  Bytes out(24 + plain.size() + 16);
  std::copy(nonce.begin(), nonce.end(), out.begin());
  crypto_aead_xchacha20poly1305_ietf_encrypt(raw_out(std::span(out).subspan(24)), nullptr, raw(plain), plain.size(), nullptr, 0,
                                             nullptr, raw(nonce), raw(key.bytes()));
  return out;
}

Result<Bytes> xchacha_open(const SymmetricKey& key, BytesView sealed) {
  if (sealed.size() < kXChaChaOverhead) return fail(ErrorCode::Malformed, "XChaCha20-Poly1305: shorter than its nonce and tag");
  count_open(sealed.size() - kXChaChaOverhead);
  if (const Suite* suite = Suite::current()) return open_by(*suite, key, 24, sealed, kXChaChaMisfit);
  Bytes out(sealed.size() - kXChaChaOverhead);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(raw_out(std::span(out)), nullptr, nullptr, raw(sealed.subspan(24)),
                                                 sealed.size() - 24, nullptr, 0, raw(sealed), raw(key.bytes())) != 0)
    return fail(ErrorCode::Unauthentic, kXChaChaMisfit);
  return out;
}

Bytes cbc_encrypt(BytesView key32, BytesView iv16, BytesView plain) {
  assert(key32.size() == 32 && iv16.size() == 16);
  Bytes out(plain.size() + 16);
  const auto context = make_context();
  int n = 0, last = 0;
  require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, raw(key32), raw(iv16)) == 1);
  require(EVP_EncryptUpdate(context.get(), raw_out(std::span(out)), &n, raw(plain), size_of(plain)) == 1);
  require(EVP_EncryptFinal_ex(context.get(), raw_out(std::span(out)) + n, &last) == 1);
  out.resize(static_cast<std::size_t>(n + last));
  return out;
}

Result<Bytes> cbc_decrypt(BytesView key32, BytesView iv16, BytesView cipher) {
  assert(key32.size() == 32 && iv16.size() == 16);
  if (cipher.empty() || cipher.size() % 16 != 0) return fail(ErrorCode::Malformed, "AES-CBC: not a whole number of blocks");
  Bytes out(cipher.size() + 16);
  const auto context = make_context();
  int n = 0, last = 0;
  require(EVP_DecryptInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, raw(key32), raw(iv16)) == 1);
  require(EVP_DecryptUpdate(context.get(), raw_out(std::span(out)), &n, raw(cipher), size_of(cipher)) == 1);
  if (EVP_DecryptFinal_ex(context.get(), raw_out(std::span(out)) + n, &last) != 1) {
    wipe(out);
    return fail(ErrorCode::Unauthentic, "AES-CBC: the padding does not fit");
  }
  out.resize(static_cast<std::size_t>(n + last));
  return out;
}

Bytes ctr_crypt(BytesView key, BytesView iv16, BytesView bytes) {
  assert((key.size() == 16 || key.size() == 32) && iv16.size() == 16);
  Bytes out(bytes.size());
  const auto context = make_context();
  int n = 0;
  require(EVP_EncryptInit_ex(context.get(), key.size() == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr(), nullptr, raw(key),
                             raw(iv16)) == 1);
  require(EVP_EncryptUpdate(context.get(), raw_out(std::span(out)), &n, raw(bytes), size_of(bytes)) == 1);
  return out;
}

Result<Bytes> box_seal(const X25519Public& to, BytesView plain, Rng& rng) {
  const X25519Pair ephemeral = x25519_pair(rng);
  count_seal(plain.size());
  const auto small_order = [&] {
    return fail(ErrorCode::Malformed, "sealed box: the recipient's key " + to.hex() + " is of small order");
  };
  ++work().agreements;
  if (const Suite* suite = Suite::current()) {
    const auto shared = suite->agree(ephemeral.secret, to);
    if (!shared) return small_order();
    return concat(ephemeral.open.bytes, suite->seal(SymmetricKey(shared->bytes()), {}, plain));
  }
  const ByteArray<24> nonce = box_nonce(ephemeral.open, to);
  Bytes out(kSealedBoxOverhead + plain.size());
  std::copy(ephemeral.open.bytes.begin(), ephemeral.open.bytes.end(), out.begin());
  if (crypto_box_easy(raw_out(std::span(out).subspan(32)), raw(plain), plain.size(), raw(nonce), raw(to.bytes),
                      raw(ephemeral.secret.bytes())) != 0)
    return small_order();
  return out;
}

Result<Bytes> box_open(const X25519Pair& own, BytesView sealed) {
  if (sealed.size() < kSealedBoxOverhead) return fail(ErrorCode::Malformed, "sealed box: shorter than its key and tag");
  count_open(sealed.size() - kSealedBoxOverhead);
  ++work().agreements;
  if (const Suite* suite = Suite::current()) {
    const auto shared = suite->agree(own.secret, {to_array<32>(sealed.first(32))});
    if (!shared) return fail(ErrorCode::Unauthentic, kBoxMisfit);
    return open_by(*suite, SymmetricKey(shared->bytes()), 0, sealed.subspan(32), kBoxMisfit);
  }
  Bytes out(sealed.size() - kSealedBoxOverhead);
  if (crypto_box_seal_open(raw_out(std::span(out)), raw(sealed), sealed.size(), raw(own.open.bytes), raw(own.secret.bytes())) !=
      0)
    return fail(ErrorCode::Unauthentic, kBoxMisfit);
  return out;
}

}  // namespace session::crypto

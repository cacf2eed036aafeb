#include "core/net/certificate.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "core/crypto/hash.h"

namespace session::net {
namespace {

template <auto free_it>
struct Free {
  template <class T>
  void operator()(T* p) const {
    free_it(p);
  }
};
template <class T, auto free_it>
using Owned = std::unique_ptr<T, Free<free_it>>;

/// What the node signs: the certificate's key, so that the binding cannot be moved to another one.
Bytes binding_text(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return {};
  const auto hash = crypto::sha256({view(der, static_cast<std::size_t>(size))});
  OPENSSL_free(der);
  return concat("snode-tls", hash);
}

bool add_binding(X509* certificate, const crypto::Ed25519Pair& node) {
  const auto signature = crypto::sign(node.secret, binding_text(certificate));
  const Owned<ASN1_OBJECT, ASN1_OBJECT_free> oid(OBJ_txt2obj(kBindingOid, 1));
  const Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> value(ASN1_OCTET_STRING_new());
  if (!oid || !value || ASN1_OCTET_STRING_set(value.get(), raw(signature), static_cast<int>(signature.size())) != 1)
    return false;
  const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), 0, value.get()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

}  // namespace

Result<Certificate> make_certificate(const crypto::Ed25519Pair& node) {
  const auto failed = [] { return fail(ErrorCode::Internal, "OpenSSL cannot make a certificate"); };
  Certificate made;
  made.key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free);
  made.x509.reset(X509_new(), X509_free);
  X509* x = made.x509.get();
  if (!made.key || x == nullptr || X509_set_version(x, 2) != 1) return failed();
  // The serial number follows from the key: distinct, and nothing to remember.
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), load_little<std::uint32_t>(node.open.bytes.data()) | 1u);
  X509_gmtime_adj(X509_getm_notBefore(x), -24L * 3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 10L * 365 * 24 * 3600);
  X509_NAME* name = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("service node"), -1, -1, 0);
  if (X509_set_issuer_name(x, name) != 1 || X509_set_pubkey(x, made.key.get()) != 1 || !add_binding(x, node) ||
      X509_sign(x, made.key.get(), EVP_sha256()) <= 0)
    return failed();
  return made;
}

Result<void> check_certificate(X509* certificate, const NodeId& expected) {
  if (certificate == nullptr) return fail(ErrorCode::Unauthentic, "certificate: none was shown");
  if (i2d_X509(certificate, nullptr) > static_cast<int>(kMaxCertificate))
    return fail(ErrorCode::Malformed, "certificate: larger than 4 KiB");
  const Owned<ASN1_OBJECT, ASN1_OBJECT_free> oid(OBJ_txt2obj(kBindingOid, 1));
  const int at = X509_get_ext_by_OBJ(certificate, oid.get(), -1);
  if (at < 0) return fail(ErrorCode::Unauthentic, "certificate: no service node's signature in it");
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(certificate, at));
  const BytesView bytes = view(ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value)));
  if (bytes.size() != 64 || !crypto::verify(crypto::key_of(expected), binding_text(certificate), to_array<64>(bytes)))
    return fail(ErrorCode::Unauthentic, "certificate: not signed by service node " + expected.hex());
  return {};
}

}  // namespace session::net

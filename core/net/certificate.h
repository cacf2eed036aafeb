// TLS certificates that belong to a service node: self-signed, with the node's own word inside for the key they carry. Nobody
// is trusted because he was there first. Source: profile.md 4.
#pragma once

#include <memory>
#include <string>

#include "core/crypto/keys.h"

struct x509_st;
struct evp_pkey_st;

namespace session::net {

/// The private extension: 64 bytes, Ed25519("snode-tls" ‖ SHA-256(SubjectPublicKeyInfo)) by the node's key. Our own arc below
/// the one for examples and private use.
inline constexpr const char* kBindingOid = "1.3.6.1.4.1.55555.1.1";
inline constexpr std::size_t kMaxCertificate = 4096;

struct Certificate {
  std::shared_ptr<x509_st> x509;
  std::shared_ptr<evp_pkey_st> key;  ///< ECDSA P-256, made anew at every start
};
/// Errors: Internal.
[[nodiscard]] Result<Certificate> make_certificate(const crypto::Ed25519Pair& node);
/// Whether the certificate is bound to the node. Errors: Unauthentic (no binding, another node's, a false one), Malformed (too
/// large).
[[nodiscard]] Result<void> check_certificate(x509_st* certificate, const NodeId& expected);

}  // namespace session::net

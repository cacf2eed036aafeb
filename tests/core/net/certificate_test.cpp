#include "core/net/certificate.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace session::net {
namespace {

TEST(Certificate, BelongsToItsNodeAndToNoOther) {
  SeededRng rng(1);
  const auto node = crypto::ed25519_pair(rng), other = crypto::ed25519_pair(rng);
  const auto made = make_certificate(node);
  ASSERT_TRUE(made);
  EXPECT_TRUE(check_certificate(made->x509.get(), crypto::node_of(node.open)));
  EXPECT_EQ(check_certificate(made->x509.get(), crypto::node_of(other.open)).error().code, ErrorCode::Unauthentic);
  EXPECT_FALSE(check_certificate(nullptr, crypto::node_of(node.open)));
}

TEST(Certificate, ABindingDoesNotMoveToAnotherKey) {
  SeededRng rng(2);
  const auto node = crypto::ed25519_pair(rng), thief = crypto::ed25519_pair(rng);
  const auto genuine = make_certificate(node).value(), stolen = make_certificate(thief).value();
  const auto last = [](X509* x) { return X509_get_ext_count(x) - 1; };
  X509_EXTENSION* binding = X509_get_ext(genuine.x509.get(), last(genuine.x509.get()));
  X509_EXTENSION_free(X509_delete_ext(stolen.x509.get(), last(stolen.x509.get())));
  EXPECT_EQ(check_certificate(stolen.x509.get(), crypto::node_of(node.open)).error().code, ErrorCode::Unauthentic);
  ASSERT_EQ(X509_add_ext(stolen.x509.get(), binding, -1), 1);
  ASSERT_GT(X509_sign(stolen.x509.get(), stolen.key.get(), EVP_sha256()), 0);
  EXPECT_EQ(check_certificate(stolen.x509.get(), crypto::node_of(node.open)).error().code, ErrorCode::Unauthentic);
  EXPECT_TRUE(check_certificate(genuine.x509.get(), crypto::node_of(node.open)));
}

TEST(Certificate, EveryBitOfTheBindingCounts) {
  SeededRng rng(3);
  const auto node = crypto::ed25519_pair(rng);
  const auto made = make_certificate(node).value();
  X509_EXTENSION* binding = X509_get_ext(made.x509.get(), X509_get_ext_count(made.x509.get()) - 1);
  ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(binding);
  ASSERT_EQ(ASN1_STRING_length(value), 64);
  std::array<unsigned char, 64> good{};
  std::copy_n(ASN1_STRING_get0_data(value), good.size(), good.begin());
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    auto bad = good;
    bad[bit / 8] = static_cast<unsigned char>(bad[bit / 8] ^ (1u << (bit % 8)));
    ASSERT_EQ(ASN1_STRING_set(value, bad.data(), static_cast<int>(bad.size())), 1);
    EXPECT_FALSE(check_certificate(made.x509.get(), crypto::node_of(node.open))) << "bit " << bit;
  }
  ASSERT_EQ(ASN1_STRING_set(value, good.data(), 63), 1);
  EXPECT_FALSE(check_certificate(made.x509.get(), crypto::node_of(node.open)));
}

}  // namespace
}  // namespace session::net

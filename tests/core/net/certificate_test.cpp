#include "core/net/certificate.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace session::net

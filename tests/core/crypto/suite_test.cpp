#include "core/crypto/suite.h"

#include <gtest/gtest.h>

#include <thread>

#include "core/crypto/cipher.h"

namespace session::crypto {
namespace {

TEST(Suite, NoneIsInForce) { EXPECT_EQ(Suite::current(), nullptr); }

TEST(Work, CountsWhatIsDoneOnThisThread) {
  SeededRng rng(1);
  const Work before = work();
  const auto signer = ed25519_pair(rng);
  const auto signature = sign(signer.secret, Bytes(10));
  EXPECT_TRUE(verify(signer.open, Bytes(10), signature));
  const auto pair = x25519_pair(rng);
  EXPECT_TRUE(agree(pair.secret, x25519_pair(rng).open));
  EXPECT_TRUE(xchacha_open(SymmetricKey(), xchacha_seal(SymmetricKey(), {}, Bytes(100))));
  EXPECT_TRUE(gcm_open(SymmetricKey(), gcm_seal(SymmetricKey(), {}, Bytes(11))));
  EXPECT_EQ(work() - before, (Work{1, 1, 3, 2, 111, 2, 111}));
  EXPECT_TRUE(box_open(pair, box_seal(pair.open, Bytes(9), rng).value()));
  EXPECT_EQ(work() - before, (Work{1, 1, 6, 3, 120, 3, 120}));
  Work sum = before;
  sum += work() - before;
  EXPECT_EQ(sum, work());
  std::thread([] { EXPECT_EQ(work(), Work{}); }).join();
}

}  // namespace
}  // namespace session::crypto

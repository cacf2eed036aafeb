#include "core/signal/state.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"

namespace session::signal {
namespace {

TEST(MemoryState, TrustsTheKeyItMetFirst) {
  MemoryState state;
  const SignalKey first{std::byte{5}, std::byte{1}}, second{std::byte{5}, std::byte{2}};
  EXPECT_TRUE(*state.is_trusted({"bob", 1}, first));
  ASSERT_TRUE(state.pin({"bob", 1}, first));
  EXPECT_TRUE(*state.is_trusted({"bob", 2}, first));
  EXPECT_FALSE(*state.is_trusted({"bob", 1}, second));
}

TEST(MemoryState, ANameMayBeItsOwnKey) {
  MemoryState state;
  state.trust_names = true;
  SeededRng rng(1);
  const SignalKey key = signal_key(crypto::x25519_pair(rng).open);
  EXPECT_TRUE(*state.is_trusted({to_hex(key), 1}, key));
  EXPECT_FALSE(*state.is_trusted({"bob", 1}, key));
}

TEST(MemoryState, RemembersBaseKeys) {
  MemoryState state;
  EXPECT_FALSE(*state.base_key_was_seen({}));
  ASSERT_TRUE(state.remember_base_key({}));
  EXPECT_TRUE(*state.base_key_was_seen({}));
}

}  // namespace
}  // namespace session::signal

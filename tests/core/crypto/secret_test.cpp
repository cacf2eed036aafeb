#include "core/crypto/secret.h"

#include <gtest/gtest.h>

#include <new>
#include <type_traits>

#include "core/base/rng.h"

namespace session::crypto {
namespace {

using Key = Secret<32, struct TestTag>;

bool all_zero(BytesView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

TEST(Secret, LeavesNothingBehind) {
  SeededRng rng(41);
  alignas(Key) std::array<std::byte, sizeof(Key)> place{};
  Key* key = new (place.data()) Key(rng.bytes<32>());
  ASSERT_FALSE(all_zero(place));
  key->~Key();
  EXPECT_TRUE(all_zero(place));
}

TEST(Secret, IsWipedWholeAndByHandAsWell) {
  SeededRng rng(42);
  Bytes bytes = to_bytes(rng.bytes<100>());
  wipe(std::span(bytes).subspan(1, 98));
  EXPECT_TRUE(all_zero(BytesView(bytes).subspan(1, 98)));
  EXPECT_FALSE(all_zero(BytesView(bytes).first(1)));
  EXPECT_FALSE(all_zero(BytesView(bytes).last(1)));
  wipe({});
}

TEST(Secret, EqualLooksAtEveryByteAndAtTheSize) {
  SeededRng rng(43);
  const Bytes a = to_bytes(rng.bytes<64>());
  EXPECT_TRUE(equal(a, Bytes(a)));
  for (std::size_t bit = 0; bit < 64 * 8; ++bit) {
    Bytes b = a;
    b[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(equal(a, b)) << bit;
  }
  for (std::size_t size = 0; size < 64; ++size) EXPECT_FALSE(equal(a, BytesView(a).first(size)));
  EXPECT_TRUE(equal({}, {}));
}

TEST(Secret, CopiesAreEqualAndApart) {
  SeededRng rng(44);
  const Key a(rng.bytes<32>());
  Key b = a;
  EXPECT_EQ(a, b);
  b.writable()[31] ^= std::byte{1};
  EXPECT_FALSE(a == b);
  b = a;
  EXPECT_EQ(a, b);
  EXPECT_EQ(Key{}, Key(ByteArray<32>{}));
}

TEST(Secret, KindsOfKeysDoNotMix) {
  using Other = Secret<32, struct OtherTag>;
  EXPECT_FALSE((std::is_convertible_v<Key, Other>));
  EXPECT_FALSE((std::is_constructible_v<Other, Key>));
  EXPECT_FALSE((std::is_assignable_v<Other&, Key>));
  EXPECT_FALSE((std::is_convertible_v<Key, BytesView>));
}

TEST(SecretBytes, AreCopiedMovedAndReplaced) {
  SeededRng rng(45);
  const Bytes first = to_bytes(rng.bytes<40>()), second = to_bytes(rng.bytes<7>());
  SecretBytes a{Bytes(first)}, b{Bytes(second)};
  SecretBytes copy = a;
  EXPECT_EQ(to_bytes(copy.bytes()), first);
  copy = b;
  EXPECT_EQ(to_bytes(copy.bytes()), second);
  const SecretBytes& self = copy;
  copy = self;
  EXPECT_EQ(to_bytes(copy.bytes()), second);
  b = std::move(a);
  EXPECT_EQ(to_bytes(b.bytes()), first);
  EXPECT_EQ(b.size(), 40u);
  EXPECT_EQ(SecretBytes{}.size(), 0u);
}

}  // namespace
}  // namespace session::crypto

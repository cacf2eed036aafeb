#include "core/crypto/identity.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"

namespace session::crypto {
namespace {

std::string id_of(std::string_view seed, Era era) { return identity_of(*from_hex(seed), era).id.hex(); }
std::string secret_of(std::string_view seed, Era era) {
  return to_hex(identity_of(*from_hex(seed), era).x25519.secret.bytes());
}

const std::string kAlice = "000102030405060708090a0b0c0d0e0f";
const std::string kBob = "be1d11154ff9b6de77873f0b6b0bcc46";

// client.md 1.3
TEST(Identity, IsTheOneOfTheSpecificationInEveryEra) {
  const struct {
    const char *seed, *a, *b, *c;
  } vectors[] = {{"000102030405060708090a0b0c0d0e0f", "050d67bf305a47b22d47e102fdd00a3b9ae7c1948a480948d6b29604a613654f08",
                  "050d67bf305a47b22d47e102fdd00a3b9ae7c1948a480948d6b29604a613654f08",
                  "05ca03b8e369aeeb69fd260c2957d37b232db17a60db7a39bca9f0c0a6be135c1a"},
                 {"be1d11154ff9b6de77873f0b6b0bcc46", "057e73017d7357888bf5c8120c2a546a6d81051f9914d7b36f6daa956d1cae195e",
                  "0504447886d5c4a5496a05e3b654e3aa56e569b0ac0de9f5577f042169a6cb1a20",
                  "052c02a8a2cb324288511edd39f50194a2c2ff2f8668b4cfbc12473e3a6b175c61"},
                 {"ffffffffffffffffffffffffffffffff", "05521ff1378192372f5b09e28d068ddbfa68285b40edf435c3edee0feb1f977457",
                  "05847c0d2c375234f365e660955187a3735a0f7613d1609d3a6a4d8c53aeaa5a22",
                  "05fbc4b8c9a80643a287c8d7747dd95ae5475acd97ecd5398ea0bfa85393d70e21"},
                 {"00000000000000000000000000000000", "052fe57da347cd62431528daac5fbb290730fff684afc4cfc2ed90995f58cb3b74",
                  "052fe57da347cd62431528daac5fbb290730fff684afc4cfc2ed90995f58cb3b74",
                  "055bf55c73b82ebe22be80f3430667af570fae2556a6415e6b30d4065300aa947d"},
                 {"39038c8988db02c1af44e8c847bd9713", "05db4f2dd9527ea8e6063bdc780bb086274d8d4e36948cf7609fdca8aa7bfe2b2f",
                  "0507c8820380acea590a119f5e312e4d47c6538487472f9c5477f3265bfc9f8037",
                  "054830367d369d94605247999a375dbd0a0f65fdec5de1535612bcb6d4de452c69"},
                 {"0123456789abcdef0123456789abcdef", "0524083f7948650952a5879400cc1232ebf4bcf6b47c49b95975134909f7dda424",
                  "05e91e79b4de059792ab2e0b883450a04c23da3d810d72784f7ad02e6502222952",
                  "05d2ad010eeb72d72e561d9de7bd7b6989af77dcabffa03a5111a6c859ae5c3a72"},
                 {"00112233445566778899aabbccddeeff", "05358a32ea433c02891ceeb2f6edd98487516389296303292240f80e09d0b22d6f",
                  "05d5e9065052939549d055acf03f348200578e3ed2b65eb6a96564471761ba4f54",
                  "05aa654f00fc39fc69fd0db829410ca38177d7732a8d2f0934ab3872ac56d5aa74"},
                 {"dc040000dc040000dc040000dc040000", "052660bc62d4f760c6c29ed986e80fde5f27a099e564e31810032e080ec5e5844d",
                  "052660bc62d4f760c6c29ed986e80fde5f27a099e564e31810032e080ec5e5844d",
                  "0512742fb4ac033a8a33f5776aa0e7e88f35f7af9f65dee31e57fbc7d6f8664b12"},
                 {"37030000370300003703000037030000", "051838c5caf2edb187453257ce7b9d1ea3866b3cd0dbaf3d8ae1a36b6bb15f9120",
                  "051838c5caf2edb187453257ce7b9d1ea3866b3cd0dbaf3d8ae1a36b6bb15f9120",
                  "053db493811f729da20289e31498b8fe2b28edc90358cd3ec11a6b12ac1b9fb818"}};
  for (const auto& vector : vectors) {
    EXPECT_EQ(id_of(vector.seed, Era::A), vector.a) << vector.seed;
    EXPECT_EQ(id_of(vector.seed, Era::B), vector.b) << vector.seed;
    EXPECT_EQ(id_of(vector.seed, Era::C), vector.c) << vector.seed;
  }
}

TEST(Identity, EraAReducesModuloTheGroupsOrder) {
  EXPECT_EQ(secret_of(kAlice, Era::A), "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e4f");
  EXPECT_EQ(secret_of(kBob, Era::A), "08ce39a1e56c6d7e1e14617ff02350f3bd1d11154ff9b6de77873f0b6b0bcc46");
  EXPECT_EQ(secret_of(std::string(32, 'f'), Era::A), "1895988d7431ecd670cf7d73f45befc6feffffffffffffffffffffffffffff4f");
  EXPECT_EQ(secret_of(std::string(32, '0'), Era::A), std::string(62, '0') + "40");
}

TEST(Identity, EraCIsRootedInEd25519) {
  const Identity bob = identity_of(*from_hex(kBob), Era::C);
  ASSERT_TRUE(bob.ed25519);
  EXPECT_EQ(bob.ed25519->open.hex(), "37e1631b002de498caf7c5c1712718bde7f257c6dadeed0c21abf5e939e6c309");
  EXPECT_EQ(x25519_of(bob.ed25519->open), bob.x25519.open);
  EXPECT_FALSE(identity_of(*from_hex(kBob), Era::A).ed25519);
  EXPECT_FALSE(identity_of(*from_hex(kBob), Era::B).ed25519);
}

TEST(Identity, ErasAAndBCoincideWhenTheSeedsLastByteIsBelowSixteen) {
  SeededRng rng(101);
  for (int last = 0; last < 256; last += 5) {
    auto seed = rng.bytes<16>();
    seed[15] = static_cast<std::byte>(last);
    EXPECT_EQ(identity_of(seed, Era::A).id == identity_of(seed, Era::B).id, last < 16) << last;
  }
}

TEST(Identity, LongSeedsAreUsedUnchanged) {
  SeededRng rng(102);
  const auto half = rng.bytes<16>();
  const Bytes doubled = concat(half, half), padded = concat(half, ByteArray<16>{});
  EXPECT_EQ(identity_of(half, Era::A).id, identity_of(doubled, Era::A).id);
  EXPECT_EQ(identity_of(half, Era::B).id, identity_of(doubled, Era::B).id);
  EXPECT_EQ(identity_of(half, Era::C).id, identity_of(padded, Era::C).id);
  const auto seed = rng.bytes<32>();
  EXPECT_EQ(identity_of(seed, Era::C).ed25519->open, ed25519_pair(Ed25519Seed(seed)).open);
  EXPECT_EQ(identity_of(seed, Era::B).x25519.open, x25519_pair(X25519Secret(seed)).open);
}

TEST(Identity, NamesItsKey) {
  SeededRng rng(103);
  for (const Era era : {Era::A, Era::B, Era::C}) {
    const Identity identity = identity_of(new_seed(rng), era);
    EXPECT_EQ(identity.era, era);
    EXPECT_EQ(identity.id.account.prefix(), 5);
    EXPECT_EQ(to_hex(identity.id.key()), identity.x25519.open.hex());
    EXPECT_EQ(x25519_pair(identity.x25519.secret).open, identity.x25519.open);
    EXPECT_EQ(SessionId::parse(identity.id.hex()), identity.id);
  }
}

TEST(AccountSeed, ComesFromTheGeneratorAlone) {
  SeededRng a(104), b(104);
  const AccountSeed seed = new_seed(a);
  EXPECT_EQ(seed, new_seed(b));
  EXPECT_FALSE(seed == new_seed(a));
}

}  // namespace
}  // namespace session::crypto

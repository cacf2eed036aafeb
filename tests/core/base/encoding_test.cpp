#include "core/base/encoding.h"

#include <gmock/gmock.h>

#include "core/base/rng.h"

namespace session {
namespace {

Bytes random_bytes(Rng& rng, std::size_t size) {
  Bytes out(size);
  rng.fill(out);
  return out;
}

// service-node.md 1.2
TEST(Base32z, IsTheOneOfTheSpecification) {
  EXPECT_EQ(to_base32z(Bytes(32, std::byte{0})), std::string(52, 'y'));
  EXPECT_EQ(to_base32z(Bytes(32, std::byte{0xff})), std::string(51, '9') + 'o');
  Bytes counting(32);
  for (std::size_t i = 0; i < 32; ++i) counting[i] = static_cast<std::byte>(i);
  EXPECT_EQ(to_base32z(counting), "yyyoryarywdyqnyjbefoadeqbhebnrounoktcfaadrpbs8y7daxo");
  EXPECT_EQ(to_base32z(*from_hex("e35b7cf5057845284740af496ec323148db68ac2553a05e4677b96f3afdabcd1")),
            "hppz37efxbn1ot4yi7rs7o3dn1g5pnsnkw7ym3d8xqmx8m64zueo");
}

// RFC 4648 section 10, and the vectors of the 2020 client (client.md 13)
TEST(Base64, IsTheStandardOne) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"},
                                                         {"\x01\x02\x03", "AQID"},
                                                         {"\x7b\x19\x03\x79\x2d\x57\x18\x6f", "exkDeS1XGG8="}};
  for (const auto& [plain, text] : vectors) {
    EXPECT_EQ(to_base64(bytes_of(plain)), text);
    EXPECT_EQ(from_base64(text), to_bytes(plain));
  }
  EXPECT_EQ(to_base64(bytes_of("fo"), Padding::Without), "Zm8");
  EXPECT_EQ(from_base64("Zm8", Padding::Without), to_bytes("fo"));
}

TEST(Hex, IsWrittenSmallAndReadInEitherCase) {
  EXPECT_EQ(to_hex(*from_hex("00fF80aB")), "00ff80ab");
  EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(Encodings, GiveBackWhatTheyTook) {
  SeededRng rng(11);
  for (std::size_t size = 0; size < 200; ++size) {
    const Bytes bytes = random_bytes(rng, size);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(from_base64(to_base64(bytes, Padding::Without), Padding::Without), bytes);
    EXPECT_EQ(from_base32z(to_base32z(bytes)), bytes);
  }
}

// Two texts for one byte string would let a name be spelled in two ways.
TEST(Encodings, TakeOnlyTheTextThatTheyWouldWrite) {
  SeededRng rng(12);
  constexpr std::string_view kLikely = "AQgwZz019+/=yYoO";
  for (int i = 0; i < 20'000; ++i) {
    std::string text(rng.below(9), ' ');
    for (char& c : text) c = rng.one_in(50) ? static_cast<char>(rng.below(256)) : rng.pick(kLikely);
    if (const auto bytes = from_base64(text)) {
      EXPECT_EQ(to_base64(*bytes), text);
    }
    if (const auto bytes = from_base64(text, Padding::Without)) {
      EXPECT_EQ(to_base64(*bytes, Padding::Without), text);
    }
    if (const auto bytes = from_base32z(text)) {
      EXPECT_EQ(to_base32z(*bytes), text);
    }
  }
}

TEST(Base64, RefusesEveryOtherForm) {
  for (const char* bad :
       {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "=", "==", "====", "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm9-", "Zm9_"})
    EXPECT_EQ(from_base64(bad).error().code, ErrorCode::Malformed) << bad;
  for (const char* bad : {"Z", "Zg==", "Zh", "Zm9vY"})
    EXPECT_EQ(from_base64(bad, Padding::Without).error().code, ErrorCode::Malformed) << bad;
}

TEST(Base32z, RefusesEveryOtherForm) {
  for (const char* bad : {"y", "yyy", "yb", "YY", "yv", "yl", "y2", "yy=", "\xff\xff"})
    EXPECT_EQ(from_base32z(bad).error().code, ErrorCode::Malformed) << bad;
}

TEST(Hex, NamesTheCharacterThatIsNone) {
  EXPECT_THAT(from_hex("00fg").error().message, testing::HasSubstr("character 4"));
  EXPECT_EQ(from_hex("abc").error().code, ErrorCode::Malformed);
  EXPECT_EQ(from_hex(std::string_view("\0\0", 2)).error().code, ErrorCode::Malformed);
  EXPECT_EQ(from_hex("0x").error().code, ErrorCode::Malformed);
  EXPECT_EQ(array_from_hex<2>("abcd"), (ByteArray<2>{std::byte{0xab}, std::byte{0xcd}}));
  EXPECT_THAT(array_from_hex<2>("abcdef").error().message, testing::HasSubstr("expected 4 hex digits, got 6"));
}

TEST(Integers, AreWrittenInTheOrderThatTheirNameSays) {
  EXPECT_EQ(to_hex(big(std::uint32_t{0x01020304})), "01020304");
  EXPECT_EQ(to_hex(little(std::uint32_t{0x01020304})), "04030201");
  SeededRng rng(13);
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t value = rng.next();
    EXPECT_EQ(load_big<std::uint64_t>(big(value).data()), value);
    EXPECT_EQ(load_little<std::uint64_t>(little(value).data()), value);
    EXPECT_EQ(load_little<std::uint16_t>(little(static_cast<std::uint16_t>(value)).data()), static_cast<std::uint16_t>(value));
  }
}

TEST(Concat, PutsPartsOfEveryKindOneAfterAnother) {
  EXPECT_EQ(to_hex(concat("ab", Bytes{std::byte{1}}, ByteArray<2>{}, std::string("c"), BytesView{})), "616201000063");
}

}  // namespace
}  // namespace session

#include "core/crypto/phrase.h"

#include <gmock/gmock.h>

#include <set>

#include "core/base/encoding.h"
#include "core/base/rng.h"
#include "core/crypto/hash.h"

namespace session::crypto {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string phrase_text(BytesView seed) { return std::string(text_of(phrase_of(seed).bytes())); }
std::string seed_hex(std::string_view phrase) {
  const auto seed = seed_of_phrase(phrase);
  return seed ? to_hex(seed->bytes()) : seed.error().message;
}
std::string message_of(std::string_view phrase) {
  const auto seed = seed_of_phrase(phrase);
  EXPECT_FALSE(seed);
  EXPECT_EQ(seed.error().code, ErrorCode::Malformed);
  return seed.error().message;
}
std::string times(int n, const std::string& word) {
  std::string out = word;
  for (int i = 1; i < n; ++i) out += ' ' + word;
  return out;
}

const std::string kPhrase = "amaze buffet cake entrance symptoms tiger lamb maze nestle python dusted faxed faxed";
const std::string kSeed = "000102030405060708090a0b0c0d0e0f";

TEST(WordList, IsTheOneOfTheSpecification) {
  std::string joined;
  std::set<std::string_view> prefixes;
  for (const auto word : phrase_words()) {
    joined += (joined.empty() ? "" : "\n") + std::string(word);
    prefixes.insert(word.substr(0, 3));
  }
  EXPECT_EQ(phrase_words().size(), 1626u);
  EXPECT_EQ(prefixes.size(), 1626u);
  EXPECT_EQ(phrase_words().front(), "abbey");
  EXPECT_EQ(phrase_words().back(), "zoom");
  EXPECT_EQ(to_hex(sha256({bytes_of(joined)})), "998df55cb16d2318130c5cf7e9d4408247c8c4674935ee6e07d53f2f00ccf19b");
}

// client.md 1.2 and 1.3
TEST(Phrase, IsTheOneOfTheSpecification) {
  const std::pair<std::string, std::string> vectors[] = {
      {kSeed, kPhrase},
      {"be1d11154ff9b6de77873f0b6b0bcc46",
       "sizes kidneys motherly wobbly enlist boxes mowing vampire whole hydrogen physics vehicle wobbly"},
      {"ffffffffffffffffffffffffffffffff", times(4, "foamy solved soggy") + " solved"},
      {std::string(32, '0'), times(13, "abbey")},
      {"39038c8988db02c1af44e8c847bd9713",
       "puffin luxury annoyed rustled memoir faxed smidgen puddle kiwi nylon utopia zinger kiwi"},
      {"0123456789abcdef0123456789abcdef", "vexed enjoy pigment films adept voted vexed enjoy pigment films adept voted adept"},
      {"00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0",
       "python costume hamburger heels amnesty lukewarm antics value picked roped sowed southern uttered sizes adopt cucumber "
       "eskimos "
       "rotate inmate safety jolted pixels dwelt cottage pixels"},
      {"dc040000dc040000dc040000dc040000", times(13, "session")},
      {"37030000370300003703000037030000", times(13, "love")}};
  for (const auto& [seed, phrase] : vectors) {
    EXPECT_EQ(phrase_text(*from_hex(seed)), phrase);
    EXPECT_EQ(seed_hex(phrase), seed);
  }
}

TEST(Phrase, GivesBackEverySeed) {
  SeededRng rng(91);
  for (int i = 0; i < 300; ++i) {
    const Bytes seed = i % 3 == 0 ? to_bytes(rng.bytes<32>()) : to_bytes(rng.bytes<16>());
    EXPECT_EQ(seed_hex(phrase_text(seed)), to_hex(seed));
  }
}

TEST(Phrase, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(seed_hex("  AMAZE Buffet\tcake\r\n entrance symptoms  tiger lamb maze nestle python dusted faxed faxed \n"), kSeed);
  EXPECT_EQ(seed_hex("ama buf cak ent sym tig lam maz nes pyt dus fax fax"), kSeed);
  EXPECT_EQ(seed_hex("amazing buffer cakes entr sympathy tigers lambs mazes nest pythons dust fax faxes"), kSeed);
}

TEST(Phrase, EveryWrongWordIsNamedWithItsPlaceAndItsNearest) {
  const auto message = message_of("amaze bufet cake entrance symptoms tiger lamb maze nestle pxthon dusted fa qqqqqq");
  EXPECT_THAT(message, Not(HasSubstr("word 2 ")));  // its first three letters are right
  EXPECT_THAT(message, HasSubstr("word 10 'pxthon' is not in the list (nearest: python"));
  EXPECT_THAT(message, HasSubstr("word 12 'fa' is not in the list"));
  EXPECT_THAT(message, HasSubstr("word 13 'qqqqqq'"));
  EXPECT_THAT(message, Not(HasSubstr("amaze")));  // what is right stays secret
}

TEST(Phrase, WrongNumberOfWordsIsSaid) {
  EXPECT_THAT(message_of(""), HasSubstr("0 words"));
  EXPECT_THAT(message_of(" \n\t "), HasSubstr("0 words"));
  EXPECT_THAT(message_of(kPhrase.substr(0, kPhrase.rfind(' '))), HasSubstr("12 words"));
  EXPECT_THAT(message_of(kPhrase + " faxed"), HasSubstr("14 words"));
  EXPECT_THAT(message_of(times(24, "abbey")), HasSubstr("24 words"));
}

TEST(Phrase, WrongChecksumIsSaid) {
  EXPECT_THAT(message_of("amaze buffet cake entrance symptoms tiger lamb maze nestle python dusted faxed amaze"),
              HasSubstr("the last word does not fit"));
  const auto message = message_of("amaze bufet cake entrance symptoms tiger lamb maze nestle pithon dusted faxed faxed");
  EXPECT_THAT(message, HasSubstr("word 2 'bufet' was read as 'buffet'"));
  EXPECT_THAT(message, HasSubstr("word 10 'pithon' was read as 'pit"));
  EXPECT_THAT(message, Not(HasSubstr("amaze")));
}

// One word that is another of the list: noticed unless the new checksum word is by chance the same.
TEST(Phrase, MostExchangedWordsAreNoticed) {
  SeededRng rng(92);
  int noticed = 0;
  for (int i = 0; i < 1'000; ++i) {
    std::vector<std::string> words;
    for (std::string_view rest = kPhrase; !rest.empty();) {
      words.emplace_back(rest.substr(0, rest.find(' ')));
      rest.remove_prefix(std::min(words.back().size() + 1, rest.size()));
    }
    words[rng.below(12)] = rng.pick(phrase_words());
    std::string phrase;
    for (const auto& word : words) phrase += word + ' ';
    noticed += seed_of_phrase(phrase) ? 0 : 1;
  }
  EXPECT_GT(noticed, 800);
}

// Three places can spell more than 32 bits; such a phrase was never written by anyone.
TEST(Phrase, WordsBeyondThirtyTwoBitsAreRefused) {
  // a = 1625, b - a = 1625, c - b = 1625 modulo 1626, with each word in turn as the checksum
  const std::string group =
      std::string(phrase_words()[1625]) + ' ' + std::string(phrase_words()[1624]) + ' ' + std::string(phrase_words()[1623]);
  int refused = 0;
  for (std::size_t i = 1623; i <= 1625; ++i)
    refused +=
        message_of(times(4, group) + ' ' + std::string(phrase_words()[i])).find("belong to no seed") != std::string::npos;
  EXPECT_EQ(refused, 1);
}

TEST(Phrase, HostileTextIsRefusedHarmlessly) {
  EXPECT_THAT(message_of(std::string(801, 'a')), HasSubstr("801 characters"));
  EXPECT_THAT(message_of(std::string(10'000'000, ' ')), HasSubstr("at most 800"));
  SeededRng rng(93);
  for (int i = 0; i < 300; ++i) {
    std::string text;
    const std::uint64_t words = rng.one_in(2) ? 13 : rng.below(40);
    for (std::uint64_t w = 0; w < words; ++w) {
      for (std::uint64_t n = 1 + rng.below(25); n > 0; --n) text += static_cast<char>(rng.below(256));
      text += ' ';
    }
    const auto seed = seed_of_phrase(text);
    ASSERT_FALSE(seed);
    EXPECT_LT(seed.error().message.size(), 4'000u);
    for (const char c : seed.error().message) EXPECT_TRUE(c >= ' ' && c <= '~');
  }
}

}  // namespace
}  // namespace session::crypto

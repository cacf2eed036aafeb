#include "core/pow/stamp.h"

#include <gtest/gtest.h>

#include "core/base/mutant.h"
#include "core/pow/search.h"

namespace session::pow {
namespace {

const std::string kK1 = "050123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kK2 = "05ffba630924aa1224bb930dde21c0d11bf004608f2812217f8ac812d6c7e3ad48";

std::string base64_of_counting(std::size_t n) {
  Bytes bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>(i & 0xff);
  return to_base64(bytes);
}

struct Row {
  std::string key, ttl, data;
  std::uint64_t difficulty, size, expected, target, nonce;
  std::string nonce64, digest;
};
std::vector<Row> rows() {  // service-node.md 4.3
  return {
      {kK1, "86400000", "aGVsbG8=", 1, 95, 238, 0x01135c81135c8113, 345, "AAAAAAAAAVk=", "00ec329e1acff1fb7230de7704015446"},
      {kK1, "86400000", "aGVsbG8=", 10, 95, 2380, 0x001b89401b89401b, 2616, "AAAAAAAACjg=", "00012749b8168c3e78f82cd69270b67c"},
      {kK1, "345600000", "aGVsbG8=", 10, 96, 6520, 0x000a0d3150b9f410, 6067,
       "AAAAAAAAF7M=", "0001d8b216596b3651caede4ab3f4338"},
      {kK1, "10000", "aGVsbG8=", 1, 92, 100, 0x028f5c28f5c28f5c, 126, "AAAAAAAAAH4=", "0120eec093479dd6c84f03de6a3981e7"},
      {kK2, "60000", base64_of_counting(256), 10, 428, 4360, 0x000f07fc3e00f07f, 6502,
       "AAAAAAAAGWY=", "000ce25998290aff765b2927ba2723d3"},
      {kK2, "345600000", to_base64(Bytes(2310)), 1, 3168, 19924, 0x00034a0f85793dd4, 57226,
       "AAAAAAAA34o=", "00012ecef4b06f7511a72bed1c6c7cd9"},
      {kK2, "86400000", "", 1, 87, 220, 0x0129e4129e4129e4, 29, "AAAAAAAAAB0=", "0086b321d4db5dd75f81c9cb1a909224"},
      {kK2, "172800000", base64_of_counting(1024), 100, 1456, 532400, 0x00001f832e663721, 58004,
       "AAAAAAAA4pQ=", "000010e1a789ad01d1b5b45e8021e1b0"}};
}
Payload payload_of(const Row& row) { return {"1581900000000", row.ttl, row.key, row.data}; }
Nonce nonce_of(const std::string& base64) { return to_array<8>(from_base64(base64).value()); }

TEST(Stamp, HasTheServersVectors) {
  for (const Row& row : rows()) {
    const Payload payload = payload_of(row);
    EXPECT_EQ(payload.size(), row.size);
    EXPECT_EQ(expected_trials(row.size, Millis{std::stoll(row.ttl)}, row.difficulty), row.expected);
    const auto puzzle = puzzle_for(payload, row.difficulty);
    ASSERT_TRUE(puzzle);
    EXPECT_EQ(puzzle->target, row.target);
    EXPECT_TRUE(is_met(*puzzle, nonce_of(row.nonce64)));
    EXPECT_EQ(to_hex(digest(*puzzle, nonce_of(row.nonce64))).substr(0, 32), row.digest);
    const SearchResult found = search(*puzzle, 0, 1'000'000);
    ASSERT_TRUE(found.nonce);
    EXPECT_EQ(to_base64(*found.nonce), row.nonce64);
    EXPECT_EQ(found.trials, row.nonce + 1);
  }
}

TEST(Stamp, HasTheClientsVectors) {  // client.md 5.4
  struct Short {
    std::uint64_t difficulty;
    const char* ttl;
    std::uint64_t target;
    const char* nonce;
    std::uint64_t trial;
  };
  for (const Short& row : {Short{1, "60000", 0x0249249249249249, "AAAAAAAAAFY=", 0x00812e24a42c66b5},
                           {1, "86400000", 0x00f6603d980f6603, "AAAAAAAAABs=", 0x00ec011d93e1daab},
                           {1, "345600000", 0x005a2553748e42e7, "AAAAAAAAAFQ=", 0x0051741d683f12e0},
                           {10, "60000", 0x003a83a83a83a83a, "AAAAAAAAAwE=", 0x0029dddb7dd8b13a},
                           {10, "86400000", 0x0018a3395c018a33, "AAAAAAAAAjo=", 0x0000b4a2130b53a3},
                           {100, "60000", 0x0005d9f7390d2a6c, "AAAAAAAADto=", 0x00014908b4c9cd4d},
                           {100, "345600000", 0x0000e6c5f45d9526, "AAAAAAAAnX8=", 0x00002fb870855e99}}) {
    const Payload payload{"1580000000000", row.ttl, "05ec8635a07a13743516c7c9b3412f3e8252efb7fcaf67eb1615ffba62bebc6802",
                          "SGVsbG8sIFNlc3Npb24h"};
    const auto puzzle = puzzle_for(payload, row.difficulty);
    ASSERT_TRUE(puzzle);
    EXPECT_EQ(puzzle->target, row.target);
    EXPECT_EQ(to_base64(*search(*puzzle, 0, 1'000'000).nonce), row.nonce);
    EXPECT_EQ(trial(*puzzle, nonce_of(row.nonce)), row.trial);
  }
  EXPECT_EQ(to_hex(big(target_for(625, days(1), 10).value())), "000477a423e0de40");
  EXPECT_EQ(to_hex(big(target_for(6597, days(1), 10).value())), "00006d91ae927c03");
}

TEST(Stamp, HasTheServersUnitTest) {  // service-node.md 4.3, unit_test/pow.cpp
  EXPECT_EQ(expected_trials(686, Millis{345600}, 10), 6970u);
  EXPECT_EQ(target_for(686, Millis{345600}, 10), 0x0009670fa5800967u);
  EXPECT_EQ(target_for(686, Millis{345600}, 100), 0x0000f0b4c3c000f0u);
}

TEST(Stamp, IsRefusedForAnyOtherRequest) {
  const Row row = rows()[0];
  const auto met = [&](Payload payload, const std::string& nonce, std::uint64_t difficulty) {
    return is_met(puzzle_for(payload, difficulty).value(), nonce_of(nonce));
  };
  EXPECT_FALSE(met(payload_of(row), "AAAAAAAAAAE=", 1));
  EXPECT_FALSE(met(payload_of(row), row.nonce64, 10));
  Payload other = payload_of(row);
  other.ttl = "86400001";
  EXPECT_FALSE(met(other, row.nonce64, 1));
}

TEST(Stamp, EqualToTheTargetIsTooWeak) {
  Puzzle puzzle = puzzle_for(payload_of(rows()[0]), 1).value();
  const Nonce nonce = nonce_of(rows()[0].nonce64);
  puzzle.target = trial(puzzle, nonce);
  EXPECT_FALSE(is_met(puzzle, nonce));
  ++puzzle.target;
  EXPECT_TRUE(is_met(puzzle, nonce));
}

TEST(Stamp, WorkBeyond64BitsIsRefused) {
  EXPECT_FALSE(expected_trials(~std::size_t{0} - 8, days(14), 10));
  EXPECT_FALSE(expected_trials(100, days(14), ~std::uint64_t{0}));
  EXPECT_FALSE(expected_trials(100, days(14), 0));
  EXPECT_FALSE(expected_trials(100, Millis{-1}, 1));
  for (const char* ttl : {"", "-1", "01", "1x", "99999999999999999999"}) {
    Payload payload = payload_of(rows()[0]);
    payload.ttl = ttl;
    EXPECT_FALSE(puzzle_for(payload, 1)) << ttl;
  }
}

TEST(Stamp, DividesBy65535AndCoversTheLifetime) {  // reliability.md W1
  const auto trials = [] { return expected_trials(100'000 - sizeof(Nonce), days(14), 1).value(); };
  const auto inner = [](const char* ttl) { return puzzle_for({"1581900000000", ttl, kK1, "aGVsbG8="}, 1).value().inner; };
  EXPECT_EQ(trials(), 100'000u + 1'209'600ull * 100'000 / 65'535);
  EXPECT_NE(inner("86400000"), inner("86400001"));
  {
    const mutant::Scope scope(Mutant::W1Divisor);
    EXPECT_EQ(trials() != 100'000u + 1'209'600ull * 100'000 / 65'535, mutant::kAreBuilt);
  }
  const mutant::Scope scope(Mutant::W1);
  EXPECT_EQ(inner("86400000") == inner("86400001"), mutant::kAreBuilt);
}

}  // namespace
}  // namespace session::pow

#include "core/wire/hash.h"

#include <gtest/gtest.h>

#include "core/crypto/hash.h"

namespace session::wire {
namespace {

const Account kKey = *Account::parse("050123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");

// service-node.md 3B.6
TEST(MessageHash, IsTheOneOfTheSpecification) {
  EXPECT_EQ(message_hash(kKey, 0, bytes_of("hello")).text, "iCs3aAbPotVlBLCGQu2fn426dT9KM3oUfdrNDhOo+L4");
  EXPECT_EQ(message_hash(kKey, 42, bytes_of("hello")).text, "l8pccc4njX5RvZGdV7H1xl99G9zM0HtCu15YIdFmmA0");
  EXPECT_EQ(message_hash(kKey, -42, bytes_of("hello")).text, "TIaHx56hxQ6EK9wwelHs4MmeRTwM825esEFAeRRB0ME");
  EXPECT_EQ(message_hash(kKey, -11, bytes_of("hello")).text, "gacqiIjNXdHyM5YwH3AvM5uwk8rvlK2sI90yf96xYUg");
}

// The forms of the eras before: the same ingredients, so these show what was left out since.
TEST(MessageHash, EarlierErasCoveredTheTimesToo) {
  const std::string timestamp = "1581900000000";
  const std::string expiry = "1581986400000";
  const auto of_2021 = [&](std::string_view ns) {
    return to_base64(crypto::blake2b_256({bytes_of(timestamp), bytes_of(expiry), kKey.bytes, bytes_of(ns), bytes_of("hello")}),
                     Padding::Without);
  };
  EXPECT_EQ(of_2021(""), "HiVNed4ptS2oDuFpwsFjWWEzQ193Hm6pCbdIYlerB3M");
  EXPECT_EQ(of_2021("42"), "VVnNFKhI6RuIxZkjWdBSOBTT138VAK3EdRMmHEVNF+I");
  EXPECT_EQ(to_hex(crypto::sha512({bytes_of(timestamp), bytes_of("86400000"), bytes_of(kKey.hex()), bytes_of("aGVsbG8=")})),
            "a30633b501549f10169cd5075a9fe6249418e1ab6b6743f6db6b7a1aa0a87517953440d2b141356999219d06cf3ad4fb9c47b9b4320f92126e"
            "19e1bbfe"
            "3e9f6b");
}

TEST(MessageHash, IsANameThatParses) {
  EXPECT_TRUE(MessageHash::parse(message_hash(kKey, 0, {}).text));
  EXPECT_NE(message_hash(kKey, 0, {}), message_hash(kKey, 1, {}));
}

}  // namespace
}  // namespace session::wire

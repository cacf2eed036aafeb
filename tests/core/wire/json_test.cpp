#include "core/wire/json.h"

#include <gtest/gtest.h>

namespace session::wire::json {
namespace {

Result<Document> read(std::string_view text, const Limits& limits = {}) {
  return guarded([&] { return parse(bytes_of(text), limits); });
}

TEST(Json, IntegersKeepAll64Bits) {
  const auto value = read(R"({"swarm_id":18446744073709551615,"least":-9223372036854775808})");
  ASSERT_TRUE(value);
  const Fields fields(*value, "value");
  EXPECT_EQ(fields.number<std::uint64_t>("swarm_id"), ~std::uint64_t{0});
  EXPECT_EQ(fields.number<std::int64_t>("least"), std::numeric_limits<std::int64_t>::min());
}

TEST(Json, DepthIsLimited) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(read(nested(16)));
  EXPECT_FALSE(read(nested(17)));
  EXPECT_FALSE(read(std::string(1'000'000, '[')));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_FALSE(read(objects));
}

TEST(Json, NumberOfValuesIsLimited) {
  const auto list = [](std::size_t size) {
    std::string text = "[0";
    for (std::size_t i = 1; i < size; ++i) text += ",0";
    return text + "]";
  };
  EXPECT_TRUE(read(list(99), {.values = 100}));
  EXPECT_FALSE(read(list(100), {.values = 100}));
  EXPECT_FALSE(read(list(100'001)));
}

TEST(Json, BytesAreLimited) {
  EXPECT_TRUE(read("[1,2]", {.bytes = 5}));
  EXPECT_FALSE(read("[1,2] ", {.bytes = 5}));
}

TEST(Json, RepeatedKeysAreRefused) {
  EXPECT_FALSE(read(R"({"a":1,"a":2})"));
  EXPECT_FALSE(read(R"({"a":{"b":1,"c":[],"b":1}})"));
  EXPECT_TRUE(read(R"({"a":{"a":[{"a":1},{"a":2}]}})"));
  EXPECT_FALSE(read(R"({"a":1,"\u0061":2})"));
}

TEST(Json, WhatIsNoJsonIsRefused) {
  for (const char* text :
       {"", " ", "{", "nul", "[1,]", "{\"a\"}", "[1] 2", "\"\xff\"", "\"\xc0\x80\"", "[01]", "[+1]", "[1e999]", "'a'"})
    EXPECT_FALSE(read(text)) << text;
  EXPECT_FALSE(read(std::string_view("[1]\0", 4)));
  EXPECT_TRUE(read("[1]   \n "));
}

TEST(Fields, IntegersMayBeCanonicalDecimalsInAString) {
  const auto value = read(R"({"a":"12","b":"-3","c":"0","d":"18446744073709551615"})");
  ASSERT_TRUE(value);
  const Fields fields(*value, "value");
  EXPECT_EQ(fields.number<std::int64_t>("a"), 12);
  EXPECT_EQ(fields.number<std::int16_t>("b"), -3);
  EXPECT_EQ(fields.number<std::int16_t>("c"), 0);
  EXPECT_EQ(fields.number<std::uint64_t>("d"), ~std::uint64_t{0});
  EXPECT_THROW((void)fields.number<std::int64_t>("d"), BadField);
  EXPECT_EQ(fields.number_if<int>("e"), std::nullopt);
}

TEST(Fields, OtherIntegersAreRefused) {
  for (const char* text : {R"("")", R"("-")", R"("-0")", R"("007")", R"("+1")", R"(" 1")", R"("1 ")", R"("1.0")", R"("1e3")",
                           R"("18446744073709551616")", "1.0", "1e3", "true", "[]", "{}", "32768", "-32769", "1e40"}) {
    const std::string whole = std::string(R"({"ns":)") + text + "}";
    const auto value = read(whole);
    ASSERT_TRUE(value) << text;
    EXPECT_THROW((void)Fields(*value, "value").number<std::int16_t>("ns"), BadField) << text;
  }
}

TEST(Fields, MissingOnesAreNamed) {
  const auto value = read(R"({"here":null})");
  ASSERT_TRUE(value);
  try {
    (void)Fields(*value, "value").require("here");
    FAIL();
  } catch (const BadField& bad) {
    EXPECT_EQ(bad.text, "Required field 'here' missing");
  }
}

TEST(Fields, HostsAreNamesOrDottedQuads) {
  for (const char* host : {"127.0.0.1", "seed1.example.org", "localhost"}) EXPECT_TRUE(is_host(host)) << host;
  for (const char* host : {"", "a b", "a/b", "a:80", "[::1]", "a\nb", "user@host"}) EXPECT_FALSE(is_host(host)) << host;
  EXPECT_FALSE(is_host(std::string(254, 'a')));
}

TEST(Quote, WritesWhatTheLibraryWrites) {
  for (const std::string& text : {std::string(), std::string("plain"), std::string("\"\\/"), std::string("\n\x01\x7f"),
                                  std::string("\xc3\xa4"), std::string("bad \xff"), std::string("a\0b", 3)}) {
    std::string out = "before";
    quote(out, text);
    EXPECT_EQ(out, "before" + dump(Json(text)));
  }
}

TEST(ObjectWriter, WritesWhatTheLibraryWrites) {
  std::string out;
  ObjectWriter object(out);
  object.flag("a", true);
  object.number("b", std::int64_t{-3});
  object.number("c", ~std::uint64_t{0});
  object.plain("d", "Zm9v");
  object.text("e", "\"x\"");
  object.end();
  EXPECT_EQ(out, dump({{"e", "\"x\""}, {"d", "Zm9v"}, {"c", ~std::uint64_t{0}}, {"b", -3}, {"a", true}}));
  out.clear();
  ObjectWriter(out).end();
  EXPECT_EQ(out, "{}");
}

}  // namespace
}  // namespace session::wire::json

#include "core/wire/json_value.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "core/wire/json.h"

namespace session::wire::json {
namespace {

/// The same value as the library reads and writes it.
Json tree_of(const Value& value) {
  if (value.is_null()) return nullptr;
  if (value.is_boolean()) return value.boolean();
  if (value.is_string()) return std::string(value.text());
  if (value.is_unsigned()) return value.number();
  if (value.is_integer()) return value.below_zero();
  if (value.is_number()) return Json::parse(value.source());
  Json out = value.is_array() ? Json::array() : Json::object();
  if (value.is_array())
    for (const Value& each : value) out.push_back(tree_of(each));
  else
    for (const auto [name, each] : value.items()) out[std::string(name)] = tree_of(each);
  EXPECT_EQ(out.size(), value.size());
  return out;
}

/// Reads it as the library does, or refuses it as the library does.
void expect_alike(std::string_view text, const Limits& limits = {}) {
  const auto tree = guarded([&] { return parse_tree(bytes_of(text), limits); });
  const auto read = guarded([&] { return tree_of(parse(bytes_of(text), limits)); });
  ASSERT_EQ(read.has_value(), tree.has_value()) << text;
  if (!tree) return;
  EXPECT_EQ(dump(*read), dump(*tree)) << text;
  EXPECT_EQ(compact(parse(bytes_of(text), limits)), dump(*tree)) << text;
}

TEST(Value, IsWhatTheLibraryReads) {
  for (const char* text : {R"({"a":[1,-2,3.5,"x",true,false,null,{}],"b":{"c":[]}})",
                           " [ 1 , 2 ] ",
                           "{}",
                           "[]",
                           "\"\"",
                           "0",
                           "-0",
                           "-1",
                           "1e5",
                           "1E+5",
                           "1e-400",
                           "1e400",
                           "-1e400",
                           "[1.00000000000000000e-2147483639]",
                           "[0.12345678901234567e-2147483639]",
                           "[1e2147483648]",
                           "[1e-99999999999999999999]",
                           "0.0",
                           "18446744073709551615",
                           "18446744073709551616",
                           "-9223372036854775808",
                           "-9223372036854775809",
                           "123456789012345678901234567890",
                           R"("\u00e4\ud83d\ude00\n\t\"\\\/\b\f\r")",
                           R"("\u0000")",
                           "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"",
                           "\xef\xbb\xbf[1]",
                           "true",
                           "null"})
    expect_alike(text);
}

TEST(Value, WhatTheLibraryRefusesIsRefused) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "[",
                           "]",
                           "[1",
                           "[1,",
                           "[,1]",
                           "[1 2]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{\"a\":1 \"b\":2}",
                           "tru",
                           "True",
                           "nul",
                           "01",
                           "+1",
                           ".5",
                           "1.",
                           "1e",
                           "1e+",
                           "-",
                           "--1",
                           "0x1",
                           "NaN",
                           "Infinity",
                           "\"",
                           "\"\\\"",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\u12g4\"",
                           "\"\\ud800\"",
                           "\"\\ud800x\"",
                           "\"\\ud800\\n\"",
                           "\"\\ud800\\ud800\"",
                           "\"\\udc00\"",
                           "\"\n\"",
                           "\"\t\"",
                           "\"\x1f\"",
                           "\"\x80\"",
                           "\"\xc0\x80\"",
                           "\"\xc3\"",
                           "\"\xe0\x80\x80\"",
                           "\"\xed\xa0\x80\"",
                           "\"\xf0\x80\x80\x80\"",
                           "\"\xf4\x90\x80\x80\"",
                           "\"\xf5\x80\x80\x80\"",
                           "\"\xff\"",
                           "[1]x",
                           "[1][2]",
                           "'a'",
                           "// 1\n1",
                           "\xef\xbb",
                           "\xef\xbb\xbf",
                           "\"\\u+123\"",
                           "\"\\u 123\""})
    expect_alike(text);
}

TEST(Value, HostileTextsAreReadOrRefusedAsTheLibraryDoes) {
  SeededRng rng(5);
  const std::string whole = R"({"body":"{\"hf\":[19,4],\"t\":1577836800000}","list":[{"a":1},{"a":-2.5e3}],)"
                            R"("name":"\u00e4\ud83d\ude00x","status":200,"w":true})";
  constexpr std::string_view kLikely = "{}[]\",:\\u0d8e+-.tfn 19\x80\xc3\xff";
  for (int i = 0; i < 4'000; ++i) {
    std::string text = whole;
    for (std::uint64_t changes = 1 + rng.below(3); changes > 0 && !text.empty(); --changes) {
      const std::size_t at = rng.below(text.size());
      switch (rng.below(3)) {
        case 0: text[at] = rng.pick(kLikely); break;
        case 1: text.erase(at, 1 + rng.below(8)); break;
        default: text.insert(at, 1, rng.pick(kLikely));
      }
    }
    expect_alike(text);
  }
}

TEST(Value, LimitsAreTheSame) {
  for (std::size_t values = 1; values < 12; ++values)
    for (std::size_t depth = 1; depth < 5; ++depth)
      for (std::size_t bytes = 18; bytes < 26; ++bytes)
        expect_alike(R"({"a":[1,[2,{}]],"b":3})", {.bytes = bytes, .values = values, .depth = depth});
}

TEST(Value, RepeatedKeysAreRefusedInLargeObjectsToo) {
  for (const int size : {2, 15, 16, 17, 18, 300})
    for (const int twice : {0, 1, size / 2, size - 1, size}) {  // the last: none
      std::string text = "{";
      for (int i = 0; i < size; ++i) text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":0";
      if (twice < size) text += ",\"k" + std::to_string(twice) + "\":1";
      expect_alike(text + "}");
    }
}

TEST(Value, NamesAndPlacesAreThoseOfTheText) {
  const std::string text = R"( {"a" : [ 1, "x\n" ], "b":{"c":"d"}} )";
  const Document document = parse(bytes_of(text));
  EXPECT_EQ(document->source(), R"({"a" : [ 1, "x\n" ], "b":{"c":"d"}})");
  EXPECT_EQ(document->find("a")->source(), R"([ 1, "x\n" ])");
  EXPECT_EQ(document->find("b")->find("c")->text(), "d");
  EXPECT_EQ(document->find("c"), nullptr);
  EXPECT_TRUE(document->contains("b"));
  const Value& list = *document->find("a");
  EXPECT_EQ((*++list.begin()).text(), "x\n");
}

}  // namespace
}  // namespace session::wire::json

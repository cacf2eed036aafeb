#include "core/base/text.h"

#include <gtest/gtest.h>

namespace session {
namespace {

TEST(Utf8, WellFormedTextPasses) {
  for (const char* text : {"", "plain", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xf4\x8f\xbf\xbf", "\xdf\xbf"})
    EXPECT_TRUE(is_utf8(text)) << text;
  EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
}

TEST(Utf8, IllFormedTextDoesNot) {
  for (const char* text : {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                           "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe2\x82", "\xe2\x28\xa1", "\xf0\x9f\x98z"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Text, CodePointsAreTheOnesThatWereWritten) {
  EXPECT_EQ(first_code_point("A")->value, U'A');
  EXPECT_EQ(first_code_point("ä")->value, U'ä');
  EXPECT_EQ(first_code_point("€")->value, U'€');
  EXPECT_EQ(first_code_point("\U0001F600")->value, U'\U0001F600');
  EXPECT_EQ(first_code_point("\U0001F600")->size, 4u);
  EXPECT_FALSE(first_code_point("\xff"));
}

TEST(Text, WhatIsPrintedChangesNothingAroundIt) {
  EXPECT_EQ(printable("Alice\tand Bob"), "Alice and Bob");
  EXPECT_EQ(printable("a\x01"
                      "b\x1b[31m"),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD[31m");
  EXPECT_EQ(printable("evil\xE2\x80\xAE"
                      "txt"),
            "evil\xEF\xBF\xBDtxt");  // turns the direction
  EXPECT_EQ(printable("a\xE2\x81\xA6z\xC2\x9B"), "a\xEF\xBF\xBDz\xEF\xBF\xBD");
  EXPECT_EQ(printable("\xff\xc0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(printable("a\nb"), "a b");
  EXPECT_EQ(printable("a\nb", "\n    "), "a\n    b");
}

}  // namespace
}  // namespace session

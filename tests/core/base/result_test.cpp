#include "core/base/result.h"

#include <gtest/gtest.h>

#include <set>

namespace session {
namespace {

TEST(ErrorCode, EachHasItsOwnName) {
  std::set<std::string> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code) names.insert(name_of(static_cast<ErrorCode>(code)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorCode::Internal) + 1);
  EXPECT_FALSE(names.contains("?"));
  EXPECT_STREQ(name_of(ErrorCode::Malformed), "Malformed");
  EXPECT_STREQ(name_of(static_cast<ErrorCode>(99)), "?");
}

TEST(Result, HandsAnErrorOnUnchanged) {
  const Result<int> inner = fail(ErrorCode::Refused, "ttl: 5 is less than 10");
  const Result<std::string> outer = fail(inner);
  ASSERT_FALSE(outer);
  EXPECT_EQ(outer.error(), (Error{ErrorCode::Refused, "ttl: 5 is less than 10"}));
}

TEST(Result, OfNothingIsGoodByItself) {
  const Result<> done;
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace session

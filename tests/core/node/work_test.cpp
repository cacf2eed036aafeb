#include "core/node/work.h"

#include <gtest/gtest.h>

#include <cctype>

namespace session::node {
namespace {

wire::StoreRequest request_of(bool upper) {
  Account account;
  account.bytes.fill(std::byte{0xab});
  auto request = wire::make_store(account, 0, 1'700'000'000'000, days(3), to_bytes("data"));
  if (upper)
    for (char& digit : request.stamped.account) digit = static_cast<char>(std::toupper(digit));
  request.nonce = pow::Nonce{std::byte{9}};
  return request;
}
wire::Row row_of(const wire::StoreRequest& request) {
  return {request.account, 0, request.timestamp_ms, request.timestamp_ms + request.ttl_ms, 0, request.data, stamp_of(request)};
}

TEST(Work, IsReadAsTheClientDidIt) {
  for (const bool upper : {false, true}) {
    const auto request = request_of(upper);
    const auto work = work_of(row_of(request));
    ASSERT_TRUE(work);
    EXPECT_EQ(work->nonce, *request.nonce);
    EXPECT_EQ(work->ttl, days(3));
    EXPECT_EQ(work->payload.account, request.stamped.account);
    EXPECT_EQ(work->payload.data, request.stamped.data);
    EXPECT_EQ(work->payload.timestamp, request.stamped.timestamp);
    EXPECT_EQ(work->payload.ttl, request.stamped.ttl);
  }
}

TEST(Work, ForOtherDataOrAnotherAccountIsNone) {
  auto row = row_of(request_of(true));
  row.data = to_bytes("other");
  EXPECT_FALSE(work_of(row));
  row = row_of(request_of(true));
  row.account.bytes[5] = std::byte{1};
  EXPECT_FALSE(work_of(row));
  row = row_of(request_of(false));
  row.stamp.resize(15);
  EXPECT_FALSE(work_of(row));
  row.stamp.clear();
  EXPECT_FALSE(work_of(row));
  row.stamp.assign(16, std::byte{0xff});
  EXPECT_FALSE(work_of(row));
}

}  // namespace
}  // namespace session::node

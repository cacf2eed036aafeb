#include "core/wire/swarm_repair.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "core/wire/swarm.pb.h"

namespace session::wire {
namespace {

Items some_items() {
  Row row;
  row.account.bytes[0] = std::byte{5};
  row.ns = -21;
  row.timestamp_ms = 1'700'000'000'000;
  row.expiry_ms = row.timestamp_ms + 5;
  row.taken_ms = row.timestamp_ms + 1;
  row.data = to_bytes("data");
  Row bare = row;
  bare.ns = 0;
  bare.stamp = to_bytes("work");
  return {{row, bare}, {{7, 8, to_bytes("signed")}}};
}
std::vector<Listing> some_entries() { return {{{std::byte{1}}, 2, 3}, {{std::byte{1}, std::byte{9}}, 4, 5}}; }

std::string wrong_with(const proto::SwarmRequest& request) {
  const auto parsed = decode_repair_request(bytes_of(request.SerializeAsString()));
  return parsed ? "" : parsed.error().message;
}

TEST(SwarmRepair, WhatIsWrittenIsRead) {
  Compare compare;
  compare.digests[3][4] = std::byte{7};
  List list{{}, {std::byte{2}}, Buckets().set(1).set(255), some_entries()};
  for (const RepairRequest& each : std::vector<RepairRequest>{compare, list, Offer{some_entries()}, Push{some_items()}})
    EXPECT_EQ(decode_repair_request(encode(each)).value(), each);
  const Print print{std::byte{8}};
  for (const RepairAnswer& each :
       std::vector<RepairAnswer>{Compared{Buckets().set(0).set(9)}, Listed{some_items(), {print, print}, print},
                                 Offered{{print}}, Offered{}, Pushed{12}})
    EXPECT_EQ(decode_repair_answer(encode(each)).value(), each);
}

TEST(SwarmRepair, WhatIsWrongIsNamed) {
  proto::SwarmRequest request;
  EXPECT_EQ(wrong_with(request), "request: expected one of compare, list, offer and push");
  request.set_compare("short");
  EXPECT_EQ(wrong_with(request), "compare: expected 4096 bytes, got 5");
  request.set_offer("");
  EXPECT_EQ(wrong_with(request), "request: expected one of compare, list, offer and push");
  request.clear_compare();
  request.set_offer(std::string(64, '\0'));
  EXPECT_EQ(wrong_with(request), "offer: not in ascending order");
  request.set_offer(std::string(32, '\xff'));
  EXPECT_EQ(wrong_with(request), "offer: no time");
  request.set_offer(std::string(33, '\0'));
  EXPECT_EQ(wrong_with(request), "offer: expected at most 16384 times 32 bytes, got 33");
  request.set_offer(std::string(32 * (kMaxEntries + 1), '\0'));
  EXPECT_EQ(wrong_with(request), "offer: expected at most 16384 times 32 bytes, got 524320");
  request.clear_offer();
  auto& row = *request.mutable_push()->add_rows();
  EXPECT_EQ(wrong_with(request), "rows.account: expected 33 bytes, got 0");
  row.set_account(std::string(33, 'x'));
  EXPECT_EQ(wrong_with(request), "");
  row.set_ns(40'000);
  EXPECT_EQ(wrong_with(request), "rows.ns: value out of range");
  row.clear_ns();
  row.set_taken(~std::uint64_t{0});
  EXPECT_EQ(wrong_with(request), "rows.taken: no time");
  row.clear_taken();
  row.set_data(std::string(76'801, 'x'));
  EXPECT_EQ(wrong_with(request), "rows.data: at most 76800 bytes");
  row.clear_data();
  request.mutable_push()->add_tombstones()->set_falls(~std::uint64_t{0});
  EXPECT_EQ(wrong_with(request), "tombstones.falls: no time");
  request.clear_push();
  auto& list = *request.mutable_list();
  EXPECT_EQ(wrong_with(request), "list.first: expected 16 bytes, got 0");
  list.set_first(std::string(16, '\0'));
  list.set_last(std::string(16, '\1'));
  EXPECT_EQ(wrong_with(request), "list.buckets: expected 32 bytes, got 0");
  list.set_buckets(std::string(32, '\0'));
  list.set_entries(std::string(32, '\0'));
  EXPECT_EQ(wrong_with(request), "list.entries: not in what is asked for");
  EXPECT_FALSE(decode_repair_request(bytes_of("junk")));
  EXPECT_FALSE(decode_repair_answer(bytes_of("junk")));
  EXPECT_FALSE(decode_repair_request(Bytes(kMaxRepairBytes + 1)));
}

TEST(SwarmRepair, FlippedBytesAreReadOrRefused) {
  SeededRng rng(5);
  const Bytes request = encode(RepairRequest(Push{some_items()})),
              answer = encode(RepairAnswer(Listed{some_items(), {{}}, {}}));
  for (int i = 0; i < 2'000; ++i) {
    Bytes broken = rng.one_in(2) ? request : answer;
    for (std::uint64_t flips = 1 + rng.below(3); flips > 0; --flips)
      rng.pick(broken) ^= static_cast<std::byte>(1 << rng.below(8));
    if (const auto read = decode_repair_request(broken)) {
      EXPECT_EQ(decode_repair_request(encode(*read)).value(), *read);
    }
    if (const auto read = decode_repair_answer(broken)) {
      EXPECT_EQ(decode_repair_answer(encode(*read)).value(), *read);
    }
  }
}

}  // namespace
}  // namespace session::wire

#include "core/store/row_map.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/base/rng.h"

namespace session::store {
namespace {

using Model = std::map<Bytes, Bytes>;

Bytes short_key(Rng& rng) {
  Bytes key(rng.below(3));  // few, so that they meet; the empty one is among them
  for (std::byte& byte : key) byte = static_cast<std::byte>(rng.below(24) * 11);
  return key;
}

void expect_alike(const RowMap& map, const Model& model) {
  Bytes room;
  auto at = map.lower_bound({});
  for (const auto& [key, value] : model) {
    ASSERT_FALSE(at.next().is_empty());
    EXPECT_TRUE(std::ranges::equal(at.next().key(), key));
    EXPECT_TRUE(std::ranges::equal(at.next().value(room), value));
    at.go_on();
  }
  EXPECT_TRUE(at.next().is_empty());
  for (auto each = model.rbegin(); each != model.rend(); ++each) {
    EXPECT_TRUE(std::ranges::equal(at.previous().key(), each->first));
    at.go_back();
  }
  EXPECT_TRUE(at.previous().is_empty());
  EXPECT_EQ(map.size(), model.size());
  EXPECT_EQ(map.empty(), model.empty());
}

TEST(RowMap, IsWhatAnOrderedMapWouldBe) {
  SeededRng rng(1);
  RowMap map;
  Model model;
  for (int i = 0; i < 4'000; ++i) {
    const Bytes key = short_key(rng);
    if (i / 500 % 2 == 0 ? rng.one_in(4) : !rng.one_in(4)) {
      const Row gone = map.erase(key);
      const auto known = model.find(key);
      ASSERT_EQ(gone.is_empty(), known == model.end());
      if (known != model.end()) {
        EXPECT_EQ(gone.value(), known->second);
        model.erase(known);
      }
    } else {
      const Bytes value(rng.below(700), static_cast<std::byte>(i));
      const std::size_t at = rng.below(value.size() + 1);
      const Row before = map.put(Row(key, value, {at, rng.below(value.size() - at + 1)}));
      EXPECT_EQ(before.is_empty(), !model.contains(key));
      model[key] = value;
    }
    if (i % 50 == 0) expect_alike(map, model);
    const Bytes from = short_key(rng);
    const auto next = model.lower_bound(from);
    const auto place = map.lower_bound(from);
    ASSERT_EQ(place.next().is_empty(), next == model.end());
    if (next != model.end()) {
      EXPECT_TRUE(std::ranges::equal(place.next().key(), next->first));
    }
    ASSERT_EQ(map.find(from).is_empty(), !model.contains(from));
  }
  expect_alike(map, model);
}

TEST(RowMap, GrowsInTheOrderOfItsKeysAndAgainstIt) {
  for (const bool upwards : {true, false}) {
    RowMap map;
    Model model;
    for (std::uint32_t i = 0; i < 1000; ++i) {
      const auto number = big(upwards ? i : 1000 - i);
      static_cast<void>(map.put(Row(number, number, {})));
      model.emplace(to_bytes(number), to_bytes(number));
    }
    expect_alike(map, model);
    while (!model.empty()) {
      static_cast<void>(map.erase(model.begin()->first));
      model.erase(model.begin());
      if (model.size() % 100 == 0) expect_alike(map, model);
    }
  }
}

TEST(RowMap, CopiesGoOnAlone) {
  SeededRng rng(2);
  RowMap map;
  for (std::uint32_t i = 0; i < 300; ++i) static_cast<void>(map.put(Row(big(i), bytes_of("before"), {})));
  const RowMap copy = map;
  EXPECT_EQ(copy, map);
  static_cast<void>(map.put(Row(big(std::uint32_t{7}), bytes_of("after"), {})));
  static_cast<void>(map.erase(big(std::uint32_t{200})));
  EXPECT_NE(copy, map);
  EXPECT_EQ(copy.size(), 300u);
  EXPECT_EQ(copy.find(big(std::uint32_t{7})).value(), to_bytes("before"));
  EXPECT_FALSE(copy.find(big(std::uint32_t{200})).is_empty());
}

TEST(RowMap, IsEqualHoweverItCameToBe) {
  RowMap one, two;
  for (std::uint32_t i = 0; i < 500; ++i) static_cast<void>(one.put(Row(big(i), {}, {})));
  for (std::uint32_t i = 500; i-- > 0;) static_cast<void>(two.put(Row(big(i), {}, {})));
  EXPECT_EQ(one, two);
  static_cast<void>(two.erase(big(std::uint32_t{250})));
  EXPECT_NE(one, two);
}

TEST(Row, LargePartsThatManyHaveLieThereOnce) {
  SeededRng rng(3);
  const auto message = rng.bytes<4'000>();
  const auto kept_by = [&](std::string_view head) { return concat(head, message, "tail"); };
  std::size_t bytes = 0;
  Bytes room;
  for (const std::string head : {"one", "another", ""}) {
    const Bytes value = kept_by(head);
    const Row row(bytes_of("key"), value, part_of(value, message));
    EXPECT_TRUE(std::ranges::equal(row.value(room), value));
    EXPECT_EQ(row.value(), value);
    bytes += row.footprint();
    const Row alone(bytes_of("key"), value, {});
    EXPECT_GT(alone.footprint(), message.size());
  }
  EXPECT_LT(bytes, 300u);
}

}  // namespace
}  // namespace session::store

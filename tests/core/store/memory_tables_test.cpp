// The suite that all tables pass, wherever they lie.
#include <map>

#include "tests/core/store/stores.h"

namespace session::store {
namespace {

using Rows = std::map<std::pair<TableId, Bytes>, Bytes>;

Rows all_of(const Tables& tables, TableId last) {
  Rows rows;
  for (TableId table = 1; table <= last; ++table) {
    const auto scanned = tables.scan(table, {}, [&](BytesView key, BytesView value) {
      rows[{table, to_bytes(key)}] = to_bytes(value);
      return true;
    });
    EXPECT_TRUE(scanned);
  }
  return rows;
}

template <class Kind>
class TablesSuite : public testing::Test {
 public:
  Kind made;
  Tables& tables = made.tables;
};
TYPED_TEST_SUITE(TablesSuite, Kinds);

TYPED_TEST(TablesSuite, KeepsWhatWasPutAndForgetsWhatWasErased) {
  Tables& t = this->tables;
  EXPECT_EQ(t.get(1, bytes_of("a")).value(), std::nullopt);
  ASSERT_TRUE(t.put(1, bytes_of("a"), bytes_of("one")));
  ASSERT_TRUE(t.put(1, {}, {}));
  ASSERT_TRUE(t.put(2, bytes_of("a"), bytes_of("other")));
  ASSERT_TRUE(t.put(1, bytes_of("a"), bytes_of("two")));
  EXPECT_EQ(t.get(1, bytes_of("a")).value(), to_bytes("two"));
  EXPECT_EQ(t.get(1, {}).value(), Bytes{});
  EXPECT_TRUE(t.erase(1, bytes_of("a")).value());
  EXPECT_FALSE(t.erase(1, bytes_of("a")).value());
  EXPECT_EQ(t.get(2, bytes_of("a")).value(), to_bytes("other"));
}

TYPED_TEST(TablesSuite, ScansInTheOrderOfBytesFromAndBefore) {
  Tables& t = this->tables;
  for (const char* key : {"b", "a", "ab", "c", "\xff"}) ASSERT_TRUE(t.put(1, bytes_of(key), {}));
  ASSERT_TRUE(t.put(2, bytes_of("b"), {}));
  std::vector<std::string> up, down;
  ASSERT_TRUE(t.scan(1, bytes_of("ab"), [&](BytesView key, BytesView) {
    up.emplace_back(text_of(key));
    return up.size() < 3;
  }));
  ASSERT_TRUE(t.scan_back(1, bytes_of("c"), [&](BytesView key, BytesView) {
    down.emplace_back(text_of(key));
    return true;
  }));
  EXPECT_THAT(up, testing::ElementsAre("ab", "b", "c"));
  EXPECT_THAT(down, testing::ElementsAre("b", "ab", "a"));
}

TYPED_TEST(TablesSuite, TransactionsAreNotNestedAndMustBeOpenToEnd) {
  Tables& t = this->tables;
  EXPECT_EQ(t.commit().error().code, ErrorCode::Internal);
  t.rollback();
  ASSERT_TRUE(t.begin());
  EXPECT_EQ(t.begin().error().code, ErrorCode::Internal);
  EXPECT_TRUE(t.in_transaction());
  ASSERT_TRUE(t.commit());
  EXPECT_FALSE(t.in_transaction());
}

TYPED_TEST(TablesSuite, ASpoiledTransactionIsTakenBackAndTellsWhyUntilItEnds) {
  Tables& t = this->tables;
  ASSERT_TRUE(t.put(1, bytes_of("a"), bytes_of("before")));
  ASSERT_TRUE(t.begin());
  ASSERT_TRUE(t.put(1, bytes_of("a"), bytes_of("inside")));
  const Error why{ErrorCode::Full, "the disk is full"};
  t.spoil(why);
  EXPECT_EQ(t.get(1, bytes_of("a")).value(), to_bytes("before"));
  EXPECT_EQ(t.put(1, bytes_of("b"), {}).error(), why);
  EXPECT_EQ(t.erase(1, bytes_of("a")).error(), why);
  EXPECT_TRUE(t.in_transaction());
  EXPECT_EQ(t.commit().error(), why);
  EXPECT_FALSE(t.in_transaction());
  ASSERT_TRUE(t.put(1, bytes_of("b"), {}));
  EXPECT_EQ(all_of(t, 1).size(), 2u);
}

TYPED_TEST(TablesSuite, RandomWritesMatchAMapOverCommitsAndRollbacks) {
  constexpr std::uint64_t kSeed = 20200217;
  SCOPED_TRACE(kSeed);
  SeededRng rng(kSeed);
  Tables& t = this->tables;
  Rows model, before;
  for (int round = 0; round < 60; ++round) {
    before = model;
    ASSERT_TRUE(t.begin());
    for (int i = 0; i < 20; ++i) {
      const auto table = static_cast<TableId>(1 + rng.below(2));
      const Bytes key = to_bytes(big(static_cast<std::uint8_t>(rng.below(16))));
      if (rng.one_in(3)) {
        ASSERT_EQ(t.erase(table, key).value(), model.erase({table, key}) > 0);
      } else {
        const Bytes value = to_bytes(rng.bytes<5>());
        ASSERT_TRUE(t.put(table, key, value));
        model[{table, key}] = value;
      }
    }
    ASSERT_EQ(all_of(t, 2), model);
    if (rng.one_in(2)) {
      ASSERT_TRUE(t.commit());
    } else {
      t.rollback();
      model = before;
    }
    ASSERT_EQ(all_of(t, 2), model);
  }
}

TEST(MemoryTables, ACopyIsAWorldOfItsOwnEvenInsideATransaction) {
  MemoryTables first;
  ASSERT_TRUE(first.put(1, bytes_of("a"), bytes_of("before")));
  const MemoryTables empty_start = first;
  ASSERT_TRUE(first.begin());
  ASSERT_TRUE(first.put(1, bytes_of("a"), bytes_of("inside")));
  ASSERT_TRUE(first.put(2, bytes_of("b"), {}));
  MemoryTables copy = first;
  ASSERT_TRUE(first.commit());
  copy.rollback();
  EXPECT_EQ(copy, empty_start);
  EXPECT_FALSE(first == copy);
}

}  // namespace
}  // namespace session::store

#include "core/base/cow.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace session {
namespace {

using Numbers = Cow<std::vector<int>>;

TEST(Cow, IsSharedByItsCopiesUntilOneChanges) {
  Numbers one(std::vector{1, 2});
  Numbers two = one;
  EXPECT_TRUE(one.shares_with(two));
  two.own().push_back(3);
  EXPECT_FALSE(one.shares_with(two));
  EXPECT_EQ(*one, (std::vector{1, 2}));
  EXPECT_EQ(*two, (std::vector{1, 2, 3}));
}

TEST(Cow, IsChangedInPlaceByWhoHasItAlone) {
  Numbers one(std::vector{1});
  const auto* before = &*one;
  {
    const Numbers gone = one;
  }
  one.own().push_back(2);
  EXPECT_EQ(&*one, before);
}

TEST(Cow, IsAssignedAndMovedAsAValue) {
  Numbers one(std::vector{1}), two(std::vector{2});
  two = one;
  EXPECT_TRUE(two.shares_with(one));
  const Numbers& same = two;
  two = same;
  EXPECT_EQ(*two, std::vector{1});
  Numbers three = std::move(two);
  EXPECT_TRUE(three.shares_with(one));
  two = Numbers(std::vector{4});
  EXPECT_EQ(*two, std::vector{4});
}

TEST(Cow, GoesOnAloneOnEachThread) {
  const Numbers first(std::vector<int>(1000, 7));
  std::vector<std::thread> threads;
  std::vector<std::size_t> sizes(4);
  for (std::size_t i = 0; i < sizes.size(); ++i)
    threads.emplace_back([mine = first, i, &sizes]() mutable {
      for (std::size_t k = 0; k <= i; ++k) mine.own().push_back(1);
      sizes[i] = mine->size();
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < sizes.size(); ++i) EXPECT_EQ(sizes[i], 1001 + i);
  EXPECT_EQ(first->size(), 1000u);
}

}  // namespace
}  // namespace session

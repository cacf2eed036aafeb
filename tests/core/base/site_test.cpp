#include "core/base/site.h"

#include <gtest/gtest.h>

#include <set>

namespace session {
namespace {

TEST(Site, HasANameThatFindsIt) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < site::kAll.size(); ++i) {
    EXPECT_EQ(site::find(site::kAll[i].name), static_cast<Site>(i));
    names.insert(site::kAll[i].name);
  }
  EXPECT_EQ(names.size(), site::kAll.size());
  EXPECT_EQ(site::find("nothing"), std::nullopt);
}

TEST(Site, FiresInItsScopeAQuarterOfTheTimeAndNowhereElse) {
  if (!site::kAreBuilt) GTEST_SKIP() << "this build has none";
  EXPECT_FALSE(site::fires(Site::BusyNode));
  SeededRng dice(1);
  std::uint32_t fired = 0;
  site::Live live{1u << static_cast<unsigned>(Site::BusyNode), &dice, &fired};
  {
    const site::Scope scope(&live);
    int times = 0;
    for (int i = 0; i < 1'000; ++i) {
      times += site::fires(Site::BusyNode) ? 1 : 0;
      EXPECT_FALSE(site::fires(Site::PathsAnew));
    }
    EXPECT_GT(times, 200);
    EXPECT_LT(times, 300);
    {
      const site::Scope none(nullptr);
      EXPECT_FALSE(site::fires(Site::BusyNode));
    }
  }
  EXPECT_EQ(fired, live.sites);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(site::fires(Site::BusyNode));
}

}  // namespace
}  // namespace session

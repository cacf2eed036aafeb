#include "core/wire/transport.h"

#include <gtest/gtest.h>

namespace session::wire {
namespace {

TEST(Transport, EveryRouteHasItsOwnPath) {
  for (const Route route : {Route::StorageRpc, Route::Onion, Route::SwarmStore, Route::SwarmRepair, Route::SeedRpc,
                            Route::PingTest, Route::StorageTest})
    EXPECT_EQ(route_of(path_of(route)), route) << path_of(route);
  EXPECT_STREQ(path_of(Route::StorageRpc), "/storage_rpc/v1");
  EXPECT_STREQ(path_of(Route::Onion), "/onion_req/v2");
}

TEST(Transport, OtherPathsLeadNowhere) {
  for (const char* path : {"", "/", "/storage_rpc/v1/", "/storage_rpc/v2", "storage_rpc/v1", "/onion_req"})
    EXPECT_EQ(route_of(path), std::nullopt) << path;
}

}  // namespace
}  // namespace session::wire

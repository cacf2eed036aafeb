#include "core/wire/transport.h"

namespace session::wire {
namespace {

constexpr std::pair<Route, const char*> kPaths[] = {
    {Route::StorageRpc, "/storage_rpc/v1"},          {Route::Onion, "/onion_req/v2"}, {Route::SwarmStore, "/swarm/forward/v1"},
    {Route::SwarmRepair, "/swarm/repair/v1"},        {Route::SeedRpc, "/json_rpc"},   {Route::PingTest, "/ping_test/v1"},
    {Route::StorageTest, "/swarms/storage_test/v1"},
};

}  // namespace

const char* path_of(Route route) {
  for (const auto& [each, path] : kPaths)
    if (each == route) return path;
  return "/";
}

std::optional<Route> route_of(std::string_view path) {
  for (const auto& [route, each] : kPaths)
    if (path == each) return route;
  return std::nullopt;
}

}  // namespace session::wire

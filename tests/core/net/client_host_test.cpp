#include "core/net/client_host.h"

#include <gtest/gtest.h>

#include "core/store/client_tables.h"

namespace session::net {
namespace {

TEST(ClientHost, NeedsAnAccountAndAGoodSeedUrl) {
  asio::io_context io;
  store::MemoryClientStore store;
  EXPECT_EQ(ClientHost::open(io, store, {}, {}).error().code, ErrorCode::NotFound);
  client::Config config;
  config.seeds = {"gopher://x"};
  EXPECT_EQ(ClientHost::open(io, store, config, {}).error().code, ErrorCode::Malformed);
}

TEST(ClientHost, ARefusedCommandChangesNothing) {
  asio::io_context io;
  crypto::SystemRng rng;
  store::MemoryClientStore store;
  ASSERT_TRUE(client::Client::create(store, "Alice", system_now(), rng));
  auto host = ClientHost::open(io, store, {}, {}).value();
  const store::MemoryClientStore before = store;
  const auto outcome = host->command(client::Accept{host->machine().id()});
  ASSERT_TRUE(outcome);
  ASSERT_TRUE(outcome->refused);
  EXPECT_TRUE(store == before);
}

}  // namespace
}  // namespace session::net

#include "core/net/client_host.h"

#include <gtest/gtest.h>

#include "core/store/faulty_tables.h"

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

TEST(ClientHost, GoesOnWhenItsStoreWorksAgain) {
  asio::io_context io;
  crypto::SystemRng rng;
  store::FaultyClientStore store;
  ASSERT_TRUE(client::Client::create(store, "Alice", system_now(), rng));
  auto host = ClientHost::open(io, store, {}, {}).value();
  int told = 0;
  host->on_change([&] { ++told; });
  for (const ErrorCode code : {ErrorCode::Full, ErrorCode::Unavailable, ErrorCode::Damaged}) {
    store.set({.at = 1, .code = code, .for_good = true});
    EXPECT_EQ(host->command(client::Rename{"nobody"}).error().code, code);
    ASSERT_TRUE(host->failure());
    EXPECT_EQ(host->failure()->code, code);
    EXPECT_EQ(told, 1);
    store.set({});
    EXPECT_EQ(host->machine().name(), "Alice");
    ASSERT_TRUE(host->command(client::Rename{"Alice"})) << "a command tries at once";
    EXPECT_FALSE(host->failure());
    told = 0;
  }
}

TEST(ClientHost, OpensAnAccountOnAFullDiskToBeRead) {
  asio::io_context io;
  crypto::SystemRng rng;
  store::FaultyClientStore store;
  ASSERT_TRUE(client::Client::create(store, "Alice", system_now(), rng));
  store.set({.at = 1, .code = ErrorCode::Full, .for_good = true});
  auto host = ClientHost::open(io, store, {}, {});
  ASSERT_TRUE(host) << host.error().message;
  EXPECT_EQ((*host)->failure()->code, ErrorCode::Full);
  EXPECT_EQ((*host)->machine().name(), "Alice");
  store.set({});
  EXPECT_TRUE((*host)->command(client::Rename{"Alicia"}));
  EXPECT_FALSE((*host)->failure());
}

}  // namespace
}  // namespace session::net

// Deliveries through the whole network are tested in tests/sim/world_test.cpp; here what happens before anything answers.
#include <gtest/gtest.h>

#include "core/client/client.h"
#include "core/store/client_tables.h"

namespace session::client {
namespace {

const Instant kNow = Instant::from_unix_millis(1'700'000'000'000);

TEST(Outbox, ADeliveryWaitsForTheRegistryAndExpiresWithItsLifetime) {
  SeededRng rng(1);
  store::MemoryClientStore store;
  ASSERT_TRUE(Client::create(store, "Alice", kNow, rng));
  Client client = Client::open(store, {.seeds = {"seed"}}).value();
  wire::Effects effects;
  ASSERT_TRUE(client.start({kNow, rng, store, effects}));
  const auto bob = crypto::identity_of(BytesView(rng.bytes<16>()), crypto::Era::C).id;
  const auto id = client.command(Ask{bob, "hello"}, {kNow, rng, store, effects})->delivery;
  EXPECT_TRUE(client.outbox().contains(id));
  EXPECT_FALSE(client.is_idle());
  client.check_invariants();
  // Nobody answers for longer than the message may live.
  ASSERT_TRUE(client.on(wire::CallFailed{{1}, wire::CallFailure::Unreachable}, {kNow + days(5), rng, store, effects}));
  EXPECT_EQ(static_cast<State>(store.outbox(id)->value().state), State::Expired);
  EXPECT_FALSE(client.outbox().contains(id));
}

TEST(Outbox, WhatWasInFlightIsQueuedAgainAfterARestart) {
  SeededRng rng(2);
  store::MemoryClientStore store;
  ASSERT_TRUE(Client::create(store, "Alice", kNow, rng));
  store::OutboxRow row;
  row.to = crypto::identity_of(BytesView(rng.bytes<16>()), crypto::Era::C).id;
  row.created = kNow;
  row.ttl = days(1);
  row.sealed = to_bytes("sealed before the crash");
  row.state = static_cast<std::int32_t>(State::Routing);
  const auto id = store.add_outbox(row).value();
  Client client = Client::open(store, {.seeds = {"seed"}}).value();
  wire::Effects effects;
  ASSERT_TRUE(client.start({kNow, rng, store, effects}));
  const auto again = store.outbox(id)->value();
  EXPECT_EQ(static_cast<State>(again.state), State::Queued);
  EXPECT_EQ(again.sealed, row.sealed);  // the same bytes: no second step of the ratchet
}

}  // namespace
}  // namespace session::client

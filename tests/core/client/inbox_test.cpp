// Fetching through the whole network is tested in tests/sim/world_test.cpp; here the journal, which outlives a crash.
#include <gtest/gtest.h>

#include "core/client/client.h"
#include "core/store/client_tables.h"
#include "tests/core/client/fake_swarm.h"

namespace session::client {
namespace {

const Instant kNow = Instant::from_unix_millis(1'700'000'000'000);

TEST(Inbox, WhatWasJournalledBeforeACrashIsOpenedOnceAfterIt) {  // profile.md 8
  SeededRng rng(1);
  store::MemoryClientStore store;
  ASSERT_TRUE(Client::create(store, "Bob", kNow, rng));
  Client first = Client::open(store, {.seeds = {"seed"}}).value();
  const auto alice = crypto::identity_of(BytesView(rng.bytes<16>()), crypto::Era::C);
  wire::Content content;
  content.data = wire::DataMessage{.body = "written before the crash"};
  const Bytes datum = seal_anonymously({alice, 1, 1}, first.id(), content, 1'700'000'000'001, rng).value();
  for (const char* name : {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"})
    ASSERT_TRUE(store.add_journal({.hash = MessageHash{name}, .data = datum, .received_at = kNow, .expiry = kNow + days(1)}));
  ASSERT_TRUE(
      store.add_journal({.hash = MessageHash{"ccccccccccccccccccccccccccccccccccccccccccc"}, .data = to_bytes("junk")}));
  Client client = Client::open(store, {.seeds = {"seed"}}).value();
  wire::Effects effects;
  ASSERT_TRUE(client.start({kNow, rng, store, effects}));
  const auto events = static_cast<store::ClientStore&>(store).events().value();
  ASSERT_EQ(events.size(), 1u);  // the second copy is the same message; the junk is counted and left out
  const auto event = parse_event(events[0].text).value();
  EXPECT_EQ(event.type, EventType::Request);
  EXPECT_EQ(event.text, "written before the crash");
  EXPECT_TRUE(static_cast<store::ClientStore&>(store).journal().value().empty());
  EXPECT_EQ(static_cast<ContactState>(store.contact(alice.id)->value().state), ContactState::Asking);
}

/// No member of the own swarm is of any use.
class DeadSwarm : public FakeWorld {
 protected:
  void live(Millis time) {
    for (const Instant end = now + time; now < end;) {
      pass(seconds(1));
      for (auto asked = std::exchange(waiting, {}); !asked.empty(); asked = std::exchange(waiting, {}))
        for (const Question& question : asked) feed(swarm.answer(question, 503, bytes_of("not ready")));
    }
  }
};

TEST_F(DeadSwarm, IsFetchedFromLaterAndLaterAndAtOnceWhenWeComeOnline) {
  command(GoOnline{});
  live(minutes(10));
  auto rounds = client->fetches().rounds;
  live(hours(1));
  EXPECT_GE(client->fetches().rounds - rounds, 17u);
  EXPECT_LE(client->fetches().rounds - rounds, 31u) << "one in 120 to 200 s";
  command(GoOnline{});
  rounds = client->fetches().rounds;
  live(seconds(21));
  EXPECT_GE(client->fetches().rounds - rounds, 3u) << "at once, and after 5 and some 10 s";
}

}  // namespace
}  // namespace session::client

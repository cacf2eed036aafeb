// Deliveries through the whole network are tested in tests/sim/world_test.cpp; here what happens before anything answers.
#include <gtest/gtest.h>

#include "core/client/client.h"
#include "core/store/client_tables.h"
#include "core/wire/bundle.h"
#include "core/wire/hash.h"
#include "core/wire/namespaces.h"
#include "tests/core/client/fake_swarm.h"

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

TEST(Outbox, OfflineItWaitsAndDoesNotHammer) {
  Instant now = kNow;
  SeededRng rng(3);
  store::MemoryClientStore store;
  ASSERT_TRUE(Client::create(store, "Alice", now, rng));
  Client client = Client::open(store, {.seeds = {"seed"}}).value();
  wire::Effects effects;
  ASSERT_TRUE(client.start({now, rng, store, effects}));
  const auto bob = crypto::identity_of(BytesView(rng.bytes<16>()), crypto::Era::C).id;
  const auto id = client.command(Ask{bob, "hello"}, {now, rng, store, effects})->delivery;
  std::size_t calls = 0;
  std::map<std::uint32_t, Instant> timers;
  for (const Instant end = now + minutes(10); now < end; now = now + seconds(1)) {
    for (const auto& [timer, at] : std::map(timers)) {
      if (at > now) continue;
      timers.erase(timer);
      ASSERT_TRUE(client.on(wire::Woken{timer}, {now, rng, store, effects}));
    }
    for (auto list = effects.take(); !list.empty(); list = effects.take())
      for (const auto& effect : list) {
        if (const auto* wake = std::get_if<wire::Wake>(&effect)) timers[wake->timer] = wake->at;
        const auto* call = std::get_if<wire::Call>(&effect);
        if (call == nullptr) continue;
        ASSERT_LT(++calls, 100u);
        ASSERT_TRUE(client.on(wire::CallFailed{call->id, wire::CallFailure::Unreachable}, {now, rng, store, effects}));
        EXPECT_TRUE(client.is_idle()) << "what waits for a network is no reason to stay";
      }
  }
  EXPECT_GE(calls, 8u);
  EXPECT_EQ(store.outbox(id)->value().last_error, "the seed does not answer (Unreachable)");
}

/// Alice asks Bob, of whom nothing is known.
class Asking : public FakeWorld {
 protected:
  const crypto::Identity bob_identity = crypto::identity_of(BytesView(SeededRng(9).bytes<16>()), crypto::Era::C);
  const SessionId bob = bob_identity.id;
  std::uint64_t id = 0;

  void SetUp() override {
    FakeWorld::SetUp();
    id = command(Ask{bob, "hello"}).delivery;
  }
  std::optional<Question> asked_for_bundle() {
    auto question = asked<wire::RetrieveRequest>();
    if (question) {
      EXPECT_EQ(std::get<wire::RetrieveRequest>(question->request).account, bob.account);
    }
    return question;
  }
  std::optional<Question> asked_to_keep() {
    while (auto question = asked<wire::StoreRequest>())
      if (std::get<wire::StoreRequest>(question->request).account == bob.account) return question;
    return std::nullopt;
  }
  store::OutboxRow row() { return store.outbox(id).value().value(); }
};

TEST_F(Asking, OneNodeCannotTakeTheForwardSecrecyAwayByHidingTheBundle) {  // profile.md 9
  const auto first = asked_for_bundle();
  ASSERT_TRUE(first);
  feed(swarm.answer(*first, wire::RetrieveAnswer{{}, false, head()}));
  const auto second = asked_for_bundle();
  ASSERT_TRUE(second);
  EXPECT_NE(second->destination, first->destination);
  EXPECT_TRUE(row().sealed.empty());
  store::MemoryClientStore bobs;
  const Bytes bundle = make_bundle(bobs, {bob_identity, 5, 6}, 0, now, rng).value();
  const MessageHash hash = wire::message_hash(bob.account, wire::bundle_namespace(0), bundle);
  const wire::RetrievedMessage kept{hash, now.unix_millis(), (now + days(14)).unix_millis(), bundle};
  feed(swarm.answer(*second, wire::RetrieveAnswer{{kept}, false, head()}));
  EXPECT_EQ(row().device, 5u);
  EXPECT_FALSE(row().sealed.empty());
}

TEST_F(Asking, WhereThreeMembersKnowNoBundleItIsWrittenAsTodaysClientsDo) {
  std::set<NodeId> members;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(row().sealed.empty());
    const auto question = asked_for_bundle();
    ASSERT_TRUE(question);
    EXPECT_TRUE(members.insert(question->destination).second);
    feed(swarm.answer(*question, wire::RetrieveAnswer{{}, false, head()}));
  }
  EXPECT_FALSE(row().sealed.empty());
  EXPECT_EQ(row().device, 0u);
}

TEST_F(Asking, WhoWroteThroughARatchetOnceGetsNoBoxWhateverNodesHideAndHoweverOftenTheProgramStarts) {  // reliability.md
  static_cast<void>(asked_for_bundle());
  auto contact = store.contact(bob).value().value();
  contact.state = static_cast<std::int32_t>(ContactState::Accepted);
  contact.bundle_seen = true;  // and the session is lost
  ASSERT_TRUE(store.put_contact(contact));
  std::size_t asked_times = 0;
  for (int start = 0; start < 3; ++start) {
    waiting.clear();
    timers.clear();
    open();
    for (int i = 0; i < 10; ++i) {
      while (const auto question = asked<wire::RetrieveRequest>()) {
        ++asked_times;
        feed(swarm.answer(*question, wire::RetrieveAnswer{{}, false, head()}));
        ASSERT_TRUE(row().sealed.empty());
      }
      pass(minutes(2));
    }
    EXPECT_FALSE(asked_to_keep());
  }
  EXPECT_GT(asked_times, 20u);
  EXPECT_EQ(row().last_error, "their prekey bundle is missing, and without it there is no forward secrecy");
}

/// Alice's request fails once, Bob says so much meanwhile, and she tries again.
class HeldUp : public Asking {
 protected:
  store::MemoryClientStore bobs;
  const Sealer bob_sealer{bob_identity, 7, 1234};

  void SetUp() override {
    Asking::SetUp();
    const Bytes bundle = make_bundle(bobs, bob_sealer, 0, now, rng).value();
    feed(swarm.answer(*asked_for_bundle(), wire::RetrieveAnswer{{datum(bundle)}, false, head()}));
  }
  [[nodiscard]] wire::RetrievedMessage datum(const Bytes& data) {
    return {wire::message_hash(client->id().account, 0, data), now.unix_millis(), (now + days(4)).unix_millis(), data};
  }
  void bob_says(int times) {
    const auto own = store.account().value().value();
    const Bytes published = static_cast<store::ClientStore&>(store).setting("bundle").value().value();
    ASSERT_TRUE(start_session(bobs, bob_sealer, wire::decode_signed_bundle(published, client->id()).value(), now, rng));
    std::vector<wire::RetrievedMessage> mail;
    for (int i = 0; i < times; ++i) {
      wire::Content content;
      content.data = wire::DataMessage{.body = "words"};
      mail.push_back(datum(seal(bobs, bob_sealer, client->id(), own.device, content, now.unix_millis() + i, now, rng).value()));
    }
    command(Fetch{});
    while (const auto question = asked<wire::RetrieveRequest>())
      if (std::get<wire::RetrieveRequest>(question->request).account == client->id().account)
        feed(swarm.answer(*question, wire::RetrieveAnswer{std::exchange(mail, {}), false, head()}));
    EXPECT_EQ(static_cast<store::ClientStore&>(store).messages(bob, 100)->size(), 1U + static_cast<std::size_t>(times));
  }
  /// What is stored before and after.
  std::pair<Bytes, Bytes> tried_twice(int times) {
    Bytes first;
    while (const auto question = asked_to_keep()) {
      first = std::get<wire::StoreRequest>(question->request).data;
      feed(swarm.answer(*question, 500, bytes_of("not now")));
    }
    EXPECT_EQ(static_cast<State>(row().state), State::Waiting);
    bob_says(times);
    pass(minutes(1));
    while (const auto question = asked_to_keep())  // receipts are among them
      if (std::get<wire::StoreRequest>(question->request).data == row().sealed) return {first, row().sealed};
    ADD_FAILURE() << "it was not tried again";
    return {};
  }
};

TEST_F(HeldUp, IsTheSameWhileTheirDeviceRemembersItsChain) {
  const auto [first, second] = tried_twice(3);
  EXPECT_EQ(first, second);
}

TEST_F(HeldUp, IsSealedAnewBeforeTheirDeviceForgetsItsChain) {  // reliability.md P1: libsignal has five
  const auto [first, second] = tried_twice(4);
  EXPECT_NE(first, second);
  for (const Bytes& sealed : {second, first}) {
    const auto opened = session::client::open(bobs, bob_sealer, sealed, now, rng);
    ASSERT_TRUE(opened) << opened.error().error.message;
    EXPECT_EQ(opened->content.data->body, "hello");
    EXPECT_EQ(opened->sent_at, row().sent_at) << "by which the second one is known for the same";
  }
}

TEST_F(HeldUp, CountsTheTurnsBeforeAndAfterARestart) {
  Bytes first;
  while (const auto question = asked_to_keep()) {
    first = std::get<wire::StoreRequest>(question->request).data;
    feed(swarm.answer(*question, 500, bytes_of("not now")));
  }
  bob_says(3);
  EXPECT_EQ(row().turns, 3u);
  waiting.clear();
  timers.clear();
  store::OutboxRow held = row();
  held.turns = 4;  // as the fourth turn, heard after the restart, leaves it
  ASSERT_TRUE(store.update_outbox(held));
  open();
  while (const auto question = asked_to_keep())
    if (std::get<wire::StoreRequest>(question->request).data == row().sealed) break;
  EXPECT_NE(row().sealed, first);
  EXPECT_EQ(row().turns, 0u);
}

TEST_F(HeldUp, KeepsNoContentOnceItIsSettled) {
  const auto question = asked_to_keep();
  ASSERT_TRUE(question);
  const auto& request = std::get<wire::StoreRequest>(question->request);
  feed(swarm.answer(*question, swarm.kept(request, wire::message_hash(request.account, request.ns, request.data))));
  EXPECT_EQ(static_cast<State>(row().state), State::Kept);
  EXPECT_TRUE(row().content.empty());
}

TEST_F(Asking, OneSignatureAloneIsNotTakenForKeptAtOnce) {
  for (int i = 0; i < 3; ++i) feed(swarm.answer(*asked_for_bundle(), wire::RetrieveAnswer{{}, false, head()}));
  for (int i = 0; i < 3; ++i) {
    const auto question = asked_to_keep();
    ASSERT_TRUE(question) << i;
    const auto& request = std::get<wire::StoreRequest>(question->request);
    auto answer = swarm.kept(request, wire::message_hash(request.account, request.ns, request.data));
    ASSERT_GT(answer.swarm.size(), 1u);
    answer.swarm.resize(1);
    feed(swarm.answer(*question, answer));
    EXPECT_EQ(static_cast<State>(row().state), i < 2 ? State::Waiting : State::Kept);
    pass(minutes(1));
  }
  EXPECT_EQ(row().kept_by, 1u);
}

TEST_F(Asking, TwoSignaturesAreKeptOnlyWhereNoThirdIsToBeHad) {  // two may collude: reliability.md P1
  for (int i = 0; i < 3; ++i) feed(swarm.answer(*asked_for_bundle(), wire::RetrieveAnswer{{}, false, head()}));
  std::set<NodeId> entries;
  for (int i = 0; i < 2; ++i) {
    const auto question = asked_to_keep();
    ASSERT_TRUE(question) << i;
    EXPECT_TRUE(entries.insert(question->destination).second) << "the same member is asked again";
    const auto& request = std::get<wire::StoreRequest>(question->request);
    auto answer = swarm.kept(request, wire::message_hash(request.account, request.ns, request.data));
    ASSERT_GT(answer.swarm.size(), 4u);
    if (i == 1) answer.swarm.erase(answer.swarm.begin(), answer.swarm.begin() + 2);
    answer.swarm.resize(2);
    feed(swarm.answer(*question, answer));
    EXPECT_EQ(static_cast<State>(row().state), i == 0 ? State::Waiting : State::Kept);
    pass(minutes(1));
  }
  EXPECT_EQ(row().kept_by, 4u) << "what others signed before counts too";
}

TEST_F(Asking, OneMemberThatRefusesOverAndOverIsOneMember) {
  for (int i = 0; i < 3; ++i) feed(swarm.answer(*asked_for_bundle(), wire::RetrieveAnswer{{}, false, head()}));
  std::optional<NodeId> refuser;
  std::set<NodeId> refused;
  for (int i = 0; i < 60; ++i, pass(minutes(2))) {
    const auto question = asked_to_keep();
    if (!question) continue;
    if (!refuser) refuser = question->destination;
    if (question->destination == *refuser)
      feed(swarm.answer(*question, 400, bytes_of("no")));
    else
      feed(swarm.answer(*question, 503, bytes_of("not now")));
  }
  EXPECT_NE(static_cast<State>(row().state), State::Failed);
}

TEST_F(Asking, WhatANodeSaysIsMadeFitToBeShown) {
  for (int i = 0; i < 3; ++i) feed(swarm.answer(*asked_for_bundle(), wire::RetrieveAnswer{{}, false, head()}));
  const auto question = asked_to_keep();
  ASSERT_TRUE(question);
  feed(swarm.answer(*question, 400, bytes_of("\x1b[2Jgone")));
  EXPECT_EQ(row().last_error, "refused with 400: \xef\xbf\xbd[2Jgone");
}

TEST_F(Asking, NothingIsTriedAgainForTheBlockedNorForWhatWasTakenBack) {
  for (int i = 0; i < 3; ++i) feed(swarm.answer(*asked_for_bundle(), wire::RetrieveAnswer{{}, false, head()}));
  for (int i = 0; i < 3; ++i) {
    const auto question = asked_to_keep();
    ASSERT_TRUE(question) << i;
    feed(swarm.answer(*question, 400, bytes_of("no")));
    pass(minutes(1));
  }
  ASSERT_EQ(static_cast<State>(row().state), State::Failed);
  ASSERT_FALSE(command(Block{bob, true}).refused);
  EXPECT_EQ(command(TryAgain{id}).refused->message, "they are blocked; unblock them first");
  ASSERT_FALSE(command(Block{bob, false}).refused);
  ASSERT_FALSE(command(Unsend{row().message}).refused);
  EXPECT_EQ(static_cast<State>(row().state), State::Cancelled);
  EXPECT_TRUE(command(TryAgain{id}).refused);
}

TEST_F(Asking, ABundleOfAWrongClockIsPublishedAnew) {
  const auto dated = [&] {
    const Bytes published = static_cast<store::ClientStore&>(store).setting("bundle").value().value();
    return Instant::from_unix_millis(wire::decode_signed_bundle(published, client->id())->date_ms);
  };
  ASSERT_EQ(dated(), now);
  while (const auto question = asked<wire::StoreRequest>()) {
    const auto& request = std::get<wire::StoreRequest>(question->request);
    feed(swarm.answer(*question, swarm.kept(request, wire::message_hash(request.account, request.ns, request.data))));
  }
  for (int i = 0; i < 16 && client->clock().offset() == Millis{}; ++i) {
    command(ResetNetwork{});
    command(GoOnline{});
    while (const auto question = asked<wire::RetrieveRequest>())
      feed(swarm.answer(*question, 406, bytes_of("timestamp too far from current time")));
    while (const auto info = asked<wire::InfoRequest>())
      feed(swarm.answer(*info, wire::InfoAnswer{{2, 6, 2}, (now + days(20)).unix_millis(), head(days(20))}));
  }
  ASSERT_EQ(client->clock().offset(), days(20));
  EXPECT_EQ(dated(), now + days(20));
}

}  // namespace
}  // namespace session::client

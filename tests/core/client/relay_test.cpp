#include <gtest/gtest.h>

#include "core/wire/hash.h"
#include "tests/core/client/fake_swarm.h"

namespace session::client {
namespace {

/// Alice writes to Bob, who accepted her and gave her his token.
class Relaying : public FakeWorld {
 protected:
  crypto::Identity bob_identity = crypto::identity_of(BytesView(SeededRng(9).bytes<16>()), crypto::Era::C);
  store::MemoryClientStore bobs;
  SessionId bob = bob_identity.id;
  Sealer bobs_device{bob_identity, 5, 6};
  const Bytes token = to_bytes(std::string(32, 't'));

  void SetUp() override {
    FakeWorld::SetUp();
    const Bytes bundle = make_bundle(bobs, bobs_device, 0, now, rng).value();
    const auto account = store.account().value();
    const auto own = crypto::identity_of(account->seed, crypto::Era::C);
    ASSERT_TRUE(start_session(store, {own, account->device, account->registration_id}, *wire::decode_signed_bundle(bundle, bob),
                              now, rng));
    store::ContactRow contact;
    contact.id = bob;
    contact.name = "Bob";
    contact.state = static_cast<std::int32_t>(ContactState::Accepted);
    contact.bundle_seen = contact.forward_secrecy = true;
    contact.device = 5;
    contact.their_token = token;
    ASSERT_TRUE(store.put_contact(contact));
  }
  State state_of(std::uint64_t delivery) { return static_cast<State>(store.outbox(delivery).value()->state); }
  std::uint64_t send(std::string_view text) { return command(Send{bob, std::string(text)}).delivery; }
  std::optional<OpenedEnvelope> read(BytesView datum) {
    auto opened = session::client::open(bobs, bobs_device, datum, now, rng);
    if (!opened) return std::nullopt;
    return std::move(*opened);
  }
  /// Bob's receipt, as if it was handed to us or kept for us.
  void receive_receipt(std::int64_t sent_at) {
    wire::Content content;
    content.receipt = wire::ReceiptMessage{wire::ReceiptMessage::Type::Delivery, {static_cast<std::uint64_t>(sent_at)}};
    const Bytes datum =
        seal(bobs, bobs_device, client->id(), store.account().value()->device, content, sent_at + 1, now, rng).value();
    ASSERT_TRUE(store.add_journal({.hash = wire::message_hash(client->id().account, 0, datum),
                                   .data = datum,
                                   .received_at = now,
                                   .expiry = now + days(1)}));
    // The journal is opened with the next fetch.
    command(Fetch{});
    while (const auto fetch = asked<wire::RetrieveRequest>())
      feed(swarm.answer(*fetch, wire::RetrieveAnswer{{}, false, head()}));
  }
};

TEST_F(Relaying, WhoListensIsServedAtOnceAndWithoutWork) {
  const auto id = send("hello");
  const auto offer = asked<wire::RelayRequest>();
  ASSERT_TRUE(offer);
  const auto& request = std::get<wire::RelayRequest>(offer->request);
  EXPECT_EQ(request.account, bob.account);
  EXPECT_EQ(request.token, token);
  EXPECT_EQ(state_of(id), State::Relaying);
  feed(swarm.answer(*offer, wire::RelayAnswer{true, head()}));
  EXPECT_EQ(state_of(id), State::Handed);
  const auto opened = read(request.data);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->content.data->body, "hello");
  receive_receipt(opened->sent_at);
  EXPECT_EQ(state_of(id), State::Fetched);
  EXPECT_EQ(static_cast<Way>(store.outbox(id).value()->way), Way::Relay);
  pass(seconds(10));
  for (const auto& question : waiting)
    if (const auto* stored = std::get_if<wire::StoreRequest>(&question.request)) {
      EXPECT_NE(stored->account, bob.account);
    }
}

TEST_F(Relaying, WithoutAReceiptInThreeSecondsTheSwarmKeepsItToo) {  // reliability.md D5
  const auto id = send("hello");
  const auto offer = asked<wire::RelayRequest>();
  ASSERT_TRUE(offer);
  const Bytes offered = std::get<wire::RelayRequest>(offer->request).data;
  feed(swarm.answer(*offer, wire::RelayAnswer{true, head()}));
  pass(Millis{2'900});
  EXPECT_EQ(state_of(id), State::Handed);
  pass(Millis{200});
  EXPECT_EQ(state_of(id), State::Routing);
  std::optional<Question> stored;
  while (const auto question = asked<wire::StoreRequest>())
    if (std::get<wire::StoreRequest>(question->request).account == bob.account) stored = question;
  ASSERT_TRUE(stored);
  const auto& request = std::get<wire::StoreRequest>(stored->request);
  EXPECT_EQ(request.data, offered);  // the same bytes: one step of the ratchet, and one name in the swarm
  feed(swarm.answer(*stored, swarm.kept(request, wire::message_hash(bob.account, 0, request.data))));
  EXPECT_EQ(state_of(id), State::Kept);
}

TEST_F(Relaying, NobodyListensAndTheSwarmKeepsItAtOnce) {
  const auto id = send("hello");
  const auto offer = asked<wire::RelayRequest>();
  ASSERT_TRUE(offer);
  feed(swarm.answer(*offer, wire::RelayAnswer{false, head()}));
  EXPECT_EQ(state_of(id), State::Routing);
  const auto next = send("and more");
  EXPECT_FALSE(asked<wire::RelayRequest>()) << "asked again although nobody listened a moment ago";
  EXPECT_EQ(state_of(next), State::Routing);
  pass(seconds(31));
  send("later");
  EXPECT_TRUE(asked<wire::RelayRequest>());
}

TEST_F(Relaying, ALostOfferIsKeptByTheSwarm) {
  const auto id = send("hello");
  const auto offer = asked<wire::RelayRequest>();
  ASSERT_TRUE(offer);
  feed(wire::CallFailed{offer->call, wire::CallFailure::Timeout});
  EXPECT_EQ(state_of(id), State::Routing);
}

TEST_F(Relaying, WhatIsLargeIsStored) {
  const auto id = send(std::string(5'000, 'x'));
  EXPECT_FALSE(asked<wire::RelayRequest>());
  EXPECT_EQ(state_of(id), State::Routing);
}

TEST_F(Relaying, AHandedMessageIsNotOfferedAgainAfterARestart) {
  const auto id = send("hello");
  const auto offer = asked<wire::RelayRequest>();
  feed(swarm.answer(*offer, wire::RelayAnswer{true, head()}));
  waiting.clear();
  open();
  EXPECT_EQ(state_of(id), State::Routing);
  EXPECT_FALSE(asked<wire::RelayRequest>());
}

TEST_F(Relaying, TypingIsOnlyEverHandedOver) {
  command(Typing{bob});
  const auto offer = asked<wire::RelayRequest>();
  ASSERT_TRUE(offer);
  const auto opened = read(std::get<wire::RelayRequest>(offer->request).data);
  ASSERT_TRUE(opened && opened->content.typing);
  EXPECT_EQ(opened->content.typing->timestamp_ms, static_cast<std::uint64_t>(opened->sent_at));
  command(Typing{bob});
  EXPECT_FALSE(asked<wire::RelayRequest>()) << "told twice within ten seconds";
  feed(swarm.answer(*offer, wire::RelayAnswer{false, head()}));
  EXPECT_TRUE(client->outbox().empty() || client->outbox().begin()->second.to == client->id());
  command(Typing{bob, false});
  EXPECT_FALSE(asked<wire::RelayRequest>()) << "nobody listens";
  EXPECT_TRUE(command(Typing{client->id()}).refused);
}

TEST_F(Relaying, ADeliveryCanBeGivenUpUntilItIsKept) {
  const auto id = send("hello");
  const auto offer = asked<wire::RelayRequest>();
  EXPECT_TRUE(command(Cancel{id}).refused) << "it may be there already";
  feed(wire::CallFailed{offer->call, wire::CallFailure::Timeout});
  while (const auto question = asked<wire::StoreRequest>())
    if (std::get<wire::StoreRequest>(question->request).account == bob.account)
      feed(swarm.answer(*question, 500, bytes_of("no")));
  ASSERT_EQ(state_of(id), State::Waiting);
  EXPECT_FALSE(command(Cancel{id}).refused);
  EXPECT_EQ(state_of(id), State::Cancelled);
  EXPECT_TRUE(command(Cancel{id}).refused);
  EXPECT_TRUE(command(Cancel{99}).refused);
}

TEST_F(Relaying, TheJourneyTellsEachStepAsData) {
  const auto id = send("hello");
  const auto offer = asked<wire::RelayRequest>();
  now = now + Millis{40};
  feed(swarm.answer(*offer, wire::RelayAnswer{false, head()}));
  std::optional<Question> stored;
  while (const auto question = asked<wire::StoreRequest>())
    if (std::get<wire::StoreRequest>(question->request).account == bob.account) stored = question;
  ASSERT_TRUE(stored);
  now = now + Millis{60};
  const auto& request = std::get<wire::StoreRequest>(stored->request);
  feed(swarm.answer(*stored, swarm.kept(request, wire::message_hash(bob.account, 0, request.data))));
  std::map<Step, store::JourneyRow> steps;
  const auto journey = store.journey(id).value();
  for (const auto& row : journey) steps[static_cast<Step>(row.step)] = row;
  ASSERT_TRUE(steps.contains(Step::Sealed) && steps.contains(Step::Relaying) && steps.contains(Step::NotOnline) &&
              steps.contains(Step::Routed) && steps.contains(Step::Kept));
  EXPECT_EQ(steps[Step::Sealed].bytes, request.data.size());
  EXPECT_EQ(steps[Step::Relaying].hops.size(), 4u);
  EXPECT_EQ(steps[Step::NotOnline].micros, 40'000);
  EXPECT_EQ(steps[Step::Routed].hops.back(), stored->destination);
  EXPECT_GT(steps[Step::Routed].bytes, request.data.size());
  EXPECT_EQ(steps[Step::Kept].hops.size(), store.outbox(id).value()->kept_by);
  EXPECT_EQ(steps[Step::Kept].micros, 60'000);
}

}  // namespace
}  // namespace session::client

// Health, resets and the new device, one client at a time: the other side seals by hand (two_people.h).
#include "core/client/client.h"
#include "core/signal/sealed.h"
#include "tests/core/client/two_people.h"

namespace session::client {
namespace {

class Sessions : public TwoPeople {
 protected:
  wire::Effects effects;
  std::optional<Client> client;  ///< of Bob's store
  int envelopes = 0;

  void SetUp() override {
    bob.store = {};
    ASSERT_TRUE(Client::create(bob.store, "Bob", now, rng));
    open_again();
  }
  store::ClientStore& kept() { return bob.store; }
  Context context() { return {now, rng, bob.store, effects}; }
  void open_again() {
    client = Client::open(bob.store, {.seeds = {"seed"}}).value();
    ASSERT_TRUE(client->start(context()));
  }
  /// Alice as Bob sees her, after they met.
  void befriend() {
    ASSERT_TRUE(kept().put_contact({.id = alice.id(),
                                    .state = static_cast<std::int32_t>(ContactState::Accepted),
                                    .created = now,
                                    .bundle_seen = true,
                                    .device = 11}));
  }
  store::ContactRow contact() { return kept().contact(alice.id())->value(); }
  /// What Alice's device seals for Bob's in a session that Bob knows nothing of.
  Bytes lost(std::int64_t at) { return seal(alice.store, alice.sealer, client->id(), 77, words("lost"), at, now, rng).value(); }
  /// Alice believes in a session with Bob's device 77 that he has not: made with another person's bundle under his name.
  void alice_has_a_session_of_her_own() {
    Someone ghost(rng, 77);
    ghost.identity = crypto::identity_of(kept().account()->value().seed.bytes(), crypto::Era::C);
    const auto made = make_bundle(ghost.store, {ghost.identity, 77, 9}, 0, now, rng).value();
    const auto bundle = wire::decode_signed_bundle(made, client->id()).value();
    ASSERT_TRUE(start_session(alice.store, alice.sealer, bundle, now, rng));
  }
  void deliver(const Bytes& datum) {
    std::string name = std::to_string(++envelopes);
    name.insert(0, 43 - name.size(), 'a');
    ASSERT_TRUE(kept().add_journal({.hash = MessageHash{name}, .data = datum, .received_at = now, .expiry = now + days(1)}));
    open_again();
  }
  std::vector<Event> events() {
    std::vector<Event> out;
    const auto rows = kept().events().value();
    for (const auto& row : rows) out.push_back(parse_event(row.text).value());
    return out;
  }
  std::size_t resets() {
    std::size_t count = 0;
    const auto rows = kept().outbox().value();
    for (const auto& row : rows) count += static_cast<Kind>(row.kind) == Kind::Reset;
    return count;
  }
};

TEST_F(Sessions, TheSafetyNumberIsThatOfTheVector) {  // client.md 10.7
  SeededRng dice(1);
  const auto of = [&](const char* seed) {
    store::MemoryClientStore fresh;
    EXPECT_TRUE(Client::restore(fresh, "x", store::AccountSeed(from_hex(seed).value()), crypto::Era::A, kThen, dice));
    return Client::open(fresh, {}).value();
  };
  const Client a = of("000102030405060708090a0b0c0d0e0f"), b = of("be1d11154ff9b6de77873f0b6b0bcc46");
  EXPECT_EQ(a.safety_number(b.id(), dice).value(), "031667061590649549818058306425261181994785914679065572337542");
  EXPECT_EQ(b.safety_number(a.id(), dice), a.safety_number(b.id(), dice));
}

TEST_F(Sessions, WhatLacksASessionIsToldAndHealedOnceAnHour) {  // profile.md 7
  alice_has_a_session_of_her_own();
  befriend();
  deliver(lost(now.unix_millis() + 1));
  EXPECT_EQ(contact().unopened, 1u);
  ASSERT_EQ(events().size(), 2u);
  EXPECT_EQ(events()[0].type, EventType::Undecryptable);
  EXPECT_EQ(events()[1].type, EventType::Reset);
  EXPECT_EQ(resets(), 1u);
  EXPECT_EQ(client->health_of(alice.id(), bob.store)->state, Client::Health::State::Waiting);

  deliver(lost(now.unix_millis() + 2));
  EXPECT_EQ(contact().unopened, 2u);
  EXPECT_EQ(resets(), 1u);
  now = now + hours(1);
  deliver(lost(now.unix_millis() - minutes(90).count));  // written before the reset: late, and no news
  EXPECT_EQ(resets(), 1u);
  deliver(lost(now.unix_millis()));
  EXPECT_EQ(resets(), 2u);
}

TEST_F(Sessions, StrangersAndBlockedPeopleResetNothing) {
  alice_has_a_session_of_her_own();
  deliver(lost(now.unix_millis() + 1));
  EXPECT_TRUE(events().empty());
  befriend();
  auto row = contact();
  row.blocked = true;
  ASSERT_TRUE(kept().put_contact(row));
  deliver(lost(now.unix_millis() + 2));
  row.blocked = false;
  row.state = static_cast<std::int32_t>(ContactState::Asking), row.changed = now;
  ASSERT_TRUE(kept().put_contact(row));
  deliver(lost(now.unix_millis() + 3));
  EXPECT_EQ(contact().unopened, 1u);
  EXPECT_EQ(resets(), 0u);
}

TEST_F(Sessions, ARepetitionResetsNothing) {
  befriend();
  const Sealer own{bob.identity = crypto::identity_of(kept().account()->value().seed.bytes(), crypto::Era::C),
                   kept().account()->value().device, kept().account()->value().registration_id};
  const auto bundle = wire::decode_signed_bundle(make_bundle(bob.store, own, 0, now, rng).value(), client->id()).value();
  ASSERT_TRUE(start_session(alice.store, alice.sealer, bundle, now, rng));
  const Bytes datum =
      seal(alice.store, alice.sealer, client->id(), own.device, words("hi"), now.unix_millis(), now, rng).value();
  deliver(datum);
  EXPECT_EQ(client->health_of(alice.id(), bob.store)->state, Client::Health::State::Sound);
  deliver(datum);
  EXPECT_EQ(contact().unopened, 0u);
  EXPECT_EQ(resets(), 0u);
}

TEST_F(Sessions, AResetByHandNeedsSomebodyToResetWith) {
  const auto refusal = [&](const SessionId& who) {
    const store::MemoryClientStore before = bob.store;
    const auto outcome = client->command(ResetSession{who}, context()).value();
    if (!outcome.refused) return std::string();
    EXPECT_TRUE(bob.store == before);
    return outcome.refused->message;
  };
  EXPECT_NE(refusal(alice.id()).find("no contact"), std::string::npos);
  befriend();
  auto row = contact();
  row.blocked = true;
  ASSERT_TRUE(kept().put_contact(row));
  EXPECT_NE(refusal(alice.id()).find("blocked"), std::string::npos);
  row.blocked = false, row.bundle_seen = false;
  ASSERT_TRUE(kept().put_contact(row));
  EXPECT_NE(refusal(alice.id()).find("no prekey bundle"), std::string::npos);
  row.bundle_seen = true;
  ASSERT_TRUE(kept().put_contact(row));
  EXPECT_EQ(refusal(alice.id()), "");
  EXPECT_NE(refusal(alice.id()).find("under way"), std::string::npos);
  EXPECT_EQ(resets(), 1u);
}

/// (ratchet key, counter) of what a device seals: each must lead to one ciphertext only (reliability.md R1).
void note_steps(const Bytes& datum, const Someone& reader, std::map<Bytes, Bytes>& seen, bool& doubled) {
  const auto envelope = wire::unwrap_envelope(datum).value();
  const auto inside = signal::unseal_sender(reader.identity.x25519, envelope.content).value().message;
  // Field 1 of the ratchet message is its key, field 2 its counter: 0a 21 key(33) 10 counter.
  const auto& body = inside.body;
  const Bytes mark = from_hex("0a2105").value();
  const auto at = std::search(body.begin(), body.end(), mark.begin(), mark.end());
  ASSERT_NE(at, body.end());
  const Bytes step(at, at + 37), cipher(at + 37, body.end());
  const auto [found, fresh] = seen.emplace(step, cipher);
  if (!fresh && found->second != cipher) doubled = true;
}

TEST_F(Sessions, ACopyFromLastWeekNeverSealsAStepTwice) {  // reliability.md R1, profile.md 10.6
  const auto identity = crypto::identity_of(kept().account()->value().seed.bytes(), crypto::Era::C);
  const auto sealer_of = [&](store::ClientStore& s) {
    const auto row = s.account()->value();
    return Sealer{identity, row.device, row.registration_id};
  };
  befriend();
  const auto bundle = bundle_of(alice);
  ASSERT_TRUE(start_session(bob.store, sealer_of(bob.store), bundle, now, rng));
  store::MemoryClientStore copy = bob.store;
  std::map<Bytes, Bytes> steps;
  bool doubled = false;
  const auto writes = [&](store::MemoryClientStore& s, const char* text) {
    const Bytes datum = seal(s, sealer_of(s), alice.id(), 11, words(text), ++clock, now, rng).value();
    note_steps(datum, alice, steps, doubled);
    return datum;
  };
  for (const char* text : {"one", "two", "three"}) EXPECT_TRUE(hear(alice, writes(bob.store, text)));
  {  // the oracle sees what it is there for
    store::MemoryClientStore careless = copy;
    std::map<Bytes, Bytes> other = steps;
    bool seen = false;
    const Bytes datum = seal(careless, sealer_of(careless), alice.id(), 11, words("again"), ++clock, now, rng).value();
    note_steps(datum, alice, other, seen);
    EXPECT_TRUE(seen);
  }
  const auto before = static_cast<store::ClientStore&>(copy).account()->value();
  ASSERT_TRUE(Client::become_new_device(copy, now, rng));
  const auto after = static_cast<store::ClientStore&>(copy).account()->value();
  EXPECT_NE(after.device, before.device);
  EXPECT_FALSE(*has_session(copy, sealer_of(copy), alice.id(), 11));
  EXPECT_TRUE(static_cast<store::ClientStore&>(copy).keys(store::KeyKind::OneTime)->empty());
  EXPECT_TRUE(static_cast<store::ClientStore&>(copy).contact(alice.id())->value().bundle_seen);  // no downgrade
  EXPECT_EQ(seal(copy, sealer_of(copy), alice.id(), 11, words("x"), 1, now, rng).error().code, ErrorCode::NotFound);
  ASSERT_TRUE(start_session(copy, sealer_of(copy), bundle, now, rng));
  for (const char* text : {"from the copy", "on"}) EXPECT_TRUE(hear(alice, writes(copy, text)));
  EXPECT_FALSE(doubled);
}

TEST_F(Sessions, ACopysDeliveriesUnderWayEndAndItsBundleIsMadeAnew) {
  const auto bob_bundle = kept().setting("bundle").value();
  ASSERT_TRUE(bob_bundle);  // enqueued at its first start
  ASSERT_TRUE(client->command(Ask{alice.id(), "hello"}, context()));
  ASSERT_TRUE(Client::become_new_device(bob.store, now, rng));
  const auto rows = kept().outbox().value();
  for (const auto& row : rows) {
    const auto kind = static_cast<Kind>(row.kind);
    EXPECT_EQ(static_cast<State>(row.state), kind == Kind::Request ? State::Failed : State::Cancelled);
    EXPECT_TRUE(row.sealed.empty());
  }
  open_again();
  const auto renewed = wire::decode_signed_bundle(kept().setting("bundle").value().value(), client->id()).value();
  EXPECT_NE(renewed.device_id, wire::decode_signed_bundle(*bob_bundle, client->id())->device_id);
}

}  // namespace
}  // namespace session::client

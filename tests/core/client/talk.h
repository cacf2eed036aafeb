// Alice's client, and Bob as what he sends: contents of any shape, put into her journal as if her swarm had kept them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/client/client.h"
#include "core/store/client_tables.h"
#include "core/wire/bundle.h"

namespace session::client {

/// A person without a client: keys, and sessions where they are used.
struct Stranger {
  crypto::Identity identity;
  store::MemoryClientStore store;
  std::uint32_t device = 7;

  explicit Stranger(Rng& rng) : identity(crypto::identity_of(BytesView(rng.bytes<16>()), crypto::Era::C)) {}
  [[nodiscard]] const SessionId& id() const { return identity.id; }
  [[nodiscard]] Sealer sealer() const { return {identity, device, 1}; }
};

class Talk : public testing::Test {
 protected:
  Instant now = Instant::from_unix_millis(1'700'000'000'000);
  SeededRng rng{1};
  store::MemoryClientStore store;
  std::optional<Client> client;
  Stranger bob{rng};
  std::uint64_t arrivals = 0;

  void SetUp() override {
    ASSERT_TRUE(Client::create(store, "Alice", now, rng));
    open();
  }
  [[nodiscard]] store::ClientStore& rows() { return store; }
  [[nodiscard]] std::int64_t ms(std::int64_t after = 0) const { return now.unix_millis() + after; }
  [[nodiscard]] Instant at(std::int64_t after) const { return now + Millis{after}; }

  /// A start of the program; what lies in the journal is opened.
  void open() {
    wire::Effects effects;
    client = Client::open(store, {.seeds = {"seed"}}).value();
    ASSERT_TRUE(client->start({now, rng, store, effects}));
    client->check_invariants();
  }
  Outcome run(const Command& command) {
    const store::MemoryClientStore before = store;
    wire::Effects effects;
    auto outcome = client->command(command, {now, rng, store, effects}).value();
    client->check_invariants();
    EXPECT_TRUE(!outcome.refused || store == before) << "a refused command changed the store: " << outcome.refused->message;
    return outcome;
  }
  /// Why it was refused; empty when it was not.
  std::string refusal(const Command& command) {
    const auto outcome = run(command);
    return outcome.refused ? outcome.refused->message : std::string();
  }
  void wake(std::uint32_t timer) {
    wire::Effects effects;
    ASSERT_TRUE(client->on(wire::Woken{timer}, {now, rng, store, effects}));
  }
  static constexpr std::uint32_t kExpiry = 5, kUpkeep = 3;

  void put(store::MemoryClientStore& into, const Bytes& datum, Millis lifetime = days(4)) {
    MessageHash hash{std::string(43, 'A')};
    const std::string number = std::to_string(++arrivals);
    std::copy(number.begin(), number.end(), hash.text.begin());
    const auto added = static_cast<store::ClientStore&>(into).add_journal(
        {.hash = hash, .ns = 0, .data = datum, .received_at = now, .expiry = now + lifetime});
    ASSERT_TRUE(added);
  }
  [[nodiscard]] Bytes boxed(const Stranger& from, const wire::Content& content, std::int64_t sent_at) {
    return seal_anonymously(from.sealer(), client->id(), content, sent_at, rng).value();
  }
  /// From somebody without a ratchet, as today's clients write.
  void comes(const Stranger& from, const wire::Content& content, std::int64_t sent_at, Millis lifetime = days(4)) {
    put(store, boxed(from, content, sent_at), lifetime);
    open();
  }
  /// Through a ratchet that `from` starts with our bundle.
  [[nodiscard]] Bytes sealed(Stranger& from, const wire::Content& content, std::int64_t sent_at) {
    const auto account = store.account().value().value();
    if (!has_session(from.store, from.sealer(), client->id(), account.device).value()) {
      const Bytes published = rows().setting("bundle").value().value();
      const auto bundle = wire::decode_signed_bundle(published, client->id()).value();
      EXPECT_TRUE(start_session(from.store, from.sealer(), bundle, now, rng));
    }
    return seal(from.store, from.sealer(), client->id(), account.device, content, sent_at, now, rng).value();
  }
  void comes_sealed(Stranger& from, const wire::Content& content, std::int64_t sent_at) {
    put(store, sealed(from, content, sent_at));
    open();
  }

  static wire::Content text(std::string body) {
    wire::Content content;
    content.data = wire::DataMessage{.body = std::move(body)};
    return content;
  }
  static wire::Content changed(Kind kind, const SessionId& author, std::int64_t about, std::string words,
                               bool removed = false) {
    return content_from({.kind = kind,
                         .about = {author, Instant::from_unix_millis(about)},
                         .from = author,
                         .at = {},
                         .text = std::move(words),
                         .removed = removed});
  }
  /// Bob asks, Alice accepts.
  void befriend(Stranger& who) {
    comes(who, text("may I?"), ms(-100'000));
    ASSERT_EQ(refusal(Accept{who.id()}), "");
  }
  [[nodiscard]] store::ContactRow contact(const SessionId& who) { return rows().contact(who)->value(); }
  [[nodiscard]] ContactState state(const SessionId& who) {
    const auto row = rows().contact(who).value();
    return row ? static_cast<ContactState>(row->state) : ContactState::Stranger;
  }
  [[nodiscard]] store::ConversationRow conversation(const SessionId& who) { return rows().conversation(who)->value(); }
  [[nodiscard]] store::MessageRow last(const SessionId& with) {
    const auto found = rows().messages(with, 1).value();
    EXPECT_EQ(found.size(), 1u);
    return found.empty() ? store::MessageRow{} : found.back();
  }
  [[nodiscard]] store::MessageRow message(std::uint64_t id) { return rows().message(id)->value(); }
  std::vector<Event> events(EventType type) {
    std::vector<Event> out;
    const auto told = rows().events().value();
    for (const auto& row : told)
      if (auto event = parse_event(row.text); event && event->type == type) out.push_back(*event);
    return out;
  }
  /// What waits to leave, of this kind.
  std::vector<store::OutboxRow> leaving(Kind kind) {
    std::vector<store::OutboxRow> out;
    for (const auto& [id, row] : client->outbox())
      if (static_cast<Kind>(row.kind) == kind) out.push_back(row);
    return out;
  }
  static wire::Content said(const store::OutboxRow& row) { return wire::decode_content(row.content).value(); }
};

}  // namespace session::client

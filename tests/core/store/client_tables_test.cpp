// The suite that every ClientStore passes; messages, deliveries and keys have their own files.
#include "tests/core/store/stores.h"

namespace session::store {
namespace {

using testing::ElementsAre;

crypto::SecretBytes secret(std::string_view text) { return crypto::SecretBytes(to_bytes(text)); }

template <class Kind>
class ClientSuite : public testing::Test {
 public:
  Kind made;
  ClientStore& client = made.client;
};
TYPED_TEST_SUITE(ClientSuite, Kinds);

TYPED_TEST(ClientSuite, KeepsOneAccount) {
  EXPECT_EQ(this->client.account().value(), std::nullopt);
  AccountRow row{.name = "Alice",
                 .seed = AccountSeed(BytesView(key_of(9).bytes()).first(16)),
                 .era = 2,
                 .device = 77,
                 .registration_id = 1234,
                 .slot = 3,
                 .created = at(5)};
  ASSERT_TRUE(this->client.put_account(row));
  EXPECT_EQ(this->client.account().value(), row);
  row.name = "Alice Doe";
  ASSERT_TRUE(this->client.put_account(row));
  EXPECT_EQ(this->client.account().value(), row);
}

TYPED_TEST(ClientSuite, KeepsContactsByTheirIds) {
  ContactRow bob{.id = person(2),
                 .name = "Bob",
                 .state = -1,
                 .created = at(1),
                 .changed = at(2),
                 .last_reset = at(3),
                 .bundle_date = at(4),
                 .bundle_seen = true,
                 .forward_secrecy = true,
                 .device = 9,
                 .unopened = 5,
                 .last_error = "e",
                 .nickname = "Bobby",
                 .blocked = true,
                 .verified = true,
                 .heard = at(6),
                 .own_token = to_bytes("our token"),
                 .their_token = to_bytes("their token"),
                 .said = 7,
                 .heard_device = 8,
                 .heard_number = 9,
                 .missing = {3, 5, 8},
                 .missing_since = at(10)};
  ContactRow alice;
  alice.id = person(1);
  alice.name = "Alice";
  ASSERT_TRUE(this->client.put_contact(bob));
  ASSERT_TRUE(this->client.put_contact(alice));
  EXPECT_THAT(this->client.contacts().value(), ElementsAre(alice, bob));
  bob.state = 7;
  ASSERT_TRUE(this->client.put_contact(bob));
  EXPECT_EQ(this->client.contact(person(2)).value(), bob);
  EXPECT_EQ(this->client.contact(person(3)).value(), std::nullopt);
  EXPECT_TRUE(this->client.remove_contact(person(2)).value());
  EXPECT_FALSE(this->client.remove_contact(person(2)).value());
}

TYPED_TEST(ClientSuite, KeepsHowAConversationIsShown) {
  ConversationRow row{.with = person(2),
                      .pinned = at(1),
                      .muted_until = at(2),
                      .archived = true,
                      .lifetime = days(4),
                      .timer_s = 60,
                      .timer_kind = -1,
                      .timer_changed = at(3),
                      .draft = "half a thou",
                      .draft_quote = MessageRef{person(1), at(4)},
                      .read_until = at(5),
                      .unread = 6,
                      .last_message = 7,
                      .last_at = at(8)};
  ConversationRow plain;
  plain.with = person(1);
  ASSERT_TRUE(this->client.put_conversation(row));
  ASSERT_TRUE(this->client.put_conversation(plain));
  EXPECT_THAT(this->client.conversations().value(), ElementsAre(plain, row));
  row.draft_quote.reset();
  ASSERT_TRUE(this->client.put_conversation(row));
  EXPECT_EQ(this->client.conversation(person(2)).value(), row);
  EXPECT_TRUE(this->client.remove_conversation(person(2)).value());
  EXPECT_FALSE(this->client.remove_conversation(person(2)).value());
  EXPECT_EQ(this->client.conversation(person(2)).value(), std::nullopt);
}

TYPED_TEST(ClientSuite, AMessageIsThereOnceForItsSenderDeviceAndTime) {
  const MessageRow row = message_row(2, 100);
  EXPECT_EQ(this->client.add_message(row).value(), (Added{1, true}));
  MessageRow other = row;
  other.body = "another text";
  EXPECT_EQ(this->client.add_message(other).value(), (Added{1, false}));
  EXPECT_EQ(this->client.message(1).value()->body, "hello");
  EXPECT_EQ(this->client.add_message(message_row(2, 100, true)).value(), (Added{2, true}));
  EXPECT_EQ(this->client.add_message(message_row(2, 100, false, 2)).value(), (Added{3, true}));
  EXPECT_EQ(this->client.add_message(message_row(3, 100)).value(), (Added{4, true}));
  MessageRow kept = row;
  kept.id = 1;
  EXPECT_EQ(this->client.find_message(key_of(row)).value(), kept);
  EXPECT_EQ(this->client.find_message({person(4), false, 1, at(100)}).value(), std::nullopt);
}

TYPED_TEST(ClientSuite, AConversationIsReadFromItsEnd) {
  for (const std::int64_t n : {10, 30, 20, 40}) ASSERT_TRUE(this->client.add_message(message_row(2, n)));
  ASSERT_TRUE(this->client.add_message(message_row(3, 10)));
  const auto times = [&](std::size_t max_count, std::uint64_t before) {
    std::vector<std::int64_t> all;
    const auto rows = this->client.messages(person(2), max_count, before).value();
    for (const MessageRow& row : rows) all.push_back(row.sent_at.unix_millis());
    return all;
  };
  EXPECT_THAT(times(kNoLimit, ~std::uint64_t{0}), ElementsAre(10, 30, 20, 40));
  EXPECT_THAT(times(2, ~std::uint64_t{0}), ElementsAre(20, 40));
  EXPECT_THAT(times(2, 3), ElementsAre(10, 30));
}

TYPED_TEST(ClientSuite, MessagesChangeExpireAndGo) {
  MessageRow row = message_row(2, 10);
  row.expiry = at(500);
  ASSERT_TRUE(this->client.add_message(row));
  ASSERT_TRUE(this->client.add_message(message_row(2, 11)));
  row.id = 1;
  row.state = 9;
  row.expiry = at(900);
  ASSERT_TRUE(this->client.update_message(row));
  EXPECT_EQ(this->client.message(1).value(), row);
  EXPECT_TRUE(this->client.expire_messages(at(899)).value().empty());
  EXPECT_THAT(this->client.expire_messages(at(900)).value(), ElementsAre(1));
  EXPECT_EQ(this->client.find_message(key_of(row)).value(), std::nullopt);
  EXPECT_EQ(this->client.update_message(row).error().code, ErrorCode::NotFound);
  EXPECT_TRUE(this->client.remove_message(2).value());
  EXPECT_FALSE(this->client.remove_message(2).value());
  EXPECT_TRUE(this->client.messages(person(2)).value().empty());
  EXPECT_EQ(this->client.add_message(row)->id, 3u);
}

TYPED_TEST(ClientSuite, AMistakeInsideATransactionDoesNotSpoilIt) {
  ASSERT_TRUE(this->client.begin());
  ASSERT_TRUE(this->client.add_event("one"));
  OutboxRow missing;
  missing.id = 5;
  EXPECT_EQ(this->client.update_outbox(missing).error().code, ErrorCode::NotFound);
  EXPECT_EQ(this->client.set_journal_attempts(5, 1).error().code, ErrorCode::NotFound);
  ASSERT_TRUE(this->client.commit());
  EXPECT_EQ(this->client.events()->size(), 1u);
}

TYPED_TEST(ClientSuite, TheJournalHoldsAnEnvelopeOnceInOrderOfArrival) {
  JournalRow row{.hash = hash_of(1),
                 .ns = -3,
                 .data = to_bytes("envelope"),
                 .received_at = at(1),
                 .expiry = at(2),
                 .attempts = 0,
                 .way = 3};
  EXPECT_EQ(this->client.add_journal(row).value(), (Added{1, true}));
  EXPECT_EQ(this->client.add_journal(row).value(), (Added{1, false}));
  row.hash = hash_of(2);
  EXPECT_EQ(this->client.add_journal(row).value(), (Added{2, true}));
  ASSERT_TRUE(this->client.set_journal_attempts(2, 4));
  row.id = 2;
  row.attempts = 4;
  EXPECT_THAT(this->client.journal(5, 1).value(), ElementsAre(row));
  EXPECT_EQ(this->client.journal(1)->size(), 1u);
  EXPECT_TRUE(this->client.remove_journal(1).value());
  EXPECT_FALSE(this->client.remove_journal(1).value());
  row.hash = hash_of(1);
  EXPECT_EQ(this->client.add_journal(row).value(), (Added{3, true}));
}

TYPED_TEST(ClientSuite, HashesAreRememberedUntilTheirExpiry) {
  EXPECT_TRUE(this->client.mark_seen(hash_of(1), at(100)).value());
  EXPECT_FALSE(this->client.mark_seen(hash_of(1), at(50)).value());
  ByteArray<32> base{};
  EXPECT_FALSE(this->client.base_key_was_seen(base).value());
  EXPECT_TRUE(this->client.mark_base_key(base, at(90)).value());
  EXPECT_FALSE(this->client.mark_base_key(base, at(95)).value());
  NodeId node;
  node.key.fill(std::byte{4});
  ASSERT_TRUE(this->client.put_last_hash(node, 0, hash_of(2), at(80)));
  ASSERT_TRUE(this->client.put_last_hash(node, -1, hash_of(3), at(200)));
  EXPECT_EQ(this->client.last_hash(node, 0).value(), hash_of(2));
  EXPECT_EQ(this->client.last_hash(NodeId{}, 0).value(), std::nullopt);
  EXPECT_EQ(this->client.expire_hashes(at(94)).value(), 1u);
  EXPECT_TRUE(this->client.was_seen(hash_of(1)).value());
  EXPECT_TRUE(this->client.base_key_was_seen(base).value());
  EXPECT_EQ(this->client.expire_hashes(at(100)).value(), 2u);
  EXPECT_FALSE(this->client.was_seen(hash_of(1)).value());
  ASSERT_TRUE(this->client.forget_last_hashes());
  EXPECT_EQ(this->client.last_hash(node, -1).value(), std::nullopt);
}

TYPED_TEST(ClientSuite, KeepsGuardsAndTheRegistry) {
  GuardRow guard{.node = NodeId{}, .chosen_at = at(1), .retired_at = {}, .uses = 20, .successes = 12};
  ASSERT_TRUE(this->client.put_guard(guard));
  guard.retired_at = at(9);
  ASSERT_TRUE(this->client.put_guard(guard));
  EXPECT_THAT(this->client.guards().value(), ElementsAre(guard));
  EXPECT_TRUE(this->client.remove_guard(guard.node).value());
  EXPECT_EQ(this->client.registry().value(), std::nullopt);
  const RegistryRow registry{to_bytes("nodes"), at(3)};
  ASSERT_TRUE(this->client.put_registry(registry));
  EXPECT_EQ(this->client.registry().value(), registry);
}

TYPED_TEST(ClientSuite, EventsArePrintedOnce) {
  for (const char* text : {"a", "b", "c"}) ASSERT_TRUE(this->client.add_event(text));
  EXPECT_THAT(this->client.events(2).value(), ElementsAre(EventRow{1, "a"}, EventRow{2, "b"}));
  ASSERT_TRUE(this->client.printed(2));
  EXPECT_THAT(this->client.events().value(), ElementsAre(EventRow{3, "c"}));
  ASSERT_TRUE(this->client.printed(3));
  EXPECT_EQ(this->client.add_event("d").value(), 4u);
}

TYPED_TEST(ClientSuite, AnOpenedEnvelopeItsRatchetAndItsJournalRowGoTogether) {
  JournalRow envelope;
  envelope.hash = hash_of(1);
  ASSERT_TRUE(this->client.add_journal(envelope));
  ASSERT_TRUE(this->client.put_setting("theme", bytes_of("dark")));
  const auto open = [&] {
    EXPECT_TRUE(this->client.put_session({person(2), 1}, secret("ratchet")));
    EXPECT_TRUE(this->client.add_message(message_row(2, 10)));
    EXPECT_TRUE(this->client.add_event("message"));
    EXPECT_TRUE(this->client.remove_setting("theme").value());
    EXPECT_TRUE(this->client.remove_journal(1).value());
  };
  {
    auto transaction = Transaction::begin(this->client);
    ASSERT_TRUE(transaction);
    open();
  }
  EXPECT_EQ(this->client.journal()->size(), 1u);
  EXPECT_TRUE(this->client.messages(person(2))->empty());
  EXPECT_TRUE(this->client.events()->empty());
  EXPECT_FALSE(this->client.find_session({person(2), 1}).value().has_value());
  EXPECT_EQ(this->client.setting("theme").value(), to_bytes("dark"));
  auto transaction = Transaction::begin(this->client);
  open();
  ASSERT_TRUE(transaction->commit());
  EXPECT_TRUE(this->client.journal()->empty());
  EXPECT_EQ(this->client.message(1).value()->body, "hello");
}

}  // namespace
}  // namespace session::store

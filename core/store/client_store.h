// What a client keeps between two runs. All of it lies in one file and one transaction covers all of it, so that the result of
// an opened envelope, the ratchet that opened it and its removal from the journal are kept together or not at all (profile.md
// 8).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/store/client_rows.h"
#include "core/store/transactional.h"

namespace session::store {

/// Adding what is there already is not an error: `is_new` is false and `id` is that of the row that is there, unchanged.
struct Added {
  std::uint64_t id = 0;
  bool is_new = true;
  friend bool operator==(const Added&, const Added&) = default;
};

/// Lists without a stated order come by their key. `update_*` fail with NotFound when the row is not there; `remove_*` say
/// whether it was.
class ClientStore : public Transactional {
 public:
  // --- account and contacts ------------------------------------------------------------------------------------------------
  [[nodiscard]] virtual Result<std::optional<AccountRow>> account() const = 0;
  [[nodiscard]] virtual Result<void> put_account(const AccountRow& row) = 0;
  [[nodiscard]] virtual Result<void> put_contact(const ContactRow& row) = 0;
  [[nodiscard]] virtual Result<std::optional<ContactRow>> contact(const SessionId& id) const = 0;
  [[nodiscard]] virtual Result<std::vector<ContactRow>> contacts() const = 0;
  [[nodiscard]] virtual Result<bool> remove_contact(const SessionId& id) = 0;

  // --- conversations -------------------------------------------------------------------------------------------------------
  [[nodiscard]] virtual Result<void> put_conversation(const ConversationRow& row) = 0;
  [[nodiscard]] virtual Result<std::optional<ConversationRow>> conversation(const SessionId& with) const = 0;
  [[nodiscard]] virtual Result<std::vector<ConversationRow>> conversations() const = 0;
  /// The orphans that wait in it go with it; its messages do not.
  [[nodiscard]] virtual Result<bool> remove_conversation(const SessionId& with) = 0;

  // --- messages ------------------------------------------------------------------------------------------------------------
  /// The row's id is not read.
  [[nodiscard]] virtual Result<Added> add_message(const MessageRow& row) = 0;
  /// All but its key (contact, outgoing, device, sent_at), by its id.
  [[nodiscard]] virtual Result<void> update_message(const MessageRow& row) = 0;
  [[nodiscard]] virtual Result<std::optional<MessageRow>> message(std::uint64_t id) const = 0;
  [[nodiscard]] virtual Result<std::optional<MessageRow>> find_message(const MessageKey& key) const = 0;
  /// A conversation's newest `max_count` with id < `before_id`, oldest of them first. Order of ids.
  [[nodiscard]] virtual Result<std::vector<MessageRow>> messages(const SessionId& contact,
                                                                 std::size_t max_count = ~std::size_t{0},
                                                                 std::uint64_t before_id = ~std::uint64_t{0}) const = 0;
  /// Its edits go with it.
  [[nodiscard]] virtual Result<bool> remove_message(std::uint64_t id) = 0;
  /// When the next message expires; nothing when none does.
  [[nodiscard]] virtual Result<std::optional<Instant>> next_expiry() const = 0;
  /// Removes those whose expiry came; their ids, ascending.
  [[nodiscard]] virtual Result<std::vector<std::uint64_t>> expire_messages(Instant now) = 0;

  /// Newest first by id. Errors: Malformed (`text` has no word in it, or a quotation mark without its partner).
  [[nodiscard]] virtual Result<std::vector<MessageRow>> search(const SearchQuery& query) const = 0;
  [[nodiscard]] virtual Result<void> add_edit(std::uint64_t message, const EditRow& row) = 0;
  /// The words that were replaced, oldest first.
  [[nodiscard]] virtual Result<std::vector<EditRow>> edits(std::uint64_t message) const = 0;
  /// A message that was taken back keeps none of its words.
  [[nodiscard]] virtual Result<void> remove_edits(std::uint64_t message) = 0;
  /// The row's id is not read; the new one is returned.
  [[nodiscard]] virtual Result<std::uint64_t> add_orphan(const OrphanRow& row) = 0;
  /// What waits for this message of this conversation, in the order it came.
  [[nodiscard]] virtual Result<std::vector<OrphanRow>> orphans(const SessionId& contact, const MessageRef& about) const = 0;
  /// How many wait in this conversation.
  [[nodiscard]] virtual Result<std::uint64_t> count_orphans(const SessionId& contact) const = 0;
  [[nodiscard]] virtual Result<bool> remove_orphan(std::uint64_t id) = 0;
  /// Drops those with expiry ≤ now; how many.
  [[nodiscard]] virtual Result<std::uint64_t> expire_orphans(Instant now) = 0;

  // --- outbox and journeys -------------------------------------------------------------------------------------------------
  /// The row's id is not read. The new one is returned: the message's, if that has no delivery of this number yet, else a new
  /// number of those that messages have too.
  [[nodiscard]] virtual Result<std::uint64_t> add_outbox(const OutboxRow& row) = 0;
  [[nodiscard]] virtual Result<void> update_outbox(const OutboxRow& row) = 0;
  [[nodiscard]] virtual Result<std::optional<OutboxRow>> outbox(std::uint64_t id) const = 0;
  [[nodiscard]] virtual Result<std::vector<OutboxRow>> outbox() const = 0;
  /// Its journey stays.
  [[nodiscard]] virtual Result<bool> remove_outbox(std::uint64_t id) = 0;
  [[nodiscard]] virtual Result<void> add_journey(const JourneyRow& row) = 0;
  /// In the order they were added.
  [[nodiscard]] virtual Result<std::vector<JourneyRow>> journey(std::uint64_t outbox) const = 0;
  /// Steps with at < `before`; how many.
  [[nodiscard]] virtual Result<std::uint64_t> trim_journeys(Instant before) = 0;

  // --- receiving -----------------------------------------------------------------------------------------------------------
  /// The row's id is not read. The same hash again is not new.
  [[nodiscard]] virtual Result<Added> add_journal(const JournalRow& row) = 0;
  /// At most `max_count`, in order of arrival, with id > `after_id`.
  [[nodiscard]] virtual Result<std::vector<JournalRow>> journal(std::size_t max_count = ~std::size_t{0},
                                                                std::uint64_t after_id = 0) const = 0;
  [[nodiscard]] virtual Result<void> set_journal_attempts(std::uint64_t id, std::uint32_t attempts) = 0;
  [[nodiscard]] virtual Result<bool> remove_journal(std::uint64_t id) = 0;
  /// True when it was not seen before; raises the expiry otherwise.
  [[nodiscard]] virtual Result<bool> mark_seen(const MessageHash& hash, Instant expiry) = 0;
  [[nodiscard]] virtual Result<bool> was_seen(const MessageHash& hash) const = 0;
  [[nodiscard]] virtual Result<void> put_last_hash(const NodeId& node, Namespace ns, const MessageHash& hash,
                                                   Instant expiry) = 0;
  [[nodiscard]] virtual Result<std::optional<MessageHash>> last_hash(const NodeId& node, Namespace ns) const = 0;
  /// All nodes' last hashes: after a loss of memory everything is fetched again.
  [[nodiscard]] virtual Result<void> forget_last_hashes() = 0;
  /// Drops seen hashes, last hashes and base keys with expiry ≤ now; how many.
  [[nodiscard]] virtual Result<std::uint64_t> expire_hashes(Instant now) = 0;

  // --- guards and registry -------------------------------------------------------------------------------------------------
  [[nodiscard]] virtual Result<void> put_guard(const GuardRow& row) = 0;
  [[nodiscard]] virtual Result<std::vector<GuardRow>> guards() const = 0;
  [[nodiscard]] virtual Result<bool> remove_guard(const NodeId& node) = 0;
  [[nodiscard]] virtual Result<void> put_registry(const RegistryRow& row) = 0;
  [[nodiscard]] virtual Result<std::optional<RegistryRow>> registry() const = 0;

  // --- Signal state (the adapter for core/signal is store::SignalState) ------------------------------------------------------
  [[nodiscard]] virtual Result<void> put_session(const SignalPeer& peer, const crypto::SecretBytes& record) = 0;
  [[nodiscard]] virtual Result<std::optional<crypto::SecretBytes>> find_session(const SignalPeer& peer) const = 0;
  [[nodiscard]] virtual Result<std::vector<std::uint32_t>> session_devices(const SessionId& who) const = 0;
  [[nodiscard]] virtual Result<bool> remove_session(const SignalPeer& peer) = 0;
  [[nodiscard]] virtual Result<void> put_key(KeyKind kind, const KeyRow& row) = 0;
  [[nodiscard]] virtual Result<std::optional<KeyRow>> key(KeyKind kind, std::uint32_t id) const = 0;
  [[nodiscard]] virtual Result<std::vector<KeyRow>> keys(KeyKind kind) const = 0;
  [[nodiscard]] virtual Result<bool> remove_key(KeyKind kind, std::uint32_t id) = 0;
  /// True when this X3DH base key was not seen before (profile.md 10.4).
  [[nodiscard]] virtual Result<bool> mark_base_key(const ByteArray<32>& key, Instant expiry) = 0;
  [[nodiscard]] virtual Result<bool> base_key_was_seen(const ByteArray<32>& key) const = 0;

  // --- settings and events -------------------------------------------------------------------------------------------------
  [[nodiscard]] virtual Result<void> put_setting(std::string_view key, BytesView value) = 0;
  [[nodiscard]] virtual Result<std::optional<Bytes>> setting(std::string_view key) const = 0;
  [[nodiscard]] virtual Result<bool> remove_setting(std::string_view key) = 0;
  /// The event's sequence.
  [[nodiscard]] virtual Result<std::uint64_t> add_event(std::string_view text) = 0;
  /// At most `max_count` that the cursor has not passed, in order.
  [[nodiscard]] virtual Result<std::vector<EventRow>> events(std::size_t max_count = ~std::size_t{0}) const = 0;
  /// Everything up to and with `sequence` was printed, and is dropped.
  [[nodiscard]] virtual Result<void> printed(std::uint64_t sequence) = 0;
};

}  // namespace session::store

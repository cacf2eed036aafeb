// The client's store on tables, whatever they lie on.
#pragma once

#include "core/store/client_store.h"
#include "core/store/tables.h"

namespace session::store {

class ClientOnTables : public ClientStore {
 public:
  [[nodiscard]] Result<void> begin() override { return tables().begin(); }
  [[nodiscard]] Result<void> commit() override { return tables().commit(); }
  void rollback() override { tables().rollback(); }
  [[nodiscard]] bool in_transaction() const override { return tables().in_transaction(); }

  [[nodiscard]] Result<std::optional<AccountRow>> account() const override;
  [[nodiscard]] Result<void> put_account(const AccountRow& row) override;
  [[nodiscard]] Result<void> put_contact(const ContactRow& row) override;
  [[nodiscard]] Result<std::optional<ContactRow>> contact(const SessionId& id) const override;
  [[nodiscard]] Result<std::vector<ContactRow>> contacts() const override;
  [[nodiscard]] Result<bool> remove_contact(const SessionId& id) override;
  [[nodiscard]] Result<void> put_conversation(const ConversationRow& row) override;
  [[nodiscard]] Result<std::optional<ConversationRow>> conversation(const SessionId& with) const override;
  [[nodiscard]] Result<std::vector<ConversationRow>> conversations() const override;
  [[nodiscard]] Result<bool> remove_conversation(const SessionId& with) override;
  [[nodiscard]] Result<Added> add_message(const MessageRow& row) override;
  [[nodiscard]] Result<void> update_message(const MessageRow& row) override;
  [[nodiscard]] Result<std::optional<MessageRow>> message(std::uint64_t id) const override;
  [[nodiscard]] Result<std::optional<MessageRow>> find_message(const MessageKey& key) const override;
  [[nodiscard]] Result<std::vector<MessageRow>> messages(const SessionId& contact, std::size_t max_count,
                                                         std::uint64_t before_id) const override;
  [[nodiscard]] Result<bool> remove_message(std::uint64_t id) override;
  [[nodiscard]] Result<std::optional<Instant>> next_expiry() const override;
  [[nodiscard]] Result<std::vector<std::uint64_t>> expire_messages(Instant now) override;
  [[nodiscard]] Result<std::vector<MessageRow>> search(const SearchQuery& query) const override;
  [[nodiscard]] Result<void> add_edit(std::uint64_t message, const EditRow& row) override;
  [[nodiscard]] Result<std::vector<EditRow>> edits(std::uint64_t message) const override;
  [[nodiscard]] Result<void> remove_edits(std::uint64_t message) override;
  [[nodiscard]] Result<std::uint64_t> add_orphan(const OrphanRow& row) override;
  [[nodiscard]] Result<std::vector<OrphanRow>> orphans(const SessionId& contact, const MessageRef& about) const override;
  [[nodiscard]] Result<std::uint64_t> count_orphans(const SessionId& contact) const override;
  [[nodiscard]] Result<bool> remove_orphan(std::uint64_t id) override;
  [[nodiscard]] Result<std::uint64_t> expire_orphans(Instant now) override;
  [[nodiscard]] Result<std::uint64_t> add_outbox(const OutboxRow& row) override;
  [[nodiscard]] Result<void> update_outbox(const OutboxRow& row) override;
  [[nodiscard]] Result<std::optional<OutboxRow>> outbox(std::uint64_t id) const override;
  [[nodiscard]] Result<std::vector<OutboxRow>> outbox() const override;
  [[nodiscard]] Result<bool> remove_outbox(std::uint64_t id) override;
  [[nodiscard]] Result<void> add_journey(const JourneyRow& row) override;
  [[nodiscard]] Result<std::vector<JourneyRow>> journey(std::uint64_t outbox) const override;
  [[nodiscard]] Result<std::uint64_t> trim_journeys(Instant before) override;
  [[nodiscard]] Result<Added> add_journal(const JournalRow& row) override;
  [[nodiscard]] Result<std::vector<JournalRow>> journal(std::size_t max_count, std::uint64_t after_id) const override;
  [[nodiscard]] Result<void> set_journal_attempts(std::uint64_t id, std::uint32_t attempts) override;
  [[nodiscard]] Result<bool> remove_journal(std::uint64_t id) override;
  [[nodiscard]] Result<bool> mark_seen(const MessageHash& hash, Instant expiry) override;
  [[nodiscard]] Result<bool> was_seen(const MessageHash& hash) const override;
  [[nodiscard]] Result<void> put_last_hash(const NodeId& node, Namespace ns, const MessageHash& hash, Instant expiry) override;
  [[nodiscard]] Result<std::optional<MessageHash>> last_hash(const NodeId& node, Namespace ns) const override;
  [[nodiscard]] Result<void> forget_last_hashes() override;
  [[nodiscard]] Result<std::uint64_t> expire_hashes(Instant now) override;
  [[nodiscard]] Result<void> put_guard(const GuardRow& row) override;
  [[nodiscard]] Result<std::vector<GuardRow>> guards() const override;
  [[nodiscard]] Result<bool> remove_guard(const NodeId& node) override;
  [[nodiscard]] Result<void> put_registry(const RegistryRow& row) override;
  [[nodiscard]] Result<std::optional<RegistryRow>> registry() const override;
  [[nodiscard]] Result<void> put_session(const SignalPeer& peer, const crypto::SecretBytes& record) override;
  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> find_session(const SignalPeer& peer) const override;
  [[nodiscard]] Result<std::vector<std::uint32_t>> session_devices(const SessionId& who) const override;
  [[nodiscard]] Result<bool> remove_session(const SignalPeer& peer) override;
  [[nodiscard]] Result<void> put_key(KeyKind kind, const KeyRow& row) override;
  [[nodiscard]] Result<std::optional<KeyRow>> key(KeyKind kind, std::uint32_t id) const override;
  [[nodiscard]] Result<std::vector<KeyRow>> keys(KeyKind kind) const override;
  [[nodiscard]] Result<bool> remove_key(KeyKind kind, std::uint32_t id) override;
  [[nodiscard]] Result<bool> mark_base_key(const ByteArray<32>& key, Instant expiry) override;
  [[nodiscard]] Result<bool> base_key_was_seen(const ByteArray<32>& key) const override;
  [[nodiscard]] Result<void> put_setting(std::string_view key, BytesView value) override;
  [[nodiscard]] Result<std::optional<Bytes>> setting(std::string_view key) const override;
  [[nodiscard]] Result<bool> remove_setting(std::string_view key) override;
  [[nodiscard]] Result<std::uint64_t> add_event(std::string_view text) override;
  [[nodiscard]] Result<std::vector<EventRow>> events(std::size_t max_count) const override;
  [[nodiscard]] Result<void> printed(std::uint64_t sequence) override;

 protected:
  [[nodiscard]] virtual Tables& tables() = 0;
  [[nodiscard]] virtual const Tables& tables() const = 0;

 private:
  [[nodiscard]] Result<std::uint64_t> next_number(TableId table);
  [[nodiscard]] Result<std::uint64_t> delivery_number(std::uint64_t message);
};

/// The simulator's: a value.
class MemoryClientStore final : public ClientOnTables {
 public:
  friend bool operator==(const MemoryClientStore& a, const MemoryClientStore& b) { return a.tables_ == b.tables_; }

 protected:
  [[nodiscard]] Tables& tables() override { return tables_; }
  [[nodiscard]] const Tables& tables() const override { return tables_; }

 private:
  MemoryTables tables_;
};

}  // namespace session::store

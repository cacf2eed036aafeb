// The mailbox store on tables, whatever they lie on.
#pragma once

#include "core/store/mail_store.h"
#include "core/store/tables.h"

namespace session::store {

/// Implements MailStore on the tables that `tables()` gives.
class MailOnTables : public MailStore {
 public:
  [[nodiscard]] Result<void> begin() override { return tables().begin(); }
  [[nodiscard]] Result<void> commit() override { return tables().commit(); }
  void rollback() override { tables().rollback(); }
  [[nodiscard]] bool in_transaction() const override { return tables().in_transaction(); }

  [[nodiscard]] Result<Inserted> insert(const MailRow& row) override;
  [[nodiscard]] Result<Inserted> replace(const MailRow& row) override;
  [[nodiscard]] Result<bool> set_expiry(const Account& account, const MessageHash& hash, Instant expiry,
                                        Instant taken = {}) override;
  [[nodiscard]] Result<std::optional<MailHead>> remove(const Account& account, const MessageHash& hash) override;
  [[nodiscard]] Result<std::vector<MailHead>> expire(Instant now, std::size_t max_count) override;
  [[nodiscard]] Result<bool> bury(const Tombstone& tombstone) override;
  [[nodiscard]] Result<std::vector<Tombstone>> unearth(Instant now, std::size_t max_count) override;
  [[nodiscard]] Result<bool> forget(const Print& tombstone) override;
  [[nodiscard]] Result<void> settle(Instant now) override;
  [[nodiscard]] Result<Digests> digests() const override;
  [[nodiscard]] Result<void> visit_entries(const Print& from, const EntryVisitor& visit) const override;
  [[nodiscard]] Result<std::optional<Entry>> find_entry(const Print& print) const override;
  [[nodiscard]] Result<std::optional<Tombstone>> find_tombstone(const Print& print) const override;
  [[nodiscard]] Result<void> retrieve(const Account& account, Namespace ns, const MessageHash& after, std::size_t max_count,
                                      const MailVisitor& visit) const override;
  [[nodiscard]] Result<std::optional<MailRow>> find(const MessageHash& hash) const override;
  [[nodiscard]] Result<std::optional<MailHead>> find_head(const MessageHash& hash) const override;
  [[nodiscard]] Result<void> visit_account(const Account& account, const HeadVisitor& visit) const override;
  [[nodiscard]] Result<void> visit_mailbox(const Account& account, Namespace ns, const HeadVisitor& visit) const override;
  [[nodiscard]] Result<void> visit_heads(std::uint64_t after_id, const HeadVisitor& visit) const override;
  [[nodiscard]] Result<void> visit_all(std::uint64_t after_id, const MailVisitor& visit) const override;
  [[nodiscard]] Result<std::optional<MailRow>> random_row(Rng& rng) const override;
  [[nodiscard]] Result<std::vector<Account>> accounts() const override;
  [[nodiscard]] std::uint64_t count() const override;
  [[nodiscard]] std::uint64_t total_bytes() const override;
  [[nodiscard]] std::uint64_t tombstone_bytes() const override;
  [[nodiscard]] Result<MailSums> account_sums(const Account& account) const override;
  [[nodiscard]] Result<void> put_setting(std::string_view key, BytesView value) override;
  [[nodiscard]] Result<std::optional<Bytes>> setting(std::string_view key) const override;
  [[nodiscard]] Result<bool> remove_setting(std::string_view key) override;
  [[nodiscard]] Result<void> visit_settings(std::string_view prefix, std::string_view after,
                                            const SettingVisitor& visit) const override;

 protected:
  [[nodiscard]] virtual Tables& tables() = 0;
  [[nodiscard]] virtual const Tables& tables() const = 0;

 private:
  [[nodiscard]] Result<std::optional<MailRow>> row(std::uint64_t id) const;
  [[nodiscard]] Result<void> renew(MailHead& head) const;
  [[nodiscard]] Result<std::optional<MailHead>> head_at(std::uint64_t id, BytesView hash) const;
  [[nodiscard]] Result<void> visit_heads_of(BytesView prefix, const HeadVisitor& visit) const;
  [[nodiscard]] Result<Inserted> add(const MailRow& row);
  [[nodiscard]] Result<void> drop(const MailHead& head);
  [[nodiscard]] Result<void> drop(const Print& print, const Tombstone& tombstone);
  [[nodiscard]] Result<void> build_digests();
  [[nodiscard]] Result<std::vector<Print>> prints_due(Instant first, Instant second) const;
};

/// The simulator's: a value.
class MemoryMailStore final : public MailOnTables {
 public:
  friend bool operator==(const MemoryMailStore& a, const MemoryMailStore& b) { return a.tables_ == b.tables_; }

 protected:
  [[nodiscard]] Tables& tables() override { return tables_; }
  [[nodiscard]] const Tables& tables() const override { return tables_; }

 private:
  MemoryTables tables_;
};

}  // namespace session::store

// A node's disk as a hostile node wants it to be: the honest machine above writes what is thrown away, and reads what it is
// let.
#pragma once

#include "core/store/mail_store.h"
#include "sim/forger.h"

namespace session::sim {

/// Stands before a store, which must outlive it, for one input. What is no matter of the malice passes through, so that storage
/// proofs and what peers compare tell the truth: a node that only withholds is found out by nobody but who reads.
class HostileStore final : public store::MailStore {
 public:
  /// `old`: what Stale shows, or null. `question`: what Equivocate answers this time by.
  /// `forger`: who makes what Forge shows, or null.
  HostileStore(store::MailStore& disk, const Malice& malice, const store::MailStore* old, std::uint64_t question,
               const Forger* forger = nullptr)
      : disk_(disk), malice_(malice), old_(old), forger_(forger), question_(question) {}

  // --- where it lies ---
  [[nodiscard]] Result<store::Inserted> insert(const store::MailRow& row) override;
  [[nodiscard]] Result<store::Inserted> replace(const store::MailRow& row) override;
  [[nodiscard]] Result<void> retrieve(const Account& account, Namespace ns, const MessageHash& after, std::size_t max_count,
                                      const store::MailVisitor& visit) const override;

  // --- where it does not ---
  [[nodiscard]] Result<void> begin() override { return disk_.begin(); }
  [[nodiscard]] Result<void> commit() override { return disk_.commit(); }
  void rollback() override { disk_.rollback(); }
  [[nodiscard]] bool in_transaction() const override { return disk_.in_transaction(); }
  [[nodiscard]] Result<bool> set_expiry(const Account& account, const MessageHash& hash, Instant expiry,
                                        Instant taken) override {
    return disk_.set_expiry(account, hash, expiry, taken);
  }
  [[nodiscard]] Result<std::optional<store::MailHead>> remove(const Account& account, const MessageHash& hash) override {
    return disk_.remove(account, hash);
  }
  [[nodiscard]] Result<std::vector<store::MailHead>> expire(Instant now, std::size_t max_count) override {
    return disk_.expire(now, max_count);
  }
  [[nodiscard]] Result<bool> bury(const store::Tombstone& tombstone) override { return disk_.bury(tombstone); }
  [[nodiscard]] Result<std::vector<store::Tombstone>> unearth(Instant now, std::size_t max_count) override {
    return disk_.unearth(now, max_count);
  }
  [[nodiscard]] Result<bool> forget(const store::Print& tombstone) override { return disk_.forget(tombstone); }
  [[nodiscard]] Result<void> settle(Instant now) override { return disk_.settle(now); }
  [[nodiscard]] Result<store::Digests> digests() const override { return disk_.digests(); }
  [[nodiscard]] Result<void> visit_entries(const store::Print& from, const store::EntryVisitor& visit) const override {
    return disk_.visit_entries(from, visit);
  }
  [[nodiscard]] Result<std::optional<store::Entry>> find_entry(const store::Print& print) const override {
    return disk_.find_entry(print);
  }
  [[nodiscard]] Result<std::optional<store::Tombstone>> find_tombstone(const store::Print& print) const override {
    return disk_.find_tombstone(print);
  }
  [[nodiscard]] Result<std::optional<store::MailRow>> find(const MessageHash& hash) const override { return disk_.find(hash); }
  [[nodiscard]] Result<std::optional<store::MailHead>> find_head(const MessageHash& hash) const override {
    return disk_.find_head(hash);
  }
  [[nodiscard]] Result<void> visit_account(const Account& account, const store::HeadVisitor& visit) const override {
    return disk_.visit_account(account, visit);
  }
  [[nodiscard]] Result<void> visit_mailbox(const Account& account, Namespace ns,
                                           const store::HeadVisitor& visit) const override {
    return disk_.visit_mailbox(account, ns, visit);
  }
  [[nodiscard]] Result<void> visit_heads(std::uint64_t after_id, const store::HeadVisitor& visit) const override {
    return disk_.visit_heads(after_id, visit);
  }
  [[nodiscard]] Result<void> visit_all(std::uint64_t after_id, const store::MailVisitor& visit) const override {
    return disk_.visit_all(after_id, visit);
  }
  [[nodiscard]] Result<std::optional<store::MailRow>> random_row(Rng& rng) const override { return disk_.random_row(rng); }
  [[nodiscard]] Result<std::vector<Account>> accounts() const override { return disk_.accounts(); }
  [[nodiscard]] std::uint64_t count() const override { return disk_.count(); }
  [[nodiscard]] std::uint64_t total_bytes() const override { return disk_.total_bytes(); }
  [[nodiscard]] std::uint64_t tombstone_bytes() const override { return disk_.tombstone_bytes(); }
  [[nodiscard]] Result<store::MailSums> account_sums(const Account& account) const override {
    return disk_.account_sums(account);
  }
  [[nodiscard]] Result<void> put_setting(std::string_view key, BytesView value) override {
    return disk_.put_setting(key, value);
  }
  [[nodiscard]] Result<std::optional<Bytes>> setting(std::string_view key) const override { return disk_.setting(key); }
  [[nodiscard]] Result<bool> remove_setting(std::string_view key) override { return disk_.remove_setting(key); }
  [[nodiscard]] Result<void> visit_settings(std::string_view prefix, std::string_view after,
                                            const SettingVisitor& visit) const override {
    return disk_.visit_settings(prefix, after, visit);
  }

 private:
  [[nodiscard]] bool throws_away(const store::MailRow& row) const {
    return malice_.has(Hostile::Lie) && malice_.concerns(row.head.account);
  }
  store::MailStore& disk_;
  const Malice& malice_;
  const store::MailStore* old_;
  const Forger* forger_;
  std::uint64_t question_;
};

}  // namespace session::sim

// What both stores share: writes in groups that are kept as a whole or not at all.
#pragma once

#include "core/base/result.h"

namespace session::store {

/// Outside a transaction every write is whole, and durable when it returns. Inside one, writes are seen by reads at once and
/// become durable together in `commit`. Errors of any operation of a store: Full (no room; reads still work), Unavailable (the
/// disk failed, trying again may help), Damaged (a page is not what was written), Internal (wrong use, such as a second
/// `begin`). A write that fails inside a transaction takes all of it back; what is left then is `rollback` (further writes and
/// `commit` answer the same error, and `commit` ends the transaction). After a failed `commit` nothing of the group is kept;
/// where what failed was the sync, perhaps all of it.
class Transactional {
 public:
  virtual ~Transactional() = default;
  [[nodiscard]] virtual Result<void> begin() = 0;
  [[nodiscard]] virtual Result<void> commit() = 0;
  /// Takes back everything since `begin`. Does nothing outside a transaction.
  virtual void rollback() = 0;
  [[nodiscard]] virtual bool in_transaction() const = 0;

 protected:
  Transactional() = default;
  Transactional(const Transactional&) = default;
  Transactional& operator=(const Transactional&) = default;
};

/// Rolls back when it goes out of scope without `commit`.
class Transaction {
 public:
  [[nodiscard]] static Result<Transaction> begin(Transactional& store) {
    if (auto begun = store.begin(); !begun) return fail(begun);
    return Transaction(store);
  }
  Transaction(Transaction&& other) noexcept : store_(std::exchange(other.store_, nullptr)) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (store_ != nullptr) store_->rollback();
  }
  [[nodiscard]] Result<void> commit() { return std::exchange(store_, nullptr)->commit(); }

 private:
  explicit Transaction(Transactional& store) : store_(&store) {}
  Transactional* store_;
};

}  // namespace session::store

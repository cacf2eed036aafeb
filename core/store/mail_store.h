// A service node's mailboxes: what it keeps for accounts until they expire. Source: service-node.md 3A.6, 3B.3, 3B.8.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/rng.h"
#include "core/base/time.h"
#include "core/store/transactional.h"

namespace session::store {

/// One kept message without its data. Times are kept in whole milliseconds.
struct MailHead {
  std::uint64_t id = 0;  ///< order of insertion at this store, from 1; given by the store, never used again
  Account account;
  Namespace ns = 0;
  MessageHash hash;   ///< unique in the store: it covers account, namespace and data, without a mark between them
  Instant timestamp;  ///< the sender's
  Instant expiry;
  Instant arrived;         ///< when a node took the store, or the later change of its expiry, that this expiry is of
  std::uint32_t size = 0;  ///< bytes of data; given by the store
  friend bool operator==(const MailHead&, const MailHead&) = default;
};

struct MailRow {
  MailHead head;
  Bytes data;
  Bytes stamp;  ///< the work that was done for it, as the node writes it down; empty when none was due
  friend bool operator==(const MailRow&, const MailRow&) = default;
};

struct MailSums {
  std::uint64_t messages = 0, bytes = 0;  ///< of data only
  std::uint64_t tombstones = 0;           ///< bytes of their requests, kTombstoneBytes for each among them
  friend bool operator==(const MailSums&, const MailSums&) = default;
};

/// What an insertion did.
struct Inserted {
  enum class Outcome {
    New,      ///< it was not there
    Already,  ///< it was there and stays as it was
    Raised,   ///< it was there, and its expiry was raised
    Beaten,   ///< an outbox keeps a greater one: nothing changed
  };
  Outcome outcome = Outcome::New;
  MailHead head;                   ///< as it is now
  Instant expiry_before;           ///< for Raised and Already: its expiry before
  std::vector<MailHead> replaced;  ///< by `replace`: the messages that gave way
  [[nodiscard]] bool already() const { return outcome != Outcome::New; }
};

/// A request that took messages away, or shortened their lives, or revoked rights, as its owner signed it: what came before it
/// does not come back. Profile.md 10.2.
struct Tombstone {
  Account account;
  ByteArray<16> id{};  ///< of the request
  Instant taken;       ///< when the first node took it
  Instant falls;       ///< when nothing that it is about can be left
  Bytes request;
  friend bool operator==(const Tombstone&, const Tombstone&) = default;
};

/// Where a message or a tombstone has its place when members of a swarm compare what they keep: BLAKE2b-128 of a message's
/// hash. Its first byte is its bucket.
using Print = ByteArray<16>;
using Digests = std::array<Print, 256>;
struct Entry {
  Print print{};
  bool is_tombstone = false;
  Account account;
  Namespace ns = 0;
  Instant taken;
  Instant expiry;    ///< of a tombstone: when it falls
  MessageHash hash;  ///< of a message
  friend bool operator==(const Entry&, const Entry&) = default;
};

[[nodiscard]] Print print_of(const MessageHash& hash);
[[nodiscard]] Print print_of(const Tombstone& tombstone);

/// Called for one row after another; false stops. It must not use the store.
using MailVisitor = std::function<bool(const MailRow&)>;
using HeadVisitor = std::function<bool(const MailHead&)>;
using EntryVisitor = std::function<bool(const Entry&)>;

inline constexpr std::size_t kNoLimit = ~std::size_t{0};
/// What a tombstone takes beside its request.
inline constexpr std::uint64_t kTombstoneBytes = 256;

class MailStore : public Transactional {
 public:
  // --- writing -----------------------------------------------------------------------------------------------------------
  /// `id` and `size` of the row are not read. The same hash again raises the expiry if the new one is later, and changes
  /// nothing else (service-node.md 3B.6); where it is the hash of a message in another mailbox, nothing at all.
  [[nodiscard]] virtual Result<Inserted> insert(const MailRow& row) = 0;
  /// For public outbox namespaces (3B.4): takes away every other message of the row's account and namespace. The same hash
  /// again raises the expiry and takes away the others too; one of another mailbox's message changes nothing. When one of the
  /// others is greater by (timestamp, hash), it stays, and this one is not kept: so all members end alike (profile.md 4).
  [[nodiscard]] virtual Result<Inserted> replace(const MailRow& row) = 0;
  /// Raises or lowers. `taken`: when the change was, if later than what it changes. False when no such message is kept for
  /// this account.
  [[nodiscard]] virtual Result<bool> set_expiry(const Account& account, const MessageHash& hash, Instant expiry,
                                                Instant taken = {}) = 0;
  /// What was removed; nothing when no such message is kept for this account.
  [[nodiscard]] virtual Result<std::optional<MailHead>> remove(const Account& account, const MessageHash& hash) = 0;
  /// Removes what has expiry ≤ now, at most `max_count` rows, soonest first; those removed.
  [[nodiscard]] virtual Result<std::vector<MailHead>> expire(Instant now, std::size_t max_count = kNoLimit) = 0;

  /// Keeps it; of one that is there already, the later of both times. False when nothing changed.
  [[nodiscard]] virtual Result<bool> bury(const Tombstone& tombstone) = 0;
  /// Takes away what falls ≤ now, at most `max_count`, soonest first; those taken away.
  [[nodiscard]] virtual Result<std::vector<Tombstone>> unearth(Instant now, std::size_t max_count = kNoLimit) = 0;

  /// Takes one away before its time: it belongs to others now. False when it is not there.
  [[nodiscard]] virtual Result<bool> forget(const Print& tombstone) = 0;

  // --- comparing with other members of the swarm (profile.md 4) ------------------------------------------------------------
  /// What was taken 2 minutes ago, takes part from now on; what expires within 2 minutes, no longer. Costs as much as there is
  /// of those; once for a file from before, all of it.
  [[nodiscard]] virtual Result<void> settle(Instant now) = 0;
  /// As of the last `settle` and of all changes since: of each bucket the XOR over BLAKE2b-128 of what its entries are.
  [[nodiscard]] virtual Result<Digests> digests() const = 0;
  /// All that is kept, also what takes no part in the digests, by print from `from` on.
  [[nodiscard]] virtual Result<void> visit_entries(const Print& from, const EntryVisitor& visit) const = 0;
  [[nodiscard]] virtual Result<std::optional<Entry>> find_entry(const Print& print) const = 0;
  [[nodiscard]] virtual Result<std::optional<Tombstone>> find_tombstone(const Print& print) const = 0;

  // --- reading -----------------------------------------------------------------------------------------------------------
  /// The messages of a mailbox in order of insertion, after the one named `after`; from the start when `after` is empty,
  /// unknown, or kept elsewhere. At most `max_count`. Costs and budgets (3B.3) are the visitor's matter.
  [[nodiscard]] virtual Result<void> retrieve(const Account& account, Namespace ns, const MessageHash& after,
                                              std::size_t max_count, const MailVisitor& visit) const = 0;
  [[nodiscard]] virtual Result<std::optional<MailRow>> find(const MessageHash& hash) const = 0;
  [[nodiscard]] virtual Result<std::optional<MailHead>> find_head(const MessageHash& hash) const = 0;
  /// The heads of one account in all namespaces, by namespace and then in order of insertion.
  [[nodiscard]] virtual Result<void> visit_account(const Account& account, const HeadVisitor& visit) const = 0;
  /// The same of one namespace alone.
  [[nodiscard]] virtual Result<void> visit_mailbox(const Account& account, Namespace ns, const HeadVisitor& visit) const = 0;
  /// All heads with id > `after_id`, in order of insertion.
  [[nodiscard]] virtual Result<void> visit_heads(std::uint64_t after_id, const HeadVisitor& visit) const = 0;
  /// All rows with id > `after_id`, in order of insertion: what a move to another swarm reads, a slice at a time.
  [[nodiscard]] virtual Result<void> visit_all(std::uint64_t after_id, const MailVisitor& visit) const = 0;
  /// A row at or after a place drawn uniformly between the first id and the last: nearly uniform. Nothing when the store is
  /// empty.
  [[nodiscard]] virtual Result<std::optional<MailRow>> random_row(Rng& rng) const = 0;
  /// The accounts that have messages, by their bytes.
  [[nodiscard]] virtual Result<std::vector<Account>> accounts() const = 0;

  // --- sums, kept up to date, bytes of data only; 0 when the disk fails
  // -----------------------------------------------------------------------------
  [[nodiscard]] virtual std::uint64_t count() const = 0;
  [[nodiscard]] virtual std::uint64_t total_bytes() const = 0;
  /// Of tombstones, kTombstoneBytes for each among them.
  [[nodiscard]] virtual std::uint64_t tombstone_bytes() const = 0;
  [[nodiscard]] virtual Result<MailSums> account_sums(const Account& account) const = 0;

  // --- what the node keeps for itself: revocations, tombstones, its swarm
  // -------------------------------------------------------
  [[nodiscard]] virtual Result<void> put_setting(std::string_view key, BytesView value) = 0;
  [[nodiscard]] virtual Result<std::optional<Bytes>> setting(std::string_view key) const = 0;
  /// True when it was there.
  [[nodiscard]] virtual Result<bool> remove_setting(std::string_view key) = 0;
  /// Those whose keys begin with `prefix` and come after `after`, by their keys.
  using SettingVisitor = std::function<bool(std::string_view key, BytesView value)>;
  [[nodiscard]] virtual Result<void> visit_settings(std::string_view prefix, std::string_view after,
                                                    const SettingVisitor& visit) const = 0;
};

}  // namespace session::store

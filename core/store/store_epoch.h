// Noticing that a store is a copy from an earlier day. A ratchet that goes back would encrypt twice with one key, so such a
// store becomes a new device (profile.md 10.6). Each start and each message that is sealed count one further, in the store and
// in a counter beside it that no backup of the store takes along. The counter belongs into the keyring of the system; as long
// as no keyring is used it is a file in the profile's folder, which tells a store that was put back, and not a whole folder
// that was.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/store/client_store.h"

namespace session::store {

/// The counter, out of the reach of any backup of the store.
class EpochCounter {
 public:
  virtual ~EpochCounter() = default;
  /// Nothing when it was never written. Errors: Malformed, Unavailable.
  [[nodiscard]] virtual Result<std::optional<std::uint64_t>> read() const = 0;
  /// Errors: Full, Unavailable.
  [[nodiscard]] virtual Result<void> write(std::uint64_t epoch) = 0;
};

/// A file in the profile's folder.
class EpochFile final : public EpochCounter {
 public:
  explicit EpochFile(std::filesystem::path path) : path_(std::move(path)) {}
  [[nodiscard]] Result<std::optional<std::uint64_t>> read() const override;
  [[nodiscard]] Result<void> write(std::uint64_t epoch) override;

 private:
  std::filesystem::path path_;
};

/// One further, in the store alone and inside whatever transaction is open: a chain of a ratchet turned. Before what was sealed
/// with it leaves, the counter must have been told (`tell_epoch`), or a copy of the store made before would not show itself.
[[nodiscard]] Result<void> count_turn(ClientStore& store);
/// The counter becomes what the store has counted, where it is less. Not inside a transaction. Errors: as `advance_epoch`.
[[nodiscard]] Result<void> tell_epoch(const ClientStore& store, EpochCounter& counter);

/// Whether the counter is ahead of the store. No counter yet: not. Errors: Malformed (the counter's file), Unavailable.
[[nodiscard]] Result<bool> is_old_copy(const ClientStore& store, const EpochCounter& counter);

/// Counts one further than both, first in the store and then beside it: a store ahead of its counter is what a crash leaves,
/// and not an old copy. Not inside a transaction, since it must be kept when the counter is written. Errors: Malformed (the
/// counter's file), Internal (a transaction is open), Full, Unavailable.
[[nodiscard]] Result<std::uint64_t> advance_epoch(ClientStore& store, EpochCounter& counter);

}  // namespace session::store

#include "core/store/store_epoch.h"

#include <algorithm>

#include "core/store/codec.h"
#include "core/store/whole_file.h"

namespace session::store {
namespace {

constexpr std::string_view kSetting = "store_epoch";
constexpr std::string_view kMagic = "session-epoch 1 ";

Result<std::uint64_t> epoch_of(const ClientStore& store) {
  const auto known = store.setting(kSetting);
  if (!known) return fail(known);
  return *known ? Reader(**known).number<std::uint64_t>() : 0;
}

}  // namespace

Result<std::optional<std::uint64_t>> EpochFile::read() const {
  const auto known = read_whole(path_, kMagic.size() + 8);
  if (!known && known.error().code == ErrorCode::NotFound) return std::nullopt;
  if (!known) return fail(known);
  if (known->size() != kMagic.size() + 8 || !starts_with(known->bytes(), bytes_of(kMagic)))
    return fail(ErrorCode::Malformed, path_.string() + ": not the counter of a store");
  return load_big<std::uint64_t>(known->bytes().data() + kMagic.size());
}

Result<void> EpochFile::write(std::uint64_t epoch) { return write_whole(path_, concat(kMagic, big(epoch))); }

Result<bool> is_old_copy(const ClientStore& store, const EpochCounter& counter) {
  const auto own = epoch_of(store);
  const auto beside = counter.read();
  if (!own) return fail(own);
  if (!beside) return fail(beside);
  // A backup goes without the counter, as it should: where a store has counted and nothing stands beside it, it was put back.
  return *beside ? *own < **beside : *own > 0;
}

Result<void> count_turn(ClientStore& store) {
  const auto own = epoch_of(store);
  if (!own) return fail(own);
  return store.put_setting(kSetting, big(*own + 1));
}

Result<void> tell_epoch(const ClientStore& store, EpochCounter& counter) {
  if (store.in_transaction()) return fail(ErrorCode::Internal, "store epoch: a transaction is open");
  const auto own = epoch_of(store);
  if (!own) return fail(own);
  const auto beside = counter.read();
  if (!beside) return fail(beside);
  return *own > beside->value_or(0) ? counter.write(*own) : Result<void>();
}

Result<std::uint64_t> advance_epoch(ClientStore& store, EpochCounter& counter) {
  if (store.in_transaction()) return fail(ErrorCode::Internal, "store epoch: a transaction is open");
  const auto own = epoch_of(store);
  const auto beside = counter.read();
  if (!own) return fail(own);
  if (!beside) return fail(beside);
  const std::uint64_t next = std::max(*own, beside->value_or(0)) + 1;
  if (auto put = store.put_setting(kSetting, big(next)); !put) return fail(put);
  if (auto written = counter.write(next); !written) return fail(written);
  return next;
}

}  // namespace session::store

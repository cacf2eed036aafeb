#include "core/store/store_epoch.h"

#include <algorithm>
#include <optional>

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

/// Nothing when there is no counter.
Result<std::optional<std::uint64_t>> epoch_beside(const std::filesystem::path& counter) {
  const auto known = read_whole(counter, kMagic.size() + 8);
  if (!known && known.error().code == ErrorCode::NotFound) return std::nullopt;
  if (!known) return fail(known);
  if (known->size() != kMagic.size() + 8 || !starts_with(known->bytes(), bytes_of(kMagic)))
    return fail(ErrorCode::Malformed, counter.string() + ": not the counter of a store");
  return load_big<std::uint64_t>(known->bytes().data() + kMagic.size());
}

}  // namespace

Result<bool> is_old_copy(const ClientStore& store, const std::filesystem::path& counter) {
  const auto own = epoch_of(store);
  const auto beside = epoch_beside(counter);
  if (!own) return fail(own);
  if (!beside) return fail(beside);
  // A backup goes without the counter, as it should: where a store has counted and nothing stands beside it, it was put back.
  return *beside ? *own < **beside : *own > 0;
}

Result<std::uint64_t> advance_epoch(ClientStore& store, const std::filesystem::path& counter) {
  if (store.in_transaction()) return fail(ErrorCode::Internal, "store epoch: a transaction is open");
  const auto own = epoch_of(store);
  const auto beside = epoch_beside(counter);
  if (!own) return fail(own);
  if (!beside) return fail(beside);
  const std::uint64_t next = std::max(*own, beside->value_or(0)) + 1;
  if (auto put = store.put_setting(kSetting, big(next)); !put) return fail(put);
  if (auto written = write_whole(counter, concat(kMagic, big(next))); !written) return fail(written);
  return next;
}

}  // namespace session::store

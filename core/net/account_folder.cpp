#include "core/net/account_folder.h"

#include <fmt/format.h>

#include "core/client/count_start.h"
#include "core/net/carrier.h"

namespace session::net {

Result<std::unique_ptr<store::SqlClientStore>> open_account_folder(const std::filesystem::path& folder,
                                                                   std::optional<std::string_view> passphrase,
                                                                   NewFolder if_none, Rng& rng) {
  const store::ProfileFiles files(folder);
  const auto mode = store::look_at_key(files.key);
  if (!mode) return fail(mode);
  if (*mode == store::KeyMode::None && if_none == NewFolder::Refuse)
    return fail(ErrorCode::NotFound, fmt::format("there is no account in {} yet", folder.string()));
  std::error_code ignored;
  if (*mode == store::KeyMode::None && std::filesystem::exists(files.store, ignored))
    return fail(ErrorCode::Refused,
                fmt::format("{} is there and its key is not: nothing opens it; put {} back, or choose another "
                            "folder",
                            files.store.string(), files.key.filename().string()));
  const auto key =
      *mode == store::KeyMode::None ? store::create_key(files.key, passphrase, rng) : store::open_key(files.key, passphrase);
  if (!key) return fail(key);
  auto store = store::SqlClientStore::open(files.store, *key);
  if (!store) return fail(store);
  // A copy's ratchets may have moved on elsewhere: it goes on as a device of its own (profile.md 10.6).
  store::EpochFile counter(files.counter);
  if (auto counted = client::count_start(**store, counter, system_now(), rng); !counted) return fail(counted);
  return std::move(*store);
}

}  // namespace session::net

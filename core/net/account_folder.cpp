#include "core/net/account_folder.h"

#include <fmt/format.h>

#include "core/client/client.h"
#include "core/net/carrier.h"
#include "core/store/store_epoch.h"

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
  const auto is_old = store::is_old_copy(**store, files.counter);
  if (!is_old) return fail(is_old);
  // Its ratchets may have moved on elsewhere: it goes on as a device of its own (profile.md 10.6).
  if (*is_old) {
    auto transaction = store::Transaction::begin(**store);
    if (!transaction) return fail(transaction);
    if (auto anew = client::Client::become_new_device(**store, system_now(), rng); !anew) return fail(anew);
    if (auto done = transaction->commit(); !done) return fail(done);
  }
  if (auto counted = store::advance_epoch(**store, files.counter); !counted) return fail(counted);
  return std::move(*store);
}

}  // namespace session::net

// The folder of an account on disk: its key, its store and the counter that tells an old copy.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/rng.h"
#include "core/store/profiles.h"
#include "core/store/sql_tables.h"

namespace session::net {

enum class NewFolder { Refuse, Make };

/// Opens the store of an account. A folder without a key is made when that is asked for, under the passphrase if there is one.
/// A store that is a copy from an earlier day (store_epoch.h) becomes a new device. Errors: NotFound (no account's folder),
/// Refused (the store is in use; a passphrase is needed), Unauthentic (the wrong passphrase), and those of the key and the
/// store.
[[nodiscard]] Result<std::unique_ptr<store::SqlClientStore>> open_account_folder(const std::filesystem::path& folder,
                                                                                 std::optional<std::string_view> passphrase,
                                                                                 NewFolder if_none, Rng& rng);

}  // namespace session::net

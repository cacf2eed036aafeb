// Whether a client may do what it asks: who must sign, and whether the signature is true. Pure functions.
// Source: service-node.md 3B.2 and 3B.4, profile.md 3.
#pragma once

#include <optional>
#include <string>

#include "core/wire/rpc.h"

namespace session::node {

/// The Ed25519 key that signs for the account: `pubkey_ed25519` when it was sent, else the account's own 32 bytes. Nothing when
/// the sent key does not map to the account.
[[nodiscard]] std::optional<crypto::Ed25519Public> signing_key(const Account& account, const wire::Authentication& auth);

/// Nothing when all is well; else the refusal. Signatures that are given are always checked; the clock comes first.
[[nodiscard]] std::optional<wire::RpcError> check_store_auth(const wire::StoreRequest& request, Instant now,
                                                             Millis clock_slack);
[[nodiscard]] std::optional<wire::RpcError> check_retrieve_auth(const wire::RetrieveRequest& request, Instant now);

}  // namespace session::node

// Whether a client may do what it asks: who must sign, and whether the signature is true. Pure functions.
// Source: service-node.md 3B.2, 3B.4 and 3B.5, profile.md 3.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/wire/rpc.h"

namespace session::node {

/// The Ed25519 key that signs for the account: `pubkey_ed25519` when it was sent, else the account's own 32 bytes. Nothing when
/// the sent key does not map to the account.
[[nodiscard]] std::optional<crypto::Ed25519Public> signing_key(const Account& account, const wire::Authentication& auth);

/// Asked only when a subaccount signed.
using IsRevoked = std::function<bool(const wire::SubaccountToken&)>;
inline bool none_revoked(const wire::SubaccountToken&) { return false; }

/// The account's own key signed this text.
[[nodiscard]] bool is_signed_by_owner(const Account& account, const wire::Authentication& auth, std::string_view text);
/// The account's key, or the key of a subaccount that may do this and is not revoked, signed this text.
[[nodiscard]] bool is_signed(const Account& account, const wire::Authentication& auth, std::string_view text,
                             std::initializer_list<wire::Access> needed, const IsRevoked& is_revoked = none_revoked);
[[nodiscard]] bool is_near(std::int64_t time_ms, Instant now, Millis slack);

/// Nothing when all is well; else the refusal. Signatures that are given are always checked; the clock comes first.
[[nodiscard]] std::optional<wire::RpcError> check_store_auth(const wire::StoreRequest& request, Instant now, Millis clock_slack,
                                                             const IsRevoked& is_revoked = none_revoked);
[[nodiscard]] std::optional<wire::RpcError> check_retrieve_auth(const wire::RetrieveRequest& request, Instant now,
                                                                const IsRevoked& is_revoked = none_revoked);

}  // namespace session::node

#include "core/node/auth.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/mutant.h"
#include "core/wire/signed_text.h"

namespace session::node {
namespace {

constexpr Millis kClockSlack = seconds(60);

}  // namespace

std::optional<crypto::Ed25519Public> signing_key(const Account& account, const wire::Authentication& auth) {
  const auto own = to_array<32>(account.key());
  if (!auth.ed25519) return crypto::Ed25519Public{own};
  const auto curve = crypto::x25519_of(*auth.ed25519);
  if (!curve || curve->bytes != own) return std::nullopt;
  return auth.ed25519;
}

bool is_near(std::int64_t time_ms, Instant now, Millis slack) {
  const std::int64_t now_ms = now.unix_millis();
  return time_ms >= now_ms - slack.count && time_ms <= now_ms + slack.count;
}

bool is_signed_by_owner(const Account& account, const wire::Authentication& auth, std::string_view text) {
  const auto key = signing_key(account, auth);
  return key && auth.signature && crypto::verify(*key, bytes_of(text), *auth.signature);
}

bool is_signed(const Account& account, const wire::Authentication& auth, std::string_view text,
               std::initializer_list<wire::Access> needed, const IsRevoked& is_revoked) {
  if (!auth.subaccount) return is_signed_by_owner(account, auth, text);
  const wire::SubaccountToken& token = auth.subaccount->token;
  if (token[0] != account.bytes[0] && !wire::allows(token, wire::Access::AnyPrefix)) return false;
  if (std::ranges::any_of(needed, [&](wire::Access each) { return !wire::allows(token, each); })) return false;
  const auto owner = signing_key(account, auth);
  if (!owner || !auth.signature || !crypto::verify(*owner, token, auth.subaccount->signature)) return false;
  const crypto::Ed25519Public key{to_array<32>(BytesView(token).subspan(4))};
  return crypto::verify(key, bytes_of(text), *auth.signature) && (!is_revoked(token) || mutant::is_on(Mutant::R8));
}

std::optional<wire::RpcError> check_store_auth(const wire::StoreRequest& request, Instant now, Millis clock_slack,
                                               const IsRevoked& is_revoked) {
  if (!request.auth.signature) {
    if (!wire::store_needs_signature(request.ns)) return std::nullopt;
    return wire::RpcError{401, fmt::format("store: signature required to store to namespace {}", request.ns)};
  }
  if (!is_near(request.signed_at(), now, clock_slack))
    return wire::RpcError{406, "store signature timestamp too far from current time"};
  const std::string text = wire::signed_text_store(request.ns, request.signed_at());
  // What replaces everything else must be allowed to delete.
  const bool is_good =
      wire::is_public_outbox(request.ns)
          ? is_signed(request.account, request.auth, text, {wire::Access::Write, wire::Access::Delete}, is_revoked)
          : is_signed(request.account, request.auth, text, {wire::Access::Write}, is_revoked);
  if (!is_good) return wire::RpcError{401, "store signature verification failed"};
  return std::nullopt;
}

std::optional<wire::RpcError> check_retrieve_auth(const wire::RetrieveRequest& request, Instant now,
                                                  const IsRevoked& is_revoked) {
  if (!request.auth.signature || !request.auth.timestamp) {
    if (!wire::retrieve_needs_signature(request.ns)) return std::nullopt;
    return wire::RpcError{401, "retrieve: request signature required"};
  }
  if (!is_near(*request.auth.timestamp, now, kClockSlack))
    return wire::RpcError{406, "retrieve timestamp too far from current time"};
  if (!is_signed(request.account, request.auth, wire::signed_text_retrieve(request.ns, *request.auth.timestamp),
                 {wire::Access::Read}, wire::is_revocation_proof(request.ns) ? none_revoked : is_revoked))
    return wire::RpcError{401, "retrieve signature verification failed"};
  return std::nullopt;
}

}  // namespace session::node

#include "core/node/auth.h"

#include <fmt/format.h>

#include <cstdlib>

namespace session::node {
namespace {

constexpr Millis kClockSlack = seconds(60);

bool is_near(std::int64_t time_ms, Instant now, Millis slack) {
  const std::int64_t now_ms = now.unix_millis();
  return time_ms >= now_ms - slack.count && time_ms <= now_ms + slack.count;
}

bool verifies(const Account& account, const wire::Authentication& auth, std::string_view text) {
  const auto key = signing_key(account, auth);
  return key && auth.signature && crypto::verify(*key, bytes_of(text), *auth.signature);
}

}  // namespace

std::optional<crypto::Ed25519Public> signing_key(const Account& account, const wire::Authentication& auth) {
  const auto own = to_array<32>(account.key());
  if (!auth.ed25519) return crypto::Ed25519Public{own};
  const auto curve = crypto::x25519_of(*auth.ed25519);
  if (!curve || curve->bytes != own) return std::nullopt;
  return auth.ed25519;
}

std::optional<wire::RpcError> check_store_auth(const wire::StoreRequest& request, Instant now, Millis clock_slack) {
  if (!request.auth.signature) {
    if (!wire::store_needs_signature(request.ns)) return std::nullopt;
    return wire::RpcError{401, fmt::format("store: signature required to store to namespace {}", request.ns)};
  }
  if (!is_near(request.signed_at(), now, clock_slack))
    return wire::RpcError{406, "store signature timestamp too far from current time"};
  if (!verifies(request.account, request.auth, wire::signed_text_store(request.ns, request.signed_at())))
    return wire::RpcError{401, "store signature verification failed"};
  return std::nullopt;
}

std::optional<wire::RpcError> check_retrieve_auth(const wire::RetrieveRequest& request, Instant now) {
  if (!request.auth.signature || !request.auth.timestamp) {
    if (!wire::retrieve_needs_signature(request.ns)) return std::nullopt;
    return wire::RpcError{401, "retrieve: request signature required"};
  }
  if (!is_near(*request.auth.timestamp, now, kClockSlack))
    return wire::RpcError{406, "retrieve signature timestamp too far from current time"};
  if (!verifies(request.account, request.auth, wire::signed_text_retrieve(request.ns, *request.auth.timestamp)))
    return wire::RpcError{401, "retrieve signature verification failed"};
  return std::nullopt;
}

}  // namespace session::node

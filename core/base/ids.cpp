#include "core/base/ids.h"

#include <fmt/format.h>

namespace session {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Shows what is safe to show of a text from outside: at most 80 characters, everything unusual as '?'.
std::string shown(std::string_view text) {
  std::string out(text.substr(0, 80));
  for (char& c : out)
    if (c < ' ' || c > '~') c = '?';
  return text.size() > 80 ? out + "..." : out;
}

}  // namespace

Result<NodeId> NodeId::parse(std::string_view hex) {
  auto key = array_from_hex<32>(hex);
  if (!key) return fail(ErrorCode::Malformed, fmt::format("node key '{}': {}", shown(hex), key.error().message));
  return NodeId{*key};
}

Result<Account> Account::parse(std::string_view hex) {
  auto bytes = array_from_hex<33>(hex);
  if (!bytes) return fail(ErrorCode::Malformed, fmt::format("account '{}': {}", shown(hex), bytes.error().message));
  return Account{*bytes};
}

Result<SessionId> SessionId::parse(std::string_view hex) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = hex.find_first_not_of(kSpace);
  if (first == hex.npos) return fail(ErrorCode::Malformed, "Session ID: empty; it has 66 hex digits and starts with 05");
  hex = hex.substr(first, hex.find_last_not_of(kSpace) - first + 1);
  auto bytes = array_from_hex<33>(hex);
  if (!bytes) return fail(ErrorCode::Malformed, fmt::format("Session ID '{}': {}", shown(hex), bytes.error().message));
  if (bytes->front() != std::byte{5})
    return fail(ErrorCode::Malformed,
                fmt::format("Session ID '{}': a person's ID starts with 05, not {}", shown(hex), hex.substr(0, 2)));
  return SessionId{Account{*bytes}};
}

Result<MessageHash> MessageHash::parse(std::string_view text) {
  if (text.size() != 43 || text.find_first_not_of(kBase64) != text.npos)
    return fail(ErrorCode::Malformed, fmt::format("message hash '{}': expected 43 base64 characters", shown(text)));
  return MessageHash{std::string(text)};
}

}  // namespace session

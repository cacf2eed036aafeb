// What somebody may be called.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "core/base/result.h"
#include "core/base/text.h"

namespace session::client {

inline constexpr std::size_t kMaxNameBytes = 80;

/// Errors: Malformed, as "name: " and what is wrong.
[[nodiscard]] inline Result<void> check_name(std::string_view name) {
  if (name.find_first_not_of(" \t\r\n") == name.npos) return fail(ErrorCode::Malformed, "name: empty");
  if (name.size() > kMaxNameBytes)
    return fail(ErrorCode::Malformed, fmt::format("name: {} bytes, at most {}", name.size(), kMaxNameBytes));
  if (!is_utf8(name)) return fail(ErrorCode::Malformed, "name: not UTF-8");
  if (printable(name) != name) return fail(ErrorCode::Malformed, "name: holds a character that cannot be shown");
  return {};
}

}  // namespace session::client

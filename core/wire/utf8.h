// Texts of strangers.
#pragma once

#include <string_view>

namespace session::wire {

/// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace session::wire

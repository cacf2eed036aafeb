// Texts of strangers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace session {

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;  ///< bytes
};
/// At the start of a text that is not empty; nothing where no well-formed sequence begins (RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF).
[[nodiscard]] std::optional<CodePoint> first_code_point(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);

/// What can be shown anywhere without changing what stands around it: control characters, those that turn the direction of text
/// and bytes that are no UTF-8 become U+FFFD, a tab a blank, a line feed `line_feed`.
[[nodiscard]] std::string printable(std::string_view text, std::string_view line_feed = " ");

}  // namespace session

#include "core/base/text.h"

#include <cstdint>

namespace session {
namespace {

/// How a sequence may begin: the range of the first byte, how many follow, and the range of the second byte (RFC 3629 section
/// 4).
struct Lead {
  std::uint8_t from, to, more, second_from, second_to;
};
constexpr Lead kLeads[] = {
    {0x00, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

bool changes_its_surroundings(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || (c >= 0xe0000 && c <= 0xe0fff);
}

}  // namespace

std::optional<CodePoint> first_code_point(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  for (const Lead& lead : kLeads) {
    if (byte(0) < lead.from || byte(0) > lead.to) continue;
    if (text.size() <= lead.more) return std::nullopt;
    char32_t value = lead.more == 0 ? byte(0) : byte(0) & (0x3fU >> lead.more);
    for (std::size_t i = 1; i <= lead.more; ++i) {
      const std::uint8_t low = i == 1 ? lead.second_from : 0x80;
      const std::uint8_t high = i == 1 ? lead.second_to : 0xbf;
      if (byte(i) < low || byte(i) > high) return std::nullopt;
      value = value << 6 | (byte(i) & 0x3fU);
    }
    return CodePoint{value, std::size_t{lead.more} + 1};
  }
  return std::nullopt;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto c = first_code_point(text);
    if (!c) return false;
    text.remove_prefix(c->size);
  }
  return true;
}

std::string printable(std::string_view text, std::string_view line_feed) {
  std::string out;
  while (!text.empty()) {
    const auto c = first_code_point(text);
    const std::size_t size = c ? c->size : 1;
    if (text[0] == '\n')
      out += line_feed;
    else if (text[0] == '\t')
      out += ' ';
    else if (!c || changes_its_surroundings(c->value))
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(0, size);
    text.remove_prefix(size);
  }
  return out;
}

}  // namespace session

#include "core/wire/utf8.h"

#include <cstdint>

namespace session::wire {
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

/// Length of the sequence at the start of `text`, 0 if it is none.
std::size_t sequence(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  for (const Lead& lead : kLeads) {
    if (byte(0) < lead.from || byte(0) > lead.to) continue;
    if (text.size() <= lead.more) return 0;
    for (std::size_t i = 1; i <= lead.more; ++i) {
      const std::uint8_t low = i == 1 ? lead.second_from : 0x80;
      const std::uint8_t high = i == 1 ? lead.second_to : 0xbf;
      if (byte(i) < low || byte(i) > high) return 0;
    }
    return std::size_t{lead.more} + 1;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = sequence(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace session::wire

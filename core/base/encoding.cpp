#include "core/base/encoding.h"

#include <fmt/format.h>

namespace session {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase32z = "ybndrfg8ejkmcpqxot1uwisza345h769";

using Table = std::array<std::int8_t, 256>;

constexpr Table table_of(std::string_view alphabet) {
  Table table{};
  table.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return table;
}

constexpr Table kFromHex = [] {
  Table table = table_of(kHex);
  for (char c = 'A'; c <= 'F'; ++c) table[static_cast<unsigned char>(c)] = static_cast<std::int8_t>(c - 'A' + 10);
  return table;
}();
constexpr Table kFromBase64 = table_of(kBase64);
constexpr Table kFromBase32z = table_of(kBase32z);

int value_of(const Table& table, char c) { return table[static_cast<unsigned char>(c)]; }

std::unexpected<Error> bad_character(const char* what, std::size_t at) {
  return fail(ErrorCode::Malformed, fmt::format("{}: character {} is not of its alphabet", what, at + 1));
}

/// Groups of `bits` from the most significant bit on; a last group that is not full has its bits on top.
std::string encode(BytesView bytes, unsigned bits, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() * 8 + bits - 1) / bits + 3);
  std::uint32_t held = 0;
  unsigned count = 0;
  const std::uint32_t mask = (1u << bits) - 1;
  for (const std::byte b : bytes) {
    held = (held << 8) | std::to_integer<std::uint32_t>(b);
    for (count += 8; count >= bits; count -= bits) out += alphabet[(held >> (count - bits)) & mask];
  }
  if (count > 0) out += alphabet[(held << (bits - count)) & mask];
  return out;
}

Result<Bytes> decode(std::string_view text, unsigned bits, const Table& table, const char* what) {
  Bytes out;
  out.reserve(text.size() * bits / 8);
  std::uint32_t held = 0;
  unsigned count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = value_of(table, text[i]);
    if (value < 0) return bad_character(what, i);
    held = (held << bits) | static_cast<std::uint32_t>(value);
    count += bits;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<std::byte>((held >> count) & 0xff));
    }
  }
  if (count >= bits)
    return fail(ErrorCode::Malformed, fmt::format("{}: {} characters is no possible length", what, text.size()));
  if ((held & ((1u << count) - 1)) != 0)
    return fail(ErrorCode::Malformed, fmt::format("{}: bits left over are not zero", what));
  return out;
}

/// Whole groups of four characters, as every request and answer of an onion has thousands of them. The first group in which a
/// character is not of the alphabet; all groups when every one is.
std::size_t decode_quads(std::string_view text, std::byte* out) {
  const std::size_t quads = text.size() / 4;
  for (std::size_t i = 0; i < quads; ++i, out += 3) {
    const char* c = text.data() + 4 * i;
    const int value = value_of(kFromBase64, c[0]) << 18 | value_of(kFromBase64, c[1]) << 12 | value_of(kFromBase64, c[2]) << 6 |
                      value_of(kFromBase64, c[3]);
    if (value < 0) return i;  // the sign of any of the four shows through
    out[0] = static_cast<std::byte>(value >> 16 & 0xff);
    out[1] = static_cast<std::byte>(value >> 8 & 0xff);
    out[2] = static_cast<std::byte>(value & 0xff);
  }
  return quads;
}

}  // namespace

std::string to_hex(BytesView bytes) {
  std::string out(bytes.size() * 2, '\0');
  char* to = out.data();
  for (const std::byte b : bytes) {
    *to++ = kHex[std::to_integer<unsigned>(b) >> 4];
    *to++ = kHex[std::to_integer<unsigned>(b) & 15];
  }
  return out;
}

Result<void> from_hex_into(std::string_view text, std::span<std::byte> out) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (value_of(kFromHex, text[i]) < 0)
      return fail(ErrorCode::Malformed, fmt::format("character {} is not a hex digit", i + 1));
  if (text.size() % 2 != 0) return fail(ErrorCode::Malformed, fmt::format("{} hex digits, an odd number", text.size()));
  if (text.size() != 2 * out.size())
    return fail(ErrorCode::Malformed, fmt::format("expected {} hex digits, got {}", 2 * out.size(), text.size()));
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::byte>(value_of(kFromHex, text[2 * i]) << 4 | value_of(kFromHex, text[2 * i + 1]));
  return {};
}

Result<Bytes> from_hex(std::string_view text) {
  Bytes out(text.size() / 2);
  if (auto read = from_hex_into(text, out); !read) return fail(read);
  return out;
}

std::string to_base64(BytesView bytes, Padding padding) {
  const std::size_t whole = bytes.size() / 3, rest = bytes.size() % 3;
  std::string out(whole * 4, '\0');
  char* to = out.data();
  for (std::size_t i = 0; i < whole; ++i, to += 4) {
    const auto at = [&](std::size_t k) { return std::to_integer<std::uint32_t>(bytes.data()[3 * i + k]); };
    const std::uint32_t value = at(0) << 16 | at(1) << 8 | at(2);
    to[0] = kBase64[value >> 18];
    to[1] = kBase64[value >> 12 & 63];
    to[2] = kBase64[value >> 6 & 63];
    to[3] = kBase64[value & 63];
  }
  if (rest > 0) out += encode(bytes.last(rest), 6, kBase64);
  if (padding == Padding::With)
    while (out.size() % 4 != 0) out += '=';
  return out;
}

Result<Bytes> from_base64(std::string_view text, Padding padding) {
  if (padding == Padding::With) {
    if (text.size() % 4 != 0)
      return fail(ErrorCode::Malformed, fmt::format("base64: {} characters, not a multiple of four", text.size()));
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  Bytes out(text.size() / 4 * 3);
  const std::size_t quads = decode_quads(text, out.data());
  if (4 * quads == text.size()) return out;
  if (quads != text.size() / 4) return bad_character("base64", text.find_first_not_of(kBase64, 4 * quads));
  auto rest = decode(text.substr(4 * quads), 6, kFromBase64, "base64");
  if (!rest) return decode(text, 6, kFromBase64, "base64");  // for the place and the length that the error names
  append(out, *rest);
  return out;
}

std::string to_base32z(BytesView bytes) { return encode(bytes, 5, kBase32z); }

Result<Bytes> from_base32z(std::string_view text) { return decode(text, 5, kFromBase32z, "base32z"); }

}  // namespace session

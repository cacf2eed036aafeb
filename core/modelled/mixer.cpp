#include "core/modelled/mixer.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace session::modelled {
namespace {

// Digits of the golden ratio, of pi and of e: odd, with about as many ones as zeros.
constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15, kPi = 0x243f6a8885a308d3, kEuler = 0xb7e151628aed2a6b;

/// Little-endian on every machine, so that a run is the same everywhere.
std::uint64_t word(const std::byte* at) { return load_little<std::uint64_t>(at); }

std::uint64_t stream_word(std::uint64_t seed, std::uint64_t i) {
  std::uint64_t w = seed + i * kGolden;
  w ^= w << 13U;
  w ^= w >> 7U;
  return w ^ (w << 17U);
}

}  // namespace

std::uint64_t mix(std::uint64_t seed, BytesView bytes) {
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t a = seed ^ kPi, b = seed ^ kEuler;
  // Two chains side by side keep both multipliers of a core busy.
  for (; left >= 32; left -= 32, at += 32) {
    a = fold(word(at) ^ kPi, word(at + 8) ^ a) + kGolden;
    b = fold(word(at + 16) ^ kEuler, word(at + 24) ^ b) + kGolden;
  }
  ByteArray<32> rest{};
  if (left > 0) std::memcpy(rest.data(), at, left);
  a = fold(word(rest.data()) ^ kPi, word(rest.data() + 8) ^ a) + kGolden;
  b = fold(word(rest.data() + 16) ^ kEuler, word(rest.data() + 24) ^ b) + kGolden;
  return fold(a ^ kGolden, fold(b ^ bytes.size(), kPi) ^ kEuler);
}

void expand(std::uint64_t seed, std::span<std::byte> out) {
  for (std::size_t i = 0; i < out.size(); i += 8) {
    const auto bytes = little(fold(seed + i * kGolden + kPi, seed ^ kEuler));
    std::memcpy(out.data() + i, bytes.data(), std::min<std::size_t>(8, out.size() - i));
  }
}

void mask(std::uint64_t seed, BytesView from, std::span<std::byte> to) {
  const std::size_t words = from.size() / 8;
  for (std::size_t i = 0; i < words; ++i) {
    // In memory order on both sides, so that only the stream's bytes need an order.
    std::uint64_t w = 0;
    std::memcpy(&w, from.data() + 8 * i, 8);
    std::uint64_t s = stream_word(seed, i);
    if constexpr (std::endian::native == std::endian::big) s = __builtin_bswap64(s);
    w ^= s;
    std::memcpy(to.data() + 8 * i, &w, 8);
  }
  const auto last = little(stream_word(seed, words));
  for (std::size_t i = 8 * words; i < from.size(); ++i) to[i] = from[i] ^ last[i - 8 * words];
}

}  // namespace session::modelled

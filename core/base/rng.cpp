#include "core/base/rng.h"

#include <bit>
#include <cassert>

namespace session {
namespace {

std::uint64_t splitmix(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/// FNV-1a: spreads a name over 64 bits; splitmix mixes it further.
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

void Rng::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    const auto word = little(next());
    const std::size_t n = std::min(out.size(), word.size());
    std::copy_n(word.begin(), n, out.begin());
    out = out.subspan(n);
  }
}

std::uint64_t Rng::below(std::uint64_t n) {
  assert(n > 0);
  // Draws below 2^64 mod n are refused, so every residue has the same weight.
  const std::uint64_t refused = (0 - n) % n;
  for (;;) {
    if (const std::uint64_t draw = next(); draw >= refused) return draw % n;
  }
}

std::int64_t Rng::between(std::int64_t low, std::int64_t high) {
  assert(low <= high);
  const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  const std::uint64_t step = span == 0 ? next() : below(span);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + step);
}

SeededRng::SeededRng(std::uint64_t seed) : state_{} {
  for (auto& word : state_) word = splitmix(seed);
}

SeededRng::SeededRng(std::uint64_t seed, std::string_view name) : SeededRng(splitmix(seed) ^ hash_of(name)) {}

std::uint64_t SeededRng::next() {
  auto& s = state_;
  const std::uint64_t result = std::rotl(s[0] + s[3], 23) + s[0];
  const std::uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = std::rotl(s[3], 45);
  return result;
}

}  // namespace session

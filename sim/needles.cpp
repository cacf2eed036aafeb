#include "sim/needles.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace session::sim {
namespace {

std::uint32_t window_at(const char* at) {
  std::uint32_t window = 0;
  std::memcpy(&window, at, sizeof window);
  return window;
}

template <unsigned Bits>
std::uint32_t hash_of(std::uint32_t window) {
  return (window * 0x9e3779b1U) >> (32 - Bits);
}

}  // namespace

void Needles::add(std::string needle) {
  assert(needle.size() >= kShortest);
  for (std::uint32_t at = 0; at < kStep; ++at) {
    const Place place{window_at(needle.data() + at), static_cast<std::uint32_t>(needles_.size()), at};
    places_.insert(std::ranges::upper_bound(places_, place.window, {}, &Place::window), place);
    const std::uint32_t hash = hash_of<kBits>(place.window);
    seen_[hash / 64] |= std::uint64_t{1} << hash % 64;
  }
  needles_.push_back(std::move(needle));
}

bool Needles::is_at(const Place& place, std::string_view text, std::size_t at) const {
  return at >= place.at && text.substr(at - place.at).starts_with(needles_[place.needle]);
}

bool Needles::any_in(std::string_view text) const {
  if (needles_.empty()) return false;
  for (std::size_t at = 0; at + kWindow <= text.size(); at += kStep) {
    const std::uint32_t window = window_at(text.data() + at);
    const std::uint32_t hash = hash_of<kBits>(window);
    if ((seen_[hash / 64] >> hash % 64 & 1) == 0) continue;
    const auto alike = std::ranges::equal_range(places_, window, {}, &Place::window);
    if (std::ranges::any_of(alike, [&](const Place& place) { return is_at(place, text, at); })) return true;
  }
  return false;
}

}  // namespace session::sim

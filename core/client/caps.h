// How much the client machine holds of what others send. For the sources of this room.
#pragma once

#include <cstddef>
#include <string_view>

namespace session::client {

inline constexpr std::size_t kListeners = 2;
/// Of one key on one node, while newer ones take the place of older ones.
inline constexpr std::size_t kMostListeners = 4;
inline constexpr std::size_t kMostHeardLately = 1'000;  ///< messages
inline constexpr std::size_t kMaxPassing = 256;         ///< events that nobody fetched
/// A setting: what was handed over lately, by hash, sender and sent-at.
inline constexpr std::string_view kHandedOver = "handed_over";
inline constexpr std::size_t kHashSize = 43;
inline constexpr std::size_t kHandedOverSize = kHashSize + 33 + 8;
inline constexpr std::size_t kMostHandedOver = 64;

}  // namespace session::client

// What becomes of an onion's layers, and of the answers to them, in the hands of a hostile relay.
#pragma once

#include <span>

#include "core/base/bytes.h"
#include "core/base/rng.h"

namespace session::sim {

/// Changes bytes as somebody might who does not know what they are: some flipped, cut off, added, or all of them others. Never
/// as they were.
void damage(Bytes& bytes, Rng& dice);

/// What somebody does to a layer who knows what it is.
enum class LayerDamage {
  OtherKey,    ///< another key in the place of its ephemeral one, as good as any
  WeakKey,     ///< one of small order, with which everybody agrees on the same secret
  OtherLayer,  ///< all of it is another layer, which the same node got before
};
inline constexpr std::size_t kLayerDamages = 3;
/// `other`: that layer, or empty when there was none. False, and nothing is changed, when it is no layer, or there is no other.
[[nodiscard]] bool damage_layer(Bytes& layer, LayerDamage kind, BytesView other, Rng& dice);

/// The encodings of the points of small order on Curve25519 and its twist, with which X25519 agrees on zero: the five that
/// there are, two of them written twice, each with either top bit (RFC 7748, 6.1; libsodium's list).
[[nodiscard]] std::span<const ByteArray<32>> weak_points();

}  // namespace session::sim

#include "sim/damage.h"

#include <algorithm>
#include <vector>

#include "core/base/encoding.h"
#include "core/modelled/suite.h"
#include "core/onion/layer.h"

namespace session::sim {
namespace {

constexpr std::string_view kKeyField = R"("ephemeral_key":")";
constexpr std::size_t kKeyChars = 64;

/// The digits of a layer's ephemeral key, where they stand; empty when it is none.
std::span<std::byte> key_digits(Bytes& layer) {
  const auto framed = onion::parse_frame(layer);
  if (!framed || !onion::parse_outer(layer)) return {};
  const auto field = framed->json.find(kKeyField);
  if (field == framed->json.npos || field + kKeyField.size() + kKeyChars > framed->json.size()) return {};
  return std::span(layer).subspan(layer.size() - framed->json.size() + field + kKeyField.size(), kKeyChars);
}

}  // namespace

std::span<const ByteArray<32>> weak_points() {
  static const std::vector<ByteArray<32>> points = [] {
    std::vector<ByteArray<32>> all;
    for (const crypto::X25519Public& point : modelled::points_of_small_order()) {
      all.push_back(point.bytes);
      all.push_back(point.bytes);
      all.back()[31] |= std::byte{128};
    }
    return all;
  }();
  return points;
}

void damage(Bytes& bytes, Rng& dice) {
  if (bytes.empty()) return bytes.push_back(std::byte{1});
  switch (dice.below(5)) {
    case 0: bytes[dice.below(bytes.size())] ^= std::byte{1} << dice.below(8); break;
    case 1: bytes.resize(dice.below(bytes.size())); break;
    case 2: bytes.push_back(static_cast<std::byte>(dice.below(256))); break;
    case 3: bytes.front() ^= std::byte{0xff}; break;  // the length of what is sealed
    default:
      for (std::byte& byte : bytes) byte ^= static_cast<std::byte>(1 + dice.below(255));
  }
}

bool damage_layer(Bytes& layer, LayerDamage kind, BytesView other, Rng& dice) {
  if (kind == LayerDamage::OtherLayer) {
    if (other.empty() || std::ranges::equal(layer, other)) return false;
    layer = to_bytes(other);
    return true;
  }
  const std::span<std::byte> digits = key_digits(layer);
  if (digits.empty()) return false;
  ByteArray<32> key = weak_points()[dice.below(weak_points().size())];
  if (kind == LayerDamage::OtherKey) {
    key = dice.bytes<32>();
    key[31] &= std::byte{127};  // as they are written
  }
  const std::string hex = to_hex(key);
  if (std::ranges::equal(digits, bytes_of(hex))) return false;
  std::ranges::copy(bytes_of(hex), digits.begin());
  return true;
}

}  // namespace session::sim

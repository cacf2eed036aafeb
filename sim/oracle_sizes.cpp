// How large packets are.
#include "sim/oracle_sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/onion/layer.h"
#include "sim/opening.h"

namespace session::sim {
namespace {

constexpr std::size_t kHops = 4;
constexpr std::size_t kSealing = 24 + 16;       ///< nonce and tag
constexpr std::size_t kPassing = kSealing + 6;  ///< a relay's, with status and size of what it passes back

class Sizes final : public Oracle {
 public:
  /// What the layers that are left add to a class: measured on an onion of our own, taken off layer by layer.
  Sizes() {
    SeededRng rng(1);
    std::vector<crypto::X25519Pair> keys;
    std::vector<onion::Hop> hops;
    for (std::size_t i = 0; i < kHops; ++i) {
      keys.push_back(crypto::x25519_pair(rng));
      hops.push_back({NodeId{}, keys.back().open});
    }
    Bytes body = onion::wrap(hops, {}, onion::EncType::XChaCha20, rng)->body;
    const std::size_t smallest = onion::padding_class(1);
    for (std::size_t hop = 0; hop < kHops; ++hop) {
      added_[hop] = body.size() - smallest;
      const auto peeled = onion::peel(*onion::parse_outer(body), keys[hop]);
      if (const auto* inner = std::get_if<onion::Inner>(&peeled->inside)) body = inner->body;
    }
  }

  /// O3
  void on_link(const PacketOnLink& packet, Court& court) override {
    const World& world = court.world();
    if (packet.is_copy || world.is_seed(packet.from) || world.is_seed(packet.to)) return;
    if (packet.is_damaged) return;
    const std::size_t size = packet.body.size();
    if (!packet.is_answer) {
      if (!onion::parse_outer(packet.body)) return;
      court.look("O3");
      const bool is_first = world.is_person(packet.from);
      const auto fits = [&](std::size_t added) { return size > added && is_class(size - added); };
      if (is_first ? fits(added_[0]) : std::any_of(added_.begin() + 1, added_.end(), fits)) return;
    } else {
      // A guard's own refusal is a sentence. Whatever else came, damaged or cut, it has filled up.
      if (!world.is_person(packet.to) || !print_of_sealed(packet.body)) return;
      court.look("O3");
      if (is_answer_of_a_class(size)) return;
    }
    court.violate("O3", fmt::format("{} bytes from {} to {} are of no padding class", size, court.name(packet.from),
                                    court.name(packet.to)));
  }

 private:
  static bool is_class(std::size_t size) { return onion::padding_class(size) == size; }
  /// Base64 of what the destination sealed, sealed by each of three relays.
  static bool is_answer_of_a_class(std::size_t size) {
    constexpr std::size_t kRelays = (kHops - 1) * kPassing;
    if (size <= kRelays || (size - kRelays) % 4 != 0) return false;
    const std::size_t most = (size - kRelays) / 4 * 3;  // bytes in it, of which the last two may be filling
    for (std::size_t filling = 0; filling < 3 && most > kSealing + filling; ++filling)
      if (is_class(most - filling - kSealing)) return true;
    return false;
  }

  std::array<std::size_t, kHops> added_{};
};

}  // namespace

std::unique_ptr<Oracle> sizes_oracle() { return std::make_unique<Sizes>(); }

}  // namespace session::sim

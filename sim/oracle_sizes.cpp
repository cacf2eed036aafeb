// How large packets are.
#include "sim/oracle_sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_set>

#include "core/onion/layer.h"

namespace session::sim {
namespace {

constexpr std::size_t kHops = 4;
constexpr std::size_t kSealing = 24 + 16;  ///< nonce and tag of an answer

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
    if (packet.is_copy || packet.from == world.seed() || packet.to == world.seed()) return;
    const std::size_t size = packet.body.size();
    // A relay passes an answer on as it came.
    if (packet.is_damaged) damaged_.insert(digest_of(packet.body));
    if (packet.is_damaged || (!damaged_.empty() && damaged_.contains(digest_of(packet.body)))) return;
    if (!packet.is_answer) {
      if (!onion::parse_outer(packet.body)) return;
      court.look("O3");
      const bool is_first = world.is_person(packet.from);
      const auto fits = [&](std::size_t added) { return size > added && is_class(size - added); };
      if (is_first ? fits(added_[0]) : std::any_of(added_.begin() + 1, added_.end(), fits)) return;
    } else {
      if (!world.is_person(packet.to) || !is_sealed(packet.body)) return;
      court.look("O3");
      if (size % 4 == 0 && is_class(from_base64(text_of(packet.body)).value_or(Bytes{}).size() - kSealing)) return;
    }
    court.violate("O3", fmt::format("{} bytes from {} to {} are of no padding class", size, court.name(packet.from),
                                    court.name(packet.to)));
  }

 private:
  static std::size_t digest_of(BytesView body) { return std::hash<std::string_view>{}(text_of(body)); }
  static bool is_class(std::size_t size) { return onion::padding_class(size) == size; }
  /// What came through all layers, in base64; a relay's own refusal is a sentence.
  static bool is_sealed(BytesView body) {
    return !body.empty() && text_of(body).find(' ') == std::string_view::npos && from_base64(text_of(body)).has_value();
  }

  std::array<std::size_t, kHops> added_{};
  std::unordered_set<std::size_t> damaged_;  ///< answers that somebody changed
};

}  // namespace

std::unique_ptr<Oracle> sizes_oracle() { return std::make_unique<Sizes>(); }

}  // namespace session::sim

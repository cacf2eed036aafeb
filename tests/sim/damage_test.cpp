// What a hostile relay does to onions, and that whoever gets it refuses it.
#include "sim/damage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/modelled/suite.h"
#include "core/onion/layer.h"
#include "tests/sim/friends.h"

namespace session::sim {
namespace {

TEST(Damage, BytesAreNeverAsTheyWere) {
  SeededRng dice(5);
  for (int i = 0; i < 2'000; ++i) {
    const Bytes before(dice.below(40), std::byte{7});
    Bytes after = before;
    damage(after, dice);
    EXPECT_NE(after, before);
  }
}

/// An onion for one node, and that node's keys.
class DamagedLayer : public testing::Test {
 protected:
  DamagedLayer() {
    crypto::initialise();
    keys = crypto::x25519_pair(rng);
  }
  Bytes layer(char fill = 'a') {
    const onion::Hop hop{NodeId{}, keys.open};
    return onion::wrap({&hop, 1}, Bytes(100, static_cast<std::byte>(fill)), onion::EncType::XChaCha20, rng)->body;
  }
  [[nodiscard]] bool opens(const Bytes& body) const {
    const auto outer = onion::parse_outer(body);
    return outer && onion::peel(*outer, keys);
  }
  SeededRng rng{1};
  crypto::X25519Pair keys;
};

TEST_F(DamagedLayer, HasAnotherKeyAndIsALayerStill) {
  for (const LayerDamage kind : {LayerDamage::OtherKey, LayerDamage::WeakKey}) {
    const Bytes before = layer();
    Bytes after = before;
    ASSERT_TRUE(opens(before));
    ASSERT_TRUE(damage_layer(after, kind, {}, rng));
    const auto was = onion::parse_outer(before), is = onion::parse_outer(after);
    ASSERT_TRUE(is);
    EXPECT_NE(is->ephemeral, was->ephemeral);
    EXPECT_EQ(is->ciphertext, was->ciphertext);
    EXPECT_EQ(after.size(), before.size());
    EXPECT_FALSE(opens(after));
  }
}

TEST_F(DamagedLayer, IsAnotherThatOpensWhereThereIsOne) {
  const Bytes other = layer('b');
  Bytes after = layer('a');
  const Bytes before = after;
  EXPECT_FALSE(damage_layer(after, LayerDamage::OtherLayer, {}, rng));
  EXPECT_FALSE(damage_layer(after, LayerDamage::OtherLayer, before, rng)) << "that is the same";
  EXPECT_EQ(after, before);
  ASSERT_TRUE(damage_layer(after, LayerDamage::OtherLayer, other, rng));
  EXPECT_EQ(after, other);
  EXPECT_TRUE(opens(after)) << "only who remembers its key can refuse it";
}

TEST_F(DamagedLayer, WhatIsNoLayerStaysAsItWas) {
  Bytes text = to_bytes(bytes_of("no layer"));
  EXPECT_FALSE(damage_layer(text, LayerDamage::WeakKey, {}, rng));
  EXPECT_EQ(text, to_bytes(bytes_of("no layer")));
}

TEST_F(DamagedLayer, NobodyAgreesWithAWeakPoint) {
  EXPECT_EQ(weak_points().size(), 14u);
  EXPECT_EQ(std::set<ByteArray<32>>(weak_points().begin(), weak_points().end()).size(), 14u);
  for (const bool is_modelled : {false, true}) {
    const modelled::Scope cryptography(is_modelled);
    const auto own = crypto::x25519_pair(rng);
    for (const ByteArray<32>& point : weak_points()) {
      EXPECT_FALSE(crypto::agree(own.secret, {point})) << to_hex(point) << (is_modelled ? " modelled" : "");
      const onion::Hop hop{NodeId{}, {point}};
      EXPECT_FALSE(onion::wrap({&hop, 1}, Bytes(10), onion::EncType::XChaCha20, rng)) << to_hex(point);
    }
  }
}

/// Finds out what was done to the layers on links, and what their receivers say.
class Refusals final : public TraceReader {
 public:
  explicit Refusals(const World& world) : world_(world) {}
  void on(const trace::Record& record) override {
    if (const auto* delivered = std::get_if<trace::PacketDelivered>(&record.fact)) {
      const auto found = under_way_.find(delivered->packet);
      at_ = found == under_way_.end() ? std::nullopt : std::optional(found->second);
      const auto body = sent_.find(delivered->packet);
      const bool is_first = body != sent_.end() && arrived_.insert(body->second).second;
      // What overtook the packet that it is a copy of is a good one.
      if (at_ == LayerDamage::OtherLayer && is_first) at_.reset();
      if (at_) ++delivered_[*at_];
      return;
    }
    const auto* refused = std::get_if<trace::Refused>(&record.fact);
    if (at_ && refused != nullptr && refused->status == 400 && refused->reason == "Invalid ciphertext") ++refused_[*at_];
    at_.reset();
  }
  void on_link(const PacketOnLink& packet) override {
    if (packet.route != wire::Route::Onion || packet.is_answer || packet.is_copy) return;
    const auto layer = onion::parse_outer(packet.body);
    if (!layer) return;
    const bool is_weak = std::ranges::find(weak_points(), layer->ephemeral.bytes) != weak_points().end();
    sent_.emplace(packet.packet, to_bytes(packet.body));
    const bool is_known = !bodies_.insert(to_bytes(packet.body)).second;
    if (!packet.is_damaged) return;
    const bool opens = onion::peel(*layer, crypto::x25519_of(world_.keys_of(packet.to))).has_value();
    if (is_weak)
      under_way_[packet.packet] = LayerDamage::WeakKey;
    else if (is_known)
      under_way_[packet.packet] = LayerDamage::OtherLayer;
    else if (!opens)
      under_way_[packet.packet] = LayerDamage::OtherKey;  // or its ciphertext was flipped
  }
  std::map<LayerDamage, int> delivered_, refused_;

 private:
  const World& world_;
  std::set<Bytes> bodies_, arrived_;
  std::map<std::uint64_t, Bytes> sent_;
  std::map<std::uint64_t, LayerDamage> under_way_;
  std::optional<LayerDamage> at_;
};

class DamagedLinks : public Friends {};

TEST_F(DamagedLinks, EveryKindIsRefusedAndSaidAndPeopleGetTheirMessages) {
  befriend("hello");
  Refusals refusals(world);
  reader = &refusals;
  LinkModel link = world.link();
  link.damage_ppm = 50'000;
  world.set_link(link);
  for (int i = 0; i < 40; ++i) {
    if (i == 20) world.set_down(bob, true, reader);
    run(alice, client::Send{id(bob), "words " + std::to_string(i)});
    pass(seconds(10));
  }
  world.set_down(bob, false, reader);
  run(bob, client::GoOnline{});
  pass(minutes(2));
  link.damage_ppm = 0;
  world.set_link(link);
  pass(minutes(10));
  for (const LayerDamage kind : {LayerDamage::OtherKey, LayerDamage::WeakKey, LayerDamage::OtherLayer}) {
    EXPECT_GT(refusals.delivered_[kind], 0) << static_cast<int>(kind);
    EXPECT_EQ(refusals.refused_[kind], refusals.delivered_[kind]) << static_cast<int>(kind);
  }
  std::set<std::string> shown;
  for (const auto& row : messages(bob)) shown.insert(row.body);
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(shown.contains("words " + std::to_string(i))) << i;
}

}  // namespace
}  // namespace session::sim

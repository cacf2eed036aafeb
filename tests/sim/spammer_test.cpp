#include "sim/spammer.h"

#include <gtest/gtest.h>

#include "core/pow/search.h"
#include "core/wire/answers.h"

namespace session::sim {
namespace {

const Instant kNow = Instant::from_unix_millis(1'600'000'000'000);

class Flood : public testing::Test {
 protected:
  Flood() {
    config.victim.bytes[0] = std::byte{5};
    config.until = kNow + seconds(10);
  }
  static swarm::Registry network() {
    std::vector<wire::RegistryEntry> nodes(7);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      nodes[i].id.key[0] = static_cast<std::byte>(i + 1);
      nodes[i].address = {"10.0.0.1", 22021};
      nodes[i].swarm = SwarmId{77};
    }
    return {1, {}, *pow::preset("readme"), nodes};
  }
  /// What the spammer wants after an input.
  std::vector<wire::Effect> after(Spammer& spammer, const Spammer::Input& input, Instant now = kNow) {
    wire::Effects effects(false);
    spammer.on(input, {now, rng, registry, effects});
    return effects.take();
  }
  template <class Wanted>
  static const Wanted* find(const std::vector<wire::Effect>& all) {
    for (const wire::Effect& each : all)
      if (const auto* found = std::get_if<Wanted>(&each)) return found;
    return nullptr;
  }
  SpamConfig config;
  swarm::Registry registry = network();
  SeededRng rng{7};
};

TEST_F(Flood, SendsRubbishInTimeAndStopsAtTheEnd) {
  Spammer spammer(config);
  const auto wishes = after(spammer, wire::Woken{1});
  const auto* wake = find<wire::Wake>(wishes);
  ASSERT_NE(wake, nullptr);
  EXPECT_EQ(wake->at, kNow + seconds(1));
  const auto* call = find<wire::Call>(wishes);
  ASSERT_NE(call, nullptr);
  const auto request = wire::parse_rpc(call->request.body);
  ASSERT_TRUE(request);
  const auto& store = std::get<wire::StoreRequest>(*request);
  EXPECT_EQ(store.account, config.victim);
  EXPECT_EQ(store.data.size(), config.bytes);
  EXPECT_FALSE(store.nonce);
  EXPECT_TRUE(after(spammer, wire::Woken{1}, config.until).empty());
  EXPECT_EQ(spammer.sums().sent, 1u);
}

TEST_F(Flood, PaysForOneAfterAnotherWhereWorkIsDue) {
  config.bytes = 3'000;
  config.pays = true;
  Spammer spammer(config);
  const auto wishes = after(spammer, wire::Woken{1});
  EXPECT_EQ(find<wire::Call>(wishes), nullptr);
  const auto* stamp = find<wire::Stamp>(wishes);
  ASSERT_NE(stamp, nullptr);
  EXPECT_EQ(find<wire::Stamp>(after(spammer, wire::Woken{1})), nullptr) << "two searches at once";
  const auto found = pow::search(stamp->puzzle, 0, ~std::uint64_t{0});
  const auto sent = after(spammer, wire::Stamped{stamp->id, found.nonce, found.trials, 5});
  const auto* call = find<wire::Call>(sent);
  ASSERT_NE(call, nullptr);
  const auto request = wire::parse_rpc(call->request.body);
  ASSERT_TRUE(request);
  const auto& store = std::get<wire::StoreRequest>(*request);
  ASSERT_TRUE(store.nonce);
  EXPECT_TRUE(pow::is_met(*pow::puzzle_for(store.stamped, registry.network().difficulty), *store.nonce));
  EXPECT_EQ(spammer.sums().stamps, 1u);
  EXPECT_EQ(spammer.sums().trials, found.trials);
}

TEST_F(Flood, CountsWhatItIsAnswered) {
  Spammer stores(config);
  after(stores, wire::Answered{{1}, {200, {}, {}}});
  after(stores, wire::Answered{{2}, wire::work_required(10)});
  after(stores, wire::CallFailed{});
  config.what = SpamConfig::What::Relays;
  Spammer relays(config);
  const auto wishes = after(relays, wire::Woken{1});
  const auto request = wire::parse_rpc(find<wire::Call>(wishes)->request.body);
  EXPECT_TRUE(request && std::holds_alternative<wire::RelayRequest>(*request));
  after(relays, wire::Answered{{1}, wire::ok(wire::RelayAnswer{true, {}})});
  after(relays, wire::Answered{{2}, wire::ok(wire::RelayAnswer{false, {}})});
  const SpamSums sums = stores.sums() + relays.sums();
  EXPECT_EQ(sums.sent, 1u);
  EXPECT_EQ(sums.taken, 2u);
  EXPECT_EQ(sums.unheard, 1u);
  EXPECT_EQ(sums.unanswered, 1u);
  EXPECT_EQ(sums.refused, (std::map<std::uint16_t, std::uint64_t>{{432, 1}}));
}

}  // namespace
}  // namespace session::sim

// W1 by hand; R1, R5 and W2 by their mutants in mutants_test.cpp.
#include "sim/oracle_sealed.h"

#include <gtest/gtest.h>

#include "core/pow/search.h"
#include "core/wire/rpc.h"

namespace session::sim {
namespace {

class SealedOracle : public testing::Test {
 protected:
  World world = [] {
    WorldConfig c;
    c.nodes = 8;
    c.network = *pow::preset("loki-2020");
    return World(c);
  }();
  wire::StoreRequest store = [] {
    Account account;
    account.bytes[0] = std::byte{5};
    return wire::make_store(account, 0, 1'577'836'800'000, days(1), to_bytes("some words"));
  }();
  /// The stamp for this price, or for a little less than it.
  [[nodiscard]] pow::Nonce stamp(std::uint64_t difficulty, bool is_enough) const {
    const pow::Puzzle puzzle = pow::puzzle_for(store.stamped, difficulty).value();
    pow::Nonce nonce{};
    for (std::uint64_t i = 0; pow::is_met(puzzle, nonce) != is_enough; ++i) nonce = big(i);
    return nonce;
  }
  [[nodiscard]] std::string verdict() {
    Court court(world);
    const auto oracle = sealed_oracle();
    oracle->check(court);
    const Bytes body = wire::to_json(wire::RpcRequest(store));
    oracle->on_link({1, world.now(), body, world.node(0), world.node(1), false, false}, court);
    EXPECT_EQ(court.cases().at("W1"), 1u);
    return court.violations().empty() ? "" : court.violations()[0].oracle;
  }
};

TEST_F(SealedOracle, FindsWhatWasTakenWithoutAStamp) {  // W1
  EXPECT_EQ(verdict(), "W1");
}

TEST_F(SealedOracle, HoldsNoForgeryAgainstWhoTakesNone) {  // W1
  const auto is_looked_at = [&](bool is_damaged) {
    Court court(world);
    const auto oracle = sealed_oracle();
    const Bytes body = wire::to_json(wire::RpcRequest(store));
    oracle->on_link({1, world.now(), body, world.node(0), world.node(1), false, false, is_damaged}, court);
    return court.cases().contains("W1");
  };
  EXPECT_TRUE(is_looked_at(false));
  EXPECT_FALSE(is_looked_at(true)) << "not what was sent";
  Malice malice;
  malice.add(Hostile::Forge);
  world.set_hostile(world.node(0), malice, nullptr);
  EXPECT_FALSE(is_looked_at(false));
}

TEST_F(SealedOracle, FindsAStampThatIsWorthTooLittle) {  // W1
  store.nonce = stamp(1, true);
  EXPECT_EQ(verdict(), "");
  store.nonce = stamp(1, false);
  EXPECT_EQ(verdict(), "W1");
}

TEST_F(SealedOracle, FindsAStampForOtherBytes) {  // W1: over the bytes as sent
  store.nonce = stamp(1, true);
  EXPECT_EQ(verdict(), "");
  for (int i = 0; i < 5; ++i) {  // one in some two hundred is good by chance
    store.ttl_ms += 1000;
    store.stamped.ttl = std::to_string(store.ttl_ms);
  }
  EXPECT_EQ(verdict(), "W1");
}

}  // namespace
}  // namespace session::sim

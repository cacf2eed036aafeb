#include "sim/stand_in.h"

#include <gtest/gtest.h>

#include "core/onion/layer.h"
#include "core/wire/rpc.h"

namespace session::sim {
namespace {

class StandIn : public testing::Test {
 protected:
  SeededRng dice{1};
  node::Config config = [this] {
    node::Config c;
    c.keys = crypto::ed25519_pair(dice);
    return c;
  }();
  const Account account{dice.bytes<33>()};
  const wire::RelayRequest relay{.account = account, .token = Bytes(16), .data = Bytes(8)};

  [[nodiscard]] wire::Request ask(wire::Route route, const wire::RpcRequest& rpc) const {
    return {route, wire::to_json(rpc), {}};
  }
  static std::string words(const std::optional<wire::Answer>& answer) {
    return answer ? std::to_string(answer->status) + " " + std::string(text_of(answer->body)) : "the machine's";
  }
};

TEST_F(StandIn, ANodeOfTodayKnowsNoListenersAndComparesNothing) {
  const auto said = [&](wire::Route route, const wire::RpcRequest& rpc) {
    return words(answer_of_today(ask(route, rpc), config, dice));
  };
  EXPECT_EQ(said(wire::Route::StorageRpc, relay), "400 no method relay");
  EXPECT_EQ(said(wire::Route::SwarmStore, relay), "400 no method relay") << "of another member";
  EXPECT_EQ(said(wire::Route::StorageRpc, wire::InfoRequest{}), "the machine's");
  EXPECT_EQ(answer_of_today({wire::Route::SwarmRepair, {}, {}}, config, dice)->status, 404);
  EXPECT_FALSE(answer_of_today({wire::Route::Onion, Bytes(100), {}}, config, dice)) << "nothing that opens";
  EXPECT_FALSE(answer_of_today({wire::Route::PingTest, {}, {}}, config, dice));
}

TEST_F(StandIn, NothingIsComparedThatATodaysNodeWouldNotCompare) {
  wire::Effects effects(false);
  const NodeId peer = crypto::node_of(config.keys.open);
  for (const auto route : {wire::Route::SwarmRepair, wire::Route::SwarmStore})
    effects.call({{1}, wire::NodePeer{peer, {}}, {route, {}, {}}, seconds(1)});
  auto wishes = effects.take();
  keep_to_today(wishes);
  EXPECT_EQ(std::get<wire::NodePeer>(std::get<wire::Call>(wishes[0]).to).id, NodeId{});
  EXPECT_EQ(std::get<wire::NodePeer>(std::get<wire::Call>(wishes[1]).to).id, peer);
}

}  // namespace
}  // namespace session::sim

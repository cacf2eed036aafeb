#include "sim/chains.h"

#include "sim/knowledge.h"
#include "tests/sim/friends.h"
#include "tests/sim/walk.h"

namespace session::sim {
namespace {

class ChainsOfLayers : public Friends {
 protected:
  Chains chains{world};
  void walk(const std::vector<MachineIndex>& nodes, std::uint64_t first = 1) {
    Walk(world, alice, nodes, Walk::store_for(id(bob).account), first).tell([&](const PacketOnLink& packet) {
      chains.add(packet, world.now());
    });
  }
  [[nodiscard]] std::vector<bool> only(const std::vector<MachineIndex>& members) const {
    std::vector<bool> has(world.names().size());
    for (const MachineIndex m : members) has[m.value] = true;
    return has;
  }
  [[nodiscard]] std::vector<MachineIndex> nodes(std::size_t many) const {
    std::vector<MachineIndex> out;
    for (std::size_t i = 0; i < many; ++i) out.push_back(world.node(i));
    return out;
  }
};

TEST_F(ChainsOfLayers, FollowARequestFromItsClientToItsDestination) {
  walk(nodes(4));
  const auto answered = chains.take_answered();
  ASSERT_EQ(answered.size(), 1u);
  const Chain& chain = answered[0];
  ASSERT_EQ(chain.passages.size(), 4u);
  EXPECT_EQ(chain.of_client()->to, world.node(0));
  EXPECT_EQ(chain.to_destination()->to, world.node(3));
  EXPECT_EQ(chain.to_destination()->named->account, id(bob).account);
  for (std::size_t i = 0; i + 1 < 4; ++i) EXPECT_EQ(chain.passages[i].inside, std::vector{chain.passages[i + 1].layer});
  EXPECT_TRUE(chains.take_answered().empty());
}

TEST_F(ChainsOfLayers, KeepTwoRequestsApart) {
  walk(nodes(4), 1);
  walk(nodes(4), 100);
  EXPECT_EQ(chains.take_answered().size(), 2u);
}

TEST_F(ChainsOfLayers, AreJoinedByExactlyThoseWhoKnowBothEnds) {
  const auto path = nodes(4);
  walk(path);
  const auto answered = chains.take_answered();
  Recorder recorder;
  Walk(world, alice, path, Walk::store_for(id(bob).account)).tell([&](const PacketOnLink& packet) {
    recorder.on_link(packet);
    recorder.on({world.now(), packet.to, trace::PacketDelivered{packet.packet}});
  });
  for (unsigned set = 0; set < 16; ++set) {
    std::vector<MachineIndex> members;
    for (std::size_t i = 0; i < 4; ++i)
      if ((set >> i & 1U) != 0) members.push_back(path[i]);
    const bool joined = joins(answered[0], only(members));
    EXPECT_EQ(joined, set == 15U) << set;
    EXPECT_EQ(joined, !know(recorder, world, {members, {}, false}).links.empty()) << set;
  }
}

TEST_F(ChainsOfLayers, GuardAndDestinationJoinWhereTheAnswerPassesAsItIs) {
  if (!mutant::kAreBuilt) GTEST_SKIP() << "this build has no mutants";
  const mutant::Scope scope(Mutant::O1Answer);
  walk(nodes(4));
  const auto answered = chains.take_answered();
  EXPECT_TRUE(joins(answered[0], only({world.node(0), world.node(3)})));
  EXPECT_FALSE(joins(answered[0], only({world.node(0), world.node(2)})));
}

TEST_F(ChainsOfLayers, ANodeThatIsMetTwiceJoinsNothingAlone) {
  walk({world.node(0), world.node(1), world.node(2), world.node(0)});
  const auto answered = chains.take_answered();
  EXPECT_FALSE(joins(answered[0], only({world.node(0)})));
  EXPECT_FALSE(joins(answered[0], only({world.node(0), world.node(1)})));
  EXPECT_TRUE(joins(answered[0], only({world.node(0), world.node(1), world.node(2)})));
}

TEST_F(ChainsOfLayers, NeighboursJoinAPathOfOneRelay) {
  walk(nodes(2));
  const auto answered = chains.take_answered();
  EXPECT_TRUE(joins(answered[0], only(nodes(2))));
}

TEST_F(ChainsOfLayers, AreGivenUpWhenTheyAreOld) {
  std::size_t told = 0;
  Walk(world, alice, nodes(4), Walk::store_for(id(bob).account)).tell([&](const PacketOnLink& packet) {
    if (told++ < 3) chains.add(packet, world.now());
  });
  EXPECT_TRUE(chains.take_answered().empty());
  EXPECT_TRUE(chains.take_begun_before(world.now()).empty());
  const auto old = chains.take_begun_before(world.now() + seconds(1));
  ASSERT_EQ(old.size(), 1u);
  EXPECT_EQ(old[0].passages.size(), 3u);
  EXPECT_FALSE(old[0].has_both_ends());
}

TEST_F(ChainsOfLayers, PassOverWhatIsNoLayer) {
  chains.add({1, {}, bytes_of("nothing"), alice, world.node(0), false, false, false, wire::Route::Onion, 1}, world.now());
  chains.add({2, {}, bytes_of("nothing"), world.node(0), alice, true, false, false, wire::Route::Onion, 1}, world.now());
  EXPECT_TRUE(chains.take_answered().empty());
  EXPECT_TRUE(chains.take_begun_before(world.now() + seconds(1)).empty());
}

}  // namespace
}  // namespace session::sim

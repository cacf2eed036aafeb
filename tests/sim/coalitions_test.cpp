#include "sim/coalitions.h"

#include <nlohmann/json.hpp>

#include "sim/knowledge.h"
#include "tests/sim/friends.h"

namespace session::sim {
namespace {

class Coalitions : public Friends {
 protected:
  Recorder recorder;
  std::vector<Chain> chains;
  void SetUp() override {
    reader = &recorder;
    befriend("hello, it is Alice");
    run(alice, client::Send{id(bob), "the first words"});
    pass(minutes(2));
    chains = chains_of(recorder, world);
    ASSERT_GT(chains.size(), 20u);
  }
};

TEST_F(Coalitions, OfOneAndOfTwoJoinNothing) {
  const SmallCoalitions small = small_coalitions(chains, world);
  EXPECT_EQ(small.requests, chains.size());
  EXPECT_EQ(small.by_one, 0u);
  ASSERT_GT(small.whole, 20u);
  for (std::size_t a = 0; a < 4; ++a)
    for (std::size_t b = a + 1; b < 4; ++b) EXPECT_EQ(small.by_two[a][b], 0u) << kPlaces[a] << kPlaces[b];
  EXPECT_EQ(small.joining_pairs, 0u);
  EXPECT_EQ(small.most, 0u);
}

TEST_F(Coalitions, AgreeWithTheClosureForAnySetOfNodes) {
  SeededRng dice(9);
  for (int round = 0; round < 10; ++round) {
    std::vector<MachineIndex> members;
    std::vector<bool> has(world.names().size());
    for (std::size_t i = 0; i < world.nodes(); ++i)
      if (dice.one_in(3)) members.push_back(world.node(i)), has[world.node(i).value] = true;
    std::set<std::size_t> linked;
    for (const Link& link : know(recorder, world, {members, {}, false}).links) linked.insert(link.request);
    const auto joined = std::ranges::count_if(chains, [&](const Chain& chain) { return joins(chain, has); });
    EXPECT_EQ(static_cast<std::size_t>(joined), linked.size()) << "round " << round;
  }
}

TEST_F(Coalitions, OfNobodyJoinNothingAndOfAllEverything) {
  const HostileShare none = with_hostile(chains, world, 0, 3, 1), all = with_hostile(chains, world, 100, 3, 1);
  EXPECT_EQ(none.joined_requests, 0u);
  EXPECT_EQ(none.watched_people, 0u);
  EXPECT_EQ(all.hostile, world.nodes());
  EXPECT_EQ(all.joined_requests, 3 * chains.size());
  EXPECT_EQ(all.of_people(all.joined_people), 1);
  EXPECT_EQ(all.formula_of_people, 1);
}

TEST_F(Coalitions, DrawnAtRandomJoinAboutWhatTheFormulaSays) {
  const HostileShare share = with_hostile(chains, world, 30, 2'000, 1);
  EXPECT_EQ(share.hostile, 4u);
  EXPECT_EQ(share.people, 2u);
  EXPECT_NEAR(share.of_requests(share.watched_requests), 4. * 3 / (14 * 13), 0.03);
  EXPECT_LE(share.of_people(share.watched_people), share.formula_here + 0.05);
  // Who joins by bytes has all four places.
  EXPECT_NEAR(share.of_requests(share.joined_requests), 4. * 3 * 2 * 1 / (14. * 13 * 12 * 11), 0.001);
  EXPECT_LE(share.joined_people, share.watched_people);
  const HostileShare again = with_hostile(chains, world, 30, 2'000, 1);
  EXPECT_EQ(share.joined_requests, again.joined_requests);
}

TEST_F(Coalitions, AreToldInWordsAndAsJson) {
  const SmallCoalitions small = small_coalitions(chains, world);
  const HostileShare share = with_hostile(chains, world, 10, 10, 1);
  const std::string text = coalitions_text(small, share, world);
  EXPECT_NE(text.find("guard + destination"), std::string::npos);
  EXPECT_NE(text.find("1 of 14 nodes hostile"), std::string::npos);
  const auto json = nlohmann::json::parse(coalitions_json(small, share, world));
  EXPECT_EQ(json["one"]["joined"], 0);
  EXPECT_EQ(json["two"]["coalitions"], 91);
  EXPECT_EQ(json["two"]["joined"]["guard + middle"], 0);
  EXPECT_EQ(json["hostile"]["nodes"], 14);
}

}  // namespace
}  // namespace session::sim

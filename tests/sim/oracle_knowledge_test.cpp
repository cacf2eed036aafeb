#include "sim/oracle_knowledge.h"

#include "core/base/mutant.h"
#include "tests/sim/court.h"
#include "tests/sim/walk.h"

namespace session::sim {
namespace {

class KnowledgeOracle : public Judged {
 protected:
  /// What the judge says of a request over these nodes.
  [[nodiscard]] std::string verdict(const std::vector<std::size_t>& path) const {
    std::vector<MachineIndex> nodes;
    for (const std::size_t i : path) nodes.push_back(world.node(i));
    Court court(world);
    const auto oracle = knowledge_oracle();
    Walk(world, alice, nodes, Walk::store_for(id(bob).account)).tell([&](const PacketOnLink& packet) {
      oracle->on_link(packet, court);
    });
    EXPECT_EQ(court.cases().at("O1"), 1u);
    return court.violations().empty() ? "" : court.violations()[0].oracle + ": " + court.violations()[0].what;
  }
};

TEST_F(KnowledgeOracle, IsContentWithThreeRelaysAndHasLookedAtThem) {
  EXPECT_EQ(verdict({0, 1, 2, 3}), "");
  EXPECT_GT(oracles.cases().at("O1"), 10u);
}

TEST_F(KnowledgeOracle, FindsOneWhoKnowsBothEnds) {  // O1: the mutant that takes no path
  EXPECT_NE(verdict({4}).find("O1: node-04 knows both the address of Alice"), std::string::npos);
}

TEST_F(KnowledgeOracle, FindsNeighboursWhoKnowBothEnds) { EXPECT_NE(verdict({4, 5}).find("together know"), std::string::npos); }

TEST_F(KnowledgeOracle, FindsLayersThatShareAKey) {  // O1: the mutants of layers
  if (!mutant::kAreBuilt) GTEST_SKIP() << "this build has no mutants";
  {
    const mutant::Scope scope(Mutant::O1Layers);
    EXPECT_NE(verdict({0, 1, 2, 3}).find("node-03 and node-00 together know"), std::string::npos);
  }
  const mutant::Scope scope(Mutant::O1Key);
  EXPECT_NE(verdict({0, 1, 2, 3}).find("node-00 knows"), std::string::npos);
}

TEST_F(KnowledgeOracle, FindsAnswersThatPassAsTheyAre) {  // O1: the mutant of answers
  if (!mutant::kAreBuilt) GTEST_SKIP() << "this build has no mutants";
  const mutant::Scope scope(Mutant::O1Answer);
  EXPECT_NE(verdict({0, 1, 2, 3}).find("node-03 and node-00 together know"), std::string::npos);
}

}  // namespace
}  // namespace session::sim

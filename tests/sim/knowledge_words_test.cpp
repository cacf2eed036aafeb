#include "sim/knowledge_words.h"

#include <nlohmann/json.hpp>

#include "tests/sim/friends.h"

namespace session::sim {
namespace {

class KnowledgeWords : public Friends {
 protected:
  Recorder recorder;
  void SetUp() override {
    reader = &recorder;
    befriend("hello, it is Alice");
  }
  [[nodiscard]] Coalition of(std::string_view words) const { return parse_coalition(words, world, recorder).value(); }
  /// Who is joined by bytes, since every layer is theirs.
  [[nodiscard]] Coalition all_nodes() const {
    Coalition all;
    for (std::size_t i = 0; i < world.nodes(); ++i) all.members.push_back(world.node(i));
    return all;
  }
  [[nodiscard]] std::string wrong(std::string_view words) const {
    const auto parsed = parse_coalition(words, world, recorder);
    return parsed ? "" : parsed.error().message;
  }
};

TEST_F(KnowledgeWords, NameACoalition) {
  const Coalition all = of("node-03, Alice,seed,links,key-of:node-05");
  EXPECT_EQ(all.members, (std::vector{world.node(3), alice, world.seed()}));
  EXPECT_EQ(all.stolen_keys, (std::vector{world.node(5)}));
  EXPECT_TRUE(all.watches_links);
  const auto& registry = *world.registry();
  EXPECT_EQ(of("swarm-of:Bob").members.size(), registry.members(registry.swarm_of(id(bob).account)).size());
  const Coalition guards = of("guard-of:Alice");
  EXPECT_GE(guards.members.size(), 1u);
  EXPECT_LE(guards.members.size(), 2u);
  EXPECT_EQ(of("node-03,node-03").members.size(), 1u);
}

TEST_F(KnowledgeWords, NameOneSeedOrAll) {
  WorldConfig config = world.config();
  config.seeds = 3;
  world = World(config);
  EXPECT_EQ(of("seed-2").members, (std::vector{world.seed(1)}));
  EXPECT_EQ(of("seed").members, (std::vector{world.seed(0), world.seed(1), world.seed(2)}));
  EXPECT_NE(wrong("seed-4"), "");
}

TEST_F(KnowledgeWords, SayWhatIsWrongWithThem) {
  EXPECT_EQ(wrong(""), "who: nobody between two commas");
  EXPECT_EQ(wrong("node-03,,node-04"), "who: nobody between two commas");
  EXPECT_EQ(wrong("node-99"), "who: 'node-99': no node, person, 'seed' or 'links' of this world");
  EXPECT_EQ(wrong("guard-of:Dave"), "who: 'guard-of:Dave': there is nobody of this name");
  EXPECT_EQ(wrong("key-of:Alice"), "who: 'key-of:Alice': there is no such node");
  EXPECT_EQ(wrong("friend-of:Alice"), "who: 'friend-of:Alice': known are key-of:, guard-of: and swarm-of:");
  const Recorder empty;
  EXPECT_EQ(parse_coalition("guard-of:Alice", world, empty).error().message,
            "who: 'guard-of:Alice': has spoken to no node yet, or it is forgotten");
}

TEST_F(KnowledgeWords, TellWhatIsKnownAndWhy) {
  const Coalition who = of("guard-of:Alice,swarm-of:Bob");
  const Knowledge known = know(recorder, world, who);
  const std::string all = knowledge_text(known, who, world, 10'000);
  for (const char* part :
       {"requests; of", "(Bob)", "'s key opens a layer", "suspected by times and sizes alone", "goes on to node-"})
    EXPECT_NE(all.find(part), std::string::npos) << part;
  const std::string whole = knowledge_text(know(recorder, world, all_nodes()), all_nodes(), world, 10'000);
  for (const char* part : {"joined by bytes: ", "Alice asks: ", "is what lay in packet"})
    EXPECT_NE(whole.find(part), std::string::npos) << part;
  EXPECT_EQ(all.find("the first"), std::string::npos);
  EXPECT_NE(knowledge_text(known, who, world, 2).find("the first 2 of each"), std::string::npos);
}

TEST_F(KnowledgeWords, GiveAllOfItAsJson) {
  const Coalition who = all_nodes();
  const Knowledge known = know(recorder, world, who);
  const auto json = nlohmann::json::parse(knowledge_json(known, who, world));
  EXPECT_EQ(json["requests"].size(), known.requests.size());
  EXPECT_EQ(json["links"].size(), known.links.size());
  const Coalition few = of("guard-of:Alice,swarm-of:Bob");
  const Knowledge guessed = know(recorder, world, few);
  EXPECT_FALSE(guessed.suspicions.empty());
  EXPECT_EQ(nlohmann::json::parse(knowledge_json(guessed, few, world))["suspicions"].size(), guessed.suspicions.size());
  ASSERT_FALSE(json["links"].empty());
  EXPECT_FALSE(json["links"][0]["why"].empty());
  EXPECT_EQ(json["links"][0]["account"].get<std::string>().size(), 66u);
}

}  // namespace
}  // namespace session::sim

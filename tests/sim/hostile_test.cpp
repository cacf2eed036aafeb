// Hostile nodes in a world: the lie is told, and honest people and nodes live with it.
#include <algorithm>
#include <map>

#include "tests/sim/friends.h"

namespace session::sim {
namespace {

/// Counts what was noted of faults.
class FaultReader final : public TraceReader {
 public:
  std::map<std::string, int> began, ended;
  int failed_paths = 0, ruled = 0;
  void on(const trace::Record& record) override {
    if (const auto* f = std::get_if<trace::FaultBegan>(&record.fact)) ++began[f->kind];
    if (const auto* f = std::get_if<trace::FaultEnded>(&record.fact)) ++ended[f->kind];
    failed_paths += std::holds_alternative<trace::PathFailed>(record.fact) ? 1 : 0;
    ruled += std::holds_alternative<trace::Ruled>(record.fact) ? 1 : 0;
  }
};

class HostileWorld : public Friends {
 protected:
  FaultReader faults;
  void SetUp() override {
    reader = &faults;
    befriend("hello");
  }
  void turn(std::size_t count, const Malice& malice) {
    for (std::size_t i = 0; i < count; ++i) world.set_hostile(members_of(bob)[i], malice, reader);
  }
  /// Bob is away, Alice writes; the row of her outbox, two minutes later.
  store::OutboxRow written(const std::string& words = "words for later") {
    world.set_down(bob, true, reader);
    const auto outcome = run(alice, client::Send{id(bob), words, {}});
    pass(minutes(2));
    return world.account(alice).outbox(outcome.delivery).value().value();
  }
  void bob_comes(Millis wait = minutes(2)) {
    world.set_down(bob, false, reader);
    run(bob, client::GoOnline{});
    pass(wait);
  }
  [[nodiscard]] bool keeps(MachineIndex node, const store::OutboxRow& row) const {
    return world.mail(node).find_head(row.hash).value().has_value();
  }
};

TEST_F(HostileWorld, IsHostileUntilItIsNotAndTheTraceSaysSo) {
  const MachineIndex node = world.node(3);
  EXPECT_FALSE(world.is_hostile(node));
  EXPECT_FALSE(world.is_hostile(alice));
  world.set_hostile(node, Malice({Hostile::Withhold, Hostile::Lie}), reader);
  EXPECT_TRUE(world.is_hostile(node));
  EXPECT_EQ(world.coalition().size(), 1u);
  world.set_hostile(node, Malice({Hostile::Withhold}), reader);
  EXPECT_EQ(faults.began["withholding"], 1);
  EXPECT_EQ(faults.ended["withholding"], 0);
  EXPECT_EQ(faults.ended["lying about what it keeps"], 1);
  world.set_hostile(node, {}, reader);
  EXPECT_FALSE(world.is_hostile(node));
  EXPECT_TRUE(world.coalition().empty());
  EXPECT_EQ(faults.ended["withholding"], 1);
}

TEST_F(HostileWorld, LiarsSignAndDoNotKeepAndTheOthersStillDeliver) {
  turn(2, Malice({Hostile::Lie}));
  const auto row = written();
  const auto members = members_of(bob);
  EXPECT_EQ(row.kept_by, members.size()) << "a liar did not sign";
  for (std::size_t i = 0; i < members.size(); ++i) EXPECT_EQ(keeps(members[i], row), i >= 2) << i;
  bob_comes();
  EXPECT_EQ(last(bob).body, "words for later");
}

TEST_F(HostileWorld, ALiarThatTurnsHonestGetsWhatItThrewAway) {
  turn(1, Malice({Hostile::Lie}));
  const auto row = written();
  EXPECT_FALSE(keeps(members_of(bob)[0], row));
  world.set_hostile(members_of(bob)[0], {}, reader);
  pass(minutes(5));
  EXPECT_TRUE(keeps(members_of(bob)[0], row));
}

TEST_F(HostileWorld, TwoWhoWithholdDelayAndDoNotPrevent) {
  turn(2, Malice({Hostile::Withhold}));
  const auto row = written();
  EXPECT_TRUE(keeps(members_of(bob)[0], row));
  bob_comes(minutes(5));
  EXPECT_EQ(last(bob).body, "words for later");
}

TEST_F(HostileWorld, AWholeSwarmThatWithholdsPreventsAndInventsNothing) {
  turn(members_of(bob).size(), Malice({Hostile::Withhold, Hostile::Stale, Hostile::Equivocate}));
  const auto before = messages(bob).size();
  written();
  bob_comes(minutes(5));
  EXPECT_EQ(messages(bob).size(), before);
}

// Two that lie, sign for one another and pass nothing on were enough once: nobody had the message that was "kept by 2".
TEST_F(HostileWorld, TwoColludersCannotLoseAMessage) {
  turn(2, Malice({Hostile::Lie, Hostile::Isolate}));
  for (int i = 0; i < 12; ++i) {
    const auto row = written("words " + std::to_string(i));
    const auto members = members_of(bob);
    EXPECT_TRUE(std::ranges::any_of(members, [&](MachineIndex node) { return keeps(node, row); })) << i;
    EXPECT_EQ(static_cast<client::State>(row.state), client::State::Kept);
  }
}

TEST_F(HostileWorld, TwoWhoRefuseMakeNoMessageFail) {
  turn(2, Malice({Hostile::Refuse}));
  for (int i = 0; i < 12; ++i) {
    const auto row = written("words " + std::to_string(i));
    EXPECT_EQ(static_cast<client::State>(row.state), client::State::Kept) << row.last_error;
  }
}

TEST_F(HostileWorld, WhoInventsListenersDelaysByThreeSeconds) {
  turn(members_of(bob).size(), Malice({Hostile::FalseOnline}));
  const auto row = written();
  EXPECT_NE(row.handed, Instant{}) << "no listener was invented";
  EXPECT_EQ(static_cast<client::State>(row.state), client::State::Kept);
  bob_comes();
  EXPECT_EQ(last(bob).body, "words for later");
}

TEST_F(HostileWorld, DroppedOnionsAreSentOverOtherPaths) {
  for (const std::size_t i : {1U, 5U, 9U}) world.set_hostile(world.node(i), Malice({Hostile::DropOnions}), reader);
  faults.failed_paths = 0;
  for (int i = 0; i < 6; ++i) {
    run(alice, client::Send{id(bob), "words " + std::to_string(i)});
    pass(minutes(1));
  }
  pass(minutes(3));
  EXPECT_EQ(last(bob).body, "words 5");
  EXPECT_GT(faults.failed_paths, 0) << "nothing was dropped";
}

TEST_F(HostileWorld, NobodyWorksForAPriceThatOneNodeInvents) {
  for (std::size_t i = 0; i < world.nodes(); ++i)
    world.set_hostile(world.node(i), Malice({Hostile::Inflate, Hostile::Mislead}), reader);
  const auto row = written();
  EXPECT_EQ(row.difficulty, 0u) << "no work is due in this network";
  EXPECT_NE(static_cast<client::State>(row.state), client::State::Failed);
}

TEST_F(HostileWorld, NoSwarmGetsMoreTraitorsThanItsBound) {
  world.bound_hostile(2, reader);
  turn(members_of(bob).size(), Malice({Hostile::Lie}));
  EXPECT_EQ(std::ranges::count_if(members_of(bob), [&](MachineIndex node) { return world.is_hostile(node); }), 2);
  for (std::size_t i = 0; i < world.nodes(); ++i) world.set_hostile(world.node(i), Malice({Hostile::Lie}), reader);
  // Whatever becomes of the swarms.
  for (int i = 0; i < 8; ++i) world.add_node(reader);
  for (int block = 0; block < 10; ++block) {
    world.seal_block(reader);
    for (const SwarmId swarm : world.registry()->swarm_ids())
      EXPECT_LE(std::ranges::count_if(world.registry()->members(swarm),
                                      [&](const NodeId& node) { return world.coalition().contains(node); }),
                2);
  }
}

TEST_F(HostileWorld, ACopyIsHostileAlike) {
  turn(2, Malice({Hostile::Lie, Hostile::Equivocate, Hostile::Stale}));
  run(alice, client::Send{id(bob), "words"});
  World copy = world;
  Digest one, two;
  world.run_until(world.now() + minutes(3), &one);
  copy.run_until(copy.now() + minutes(3), &two);
  EXPECT_EQ(one.hex(), two.hex());
  EXPECT_GT(one.facts(), 100u);
}

TEST_F(HostileWorld, ASpammersRubbishIsPartOfTheMailboxAndOfNothingElse) {
  SpamConfig config;
  config.victim = id(bob).account;
  config.until = world.now() + seconds(10);
  const auto names = world.names().size();
  const MachineIndex spammer = world.add_spammer(config, reader);
  EXPECT_EQ(spammer.value, names);
  EXPECT_EQ(world.names()[spammer.value], "spammer-00");
  EXPECT_FALSE(world.is_person(spammer));
  EXPECT_FALSE(world.is_node(spammer));
  const auto before = messages(bob).size();
  pass(minutes(1));
  EXPECT_EQ(world.spammers()[0].sums().sent, 10u);
  EXPECT_EQ(world.spammers()[0].sums().taken, 10u);
  EXPECT_GE(world.mail(members_of(bob)[0]).account_sums(config.victim).value().messages, 10u);
  EXPECT_EQ(messages(bob).size(), before);
  run(alice, client::Send{id(bob), "words in the flood"});
  pass(minutes(1));
  EXPECT_EQ(last(bob).body, "words in the flood");
}

}  // namespace
}  // namespace session::sim

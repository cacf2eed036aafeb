#include "core/node/revocations.h"
#include "sim/oracles.h"
#include "tests/sim/friends.h"

namespace session::sim {
namespace {

/// Before this one judge alone: the others would ask where a message is that its reader, who is away, does not fetch.
class SwarmOracle : public Friends, public TraceReader {
 protected:
  Court court{world};
  std::unique_ptr<Oracle> oracle = swarm_oracle();

  /// Bob is away, and his swarm keeps a message of Alice's, longer than its members need to become alike.
  store::MailHead keep() {
    reader = this;
    befriend("hello, it is Alice");
    world.set_down(bob, true, this);
    run(alice, client::Send{id(bob), "kept for you"});
    pass(minutes(5));
    store::MailHead newest;
    EXPECT_TRUE(world.mail(member(bob)).visit_account(id(bob).account, [&](const auto& head) {
      if (head.ns == 0) newest = head;
      return true;
    }));
    judge();
    EXPECT_EQ(found(), "");
    return newest;
  }
  void on(const trace::Record& record) override { oracle->on(record, court); }
  void judge() {
    oracle->check(court);
    oracle->judge(minutes(5), court);
  }
  void note(trace::Fact fact, MachineIndex who) { oracle->on({world.now(), who, std::move(fact)}, court); }
  [[nodiscard]] MachineIndex member(MachineIndex of, std::size_t i = 0) const {
    const auto& registry = *world.registry();
    return *world.machine_of(registry.members(registry.swarm_of(id(of).account))[i]);
  }
  [[nodiscard]] std::string found() const {
    std::string out;
    for (const Violation& violation : court.violations()) out += (out.empty() ? "" : " ") + violation.oracle;
    return out;
  }
  [[nodiscard]] std::vector<MachineIndex> members() const {
    std::vector<MachineIndex> all;
    const auto& registry = *world.registry();
    for (const NodeId& node : registry.members(registry.swarm_of(id(bob).account))) all.push_back(*world.machine_of(node));
    return all;
  }
  /// From now on nothing is promised of this disk, and what is amiss with it is for the others to find.
  void spoil(MachineIndex node) { note(trace::FaultBegan{node, std::string(kDiskFault)}, node); }
  [[nodiscard]] std::uint64_t cases(const std::string& name) const {
    const auto cases = court.cases();
    const auto looked = cases.find(name);
    return looked == cases.end() ? 0 : looked->second;
  }
  /// All members did what a signed request asked.
  template <class Change>
  void change_all(const char* method, Change&& change) {
    for (const MachineIndex node : members()) {
      change(world.disk(node));
      note(trace::Changed{id(bob).account, method, 1}, node);
    }
    judge();
    EXPECT_EQ(found(), "");
  }
};

TEST_F(SwarmOracle, FindsAMemberThatLacksWhatTheOthersHave) {  // S4: the mutant that omits one of 256 buckets
  const auto head = keep();
  EXPECT_GT(cases("S4"), 0u);
  spoil(member(bob, 2));
  ASSERT_TRUE(world.disk(member(bob, 2)).remove(head.account, head.hash)->has_value());
  judge();
  EXPECT_EQ(found(), "S4");
}

TEST_F(SwarmOracle, FindsAnotherExpiry) {  // S4
  const auto head = keep();
  ASSERT_TRUE(world.disk(member(bob, 2)).set_expiry(head.account, head.hash, head.expiry + hours(1)).value());
  judge();
  EXPECT_EQ(found(), "S4");
}

TEST_F(SwarmOracle, AsksNothingOfWhatIsYoung) {
  const auto head = keep();
  auto row = *world.mail(member(bob)).find(head.hash).value();
  row.head.hash.text[0] = row.head.hash.text[0] == 'A' ? 'B' : 'A';
  row.head.arrived = world.now();
  ASSERT_TRUE(world.disk(member(bob, 1)).insert(row));
  judge();
  EXPECT_EQ(found(), "");
}

TEST_F(SwarmOracle, FindsANewcomerThatDidNotGetWhatIsHis) {  // S5: the mutant without salvage
  const auto head = keep();
  const auto before = members();
  for (int i = 0; i < 6 && members() == before; ++i) {
    world.add_node(this);
    pass(world.config().network.block_time + seconds(5));
  }
  ASSERT_NE(members(), before) << "nobody joined Bob's swarm";
  pass(minutes(11));
  judge();
  EXPECT_EQ(found(), "");
  EXPECT_GT(cases("S5"), 0u);
  for (const MachineIndex node : members())
    if (std::ranges::find(before, node) == before.end()) {
      spoil(node);
      ASSERT_TRUE(world.disk(node).remove(head.account, head.hash)->has_value());
    }
  judge();
  EXPECT_EQ(found(), "S4 S5");
}

TEST_F(SwarmOracle, FindsAChangedTime) {  // S6: the mutant that drops what came with the message
  const auto head = keep();
  EXPECT_GT(cases("S6"), 0u);
  auto row = *world.mail(member(bob, 1)).find(head.hash).value();
  ASSERT_TRUE(world.disk(member(bob, 1)).remove(head.account, head.hash)->has_value());
  row.head.timestamp = row.head.timestamp + seconds(1);
  ASSERT_TRUE(world.disk(member(bob, 1)).insert(row));
  judge();
  EXPECT_EQ(found(), "S6");
}

TEST_F(SwarmOracle, FindsWhatComesBackFromTheDead) {  // S7: the mutant that sends no tombstones
  const auto head = keep();
  const auto row = *world.mail(member(bob)).find(head.hash).value();
  change_all("delete", [&](auto& disk) { ASSERT_TRUE(disk.remove(head.account, head.hash)->has_value()); });
  EXPECT_GT(cases("S7"), 0u);
  ASSERT_TRUE(world.disk(member(bob, 3)).insert(row));
  oracle->check(court);
  EXPECT_EQ(found(), "S7");
}

TEST_F(SwarmOracle, FindsALifeThatIsLongerThanItsOwnerSaid) {  // S7
  const auto head = keep();
  change_all("expire",
             [&](auto& disk) { ASSERT_TRUE(disk.set_expiry(head.account, head.hash, head.expiry - hours(1)).value()); });
  for (const MachineIndex node : members())
    ASSERT_TRUE(world.disk(node).set_expiry(head.account, head.hash, head.expiry).value());
  judge();
  EXPECT_EQ(found(), "S7");
}

TEST_F(SwarmOracle, FindsARightThatWasTakenBackAndIsThereAgain) {  // S7
  keep();
  const std::vector<wire::SubaccountToken> tokens{{std::byte{5}}};
  change_all("revoke_subaccount", [&](auto& disk) { ASSERT_TRUE(node::revoke(disk, id(bob).account, tokens, world.now())); });
  ASSERT_TRUE(node::unrevoke(world.disk(member(bob, 1)), id(bob).account, tokens, world.now()));
  judge();
  EXPECT_EQ(found(), "S7");
}

}  // namespace
}  // namespace session::sim

#include "tests/sim/court.h"

namespace session::sim {
namespace {

class MailboxOracle : public Judged {
 protected:
  /// Bob is away, and his swarm keeps a message of Alice; what the node of the swarm has of it.
  store::MailHead keep(Millis lifetime = days(4)) {
    world.set_down(bob, true, &oracles);
    run(alice, client::Send{id(bob), "kept for you", lifetime});
    pass(minutes(1));
    store::MailHead newest;
    EXPECT_TRUE(world.mail(member(bob)).visit_account(id(bob).account, [&](const auto& head) {
      if (head.ns == 0) newest = head;
      return true;
    }));
    EXPECT_EQ(found(), "");
    return newest;
  }
};

TEST_F(MailboxOracle, FindsANodeThatForgetsWhatItAcknowledged) {  // D1: the mutant that acknowledges before the commit
  const auto head = keep();
  ASSERT_TRUE(world.disk(member(bob)).remove(head.account, head.hash)->has_value());
  oracles.check();
  EXPECT_EQ(found(), "D1");
}

TEST_F(MailboxOracle, FindsAnExpiryThatWasShortened) {  // D1, S6
  const auto head = keep();
  ASSERT_TRUE(world.disk(member(bob)).set_expiry(head.account, head.hash, head.expiry - hours(1)).value());
  oracles.check();
  EXPECT_EQ(found(), "D1");
}

TEST_F(MailboxOracle, AsksNothingOfADiskThatWasLost) {
  keep();
  const auto node = member(bob);
  world.set_down(node, true, &oracles);
  world.change_disk(node, World::Disk::Lost, &oracles);
  world.set_down(node, false, &oracles);
  pass();
  EXPECT_EQ(found(), "");
}

TEST_F(MailboxOracle, AsksNothingOfAHostileNodeAndAllOfOneThatIsHonestAgain) {
  const auto head = keep();
  const auto node = member(bob);
  world.set_hostile(node, Malice({Hostile::Withhold}), &oracles);
  ASSERT_TRUE(world.disk(node).remove(head.account, head.hash)->has_value());
  oracles.check();
  EXPECT_EQ(found(), "");
  world.set_hostile(node, {}, &oracles);
  run(alice, client::Send{id(bob), "and this"});
  pass(minutes(1));
  std::vector<MessageHash> kept;
  ASSERT_TRUE(world.mail(node).visit_account(id(bob).account, [&](const auto& each) {
    kept.push_back(each.hash);
    return true;
  }));
  ASSERT_FALSE(kept.empty());
  for (const MessageHash& hash : kept) ASSERT_TRUE(world.disk(node).remove(id(bob).account, hash));
  oracles.check();
  EXPECT_EQ(found(), "D1");
}

TEST_F(MailboxOracle, TakesAHostileNodesSignatureForOne) {  // D4
  keep();
  const MessageHash nowhere{"a message that nobody has"};
  world.set_hostile(member(bob), Malice({Hostile::Lie}), &oracles);
  note(trace::Kept{1, nowhere, 1, 7}, alice);
  EXPECT_EQ(found(), "");
  world.set_hostile(member(bob), {}, &oracles);
  note(trace::Kept{1, nowhere, 1, 7}, alice);
  EXPECT_EQ(found(), "") << "it may have been told late";
  note(trace::Kept{1, nowhere, 2, 7}, alice);
  EXPECT_EQ(found(), "D4");
}

TEST_F(MailboxOracle, AsksNothingAfterTheExpiry) {
  const auto head = keep(minutes(3));
  EXPECT_TRUE(world.mail(member(bob)).find_head(head.hash)->has_value());
  pass(minutes(4));
  EXPECT_FALSE(world.mail(member(bob)).find_head(head.hash)->has_value());
  EXPECT_EQ(found(), "");
}

TEST_F(MailboxOracle, FindsMoreKeepersThanThereAre) {  // D4: the mutant that counts unsigned answers
  const auto head = keep();
  const auto row = world.account(alice).outbox(last(alice).outbox).value().value();
  note(trace::Kept{row.id, head.hash, row.kept_by, row.of}, alice);
  EXPECT_EQ(found(), "");
  note(trace::Kept{row.id, head.hash, row.kept_by + 1, row.of}, alice);
  EXPECT_EQ(found(), "D4");
}

TEST_F(MailboxOracle, FindsANodeThatTakesWhatIsNotItsSwarms) {  // S3
  Account foreign = id(bob).account;
  const auto& registry = *world.registry();
  const auto swarm = world.service_node(member(bob)).swarm();
  for (unsigned b = 0; registry.swarm_ids().size() > 1 && registry.swarm_of(foreign) == swarm; ++b)
    foreign.bytes[1] = static_cast<std::byte>(b);
  ASSERT_NE(registry.swarm_of(foreign), swarm) << "this world has one swarm only";
  note(trace::Stored{foreign, {}, 0, world.now() + hours(1), 1}, member(bob));
  EXPECT_EQ(found(), "S3");
}

}  // namespace
}  // namespace session::sim

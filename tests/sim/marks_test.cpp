#include "sim/marks.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/explore.h"

namespace session::sim {
namespace {

constexpr trace::MachineIndex kOne{3}, kOther{4};
constexpr Instant kBegin = Instant::from_unix_millis(1'700'000'000'000);

trace::Record at(Millis after, trace::Fact fact, trace::MachineIndex who = kOne) {
  return {kBegin + after, who, std::move(fact)};
}
trace::Record refused(std::uint16_t status, const char* why = "") { return at({}, trace::Refused{status, why}); }
NodeId node(std::uint8_t n) { return NodeId{{std::byte{n}}}; }
SessionId person(std::uint8_t n) {
  SessionId id;
  id.account.bytes[0] = std::byte{n};
  return id;
}
trace::Block block(std::uint64_t height, std::uint32_t nodes, std::uint32_t swarms) { return {height, nodes, swarms}; }
trace::SwarmChanged moves(std::uint64_t from, std::uint64_t to) { return {{from}, {to}, 7, 5}; }

struct Example {
  Mark mark;
  std::vector<trace::Record> just;    ///< it happens once
  std::vector<trace::Record> almost;  ///< it does not
};

const std::vector<Example>& examples() {
  using enum Mark;
  static const std::vector<Example> all = {
      {WrongSwarm, {refused(421)}, {refused(400)}},
      {WrongClock, {refused(406, "Timestamp error: check your clock")}, {refused(406, "store: deleted since")}},
      {PriceOfWork, {refused(432)}, {refused(431)}},
      {Flooded, {refused(429)}, {refused(428)}},
      {DiskFull, {refused(507)}, {refused(500)}},
      {NotReady, {refused(503)}, {refused(504)}},
      {LayerRefused, {refused(400, "Invalid ciphertext")}, {refused(400, "Invalid url")}},
      {NextUnknown, {refused(502, "Next node not found: 1f")}, {refused(502, "Next node unreachable: 1f")}},
      {KeptByFew, {at({}, trace::Kept{1, {}, 3, 7})}, {at({}, trace::Kept{1, {}, 3, 6})}},
      {OpenedLate,
       {at(minutes(5), trace::Opened{person(1), "message", kBegin.unix_millis()})},
       {at(minutes(5), trace::Opened{person(1), "message", kBegin.unix_millis() + 1})}},
      {NextTooLate, {refused(504)}, {refused(503)}},
      {ProofUsed, {refused(401, "X-Snode-Time: used before")}, {refused(401, "X-Snode-Time: too old")}},
      {StrangerAmongPeers,
       {refused(401, "X-Snode-Sender: a node of another swarm")},
       {refused(401, "X-Snode-Sender: missing")}},
      {PeerFails, {at({}, trace::PeerAnswered{node(1), 507})}, {at({}, trace::PeerAnswered{node(1), 200})}},
      {SwarmDissolved, {at({}, block(7, 20, 3)), at({}, block(8, 20, 2))}, {at({}, block(7, 20, 3)), at({}, block(8, 20, 3))}},
      {SwarmBorn, {at({}, block(7, 20, 3)), at({}, block(8, 20, 4))}, {at({}, block(7, 20, 3)), at({}, block(8, 21, 3))}},
      {MassLeave, {at({}, block(7, 21, 3)), at({}, block(8, 14, 3))}, {at({}, block(7, 21, 3)), at({}, block(8, 15, 3))}},
      {MovedAgain,
       {at({}, moves(1, 2)), at(minutes(9), moves(2, 3))},
       {at({}, trace::SwarmChanged{{}, {2}, 7, 5}), at(minutes(5), moves(2, 3)), at(minutes(16), moves(3, 4)),
        at(minutes(17), moves(1, 3), kOther)}},
      {DissolvedInSalvage,
       {at({}, block(7, 20, 3)), at({}, moves(1, 2)), at(minutes(1), block(8, 20, 2))},
       {at({}, block(7, 20, 3)), at({}, moves(1, 2)), at({}, trace::Moved{{}, {2}, 4, 5}), at(minutes(1), block(8, 20, 2))}},
      {MovedToSome,
       {at({}, moves(1, 2)), at({}, trace::Moved{{}, {2}, 4, 4})},
       {at({}, moves(1, 2)), at({}, trace::Moved{{}, {2}, 4, 5})}},
      {DownInSalvage,
       {at({}, moves(1, 2)), at(minutes(1), trace::FaultBegan{kOne, "down"})},
       {at({}, moves(1, 2)), at(minutes(1), trace::FaultBegan{kOther, "down"}), at(minutes(1), trace::FaultBegan{kOne, "slow"}),
        at(minutes(11), trace::FaultBegan{kOne, "down"})}},
      {RepairedBothWays, {at({}, trace::Repaired{node(1), 1, 1})}, {at({}, trace::Repaired{node(1), 2, 0})}},
      {RepairedMuch, {at({}, trace::Repaired{node(1), 20, 0})}, {at({}, trace::Repaired{node(1), 19, 19})}},
      {DeepFork, {at({}, trace::Undone{7, 6})}, {at({}, trace::Undone{7, 5})}},
      {RulingUndone,
       {at({}, block(7, 20, 3)), at({}, trace::Ruled{node(1), "decommission", 0, 0}), at({}, trace::Undone{6, 1})},
       {at({}, block(7, 20, 3)), at({}, trace::Ruled{node(1), "decommission", 0, 0}), at({}, block(8, 20, 3)),
        at({}, trace::Undone{7, 1})}},
      {VotedOut,
       {at({}, trace::Ruled{node(1), "decommission", 5, 7})},
       {at({}, trace::Ruled{node(1), "decommission", 0, 0}), at({}, trace::Ruled{node(1), "recommission", 5, 7})}},
      {VotedBack, {at({}, trace::Ruled{node(1), "recommission", 5, 7})}, {at({}, trace::Ruled{node(1), "deregister", 5, 7})}},
      {PowerFails, {at({}, trace::FaultBegan{kOne, "the power fails"})}, {at({}, trace::FaultBegan{kOne, "down"})}},
      {LateAnswer,
       {at({}, trace::PacketLost{1, "nobody waits for it any more"})},
       {at({}, trace::PacketLost{1, "lost on the link"})}},
      {ClockCorrected, {at({}, trace::ClockCorrected{-5'000})}, {}},
      {ClockFarOff, {at({}, trace::ClockCorrected{-3'600'001})}, {at({}, trace::ClockCorrected{3'600'000})}},
      {GuardReplaced,
       {at({}, trace::OnionSent{{1}, node(1), {}, {}, {}, 9, "store"}),
        at({}, trace::OnionSent{{2}, node(2), {}, {}, {}, 9, "store"}),
        at({}, trace::OnionSent{{3}, node(3), {}, {}, {}, 9, "store"}),
        at({}, trace::OnionSent{{4}, node(3), {}, {}, {}, 9, "store"})},
       {at({}, trace::OnionSent{{1}, node(1), {}, {}, {}, 9, "store"}),
        at({}, trace::OnionSent{{2}, node(2), {}, {}, {}, 9, "store"}),
        at({}, trace::OnionSent{{3}, node(3), {}, {}, {}, 9, "store"}, kOther)}},
      {CulpritNamed, {at({}, trace::PathFailed{node(1), node(2), "x"})}, {at({}, trace::PathFailed{node(1), {}, "x"})}},
      {HandedInVain,
       {at({}, trace::DeliveryMoved{1, person(1), "handed", "queued", ""})},
       {at({}, trace::DeliveryMoved{1, person(1), "handed", "relayed", ""})}},
      {ExpiredOnItsWay,
       {at({}, trace::DeliveryMoved{1, person(1), "waiting", "expired", ""})},
       {at({}, trace::DeliveryMoved{1, person(1), "kept", "expired", ""})}},
      {StampedAgain,
       {at({}, trace::StampFound{1, 9, 9}), at({}, trace::StampFound{1, 9, 9})},
       {at({}, trace::StampFound{1, 9, 9}), at({}, trace::StampFound{2, 9, 9}), at({}, trace::StampFound{1, 9, 9}, kOther)}},
      {Repetition,
       {at({}, trace::NotOpened{{}, "a repetition of a message that is here already"})},
       {at({}, trace::NotOpened{{}, "its sender is blocked"})}},
      {OutOfOrder,
       {at({}, trace::Opened{person(1), "message", 9}), at({}, trace::Opened{person(1), "message", 8})},
       {at({}, trace::Opened{person(1), "message", 9}), at({}, trace::Opened{person(2), "message", 8}),
        at({}, trace::Opened{person(1), "message", 8}, kOther), at({}, trace::Opened{person(1), "message", 9})}},
      {NoBundle, {at({}, trace::BundleRead{person(1), false})}, {at({}, trace::BundleRead{person(1), true})}},
      {OnePrekeyTwice,
       {at({}, trace::SessionBegun{person(1), 7}), at({}, trace::SessionBegun{person(1), 7}, kOther)},
       {at({}, trace::SessionBegun{person(1), 7}), at({}, trace::SessionBegun{person(2), 7}, kOther),
        at({}, trace::SessionBegun{person(1), 0}), at({}, trace::SessionBegun{person(1), 0}, kOther)}},
  };
  return all;
}

std::uint64_t seen(Mark mark, const std::vector<trace::Record>& records) {
  Marks marks;
  for (const trace::Record& record : records) marks.on(record);
  return marks.seen()[static_cast<std::size_t>(mark)];
}

TEST(Marks, EachIsSeenWhereItHappensAndNotWhereItNearlyDoes) {
  ASSERT_EQ(examples().size(), kMarks);
  std::set<Mark> tried;
  for (const Example& example : examples()) {
    const std::string_view name = marks()[static_cast<std::size_t>(example.mark)].name;
    EXPECT_EQ(seen(example.mark, example.just), 1u) << name;
    EXPECT_EQ(seen(example.mark, example.almost), 0u) << name;
    tried.insert(example.mark);
  }
  EXPECT_EQ(tried.size(), kMarks);
}

TEST(Marks, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const NamedMark& mark : marks()) {
    EXPECT_FALSE(mark.what.empty());
    names.insert(mark.name);
  }
  EXPECT_EQ(names.size(), kMarks);
}

TEST(Marks, TheNamesOfNodesAnswersAndStatesAreThoseOfTheProduct) {
  // Drawn worlds in which much goes wrong: were a text changed in the product, its mark would be missing here.
  std::set<Mark> missing = {Mark::NextTooLate, Mark::LateAnswer, Mark::OutOfOrder};
  for (std::uint64_t seed = 1; seed <= 8 && !missing.empty(); ++seed) {
    Scenario scenario = draw_world(seed);
    scenario.world.fidelity = Fidelity::Modelled;
    const MarkCounts seen = explore(scenario, seed).marks;
    std::erase_if(missing, [&](Mark mark) { return seen[static_cast<std::size_t>(mark)] > 0; });
  }
  for (const Mark mark : missing) ADD_FAILURE() << marks()[static_cast<std::size_t>(mark)].name;
}

}  // namespace
}  // namespace session::sim

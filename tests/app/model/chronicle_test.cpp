#include "app/model/chronicle.h"

#include <gtest/gtest.h>

namespace session::app {
namespace {

using trace::MachineIndex;

NodeId node(int n) {
  NodeId id;
  id.key[0] = static_cast<std::byte>(n);
  return id;
}
SessionId person(int n) {
  SessionId id;
  id.account.bytes[0] = std::byte{5};
  id.account.bytes[1] = static_cast<std::byte>(n);
  return id;
}

/// Machine 0 is the registry, 1 to 4 are nodes, 5 is me, 6 is Bob.
class ChronicleTest : public testing::Test {
 protected:
  ChronicleTest() {
    chronicle_.add_registry_machine(0);
    for (int n = 1; n <= 4; ++n) chronicle_.know(node(n), static_cast<Machine>(n));
    chronicle_.know(person(5), 5);
    chronicle_.know(person(6), 6);
    chronicle_.set_me(5);
  }
  void note(std::int64_t ms, std::uint32_t who, trace::Fact fact) {
    chronicle_.on({Instant{ms * 1000}, {who}, std::move(fact)});
  }
  void packet(std::int64_t ms, std::uint32_t from, std::uint32_t to, std::uint64_t number, bool is_answer = false) {
    note(ms, from, trace::PacketSent{{from}, {to}, number, 500, is_answer});
    chronicle_.on_link(number, Instant{(ms + 10) * 1000});
  }
  void arrives(std::int64_t ms, std::uint32_t at, std::uint64_t number) { note(ms, at, trace::PacketDelivered{number}); }
  /// My message leaves over nodes 1, 2 and 3 to node 4.
  void leave() {
    note(0, 5, trace::DeliveryMoved{9, person(6), "new", "queued", ""});
    chronicle_.name_message(9, 77, 5);
    note(1, 5, trace::OnionSent{{1}, node(1), node(2), node(3), node(4), 900, "store"});
    packet(1, 5, 1, 100);
    note(1, 5, trace::DeliveryMoved{9, person(6), "queued", "routing", ""});
  }
  Chronicle chronicle_{Instant{}};
};

TEST_F(ChronicleTest, ALayerComesOffAtEachHop) {
  leave();
  ASSERT_NE(chronicle_.flight(100), nullptr);
  EXPECT_EQ(chronicle_.flight(100)->layers, 4);
  EXPECT_EQ(chronicle_.flight(100)->delivery, 9u);
  EXPECT_EQ(chronicle_.flight(100)->peelers, (std::array<Machine, 4>{1, 2, 3, 4}));
  for (std::uint32_t hop = 1; hop <= 3; ++hop) {
    arrives(hop * 10 + 1, hop, 99 + hop);
    note(hop * 10 + 1, hop, trace::LayerPeeled{node(static_cast<int>(hop) + 1), 900, 800, false});
    packet(hop * 10 + 1, hop, hop + 1, 100 + hop);
    ASSERT_NE(chronicle_.flight(100 + hop), nullptr);
    EXPECT_EQ(chronicle_.flight(100 + hop)->layers, 4 - hop);
    EXPECT_EQ(chronicle_.flight(100 + hop)->kind, FlightKind::Onion);
    EXPECT_EQ(chronicle_.flight(100 + hop)->peelers[0], hop + 1);
    EXPECT_EQ(chronicle_.flight(100 + hop)->delivery, 9u);
  }
  arrives(41, 4, 103);
  note(41, 4, trace::LayerPeeled{node(4), 700, 600, true});
  note(41, 4, trace::Stored{person(6).account, {std::string(43, 'A')}, 0, Instant{}, 400, false, false});
  packet(41, 4, 3, 104);        // to another member of the swarm
  packet(41, 4, 3, 105, true);  // the answer goes back
  EXPECT_EQ(chronicle_.flight(104)->kind, FlightKind::Copy);
  EXPECT_EQ(chronicle_.flight(105)->kind, FlightKind::OnionAnswer);
  const Journey* journey = chronicle_.journey(9);
  ASSERT_NE(journey, nullptr);
  EXPECT_EQ(journey->path, (std::array<Machine, 4>{1, 2, 3, 4}));
  EXPECT_EQ(std::count_if(journey->steps.begin(), journey->steps.end(),
                          [](const JourneyStep& s) { return s.kind == StepKind::Peeled; }),
            4);
  EXPECT_EQ(journey->legs.size(), 4u);
  EXPECT_EQ(chronicle_.kept(4), 1u);
  EXPECT_EQ(chronicle_.waiting(person(6)), 1u);
  note(60, 6, trace::Journalled{{std::string(43, 'A')}, 0});
  EXPECT_EQ(chronicle_.waiting(person(6)), 0u);
}

TEST_F(ChronicleTest, WhatFliesIsWhatTheTraceSays) {
  leave();
  EXPECT_EQ(chronicle_.flights(Instant{500}).size(), 0u);  // not sent yet
  EXPECT_EQ(chronicle_.flights(Instant{5'000}).size(), 1u);
  EXPECT_EQ(chronicle_.flights(Instant{12'000}).size(), 0u);  // due, though its arrival was not read
  note(3, 5, trace::PacketLost{100, "lost on the link"});
  ASSERT_EQ(chronicle_.flights(Instant{5'000}).size(), 1u);
  EXPECT_TRUE(chronicle_.flights(Instant{5'000})[0].is_lost);
  EXPECT_EQ(chronicle_.flights(Instant{5'000})[0].reason, "lost on the link");
  EXPECT_EQ(chronicle_.flights(Instant{5'000'000}).size(), 0u);
  arrives(50, 1, 4711);                                       // nobody sent it
  ASSERT_EQ(chronicle_.flights(Instant{50'000}).size(), 1u);  // the lost one is still told of
  EXPECT_EQ(chronicle_.flights(Instant{50'000})[0].packet, 100u);
}

TEST_F(ChronicleTest, AMessageIsFetchedOnlyWhenItsOwnNameIsOpened) {
  leave();
  note(90, 6, trace::Opened{person(5), "message", 76});
  EXPECT_EQ(chronicle_.journey(9)->steps.back().kind, StepKind::Sent);
  note(91, 6, trace::Opened{person(5), "message", 77});
  EXPECT_EQ(chronicle_.journey(9)->steps.back().kind, StepKind::Fetched);
}

TEST_F(ChronicleTest, ReasonsStandInTheJourney) {
  leave();
  note(30, 5, trace::DeliveryMoved{9, person(6), "routing", "waiting", "no answer in time"});
  EXPECT_EQ(chronicle_.journey(9)->steps.back().text, "no answer in time");
  EXPECT_EQ(chronicle_.journey(9)->state, client::State::Waiting);
  EXPECT_EQ(chronicle_.journey(10), nullptr);
  EXPECT_TRUE(chronicle_.take_changes().contacts.contains(person(6)));
  EXPECT_TRUE(chronicle_.take_changes().contacts.empty());
}

TEST_F(ChronicleTest, TheTimelineStaysSmallHoweverLongARunIs) {
  for (std::int64_t second = 0; second < 100'000; second += 7)
    note(second * 1000, 1, trace::PeerAnswered{}), note(second * 1000, 1, trace::LayerPeeled{});
  const Timeline& line = chronicle_.timeline();
  const auto& hops = line.counts[static_cast<std::size_t>(Lane::Hops)];
  EXPECT_LE(hops.size(), 2000u);
  std::uint64_t sum = 0;
  for (const auto count : hops) sum += count;
  EXPECT_EQ(sum, 14'286u);
  EXPECT_EQ(chronicle_.facts_of(1, 40).size(), 40u);
}

}  // namespace
}  // namespace session::app

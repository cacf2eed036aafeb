#include "sim/knowledge.h"

#include <algorithm>

#include "core/base/mutant.h"
#include "tests/sim/friends.h"

namespace session::sim {
namespace {

/// Keeps the bytes for who asks, and, for the tests alone, the paths that were taken in truth.
class Truth final : public TraceReader {
 public:
  void on(const trace::Record& record) override {
    recorder.on(record);
    if (const auto* sent = std::get_if<trace::OnionSent>(&record.fact)) paths.emplace_back(record.who, *sent);
  }
  void on_link(const PacketOnLink& packet) override { recorder.on_link(packet); }
  Recorder recorder;
  std::vector<std::pair<MachineIndex, trace::OnionSent>> paths;
};

/// Everything that is known, but why and when: for comparing.
std::vector<std::set<What>> facts_of(const Knowledge& knowledge) {
  std::vector<std::set<What>> all;
  for (const SeenRequest& request : knowledge.requests) {
    all.emplace_back();
    for (const Fact& fact : request.facts) all.back().insert(fact.what);
  }
  return all;
}
std::set<std::pair<MachineIndex, AccountKnown>> links_of(const Knowledge& knowledge) {
  std::set<std::pair<MachineIndex, AccountKnown>> all;
  for (const Link& link : knowledge.links) all.emplace(link.address, link.account);
  return all;
}

class Knowing : public Friends {
 protected:
  Truth truth;
  MachineIndex guard, middle, last, destination;
  void SetUp() override {
    befriend("hello, it is Alice");
    world.set_down(bob, true, nullptr);
    reader = &truth;
    pass();
  }
  /// What Alice stores for Bob, on a path that is known from now on.
  void store() {
    truth.recorder = Recorder();
    truth.paths.clear();
    run(alice, client::Send{id(bob), "for when you are back"});
    pass();
    for (const auto& [who, path] : truth.paths)
      if (who == alice && path.method == "store") {
        guard = *world.machine_of(path.guard), middle = *world.machine_of(path.middle);
        last = *world.machine_of(path.last), destination = *world.machine_of(path.destination);
        return;
      }
    FAIL() << "nothing was stored";
  }
  [[nodiscard]] NodeId node(MachineIndex m) const { return world.service_node(m).id(); }
  [[nodiscard]] Knowledge ask(const std::vector<MachineIndex>& members, const std::vector<MachineIndex>& stolen = {},
                              bool watches = false) const {
    return know(truth.recorder, world, {members, stolen, watches});
  }
  /// The request that passed from one to the other and, if said, names a message.
  [[nodiscard]] static const SeenRequest* passing(const Knowledge& knowledge, MachineIndex from, MachineIndex to,
                                                  const What& also) {
    for (const SeenRequest& request : knowledge.requests) {
      const auto has = [&](const What& what) {
        return std::ranges::any_of(request.facts, [&](const Fact& fact) { return fact.what == what; });
      };
      if (has(PassageKnown{from, to}) && has(also)) return &request;
    }
    return nullptr;
  }
  [[nodiscard]] AccountKnown stored_for_bob() const { return {id(bob).account, "store", false}; }
  [[nodiscard]] bool links_the_store(const Knowledge& knowledge) const {
    return links_of(knowledge).contains({alice, stored_for_bob()});
  }
};

TEST_F(Knowing, TheGuardAloneKnowsTheAddressAndTheNextHop) {
  store();
  const Knowledge known = ask({guard});
  const SeenRequest* request = passing(known, alice, guard, HopKnown{node(middle)});
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->first<AddressKnown>()->who, alice);
  EXPECT_GE(request->size_class, 512u);
  EXPECT_EQ(request->first<AccountKnown>(), nullptr);
  EXPECT_TRUE(known.links.empty());
}

TEST_F(Knowing, TheMiddleAloneKnowsItsTwoNeighbours) {
  store();
  const Knowledge known = ask({middle});
  const SeenRequest* request = passing(known, guard, middle, HopKnown{node(last)});
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->first<AddressKnown>(), nullptr);
  EXPECT_EQ(request->first<AccountKnown>(), nullptr);
}

TEST_F(Knowing, TheLastAloneKnowsTheDestination) {
  store();
  const Knowledge known = ask({last});
  const SeenRequest* request = passing(known, middle, last, HopKnown{node(destination)});
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->first<AddressKnown>(), nullptr);
  EXPECT_EQ(request->first<AccountKnown>(), nullptr);
}

TEST_F(Knowing, TheDestinationAloneKnowsTheAccountTheMessageAndTheTimes) {
  store();
  const Knowledge known = ask({destination});
  const SeenRequest* request = passing(known, last, destination, stored_for_bob());
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->first<AddressKnown>(), nullptr);
  ASSERT_NE(request->first<MessageKnown>(), nullptr);
  EXPECT_TRUE(world.mail(destination).find_head(request->first<MessageKnown>()->hash)->has_value());
  ASSERT_TRUE(request->end);
  EXPECT_LT(request->begin, *request->end);
  EXPECT_EQ(links_of(known), links_of({}));
}

TEST_F(Knowing, ASwarmMemberKnowsTheAccountFromItsPeer) {
  store();
  for (const NodeId& member : world.registry()->members(world.registry()->swarm_of(id(bob).account))) {
    const MachineIndex peer = *world.machine_of(member);
    if (peer == destination) continue;
    const Knowledge known = ask({peer});
    EXPECT_NE(passing(known, destination, peer, AccountKnown{id(bob).account, "store", true}), nullptr) << peer.value;
  }
}

TEST_F(Knowing, GuardAndDestinationAreJoinedByAnAnswerThatPassesUnchanged) {
  if (!mutant::kAreBuilt) GTEST_SKIP() << "this build has no mutants";
  const mutant::Scope scope(Mutant::O1Answer);
  store();
  const Knowledge known = ask({guard, destination});
  EXPECT_TRUE(links_the_store(known));
  for (const Link& link : known.links) {
    if (link.account != stored_for_bob()) continue;
    const auto is = [](Step::How how) { return [how](const Step& step) { return step.how == how; }; };
    EXPECT_TRUE(std::ranges::any_of(link.why, is(Step::How::SameAnswer)));
    const auto opened = std::ranges::find_if(link.why, is(Step::How::Opened));
    ASSERT_NE(opened, link.why.end());
    EXPECT_TRUE(opened->whose == guard || opened->whose == destination);
  }
}

TEST_F(Knowing, GuardAndLastDoNotJoinTheAddressWithTheDestination) {
  store();
  const Knowledge known = ask({guard, last});
  EXPECT_EQ(passing(known, alice, guard, HopKnown{node(destination)}), nullptr);
  EXPECT_NE(passing(known, last, destination, HopKnown{node(destination)}), nullptr);
  EXPECT_FALSE(links_the_store(known));
}

TEST_F(Knowing, OnlyTheWholePathJoinsItsEndsAndTheRestIsSuspicion) {
  store();
  const std::array path{guard, middle, last, destination};
  for (std::size_t without = 0; without < path.size(); ++without) {
    std::vector<MachineIndex> three;
    for (std::size_t i = 0; i < path.size(); ++i)
      if (i != without) three.push_back(path[i]);
    EXPECT_FALSE(links_the_store(ask(three))) << without;
  }
  EXPECT_TRUE(links_the_store(ask({guard, middle, last, destination})));
  const Knowledge known = ask({guard, last, destination});
  EXPECT_FALSE(links_the_store(known));
  bool is_suspected = false;
  for (const Suspicion& suspicion : known.suspicions) {
    const auto* account = known.requests[suspicion.request].first<AccountKnown>();
    if (account == nullptr || *account != stored_for_bob()) continue;
    is_suspected = std::ranges::any_of(suspicion.candidates,
                                       [&](std::size_t i) { return known.requests[i].first<AddressKnown>()->who == alice; });
  }
  EXPECT_TRUE(is_suspected);
}

TEST_F(Knowing, AGuardThatIsAlsoOfTheSwarmSuspectsByTimes) {
  store();
  for (const NodeId& member : world.registry()->members(world.registry()->swarm_of(id(bob).account))) {
    const MachineIndex peer = *world.machine_of(member);
    if (peer == destination || peer == guard) continue;
    const Knowledge known = ask({guard, peer});
    EXPECT_FALSE(links_the_store(known));
    EXPECT_TRUE(std::ranges::any_of(known.suspicions, [&](const Suspicion& suspicion) {
      const auto* account = known.requests[suspicion.request].first<AccountKnown>();
      return account->is_forwarded && account->account == id(bob).account && suspicion.addresses == 1;
    }));
  }
}

TEST_F(Knowing, StolenKeysOpenWhatLiesInWhatWasSeen) {
  store();
  EXPECT_TRUE(ask({}, {guard, middle, last, destination}).requests.empty()) << "keys without bytes";
  const SeenRequest* request = nullptr;
  const Knowledge one = ask({guard}, {middle});
  request = passing(one, alice, guard, HopKnown{node(last)});
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->first<AccountKnown>(), nullptr);
  const Knowledge all = ask({guard}, {middle, last, destination});
  EXPECT_TRUE(links_the_store(all));
  EXPECT_FALSE(links_the_store(ask({guard}, {middle, destination}))) << "the last one's layer is in between";
}

TEST_F(Knowing, WhoWatchesLinksKnowsAddressesTimesAndSizesButNoAccount) {
  store();
  const Knowledge known = ask({}, {}, true);
  ASSERT_FALSE(known.requests.empty());
  std::set<MachineIndex> addresses;
  for (const SeenRequest& request : known.requests) {
    EXPECT_EQ(request.first<AccountKnown>(), nullptr);
    EXPECT_EQ(request.first<HopKnown>(), nullptr);
    EXPECT_EQ(request.first<MessageKnown>(), nullptr);
    ASSERT_NE(request.first<AddressKnown>(), nullptr);
    addresses.insert(request.first<AddressKnown>()->who);
  }
  EXPECT_EQ(addresses, (std::set{alice}));
  EXPECT_TRUE(known.links.empty());
  EXPECT_TRUE(known.suspicions.empty());
  const Knowledge with_keys = ask({destination}, {}, true);
  EXPECT_FALSE(links_the_store(with_keys)) << "whose bytes it does not see";
  EXPECT_FALSE(with_keys.suspicions.empty());
}

TEST_F(Knowing, TheSeedKnowsWhoAsksItAndNothingElse) {
  const auto carol = *world.add_person("Carol", {}, reader);
  run(carol, client::GoOnline{});
  pass();
  const Knowledge known = ask({world.seed()});
  ASSERT_FALSE(known.requests.empty());
  for (const SeenRequest& request : known.requests) {
    EXPECT_EQ(request.first<AddressKnown>()->who, carol);
    EXPECT_EQ(request.first<AccountKnown>(), nullptr);
  }
}

TEST_F(Knowing, MoreMembersNeverKnowLess) {
  store();
  SeededRng dice(5);
  for (int round = 0; round < 12; ++round) {
    std::vector<MachineIndex> few, more;
    for (std::size_t i = 0; i < world.nodes(); ++i) {
      if (dice.one_in(5)) few.push_back(world.node(i));
      if (dice.one_in(4)) more.push_back(world.node(i));
    }
    more.insert(more.end(), few.begin(), few.end());
    const Knowledge less = ask(few), greater = ask(more, {}, dice.one_in(2));
    const auto small = facts_of(less), large = facts_of(greater);
    for (const auto& facts : small)
      EXPECT_TRUE(std::ranges::any_of(large, [&](const auto& others) { return std::ranges::includes(others, facts); }))
          << "round " << round;
    EXPECT_TRUE(std::ranges::includes(links_of(greater), links_of(less))) << "round " << round;
  }
}

TEST_F(Knowing, WhatIsSeenTwiceTellsNoMoreThanOnce) {
  store();
  Recorder doubled;
  for (const SeenPacket& packet : truth.recorder.packets())
    for (const bool is_copy : {true, false}) {
      const std::uint64_t number = 2 * packet.number + (is_copy ? 0 : 1);
      doubled.on({packet.sent, packet.from, trace::PacketSent{}});
      doubled.on_link({number, packet.sent, *packet.body, packet.from, packet.to, packet.is_answer, is_copy, false,
                       packet.route, packet.exchange});
      if (packet.arrived) doubled.on({*packet.arrived, packet.to, trace::PacketDelivered{number}});
    }
  const std::vector<MachineIndex> who = {guard, last, destination};
  const Knowledge once = ask(who), twice = know(doubled, world, {who, {}, false});
  EXPECT_EQ(facts_of(once), facts_of(twice));
  EXPECT_EQ(links_of(once), links_of(twice));
  EXPECT_EQ(facts_of(once), facts_of(ask(who))) << "asked twice";
}

TEST_F(Knowing, BytesThatAreNothingTellNothing) {
  store();
  SeededRng dice(11);
  Recorder spoilt;
  for (const SeenPacket& packet : truth.recorder.packets()) {
    Bytes body = *packet.body;
    switch (dice.below(4)) {
      case 0: body.resize(dice.below(body.size() + 1)); break;
      case 1: body.assign(dice.below(100), std::byte{0xff}); break;
      case 2: dice.fill(body); break;
      default:
        for (int i = 0; i < 8 && !body.empty(); ++i) body[dice.below(body.size())] ^= std::byte{0x55};
    }
    spoilt.on_link({packet.number, packet.sent, body, packet.from, packet.to, packet.is_answer, false, false, packet.route,
                    packet.exchange});
    spoilt.on({packet.sent, packet.to, trace::PacketDelivered{packet.number}});
  }
  std::vector<MachineIndex> all = {world.seed(), alice, bob};
  for (std::size_t i = 0; i < world.nodes(); ++i) all.push_back(world.node(i));
  const Knowledge known = know(spoilt, world, {all, {}, true});
  EXPECT_FALSE(known.requests.empty());
  EXPECT_TRUE(known.links.empty());
}

TEST_F(Knowing, SaysWhatTheRecorderNoLongerHad) {
  truth.recorder = Recorder(10'000);
  run(alice, client::Send{id(bob), "for when you are back"});
  pass();
  EXPECT_GT(ask({world.node(0)}).forgotten, 0u);
}

TEST(KnowledgeOfModelled, IsThatOfTheRealWorld) {
  std::vector<std::set<std::pair<MachineIndex, AccountKnown>>> links;
  std::vector<std::size_t> requests;
  for (const Fidelity fidelity : {Fidelity::Real, Fidelity::Modelled}) {
    WorldConfig config;
    config.fidelity = fidelity;
    config.stamps = Stamps::Drawn;
    config.nodes = 14;
    config.people = {"Alice", "Bob"};
    config.network = *pow::preset("today");
    World world(config);
    Recorder recorder;
    for (const MachineIndex who : world.people()) ASSERT_TRUE(world.command(who, client::GoOnline{}, &recorder));
    world.run_until(world.now() + minutes(1), &recorder);
    std::vector<MachineIndex> who;
    for (std::size_t i = 0; i < world.nodes(); ++i) who.push_back(world.node(i));
    const Knowledge known = know(recorder, world, {who, {}, false});
    links.push_back(links_of(known));
    requests.push_back(known.requests.size());
  }
  EXPECT_FALSE(links[0].empty());
  EXPECT_EQ(links[0], links[1]);
  EXPECT_EQ(requests[0], requests[1]);
}

}  // namespace
}  // namespace session::sim

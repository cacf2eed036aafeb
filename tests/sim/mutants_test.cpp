// Defects of core/base/mutant.h are found by the oracle, or the property, whose name they bear; without them that one is
// content. Those of one function alone are found where it is tested (kElsewhere).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "core/base/mutant.h"
#include "core/client/stored_state.h"
#include "core/signal/sealed.h"
#include "core/wire/message.h"
#include "core/wire/padding.h"
#include "core/wire/peer.h"
#include "core/wire/sealed.h"
#include "sim/explore.h"
#include "tests/core/client/two_people.h"
#include "tests/core/node/network.h"

namespace session::sim {
namespace {

/// Alice and Bob in a small world before the judges; what a test does to them is a chain of these.
class Trial {
 public:
  explicit Trial(const std::function<void(WorldConfig&)>& change = {}) : world(config(change)) {}

  WorldConfig static config(const std::function<void(WorldConfig&)>& change) {
    WorldConfig c;
    c.seed = 3;
    c.nodes = 12;
    c.people = {"Alice", "Bob"};
    c.network = *pow::preset("today");
    if (change) change(c);
    return c;
  }
  void befriend() {
    for (const auto who : world.people()) run(who, client::GoOnline{});
    pass(seconds(15));
    run(alice, client::Ask{id(bob), "hello, it is Alice"});
    pass(seconds(15));
    run(bob, client::Accept{id(alice)});
    pass(seconds(15));
  }
  void say(const char* words) { run(alice, client::Send{id(bob), words}); }
  void pass(Millis span) {
    world.run_until(world.now() + span, &oracles);
    oracles.check();
  }
  void run(MachineIndex who, const client::Command& command) { static_cast<void>(world.command(who, command, &oracles)); }
  [[nodiscard]] SessionId id(MachineIndex who) const { return world.client(who).id(); }
  [[nodiscard]] MachineIndex member(MachineIndex of, std::size_t i) const {
    const auto& registry = *world.registry();
    return *world.machine_of(registry.members(registry.swarm_of(id(of).account))[i]);
  }
  /// The oracle had something to look at, and found nothing.
  [[nodiscard]] bool holds(const std::string& oracle) {
    const auto& all = oracles.violations();
    const bool is_found = std::any_of(all.begin(), all.end(), [&](const Violation& v) { return v.oracle == oracle; });
    EXPECT_TRUE(is_found || oracles.cases().contains(oracle)) << oracle << " looked at nothing";
    return !is_found;
  }

  World world;
  Oracles oracles{world};
  const MachineIndex alice = *world.person("Alice"), bob = *world.person("Bob");
};

// --- in the simulator -------------------------------------------------------------------------------------------------------

bool everyday(const std::string& oracle) {
  Trial trial;
  trial.befriend();
  trial.say("the first words");
  trial.pass(seconds(15));
  trial.world.set_down(trial.bob, true, &trial.oracles);
  trial.say("for later");
  trial.pass(seconds(15));
  trial.say("and more of it");
  trial.pass(seconds(30));
  return trial.holds(oracle);
}
bool one_keeper_away(const std::string& oracle) {  // D4
  Trial trial;
  trial.befriend();
  trial.world.set_down(trial.member(trial.bob, 2), true, &trial.oracles);
  trial.world.set_down(trial.bob, true, &trial.oracles);
  trial.say("kept by all but one");
  trial.pass(seconds(30));
  return trial.holds(oracle);
}
bool gone_while_listening(const std::string& oracle) {  // D5
  Trial trial;
  trial.befriend();
  trial.world.set_down(trial.bob, true, &trial.oracles);
  trial.say("handed to nobody");
  trial.pass(seconds(25));
  return trial.holds(oracle);
}
bool two_blocks(const std::string& oracle) {  // N1
  Trial trial([](WorldConfig& c) { c.nodes = 24; });
  trial.pass(seconds(150));
  return trial.holds(oracle);
}
bool replayed(const std::string& oracle) {  // O6
  Trial trial([](WorldConfig& c) { c.link.replay_ppm = 500'000; });
  trial.befriend();
  trial.pass(minutes(6));
  return trial.holds(oracle);
}
bool work_is_asked(const std::string& oracle) {  // W1, W2
  Trial trial([](WorldConfig& c) { c.network = *pow::preset("loki-2020"); });
  trial.befriend();
  trial.say("paid for");
  trial.world.registry_machine().chain().set_difficulty(3);
  trial.world.seal_block(&trial.oracles);
  trial.pass(minutes(16));
  trial.world.set_down(trial.bob, true, &trial.oracles);
  trial.say("the price has risen");
  trial.pass(minutes(2));
  return trial.holds(oracle);
}
bool bundle_is_hidden(const std::string& oracle) {  // R5
  Trial trial;
  trial.befriend();
  trial.oracles.check();
  const Account account = trial.id(trial.bob).account;
  // Somebody without a bundle is written to in a box, which nobody objects to.
  const auto hide = [&] {
    for (std::size_t i = 0; i < trial.world.nodes(); ++i) {
      auto& disk = trial.world.disk(trial.world.node(i));
      std::vector<MessageHash> hidden;
      static_cast<void>(disk.visit_account(account, [&](const store::MailHead& head) {
        if (head.ns < 0) hidden.push_back(head.hash);
        return true;
      }));
      for (const MessageHash& hash : hidden) static_cast<void>(disk.remove(account, hash));
    }
  };
  hide();
  const auto carol = *trial.world.add_person("Carol", {}, &trial.oracles);
  trial.run(carol, client::GoOnline{});
  trial.pass(seconds(15));
  trial.run(carol, client::Ask{trial.id(trial.bob), "Carol here, as it happens"});
  trial.run(trial.alice, client::ResetSession{trial.id(trial.bob)});
  trial.pass(minutes(1));
  return trial.holds(oracle);
}
bool lost_then_calm(const std::string& oracle) {  // L3
  Trial trial;
  trial.befriend();
  const LinkModel calm = trial.world.link();
  trial.world.set_link({Millis{20}, Millis{30}, 1'000'000});
  trial.say("into a storm");
  trial.pass(minutes(1));
  trial.world.set_link(calm);
  trial.pass(minutes(5));
  trial.oracles.judge(minutes(5));
  return trial.holds(oracle);
}
bool repeats(const std::string& oracle) {  // T1, T2
  const auto scenario = parse_scenario(R"({"name": "t", "description": "t", "network": {"preset": "today", "nodes": 8},
    "people": ["Alice", "Bob"], "end": "30s", "steps": [
      {"at": "10s", "do": "ask", "who": "Alice", "to": "Bob", "text": "hi"}], "expect": []})",
                                       "repeated");
  const auto wrong = wrong_with_repetition(*scenario, 5);
  return !wrong || wrong->oracle != oracle;
}

// --- properties -------------------------------------------------------------------------------------------------------------

class People : public client::TwoPeople {
 public:
  void TestBody() override {}
  void meet() {
    begin(alice, bob);
    EXPECT_TRUE(hear(bob, say(alice, bob, "hello")));
    EXPECT_TRUE(hear(alice, say(bob, alice, "hello")));
  }
  /// Past what the client remembers of envelopes it opened: a thief asks the ratchet itself.
  static bool thief_opens(const store::MemoryClientStore& stolen, const client::Someone& from, BytesView datum) {
    store::MemoryClientStore copy = stolen;
    SeededRng dice(1);
    const auto envelope = wire::unwrap_envelope(datum);
    const auto sealed = signal::unseal_sender(from.identity.x25519, envelope->content);
    client::StoredState state(copy, from.sealer, client::kThen);
    return signal::decrypt(state, client::address_of({sealed->from, sealed->device}), sealed->message, dice).has_value();
  }
  static bool stays_closed() {  // R2
    People p;
    p.begin(p.bob, p.alice);
    EXPECT_TRUE(p.hear(p.alice, p.say(p.bob, p.alice, "hello")));
    const Bytes read = p.say(p.alice, p.bob, "read and gone");
    EXPECT_TRUE(p.hear(p.bob, read));
    EXPECT_TRUE(thief_opens(p.bob.store, p.bob, p.say(p.alice, p.bob, "the next"))) << "this thief opens nothing at all";
    return !thief_opens(p.bob.store, p.bob, read);
  }
  static bool names_are_true() {  // D3: Mallory, whose ratchet is sound, as if Alice
    People p;
    client::Someone mallory(p.rng, 33);
    p.begin(mallory, p.bob);
    client::StoredState state(mallory.store, mallory.sealer, p.now);
    const auto text = signal::encrypt(state, client::address_of({p.bob.id(), p.bob.sealer.device}),
                                      wire::pad(wire::encode(client::words("from Alice, truly"))), p.rng);
    const wire::SealedInner inner{wire::SealedType::PrekeyMessage, p.alice.id(), 11, text->body};
    const auto sealed =
        signal::seal_inner(mallory.identity.x25519, p.bob.id(), wire::encode(inner), crypto::x25519_pair(p.rng));
    const Bytes datum = wire::wrap_envelope(
        {wire::EnvelopeType::Unidentified, "", 0, static_cast<std::uint64_t>(p.now.unix_millis()), *sealed});
    const auto opened = p.hear(p.bob, datum);
    return !opened || opened->from != p.alice.id();
  }
  static bool key_is_compared() {  // R4
    People p;
    const wire::SealedInner inner{wire::SealedType::Message, p.alice.id(), 1, to_bytes("as if from Alice")};
    const auto mallory = crypto::x25519_pair(p.rng);
    const auto sealed = signal::seal_inner(mallory, p.bob.id(), wire::encode(inner), crypto::x25519_pair(p.rng));
    return !signal::unseal_sender(p.bob.identity.x25519, *sealed);
  }
  static bool two_may_draw_one_key() {  // R6
    People p;
    client::Someone carol(p.rng, 33);
    auto bundle = p.bundle_of(p.bob);
    bundle.one_time_keys.resize(1);
    for (client::Someone* each : {&p.alice, &carol})
      EXPECT_TRUE(client::start_session(each->store, each->sealer, bundle, p.now, p.rng));
    const Bytes first = p.say(p.alice, p.bob, "one"), second = p.say(carol, p.bob, "two");
    return p.hear(p.bob, first).has_value() && p.hear(p.bob, second).has_value();
  }
  static bool refused_changes_nothing() {  // R7
    People p;
    p.meet();
    const Bytes bad = p.say(p.alice, p.bob, client::words("caf\xe9"));
    const auto before = p.bob.store;
    EXPECT_FALSE(p.hear(p.bob, bad));
    return p.bob.store == before;
  }
};

bool devices_are_apart(const std::string&) {  // D2
  store::MemoryClientStore store;
  store::MessageRow row;
  row.sent_at = client::kThen;
  row.device = 1;
  const bool first = store.add_message(row)->is_new;
  row.device = 2;
  return first && store.add_message(row)->is_new;
}

bool peers_are_asked(const std::string&) {  // S3
  node::Network net(24);
  node::Owner bob(net.rng), other(net.rng);
  const auto& registry = *net.seed.registry();
  while (registry.swarm_of(other.account) == registry.swarm_of(bob.account)) other = node::Owner(net.rng);
  const auto members = net.members(bob.account);
  const Bytes body = wire::to_json(node::store_of(other.account, "foreign", net.now));
  const auto proof = wire::sign_peer(net.nodes[members[1]].config.keys, net.nodes[members[0]].machine.id(),
                                     net.now.unix_millis(), wire::Route::SwarmStore, body);
  return net.ask(members[0], wire::Route::SwarmStore, body, proof)->status == 421;
}
/// A swarm of which the third member is away while `change` is done; five minutes later it is as if he had been there.
bool is_repaired(const std::function<void(node::Network&, const node::Owner&, std::size_t)>& change) {
  node::Network net(16);
  const node::Owner bob(net.rng);
  const auto members = net.members(bob.account);
  EXPECT_EQ(net.rpc(members[0], wire::to_json(node::store_of(bob.account, "known to all", net.now, 10))).status, 200);
  net.wait(minutes(5));
  net.dead.insert(members[2]);
  change(net, bob, members[0]);
  net.dead.clear();
  net.wait(minutes(5));
  const auto kept_by = [&](std::size_t member) {
    std::set<std::tuple<MessageHash, Namespace, Instant>> all;
    EXPECT_TRUE(net.nodes[member].store.visit_heads(
        0, [&](const store::MailHead& head) { return all.emplace(head.hash, head.ns, head.expiry).second; }));
    return all;
  };
  return kept_by(members[2]) == kept_by(members[0]);
}
bool every_bucket_is_compared(const std::string&) {  // S4
  return is_repaired([](node::Network& net, const node::Owner& bob, std::size_t member) {
    std::string text = "in the first bucket";
    while (store::print_of(wire::message_hash(bob.account, 0, bytes_of(text)))[0] != std::byte{0}) text += '.';
    EXPECT_EQ(net.rpc(member, wire::to_json(node::store_of(bob.account, text, net.now))).status, 200);
  });
}
bool namespaces_survive(const std::string&) {  // S6
  return is_repaired([](node::Network& net, const node::Owner& bob, std::size_t member) {
    EXPECT_EQ(net.rpc(member, wire::to_json(node::store_of(bob.account, "elsewhere", net.now, 20))).status, 200);
  });
}
bool dead_stay_dead(const std::string&) {  // S7
  return is_repaired([](node::Network& net, const node::Owner& bob, std::size_t member) {
    wire::DeleteRequest request;
    request.account = bob.account;
    request.messages = {wire::message_hash(bob.account, 10, bytes_of("known to all"))};
    bob.sign(request.auth, wire::signed_text(request), net.now.unix_millis());
    EXPECT_EQ(net.rpc(member, wire::to_json(wire::RpcRequest(request))).status, 200);
    EXPECT_EQ(net.nodes[member].store.count(), 0u);
  });
}
bool what_moves_arrives(const std::string&) {  // S5: at its new owners, and nowhere else
  node::Network net(14);
  std::vector<node::Owner> owners;
  for (int i = 0; i < 12; ++i) {
    owners.emplace_back(net.rng);
    const Account& account = owners.back().account;
    EXPECT_EQ(net.rpc(net.members(account)[0], wire::to_json(node::store_of(account, "kept", net.now))).status, 200);
  }
  net.wait(minutes(3));
  const std::size_t swarms = net.seed.registry()->swarm_ids().size();
  for (int i = 0; i < 12; ++i) net.add();
  EXPECT_GT(net.seed.registry()->swarm_ids().size(), swarms);
  net.wait(minutes(5));
  return std::ranges::all_of(owners, [&](const node::Owner& owner) {
    const MessageHash hash = wire::message_hash(owner.account, 0, bytes_of("kept"));
    const auto due = net.members(owner.account);
    for (std::size_t i = 0; i < net.nodes.size(); ++i)
      if (net.nodes[i].store.find_head(hash)->has_value() != (std::ranges::count(due, i) == 1)) return false;
    return true;
  });
}
bool refused_is_not_kept(const std::string&) {  // L2
  node::Network net(8);
  node::Owner bob(net.rng);
  const Bytes body = wire::to_json(node::store_of(bob.account, "for too long", net.now, 0, days(15)));
  EXPECT_EQ(net.rpc(net.members(bob.account)[0], body).status, 403);
  return net.nodes[net.members(bob.account)[0]].store.count() == 0;
}
/// Beside a caller who asks ten times as much as it may, another is served as if alone.
bool flood_costs_the_flooder(const std::string&) {  // L4
  node::Network net(8, "today", 1, [](node::Config& c) { c.limits.per_second = 30, c.limits.burst = 60; });
  const Bytes info = wire::to_json(wire::RpcRequest(wire::InfoRequest{}));
  int served = 0, flooded = 0;
  for (int tenth = 0; tenth < 50; ++tenth) {
    net.now = net.now + Millis{100};
    net.caller = "flood";
    for (int i = 0; i < 30; ++i) flooded += net.rpc(0, info).status == 200 ? 1 : 0;
    net.caller = "quiet";
    served += net.rpc(0, info).status == 200 ? 1 : 0;
  }
  EXPECT_LE(flooded, 60 + 30 * 5 + 1);
  return served == 50;
}
// --- the table --------------------------------------------------------------------------------------------------------------

struct Row {
  Mutant mutant;
  std::string oracle;
  std::function<bool(const std::string&)> holds;
};
template <bool (*holds)()>
bool plain(const std::string&) {
  return holds();
}
const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {Mutant::D1, "D1", everyday},
      {Mutant::D2, "D2", devices_are_apart},
      {Mutant::D3, "D3", plain<People::names_are_true>},
      {Mutant::D4, "D4", one_keeper_away},
      {Mutant::D5, "D5", gone_while_listening},
      {Mutant::S3, "S3", peers_are_asked},
      {Mutant::S4, "S4", every_bucket_is_compared},
      {Mutant::S5, "S5", what_moves_arrives},
      {Mutant::S6, "S6", namespaces_survive},
      {Mutant::S7, "S7", dead_stay_dead},
      {Mutant::N1, "N1", two_blocks},
      {Mutant::W1, "W1", work_is_asked},
      {Mutant::W2, "W2", work_is_asked},
      {Mutant::O1, "O1", everyday},
      {Mutant::O1Layers, "O1", everyday},
      {Mutant::O1Key, "O1", everyday},
      {Mutant::O2, "O2", everyday},
      {Mutant::O3, "O3", everyday},
      {Mutant::O4, "O4", everyday},
      {Mutant::O6, "O6", replayed},
      {Mutant::O7, "O7", everyday},
      {Mutant::R1, "R1", everyday},
      {Mutant::R2, "R2", plain<People::stays_closed>},
      {Mutant::R4, "R4", plain<People::key_is_compared>},
      {Mutant::R5, "R5", bundle_is_hidden},
      {Mutant::R6, "R6", plain<People::two_may_draw_one_key>},
      {Mutant::R7, "R7", plain<People::refused_changes_nothing>},
      {Mutant::L2, "L2", refused_is_not_kept},
      {Mutant::L3, "L3", lost_then_calm},
      {Mutant::L4, "L4", flood_costs_the_flooder},
      {Mutant::T1, "T1", repeats},
      {Mutant::T2, "T2", repeats},
  };
  return all;
}

class Mutants : public testing::TestWithParam<Row> {};

TEST_P(Mutants, AreFoundByWhomTheyAreNamedAfter) {
  const Row& row = GetParam();
  EXPECT_TRUE(row.holds(row.oracle)) << row.oracle << " is violated by sound code";
  if (!mutant::kAreBuilt) return;
  const mutant::Scope scope(row.mutant);
  EXPECT_FALSE(row.holds(row.oracle)) << row.oracle << " does not see its mutant";
}

INSTANTIATE_TEST_SUITE_P(All, Mutants, testing::ValuesIn(rows()), [](const auto& row) {
  for (const mutant::Named& each : mutant::kAll)
    if (each.mutant == row.param.mutant) {
      std::string name(each.name);
      std::erase(name, '-');
      return name;
    }
  return std::string("Unnamed");
});

/// Tests of core/swarm/assignment.cpp, core/swarm/ring.cpp, core/pow/stamp.cpp and core/onion/paths.cpp.
constexpr std::array kElsewhere = {Mutant::S1, Mutant::S2, Mutant::W1Divisor, Mutant::O5};

TEST(AllMutants, StandInTheTableOrAreFoundElsewhere) {
  for (const mutant::Named& each : mutant::kAll) {
    const auto in_table =
        std::count_if(rows().begin(), rows().end(), [&](const Row& row) { return row.mutant == each.mutant; });
    EXPECT_EQ(in_table, std::count(kElsewhere.begin(), kElsewhere.end(), each.mutant) == 0 ? 1 : 0) << each.name;
  }
}

}  // namespace
}  // namespace session::sim

// Defects of core/base/mutant.h are found by the oracle, or the property, whose name they bear; without them that one is
// content. Those of one function alone are found where it is tested (kElsewhere).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "core/base/mutant.h"
#include "core/client/stored_state.h"
#include "core/node/auth.h"
#include "core/signal/sealed.h"
#include "core/wire/message.h"
#include "core/wire/padding.h"
#include "core/wire/peer.h"
#include "core/wire/sealed.h"
#include "tests/core/client/two_people.h"
#include "tests/core/node/network.h"
#include "tests/sim/trial.h"

namespace session::sim {
namespace {

// --- properties -------------------------------------------------------------------------------------------------------------

class People : public client::TwoPeople {
 public:
  void TestBody() override {}
  void meet() {
    begin(alice, bob);
    EXPECT_TRUE(hear(bob, say(alice, bob, "hello")));
    EXPECT_TRUE(hear(alice, say(bob, alice, "hello")));
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
bool revoked_reads_nothing(const std::string&) {  // R8, of a member who was removed
  SeededRng rng(3);
  const node::Owner group(rng);
  const auto member = crypto::ed25519_pair(rng);
  wire::Subaccount right;
  right.token[0] = group.account.bytes[0];
  right.token[1] = std::byte{1};
  std::copy(member.open.bytes.begin(), member.open.bytes.end(), right.token.begin() + 4);
  right.signature = crypto::sign(group.keys.secret, right.token);
  auto request = node::retrieve_of(group, node::kNow, 11);
  request.auth.subaccount = right;
  request.auth.signature = crypto::sign(member.secret, bytes_of(wire::signed_text_retrieve(11, node::kNow.unix_millis())));
  EXPECT_FALSE(node::check_retrieve_auth(request, node::kNow, [](const auto&) { return false; })) << "nobody reads at all";
  return node::check_retrieve_auth(request, node::kNow, [&](const auto& token) { return token == right.token; }).has_value();
}
bool listeners_are_few(const std::string&) {  // L1
  node::Network net(8);
  const node::Owner bob(net.rng);
  const std::size_t at = net.members(bob.account)[0];
  for (int i = 0; i < 6; ++i) {
    wire::ListenRequest request{.account = bob.account, .last_hashes = {{0, {}}}, .wait_ms = wire::kMaxWait};
    bob.sign(request.auth, "", net.now.unix_millis());
    request.auth.signature = crypto::sign(bob.keys.secret, bytes_of(wire::signed_text(request)));
    net.begin(at, wire::Route::StorageRpc, wire::to_json(wire::RpcRequest(request)));
  }
  EXPECT_GT(net.nodes[at].machine.listeners(), 3u);
  return !wrong_with_fillings(net.nodes[at].machine.fillings());
}
/// A crash between the opening of what was journalled and the commit: the next start opens it.
bool crash_loses_nothing(const std::string&) {  // C1
  Trial trial;
  trial.befriend();
  trial.world.set_down(trial.bob, true, nullptr);
  trial.say("opened twice");
  trial.pass(seconds(15));
  store::FaultyClientStore bobs = trial.world.stolen(trial.bob);
  const auto sent = trial.world.account(trial.alice).outbox();
  for (const store::OutboxRow& row : *sent)
    if (row.message != 0 && row.to == trial.id(trial.bob)) {
      EXPECT_TRUE(bobs.add_journal({.hash = wire::message_hash(row.to.account, 0, row.sealed),
                                    .data = row.sealed,
                                    .received_at = trial.world.now(),
                                    .expiry = trial.world.now() + days(1)}));
    }
  SeededRng rng(1);
  const auto start = [&] {
    wire::Effects effects(false);
    EXPECT_TRUE(bobs.begin());
    auto bob = client::Client::open(bobs, {});
    EXPECT_TRUE(bob->start({trial.world.now(), rng, bobs, effects}));
  };
  start();
  bobs.rollback();
  start();
  EXPECT_TRUE(bobs.commit());
  const auto shown = static_cast<const store::ClientStore&>(bobs).messages(trial.id(trial.alice));
  return std::ranges::count_if(*shown, [](const auto& row) { return row.body == "opened twice"; }) == 1;
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
      {Mutant::N2, "N2", half_a_quorum},
      {Mutant::W1, "W1", work_is_asked},
      {Mutant::W2, "W2", work_is_asked},
      {Mutant::O1, "O1", everyday},
      {Mutant::O1Layers, "O1", everyday},
      {Mutant::O1Key, "O1", everyday},
      {Mutant::O1Answer, "O1", everyday},
      {Mutant::O2, "O2", everyday},
      {Mutant::O3, "O3", everyday},
      {Mutant::O4, "O4", everyday},
      {Mutant::O6, "O6", replayed},
      {Mutant::O7, "O7", everyday},
      {Mutant::R1, "R1", everyday},
      {Mutant::R2, "R2", long_talk},
      {Mutant::R3, "R3", long_talk},
      {Mutant::R4, "R4", plain<People::key_is_compared>},
      {Mutant::R5, "R5", bundle_is_hidden},
      {Mutant::R6, "R6", plain<People::two_may_draw_one_key>},
      {Mutant::R7, "R7", plain<People::refused_changes_nothing>},
      {Mutant::R8, "R8", revoked_reads_nothing},
      {Mutant::C1, "C1", crash_loses_nothing},
      {Mutant::C2, "C2", everyday},
      {Mutant::C2People, "C2", everyday},
      {Mutant::C4, "C4", no_room},
      {Mutant::L1, "L1", listeners_are_few},
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

/// Tests of core/swarm/assignment.cpp, core/swarm/ring.cpp, core/pow/stamp.cpp, core/onion/paths.cpp and
/// core/store/sql_database.cpp.
constexpr std::array kElsewhere = {Mutant::S1, Mutant::S2, Mutant::W1Divisor, Mutant::O5, Mutant::C3, Mutant::C5};

TEST(AllMutants, StandInTheTableOrAreFoundElsewhere) {
  for (const mutant::Named& each : mutant::kAll) {
    const auto in_table =
        std::count_if(rows().begin(), rows().end(), [&](const Row& row) { return row.mutant == each.mutant; });
    EXPECT_EQ(in_table, std::count(kElsewhere.begin(), kElsewhere.end(), each.mutant) == 0 ? 1 : 0) << each.name;
  }
}

/// What must hold, a letter each with so many numbers.
constexpr std::pair<char, int> kInvariants[] = {{'D', 5}, {'S', 7}, {'N', 2}, {'W', 2}, {'O', 7},
                                                {'R', 8}, {'C', 5}, {'L', 4}, {'T', 2}, {'U', 2}};
/// The window's, tested by scripts in tests/gui.
constexpr std::array kWithoutMutant = {"U1", "U2"};

/// The ids in the first cells of the first and the second table below this heading.
std::array<std::set<std::string>, 2> tables_of(const std::string& file, const std::string& heading) {
  std::array<std::set<std::string>, 2> tables;
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line) && line != heading) {
  }
  for (std::size_t table = 0; std::getline(in, line);) {
    if (line.starts_with("Other invariants")) table = 1;
    std::stringstream cell(line.starts_with("| ") ? line.substr(2, line.find('|', 2) - 2) : "");
    for (std::string id; cell >> id;) EXPECT_TRUE(tables[table].insert(id).second) << id << " stands there twice";
  }
  return tables;
}

TEST(AllInvariants, StandInTheDocumentAndHaveAMutant) {
  const auto [judged, others] = tables_of(SESSION_SOURCE_DIR "/docs/simulator-limits.md", "## What the oracles see");
  std::set<std::string> by_oracles(kJudged.begin(), kJudged.end());
  by_oracles.insert({"T1", "T2"});  // by repetition
  EXPECT_EQ(judged, by_oracles);
  std::size_t count = 0;
  for (const auto& [letter, most] : kInvariants)
    for (int i = 1; i <= most; ++i, ++count) {
      const std::string id = letter + std::to_string(i);
      EXPECT_NE(judged.contains(id), others.contains(id)) << id;
      EXPECT_NE(mutant::find(id).has_value(), std::ranges::find(kWithoutMutant, id) != kWithoutMutant.end()) << id;
    }
  EXPECT_EQ(judged.size() + others.size(), count);
}

}  // namespace
}  // namespace session::sim

#include "core/pow/search.h"
#include "core/wire/bundle.h"
#include "core/wire/peer.h"
#include "core/wire/swarm_repair.h"
#include "tests/core/node/network.h"

namespace session::node {
namespace {

using Kept = std::set<std::tuple<MessageHash, Namespace, std::int64_t>>;

Kept kept_by(const Network& net, std::size_t node) {
  Kept all;
  EXPECT_TRUE(net.nodes[node].store.visit_heads(
      0, [&](const store::MailHead& head) { return all.emplace(head.hash, head.ns, head.expiry.unix_millis()).second; }));
  return all;
}

class Repair : public testing::Test {
 protected:
  Network net{16};
  Owner bob{net.rng};
  std::vector<std::size_t> members = net.members(bob.account);

  void store(const std::string& text, Namespace ns = 0, Millis ttl = days(1)) {
    EXPECT_EQ(net.rpc(members[0], wire::to_json(store_of(bob.account, text, net.now, ns, ttl))).status, 200);
  }
  [[nodiscard]] bool are_equal() const {
    return std::ranges::all_of(members, [&](std::size_t i) { return kept_by(net, i) == kept_by(net, members[0]); });
  }
  std::optional<wire::Answer> push_by(const crypto::Ed25519Pair& keys, const wire::RepairRequest& request,
                                      std::int64_t later = 0) {
    const Bytes body = wire::encode(request);
    return net.ask(members[0], wire::Route::SwarmRepair, body,
                   wire::sign_peer(keys, net.nodes[members[0]].machine.id(), net.now.unix_millis() + later,
                                   wire::Route::SwarmRepair, body));
  }
  /// As another member sends it.
  std::uint16_t push(const wire::RepairRequest& request) {
    return push_by(net.nodes[members[1]].config.keys, request, ++pushed_)->status;
  }
  [[nodiscard]] wire::Row row_of(const std::string& text) const {
    const std::int64_t now_ms = net.now.unix_millis();
    return {bob.account, 0, now_ms - 1000, (net.now + days(1)).unix_millis(), now_ms - 1000, to_bytes(text), {}};
  }
  std::int64_t pushed_ = 0;
};

TEST_F(Repair, WhoMissedAMessageHasItThreeMinutesLater) {  // S4
  net.dead.insert(members[2]);
  store("missed");
  store("missed in another compartment", 10);
  net.dead.clear();
  store("had");
  EXPECT_FALSE(are_equal());
  net.wait(minutes(1) + seconds(50));
  EXPECT_FALSE(are_equal()) << "what is two minutes young takes no part";
  net.wait(seconds(70));
  EXPECT_TRUE(are_equal());
  EXPECT_EQ(kept_by(net, members[2]).size(), 3u);
  EXPECT_GT(net.facts["Repaired"], 0);
}

TEST_F(Repair, WhoMissedSomethingIsForgottenWhenItLeaves) {  // L1
  const auto missed = [&] {
    for (const Filling& table : net.nodes[members[0]].machine.fillings())
      if (std::string_view(table.table) == "members that missed something") return table.size;
    return ~std::size_t{0};
  };
  net.dead.insert(members[2]);
  store("missed");
  EXPECT_EQ(missed(), 1u);
  net.seed.chain().leave(net.nodes[members[2]].machine.id());
  wire::Effects none;
  net.seed.seal_block(none);
  for (int i = 0; i < 30 && missed() > 0; ++i) net.wait(seconds(1));
  EXPECT_EQ(missed(), 0u) << "before the next repair";
}

TEST_F(Repair, WhatOneMemberAloneHasAllHaveThreeMinutesLater) {
  for (std::size_t i = 1; i < members.size(); ++i) net.dead.insert(members[i]);
  store("lonely");
  net.dead.clear();
  net.wait(minutes(3) + seconds(5));
  EXPECT_TRUE(are_equal());
  EXPECT_EQ(kept_by(net, members[3]).size(), 1u);
}

TEST_F(Repair, ALostDiskIsFilledAndNothingIsSentTwice) {
  std::size_t bytes = 0;
  for (int i = 0; i < 150; ++i) {
    store(std::string(1'000, 'x') + std::to_string(i));
    bytes += 1'000 + 256;
    if (i % 50 == 0) net.wait(seconds(2));
  }
  net.wait(minutes(4));
  net.sent_on.clear();
  net.nodes[members[2]].store = {};
  net.restart(members[2]);
  net.wait(seconds(30));
  EXPECT_TRUE(are_equal());
  EXPECT_EQ(kept_by(net, members[2]).size(), 150u);
  EXPECT_LT(net.sent_on[wire::Route::SwarmRepair], bytes * 12 / 10);  // reliability.md 7: join traffic
}

TEST_F(Repair, ManyAreMovedInManySteps) {
  Network slow(5, "today", 2, [](Config& config) {
    config.repair_bytes = 300;
    config.repair_entries = 7;
    config.repair_bytes_per_second = 100;
    config.limits.burst = 10'000;
  });
  const Owner carol(slow.rng);
  for (int i = 0; i < 80; ++i)
    ASSERT_EQ(slow.rpc(0, wire::to_json(store_of(carol.account, "number " + std::to_string(i), slow.now))).status, 200);
  slow.wait(minutes(4));
  slow.nodes[3].store = {};
  slow.restart(3);
  slow.wait(seconds(7));
  EXPECT_LT(kept_by(slow, 3).size(), 80u) << "throttled";
  slow.wait(minutes(2));
  EXPECT_EQ(kept_by(slow, 3).size(), 80u);
}

TEST_F(Repair, NamespaceTimesAndExpirySurvive) {  // S6
  net.dead.insert(members[2]);
  store("kept as it was", 20, days(3));
  net.dead.clear();
  const auto before =
      *net.nodes[members[1]].store.find(wire::message_hash(bob.account, 20, bytes_of("kept as it was"))).value();
  net.wait(minutes(3));
  const auto after = *net.nodes[members[2]].store.find(before.head.hash).value();
  EXPECT_EQ(after.head.ns, 20);
  EXPECT_EQ(after.head.timestamp, before.head.timestamp);
  EXPECT_EQ(after.head.expiry, before.head.expiry);
  EXPECT_EQ(after.data, before.data);
}

TEST_F(Repair, ALaterExpiryReachesAll) {
  store("short", 0, hours(1));
  net.wait(minutes(3));
  net.dead.insert(members[2]);
  store("short", 0, hours(9));
  net.dead.clear();
  EXPECT_FALSE(are_equal());
  net.wait(minutes(3) + seconds(5));
  EXPECT_TRUE(are_equal());
}

TEST_F(Repair, InAnOutboxTheGreatestWinsEverywhere) {  // profile.md 4
  const auto list = [&](std::uint32_t device) {
    return wire::encode_signed(wire::SlotList{{bob.account}, net.now.unix_millis(), {{0, device}}}, bob.keys);
  };
  const auto publish = [&](std::size_t node, std::uint32_t device, std::int64_t later) {
    auto request = wire::make_store(bob.account, -1, net.now.unix_millis() + later, days(1), list(device));
    bob.sign(request.auth, wire::signed_text_store(-1, net.now.unix_millis()), net.now.unix_millis());
    return net.rpc(node, wire::to_json(wire::RpcRequest(request))).status;
  };
  ASSERT_EQ(publish(members[0], 1, 0), 200);
  EXPECT_EQ(publish(members[0], 2, -5), 406);
  // Two halves that do not hear one another.
  for (std::size_t i = 3; i < members.size(); ++i) net.dead.insert(members[i]);
  ASSERT_EQ(publish(members[0], 3, 10), 200);
  net.dead = {members[0], members[1], members[2]};
  const Bytes newest = list(4);
  ASSERT_EQ(publish(members[4], 4, 20), 200);
  net.dead.clear();
  EXPECT_FALSE(are_equal());
  net.wait(minutes(3) + seconds(5));
  EXPECT_TRUE(are_equal());
  EXPECT_EQ(std::get<0>(*kept_by(net, members[1]).begin()), wire::message_hash(bob.account, -1, newest));
  EXPECT_EQ(kept_by(net, members[1]).size(), 1u);
}

TEST_F(Repair, NothingIsSaidWhenNothingDiffers) {
  store("had by all");
  net.wait(minutes(4));
  net.sent_on.clear();
  net.facts.clear();
  net.wait(minutes(10));
  EXPECT_EQ(net.facts["Repaired"], 0);
  // Each of the nodes sends its digests once a minute.
  EXPECT_LT(net.sent_on[wire::Route::SwarmRepair], 16u * 11 * 4'200);
}

TEST_F(Repair, OnlyMembersOfTheSwarmAreHeard) {
  const wire::RepairRequest request = wire::Push{{{row_of("planted")}, {}}};
  EXPECT_EQ(net.ask(members[0], wire::Route::SwarmRepair, wire::encode(request))->status, 401);
  EXPECT_EQ(push_by(crypto::ed25519_pair(net.rng), request)->status, 401);
  EXPECT_EQ(push_by(net.nodes[net.outsider(bob.account)].config.keys, wire::Compare{})->status, 401);
  EXPECT_EQ(net.nodes[members[0]].store.count(), 0u);
  EXPECT_EQ(push(request), 200);
  EXPECT_EQ(net.nodes[members[0]].store.count(), 1u);
}

TEST_F(Repair, WhatAMemberSendsIsChecked) {
  const auto taken = [&](wire::Row row) {
    const std::uint64_t before = net.nodes[members[0]].store.count();
    const auto status = push(wire::Push{{{std::move(row)}, {}}});
    return status == 200 ? static_cast<int>(net.nodes[members[0]].store.count() - before) : -status;
  };
  EXPECT_EQ(taken(row_of("good")), 1);
  EXPECT_EQ(taken(row_of("good")), 0);
  Owner other(net.rng);
  while (net.seed.registry()->swarm_of(other.account) == net.seed.registry()->swarm_of(bob.account)) other = Owner(net.rng);
  auto row = row_of("foreign");
  row.account = other.account;
  EXPECT_EQ(taken(row), -421);
  row = row_of("gone");
  row.expiry_ms = net.now.unix_millis();
  EXPECT_EQ(taken(row), 0);
  row = row_of("for ever");
  row.expiry_ms = (net.now + days(31)).unix_millis();
  EXPECT_EQ(taken(row), 0);
  row = row_of("of tomorrow");
  row.timestamp_ms = (net.now + hours(1)).unix_millis();
  EXPECT_EQ(taken(row), 0);
  row = row_of("taken tomorrow");
  row.taken_ms = (net.now + hours(1)).unix_millis();
  EXPECT_EQ(taken(row), 0);
  const Bytes junk = to_bytes("junk");
  const auto& keys = net.nodes[members[1]].config.keys;
  const auto answer = net.ask(
      members[0], wire::Route::SwarmRepair, junk,
      wire::sign_peer(keys, net.nodes[members[0]].machine.id(), net.now.unix_millis() + 99, wire::Route::SwarmRepair, junk));
  EXPECT_EQ(answer->status, 400);
}

TEST_F(Repair, NoPeerPutsAnythingInThePlaceOfABundle) {  // profile.md 7: only the owner writes there
  const Owner other(net.rng);
  const std::int64_t now_ms = net.now.unix_millis();
  const auto list = [&](const Owner& owner, const Account& of, Millis age) {
    return wire::encode_signed(wire::SlotList{{of}, now_ms - age.count, {{0, 7}}}, owner.keys);
  };
  const auto taken = [&](Namespace ns, Bytes data) {
    auto row = row_of("");
    row.ns = ns;
    row.data = std::move(data);
    const auto before = kept_by(net, members[0]);
    EXPECT_EQ(push(wire::Push{{{std::move(row)}, {}}}), 200);
    return kept_by(net, members[0]) != before;
  };
  EXPECT_TRUE(taken(-1, list(bob, bob.account, {})));
  EXPECT_FALSE(taken(-1, to_bytes("nothing")));
  EXPECT_FALSE(taken(-1, list(other, bob.account, {}))) << "signed by another";
  EXPECT_FALSE(taken(-1, list(other, other.account, {}))) << "another's list";
  EXPECT_FALSE(taken(-1, list(bob, bob.account, days(3)))) << "a list of three days ago, as if it were of today";
  EXPECT_FALSE(taken(-21, to_bytes("nothing")));
  EXPECT_FALSE(taken(-21, list(bob, bob.account, {}))) << "no bundle";
  EXPECT_FALSE(taken(-161, to_bytes("nothing")));
  EXPECT_TRUE(taken(-181, to_bytes("of another program"))) << "the profile says nothing of this one";
}

TEST_F(Repair, WhoPassesAStoreOnPutsNothingInThePlaceOfABundle) {  // the signature of a store does not cover its data
  const Owner other(net.rng);
  const std::int64_t now_ms = net.now.unix_millis();
  const auto list = [&](std::uint32_t device) {
    return wire::encode_signed(wire::SlotList{{bob.account}, now_ms, {{0, device}}}, bob.keys);
  };
  const auto request = [&](Bytes data, std::int64_t later) {
    auto store = wire::make_store(bob.account, -1, now_ms + later, days(1), std::move(data));
    bob.sign(store.auth, wire::signed_text_store(-1, now_ms), now_ms);
    return wire::to_json(wire::RpcRequest(store));
  };
  const auto& peer = net.nodes[members[1]].config.keys;
  const auto forward = [&](Bytes data, std::int64_t later) {
    const Bytes body = request(std::move(data), later);
    return net
        .ask(members[0], wire::Route::SwarmStore, body,
             wire::sign_peer(peer, net.nodes[members[0]].machine.id(), now_ms + later, wire::Route::SwarmStore, body))
        ->status;
  };
  EXPECT_EQ(forward(to_bytes("of another program"), 9), 200) << "where there is no other";
  EXPECT_EQ(forward(list(1), 1), 200) << "it came later, but its owner signed it";
  EXPECT_EQ(forward(to_bytes("nothing"), 10), 406);
  EXPECT_EQ(forward(wire::encode_signed(wire::SlotList{{bob.account}, now_ms, {{0, 7}}}, other.keys), 11), 406);
  EXPECT_EQ(net.rpc(members[0], request(to_bytes("nothing"), 12)).status, 406) << "nor as if it were the client";
  EXPECT_EQ(forward(list(2), 2), 200) << "the owner's newer one";
  const auto kept = kept_by(net, members[0]);
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(std::get<0>(*kept.begin()), wire::message_hash(bob.account, -1, list(2)));
}

TEST_F(Repair, AnAccountsShareHoldsForPeersToo) {
  Network small(5, "today", 3, [](Config& config) { config.limits.account_bytes = 1'000; });
  const Owner carol(small.rng);
  const auto& keys = small.nodes[1].config.keys;
  wire::Items items;
  for (int i = 0; i < 9; ++i) {
    items.rows.push_back(row_of("number " + std::to_string(i)));
    items.rows.back().account = carol.account;
  }
  const Bytes body = wire::encode(wire::RepairRequest(wire::Push{items}));
  ASSERT_EQ(
      small
          .ask(0, wire::Route::SwarmRepair, body,
               wire::sign_peer(keys, small.nodes[0].machine.id(), small.now.unix_millis(), wire::Route::SwarmRepair, body))
          ->status,
      200);
  EXPECT_EQ(small.nodes[0].store.count(), 3u);
}

TEST(RepairWork, StampsTravelAndAreChecked) {  // profile.md 4
  Network net(6, "loki-2020");
  const Owner bob(net.rng);
  const auto worked = [&](const std::string& text, bool upper) {
    auto request = store_of(bob.account, text, net.now);
    if (upper)
      for (char& digit : request.stamped.account) digit = static_cast<char>(std::toupper(digit));
    request.nonce = pow::search(pow::puzzle_for(request.stamped, 1).value(), 0, ~std::uint64_t{0}).nonce;
    return wire::to_json(wire::RpcRequest(request));
  };
  net.dead.insert(2);
  ASSERT_EQ(net.rpc(0, worked("paid", false)).status, 200);
  ASSERT_EQ(net.rpc(0, worked("paid in capitals", true)).status, 200);
  net.dead.clear();
  // Without work, as a hostile member has it: nobody takes it from him.
  auto stored = *net.nodes[0].store.find(wire::message_hash(bob.account, 0, bytes_of("paid"))).value();
  stored.data = to_bytes("unpaid");
  stored.head.hash = wire::message_hash(bob.account, 0, stored.data);
  ASSERT_TRUE(net.nodes[0].store.insert(stored));
  net.wait(minutes(4));
  EXPECT_EQ(kept_by(net, 2).size(), 2u);
  EXPECT_FALSE(net.nodes[2].store.find_head(stored.head.hash)->has_value());
}

}  // namespace
}  // namespace session::node

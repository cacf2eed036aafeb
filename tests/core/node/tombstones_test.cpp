#include "core/node/tombstones.h"

#include "core/node/revocations.h"
#include "core/wire/peer.h"
#include "tests/core/node/network.h"

namespace session::node {
namespace {

class Tombstones : public testing::Test {
 protected:
  Network net{16};
  Owner bob{net.rng};
  std::vector<std::size_t> members = net.members(bob.account);
  std::size_t away = members[2];

  MessageHash store(const std::string& text, Namespace ns = 0, Millis lifetime = days(1)) {
    EXPECT_EQ(net.rpc(members[0], wire::to_json(store_of(bob.account, text, net.now, ns, lifetime))).status, 200);
    return wire::message_hash(bob.account, ns, bytes_of(text));
  }
  template <class Request>
  Request signed_by_bob(Request request) {
    request.account = bob.account;
    request.auth.timestamp = net.now.unix_millis();
    bob.sign(request.auth, wire::signed_text(request), net.now.unix_millis());
    // As a node reads it, without what it does not ask for.
    return std::get<Request>(wire::parse_rpc(wire::to_json(wire::RpcRequest(request))).value());
  }
  template <class Request>
  void change(Request request) {
    EXPECT_EQ(net.rpc(members[0], wire::to_json(wire::RpcRequest(signed_by_bob(std::move(request))))).status, 200);
  }
  void settle() { net.wait(minutes(3) + seconds(10)); }
  /// While one member is away.
  template <class Request>
  void change_without_one(Request request) {
    net.dead.insert(away);
    change(std::move(request));
    net.dead.clear();
  }
  [[nodiscard]] std::optional<Instant> expiry_at(std::size_t node, const MessageHash& hash) const {
    const auto head = net.nodes[node].store.find_head(hash).value();
    return head ? std::optional(head->expiry) : std::nullopt;
  }
  [[nodiscard]] bool has(std::size_t node, const MessageHash& hash) const { return expiry_at(node, hash).has_value(); }
  [[nodiscard]] std::size_t keepers(const MessageHash& hash) const {
    return static_cast<std::size_t>(std::ranges::count_if(members, [&](std::size_t i) { return has(i, hash); }));
  }
  [[nodiscard]] bool are_alike() {
    for (const auto i : members) EXPECT_TRUE(net.nodes[i].store.settle(net.now));
    return std::ranges::all_of(members, [&](std::size_t i) {
      return net.nodes[i].store.digests().value() == net.nodes[members[0]].store.digests().value();
    });
  }
  std::uint16_t push(const wire::Stone& stone) {
    const Bytes body = wire::encode(wire::RepairRequest(wire::Push{{{}, {stone}}}));
    return net
        .ask(members[0], wire::Route::SwarmRepair, body,
             wire::sign_peer(net.nodes[members[1]].config.keys, net.nodes[members[0]].machine.id(),
                             net.now.unix_millis() + ++pushed_, wire::Route::SwarmRepair, body))
        ->status;
  }
  std::int64_t pushed_ = 0;
};

TEST_F(Tombstones, WhatWasDeletedWhileAMemberWasAwayDoesNotComeBack) {  // S7
  const MessageHash gone = store("delete me"), stays = store("keep me");
  settle();
  wire::DeleteRequest request;
  request.messages = {gone};
  change_without_one(request);
  EXPECT_EQ(keepers(gone), 1u);
  settle();
  EXPECT_EQ(keepers(gone), 0u);
  EXPECT_EQ(keepers(stays), members.size());
  EXPECT_TRUE(are_alike());
  net.wait(minutes(10));
  EXPECT_EQ(keepers(gone), 0u);
}

TEST_F(Tombstones, AnOldDiskRevivesNothing) {  // reliability.md 6
  const MessageHash gone = store("delete me");
  settle();
  const auto old = net.nodes[away].store;
  wire::DeleteAllRequest request;
  request.ns.reset();
  change(request);
  settle();
  net.nodes[away].store = old;
  net.restart(away);
  settle();
  EXPECT_EQ(keepers(gone), 0u);
  EXPECT_TRUE(are_alike());
}

TEST_F(Tombstones, WhatIsStoredAgainAfterwardsStays) {
  const MessageHash hash = store("twice");
  settle();
  wire::DeleteBeforeRequest request;
  request.before_ms = net.now.unix_millis();
  change_without_one(request);
  EXPECT_EQ(store("twice"), hash);
  EXPECT_EQ(keepers(hash), members.size());
  settle();
  EXPECT_EQ(keepers(hash), members.size());
  EXPECT_TRUE(are_alike());
}

TEST_F(Tombstones, ShorteningReachesWhoWasAwayAndALaterExtensionHolds) {
  const MessageHash hash = store("shorten me");
  settle();
  const auto expire = [&](Millis from_now, wire::ExpiryChange kind) {
    wire::ExpireRequest request;
    request.messages = {hash};
    request.expiries_ms = {(net.now + from_now).unix_millis()};
    request.change = kind;
    return request;
  };
  const Instant earlier = net.now + hours(2);
  change_without_one(expire(hours(2), wire::ExpiryChange::Shorten));
  EXPECT_NE(expiry_at(away, hash), earlier);
  settle();
  for (const auto i : members) EXPECT_EQ(expiry_at(i, hash), earlier) << i;
  const Instant later = net.now + hours(7);
  change_without_one(expire(hours(7), wire::ExpiryChange::Extend));
  settle();
  for (const auto i : members) EXPECT_EQ(expiry_at(i, hash), later) << i;
  wire::ExpireAllRequest all;
  all.expiry_ms = (net.now + hours(1)).unix_millis();
  const Instant least = net.now + hours(1);
  change_without_one(all);
  settle();
  for (const auto i : members) EXPECT_EQ(expiry_at(i, hash), least) << i;
  EXPECT_TRUE(are_alike());
}

TEST_F(Tombstones, RevocationsReachWhoWasAwayInTheOrderOfTheirArrival) {
  const auto token = [](int n) {
    wire::SubaccountToken t{};
    t[0] = std::byte{5};
    t[9] = static_cast<std::byte>(n);
    return t;
  };
  const auto revoked_at = [&](std::size_t node) { return revocations_of(net.nodes[node].store, bob.account).value(); };
  wire::RevokeRequest both, first;
  both.tokens = {token(1), token(2)};
  first.tokens = {token(1)};
  wire::UnrevokeRequest back;
  back.tokens = {token(2)};
  change_without_one(both);
  net.wait(seconds(1));
  change_without_one(back);
  net.wait(seconds(1));
  change_without_one(first);
  EXPECT_TRUE(revoked_at(away).empty());
  settle();
  for (const auto i : members) EXPECT_EQ(revoked_at(i), first.tokens) << i;
  EXPECT_TRUE(are_alike());
}

TEST_F(Tombstones, NothingIsKeptOfWhatWasNotThere) {
  wire::DeleteRequest request;
  request.messages = {wire::message_hash(bob.account, 0, bytes_of("never stored"))};
  change(request);
  for (const auto i : members) EXPECT_EQ(net.nodes[i].store.tombstone_bytes(), 0u);
}

TEST_F(Tombstones, FallWithWhatTheyAreAbout) {
  wire::DeleteRequest request;
  request.messages = {store("for a quarter of an hour", 0, minutes(15))};
  change(request);
  EXPECT_GT(net.nodes[members[0]].store.tombstone_bytes(), store::kTombstoneBytes);
  EXPECT_GT(net.nodes[members[0]].store.account_sums(bob.account)->tombstones, store::kTombstoneBytes);
  net.wait(minutes(14));
  EXPECT_GT(net.nodes[members[0]].store.tombstone_bytes(), 0u);
  net.wait(minutes(2));
  EXPECT_EQ(net.nodes[members[0]].store.tombstone_bytes(), 0u);
  int settings = 0;
  ASSERT_TRUE(net.nodes[members[0]].store.visit_settings("dead/", "", [&](auto, auto) { return ++settings > 0; }));
  EXPECT_EQ(settings, 0);
}

TEST_F(Tombstones, OfAPeerAreCheckedLikeRequests) {
  const MessageHash hash = store("mine");
  wire::DeleteRequest request;
  request.messages = {hash};
  const auto good = signed_by_bob(request);
  const std::int64_t now_ms = net.now.unix_millis();
  const std::int64_t falls = (net.now + days(1)).unix_millis();
  const auto stone = [&](wire::RpcRequest of, std::int64_t later) {
    return wire::Stone{now_ms + later, falls, wire::to_json(of)};
  };
  auto forged = good;
  forged.auth.signature->at(3) ^= std::byte{1};
  EXPECT_EQ(push(stone(forged, 1)), 200);
  EXPECT_EQ(push(stone(good, 120'000)), 200);   // of a time to come
  EXPECT_EQ(push(stone(good, -120'000)), 200);  // of before it was stored
  auto spaced = stone(good, 1);
  spaced.request.push_back(std::byte{' '});
  EXPECT_EQ(push(spaced), 200);
  EXPECT_EQ(push({now_ms + 1, falls, to_bytes("junk")}), 200);
  EXPECT_EQ(push({now_ms + 1, (net.now + days(70)).unix_millis(), wire::to_json(wire::RpcRequest(good))}), 200);
  EXPECT_EQ(push(stone(store_of(bob.account, "no change", net.now), 1)), 200);
  auto all = signed_by_bob(wire::DeleteAllRequest{});
  EXPECT_EQ(push({now_ms + 60'000, falls, wire::to_json(wire::RpcRequest(all))}),
            200);  // good: a minute later by another clock
  EXPECT_FALSE(has(members[0], hash));
  EXPECT_EQ(store("mine"), hash);
  net.wait(minutes(10));
  EXPECT_EQ(push({net.now.unix_millis(), falls, wire::to_json(wire::RpcRequest(all))}), 200);
  EXPECT_TRUE(has(members[0], hash)) << "its signature is of ten minutes ago";
  EXPECT_EQ(push({net.now.unix_millis(), falls, wire::to_json(wire::RpcRequest(good))}), 200);
  EXPECT_FALSE(has(members[0], hash));
}

TEST(TombstoneMarks, TheStrongestHoldAndOneOfEachIsKept) {
  store::MemoryMailStore mail;
  SeededRng rng(1);
  const Owner bob(rng);
  const auto verdict = [&](Namespace ns, std::int64_t sent, std::int64_t taken) {
    return verdict_on(mail, bob.account, ns, {"h"}, Instant::from_unix_millis(sent), Instant::from_unix_millis(taken)).value();
  };
  const auto put = [&](const wire::RpcRequest& request, std::int64_t taken) {
    EXPECT_TRUE(bury(mail, request, Instant::from_unix_millis(taken), Instant::from_unix_millis(99'000)).value());
  };
  EXPECT_FALSE(verdict(0, 10, 10).is_deleted);
  wire::Authentication auth;
  bob.sign(auth, "whatever", 1);  // that a request is signed truly, is looked at before
  wire::DeleteBeforeRequest before{.account = bob.account, .ns = 7, .before_ms = 50, .auth = auth};
  put(before, 100);
  EXPECT_TRUE(verdict(7, 50, 99).is_deleted);
  EXPECT_FALSE(verdict(7, 51, 99).is_deleted);
  EXPECT_FALSE(verdict(7, 50, 100).is_deleted);
  EXPECT_EQ(verdict(7, 50, 100).newest, Instant::from_unix_millis(100));
  EXPECT_FALSE(verdict(0, 50, 99).is_deleted);
  wire::ExpireAllRequest expire{.account = bob.account, .ns = std::nullopt, .expiry_ms = 5'000, .auth = auth};
  put(expire, 200);
  EXPECT_EQ(verdict(0, 60, 199).latest_expiry, Instant::from_unix_millis(5'000));
  put(wire::DeleteAllRequest{.account = bob.account, .ns = std::nullopt, .auth = auth}, 300);
  EXPECT_TRUE(verdict(-21, 60, 299).is_deleted);
  EXPECT_FALSE(verdict(-21, 60, 300).is_deleted);
  EXPECT_EQ(mail.setting("wide/" + std::string(text_of(bob.account.bytes)))->value().size(), 51u) << "one says it all";
  const auto fallen = mail.unearth(Instant::from_unix_millis(99'000), store::kNoLimit).value();
  EXPECT_EQ(fallen.size(), 3u);
  for (const store::Tombstone& gone : fallen) {
    ASSERT_TRUE(wire::parse_rpc(gone.request)) << wire::parse_rpc(gone.request).error().text;
    ASSERT_TRUE(unindex(mail, gone));
  }
  EXPECT_FALSE(verdict(-21, 60, 299).newest);
}

}  // namespace
}  // namespace session::node

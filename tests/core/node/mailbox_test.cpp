#include "core/wire/signed_text.h"
#include "tests/core/node/network.h"

namespace session::node {
namespace {

using wire::ChangeEntry;
using wire::ExpiryChange;

/// Everything that changes a mailbox, on a swarm of real machines.
class Mailbox : public testing::Test {
 protected:
  Network net{16};
  Owner bob{net.rng};
  std::vector<std::size_t> members = net.members(bob.account);
  std::size_t member = members[0];

  [[nodiscard]] std::int64_t now_ms() const { return net.now.unix_millis(); }
  wire::Answer ask(const wire::RpcRequest& request) { return net.rpc(member, wire::to_json(request)); }
  MessageHash keep(std::string_view text, Namespace ns = 0, Millis ttl = days(1)) {
    auto request = store_of(bob.account, text, net.now, ns, ttl);
    if (wire::store_needs_signature(ns)) bob.sign(request.auth, wire::signed_text_store(ns, now_ms()), now_ms());
    EXPECT_EQ(ask(request).status, 200);
    return wire::message_hash(bob.account, ns, bytes_of(text));
  }
  template <class Request>
  Request signed_by_bob(Request request) {
    request.auth.ed25519 = bob.keys.open;
    request.auth.signature = crypto::sign(bob.keys.secret, bytes_of(wire::signed_text(request)));
    return request;
  }
  template <class Request>
  Request with_time(Request request) {
    request.auth.timestamp = now_ms();
    return signed_by_bob(std::move(request));
  }
  /// Every member's entry; each must be truly signed.
  template <class Request>
  std::vector<ChangeEntry> changed(const Request& request) {
    const auto answer = ask(request);
    EXPECT_EQ(answer.status, 200) << text_of(answer.body);
    const auto parsed = wire::parse_change_answer(answer.body);
    EXPECT_TRUE(parsed) << text_of(answer.body);
    std::vector<ChangeEntry> out;
    if (!parsed) return out;
    for (const auto& each : parsed->swarm) {
      out.push_back(std::get<ChangeEntry>(each.result));
      EXPECT_TRUE(
          crypto::verify(crypto::key_of(each.node), bytes_of(wire::signed_text(request, out.back())), out.back().signature));
    }
    EXPECT_EQ(out.size(), members.size());
    return out;
  }
  std::string refusal(const wire::RpcRequest& request) {
    const auto answer = ask(request);
    return std::to_string(answer.status) + " " + std::string(text_of(answer.body));
  }
  [[nodiscard]] std::uint64_t kept_everywhere() const {
    std::uint64_t count = 0;
    for (const std::size_t each : members) count += net.nodes[each].store.count();
    return count;
  }
  std::optional<Instant> expiry_of(const MessageHash& hash, std::size_t at) {
    const auto head = net.nodes[at].store.find_head(hash).value();
    return head ? std::optional(head->expiry) : std::nullopt;
  }
  /// A subaccount's token with these flags, its owner's signature under it, and its keys.
  struct Delegate {
    crypto::Ed25519Pair keys;
    wire::Subaccount subaccount;
  };
  Delegate delegate(std::uint8_t flags, std::uint8_t prefix = 5) {
    Delegate out{crypto::ed25519_pair(net.rng), {}};
    out.subaccount.token[0] = std::byte{prefix};
    out.subaccount.token[1] = std::byte{flags};
    std::copy(out.keys.open.bytes.begin(), out.keys.open.bytes.end(), out.subaccount.token.begin() + 4);
    out.subaccount.signature = crypto::sign(bob.keys.secret, out.subaccount.token);
    return out;
  }
  template <class Request>
  Request signed_by(const Delegate& who, Request request) {
    request.auth.ed25519 = bob.keys.open;
    request.auth.subaccount = who.subaccount;
    request.auth.signature = crypto::sign(who.keys.secret, bytes_of(wire::signed_text(request)));
    return request;
  }
  wire::RetrieveRequest retrieval_by(const Delegate& who, Namespace ns = 0) {
    wire::RetrieveRequest request{.account = bob.account, .ns = ns, .ns_given = ns != 0};
    request.auth = {bob.keys.open, {}, now_ms(), who.subaccount};
    request.auth.signature = crypto::sign(who.keys.secret, bytes_of(wire::signed_text_retrieve(ns, now_ms())));
    return request;
  }
};

TEST_F(Mailbox, DeletionTakesMessagesFromEveryMember) {
  const MessageHash one = keep("one"), two = keep("two"), three = keep("three", 2);
  const MessageHash unknown = wire::message_hash(bob.account, 0, bytes_of("never"));
  for (const ChangeEntry& entry :
       changed(signed_by_bob(wire::DeleteRequest{bob.account, {three, unknown, one, one}, false, {}})))
    EXPECT_EQ(entry.changed, (std::vector{std::min(one, three), std::max(one, three)}));
  EXPECT_EQ(kept_everywhere(), members.size());
  EXPECT_TRUE(expiry_of(two, member));
  // Nobody has it: an answer all the same, and 404 when one was required.
  const wire::DeleteRequest again{bob.account, {one}, false, {}};
  for (const ChangeEntry& entry : changed(signed_by_bob(again))) EXPECT_TRUE(entry.changed.empty());
  const auto required = ask(signed_by_bob(wire::DeleteRequest{bob.account, {one}, true, {}}));
  EXPECT_EQ(required.status, 404);
  EXPECT_TRUE(wire::parse_change_answer(required.body));
  EXPECT_EQ(ask(signed_by_bob(wire::DeleteRequest{bob.account, {two}, true, {}})).status, 200);
}

TEST_F(Mailbox, NobodyElseDeletes) {
  const MessageHash one = keep("one");
  const Owner mallory(net.rng);
  wire::DeleteRequest request{bob.account, {one}, false, {}};
  request.auth.ed25519 = mallory.keys.open;
  request.auth.signature = crypto::sign(mallory.keys.secret, bytes_of(wire::signed_text(request)));
  EXPECT_EQ(refusal(request), "401 delete_msgs signature verification failed");
  request.auth.ed25519 = bob.keys.open;
  EXPECT_EQ(refusal(request), "401 delete_msgs signature verification failed");
  // Mallory's own signature reaches Mallory's messages alone.
  auto foreign = wire::DeleteRequest{mallory.account, {one}, false, {}};
  foreign.auth.ed25519 = mallory.keys.open;
  foreign.auth.signature = crypto::sign(mallory.keys.secret, bytes_of(wire::signed_text(foreign)));
  for (const std::size_t each : net.members(mallory.account)) net.rpc(each, wire::to_json(wire::RpcRequest(foreign)));
  EXPECT_EQ(kept_everywhere(), members.size());
  EXPECT_EQ(net.rpc(net.outsider(bob.account), wire::to_json(wire::RpcRequest(signed_by_bob(foreign)))).status == 200, false);
}

TEST_F(Mailbox, DeleteAllKnowsNamespaces) {
  const MessageHash a = keep("a"), b = keep("b", 2), c = keep("c", 3);
  for (const ChangeEntry& entry : changed(with_time(wire::DeleteAllRequest{bob.account, 2, {}})))
    EXPECT_EQ(entry.changed, std::vector{b});
  for (const ChangeEntry& entry : changed(with_time(wire::DeleteAllRequest{bob.account, std::nullopt, {}}))) {
    EXPECT_EQ(entry.by_namespace, (std::map<Namespace, std::vector<MessageHash>>{{0, {a}}, {3, {c}}}));
    EXPECT_EQ(entry.changed, (std::vector{std::min(a, c), std::max(a, c)}));
  }
  EXPECT_EQ(kept_everywhere(), 0u);
  auto late = wire::DeleteAllRequest{bob.account, 0, {}};
  late.auth.timestamp = now_ms() - 60'001;
  EXPECT_EQ(refusal(signed_by_bob(late)), "406 delete_all timestamp too far from current time");
  late.auth.timestamp = now_ms() + 60'001;
  EXPECT_EQ(refusal(signed_by_bob(late)), "406 delete_all timestamp too far from current time");
}

TEST_F(Mailbox, DeleteBeforeReadsTheSendersTime) {
  const MessageHash early = keep("early");
  net.now = net.now + seconds(10);
  const MessageHash late = keep("late");
  for (const ChangeEntry& entry : changed(signed_by_bob(wire::DeleteBeforeRequest{bob.account, 0, now_ms() - 10'000, {}})))
    EXPECT_EQ(entry.changed, std::vector{early});
  for (const ChangeEntry& entry : changed(signed_by_bob(wire::DeleteBeforeRequest{bob.account, std::nullopt, now_ms(), {}})))
    EXPECT_EQ(entry.by_namespace.at(0), std::vector{late});
  EXPECT_EQ(refusal(signed_by_bob(wire::DeleteBeforeRequest{bob.account, 0, now_ms() + 60'001, {}})),
            "401 delete_before timestamp too far in the future");
}

TEST_F(Mailbox, ExpireAllOnlyShortens) {
  const MessageHash brief = keep("brief", 0, hours(1)), lasting = keep("lasting", 0, days(2));
  const Instant wanted = net.now + hours(5);
  for (const ChangeEntry& entry : changed(signed_by_bob(wire::ExpireAllRequest{bob.account, 0, wanted.unix_millis(), {}})))
    EXPECT_EQ(entry.changed, std::vector{lasting});
  for (const std::size_t each : members) {
    EXPECT_EQ(expiry_of(brief, each), net.now + hours(1));
    EXPECT_EQ(expiry_of(lasting, each), wanted);
  }
  EXPECT_EQ(refusal(signed_by_bob(wire::ExpireAllRequest{bob.account, 0, now_ms() - 60'001, {}})),
            "406 expire_all timestamp should be >= current time");
}

TEST_F(Mailbox, ExpireSetsShortensAndExtends) {
  const MessageHash one = keep("one", 0, hours(10)), two = keep("two", 0, hours(20));
  const auto at = [&](Millis span) { return (net.now + span).unix_millis(); };
  const auto expire = [&](std::vector<std::int64_t> when, ExpiryChange change) {
    return changed(signed_by_bob(wire::ExpireRequest{bob.account, {two, one}, std::move(when), change, {}}))[0];
  };
  const std::vector<MessageHash> both{std::min(one, two), std::max(one, two)};
  EXPECT_EQ(expire({at(hours(15))}, ExpiryChange::Set).changed, both);
  EXPECT_EQ(expiry_of(one, members.back()), net.now + hours(15));
  ChangeEntry entry = expire({at(hours(12)), at(hours(18))}, ExpiryChange::Extend);  // two, one
  EXPECT_EQ(entry.changed, std::vector{one});
  EXPECT_EQ(entry.expiries_ms, std::vector{at(hours(18))});
  EXPECT_TRUE(entry.is_each);
  EXPECT_EQ(entry.unchanged, (std::map<MessageHash, std::int64_t>{{two, at(hours(15))}}));
  entry = expire({at(hours(16))}, ExpiryChange::Shorten);
  EXPECT_EQ(entry.changed, std::vector{one});
  EXPECT_EQ(entry.expiries_ms, std::vector{at(hours(16))});
  EXPECT_FALSE(entry.is_each);
  EXPECT_EQ(entry.unchanged.at(two), at(hours(15)));
  // What is too far is brought nearer, and said so even when nothing changes.
  EXPECT_EQ(expire({at(days(40))}, ExpiryChange::Set).expiries_ms, std::vector{at(days(30))});
  EXPECT_EQ(expire({at(days(50))}, ExpiryChange::Extend).changed.size(), 0u);
  EXPECT_EQ(refusal(signed_by_bob(wire::ExpireRequest{bob.account, {one}, {now_ms() - 60'001}, ExpiryChange::Set, {}})),
            "401 expire: timestamp should be >= current time");
  auto forged = signed_by_bob(wire::ExpireRequest{bob.account, {one}, {at(hours(1))}, ExpiryChange::Shorten, {}});
  forged.change = ExpiryChange::Set;
  EXPECT_EQ(refusal(forged), "401 expire signature verification failed");
}

TEST_F(Mailbox, ExpiriesAreToldOfWhatIsKnown) {
  const MessageHash one = keep("one", 0, hours(1)), two = keep("two", 3, hours(2));
  const MessageHash unknown = wire::message_hash(bob.account, 0, bytes_of("never"));
  const auto request = with_time(wire::GetExpiriesRequest{bob.account, {two, unknown, one}, {}});
  const auto answer = ask(request);
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(wire::parse_expiries_answer(answer.body)->expiries_ms,
            (std::map<MessageHash, std::int64_t>{{one, (net.now + hours(1)).unix_millis()},
                                                 {two, (net.now + hours(2)).unix_millis()}}));
  EXPECT_EQ(text_of(answer.body).find("\"hf\""), std::string_view::npos);
  net.now = net.now + minutes(90);
  EXPECT_EQ(refusal(request), "406 get_expiries timestamp too far from current time");
  const auto later = ask(with_time(wire::GetExpiriesRequest{bob.account, {two, one}, {}}));
  EXPECT_EQ(wire::parse_expiries_answer(later.body)->expiries_ms.size(), 1u);
}

TEST_F(Mailbox, ASubaccountDoesWhatItsFlagsSay) {
  const MessageHash one = keep("one");
  const Delegate reader = delegate(1), writer = delegate(2), deleter = delegate(4), other = delegate(1, 3),
                 any = delegate(1 | 8, 3);
  EXPECT_EQ(ask(retrieval_by(reader)).status, 200);
  EXPECT_EQ(ask(retrieval_by(any)).status, 200);
  EXPECT_EQ(refusal(retrieval_by(writer)), "401 retrieve signature verification failed");
  EXPECT_EQ(refusal(retrieval_by(other)), "401 retrieve signature verification failed");
  Delegate forged = delegate(1);
  forged.subaccount.token[1] = std::byte{15};  // flags that the owner did not give
  EXPECT_EQ(refusal(retrieval_by(forged)), "401 retrieve signature verification failed");

  const auto store_by = [&](const Delegate& who, Namespace ns) {
    auto request = store_of(bob.account, "by another", net.now, ns);
    request.auth = {bob.keys.open, {}, now_ms(), who.subaccount};
    request.auth.signature = crypto::sign(who.keys.secret, bytes_of(wire::signed_text_store(ns, now_ms())));
    return ask(request).status;
  };
  EXPECT_EQ(store_by(writer, 11), 200);
  EXPECT_EQ(store_by(reader, 11), 401);
  EXPECT_EQ(store_by(writer, -21), 401) << "what replaces must be allowed to delete";
  EXPECT_EQ(store_by(delegate(2 | 4), -21), 200);

  const auto later = [&](ExpiryChange change, Millis span) {
    return wire::ExpireRequest{bob.account, {one}, {(net.now + span).unix_millis()}, change, {}};
  };
  EXPECT_EQ(ask(signed_by(writer, later(ExpiryChange::Set, days(2)))).status, 200);
  EXPECT_EQ(expiry_of(one, member), net.now + days(2));
  EXPECT_EQ(ask(signed_by(writer, later(ExpiryChange::Set, days(1)))).status, 200);
  EXPECT_EQ(expiry_of(one, member), net.now + days(2)) << "without a right to delete it only extends";
  EXPECT_EQ(refusal(signed_by(writer, later(ExpiryChange::Shorten, days(1)))),
            "400 expire: shorten parameter cannot be used with this subaccount token (missing delete access)");
  EXPECT_EQ(ask(signed_by(delegate(2 | 4), later(ExpiryChange::Shorten, days(1)))).status, 200);
  EXPECT_EQ(ask(signed_by(writer, wire::DeleteRequest{bob.account, {one}, false, {}})).status, 401);
  EXPECT_EQ(ask(signed_by(deleter, wire::DeleteRequest{bob.account, {one}, true, {}})).status, 200);
}

TEST_F(Mailbox, RevokedSubaccountsStayOutEvenOfAnEmptyMailbox) {
  const Delegate reader = delegate(1), another = delegate(1);
  const auto revocation = with_time(wire::RevokeRequest{bob.account, {reader.subaccount.token}, {}});
  EXPECT_EQ(changed(revocation).size(), members.size());
  for (const std::size_t each : members) {
    member = each;
    EXPECT_EQ(refusal(retrieval_by(reader)), "401 retrieve signature verification failed");
    EXPECT_EQ(ask(retrieval_by(another)).status, 200);
    EXPECT_EQ(ask(retrieval_by(reader, -11)).status, 200) << "a revocation-proof namespace";
  }
  keep("one");
  changed(with_time(wire::DeleteAllRequest{bob.account, std::nullopt, {}}));
  EXPECT_EQ(ask(retrieval_by(reader)).status, 401);
  for (const ChangeEntry& entry :
       changed(with_time(wire::UnrevokeRequest{bob.account, {reader.subaccount.token, another.subaccount.token}, {}})))
    EXPECT_EQ(entry.count, 1u);
  EXPECT_EQ(ask(retrieval_by(reader)).status, 200);
  // Only the account's own key takes rights back.
  auto by_delegate = wire::RevokeRequest{bob.account, {another.subaccount.token}, {}};
  by_delegate.auth.timestamp = now_ms();
  EXPECT_EQ(refusal(signed_by(delegate(15), by_delegate)), "401 revoke_subaccount signature verification failed");
  auto late = wire::UnrevokeRequest{bob.account, {another.subaccount.token}, {}};
  late.auth.timestamp = now_ms() - 60'001;
  EXPECT_EQ(refusal(signed_by_bob(late)), "406 unrevoke_subaccount timestamp too far from current time");
}

TEST_F(Mailbox, AMemberThatIsAwayOrLiesIsNotCountedAsDone) {
  const MessageHash one = keep("one");
  net.dead.insert(members[1]);
  const auto answer = ask(signed_by_bob(wire::DeleteRequest{bob.account, {one}, false, {}}));
  const auto parsed = wire::parse_change_answer(answer.body).value();
  std::size_t failed = 0;
  for (const auto& each : parsed.swarm)
    if (const auto* entry = std::get_if<wire::FailedEntry>(&each.result)) {
      EXPECT_EQ(each.node, net.nodes[members[1]].machine.id());
      EXPECT_EQ(entry->why, wire::MemberFailure::Timeout);
      ++failed;
    }
  EXPECT_EQ(failed, 1u);
  EXPECT_EQ(net.nodes[member].machine.waiting_requests(), 0u);
}

TEST_F(Mailbox, FourteenDaysForStrangersThirtyForTheOwner) {
  EXPECT_EQ(ask(store_of(bob.account, "x", net.now, 0, days(14))).status, 200);
  EXPECT_EQ(ask(store_of(bob.account, "y", net.now, 0, days(14) + Millis{1})).status, 403);
  keep("mine", 2, days(30));
}

}  // namespace
}  // namespace session::node

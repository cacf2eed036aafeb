#include <gtest/gtest.h>

#include "core/base/encoding.h"
#include "core/base/rng.h"
#include "core/wire/json.h"
#include "core/wire/rpc.h"

namespace session::wire {
namespace {

// --- properties ------------------------------------------------------------------------------------------------------------

Authentication random_authentication(Rng& rng) {
  Authentication auth;
  if (rng.one_in(2)) auth.ed25519 = crypto::Ed25519Public{rng.bytes<32>()};
  auth.signature = rng.bytes<64>();
  auth.timestamp = rng.between(0, std::numeric_limits<std::int64_t>::max());
  if (rng.one_in(2)) auth.subaccount = Subaccount{rng.bytes<36>(), rng.bytes<64>()};
  return auth;
}

StoreRequest random_store(Rng& rng) {
  Account account{rng.bytes<33>()};
  account.bytes[0] = std::byte{0x05};
  Bytes data(rng.below(2000));
  rng.fill(data);
  StoreRequest store = make_store(account, static_cast<Namespace>(rng.between(-32768, 32767)), rng.between(0, 1LL << 45),
                                  Millis{rng.between(-1000, 1LL << 40)}, data);
  // Before 1970 there is no expiry to write.
  if (store.timestamp_ms + store.ttl_ms < 0) store = make_store(account, store.ns, store.timestamp_ms, Millis{0}, data);
  if (rng.one_in(2)) store.nonce = rng.bytes<8>();
  if (rng.one_in(2)) store.auth = random_authentication(rng);
  return store;
}

/// Of a request whose signature covers no timestamp.
Authentication untimed(Rng& rng) {
  Authentication auth = random_authentication(rng);
  auth.timestamp.reset();
  return auth;
}

std::vector<MessageHash> random_hashes(Rng& rng) {
  std::vector<MessageHash> out;
  for (std::int64_t n = rng.between(1, 4); n > 0; --n) out.push_back({to_base64(rng.bytes<32>(), Padding::Without)});
  return out;
}

NamespaceChoice random_choice(Rng& rng) {
  return rng.one_in(3) ? NamespaceChoice{} : static_cast<Namespace>(rng.between(-200, 200));
}

Subrequest random_change(Rng& rng, const Account& account) {
  switch (rng.below(8)) {
    case 0: return DeleteRequest{account, random_hashes(rng), rng.one_in(2), untimed(rng)};
    case 1: return DeleteAllRequest{account, random_choice(rng), random_authentication(rng)};
    case 2: return DeleteBeforeRequest{account, random_choice(rng), rng.between(0, 1LL << 45), untimed(rng)};
    case 3: return ExpireAllRequest{account, random_choice(rng), rng.between(0, 1LL << 45), untimed(rng)};
    case 4: return GetExpiriesRequest{account, random_hashes(rng), random_authentication(rng)};
    case 5: return RevokeRequest{account, {rng.bytes<36>()}, random_authentication(rng)};
    case 6: return UnrevokeRequest{account, {rng.bytes<36>(), rng.bytes<36>()}, random_authentication(rng)};
    default: {
      ExpireRequest expire{account, random_hashes(rng), {}, static_cast<ExpiryChange>(rng.below(3)), untimed(rng)};
      for (std::size_t n = rng.one_in(2) ? 1 : expire.messages.size(); n > 0; --n)
        expire.expiries_ms.push_back(rng.between(0, 1LL << 45));
      return expire;
    }
  }
}

Subrequest random_request(Rng& rng) {
  Account account{rng.bytes<33>()};
  account.bytes[0] = std::byte{0x05};
  switch (rng.below(10)) {
    case 0: return random_store(rng);
    case 1: {
      RetrieveRequest retrieve{.account = account, .auth = random_authentication(rng)};
      retrieve.ns = static_cast<Namespace>(rng.between(-200, 200));
      retrieve.ns_given = retrieve.ns != 0 || rng.one_in(2);
      if (rng.one_in(2)) retrieve.last_hash = MessageHash{to_base64(rng.bytes<32>(), Padding::Without)};
      if (rng.one_in(2)) retrieve.max_count = rng.between(1, 1000);
      if (rng.one_in(2)) retrieve.max_size = -rng.between(1, 1000);
      return retrieve;
    }
    case 2: return GetSwarmRequest{account};
    case 3: return InfoRequest{};
    case 5:
    case 6:
    case 7:
    case 8:
    case 9: return random_change(rng, account);
    default: {
      RegistryQuery query{static_cast<std::uint32_t>(rng.below(100)), rng.one_in(2), {}, std::nullopt};
      if (rng.one_in(2)) query.fields = {"public_ip", "swarm_id"};
      if (rng.one_in(2)) query.poll_block_hash = rng.bytes<32>();
      return OxendRequest{query};
    }
  }
}

TEST(RpcWrite, WhatIsWrittenIsReadBackTheSame) {
  SeededRng rng(31);
  for (int i = 0; i < 300; ++i) {
    BatchRequest batch;
    for (std::int64_t n = rng.between(1, 5); n > 0; --n) batch.requests.push_back(random_request(rng));
    const auto back = parse_rpc(to_json(batch));
    ASSERT_TRUE(back) << back.error().text << ", seed 31, round " << i;
    EXPECT_EQ(*back, RpcRequest(batch)) << "seed 31, round " << i;
    const RpcRequest single = std::visit([](const auto& each) -> RpcRequest { return each; }, batch.requests.front());
    EXPECT_EQ(parse_rpc(to_json(single)), (std::expected<RpcRequest, RpcError>(single))) << "seed 31, round " << i;
  }
}

TEST(RpcWrite, WhatHoldsOthersAndWhatListensIsReadBackTheSame) {
  SeededRng rng(32);
  for (int i = 0; i < 100; ++i) {
    Account account{rng.bytes<33>()};
    account.bytes[0] = std::byte{0x05};
    SequenceRequest sequence;
    for (std::int64_t n = rng.between(1, 20); n > 0; --n) sequence.requests.push_back(random_request(rng));
    IfElseRequest choice;
    choice.condition.hf_at_least = {19};
    choice.condition.v_before = {3, 1, static_cast<std::uint16_t>(rng.below(9))};
    if (rng.one_in(2)) choice.condition.height_at_least = rng.below(1000);
    if (rng.one_in(2)) choice.then_part.push_back({sequence});
    if (rng.one_in(2)) choice.else_part.push_back({IfElseRequest{choice}});
    ListenRequest listen{.account = account, .wait_ms = rng.between(0, kMaxWait), .auth = random_authentication(rng)};
    listen.last_hashes = {{0, std::nullopt}, {static_cast<Namespace>(rng.between(1, 99)), random_hashes(rng)[0]}};
    for (std::int64_t n = rng.between(0, 4); n > 0; --n) listen.tokens.push_back(rng.bytes<32>());
    Bytes data(rng.below(kMaxRelayBytes));
    rng.fill(data);
    const RelayRequest relay{account, to_bytes(rng.bytes<32>()), data};
    for (const RpcRequest& each : {RpcRequest(sequence), RpcRequest(choice), RpcRequest(listen), RpcRequest(relay)}) {
      const auto back = parse_rpc(to_json(each));
      ASSERT_TRUE(back) << back.error().text << ", seed 32, round " << i;
      EXPECT_EQ(*back, each) << "seed 32, round " << i;
      const Bytes text = to_json(each);
      EXPECT_EQ(text_of(text), json::dump(json::parse_tree(text))) << "compact and sorted, as all that is written";
    }
  }
}

}  // namespace
}  // namespace session::wire

#include "core/swarm/registry.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "core/swarm/chain.h"

namespace session::swarm {
namespace {

RegistrySnapshot network_of(std::size_t count, Rng& rng) {
  Chain chain(*pow::preset("readme"));
  for (std::size_t i = 0; i < count; ++i) {
    const auto pair = crypto::ed25519_pair(rng);
    wire::RegistryEntry node;
    node.id = crypto::node_of(pair.open);
    node.x25519 = crypto::x25519_of(pair).open;
    node.address = {"127.0.0.1", static_cast<std::uint16_t>(1000 + i)};
    chain.enter(node);
  }
  return chain.seal_block();
}

TEST(Registry, EveryAccountMapsToOneSwarmWithMembers) {  // reliability.md S2
  SeededRng rng(1);
  const auto registry = network_of(40, rng);
  for (int i = 0; i < 1000; ++i) {
    Account account;
    rng.fill(account.bytes);
    const SwarmId swarm = registry->swarm_of(account);
    EXPECT_GE(registry->members(swarm).size(), 5u);
  }
}

TEST(Registry, SurvivesTheWireUnchanged) {
  SeededRng rng(2);
  const auto registry = network_of(23, rng);
  const auto parsed = wire::parse_registry_answer(wire::to_json(to_wire(*registry)));
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto copy = from_wire(*parsed);
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ((*copy)->nodes(), registry->nodes());
  EXPECT_EQ((*copy)->network(), registry->network());
  EXPECT_EQ((*copy)->height(), registry->height());
  EXPECT_EQ((*copy)->block_hash(), registry->block_hash());
}

TEST(Registry, FindsWhoIsListedAndNobodyElse) {
  SeededRng rng(3);
  const auto registry = network_of(9, rng);
  for (const auto& node : registry->nodes()) EXPECT_EQ(registry->find(node.id), &node);
  EXPECT_EQ(registry->find(NodeId{rng.bytes<32>()}), nullptr);
  EXPECT_TRUE(registry->members(SwarmId{12345}).empty());
}

TEST(Registry, AnEmptyNetworkKeepsNothing) {
  const Registry registry(1, {}, *pow::preset("readme"), {});
  EXPECT_FALSE(registry.swarm_of(Account{}).is_assigned());
}

TEST(Registry, AnUnchangedAnswerIsNoRegistry) {
  wire::RegistryAnswer answer;
  answer.unchanged = true;
  EXPECT_EQ(from_wire(answer).error().code, ErrorCode::Malformed);
}

TEST(Registry, IsSharedByAllWhoKnowTheSame) {
  SeededRng rng(5);
  const auto sealed = network_of(12, rng);
  const Bytes text = wire::to_json(to_wire(*sealed));
  const auto read = read_registry(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, sealed);
  EXPECT_EQ(*read_registry(text), sealed);
  EXPECT_EQ(*read_registry(wire::to_json(to_wire(*sealed), {}, "another id")), sealed);
}

TEST(Registry, OfAnotherBlockOrOtherNodesIsAnother) {
  SeededRng rng(6);
  const auto sealed = network_of(12, rng);
  auto answer = to_wire(*sealed);
  answer.nodes[3].address.port += 1;
  const auto lied = from_wire(answer);
  ASSERT_TRUE(lied);
  EXPECT_NE(*lied, sealed);
  EXPECT_EQ((*lied)->nodes()[3].address.port, answer.nodes[3].address.port);
  EXPECT_EQ(*read_registry(wire::to_json(to_wire(*sealed))), sealed);
  answer = to_wire(*sealed);
  ++answer.height;
  EXPECT_NE(*from_wire(answer), sealed);
}

TEST(Registry, IsForgottenWithItsLastOwner) {
  SeededRng rng(7);
  Bytes text;
  std::weak_ptr<const Registry> known;
  {
    const auto sealed = network_of(12, rng);
    known = sealed;
    text = wire::to_json(to_wire(*sealed));
    EXPECT_EQ(*read_registry(text), sealed);
  }
  EXPECT_TRUE(known.expired());
  const auto again = read_registry(text);
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->nodes().size(), 12u);
}

TEST(Registry, NobodyIsListedUnderAKeyThatIsNotItsOwn) {
  SeededRng rng(8);
  const auto sealed = network_of(12, rng);
  const auto other = crypto::x25519_pair(rng).open;
  for (const crypto::X25519Public& key : {other, crypto::X25519Public{}, sealed->nodes()[4].x25519}) {
    auto answer = to_wire(*sealed);
    answer.nodes[3].x25519 = key;
    const auto read = read_registry(wire::to_json(answer));
    ASSERT_FALSE(read) << key.hex();
    EXPECT_EQ(read.error().code, ErrorCode::Unauthentic);
    EXPECT_NE(read.error().message.find(answer.nodes[3].id.hex()), std::string::npos) << read.error().message;
  }
  auto answer = to_wire(*sealed);
  answer.nodes[3].id = NodeId{};  // a point of small order has no image
  EXPECT_FALSE(read_registry(wire::to_json(answer)));
  EXPECT_TRUE(read_registry(wire::to_json(to_wire(*sealed))));
}

TEST(Registry, WhatIsNoneIsRefusedEachTime) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(read_registry(to_bytes("{}")));
    EXPECT_EQ(read_registry(wire::to_json(wire::RegistryAnswer{.unchanged = true})).error().code, ErrorCode::Malformed);
  }
}

TEST(Registry, DoubtsComeBeforeKeysAndAgainstWhatWasReadAlready) {
  SeededRng rng(10);
  const auto sealed = network_of(12, rng);
  auto answer = to_wire(*sealed);
  const Bytes good = wire::to_json(answer);
  answer.nodes[3].x25519 = crypto::x25519_pair(rng).open;
  const auto doubt = [](const Registry&) -> Result<void> { return fail(ErrorCode::Refused, "no"); };
  EXPECT_EQ(read_registry(wire::to_json(answer), nullptr, doubt).error().code, ErrorCode::Refused);
  const auto held = read_registry(good);
  ASSERT_TRUE(held);
  EXPECT_EQ(read_registry(good, nullptr, doubt).error().code, ErrorCode::Refused);
  EXPECT_EQ(*read_registry(good, nullptr, [](const Registry&) { return Result<void>(); }), *held);
}

TEST(Registry, OnlyNewKeysAreLookedAt) {
  SeededRng rng(11);
  const auto sealed = network_of(12, rng);
  // Two keys that were never looked at show who is.
  auto answer = to_wire(*sealed);
  for (const std::size_t i : {3u, 5u}) answer.nodes[i].x25519 = crypto::x25519_pair(rng).open;
  const Registry known(answer.height, answer.block_hash, *answer.network, answer.nodes);
  ++answer.height;
  EXPECT_TRUE(read_registry(wire::to_json(answer), &known));
  answer.nodes[3].x25519 = crypto::x25519_pair(rng).open;
  const auto changed = read_registry(wire::to_json(answer), &known);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::Unauthentic);
  EXPECT_NE(changed.error().message.find(answer.nodes[3].id.hex()), std::string::npos) << changed.error().message;
}

}  // namespace
}  // namespace session::swarm

#include "core/net/chain_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/base/temp_folder.h"
#include "core/swarm/chain.h"

namespace session::net {
namespace {

TEST(ChainFile, HasAllThatTheBlockHas) {
  const TempFolder folder;
  const auto file = folder / "chain.json";
  SeededRng rng(7);
  swarm::Chain chain(*pow::preset("readme"));
  for (int i = 0; i < 9; ++i) {
    const auto keys = crypto::ed25519_pair(rng);
    wire::RegistryEntry node;
    node.id = crypto::node_of(keys.open);
    node.x25519 = crypto::x25519_of(keys).open;
    node.address = {"10.0.0.1", static_cast<std::uint16_t>(1000 + i)};
    chain.enter(node);
  }
  chain.set_difficulty(5);
  chain.seal_block();
  ASSERT_TRUE(write_chain(file, *chain.registry()));
  chain.decommission(chain.registry()->nodes()[0].id);
  const auto last = chain.seal_block();
  ASSERT_TRUE(write_chain(file, *last));
  const auto kept = read_chain(file);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ((*kept)->height(), last->height());
  EXPECT_EQ((*kept)->block_hash(), last->block_hash());
  EXPECT_EQ((*kept)->network(), last->network());
  EXPECT_EQ((*kept)->nodes(), last->nodes());
}

TEST(ChainFile, WhatIsWrongIsNamed) {
  const TempFolder folder;
  const auto file = folder / "chain.json";
  EXPECT_EQ(read_chain(file).error().code, ErrorCode::NotFound);
  std::ofstream(file) << "half of a fi";
  const auto bad = read_chain(file);
  ASSERT_FALSE(bad);
  EXPECT_TRUE(bad.error().message.starts_with(file.string())) << bad.error().message;
  EXPECT_FALSE(write_chain(file / "below a file", *swarm::Chain(*pow::preset("readme")).registry()));
}

}  // namespace
}  // namespace session::net

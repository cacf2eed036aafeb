#include "core/node/listing.h"

#include <gtest/gtest.h>

#include "core/wire/answers.h"

namespace session::node {
namespace {

swarm::RegistrySnapshot registry(std::uint64_t height, std::size_t nodes = 8) {
  std::vector<wire::RegistryEntry> entries(nodes);
  for (std::size_t i = 0; i < nodes; ++i) {
    entries[i].id.key[0] = static_cast<std::byte>(i + 1);
    entries[i].x25519.bytes[0] = static_cast<std::byte>(i + 1);
    entries[i].address = {"10.0.0.1", 22021};
    entries[i].active = i % 2 == 0;
  }
  ByteArray<32> hash{};
  hash[0] = static_cast<std::byte>(height);
  return swarm::shared(swarm::Registry(height, hash, *pow::preset("today"), std::move(entries)));
}

wire::RegistryAnswer read(const std::string& text) { return *wire::parse_registry_answer(wire::seed_answer(text)); }

TEST(RegistryListing, IsWrittenOnceForABlockAndAQuestion) {
  SeededRng rng(1);
  RegistryListing listing;
  const auto now = registry(1);
  const auto text = listing.text(now, {}, rng);
  EXPECT_EQ(read(*text).nodes.size(), 8u);
  EXPECT_EQ(listing.text(now, {}, rng), text);
  EXPECT_EQ(read(*listing.text(now, {.active_only = true}, rng)).nodes.size(), 4u);
  EXPECT_EQ(listing.text(now, {}, rng), text);
  RegistryListing other;
  EXPECT_EQ(other.text(now, {}, rng), text);
}

TEST(RegistryListing, IsWrittenAnewForAnotherBlock) {
  SeededRng rng(1);
  RegistryListing listing;
  const auto before = registry(1), after = registry(2, 9);
  EXPECT_EQ(read(*listing.text(before, {}, rng)).height, 1u);
  EXPECT_EQ(read(*listing.text(after, {}, rng)).height, 2u);
  EXPECT_EQ(read(*listing.text(after, {}, rng)).nodes.size(), 9u);
  EXPECT_EQ(listing.size(), 1u);
}

TEST(RegistryListing, SaysUnchangedToWhoKnowsTheBlock) {
  SeededRng rng(1);
  RegistryListing listing;
  const auto now = registry(3);
  const auto unchanged = listing.text(now, {.poll_block_hash = now->block_hash()}, rng);
  EXPECT_TRUE(read(*unchanged).unchanged);
  ByteArray<32> older{};
  const auto changed = listing.text(now, {.poll_block_hash = older}, rng);
  EXPECT_EQ(read(*changed).nodes.size(), 8u);
  older[5] = std::byte{9};
  EXPECT_EQ(listing.text(now, {.poll_block_hash = older}, rng), changed);
  EXPECT_EQ(listing.text(now, {.poll_block_hash = now->block_hash()}, rng), unchanged);
}

TEST(RegistryListing, DrawsASampleEachTime) {
  SeededRng rng(1);
  RegistryListing listing;
  const auto now = registry(4, 20);
  const auto one = read(*listing.text(now, {.limit = 5}, rng)).nodes, two = read(*listing.text(now, {.limit = 5}, rng)).nodes;
  EXPECT_EQ(one.size(), 5u);
  EXPECT_NE(one, two);
  EXPECT_EQ(listing.size(), 0u);
}

TEST(RegistryListing, KeepsFewTexts) {
  SeededRng rng(1);
  RegistryListing listing;
  const auto now = registry(5);
  for (int i = 0; i < 50; ++i) static_cast<void>(listing.text(now, {.fields = {"field " + std::to_string(i)}}, rng));
  EXPECT_EQ(listing.size(), RegistryListing::kMostTexts);
  EXPECT_EQ(read(*listing.text(now, {}, rng)).nodes.size(), 8u);
}

}  // namespace
}  // namespace session::node

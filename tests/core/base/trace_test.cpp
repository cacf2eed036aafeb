#include "core/base/trace.h"

#include <gtest/gtest.h>

#include <set>

namespace session::trace {
namespace {

template <std::size_t... I>
std::vector<Fact> one_of_each(std::index_sequence<I...>) {
  return {Fact(std::in_place_index<I>)...};
}
const std::vector<Fact> kOneOfEach = one_of_each(std::make_index_sequence<std::variant_size_v<Fact>>());

std::string canonical(const Fact& fact, Instant at = {}, MachineIndex who = {}) {
  Bytes bytes;
  append_canonical(bytes, {at, who, fact});
  return to_hex(bytes);
}

std::string zeros(std::size_t bytes) { return std::string(2 * bytes, '0'); }

// A change in what follows changes the digests of recorded runs: numbers are only ever added at the end.
TEST(Fact, NumbersStayAsTheyAre) {
  const std::vector<std::string> names = {
      "Stored",          "PeerAnswered",  "Retrieved",    "Expired",         "Refused",    "LayerPeeled",
      "SwarmChanged",    "DeliveryMoved", "ContactMoved", "StampFound",      "OnionSent",  "OnionAnswered",
      "PathBuilt",       "PathFailed",    "Kept",         "Journalled",      "Opened",     "NotOpened",
      "BundlePublished", "BundleRead",    "PacketSent",   "PacketDelivered", "PacketLost", "FaultBegan",
      "FaultEnded",      "Block",         "Step",         "Changed",         "Relayed"};
  ASSERT_GE(kOneOfEach.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(name_of(kOneOfEach[i]), names[i]);
}

TEST(Fact, CanonicalBytesStayAsTheyAre) {
  Account account;
  account.bytes[0] = std::byte{5};
  account.bytes[32] = std::byte{0xaa};
  const Stored stored{account, MessageHash{"abc"}, -11, Instant{0x0102}, 7, true, false};
  EXPECT_EQ(canonical(stored, Instant{1'000'000}, MachineIndex{3}),
            "40420f0000000000"  // at
            "0300000000000000"  // who
            "0000000000000000"  // number of the fact
            "05" +
                zeros(31) +
                "aa"  // account
                "0300000000000000"
                "616263"  // hash
                "f5ffffffffffffff"
                "0201000000000000"  // ns, expiry
                "0700000000000000"
                "0100000000000000" +
                zeros(8));  // size, already, from_peer
  EXPECT_EQ(canonical(Refused{404, "no"}), zeros(16) +
                                               "0400000000000000"
                                               "9401000000000000"
                                               "0200000000000000"
                                               "6e6f");
  EXPECT_EQ(canonical(SwarmChanged{{}, SwarmId{1}, 2, 3}), zeros(16) +
                                                               "0600000000000000"
                                                               "ffffffffffffffff"
                                                               "0100000000000000"
                                                               "0200000000000000"
                                                               "0300000000000000");
  EXPECT_EQ(canonical(PeerAnswered{}), zeros(16) + "0100000000000000" + zeros(32 + 8));
  EXPECT_EQ(canonical(OnionSent{}), zeros(16) + "0a00000000000000" + zeros(8 + 4 * 32 + 8 + 8));
  EXPECT_EQ(canonical(PacketSent{}), zeros(16) + "1400000000000000" + zeros(5 * 8));
}

TEST(Fact, EachIsToldApartByItsBytes) {
  std::set<std::string> all;
  for (const Fact& fact : kOneOfEach) all.insert(canonical(fact));
  EXPECT_EQ(all.size(), kOneOfEach.size());
  // Lengths stand before texts, so that bytes cannot move from one text to the next.
  EXPECT_NE(canonical(ContactMoved{{}, "ab", "c"}), canonical(ContactMoved{{}, "a", "bc"}));
  EXPECT_NE(canonical(Step{"a"}, Instant{1}), canonical(Step{"a"}, Instant{2}));
  EXPECT_NE(canonical(Step{"a"}, {}, MachineIndex{1}), canonical(Step{"a"}, {}, MachineIndex{2}));
}

TEST(Fact, CanonicalBytesAreAppended) {
  Bytes bytes = to_bytes("before");
  append_canonical(bytes, {{}, {}, Step{"a"}});
  EXPECT_TRUE(text_of(bytes).starts_with("before"));
  EXPECT_EQ(bytes.size(), 6u + 3 * 8 + 8 + 1);
}

TEST(Fact, TextIsOneLineThatStartsWithTheName) {
  for (const Fact& fact : kOneOfEach) {
    const std::string text = to_text(fact);
    EXPECT_TRUE(text.starts_with(name_of(fact))) << text;
    EXPECT_EQ(text.find('\n'), text.npos);
  }
  EXPECT_EQ(to_text(Refused{404, "no"}), "Refused 404 'no'");
}

TEST(Fact, TextCutsKeysShort) {
  NodeId node;
  node.key.fill(std::byte{0xab});
  EXPECT_EQ(to_text(PeerAnswered{node, 200}), "PeerAnswered abababab 200");
  EXPECT_EQ(to_text(SwarmChanged{{}, SwarmId{255}, 9, 4}), "SwarmChanged none 00000000000000ff 9 4");
}

}  // namespace
}  // namespace session::trace

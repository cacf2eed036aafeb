#include "core/wire/bundle.h"

#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "core/wire/namespaces.h"

namespace session::wire {
namespace {

SessionId session_id_of(const crypto::Ed25519Pair& pair) {
  SessionId id;
  const Bytes bytes = concat(std::array{std::byte{5}}, crypto::x25519_of(pair).open.bytes);
  id.account.bytes = to_array<33>(bytes);
  return id;
}

class Bundles : public ::testing::Test {
 protected:
  Bundles() { crypto::initialise(); }

  SignalKey random_key() {
    auto key = rng_.bytes<33>();
    key[0] = std::byte{5};
    return key;
  }
  PrekeyBundle bundle_of(const SessionId& who, std::uint32_t keys = 100) {
    PrekeyBundle bundle{who, 7, 1234, 99, 1'581'900'000'000, 5, random_key(), rng_.bytes<64>(), {}};
    for (std::uint32_t id = 1; id <= keys; ++id) bundle.one_time_keys.push_back({id, random_key()});
    return bundle;
  }
  bool is_refused(const PrekeyBundle& bundle, ErrorCode code = ErrorCode::Malformed) {
    const auto read = decode_signed_bundle(encode_signed(bundle, alice_), alice_id_);
    return !read && read.error().code == code;
  }

  SeededRng rng_{81};
  crypto::Ed25519Pair alice_ = crypto::ed25519_pair(rng_);
  crypto::Ed25519Pair bob_ = crypto::ed25519_pair(rng_);
  SessionId alice_id_ = session_id_of(alice_);
  SessionId bob_id_ = session_id_of(bob_);
};

TEST_F(Bundles, AreReadBackAsTheOwnerSignedThem) {
  const PrekeyBundle bundle = bundle_of(alice_id_);
  const Bytes bytes = encode_signed(bundle, alice_);
  EXPECT_EQ(decode_signed_bundle(bytes, alice_id_), bundle);
  EXPECT_LT(bytes.size(), 5000u);
}

TEST_F(Bundles, OfOthersAreUnauthentic) {
  const PrekeyBundle bundle = bundle_of(alice_id_);
  EXPECT_EQ(decode_signed_bundle(encode_signed(bundle, bob_), alice_id_).error().code, ErrorCode::Unauthentic);
  EXPECT_EQ(decode_signed_bundle(encode_signed(bundle, alice_), bob_id_).error().code, ErrorCode::Unauthentic);
  EXPECT_TRUE(is_refused(bundle_of(bob_id_), ErrorCode::Unauthentic));
}

TEST_F(Bundles, NoByteOfThemCanBeChanged) {
  const Bytes whole = encode_signed(bundle_of(alice_id_, 3), alice_);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_FALSE(decode_signed_bundle(BytesView(whole).first(i), alice_id_)) << i;
    Bytes damaged = whole;
    damaged[i] ^= std::byte{1};
    EXPECT_FALSE(decode_signed_bundle(damaged, alice_id_)) << i;
  }
}

TEST_F(Bundles, BadFieldsAreRefusedEvenWhenSigned) {
  const PrekeyBundle good = bundle_of(alice_id_, 2);
  EXPECT_FALSE(is_refused(good));
  PrekeyBundle bad = good;
  bad.slot = kMaxSlots;
  EXPECT_TRUE(is_refused(bad));
  bad = good;
  bad.device_id = 0;
  EXPECT_TRUE(is_refused(bad));
  bad = good;
  bad.date_ms = -1;
  EXPECT_TRUE(is_refused(bad));
  bad = good;
  bad.signed_prekey[0] = std::byte{6};
  EXPECT_TRUE(is_refused(bad));
  bad = good;
  bad.one_time_keys.clear();
  EXPECT_TRUE(is_refused(bad));
  bad = good;
  bad.one_time_keys[1].id = bad.one_time_keys[0].id;
  EXPECT_TRUE(is_refused(bad));
  bad = good;
  bad.one_time_keys[0].id = 0;
  EXPECT_TRUE(is_refused(bad));
  EXPECT_TRUE(is_refused(bundle_of(alice_id_, 101)));
}

TEST_F(Bundles, ListsOfSlotsAreSignedForTheirOwnUse) {
  const SlotList list{alice_id_, 5, {{0, 11}, {3, 12}}};
  const Bytes bytes = encode_signed(list, alice_);
  EXPECT_EQ(decode_signed_slots(bytes, alice_id_), list);
  EXPECT_EQ(decode_signed_bundle(bytes, alice_id_).error().code, ErrorCode::Unauthentic);
  EXPECT_FALSE(decode_signed_slots(encode_signed(list, bob_), alice_id_));
  EXPECT_FALSE(decode_signed_slots(encode_signed(SlotList{alice_id_, 5, {{0, 11}, {0, 12}}}, alice_), alice_id_));
  EXPECT_FALSE(decode_signed_slots(encode_signed(SlotList{alice_id_, 5, {{8, 11}}}, alice_), alice_id_));
}

TEST_F(Bundles, LieInPublicOutboxes) {
  EXPECT_EQ(bundle_namespace(0), -21);
  EXPECT_EQ(bundle_namespace(7), -161);
  for (std::uint32_t slot = 0; slot < kMaxSlots; ++slot) EXPECT_TRUE(is_public_outbox(bundle_namespace(slot))) << slot;
  EXPECT_TRUE(is_public_outbox(kSlotListNamespace));
}

}  // namespace
}  // namespace session::wire

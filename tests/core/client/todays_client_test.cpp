// Somebody with today's Session, made with libsodium's own functions, and what hostile ones send. Source: profile.md 9.
#include <sodium.h>

#include "core/signal/sealed.h"
#include "core/wire/padding.h"
#include "tests/core/client/two_people.h"

namespace session::client {
namespace {

/// Knows the Session protocol and nothing of ours but the shape of envelope and content.
struct Today {
  unsigned char ed_open[32], ed_secret[64], curve_open[32], curve_secret[32];
  explicit Today(Rng& rng) {
    const auto seed = rng.bytes<32>();
    crypto_sign_seed_keypair(ed_open, ed_secret, raw(seed));
    EXPECT_EQ(crypto_sign_ed25519_pk_to_curve25519(curve_open, ed_open), 0);
    EXPECT_EQ(crypto_sign_ed25519_sk_to_curve25519(curve_secret, ed_secret), 0);
  }
  [[nodiscard]] SessionId id() const {
    SessionId out;
    out.account.bytes[0] = std::byte{5};
    std::copy_n(reinterpret_cast<const std::byte*>(curve_open), 32, out.account.bytes.begin() + 1);
    return out;
  }
  /// What is boxed: m ‖ E ‖ sig.
  [[nodiscard]] Bytes inside(const SessionId& to, BytesView padded) const {
    const Bytes said = concat(padded, view(ed_open, 32), to.key());
    unsigned char signature[64];
    crypto_sign_detached(signature, nullptr, raw(said), said.size(), ed_secret);
    return concat(padded, view(ed_open, 32), view(signature, 64));
  }
  static Bytes box(const SessionId& to, BytesView plain) {
    Bytes out(plain.size() + crypto_box_SEALBYTES);
    EXPECT_EQ(crypto_box_seal(raw_out(out), raw(plain), plain.size(), raw(to.key())), 0);
    return out;
  }
  static Bytes wrap(Bytes content) {
    return wire::wrap_envelope({wire::EnvelopeType::Unidentified, "", 0, 1'700'000'000'001, std::move(content)});
  }
  [[nodiscard]] Bytes write(const SessionId& to, const wire::Content& content) const {
    return wrap(box(to, inside(to, wire::pad(wire::encode(content)))));
  }
  /// Nothing when it does not verify, as today's program does it.
  [[nodiscard]] std::optional<wire::Content> read(BytesView datum, SessionId& from) const {
    const Bytes boxed = wire::unwrap_envelope(datum).value().content;
    Bytes plain(boxed.size() - crypto_box_SEALBYTES);
    if (crypto_box_seal_open(raw_out(plain), raw(boxed), boxed.size(), curve_open, curve_secret) != 0) return std::nullopt;
    const BytesView all = plain, padded = all.first(all.size() - 96), sender = all.subspan(padded.size(), 32);
    const Bytes said = concat(padded, sender, view(curve_open, 32));
    if (crypto_sign_verify_detached(raw(all.last(64)), raw(said), said.size(), raw(sender)) != 0) return std::nullopt;
    from.account.bytes[0] = std::byte{5};
    if (crypto_sign_ed25519_pk_to_curve25519(raw_out(from.account.bytes) + 1, raw(sender)) != 0) return std::nullopt;
    return wire::decode_content(wire::unpad(padded).value()).value();
  }
};

class TodaysClient : public TwoPeople {
 protected:
  Today carol{rng};
  std::vector<wire::Content> everything() {
    const std::string us = bob.id().hex();
    std::vector<wire::Content> all = {words("hello")};
    all.push_back(words("a quote"));
    all.back().data->quote = wire::Quote{1'700'000'000'000, us, "words"};
    all.back().data->profile = wire::Profile{"Carol", ""};
    all.push_back(
        {.data = wire::DataMessage{.reaction = wire::Reaction{5, us, "\xf0\x9f\x98\x80", wire::Reaction::Action::React}}});
    all.push_back({.unsend = wire::UnsendMessage{5, us}});
    all.push_back({.receipt = wire::ReceiptMessage{wire::ReceiptMessage::Type::Read, {1, 2}}});
    all.push_back({.typing = wire::TypingMessage{1'700'000'000'001, wire::TypingMessage::Action::Started}});
    all.push_back({.data = wire::DataMessage{.body = "goes"},
                   .expiration_type = wire::ExpirationType::AfterSend,
                   .expiration_timer_s = 60});
    all.push_back({.request_response = wire::MessageRequestResponse{true, {}, wire::Profile{"Carol", ""}}});
    return all;
  }
  void is_refused(const Bytes& datum, const char* what) {
    const store::MemoryClientStore before = bob.store;
    const auto opened = hear(bob, datum);
    EXPECT_FALSE(opened) << what;
    EXPECT_TRUE(bob.store == before) << what;
  }
};

TEST_F(TodaysClient, IsUnderstoodAndUnderstandsUs) {
  for (const wire::Content& content : everything()) {
    const auto opened = hear(bob, carol.write(bob.id(), content));
    ASSERT_TRUE(opened) << opened.error().error.message;
    EXPECT_EQ(opened->from, carol.id());
    EXPECT_EQ(opened->content, content);
    EXPECT_FALSE(opened->forward_secrecy || opened->begins_session);
    SessionId from;
    const auto there = carol.read(seal_anonymously(bob.sealer, carol.id(), content, 7, rng).value(), from);
    ASSERT_TRUE(there);
    EXPECT_EQ(*there, content);
    EXPECT_EQ(from, bob.id());
  }
}

TEST_F(TodaysClient, AMessageForAnotherOrInAnothersNameIsRefused) {
  const Bytes padded = wire::pad(wire::encode(words("pay me")));
  is_refused(Today::wrap(Today::box(bob.id(), carol.inside(alice.id(), padded))), "signed for somebody else, boxed anew");
  is_refused(Today::wrap(Today::box(alice.id(), carol.inside(bob.id(), padded))), "boxed for somebody else");
  Bytes swapped = carol.inside(bob.id(), padded);
  std::ranges::copy(alice.identity.ed25519->open.bytes, swapped.begin() + static_cast<std::ptrdiff_t>(padded.size()));
  is_refused(Today::wrap(Today::box(bob.id(), swapped)), "another sender named");
}

TEST_F(TodaysClient, CutAtAnyLengthItIsRefused) {
  const Bytes padded = wire::pad(wire::encode(words("hi"))), inside = carol.inside(bob.id(), padded);
  for (std::size_t size = 0; size < inside.size(); ++size)
    is_refused(Today::wrap(Today::box(bob.id(), BytesView(inside).first(size))), "cut inside the box");
  const Bytes datum = carol.write(bob.id(), words("hi"));
  for (std::size_t size = 0; size < datum.size(); ++size) is_refused(to_bytes(BytesView(datum).first(size)), "cut");
}

TEST_F(TodaysClient, KeysOfSmallOrderAndOtherFormsOfASignatureAreRefused) {
  const Bytes padded = wire::pad(wire::encode(words("hi")));
  for (const int first : {0, 1}) {  // the points of order four and one
    Bytes inside = concat(padded, Bytes(32), Bytes(64));
    inside[padded.size()] = inside[padded.size() + 32] = static_cast<std::byte>(first);
    is_refused(Today::wrap(Today::box(bob.id(), inside)), "a key of small order");
  }
  // S + L verifies by the same equation; only S below L is canonical.
  const Bytes order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").value();
  Bytes inside = carol.inside(bob.id(), padded);
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    auto& byte = inside[padded.size() + 64 + i];
    carry += static_cast<unsigned>(byte) + static_cast<unsigned>(order[i]);
    byte = static_cast<std::byte>(carry & 0xff);
    carry >>= 8;
  }
  is_refused(Today::wrap(Today::box(bob.id(), inside)), "S is not canonical");
}

TEST_F(TodaysClient, WhatAuthenticatesDecidesNotTheFirstByte) {
  begin(alice, bob);
  const Bytes datum = say(alice, bob, "ratchet");
  const Bytes sealed = wire::unwrap_envelope(datum).value().content;
  is_refused(Today::wrap(Today::box(bob.id(), sealed)), "sealed sender in a box");
  is_refused(Today::wrap(concat(std::array{std::byte{0x11}}, Today::box(bob.id(), carol.inside(bob.id(), Bytes(16))))),
             "a box as sealed sender");
  for (const auto type : {wire::EnvelopeType::Ciphertext, wire::EnvelopeType::Fallback, wire::EnvelopeType::ClosedGroup})
    is_refused(wire::wrap_envelope({type, "", 0, 5, sealed}), "another type");
  is_refused(wire::wrap_envelope({wire::EnvelopeType::Unidentified, "", 0, 0, sealed}), "no time");
  is_refused(wire::wrap_envelope({wire::EnvelopeType::Unidentified, "", 0, ~std::uint64_t{0}, sealed}), "a time that is none");
  EXPECT_EQ(text(bob, datum), "ratchet");
}

TEST_F(TodaysClient, AnAccountOfAnOldPhraseSaysThatItCannotAnswer) {
  Someone dave(rng, 1, crypto::Era::B);
  const auto refused = seal_anonymously(dave.sealer, carol.id(), words("x"), 1, rng);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("older phrase"), std::string::npos);
}

}  // namespace
}  // namespace session::client
